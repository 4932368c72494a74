//! Compiled modules: for which Python, system and processor they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layout::joined;
use super::modules::{Paths, Runs};
use super::{Fact, Foreign, Layer, has_ending};
use crate::python::Targets;

/// Whether a compiled module with this ending (`cpython-312-x86_64-linux-gnu.so`) is one that the targets look for (`importlib.machinery.EXTENSION_SUFFIXES`).
pub(super) fn is_loaded(ending: &str, targets: &Targets) -> bool {
    match build_of(ending) {
        Some(Build::CPython(tag)) if !targets.is_empty() => {
            targets.versions().iter().any(|it| tag == tag_of(it.0))
        }
        Some(Build::Other(_)) => false,
        _ => !ending.contains("darwin") && !ending.ends_with("pyd"),
    }
}

fn tag_of(minor: u8) -> String {
    format!("3{minor}")
}

/// What an ending says of the interpreter that loads the module.
enum Build<'e> {
    /// CPython of that tag, `312`; with letters for another build of it: `312d` for debugging, `313t` without the global lock.
    CPython(&'e str),
    /// Another interpreter: `pypy310-pp73`.
    Other(&'static str),
}

fn build_of(ending: &str) -> Option<Build<'_>> {
    for (start, name) in [("pypy", "PyPy"), ("graalpy", "GraalPy")] {
        if ending.starts_with(start) {
            return Some(Build::Other(name));
        }
    }
    let rest = ending
        .strip_prefix("cpython-")
        .or_else(|| ending.strip_prefix("cp"))?;
    let tag = rest.split(['-', '.']).next().unwrap_or(rest);
    tag.starts_with(|first: char| first.is_ascii_digit())
        .then_some(Build::CPython(tag))
}

/// Compiled modules of which none runs beside another one, whatever the processor: of the package and its layers. Those whose names say nothing may be no modules.
pub(super) fn several_processors(paths: &Paths, layers: &[Layer], runs: &Runs) -> Option<Fact> {
    if runs.processor.is_some() {
        return None;
    }
    let own = paths.files.iter().map(|(path, content)| (*path, *content));
    let theirs = layers.iter().flat_map(|layer| &layer.bundle.members);
    let theirs = theirs.filter_map(|it| Some((it.path.as_deref()?, it.content.as_ref())));
    let mut modules: BTreeMap<&str, BTreeMap<&'static str, &str>> = BTreeMap::new();
    for (path, content) in own.chain(theirs) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let Some((_, ending)) = name.split_once('.') else {
            continue;
        };
        let says_so = ending == "abi3.so" || matches!(build_of(ending), Some(Build::CPython(_)));
        let bytes = content.map(|content| &*content.bytes);
        if says_so
            && foreign(ending, bytes, runs).is_none()
            && let Some(machine) = bytes.and_then(machine)
        {
            let stem = &path[..path.len() - ending.len()];
            modules.entry(stem).or_default().insert(machine, path);
        }
    }
    let only = |machine: &str| {
        let mut all = modules.values();
        let found = all.find(|built| built.len() == 1 && built.contains_key(machine))?;
        found.get(machine).copied()
    };
    let (first, other) = (only("x86_64")?, only("arm64")?);
    Some(Fact::Foreign {
        path: Arc::from(other),
        why: Foreign::BesideProcessor("arm64", "x86_64", first.to_owned()),
    })
}

/// The processor that an ELF file is for (the ELF specification, `e_machine`), one of those that AWS Lambda has.
fn machine(bytes: &[u8]) -> Option<&'static str> {
    match (bytes.get(18)?, bytes.get(19)?) {
        (62, 0) => Some("x86_64"),
        (183, 0) => Some("arm64"),
        _ => None,
    }
}

/// Compiled modules that cannot be loaded, where nothing beside them can be instead.
pub(super) fn compiled(paths: &Paths, runs: &Runs) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (path, content) in &paths.files {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some((stem, ending)) = name.split_once('.') else {
            continue;
        };
        let is_module = ending.ends_with("pyd") || ending == "so" || has_ending(ending, "so");
        if !is_module || stem.starts_with("lib") {
            continue;
        }
        let why = foreign(ending, content.map(|content| &*content.bytes), runs);
        let Some(why) = why else { continue };
        let begin = joined(folder, &format!("{stem}."));
        let beside = paths.files.range(&*begin..);
        let mut beside = beside.take_while(|(other, _)| other.starts_with(&begin));
        let is_served = beside.any(|(other, content)| {
            let rest = &other[begin.len()..];
            rest.ends_with("so")
                && other != path
                && foreign(rest, content.map(|it| &*it.bytes), runs).is_none()
        });
        if !is_served {
            facts.push(Fact::Foreign {
                path: Arc::from(*path),
                why,
            });
        }
    }
    facts
}

/// Why a compiled module cannot be loaded on Linux, in the targets and on the processor; none if it can as far as its name and its first bytes show
/// (the ELF specification, `e_machine`; Mach-O's and PE's magic numbers).
fn foreign(ending: &str, bytes: Option<&[u8]>, runs: &Runs) -> Option<Foreign> {
    if ending.ends_with("pyd") {
        return Some(Foreign::System("Windows"));
    }
    if ending.contains("darwin") {
        return Some(Foreign::System("macOS"));
    }
    if ending.contains("musl") {
        return Some(Foreign::System("Linux with musl"));
    }
    let bytes = bytes?;
    match bytes.get(..4) {
        Some([0xcf | 0xce, 0xfa, 0xed, 0xfe] | [0xca, 0xfe, 0xba, 0xbe]) => {
            return Some(Foreign::System("macOS"));
        }
        Some([b'M', b'Z', ..]) => return Some(Foreign::System("Windows")),
        Some(b"\x7fELF") => {}
        _ => return Some(Foreign::Nothing),
    }
    if !is_loaded(ending, runs.targets) {
        return build_of(ending).map(|build| match build {
            Build::CPython(tag) => Foreign::Python(tag.to_owned()),
            Build::Other(name) => Foreign::Interpreter(name),
        });
    }
    let machine = machine(bytes)?;
    let wanted = runs.processor.filter(|wanted| *wanted != machine)?;
    Some(Foreign::Processor(machine, wanted))
}
