//! What a history of checks says: how long findings lived, which files break each other, which commits needed others.
//!
//! A [`Step`] is one commit against one parent, and a line of JSON. Steps are independent of each other, so that the lines of several
//! machines add up; all that is said of a whole range is worked out from them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::facts::Place;
use crate::rules::{Finding, Severity, route_name};
use crate::source::{Commit, Tree};

/// A finding of a commit, in words that need no tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Seen {
    /// What it is known by, see [`Finding::fingerprint`].
    pub fingerprint: String,
    /// The rule's name.
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The file of the cause.
    pub path: String,
    /// The line of the cause, from 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
    /// The routes that it breaks.
    pub routes: Vec<String>,
    /// The other files on the way to the failure, sorted: those that the cause does not go together with.
    pub breaks: Vec<String>,
}

impl Seen {
    /// A finding of `tree`.
    #[must_use]
    pub fn new(finding: &Finding, tree: &Tree) -> Self {
        let callee = finding.callee.iter().map(|callee| callee.place);
        let raises = finding.chain.last().map(|frame| frame.place);
        let related = finding.related.iter().map(|related| related.place);
        let path = |place: Place| tree.file(place.file).path.to_string();
        let others = callee.chain(raises).chain(related).map(path);
        let breaks: BTreeSet<String> = others.filter(|other| **other != *finding.path).collect();
        Self {
            fingerprint: finding.fingerprint.clone(),
            rule: finding.rule.name,
            severity: finding.severity,
            path: finding.path.to_string(),
            line: finding.span(tree).start.line,
            message: finding.message.clone(),
            routes: finding.routes.iter().map(route_name).collect(),
            breaks: breaks.into_iter().collect(),
        }
    }
}

/// A commit that was checked against one of its parents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Step {
    /// Of the form of the line.
    pub version: u32,
    /// The commit.
    pub commit: String,
    /// The parent; none for a first commit.
    pub parent: Option<String>,
    /// Who wrote it.
    pub author: String,
    /// The day of the commit in UTC.
    pub date: String,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// The first line of its message.
    pub subject: String,
    /// How many findings it has.
    pub findings: usize,
    /// Those that the parent has not.
    pub came: Vec<Seen>,
    /// Those of the parent that it has not.
    pub went: Vec<Seen>,
    /// Findings that are the same and are known by another fingerprint now: the old one and the new one.
    pub became: Vec<(String, String)>,
    /// Why it could not be checked, if it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Step {
    /// A step of which nothing is known yet.
    #[must_use]
    pub fn of(commit: &Commit, parent: Option<&String>) -> Self {
        Self {
            version: 1,
            commit: commit.id.clone(),
            parent: parent.cloned(),
            author: commit.author.clone(),
            date: commit.day(),
            time: commit.time,
            subject: commit.subject.clone(),
            findings: 0,
            came: Vec::new(),
            went: Vec::new(),
            became: Vec::new(),
            error: None,
        }
    }
}

/// A finding from when it came until it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The finding as it came.
    pub finding: Seen,
    /// The commit that brought it, counting along [`History::commits`].
    pub came: usize,
    /// The one that took it away.
    pub went: Option<usize>,
}

/// What a range of commits says.
#[derive(Debug, Default)]
pub struct History {
    /// The commits, parents first; of each the step against its first parent.
    pub commits: Vec<Step>,
    /// How many steps there are.
    pub steps: usize,
    /// The findings that came within the range, in order.
    pub lives: Vec<Life>,
    /// Files that break each other, with how often: the file of a cause, and one on the way to the failure.
    pub pairs: Vec<((String, String), usize)>,
    /// Routes that failed, with how often.
    pub routes: Vec<(String, usize)>,
    /// Commits that brought errors, with those that took them away: they needed each other.
    pub needed: Vec<(usize, BTreeSet<usize>)>,
    /// Steps that could not be checked.
    pub failed: usize,
}

/// Fingerprints of the same finding, by the first one of them.
#[derive(Default)]
struct Aliases {
    older: BTreeMap<String, String>,
}

impl Aliases {
    fn first(&self, fingerprint: &str) -> String {
        let mut first = fingerprint;
        let mut left = self.older.len();
        while let Some(older) = self.older.get(first).filter(|_| left > 0) {
            first = older;
            left -= 1;
        }
        first.to_owned()
    }

    fn add(&mut self, old: &str, new: &str) {
        if self.first(old) != self.first(new) {
            let new = self.first(new);
            self.older.insert(new, old.to_owned());
        }
    }
}

impl History {
    /// Works it out from the steps, of which those of one commit follow each other.
    #[must_use]
    pub fn of(steps: &[Step]) -> Self {
        let mut history = Self {
            steps: steps.len(),
            failed: steps.iter().filter(|step| step.error.is_some()).count(),
            ..Self::default()
        };
        let mut aliases = Aliases::default();
        for (old, new) in steps.iter().flat_map(|step| &step.became) {
            aliases.add(old, new);
        }
        let mut open: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for steps in steps.chunk_by(|one, next| one.commit == next.commit) {
            let index = history.commits.len();
            let Some(first) = steps.first() else { continue };
            history.commits.push(first.clone());
            // A merge brings or mends itself only what none of its parents has, or all of them have.
            let of_all = |of: fn(&Step) -> &Vec<Seen>| -> Vec<Seen> {
                let is_in = |seen: &Seen, step: &Step| {
                    let key = aliases.first(&seen.fingerprint);
                    of(step)
                        .iter()
                        .any(|other| aliases.first(&other.fingerprint) == key)
                };
                let ours = of(first).iter();
                ours.filter(|seen| steps.iter().all(|step| is_in(seen, step)))
                    .cloned()
                    .collect()
            };
            for seen in of_all(|step| &step.went) {
                let key = aliases.first(&seen.fingerprint);
                for life in open.remove(&key).unwrap_or_default() {
                    history.lives[life].went = Some(index);
                }
            }
            for finding in of_all(|step| &step.came) {
                let key = aliases.first(&finding.fingerprint);
                open.entry(key).or_default().push(history.lives.len());
                history.lives.push(Life {
                    finding,
                    came: index,
                    went: None,
                });
            }
        }
        history.count();
        history
    }

    fn count(&mut self) {
        let mut pairs: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut routes: BTreeMap<String, usize> = BTreeMap::new();
        let mut needed: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for life in &self.lives {
            if life.finding.severity != Severity::Error {
                continue;
            }
            for other in &life.finding.breaks {
                let pair = (life.finding.path.clone(), other.clone());
                *pairs.entry(pair).or_default() += 1;
            }
            for route in &life.finding.routes {
                *routes.entry(route.clone()).or_default() += 1;
            }
            if let Some(went) = life.went {
                needed.entry(life.came).or_default().insert(went);
            }
        }
        self.pairs = most_first(pairs);
        self.routes = most_first(routes);
        self.needed = needed.into_iter().collect();
    }
}

/// The highest count first; where counts are the same, in order.
fn most_first<K: Ord>(counts: BTreeMap<K, usize>) -> Vec<(K, usize)> {
    let mut sorted: Vec<(K, usize)> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, count)| Reverse(*count));
    sorted
}

/// The commits of part `number` (from 1) of `count` parts: neighbours stay together.
#[must_use]
pub fn shard<T>(all: &[T], (number, count): (usize, usize)) -> &[T] {
    // Whatever numbers somebody wrote: the product need not fit.
    let at = |part: usize| (all.len() as u128 * part as u128 / count as u128) as usize;
    &all[at(number - 1)..at(number)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(fingerprint: &str) -> Seen {
        Seen {
            fingerprint: fingerprint.to_owned(),
            rule: "unexpected-keyword",
            severity: Severity::Error,
            path: "gateway.py".to_owned(),
            line: 1,
            message: String::new(),
            routes: vec!["CACHE/get".to_owned()],
            breaks: vec!["core.py".to_owned()],
        }
    }

    fn step(commit: &str, parent: &str, came: &[&str], went: &[&str]) -> Step {
        Step {
            version: 1,
            commit: commit.to_owned(),
            parent: Some(parent.to_owned()),
            author: "A".to_owned(),
            date: "2025-09-22".to_owned(),
            time: 0,
            subject: String::new(),
            findings: 0,
            came: came.iter().copied().map(seen).collect(),
            went: went.iter().copied().map(seen).collect(),
            became: Vec::new(),
            error: None,
        }
    }

    #[test]
    fn a_finding_lives_until_it_goes_whatever_it_is_called_meanwhile() {
        let mut steps = [
            step("a", "0", &["x"], &[]),
            step("b", "a", &[], &[]),
            step("c", "b", &[], &["y"]),
        ];
        steps[1].became.push(("x".to_owned(), "y".to_owned()));
        let history = History::of(&steps);
        assert_eq!(history.lives.len(), 1);
        assert_eq!((history.lives[0].came, history.lives[0].went), (0, Some(2)));
        assert_eq!(history.needed, [(0, BTreeSet::from([2]))]);
        assert_eq!(history.pairs[0].1, 1);
    }

    #[test]
    fn a_merge_brings_only_what_no_parent_has() {
        let steps = [
            step("m", "a", &["x", "z"], &[]),
            step("m", "b", &["z"], &[]),
        ];
        let history = History::of(&steps);
        assert_eq!((history.commits.len(), history.steps), (1, 2));
        let came: Vec<&str> = history
            .lives
            .iter()
            .map(|life| &*life.finding.fingerprint)
            .collect();
        assert_eq!(came, ["z"]);
    }

    #[test]
    fn shards_add_up() {
        let all: Vec<u32> = (0..10).collect();
        let parts: Vec<u32> = (1..=3)
            .flat_map(|part| shard(&all, (part, 3)).to_vec())
            .collect();
        assert_eq!(parts, all);
        assert_eq!(shard(&all, (usize::MAX, usize::MAX)), &all[9..]);
        assert_eq!(shard(&all, (1, usize::MAX)), &[] as &[u32]);
    }
}
