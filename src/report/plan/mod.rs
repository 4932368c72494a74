//! The plan: which files ship in which order, and why. One file per format.

mod full;
mod graph;
pub(super) mod json;
mod markdown;
mod undecided;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::change::{self, Version};
use crate::eval::contract::Use;
use crate::report::Tally;
use crate::report::escape::plain;
use crate::report::summary::{count, not_shown};
use crate::rules::Finding;
use crate::skew::{Change, Changes};
use crate::source::Tree;

pub(super) use full::told;
pub(super) use undecided::{advice, site};

pub use full::full;
pub use graph::{dot, mermaid};
pub use json::json;
pub use markdown::markdown;

/// What a plan comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The versions do not differ.
    NothingToShip,
    /// No order breaks anything.
    AnyOrder,
    /// In steps, one after the other.
    Ordered,
    /// All at once.
    Together,
    /// The candidate itself has an error that the deployed version has not.
    Broken,
}

impl Verdict {
    /// The word in every format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NothingToShip => "nothing-to-ship",
            Self::AnyOrder => "any-order",
            Self::Ordered => "ordered",
            Self::Together => "together",
            Self::Broken => "broken",
        }
    }
}

/// Why some files must not be new while others are old.
pub struct Reason<'a> {
    /// The files that are new.
    pub new: Vec<Arc<str>>,
    /// The files that are old.
    pub old: Vec<Arc<str>>,
    /// The first step, from 0, that ships one of the old ones.
    pub first: usize,
    /// The step, from 0, that ships the last of the new ones: `first` or a later one.
    pub last: usize,
    /// What fails then.
    pub finding: &'a Finding,
    /// The mixed state in which it was found.
    pub tree: &'a Tree,
}

/// A site that may meet a changed definition and could not be followed.
pub struct Undecided {
    /// The site and the definition.
    pub what: change::Undecided,
    /// The files that ship together to be on the safe side; none if no order helps.
    pub together: Vec<Arc<str>>,
    /// Whether the steps are safe even if the site reaches the definition.
    pub is_met: bool,
}

/// Which way the plan goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the deployed version to the candidate.
    Forward,
    /// Back from the deployed version to an earlier one.
    Back,
}

/// What the next deploy's tag is called and says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextTag {
    /// The name, in the scheme of the repository's own tags.
    pub name: String,
    /// The tag whose scheme it is.
    pub after: String,
}

/// What changed in the contract of one file, in one line each.
pub type Contract = Vec<(Arc<str>, Vec<String>)>;

/// The part of a candidate that a plan is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The changed files that were asked about, or that always move with them.
    pub asked: Vec<Arc<str>>,
    /// Those that have to ship with them besides.
    pub needed: Vec<Arc<str>>,
}

impl Part {
    /// Behind the candidate's name.
    fn words(&self) -> String {
        let needs = !self.needed.is_empty();
        match (&self.asked[..], needs) {
            ([], _) => ", of which nothing changed ships".to_owned(),
            ([file], false) => format!(", of which only {} ships", plain(file)),
            ([file], true) => format!(", of which only {} and what it needs ship", plain(file)),
            (files, false) => format!(", of which only {} changed files ship", files.len()),
            (files, true) => format!(
                ", of which only {} changed files and what they need ship",
                files.len()
            ),
        }
    }
}

/// A plan as it is reported.
pub struct Plan<'a> {
    /// What is about to be deployed; on the way back, the version that is gone back to.
    pub candidate: &'a Tree,
    /// What runs now.
    pub against: &'a Tree,
    /// Which way it goes.
    pub direction: Direction,
    /// What differs.
    pub changes: &'a Changes<'a>,
    /// What it comes to.
    pub verdict: Verdict,
    /// The files of each step.
    pub steps: Vec<Vec<Arc<str>>>,
    /// Why the steps are in this order.
    pub reasons: Vec<Reason<'a>>,
    /// Whether no finer plan is safe, and everything that could ask for another order was followed.
    pub exact: bool,
    /// Whether no finer plan is safe as far as calls were followed.
    pub is_finest: bool,
    /// What could not be followed and may break in a state between the steps, by path and position.
    pub undecided: Vec<Undecided>,
    /// The candidate's own new errors, which every step had to accept.
    pub errors: Vec<&'a Finding>,
    /// Those that are not reported: in the baseline, or waived.
    pub tally: Tally,
    /// How TREE and SPEC are written on a command line: `src --against v1.4`.
    pub arguments: String,
    /// The next tag, where the repository has tags to go by.
    pub tag: Option<NextTag>,
    /// What changed in the contract, per file.
    pub contract: Contract,
    /// The part of the candidate that it is for; None for all of it.
    pub part: Option<Part>,
    /// Whether reports for people leave out the first line.
    pub quiet: bool,
}

impl Plan<'_> {
    /// The verdict as a sentence.
    pub(super) fn sentence(&self) -> String {
        let files = count(self.changes.files.len(), "changed file");
        let steps = count(self.steps.len(), "step");
        let rest = match self.verdict {
            Verdict::NothingToShip if self.part.is_some() => {
                "what was named does not differ".to_owned()
            }
            Verdict::NothingToShip => "the versions do not differ".to_owned(),
            Verdict::AnyOrder if self.part.is_some() && self.changes.files.len() == 1 => {
                "the file that was named can ship as it is, without the others".to_owned()
            }
            Verdict::AnyOrder if self.changes.files.len() == 1 => {
                "the one changed file can ship as it is".to_owned()
            }
            Verdict::AnyOrder => format!("{files} can ship one by one, in any order"),
            Verdict::Ordered => format!("{files}, to be shipped in {steps}"),
            Verdict::Together => format!("{files}, to be shipped at once"),
            Verdict::Broken => format!(
                "{} has {} that the deployed version has not",
                match self.direction {
                    Direction::Forward if self.part.is_some() => "what ships",
                    Direction::Forward => "the candidate itself",
                    Direction::Back => "the earlier version itself",
                },
                count(self.errors.len(), "error")
            ),
        };
        let coarse = if self.is_finest {
            ""
        } else {
            "; a finer order may be possible"
        };
        let sites = self.undecided.iter().map(|undecided| &undecided.what.site);
        let sites: BTreeSet<&Use> = sites.collect();
        let open = match sites.len() {
            0 => String::new(),
            sites => format!("; {} could not be decided", count(sites, "use")),
        };
        let needed = self.part.as_ref().map_or(&[][..], |part| &part.needed);
        let needed = match needed {
            [] => String::new(),
            files => format!("; needed besides: {}", plain(&files.join(", "))),
        };
        format!("{rest}{needed}{coarse}{open}{}", not_shown(&self.tally))
    }

    /// How the same plan is asked for again: what follows `coship plan`.
    pub(super) fn asked(&self) -> String {
        let files = self.part.iter().flat_map(|part| &part.asked);
        files.fold(self.arguments.clone(), |all, file| {
            format!("{all} {}", shell(file))
        })
    }

    /// The tree that a version of the code is in.
    fn tree(&self, version: Version) -> &Tree {
        match version {
            Version::Deployed => self.against,
            Version::Candidate => self.candidate,
        }
    }

    /// The reasons for a step to be where and what it is.
    pub(super) fn reasons_of(&self, step: usize) -> impl Iterator<Item = &Reason<'_>> {
        self.reasons
            .iter()
            .filter(move |reason| reason.last == step)
    }

    /// How a file changed, as a mark behind its name; nothing for an ordinary change.
    pub(super) fn mark(&self, path: &str) -> &'static str {
        let file = self.changes.files.iter().find(|file| *file.path == *path);
        match file.map(|file| file.change) {
            Some(Change::Added) => " (added)",
            Some(Change::Removed) => " (removed)",
            _ => "",
        }
    }
}

fn names(files: &[Arc<str>]) -> Vec<&str> {
    files.iter().map(AsRef::as_ref).collect()
}

/// A word of a shell's command line, in quotes where that is needed.
#[must_use]
pub fn shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,^~".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) && !word.starts_with('-') {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
