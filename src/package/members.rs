//! Members by themselves: names, modes, storage, doubles, sizes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Fact, Layer, Limit, Name};
use crate::source::{Bundle, Content, Kind, Member, MemberKind, Storage};

/// What AWS Lambda takes (the developer guide, "Lambda quotas"): 50 MB zipped and uploaded directly, 250 MB unzipped with all layers, five layers.
const ZIPPED: u64 = 50 * 1024 * 1024;
const UNZIPPED: u64 = 250 * 1024 * 1024;
const LAYERS: u64 = 5;

/// What is wrong with the members of a package and its layers.
#[must_use]
pub fn check(bundle: &Bundle, layers: &[Layer]) -> Vec<Fact> {
    let mut facts = names(bundle);
    facts.extend(modes(bundle));
    facts.extend(storage(bundle));
    facts.extend(doubles(bundle));
    facts.extend(files_and_folders(bundle));
    facts.extend(cases(bundle));
    facts.extend(limits(bundle, layers));
    facts
}

/// Names that lead nowhere, those of one kind together.
fn names(bundle: &Bundle) -> Vec<Fact> {
    let mut found: BTreeMap<u8, (Name, &str, usize)> = BTreeMap::new();
    for member in &bundle.members {
        let why = if member.kind == MemberKind::Link {
            Name::Link
        } else if member.path.is_none() && !member.name.is_empty() {
            if member.name.contains('\\') && !member.name.contains("..") {
                Name::Backslash
            } else {
                Name::Outside
            }
        } else if member.name.contains('\\') {
            Name::Backslash
        } else if member.name.starts_with("./") || member.name.contains("//") {
            Name::NotPlain
        } else {
            continue;
        };
        let entry = found.entry(why as u8).or_insert((why, &member.name, 0));
        entry.2 += 1;
    }
    let facts = found
        .into_values()
        .map(|(why, name, count)| Fact::Invisible {
            name: name.to_owned(),
            why,
            others: count - 1,
        });
    facts.collect()
}

/// What only its owner may read: the function runs as somebody else. A mode of nothing at all is none: unpackers give what is usual then.
fn modes(bundle: &Bundle) -> Vec<Fact> {
    let mut found: BTreeMap<u32, (Arc<str>, usize)> = BTreeMap::new();
    for member in &bundle.members {
        let (Some(mode), Some(path)) = (member.mode.filter(|&mode| mode != 0), &member.path) else {
            continue;
        };
        let wanted = match member.kind {
            MemberKind::Folder => 0o005,
            MemberKind::File => 0o004,
            MemberKind::Link => continue,
        };
        let is_plain = mode.trailing_zeros() >= 9 && member.kind == MemberKind::Folder;
        if mode & wanted != wanted && !is_plain {
            let entry = found.entry(mode & 0o777).or_insert((Arc::clone(path), 0));
            entry.1 += 1;
        }
    }
    let facts = found.into_iter().map(|(mode, (path, count))| Fact::Mode {
        path,
        mode,
        others: count - 1,
    });
    facts.collect()
}

fn storage(bundle: &Bundle) -> Vec<Fact> {
    let mut found: BTreeMap<Option<u16>, (&str, usize)> = BTreeMap::new();
    for member in &bundle.members {
        let method = match member.storage {
            Storage::Usual => continue,
            Storage::Other(method) => Some(method),
            Storage::Encrypted => None,
        };
        let entry = found.entry(method).or_insert((&member.name, 0));
        entry.1 += 1;
    }
    let facts = found
        .into_iter()
        .map(|(method, (path, count))| Fact::Stored {
            path: path.to_owned(),
            method,
            others: count - 1,
        });
    facts.collect()
}

/// Paths that several members have.
fn doubles(bundle: &Bundle) -> Vec<Fact> {
    let mut found: BTreeMap<&str, Vec<&Member>> = BTreeMap::new();
    for member in &bundle.members {
        // `unzip` and `zipfile` take the slash off an absolute name.
        let inside = member.name.strip_prefix('/');
        let is_plain = |path: &&str| !path.split('/').any(|part| matches!(part, "" | "." | ".."));
        if let Some(path) = member.path.as_deref().or(inside.filter(is_plain)) {
            found.entry(path).or_default().push(member);
        }
    }
    let several = found.into_iter().filter(|(_, members)| members.len() > 1);
    let facts = several.filter_map(|(path, members)| {
        // Folders may be listed as often as somebody likes.
        if members.iter().all(|it| it.kind == MemberKind::Folder) {
            return None;
        }
        let first = members.first()?;
        let digest = |member: &Member| {
            let content = member.content.as_ref();
            content.map(|content: &Content| content.sha256)
        };
        let differs = members
            .iter()
            .any(|it| it.kind != first.kind || digest(it) != digest(first));
        Some(Fact::Duplicate {
            path: Arc::from(path),
            differs,
        })
    });
    facts.collect()
}

/// Files with the name of a folder that others lie in.
fn files_and_folders(bundle: &Bundle) -> Vec<Fact> {
    let paths = bundle.members.iter().filter_map(|it| it.path.as_deref());
    let folders: BTreeSet<&str> = paths
        .flat_map(|path| path.match_indices('/').map(move |(at, _)| &path[..at]))
        .collect();
    let files = bundle.members.iter();
    let files = files.filter(|member| member.kind != MemberKind::Folder);
    let both: BTreeSet<&Arc<str>> = files
        .filter_map(|member| member.path.as_ref())
        .filter(|path| folders.contains(&***path))
        .collect();
    let facts = both.into_iter();
    facts
        .map(|path| Fact::FileAndFolder {
            path: Arc::clone(path),
        })
        .collect()
}

/// Files and folders whose names differ in case alone.
fn cases(bundle: &Bundle) -> Vec<Fact> {
    let mut found: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for path in bundle
        .members
        .iter()
        .filter_map(|member| member.path.as_deref())
    {
        let ends = path.match_indices('/').map(|(at, _)| at);
        for end in ends.chain([path.len()]) {
            let part = &path[..end];
            found.entry(part.to_lowercase()).or_default().insert(part);
        }
    }
    let mut facts = Vec::new();
    let mut said: Vec<String> = Vec::new();
    for (lower, names) in found {
        // What lies in two such folders is no news.
        let is_inside = said.iter().any(|folder| lower.starts_with(folder.as_str()));
        let mut names = names.into_iter();
        if let (Some(path), Some(other), false) = (names.next(), names.next(), is_inside) {
            facts.push(Fact::Case {
                path: Arc::from(path),
                other: Arc::from(other),
            });
            said.push(format!("{lower}/"));
        }
    }
    facts
}

fn limits(bundle: &Bundle, layers: &[Layer]) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut over = |limit: Limit, has: u64, may: u64| {
        if has > may {
            facts.push(Fact::Over { limit, has, may });
        }
    };
    if let (Kind::Zip, Some((size, _))) = (bundle.kind, bundle.packed) {
        over(Limit::Zipped, size, ZIPPED);
    }
    let bundles = std::iter::once(bundle).chain(layers.iter().map(|layer| &layer.bundle));
    let contents = bundles.flat_map(|bundle| &bundle.members);
    let sizes = contents.filter_map(|member| Some(member.content.as_ref()?.size));
    over(Limit::Unzipped, sizes.sum(), UNZIPPED);
    over(Limit::Layers, layers.len() as u64, LAYERS);
    facts
}
