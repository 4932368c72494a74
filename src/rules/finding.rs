//! A finding: one cause, with all that it breaks.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::environment::Moved;
use crate::facts::{Certainty, Confidence, Frame, Place, RouteKey, Symbol};
use crate::rules::baseline::Basis;
use crate::rules::{Matter, Rule, Severity};
use crate::source::{Position, Tree};

/// A place in lines and columns, as people and machine formats count them; the end is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Where it begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
}

/// Lines and columns of a place of the tree.
#[must_use]
pub fn span(tree: &Tree, place: Place) -> Span {
    let text = &tree.file(place.file).text;
    Span {
        start: text.position(place.range.start),
        end: text.position(place.range.end),
    }
}

/// What a rule reports: data, which each report format shows in its way.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The rule's severity, or the configuration's, lowered where nothing proves the failure.
    pub severity: Severity,
    /// How sure it is. What only may fail is an info, and shown on demand.
    pub confidence: Confidence,
    /// Why it is sure, or not.
    pub certainty: Certainty,
    /// Whether the deployed tree has it too.
    pub status: Status,
    /// One line; text of the analysed code stands in it as it is, and is escaped by the formats.
    pub message: String,
    /// The file, relative to the tree's root, with `/`.
    pub path: Arc<str>,
    /// What has to change: the keyword, the call, the import. None for a file that cannot be read at all.
    pub place: Option<Place>,
    /// The routes that it breaks, sorted, each once.
    pub routes: Vec<RouteKey>,
    /// The callee that refuses on the first route.
    pub callee: Option<Symbol>,
    /// The exception of the first route, in `CPython`'s words.
    pub witness: Option<String>,
    /// The first route's calls, from the outermost to the frame that raises.
    pub chain: Vec<Frame>,
    /// Other places that matter.
    pub related: Vec<Related>,
    /// What to do about it.
    pub help: Option<String>,
    /// Sixteen hexadecimal digits: the same in every run, whatever the lines do; unique in a report.
    pub fingerprint: String,
    /// One per (rule, subject, function, callee, route), sorted, each once: what the fingerprint is made of, and
    /// what a later tree must not exceed if this finding is to stay the same.
    pub(super) atoms: Vec<u64>,
    /// The same in names, which a baseline keeps.
    pub basis: Basis,
    /// What it is about, for whoever mends it.
    pub matter: Matter,
    /// The distributions with whose upgrade it came; none if it did not come with one, or where no other environment is known.
    pub upgrades: Vec<Moved>,
}

/// What tells a finding from others, whatever the lines do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// See [`Finding::fingerprint`].
    pub fingerprint: String,
    /// See [`Finding::atoms`].
    pub atoms: Vec<u64>,
}

impl Finding {
    /// What tells it from others.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity {
            fingerprint: self.fingerprint.clone(),
            atoms: self.atoms.clone(),
        }
    }

    /// Says with which distributions' upgrade it came.
    pub fn came_with(&mut self, moved: Vec<Moved>) {
        let all: Vec<String> = moved.iter().map(ToString::to_string).collect();
        if !all.is_empty() {
            self.message.push_str("; came with ");
            self.message.push_str(&all.join(", "));
        }
        self.upgrades = moved;
    }

    /// Whether it fails whenever it is reached. What only may fail never makes a run fail.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.confidence == Confidence::Must
    }

    /// Whether what raises is what has to change.
    #[must_use]
    pub fn is_where_it_raises(&self) -> bool {
        raises_at(&self.chain, self.place)
    }

    /// What the finding consists of, one number for each failure whatever the lines do, sorted: see [`crate::rules::atom_of`].
    #[must_use]
    pub fn atoms(&self) -> &[u64] {
        &self.atoms
    }

    /// Lines and columns of the finding; the first position of a file that cannot be read.
    #[must_use]
    pub fn span(&self, tree: &Tree) -> Span {
        let first = Position { line: 1, column: 1 };
        self.place.map_or(
            Span {
                start: first,
                end: first,
            },
            |place| span(tree, place),
        )
    }
}

/// Another place that matters to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there.
    pub message: String,
    /// Whether it belongs to another route than the one that the chain tells: one callee more that refuses.
    pub aside: bool,
}

/// Whether the deployed tree, checked by itself, has the finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It has not, or there is no deployed tree.
    New,
    /// It has.
    Existing,
}

/// Whether a chain ends at this place.
pub(super) fn raises_at(chain: &[Frame], place: Option<Place>) -> bool {
    let raises = chain.last().map(|frame| frame.place);
    raises.is_some() && raises == place
}
