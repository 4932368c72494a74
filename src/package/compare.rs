//! The package against the candidate: what is missing, what is not the candidate's, what does not belong in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::dropped::Rules;
use super::layout::Layout;
use super::{Extra, Fact, Layer, Need, Needed, has_ending, secrets, truncated};
use crate::environment::Past;
use crate::source::{
    Answer, BlobId, Bundle, Content, Files, Located, MemberKind, Replaced, SourceError, Text, Tree,
};

/// What a package is compared with.
pub struct Compared<'a> {
    /// The candidate.
    pub candidate: &'a Located,
    /// All its files.
    pub files: &'a Files,
    /// What of them is needed, by path.
    pub needed: &'a [Needed],
    /// The files in which execution starts.
    pub entries: &'a [Arc<str>],
    /// Where its files are in the package.
    pub layout: &'a Layout,
    /// What runs now, its paths as in the package.
    pub deployed: Option<&'a Tree>,
    /// Its history.
    pub past: Option<&'a dyn Past>,
    /// Whether a path of the package belongs to an installed distribution.
    pub is_library: &'a dyn Fn(&str) -> bool,
    /// Whether a path is a test's.
    pub is_test: &'a dyn Fn(&str) -> bool,
}

/// The package's files by path; of several the last.
fn by_path(bundle: &Bundle) -> FxHashMap<&str, &Content> {
    let mut found = FxHashMap::default();
    for member in &bundle.members {
        if let (MemberKind::File, Some(path), Some(content)) =
            (member.kind, member.path.as_deref(), &member.content)
        {
            found.insert(path, content);
        }
    }
    found
}

/// What a package has otherwise than the candidate.
///
/// # Errors
/// If a file of the candidate cannot be read.
pub fn compare(
    bundle: &Bundle,
    layers: &[Layer],
    with: &Compared,
) -> Result<Vec<Fact>, SourceError> {
    let packed = by_path(bundle);
    let mut facts = Vec::new();
    facts.extend(misplaced(with, &packed));
    facts.extend(missing(bundle, layers, with, &packed)?);
    facts.extend(different(layers, with, &packed)?);
    facts.extend(extra(bundle, with, &packed));
    facts.extend(not_executable(bundle, with));
    Ok(facts)
}

/// The files that the candidate may run and the package's reader may not. A zip that notes no modes says nothing of them.
fn not_executable(bundle: &Bundle, with: &Compared) -> Option<Fact> {
    let lost = bundle.members.iter().filter_map(|member| {
        let mode = member.mode.filter(|mode| mode & 0o777 != 0)?;
        let path = member.path.as_ref()?;
        let ours = with.files.find(&with.layout.unpacked(path)?)?;
        let is_lost = member.kind == MemberKind::File && ours.is_executable && mode & 0o001 == 0;
        // Modules are imported, whatever their mode.
        (is_lost && !is_python(path)).then_some((path, mode))
    });
    let lost: Vec<(&Arc<str>, u32)> = lost.collect();
    let (path, mode) = lost.first()?;
    Some(Fact::NotExecutable {
        path: Arc::clone(path),
        mode: mode & 0o777,
        others: lost.len() - 1,
    })
}

/// Whether the code lies in a folder, and what execution starts in is not at the top.
fn misplaced(with: &Compared, packed: &FxHashMap<&str, &Content>) -> Option<Fact> {
    let layout = with.layout;
    if layout.inside.is_empty() {
        return None;
    }
    let lost = with.entries.iter().find_map(|entry| {
        let there = layout.packed(entry)?;
        let at_top = there
            .strip_prefix(&format!("{}/", layout.inside))?
            .to_owned();
        (packed.contains_key(there.as_str()) && !packed.contains_key(at_top.as_str()))
            .then_some(at_top)
    });
    let below = format!("{}/", layout.inside);
    lost.map(|entry| Fact::Misplaced {
        folder: layout.inside.clone(),
        entry,
        files: packed
            .keys()
            .filter(|path| path.starts_with(&below))
            .count(),
    })
}

/// The needed files that are neither in the package nor in a layer: each, or the outermost folder of which nothing is there.
fn missing(
    bundle: &Bundle,
    layers: &[Layer],
    with: &Compared,
    packed: &FxHashMap<&str, &Content>,
) -> Result<Vec<Fact>, SourceError> {
    let layout = with.layout;
    let compiled: Vec<&str> = packed
        .keys()
        .filter(|path| has_ending(path, "so") || has_ending(path, "pyc"))
        .copied()
        .collect();
    let mut groups: BTreeMap<Arc<str>, (bool, Vec<Needed>)> = BTreeMap::new();
    for needed in with.needed {
        let is_inside = layout.packed(&needed.path);
        let path = is_inside.clone().unwrap_or_else(|| seen(&needed.path));
        let relative = match layout.inside.as_str() {
            "" => path.as_str(),
            inside => super::layout::below(&path, inside).unwrap_or(&path),
        };
        let stem = path.strip_suffix(".py").unwrap_or(&path);
        let is_compiled = |other: &&str| {
            let rest = other.strip_prefix(stem);
            rest.is_some_and(|rest| rest.starts_with('.') && !rest.contains('/'))
        };
        let is_there = packed.contains_key(path.as_str())
            || super::layer::find(layers, relative).is_some()
            || (needed.module.is_some() && compiled.iter().any(is_compiled));
        if is_there {
            continue;
        }
        let mut needed = needed.clone();
        if is_inside.is_none() {
            // Where else than beside the handler it is deployed to is not known.
            needed.need = Need::Named;
        }
        let folder = absent_folder(&path, packed);
        if folder.is_none() && path.ends_with("/__init__.py") {
            // The folder is imported all the same, as a namespace package (PEP 420): what is lost is what the file says.
            let most = if says_nothing(with, &needed.path)? {
                Need::Named
            } else {
                Need::Later
            };
            needed.need = needed.need.min(most);
        }
        needed.path = Arc::from(path.as_str());
        let key = folder.clone().unwrap_or(path);
        let group = groups
            .entry(Arc::from(key))
            .or_insert_with(|| (folder.is_some(), Vec::new()));
        group.1.push(needed);
    }
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let is_source = |path: &&&str| has_ending(path, "py");
    let is_flat = packed.keys().filter(is_source).all(|path| {
        super::layout::below(path, &layout.inside).is_none_or(|rest| !rest.contains('/'))
    });
    let rules = Rules {
        is_flat,
        empty: super::modules::empty_folders(bundle),
        ..Rules::read(with.files, &layout.base)?
    };
    let by_blob = elsewhere(packed);
    let facts = groups.into_iter().map(|(path, (is_folder, mut files))| {
        files.sort_by_key(|file| (std::cmp::Reverse(file.need), file.way.len()));
        let first = files.first().map(|file| Arc::clone(&file.path));
        let dropped = first.as_deref().and_then(|first| {
            let from_base = layout.unpacked(first)?;
            let from_base = super::layout::below(&from_base, &layout.base)?;
            rules.of(from_base)
        });
        let elsewhere = first.and_then(|first| {
            let file = with.files.find(&layout.unpacked(&first)?)?;
            let blob = with.files.blob(file).ok()?;
            by_blob.get(&blob).map(|path| Arc::from(*path))
        });
        Fact::Missing {
            path,
            is_folder,
            files,
            dropped,
            elsewhere,
        }
    });
    Ok(facts.collect())
}

/// Whether a Python file of the candidate has nothing but comments.
fn says_nothing(with: &Compared, path: &str) -> Result<bool, SourceError> {
    let Some(file) = with.files.find(path) else {
        return Ok(false);
    };
    let text = Text::decode(with.files.read(file)?);
    let mut lines = text.content().lines().map(str::trim);
    Ok(lines.all(|line| line.is_empty() || line.starts_with('#')))
}

/// What an import sees of a file outside the base: what follows a folder that is customarily put on the path.
fn seen(path: &str) -> String {
    let marks = ["python/", "src/", "lib/", "layer/"];
    let found = marks.iter().filter_map(|mark| {
        let at = path.rfind(mark)?;
        (at == 0 || path.as_bytes()[at - 1] == b'/').then_some(at + mark.len())
    });
    path[found.max().unwrap_or_default()..].to_owned()
}

/// The outermost folder around a path of which the package has nothing.
fn absent_folder(path: &str, packed: &FxHashMap<&str, &Content>) -> Option<String> {
    path.match_indices('/').find_map(|(slash, _)| {
        let below = &path[..=slash];
        let is_there = packed.keys().any(|other| other.starts_with(below));
        (!is_there).then(|| path[..slash].to_owned())
    })
}

/// The files of a package that have some content, by that: what was put in another place.
fn elsewhere<'p>(packed: &FxHashMap<&'p str, &Content>) -> FxHashMap<BlobId, &'p str> {
    let mut found: FxHashMap<BlobId, &str> = FxHashMap::default();
    for (path, content) in packed {
        // An empty file says nothing.
        if content.size > 0 {
            let known = found.entry(content.blob()).or_insert(path);
            *known = (*known).min(*path);
        }
    }
    found
}

/// The files that both have, with other contents.
fn different(
    layers: &[Layer],
    with: &Compared,
    packed: &FxHashMap<&str, &Content>,
) -> Result<Vec<Fact>, SourceError> {
    let mut by_candidate: Vec<(Arc<str>, Arc<str>, &Content)> = Vec::new();
    for file in with.files.all() {
        let Some(path) = with.layout.packed(&file.path) else {
            continue;
        };
        let content = packed.get(path.as_str()).copied();
        let in_layer = || {
            let relative = super::layout::below(&path, &with.layout.inside)?;
            super::layer::find(layers, relative)
        };
        let (shown, content) = match content {
            Some(content) => (Arc::from(path.as_str()), content),
            None => match in_layer() {
                Some(found) => found,
                None => continue,
            },
        };
        if !with.files.is(file, content)? {
            by_candidate.push((shown, Arc::clone(&file.path), content));
        }
    }
    let (mut stale, mut asked) = (Vec::new(), Vec::new());
    let mut facts = Vec::new();
    for (path, ours, content) in by_candidate {
        let Some(file) = with.files.find(&ours) else {
            continue;
        };
        if is_python(&path) && content.is_whole() {
            let packed = Text::decode(content.bytes.to_vec());
            let candidate = Text::decode(with.files.read(file)?);
            if packed.same_source(&candidate) {
                continue;
            }
            let deployed = with
                .deployed
                .and_then(|tree| Some(tree.file(tree.find(&path)?)));
            let deployed = deployed.map(|file| &*file.text);
            let same = || same_content(with, &ours, content);
            if let Some(cut) = truncated::cut(&packed, &candidate, deployed, same) {
                facts.push(Fact::Truncated { path, cut });
                continue;
            }
        }
        stale.push(path);
        asked.push(Replaced {
            path: ours.to_string(),
            own: Some(with.files.blob(file)?),
            other: content.blob(),
        });
    }
    let answers = with.candidate.origins(&asked).into_iter();
    facts.extend(stale.into_iter().zip(answers).map(|(path, answer)| {
        let Answer { origin, change } = answer;
        Fact::Stale {
            path,
            origin,
            change,
        }
    }));
    Ok(facts)
}

fn is_python(path: &str) -> bool {
    has_ending(path, "py")
}

/// Another Python file of the candidate with that content.
fn same_content(with: &Compared, own: &str, content: &Content) -> Option<Arc<str>> {
    if content.size < 64 {
        return None;
    }
    let mut files = with.files.all().iter();
    let same = files.find(|file| {
        &*file.path != own
            && is_python(&file.path)
            && with
                .files
                .blob(file)
                .is_ok_and(|blob| blob == content.blob())
    })?;
    Some(Arc::clone(&same.path))
}

/// What is in the package and should not be.
fn extra(bundle: &Bundle, with: &Compared, packed: &FxHashMap<&str, &Content>) -> Vec<Fact> {
    let mut found = extra_by_itself(bundle, with.is_library);
    let mut paths: Vec<&str> = packed.keys().copied().collect();
    paths.sort_unstable();
    let mut unknown: Vec<(&str, String)> = Vec::new();
    for path in paths {
        if (with.is_library)(path) || is_said(path, &found) {
            continue;
        }
        let ours = with.layout.unpacked(path);
        let has = ours
            .as_deref()
            .is_some_and(|ours| with.files.find(ours).is_some());
        let is_needed = ours.as_deref().is_some_and(|ours| {
            with.needed
                .binary_search_by(|needed| (*needed.path).cmp(ours))
                .is_ok()
        });
        if (with.is_test)(path) && !is_needed {
            note(&mut found, test_folder(path), Extra::Test);
        } else if !has && is_python(path) {
            unknown.push((path, ours.unwrap_or_else(|| path.to_owned())));
        } else if !has && secrets::is_archive(path) {
            note(&mut found, path, Extra::Archive);
        }
    }
    let asked: Vec<String> = unknown.iter().map(|(_, ours)| ours.clone()).collect();
    let removals = match with.past {
        Some(past) if !asked.is_empty() => past.removals(&asked),
        _ => vec![None; asked.len()],
    };
    for ((path, ours), removal) in unknown.into_iter().zip(removals) {
        match removal {
            Some(removal) => note(&mut found, path, Extra::Deleted(removal)),
            None => note(
                &mut found,
                foreign_folder(path, &ours, with),
                Extra::Unknown,
            ),
        }
    }
    let facts = found.into_iter();
    facts
        .map(|(path, (why, files))| Fact::Extra { path, why, files })
        .collect()
}

/// What was found, by path.
type Found = BTreeMap<Arc<str>, (Extra, usize)>;

/// What does not belong in any package, whatever the candidate has.
fn extra_by_itself(bundle: &Bundle, is_library: &dyn Fn(&str) -> bool) -> Found {
    let mut found = Found::new();
    for member in &bundle.members {
        let (MemberKind::File, Some(path)) = (member.kind, member.path.as_deref()) else {
            continue;
        };
        if let Some(folder) = secrets::version_control(path) {
            note(&mut found, folder, Extra::VersionControl);
        } else if let Some(what) = secrets::by_name(path).filter(|_| !is_library(path)) {
            note(&mut found, path, Extra::Secret(what));
        } else if let Some(folder) = secrets::litter(path) {
            note(&mut found, folder, Extra::Litter);
        } else if !is_library(path)
            && let Some(content) = &member.content
            && let Some(what) = secrets::by_content(&content.bytes)
        {
            note(&mut found, path, Extra::Secret(what));
        }
    }
    found
}

/// What does not belong in any package, where there is no candidate to compare with.
#[must_use]
pub fn extra_alone(bundle: &Bundle, is_library: &dyn Fn(&str) -> bool) -> Vec<Fact> {
    let facts = extra_by_itself(bundle, is_library).into_iter();
    facts
        .map(|(path, (why, files))| Fact::Extra { path, why, files })
        .collect()
}

fn note(found: &mut Found, path: &str, why: Extra) {
    let entry = found.entry(Arc::from(path)).or_insert((why, 0));
    entry.1 += 1;
}

fn is_said(path: &str, found: &Found) -> bool {
    found.contains_key(path)
        || path
            .match_indices('/')
            .any(|(slash, _)| found.contains_key(&path[..slash]))
}

/// The folder of tests around a path, or the path.
fn test_folder(path: &str) -> &str {
    let mut end = 0;
    for part in path.split('/') {
        end += part.len();
        if matches!(part, "test" | "tests") {
            return &path[..end];
        }
        end += 1;
    }
    path
}

/// The outermost folder around a path of which the candidate has nothing, or the path.
fn foreign_folder<'p>(path: &'p str, ours: &str, with: &Compared) -> &'p str {
    let surplus = path.len().saturating_sub(ours.len());
    for (slash, _) in path.match_indices('/') {
        if slash < surplus {
            continue;
        }
        let folder = with.layout.unpacked(&path[..=slash]).unwrap_or_default();
        let mut files = with.files.all().iter();
        if !folder.is_empty() && !files.any(|file| file.path.starts_with(&folder)) {
            return &path[..slash];
        }
    }
    path
}
