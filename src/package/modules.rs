//! Modules as CPython finds them in the unpacked package and its layers: which hide others, and which cannot be loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::extensions::{compiled, is_loaded, several_processors};
use super::layer::top_of;
use super::layout::{Layout, below};
use super::{Fact, Layer, Shadow, has_ending};
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
    /// Whether a path of the layer with this number belongs to an installed distribution.
    pub is_library_of: &'a dyn Fn(usize, &str) -> bool,
}

/// Modules of a package that hide others, are hidden, or cannot be loaded.
#[must_use]
pub fn check(bundle: &Bundle, layers: &[Layer], runs: &Runs) -> Vec<Fact> {
    let paths = Paths::new(bundle);
    let mut facts = beside(&paths, runs);
    facts.extend(folders(bundle, &paths, runs));
    facts.extend(namespaces(&paths, layers, runs));
    facts.extend(in_layers(&paths, layers, runs));
    facts.extend(standard_in_layers(layers, runs));
    facts.extend(compiled(&paths, runs));
    facts.extend(several_processors(&paths, layers, runs));
    facts
}

/// The files of a package, and its folders, those without an entry of their own included.
pub(super) struct Paths<'b> {
    pub(super) files: BTreeMap<&'b str, Option<&'b Content>>,
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
        facts.extend(below(path, inside).and_then(|seen| hides_standard(path, seen)));
    }
    facts
}

/// A module or package at a root, seen there under the second path, that hides one of the standard library.
fn hides_standard(path: &str, seen: &str) -> Option<Fact> {
    let name = top_of(seen).filter(|name| is_standard(name) && *name != "__main__")?;
    Some(Fact::Shadowed {
        path: arc(path),
        by: arc(name),
        why: Shadow::Standard,
    })
}

/// Modules of layers that hide the standard library's, for which the path has only a later place.
fn standard_in_layers(layers: &[Layer], runs: &Runs) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (number, layer) in layers.iter().enumerate() {
        let paths = layer.bundle.members.iter();
        for path in paths.filter_map(|member| member.path.as_deref()) {
            let seen = layer.seen(path).filter(|_| has_ending(path, "py"));
            let seen = seen.filter(|_| !(runs.is_library_of)(number, path));
            facts.extend(seen.and_then(|seen| hides_standard(path, seen)));
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
                && other.sha256 != content.sha256
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
