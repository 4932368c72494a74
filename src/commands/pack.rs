//! `coship pack`.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use crate::analysis::{self, packing};
use crate::cli::{Global, Pack, RuleArgs, Verify};
use crate::commands::output::{say, warn};
use crate::commands::setup::Setup;
use crate::commands::{Error, Exit, verify};
use crate::config::{Globs, Options, Pattern};
use crate::package::{self, Packed};
use crate::source::{Files, Texts};

/// Packs what a program needs, and verifies the result.
pub(super) fn run(arguments: &Pack, global: &Global) -> Result<Exit, Error> {
    let out = &arguments.out;
    let name = out.display().to_string();
    if out.exists() && !arguments.force {
        return Err(Error::PackageExists { name });
    }
    let mut setup = Setup::new(&arguments.tree, global, Options::default())?;
    let mut tree = setup
        .candidate
        .read(&setup.settings.selection, &mut Texts::default())?;
    setup.look_around(&tree, None)?;
    let files = setup.candidate.files(&setup.settings.selection)?;
    files.add_linked(&mut tree)?;
    let (paths, settings) = (files.paths(), &setup.settings);
    let closure = analysis::pool()?.install(|| analysis::closure(&tree, &paths, settings));
    let bases = packing::bases(&closure, settings);
    let [base] = bases.as_slice() else {
        return Err(Error::SeveralFunctions { directories: bases });
    };
    let patterns: Vec<Pattern> = arguments
        .include
        .iter()
        .map(|glob| Pattern::of_argument(glob, "--include"))
        .collect();
    let include = Globs::new(&patterns)?;
    let mut contents = packing::contents(&closure, &files, base, (arguments.all, &include))?;
    if let Some((one, other)) = contents.collisions.first() {
        return Err(Error::SamePath {
            one: one.clone(),
            other: other.clone(),
        });
    }
    // The package that was made the last time is no part of the program.
    if let Some(own) = setup.candidate.path_within(&name, &setup.context) {
        contents.files.retain(|_, path| *path != own);
    }
    for path in &contents.left_out {
        warn(&format!(
            "{path} is left out: it never belongs in a package"
        ));
    }
    for path in &files.left_out {
        warn(&format!(
            "{path} is left out: the link leads out of the tree, or nowhere"
        ));
    }
    let total = write(out, &contents, &files, arguments.force)?;
    say(
        !global.quiet,
        &format!(
            "wrote {name}: {} files, {total} bytes unpacked{}",
            contents.files.len(),
            if base.is_empty() {
                String::new()
            } else {
                format!(", from {base}")
            }
        ),
    );
    verify::run(&to_verify(arguments, &name), global)
}

/// Reads a file's bytes.
type Reader<'f> = Box<dyn Fn() -> io::Result<Vec<u8>> + 'f>;

/// Writes the package beside its place, and puts it there when it is whole.
fn write(
    out: &Path,
    contents: &packing::Contents,
    files: &Files,
    force: bool,
) -> Result<u64, Error> {
    let failed = |error: io::Error| Error::Output {
        name: out.display().to_string(),
        error,
    };
    let beside: PathBuf = {
        let mut name = out.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        out.with_file_name(name)
    };
    let readers: Vec<(&str, bool, Reader)> = contents
        .files
        .iter()
        .filter_map(|(packed, path)| {
            let file = files.find(path)?;
            let read: Reader = Box::new(move || files.read(file).map_err(io::Error::other));
            Some((packed.as_str(), file.is_executable, read))
        })
        .collect();
    let packed: Vec<Packed> = readers
        .iter()
        .map(|(path, is_executable, read)| Packed {
            path,
            is_executable: *is_executable,
            read: &**read,
        })
        .collect();
    let file = File::create_new(&beside)
        .or_else(|error| {
            if force {
                File::create(&beside)
            } else {
                Err(error)
            }
        })
        .map_err(failed)?;
    let result = package::pack(&packed, BufWriter::new(file))
        .and_then(|total| fs::rename(&beside, out).map(|()| total));
    result.map_err(|error| {
        // What was written so far is no package.
        let _ = fs::remove_file(&beside);
        failed(error)
    })
}

/// The arguments that verify the result against the same tree.
fn to_verify(arguments: &Pack, name: &str) -> Verify {
    Verify {
        package: Some(name.to_owned()),
        template: None,
        layer: arguments.layer.clone(),
        tree: arguments
            .tree
            .tree
            .clone()
            .or_else(|| arguments.tree.staged.then(|| ".".to_owned())),
        staged: arguments.tree.staged,
        against: arguments.against.clone(),
        python_version: arguments.tree.python_version.clone(),
        expect_sha256: None,
        aws_configuration: None,
        rules: RuleArgs::default(),
        no_cache: false,
        report: arguments.report.clone(),
    }
}
