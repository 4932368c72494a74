//! The newest tag that is reachable from a commit.

use gix::ObjectId;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;
use rustc_hash::FxHashMap;

use super::error::SourceError;
use super::git::{Git, failed};
use super::version::compare_tags;

/// A tag, and the commit that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub name: String,
    pub commit: ObjectId,
}

impl Git {
    /// The commit of every tag, in hex, with the tag's name; sorted.
    pub(super) fn tag_names(&self) -> Vec<(String, String)> {
        let tags = self.tags(|_| true).unwrap_or_default();
        let mut names: Vec<(String, String)> = tags
            .into_iter()
            .flat_map(|(id, names)| names.into_iter().map(move |name| (id.to_string(), name)))
            .collect();
        names.sort();
        names
    }

    /// The newest of the tags that `wanted` accepts (by short name), among those reachable from `from` and not on the commit
    /// `except`; None if there is none.
    ///
    /// History decides first: a tag on a commit that has a tagged descendant is the older one, whatever the names say (a
    /// deploy may well go back to an older version's branch and tag that). Among tagged commits of which none descends from another the
    /// later commit date wins, and among the tags of one commit, annotated or not, the higher version.
    ///
    /// A shallow clone is searched as far as it goes; what it cuts off is older than what it shows.
    pub(super) fn newest_tag(
        &self,
        from: ObjectId,
        except: Option<ObjectId>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<Tag>, SourceError> {
        let mut tags = self.tags(wanted)?;
        if let Some(except) = except {
            tags.remove(&except);
        }
        if tags.is_empty() {
            return Ok(None);
        }
        let walk = self
            .repo
            .rev_walk([from])
            .sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst))
            .all()
            .map_err(|error| failed(&error))?;
        // The commits that come first; several only if their dates are equal, when the walk's order says nothing.
        let mut newest: Vec<ObjectId> = Vec::new();
        let mut date = None;
        for commit in walk {
            // A commit whose parent is missing ends the history there.
            let Ok(commit) = commit else { break };
            if date.is_some_and(|date| commit.commit_time() < date) {
                break;
            }
            if tags.contains_key(&commit.id) {
                date = Some(commit.commit_time());
                newest.push(commit.id);
            }
        }
        let best_name = |commit: &ObjectId, tags: &mut FxHashMap<ObjectId, Vec<String>>| {
            let all = tags.remove(commit).unwrap_or_default();
            all.into_iter().max_by(|a, b| compare_tags(a, b))
        };
        let heads = self.undominated(&newest);
        let named = heads.into_iter().filter_map(|commit| {
            let name = best_name(&commit, &mut tags)?;
            Some(Tag { name, commit })
        });
        Ok(named.max_by(|a, b| compare_tags(&a.name, &b.name)))
    }

    /// The accepted tags by the commit behind them.
    fn tags(
        &self,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<FxHashMap<ObjectId, Vec<String>>, SourceError> {
        let references = self.repo.references().map_err(|error| failed(&error))?;
        let mut tags: FxHashMap<ObjectId, Vec<String>> = FxHashMap::default();
        for reference in references.tags().map_err(|error| failed(&error))? {
            // A damaged tag, or one whose object a shallow clone does not have, names nothing here.
            let Ok(mut reference) = reference else {
                continue;
            };
            let name = reference.name().shorten().to_string();
            if !wanted(&name) {
                continue;
            }
            if let Ok(id) = reference.peel_to_id() {
                tags.entry(id.detach()).or_default().push(name);
            }
        }
        Ok(tags)
    }

    /// Those of `commits` that no other of them descends from.
    fn undominated(&self, commits: &[ObjectId]) -> Vec<ObjectId> {
        let is_ancestor = |a: ObjectId, b: ObjectId| {
            a != b
                && self
                    .repo
                    .merge_base(a, b)
                    .is_ok_and(|base| base.is_some_and(|base| base == a))
        };
        let kept = |&&commit: &&ObjectId| !commits.iter().any(|&other| is_ancestor(commit, other));
        commits.iter().filter(kept).copied().collect()
    }
}
