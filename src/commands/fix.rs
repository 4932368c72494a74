//! `--fix`, `--fix-ignores` and `--diff`: what can be mended is mended, each edit tried before it counts.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use rustc_hash::FxHashSet;

use crate::analysis;
use crate::cli::{Check, Global};
use crate::commands::output::{Output, say};
use crate::commands::setup::Setup;
use crate::commands::{Error, Exit};
use crate::fix::{self, Job, Mended};
use crate::report::patch;
use crate::rules::{Finding, Matter, Selection};
use crate::source::{Pair, Tree, rewritten};

/// Whether something is to be mended.
pub(super) fn is_asked_for(arguments: &Check) -> bool {
    arguments.fix || arguments.fix_ignores || arguments.diff
}

/// A candidate whose files cannot be written is refused before anything is done.
pub(super) fn refuse_unwritable(arguments: &Check, setup: &Setup) -> Result<(), Error> {
    if arguments.diff || setup.candidate.on_disk().is_some() {
        return Ok(());
    }
    Err(Error::NothingToWrite {
        kind: setup.candidate.kind().as_str(),
        name: setup.candidate.name().to_owned(),
    })
}

/// Mends what can be mended of what is reported; writes the files, or with `--diff` prints what would change and gives the exit status.
pub(super) fn run(
    arguments: &Check,
    global: &Global,
    (setup, selection): (&Setup, &Selection),
    pair: &mut Pair,
    reported: &[Finding],
) -> Result<Option<Exit>, Error> {
    let only_ignores = arguments.fix_ignores && !arguments.fix;
    let wanted: FxHashSet<u64> = reported
        .iter()
        .filter(|finding| !only_ignores || matches!(finding.matter, Matter::DeadIgnore(_)))
        .flat_map(Finding::atoms)
        .copied()
        .collect();
    // What only may fail is looked at as well: a fix that makes something doubtful is none.
    let mut strict = selection.clone();
    strict.show_may = true;
    let settings = &setup.settings;
    let mended = analysis::pool()?.install(|| {
        let modules = analysis::module_names(&pair.candidate, settings);
        fix::mend(&Job {
            tree: &pair.candidate,
            deployed: pair.against.as_ref().ok(),
            modules: &modules,
            is_wanted: &|finding| finding.atoms().iter().any(|atom| wanted.contains(atom)),
            with_unsafe: arguments.unsafe_fixes,
            judge: &|tree| analysis::analyse_one(tree, settings).judge(&strict),
        })
    });
    let Mended {
        tree,
        done,
        unsafe_left,
    } = mended;
    let verb = if arguments.diff { "would fix" } else { "fixed" };
    let written = if arguments.diff || done.is_empty() {
        Vec::new()
    } else {
        store(&pair.candidate, &tree, setup)?
    };
    for (path, what) in &done {
        say(!global.quiet, &format!("{verb} {path}: {what}"));
    }
    if !written.is_empty() {
        say(!global.quiet, &format!("wrote {}", written.join(", ")));
    }
    // Silence would look as if there was nothing to mend.
    if done.is_empty() && unsafe_left == 0 && !wanted.is_empty() {
        let text =
            "nothing is fixed: what is found has no fix that checks clean, and is for people";
        say(!global.quiet, text);
    }
    if unsafe_left > 0 {
        let (noun, verb) = match unsafe_left {
            1 => ("finding", "has"),
            _ => ("findings", "have"),
        };
        let text = format!(
            "{unsafe_left} {noun} {verb} fixes that may not be what was meant: --unsafe-fixes tries them"
        );
        say(!global.quiet, &text);
    }
    if arguments.diff {
        let output = Output::new(arguments.report.output.output_file.as_deref())?;
        let is_for_eyes = output.is_terminal;
        output.write(|out| patch::write(&pair.candidate, &tree, is_for_eyes, out))?;
        let fails = !done.is_empty() && !arguments.report.exit_zero;
        return Ok(fails.then_some(Exit::Findings));
    }
    pair.candidate = tree;
    Ok(None)
}

/// Writes what changed, and gives the paths: nothing is written if one of the files cannot be.
fn store(before: &Tree, after: &Tree, setup: &Setup) -> Result<Vec<String>, Error> {
    let Some(root) = setup.candidate.on_disk() else {
        return Ok(Vec::new());
    };
    let mut files: Vec<(File, &str, Vec<u8>)> = Vec::new();
    for (old, new) in before.files.iter().zip(&after.files) {
        if old.text.content() == new.text.content() {
            continue;
        }
        let path = root.join(&*old.path);
        let refused = |why: &str| Error::Unwritable {
            path: old.path.to_string(),
            why: why.to_owned(),
        };
        if !is_inside(root, &path) {
            return Err(refused("it is a link that leads out of the tree"));
        }
        let failed = |error: io::Error| refused(&error.to_string());
        let open = File::options().read(true).write(true).open(&path);
        let mut file = open.map_err(failed)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let bytes = rewritten(&bytes, &old.text, &new.text).ok_or_else(|| {
            refused("it was changed meanwhile, or its encoding is one that coship does not write")
        })?;
        files.push((file, &old.path, bytes));
    }
    let mut written = Vec::new();
    for (mut file, name, bytes) in files {
        let done = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(&bytes));
        done.map_err(|error| Error::Output {
            name: name.to_owned(),
            error,
        })?;
        written.push(name.to_owned());
    }
    Ok(written)
}

fn is_inside(root: &Path, path: &Path) -> bool {
    let target = fs::canonicalize(path);
    let root = fs::canonicalize(root);
    matches!((target, root), (Ok(target), Ok(root)) if target.starts_with(&root))
}
