//! The contract's difference between two trees: what functions accept, what they send on, which names there are.
//!
//! Both directions of a change are judged: an old caller that meets the new code, and a new caller that meets the old. `mode` decides
//! that over all calls, `calls` for those that exist.

mod calls;
mod classes;
mod deprecation;
mod edit;
mod functions;
mod hazard;
mod keys;
mod labels;
mod mode;
mod modules;
mod names;
mod overrides;
mod pair;
mod sends;
mod silent;
mod tables;
mod undecided;

pub use edit::{Aspect, Edit, Matching, apply, reversed};
pub use hazard::{Arrival, captures, rebinds};
pub use mode::{Example, Mode, both_take, refused};
pub use undecided::{Undecided, Unfollowed, undecided};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::eval::contract::{Contract, Function};
use crate::facts::{Facts, FileId, Place, RouteKey};
use crate::name::Name;
use crate::source::Tree;
use crate::syntax::ir::Range;

use pair::Pairs;

/// One of the two trees, with what evaluation made of it.
pub struct Side<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// Its facts.
    pub facts: &'a Facts,
    /// Its contract.
    pub contract: &'a Contract,
}

/// Which tree something stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Version {
    /// What runs now.
    Deployed,
    /// What is about to be deployed.
    Candidate,
}

/// What changed. The rules of family CS3 have the same names.
#[allow(
    missing_docs,
    reason = "each is the rule of the same name, whose page explains it"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    ParameterAdded,
    ParameterRemoved,
    ParameterRenamed,
    ParameterMoved,
    ParameterKind,
    ParameterRequired,
    ParameterDeprecated,
    KeyRequired,
    KeyOptional,
    OverrideNarrowed,
    DefaultAdded,
    DefaultChanged,
    VarPositionalAdded,
    VarPositionalRemoved,
    VarKeywordAdded,
    VarKeywordRemoved,
    AsyncChanged,
    BindingChanged,
    DecoratorChanged,
    FunctionAdded,
    FunctionRemoved,
    FunctionMoved,
    ClassAdded,
    ClassRemoved,
    ClassMoved,
    ModuleAdded,
    ModuleRemoved,
    ModuleMoved,

    MemberAdded,
    MemberRemoved,
    MemberRenamed,
    MemberValueChanged,
    OperationAdded,
    OperationRemoved,
    OperationRetargeted,
    SendsMore,
    SendsLess,
    SendsRenamed,
    PositionalRebind,
    KeywordCapture,
    SwallowedKeyword,
    DefaultDrift,
}

/// A call, or another use, that a change touches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
    /// Which tree it stands in.
    pub version: Version,
    /// Where.
    pub place: Place,
    /// The function whose code it is, dotted.
    pub function: String,
    /// Whether it breaks when it meets the other version of what it uses.
    pub breaks: bool,
}

/// How a deprecation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Deprecation {
    /// The parameter is optional, and passing it warns.
    WarnsWhenPassed,
    /// The parameter is optional, and omitting it warns.
    WarnsWhenOmitted,
    /// It was optional with a warning before, and is required or gone now.
    Completed,
    /// It is required now, and no caller omits it any more.
    NoCallerOmitsIt,
    /// It is gone now, and no caller passes it any more.
    NoCallerPassesIt,
}

/// One change of the contract.
#[derive(Clone, Debug)]
pub struct Change {
    /// What changed.
    pub kind: Kind,
    /// What may ship in which order, over all calls.
    pub mode: Mode,
    /// The same for the calls that exist. A call and what it calls in one file are never of two versions.
    pub mode_for_calls: Mode,
    /// Whether a caller of the deployed version breaks, or its positionals arrive somewhere else.
    pub breaking: bool,
    /// Whether a call that exists breaks even when all of the candidate is there.
    pub always: bool,
    /// The function, class or table that changed, dotted.
    pub function: String,
    /// The parameters, keywords, operations or members in question.
    pub subjects: Vec<String>,
    /// Which tree `place` is in: the candidate, unless it is gone there.
    pub version: Version,
    /// Where it stands.
    pub place: Place,
    /// Where it stood in the deployed tree, if it did.
    pub old_place: Option<Place>,
    /// What it was, as written.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
    /// Who uses it.
    pub callers: Vec<Caller>,
    /// The routes that lead over it, sorted.
    pub routes: Vec<RouteKey>,
    /// What goes wrong without a sound.
    pub hazards: Vec<Kind>,
    /// Where a deprecation stands.
    pub deprecation: Option<Deprecation>,
    /// What kind of change it is in detail, or an exception that shows it.
    pub detail: Option<String>,
}

impl Change {
    /// A change with nothing known about it yet but what it is, and of what.
    fn new(kind: Kind, function: &str, version: Version, place: Place) -> Self {
        Self {
            kind,
            mode: Mode::Full,
            mode_for_calls: Mode::Full,
            breaking: false,
            always: false,

            function: function.to_owned(),
            subjects: Vec::new(),
            version,
            place,
            old_place: None,
            before: None,
            after: None,
            callers: Vec::new(),
            routes: Vec::new(),
            hazards: Vec::new(),
            deprecation: None,
            detail: None,
        }
    }

    /// Whether a caller that exists breaks when it meets the candidate.
    #[must_use]
    pub fn breaks_deployed_caller(&self) -> bool {
        self.mode_for_calls.breaks_old_callers() || self.always
    }
}

/// Lists every change, sorted by path and position.
#[must_use]
pub fn compare(old: &Side, new: &Side) -> Vec<Change> {
    let world = World::new(old, new);
    let mut changes = Vec::new();
    world.compare_functions(&mut changes);
    world.compare_keys(&mut changes);
    world.compare_overrides(&mut changes);
    world.compare_names(&mut changes);
    world.compare_classes(&mut changes);
    world.compare_sends(&mut changes);
    world.compare_tables(&mut changes);
    for change in &mut changes {
        change.callers.sort();
        change.callers.dedup();
        change.routes.sort();
        change.routes.dedup();
    }
    changes.sort_by(|a, b| world.position(a).cmp(&world.position(b)));
    changes
}

/// Both trees, paired.
struct World<'a> {
    old: &'a Side<'a>,
    new: &'a Side<'a>,
    pairs: Pairs,
    /// Members of enums that have another name: `Class.OLD`, `Class.NEW`.
    renamed_members: Vec<(String, String)>,
    /// The routes that lead over a function, by its dotted name.
    old_routes: FxHashMap<&'a str, Vec<&'a RouteKey>>,
    new_routes: FxHashMap<&'a str, Vec<&'a RouteKey>>,
}

impl<'a> World<'a> {
    fn new(old: &'a Side<'a>, new: &'a Side<'a>) -> Self {
        let pairs = Pairs::new(old, new);
        Self {
            old,
            new,
            renamed_members: classes::renamed_members(old, new, &pairs),
            pairs,
            old_routes: routes_of(old.facts),
            new_routes: routes_of(new.facts),
        }
    }

    /// The functions that both trees have, the deployed one first, as far as both parse: what is being typed promises nothing yet.
    fn paired_functions(&self) -> impl Iterator<Item = (&'a Function, &'a Function)> {
        let (old, new) = (&self.old.contract.functions, &self.new.contract.functions);
        let pairs = self.pairs.functions.iter();
        let both = pairs.map(|&(i, j)| (&old[i], &new[j]));
        both.filter(|(old, new)| !old.is_half_written && !new.is_half_written)
    }

    fn side(&self, version: Version) -> &'a Side<'a> {
        match version {
            Version::Deployed => self.old,
            Version::Candidate => self.new,
        }
    }

    fn position<'c>(&self, change: &'c Change) -> (&'a str, Place, Kind, &'c str, &'c [String]) {
        let path = self.path(change.version, change.place.file);
        (
            path,
            change.place,
            change.kind,
            &change.function,
            &change.subjects,
        )
    }

    fn path(&self, version: Version, file: FileId) -> &'a str {
        &self.side(version).tree.file(file).path
    }

    /// The source text of a place, in one line.
    fn text(&self, version: Version, file: FileId, range: Range) -> String {
        let text = &self.side(version).tree.file(file).text;
        let slice = text.content().get(range.start as usize..range.end as usize);
        one_line(slice.unwrap_or_default())
    }

    /// The routes that lead over a function in either tree.
    fn routes(&self, old: Option<&str>, new: Option<&str>) -> Vec<RouteKey> {
        let old = old.and_then(|name| self.old_routes.get(name));
        let new = new.and_then(|name| self.new_routes.get(name));
        let keys: FxHashSet<&RouteKey> = old.into_iter().chain(new).flatten().copied().collect();
        let mut keys: Vec<RouteKey> = keys.into_iter().cloned().collect();
        keys.sort();
        keys
    }
}

/// The routes by every function that is known to be on their way.
fn routes_of(facts: &Facts) -> FxHashMap<&str, Vec<&RouteKey>> {
    let mut found: FxHashMap<&str, Vec<&RouteKey>> = FxHashMap::default();
    for route in &facts.routes {
        let hops = [&route.router, &route.handler].into_iter().flatten();
        for symbol in hops.chain([&route.executor]).chain(&route.wrappers) {
            let known = found.entry(&symbol.name).or_default();
            if !known.contains(&&route.key) {
                known.push(&route.key);
            }
        }
    }
    found
}

/// A piece of source in one line: white space and line ends become one space, comments of the lines before are left as they are.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .replace("( ", "(")
        .replace(", )", ")")
        .replace(" )", ")")
}

/// Texts of names.
fn texts(names: impl IntoIterator<Item = Name>) -> Vec<String> {
    names.into_iter().map(|name| name.to_string()).collect()
}
