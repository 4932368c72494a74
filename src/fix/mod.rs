//! Fixes: from a finding to edits that mend it.
//!
//! Rules state facts ([`crate::rules::Matter`]); what to edit is decided here, one file for each kind of edit. A proposal may be wrong: it counts only after
//! [`mend`] has tried it. The edited tree is judged again, in memory, and the edit stays if its finding is gone and no other came.
//!
//! A fix is **safe** if it changes nothing for the calls that work, and gives the one that fails what the code already says: a parameter whose name the
//! body reads, the keyword that is nearly the one that is there, what the deployed version passes, the one module that has the name. All others are
//! **unsafe**: above all those that take an argument away.

mod arguments;
mod code;
mod deployed;
mod engine;
mod ignores;
mod imports;
mod keyword;
mod names;
mod signature;
mod text;

pub use code::Code;
pub use engine::{Job, Mended, mend};

use crate::facts::{FailureKind, FileId};
use crate::rules::{Finding, Matter};

/// An edit of one file: bytes of its text, and what stands there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub file: FileId,
    /// The first byte, and the one past the last.
    pub range: (u32, u32),
    /// What is there instead.
    pub text: String,
}

/// Whether a fix may be applied without a look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// It does what the code already says.
    Safe,
    /// It may not be what was meant.
    Unsafe,
}

/// What might mend a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What it does, for people: ``rename the keyword `tll` to `ttl` ``.
    pub what: String,
    /// Whether it may be applied without a look at it.
    pub safety: Safety,
    /// All of what it changes.
    pub edits: Vec<Edit>,
}

impl Fix {
    fn safe(what: String, edits: Vec<Edit>) -> Self {
        Self {
            what,
            safety: Safety::Safe,
            edits,
        }
    }

    fn doubtful(what: String, edits: Vec<Edit>) -> Self {
        Self {
            what,
            safety: Safety::Unsafe,
            edits,
        }
    }

    fn new(is_safe: bool, what: String, edits: Vec<Edit>) -> Self {
        if is_safe {
            Self::safe(what, edits)
        } else {
            Self::doubtful(what, edits)
        }
    }
}

/// What might mend the finding: the safe ones first, and of these the best first.
#[must_use]
pub fn proposals(code: &Code, finding: &Finding) -> Vec<Fix> {
    let Some(place) = finding.place else {
        return Vec::new();
    };
    let broken = match &finding.matter {
        Matter::Other => return Vec::new(),
        Matter::DeadIgnore(rule) => {
            return ignores::remove(code, place, rule).into_iter().collect();
        }
        Matter::Broken(broken) => broken,
    };
    let mut fixes = match broken.kind {
        FailureKind::UnexpectedKeyword => keyword::fixes(code, place, broken),
        FailureKind::MissingArgument => arguments::missing(code, place, broken),
        FailureKind::TooManyPositionals => arguments::surplus(code, place, broken),
        FailureKind::UndefinedName => names::undefined(code, place, broken),
        FailureKind::MissingName => imports::name(code, place, broken),
        FailureKind::GuardedImport => {
            let of_name = imports::name(code, place, broken);
            of_name
                .into_iter()
                .chain(imports::module(code, place, broken))
                .collect()
        }
        FailureKind::MissingModule => imports::module(code, place, broken),
        FailureKind::MissingAttribute => names::attribute(code, place, broken),
        FailureKind::MissingTarget => names::target(code, place, broken),
        FailureKind::UnknownOperation => names::near(code, place, broken).into_iter().collect(),
        _ => Vec::new(),
    };
    fixes.retain(|fix| !fix.edits.is_empty());
    fixes.sort_by_key(|fix| fix.safety);
    fixes
}
