//! A version to compare with that is the very commit under test: on the push of a tag, the tag is that commit, and a comparison with it finds nothing new.
//!
//! Whether the candidate is that commit is known once it is read: a work tree that was edited since is compared with its commit's tag rightly.

use std::rc::Rc;
use std::sync::Arc;

use gix::ObjectId;

use crate::config::Selection;

use super::error::SourceError;
use super::git::Git;
use super::load::Unlike;
use super::locate::{Located, Place};
use super::newest::Tag;
use super::spec::split_directory;
use super::tree::{Texts, Tree};

/// How a version came to be the commit that the candidate is of, and what is compared with instead if nothing was changed since.
pub(super) enum Itself {
    /// coship chose it, and there is an earlier one.
    Before(Box<Located>),
    /// coship chose it, and there is no earlier one.
    First,
    /// coship chose it, and a shallow clone hides whether there is an earlier one: what is looked for.
    Hidden(String),
    /// It was named by a tag or an id, which stay where they are. `deployed:NAME`, a branch and HEAD say what runs, or what the last commit was,
    /// also where that is the candidate.
    Named,
}

/// What is told of a version that is compared with itself.
const WORDS: &str = ", which is the very commit that is checked";

/// How a tag was chosen.
pub(super) struct Chosen<'a> {
    /// The commit from which tags are looked for.
    pub from: ObjectId,
    /// What is told of the newest tag.
    pub newest: &'a str,
    /// What is told of the tag before the candidate's own, which is given.
    pub before: &'a dyn Fn(&str) -> String,
}

impl Located {
    /// The version of the newest tag; where that is the commit that the candidate is of, with the version of the tag before it.
    pub(super) fn tagged_unlike(
        &self,
        (git, prefix): (&Rc<Git>, &str),
        tag: &Tag,
        chosen: &Chosen,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, SourceError> {
        let mut located = self.tagged(git, prefix, tag, chosen.newest.to_owned())?;
        if tag.commit != chosen.from || self.repository().is_none() {
            return Ok(located);
        }
        let chosen_by = (chosen.before)(&tag.name);
        let before = match git.newest_tag(chosen.from, Some(tag.commit), wanted)? {
            Some(before) => match self.tagged(git, prefix, &before, chosen_by) {
                Err(SourceError::NoDirectory { .. }) => Itself::First,
                before => Itself::Before(Box::new(before?)),
            },
            None if git.is_shallow() => Itself::Hidden(format!("the {chosen_by}")),
            None => Itself::First,
        };
        located.itself = Some(before);
        Ok(located)
    }

    /// Notes that `--against`, or the configuration, names the candidate's own commit by a name that does not move.
    pub(super) fn note_named(&self, named: &mut Self, spec: &str) -> Result<(), SourceError> {
        let (Some(_), Place::Revision { git, resolved, .. }) = (self.repository(), &named.place)
        else {
            return Ok(());
        };
        let own = self.start(git)?.map(|(commit, _)| commit);
        if own.is_some() && resolved.commit == own && git.is_fixed(spec, named) {
            named.itself = Some(Itself::Named);
        }
        Ok(())
    }

    /// Reads the version to compare with: this one, or the one before it if `candidate` is this very commit, unchanged.
    pub(super) fn read_unlike(
        &self,
        candidate: &Tree,
        selection: &Selection,
        texts: &mut Texts,
    ) -> Result<(Tree, Unlike), SourceError> {
        let (other, unlike) = self.unlike(candidate, selection, texts)?;
        let mut tree = other.read(selection, texts)?;
        unlike.tell(&mut tree);
        Ok((tree, unlike))
    }

    /// The version to compare with, and whether it is another one than `candidate`: this one, or the one before it if `candidate` is this very commit,
    /// unchanged. The one place that decides this, for all commands.
    ///
    /// # Errors
    /// If this version cannot be read, or a shallow clone hides whether there is one before it.
    pub fn unlike(
        &self,
        candidate: &Tree,
        selection: &Selection,
        texts: &mut Texts,
    ) -> Result<(&Self, Unlike), SourceError> {
        let Some(itself) = &self.itself else {
            return Ok((self, Unlike::Another));
        };
        if !is_same(candidate, &self.read(selection, texts)?) {
            return Ok((self, Unlike::Another));
        }
        Ok(match itself {
            Itself::Before(before) => (before, Unlike::Another),
            Itself::Hidden(wanted) => {
                return Err(SourceError::Shallow {
                    wanted: wanted.clone(),
                });
            }
            Itself::First => (self, Unlike::First),
            Itself::Named => (self, Unlike::Named),
        })
    }
}

impl Unlike {
    /// Says so of a version that was read, where it is compared with itself.
    pub(super) fn tell(self, tree: &mut Tree) {
        if self != Self::Another {
            tree.chosen_by = tree.chosen_by.take().map(|chosen| chosen + WORDS);
        }
    }
}

impl Git {
    /// Whether a revision's name is a tag or an id, whatever `^{commit}` or `:DIR` follows.
    fn is_fixed(&self, spec: &str, named: &Located) -> bool {
        let spec = spec.strip_prefix("rev:").unwrap_or(spec);
        let (name, _) = split_directory(spec);
        let name = name.split(['^', '~']).next().unwrap_or(name);
        let short = name.strip_prefix("refs/").unwrap_or(name);
        let short = short.strip_prefix("tags/").unwrap_or(short);
        let is_tag = self
            .repo
            .find_reference(&format!("refs/tags/{short}"))
            .is_ok();
        let Place::Revision { resolved, .. } = &named.place else {
            return false;
        };
        let is_id = resolved.commit.is_some_and(|commit| {
            let id = commit.to_string();
            name.len() >= 4 && id.starts_with(&name.to_ascii_lowercase())
        });
        is_tag || is_id
    }
}

/// Whether two trees have the same files with the same text.
fn is_same(one: &Tree, other: &Tree) -> bool {
    one.files.len() == other.files.len()
        && one.problems == other.problems
        && one.files.iter().zip(&other.files).all(|(one, other)| {
            one.path == other.path
                && (Arc::ptr_eq(&one.text, &other.text) || one.text.same_source(&other.text))
        })
}
