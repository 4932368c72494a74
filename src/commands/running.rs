//! `coship verify --running`: which revision a package was built from.

use std::collections::BTreeSet;

use crate::cli::{Global, Verify};
use crate::commands::output::Output;
use crate::commands::verify::setup_for;
use crate::commands::{Error, Exit, digest};
use crate::package;
use crate::report::{Format, running as report};
use crate::source::{BlobId, Context, Located, MemberKind, Origin, Replaced};

/// Names the revision. The exit status is 1 where the package is not exactly one of the history.
pub(super) fn run(arguments: &Verify, name: &str, global: &Global) -> Result<Exit, Error> {
    let context = Context::of_process()?;
    let bundle = Located::package(name, &context)?.bundle()?;
    let setup = setup_for(arguments, global, arguments.tree.clone())?;
    let tree = setup.candidate.files(&setup.settings.selection)?.paths();
    let own = package::distributions(&bundle, &[]);
    // Of several members at one path the last one counts.
    let mut seen = BTreeSet::new();
    let members = bundle.members.iter().rev();
    let members: Vec<(&str, BlobId)> = members
        .filter(|member| member.kind == MemberKind::File)
        .filter_map(|member| Some((member.path.as_deref()?, member.content.as_ref()?.blob())))
        .filter(|(path, _)| seen.insert(*path) && !own.have(path) && !package::is_bytecode(path))
        .collect();
    let theirs: Vec<&str> = tree.iter().map(AsRef::as_ref).collect();
    let ours: Vec<&str> = members.iter().map(|(path, _)| *path).collect();
    let layout = package::find_layout(&folders(&theirs), &theirs, &ours);
    let files: Vec<(String, BlobId)> = members
        .into_iter()
        .map(|(path, blob)| {
            (
                layout.unpacked(path).unwrap_or_else(|| path.to_owned()),
                blob,
            )
        })
        .collect();
    let found = setup.candidate.built_from(&files, &layout.base)?;
    let differs = found.iter().flat_map(|found| &found.differs);
    let differs: Vec<Replaced> = differs
        .filter_map(|path| files.iter().find(|(known, _)| known == path))
        .map(|(path, blob)| Replaced {
            path: path.clone(),
            own: None,
            other: *blob,
        })
        .collect();
    let answers = setup.candidate.origins(&differs).into_iter();
    let origins: Vec<Option<Origin>> = answers.map(|answer| answer.origin).collect();
    let digests = digest::of(&bundle);
    let told = report::Running {
        package: &bundle.name,
        digests: &digests,
        built_from: found.as_ref(),
        origins: &origins,
    };
    let is_json = setup.format(arguments.report.output_format)? == Some(Format::Json);
    Output::new(arguments.report.output.output_file.as_deref())?.write(|out| {
        if is_json {
            report::json(&told, out)
        } else {
            report::full(&told, out)
        }
    })?;
    let is_exact = found.is_some_and(|it| it.differs.is_empty() && it.extra.is_empty());
    if is_exact || arguments.report.exit_zero {
        Ok(Exit::Clean)
    } else {
        Ok(Exit::Findings)
    }
}

/// The folders of some files, the top first.
fn folders(paths: &[&str]) -> Vec<String> {
    let mut found = BTreeSet::from([String::new()]);
    for path in paths {
        for (slash, _) in path.match_indices('/') {
            found.insert(path[..slash].to_owned());
        }
    }
    found.into_iter().collect()
}
