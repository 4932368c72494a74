//! Modules as CPython finds them in the unpacked package and its layers: which hide others, and which cannot be loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::layout::{Layout, below};
use super::{Fact, Foreign, Layer, Shadow, has_ending};
use crate::program::stdlib::is_standard;
use crate::python::Targets;
use crate::source::{Bundle, Content, Files, MemberKind};

/// What modules are judged by.
pub struct Runs<'a> {
    /// The Python that runs them.
    pub targets: &'a Targets,
    /// The processor, if that is declared: `x86_64` or `arm64`.
    pub processor: Option<&'static str>,
    /// The candidate's files and where they are in the package, if there is a candidate.
    pub candidate: Option<(&'a Files, &'a Layout)>,
    /// Whether a path of the package belongs to an installed distribution.
    pub is_library: &'a dyn Fn(&str) -> bool,
}

/// Modules of a package that hide others, are hidden, or cannot be loaded.
#[must_use]
pub fn check(bundle: &Bundle, layers: &[Layer], runs: &Runs) -> Vec<Fact> {
    let paths = Paths::new(bundle);
    let mut facts = beside(&paths, runs);
    facts.extend(folders(bundle, &paths, runs));
    facts.extend(namespaces(&paths, layers, runs));
    facts.extend(in_layers(&paths, layers, runs));
    facts.extend(compiled(&paths, runs));
    facts
}

/// The files of a package, and its folders, those without an entry of their own included.
struct Paths<'b> {
    files: BTreeMap<&'b str, Option<&'b Content>>,
    folders: BTreeSet<&'b str>,
}

impl<'b> Paths<'b> {
    fn new(bundle: &'b Bundle) -> Self {
        let (mut files, mut folders) = (BTreeMap::new(), BTreeSet::new());
        for member in &bundle.members {
            let Some(path) = member.path.as_deref() else {
                continue;
            };
            folders.extend(path.match_indices('/').map(|(slash, _)| &path[..slash]));
            if member.kind == MemberKind::Folder {
                folders.insert(path);
            } else {
                files.insert(path, member.content.as_ref());
            }
        }
        Self { files, folders }
    }

    fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }
}

fn arc(path: &str) -> Arc<str> {
    Arc::from(path)
}

/// Modules that another one beside them hides, and those that hide the standard library's.
fn beside(paths: &Paths, runs: &Runs) -> Vec<Fact> {
    let mut facts = Vec::new();
    let inside = runs
        .candidate
        .map(|(_, layout)| layout.inside.as_str())
        .unwrap_or_default();
    for path in paths.files.keys().filter(|path| has_ending(path, "py")) {
        let stem = &path[..path.len() - ".py".len()];
        let init = format!("{stem}/__init__.py");
        if paths.has(&init) {
            facts.push(Fact::Shadowed {
                path: arc(path),
                by: arc(&init),
                why: Shadow::Package,
            });
        }
        if (runs.is_library)(path) {
            continue;
        }
        let dotted = format!("{stem}.");
        let beside = paths.files.range(&*dotted..).map(|(other, _)| other);
        let mut beside = beside.take_while(|other| other.starts_with(&dotted));
        let compiled = beside.find(|other| {
            let rest = &other[dotted.len()..];
            rest.ends_with("so") && is_loaded(rest, runs.targets)
        });
        if let Some(compiled) = compiled {
            facts.push(Fact::Shadowed {
                path: arc(path),
                by: arc(compiled),
                why: Shadow::Compiled,
            });
        }
        let name = below(path, inside).and_then(|rest| match rest.split_once('/') {
            None => rest.strip_suffix(".py"),
            Some((package, "__init__.py")) => Some(package),
            Some(_) => None,
        });
        if let Some(name) = name.filter(|name| is_standard(name) && *name != "__main__") {
            facts.push(Fact::Shadowed {
                path: arc(path),
                by: arc(name),
                why: Shadow::Standard,
            });
        }
    }
    facts
}

/// The folders of a package that have an entry and nothing in it.
pub(super) fn empty_folders(bundle: &Bundle) -> Vec<String> {
    let folders = bundle
        .members
        .iter()
        .filter(|it| it.kind == MemberKind::Folder);
    let paths: BTreeSet<&str> = bundle
        .members
        .iter()
        .filter_map(|it| it.path.as_deref())
        .collect();
    let empty = folders.filter_map(|member| {
        let path = member.path.as_deref()?;
        let prefix = format!("{path}/");
        let next = paths.range(&*prefix..).next();
        (!next.is_some_and(|next| next.starts_with(&prefix))).then(|| path.to_owned())
    });
    empty.take(1000).collect()
}

/// Folders where Python looks for files, and folders that should have something in them.
fn folders(bundle: &Bundle, paths: &Paths, runs: &Runs) -> Vec<Fact> {
    let named = paths.folders.iter().filter(|path| has_ending(path, "py"));
    let mut facts: Vec<Fact> = named
        .map(|path| Fact::Shadowed {
            path: arc(path),
            by: arc(path),
            why: Shadow::Folder,
        })
        .collect();
    let Some((files, layout)) = runs.candidate else {
        return facts;
    };
    for folder in empty_folders(bundle) {
        let Some(ours) = layout.unpacked(&folder) else {
            continue;
        };
        let prefix = format!("{ours}/");
        let mut inside = files.all().iter();
        if let Some(file) = inside.find(|file| file.path.starts_with(&prefix)) {
            facts.push(Fact::Shadowed {
                path: arc(&folder),
                by: Arc::clone(&file.path),
                why: Shadow::EmptyFolder,
            });
        }
    }
    facts
}

/// Halves of namespace packages, at any depth, that a regular package hides: those in a layer by one in the package, and the other way round.
fn namespaces(paths: &Paths, layers: &[Layer], runs: &Runs) -> Vec<Fact> {
    let mut facts = Vec::new();
    let inside = runs
        .candidate
        .map(|(_, layout)| layout.inside.as_str())
        .unwrap_or_default();
    let folders: BTreeSet<&str> = paths
        .files
        .keys()
        .filter_map(|path| below(path, inside))
        .flat_map(folders_around)
        .collect();
    for top in folders {
        let init = super::layout::joined(inside, &format!("{top}/__init__.py"));
        let is_regular = paths.has(&init);
        // Of a regular package all is found in one place.
        let mut around = folders_around(top);
        if around.any(|it| paths.has(&super::layout::joined(inside, &format!("{it}/__init__.py"))))
        {
            continue;
        }
        for layer in layers {
            let mut around = folders_around(top);
            if around.any(|it| layer.find(&format!("{it}/__init__.py")).is_some()) {
                continue;
            }
            let seen = layer.bundle.members.iter().filter_map(|member| {
                let path = member.path.as_deref()?;
                let seen = layer.seen(path)?;
                let is_inside = seen.strip_prefix(top)?.starts_with('/');
                (member.kind == MemberKind::File && is_inside).then_some((path, seen))
            });
            let seen: Vec<(&str, &str)> = seen.filter(|(_, seen)| has_ending(seen, "py")).collect();
            let Some((first, _)) = seen.first() else {
                continue;
            };
            let their_init = seen
                .iter()
                .find(|(_, it)| *it == format!("{top}/__init__.py"));
            match (is_regular, their_init) {
                // What lies in the layer alone is hidden.
                (true, None) if seen.iter().any(|(_, it)| !paths.has(it)) => {
                    facts.push(Fact::Shadowed {
                        path: arc(&init),
                        by: arc(first),
                        why: Shadow::Namespace(layer.bundle.name.clone()),
                    });
                }
                (false, Some((their_init, _))) => facts.push(Fact::Shadowed {
                    path: arc(&super::layout::joined(inside, top)),
                    by: arc(their_init),
                    why: Shadow::Namespace(layer.bundle.name.clone()),
                }),
                _ => {}
            }
        }
    }
    facts
}

/// The folders around a path, the outermost first.
fn folders_around(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(slash, _)| &path[..slash])
}

/// Modules that the package and a layer have with other contents: the package's runs.
fn in_layers(paths: &Paths, layers: &[Layer], runs: &Runs) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (path, content) in &paths.files {
        if !has_ending(path, "py") || (runs.is_library)(path) {
            continue;
        }
        let Some(content) = content else { continue };
        for layer in layers {
            if let Some((theirs, other)) = layer.find(path)
                && other.blob != content.blob
            {
                facts.push(Fact::Shadowed {
                    path: theirs,
                    by: arc(path),
                    why: Shadow::Layer(layer.bundle.name.clone()),
                });
            }
        }
    }
    facts
}

/// Whether a compiled module with this ending (`cpython-312-x86_64-linux-gnu.so`) is one that the targets look for (`importlib.machinery.EXTENSION_SUFFIXES`).
fn is_loaded(ending: &str, targets: &Targets) -> bool {
    match python_of(ending) {
        Some(tag) if !targets.is_empty() => targets.versions().iter().any(|it| tag == tag_of(it.0)),
        _ => !ending.contains("darwin") && !ending.ends_with("pyd"),
    }
}

fn tag_of(minor: u8) -> String {
    format!("3{minor}")
}

/// The Python that an ending is for: `312`.
fn python_of(ending: &str) -> Option<String> {
    let rest = ending
        .strip_prefix("cpython-")
        .or_else(|| ending.strip_prefix("cp"))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// Compiled modules that cannot be loaded, where nothing beside them can be instead.
fn compiled(paths: &Paths, runs: &Runs) -> Vec<Fact> {
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
        let begin = super::layout::joined(folder, &format!("{stem}."));
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
                path: arc(path),
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
        return python_of(ending).map(Foreign::Python);
    }
    let machine = match (bytes.get(18), bytes.get(19)) {
        (Some(62), Some(0)) => "x86_64",
        (Some(183), Some(0)) => "arm64",
        _ => return None,
    };
    let wanted = runs.processor.filter(|wanted| *wanted != machine)?;
    Some(Foreign::Processor(machine, wanted))
}
