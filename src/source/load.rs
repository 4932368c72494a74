//! Reading what was located: one tree, or both sides with shared texts.

use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};

use crate::config::Selection;

use super::align;
use super::archive::Archive;
use super::bundle::Beside;
use super::error::SourceError;
use super::git::{Git, Listed};
use super::index::{Entries, Index, tracked_paths};
use super::locate::{Choice, Located, Place};
use super::tree::{BlobId, Class, Contents, File, Kind, Texts, Tree, path_text};
use super::unsaved::Overlay;
use super::walk;

/// Both sides of a comparison.
///
/// A file whose text is the same on both sides, at the same path, has one [`super::Text`] for both: `Arc::ptr_eq` says so. Texts that
/// differ in nothing but `\r\n` for `\n` count as the same, see [`super::Text::same_source`].
pub struct Pair {
    /// What is about to be deployed.
    pub candidate: Tree,
    /// What runs now, or why there is nothing to compare with.
    pub against: Result<Tree, String>,
    /// Whether they are two versions at all.
    pub unlike: Unlike,
}

/// Whether the version that is compared with is another one than the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlike {
    /// It is, as far as names tell.
    Another,
    /// It was named, by a tag or an id that is the candidate's very commit, and nothing was changed since.
    Named,
    /// coship chose the tag of the candidate's very commit, since there is none before it, and nothing was changed since.
    First,
}

impl Pair {
    /// Reads both sides. Git's blobs are read once even if both sides have them.
    ///
    /// If one side is no part of a repository (a zip of what `src` holds, say), the paths of the deployed side are aligned with the
    /// candidate's, see [`Tree::alignment`]; `selection` then counts from the candidate's TREE.
    ///
    /// # Errors
    /// If a side cannot be read, or has no Python files at all.
    pub fn read(
        candidate: &Located,
        against: &Choice,
        selection: &Selection,
    ) -> Result<Self, SourceError> {
        let overlay = Overlay::default();
        Self::read_over(
            candidate,
            against,
            selection,
            (&overlay, &mut Texts::default()),
        )
    }

    /// The same with unsaved texts over the candidate's files, and with the `texts` of blobs that were read before.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_over(
        candidate: &Located,
        against: &Choice,
        selection: &Selection,
        (overlay, texts): (&Overlay, &mut Texts),
    ) -> Result<Self, SourceError> {
        let mut candidate_tree = candidate.read(selection, texts)?;
        overlay.apply(&mut candidate_tree, candidate, selection);
        let against = match against {
            Choice::Nothing(why) => return Ok(Self::alone(candidate_tree, why.clone())),
            Choice::Version(located) => located,
        };
        let is_outside = |located: &Located| located.repository().is_none();
        let mut unlike = Unlike::Another;
        let against_tree = if is_outside(candidate) || is_outside(against) {
            let mut tree = against.read(&selection.without_globs(), texts)?;
            if let Some(alignment) = align::find(&candidate_tree, &tree) {
                align::apply(&mut tree, alignment);
            }
            retain(&mut tree, selection);
            if tree.files.is_empty() && tree.problems.is_empty() {
                return Err(against.empty());
            }
            tree
        } else {
            let tree;
            (tree, unlike) = against.read_unlike(&candidate_tree, selection, texts)?;
            tree
        };
        let mut pair = Self {
            candidate: candidate_tree,
            against: Ok(against_tree),
            unlike,
        };
        pair.share();
        Ok(pair)
    }

    /// The same for a candidate that is put together of several packages, and not read from one place. `made_of` is the tree that they are held against, if
    /// there is one: where that is the very commit that is compared with, the version before it counts, as it does for the tree. `beside` is where in the
    /// candidate lies what is laid beside the code (`opt/`): the deployed side has that too.
    ///
    /// # Errors
    /// If the deployed side cannot be read, or has no Python files at all, or if a shallow clone hides whether there is a version before it.
    pub fn of(
        candidate: Tree,
        made_of: Option<&Tree>,
        against: &Choice,
        selection: &Selection,
        beside: &str,
    ) -> Result<Self, SourceError> {
        let against = match against {
            Choice::Nothing(why) => return Ok(Self::alone(candidate, why.clone())),
            Choice::Version(located) => located,
        };
        let mut texts = Texts::default();
        let (against, unlike) = match made_of {
            Some(tree) => against.unlike(tree, selection, &mut texts)?,
            None => (against, Unlike::Another),
        };
        let mut tree = against.read(&selection.without_globs(), &mut texts)?;
        unlike.tell(&mut tree);
        if let Some(alignment) = align::find(&candidate, &tree) {
            align::apply(&mut tree, alignment);
        }
        let theirs = candidate
            .files
            .iter()
            .filter(|file| file.path.starts_with(beside));
        tree.files.extend(theirs.cloned());
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        tree.files.dedup_by(|a, b| a.path == b.path);
        let mut pair = Self {
            candidate,
            against: Ok(tree),
            unlike,
        };
        pair.share();
        Ok(pair)
    }

    fn alone(candidate: Tree, why: String) -> Self {
        Self {
            candidate,
            against: Err(why),
            unlike: Unlike::Another,
        }
    }

    /// Lays packages beside both sides: each with the prefix that its paths get and the paths that count. A file that a side has itself stays.
    pub fn lay_beside(&mut self, beside: &[Beside]) {
        let mut contents = Contents::default();
        for (bundle, prefix, takes) in beside {
            bundle.add_to(&mut contents, prefix, takes);
        }
        let laid = contents.into_tree(Kind::Directory, String::new());
        let sides = std::iter::once(&mut self.candidate).chain(self.against.as_mut().ok());
        for tree in sides {
            tree.lay(&laid);
        }
    }

    /// Gives files that are the same one text.
    fn share(&mut self) {
        if let Ok(against) = &mut self.against {
            against.share(&self.candidate);
        }
    }
}

impl Tree {
    /// Takes the other tree's text for each file that is the same there.
    pub fn share(&mut self, other: &Self) {
        let mut ours = other.files.iter().peekable();
        for theirs in &mut self.files {
            while ours.next_if(|file| file.path < theirs.path).is_some() {}
            if let Some(file) = ours.next_if(|file| file.path == theirs.path)
                && !Arc::ptr_eq(&file.text, &theirs.text)
                && file.text.same_source(&theirs.text)
            {
                theirs.text = Arc::clone(&file.text);
            }
        }
    }
}

impl Located {
    /// Reads the version. `texts` are those of the blobs that were read before, of either side.
    ///
    /// # Errors
    /// If it cannot be read as a whole, or has no Python files; single files that cannot be read are [`Tree::problems`].
    pub fn read(&self, selection: &Selection, texts: &mut Texts) -> Result<Tree, SourceError> {
        let contents = match &self.place {
            Place::Directory { disk } => walk::read(disk, &self.name, selection, None, &[])?,
            Place::WorkTree { git, disk, prefix } => {
                work_tree(git, disk, (&self.name, prefix), selection, texts)?
            }
            Place::Index { git, prefix, file } => {
                let index = Index::read(git, file.as_deref())?;
                let entries = index.entries(git, prefix, selection)?;
                staged(git, &index, prefix, &entries, selection, texts)?
            }
            Place::Revision {
                git,
                resolved,
                tree,
                prefix,
            } => {
                let listed = git.list(*tree, selection, &self.name)?;
                let lookup = |path: &[u8]| {
                    let found = git.lookup(resolved.tree, path, &self.name)?;
                    Ok(found.and_then(|(id, mode)| {
                        mode.is_blob_or_symlink().then_some((id, mode.is_link()))
                    }))
                };
                let mut blobs = Blobs {
                    git,
                    name: &self.name,
                    prefix,
                    lookup: &lookup,
                    texts,
                };
                let mut contents = blobs.read(&listed.files, selection)?;
                contents.repositories = listed.repositories;
                contents
            }
            Place::Zip { disk } => Archive::open(disk, &self.name)?.read(selection)?,
        };
        let mut tree = contents.into_tree(self.kind(), self.name.clone());
        if tree.files.is_empty() && tree.problems.is_empty() {
            return Err(self.empty());
        }
        tree.chosen_by.clone_from(&self.chosen_by);
        if let Place::Revision { resolved, .. } = &self.place {
            tree.commit = resolved.commit.map(|commit| commit.to_string());
        }
        Ok(tree)
    }

    fn empty(&self) -> SourceError {
        let kind = match self.kind() {
            Kind::Directory | Kind::WorkTree => "the directory",
            Kind::Index => "the index of",
            Kind::Revision => "the revision",
            Kind::Zip => "the zip",
        };
        SourceError::Empty {
            name: format!("{kind} '{}'", self.name),
        }
    }
}

/// Takes out what the configuration's globs take out.
fn retain(tree: &mut Tree, selection: &Selection) {
    tree.files.retain(|file| selection.takes(&file.path));
    tree.others.retain(|path| selection.takes(path));
    tree.problems
        .retain(|problem| selection.takes(&problem.path));
}

/// A work tree: what is on disk and not ignored, and what is tracked; in a sparse checkout also what is tracked and not on disk.
fn work_tree(
    git: &Git,
    disk: &std::path::Path,
    (name, prefix): (&str, &str),
    selection: &Selection,
    texts: &mut Texts,
) -> Result<Contents, SourceError> {
    // The usual index always: a hook's temporary one says what is staged, not what is tracked.
    let index = Index::read(git, None)?;
    let mut entries = index.entries(git, prefix, selection)?;
    let repository = walk::Repository {
        root: git.root.as_deref().unwrap_or(disk),
        exclude: git.repo.common_dir().join("info").join("exclude"),
    };
    let mut tracked = tracked_paths(&entries);
    tracked.extend(
        entries
            .unmerged
            .iter()
            .filter_map(|path| path_text(path).ok()),
    );
    let mut contents = walk::read(disk, name, selection, Some(&repository), &tracked)?;
    contents.repositories.extend(submodules(&entries));
    if !entries.sparse.is_empty() {
        let is_absent = |listed: &Listed| {
            entries.sparse.contains(listed.path.as_slice())
                && listed
                    .path
                    .to_str()
                    .is_ok_and(|path| disk.join(path).symlink_metadata().is_err())
        };
        entries.listed.retain(is_absent);
        entries.unmerged.clear();
        let mut absent = staged(git, &index, prefix, &entries, selection, texts)?;
        contents.files.append(&mut absent.files);
        contents.others.append(&mut absent.others);
        contents.problems.append(&mut absent.problems);
    }
    Ok(contents)
}

/// The paths of the submodules.
fn submodules(entries: &Entries) -> impl Iterator<Item = Arc<str>> {
    let paths = entries.repositories.iter();
    paths.map(|path| Arc::from(path.to_str_lossy()))
}

/// The staged files.
fn staged(
    git: &Git,
    index: &Index,
    prefix: &str,
    entries: &Entries,
    selection: &Selection,
    texts: &mut Texts,
) -> Result<Contents, SourceError> {
    let lookup = |path: &[u8]| Ok(index.lookup(path));
    let mut blobs = Blobs {
        git,
        name: "the index",
        prefix,
        lookup: &lookup,
        texts,
    };
    let mut contents = blobs.read(&entries.listed, selection)?;
    contents.repositories.extend(submodules(entries));
    for path in &entries.unmerged {
        let path = path.to_str_lossy();
        if selection.takes(&path) {
            contents.problem(
                path,
                "the file has a merge conflict: nothing is staged for it",
            );
        }
    }
    Ok(contents)
}

/// A file, and whether it is a symbolic link, by its path from the repository's root.
type Lookup<'a> = dyn Fn(&[u8]) -> Result<Option<(ObjectId, bool)>, SourceError> + 'a;

/// Reads listed blobs.
struct Blobs<'a> {
    git: &'a Git,
    /// The version's name, for messages.
    name: &'a str,
    /// TREE, from the repository's root.
    prefix: &'a str,
    lookup: &'a Lookup<'a>,
    texts: &'a mut Texts,
}

impl Blobs<'_> {
    fn read(&mut self, listed: &[Listed], selection: &Selection) -> Result<Contents, SourceError> {
        let mut contents = Contents::default();
        for entry in listed {
            let path = match path_text(&entry.path) {
                Ok(path) => path,
                Err(shown) => {
                    if selection.takes(&shown) && Class::of(&entry.path) == Some(Class::Python) {
                        contents.problem(shown, "the file's name is not UTF-8");
                    }
                    continue;
                }
            };
            if !selection.takes(&path) {
                continue;
            }
            if Class::of(&entry.path) == Some(Class::Other) {
                contents.others.push(path);
                continue;
            }
            let id = if entry.is_link {
                match self.follow(&entry.path, entry.id)? {
                    Ok(id) => id,
                    Err(message) => {
                        contents.problem(&*path, message);
                        continue;
                    }
                }
            } else {
                entry.id
            };
            let Ok(blob) = BlobId::try_from(id.as_slice()) else {
                return Err(SourceError::Git {
                    message: "the repository's object ids are not SHA-1".to_owned(),
                });
            };
            let text = match self.texts.get(blob, || self.git.blob(id, self.name)) {
                Err(SourceError::Git { .. }) if self.git.is_too_large(id) => {
                    contents.problem(&*path, walk::too_large());
                    continue;
                }
                text => text?,
            };
            contents.files.push(File {
                path,
                blob: Some(blob),
                text,
            });
        }
        Ok(contents)
    }

    /// The blob that a symbolic link leads to, or why it leads to none.
    fn follow(&self, path: &[u8], link: ObjectId) -> Result<Result<ObjectId, String>, SourceError> {
        let mut at: BString = if self.prefix.is_empty() {
            path.into()
        } else {
            [self.prefix.as_bytes(), b"/", path].concat().into()
        };
        let mut link = link;
        // As many links as Linux follows.
        for _ in 0..40 {
            let target = self.git.blob(link, self.name)?;
            let Some(next) = joined(&at, &target) else {
                return Ok(Err(
                    "the symbolic link leads out of the repository".to_owned()
                ));
            };
            match (self.lookup)(&next)? {
                Some((id, false)) => return Ok(Ok(id)),
                Some((id, true)) => (at, link) = (next, id),
                None => {
                    let target = target.to_str_lossy();
                    return Ok(Err(format!(
                        "the symbolic link leads nowhere: there is no file '{target}'"
                    )));
                }
            }
        }
        Ok(Err(
            "the symbolic link leads nowhere: too many links".to_owned()
        ))
    }
}

/// The path of `target` as a link at `link` names it; None if it leads out.
fn joined(link: &[u8], target: &[u8]) -> Option<BString> {
    if target.starts_with(b"/") {
        return None;
    }
    let directory = link
        .rsplit_once_str("/")
        .map_or(&b""[..], |(directory, _)| directory);
    let mut parts: Vec<&[u8]> = directory
        .split_str("/")
        .filter(|part| !part.is_empty())
        .collect();
    for part in target.split_str("/") {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/').into())
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn links_stay_in_the_repository() {
        let joined = |link: &str, target: &str| {
            joined(link.as_bytes(), target.as_bytes()).map(|path| path.to_string())
        };
        assert_eq!(joined("a/b.py", "../c.py").as_deref(), Some("c.py"));
        assert_eq!(joined("b.py", "./x//c.py").as_deref(), Some("x/c.py"));
        assert_eq!(joined("a/b.py", "../../c.py"), None);
        assert_eq!(joined("a/b.py", "/etc/passwd"), None);
    }
}
