//! `coship pack`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::analysis::{self, Memory, outline, packing};
use crate::cli::{Global, Pack, RuleArgs, Verify};
use crate::commands::output::{say, warn};
use crate::commands::progress::during;
use crate::commands::setup::Setup;
use crate::commands::{Error, Exit, digest, verify};
use crate::config::{Globs, Options, Pattern};
use crate::package::{self, Packed};
use crate::source::{Files, Texts};

/// Packs what a program needs, and verifies the result.
pub(super) fn run(arguments: &Pack, global: &Global) -> Result<Exit, Error> {
    let out = &arguments.out;
    let name = out.display().to_string();
    for out in std::iter::once(out).chain(&arguments.layer) {
        if out.exists() && !arguments.force {
            let name = out.display().to_string();
            return Err(Error::PackageExists { name });
        }
    }
    let mut setup = Setup::new(&arguments.tree, global, Options::default())?;
    let mut tree = setup
        .candidate
        .read(&setup.settings.selection, &mut Texts::default())?;
    setup.look_around(&tree, None)?;
    let files = setup.candidate.files(&setup.settings.selection)?;
    files.add_linked(&mut tree)?;
    let settings = &setup.settings;
    let memory = Memory::default();
    let around = (&*files.paths(), package::in_tree(&files)?);
    let closure = || outline(&tree, settings, &memory).closure(&tree, around, settings);
    let pool = analysis::pool()?;
    let closure = during(!global.quiet, "looking for what is needed", || {
        pool.install(closure)
    });
    let bases = packing::bases(&closure.outline, settings);
    let [base] = bases.as_slice() else {
        return Err(Error::SeveralFunctions { directories: bases });
    };
    let patterns: Vec<Pattern> = arguments
        .include
        .iter()
        .map(|glob| Pattern::of_argument(glob, "--include"))
        .collect();
    let include = Globs::new(&patterns)?;
    let mut contents = packing::contents(&closure, &files, base, (arguments.all, &include));
    if let Some((one, other)) = contents.collisions.first() {
        return Err(Error::SamePath {
            one: one.clone(),
            other: other.clone(),
        });
    }
    // The packages that were made the last time are no part of the program.
    for out in std::iter::once(out).chain(&arguments.layer) {
        let name = out.display().to_string();
        if let Some(own) = setup.candidate.path_within(&name, &setup.context) {
            contents.files.retain(|_, path| *path != own);
        }
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
    let split: Vec<(String, String)> = contents
        .files
        .iter()
        .filter(|(packed, _)| arguments.layer.is_some() && contents.libraries.contains(*packed))
        .map(|(packed, path)| (format!("python/{packed}"), path.clone()))
        .collect();
    if let Some(layer) = &arguments.layer {
        contents
            .files
            .retain(|packed, _| !contents.libraries.contains(packed));
        let members = members(split.iter().map(|(packed, path)| (packed, path)), &files);
        let pack = || write(layer, &members, arguments.force);
        let total = during(!global.quiet, "packing", pack)?;
        let text = format!(
            "wrote {}: {} files, {total} bytes unpacked",
            layer.display(),
            members.len()
        );
        say(!global.quiet, &text);
    }
    let mut members = members(contents.files.iter(), &files);
    if arguments.manifest {
        add_manifest(&mut members, out)?;
    }
    let pack = || write(out, &members, arguments.force);
    let total = during(!global.quiet, "packing", pack)?;
    say(
        !global.quiet,
        &format!(
            "wrote {name}: {} files, {total} bytes unpacked{}",
            members.len(),
            if base.is_empty() {
                String::new()
            } else {
                format!(", from {base}")
            }
        ),
    );
    verify::run_after(&to_verify(arguments, &name), global, &memory)
}

/// Reads a file's bytes.
type Reader<'f> = Box<dyn Fn() -> io::Result<Vec<u8>> + 'f>;

/// A file to be packed: its path in the package, whether it may be run, its bytes.
type Member<'f> = (String, bool, Reader<'f>);

/// The name of the manifest in a package.
const MANIFEST: &str = "coship-manifest.json";

/// What the manifest says.
#[derive(Serialize)]
struct Manifest {
    version: u32,
    /// By path.
    files: BTreeMap<String, ManifestFile>,
}

#[derive(Serialize)]
struct ManifestFile {
    sha256: String,
    size: usize,
}

/// The members for paths in the package, each with its path in the tree.
fn members<'f, 'p>(
    paths: impl Iterator<Item = (&'p String, &'p String)>,
    files: &'f Files,
) -> Vec<Member<'f>> {
    let found = paths.filter_map(|(packed, path)| {
        let file = files.find(path)?;
        let read: Reader = Box::new(move || files.read(file).map_err(io::Error::other));
        Some((packed.clone(), file.is_executable, read))
    });
    found.collect()
}

/// Adds the manifest. It names nothing but the files, so that the same files give the same bytes.
fn add_manifest(members: &mut Vec<Member>, out: &Path) -> Result<(), Error> {
    let failed = |error: io::Error| Error::Output {
        name: out.display().to_string(),
        error,
    };
    let mut files = BTreeMap::new();
    for (path, _, read) in members.iter() {
        let bytes = read().map_err(failed)?;
        let sha256 = digest::hex(&Sha256::digest(&bytes));
        let size = bytes.len();
        files.insert(path.clone(), ManifestFile { sha256, size });
    }
    let manifest = Manifest { version: 1, files };
    let mut text = serde_json::to_string_pretty(&manifest).map_err(|error| failed(error.into()))?;
    text.push('\n');
    members.retain(|(path, ..)| path != MANIFEST);
    let read: Reader = Box::new(move || Ok(text.clone().into_bytes()));
    members.push((MANIFEST.to_owned(), false, read));
    members.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(())
}

/// Writes a package beside its place, and puts it there when it is whole.
fn write(out: &Path, members: &[Member], force: bool) -> Result<u64, Error> {
    let failed = |error: io::Error| Error::Output {
        name: out.display().to_string(),
        error,
    };
    let beside: PathBuf = {
        let mut name = out.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        out.with_file_name(name)
    };
    let packed: Vec<Packed> = members
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
        running: None,
        layer: arguments
            .with_layer
            .iter()
            .cloned()
            .chain(arguments.layer.iter().map(|it| it.display().to_string()))
            .collect(),
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
