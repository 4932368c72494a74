//! What may meet a changed definition and could not be followed: in which mixed state it would break, nobody can tell.
//!
//! A definition matters if some call binds to one version of it and not to the other, or arrives otherwise. A site matters if it stands in another
//! file, may reach the definition, and what it passes is taken by the version that it was written for and not by the other one.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bind::{self, Shape, Signature};
use crate::eval::contract::{Access, Effect, Function, OpenCall, Use};
use crate::facts::Place;
use crate::name::Name;

use super::calls::{mode_of_access, seen};
use super::hazard::rebinds;
use super::{Change, Kind, Mode, Side, Version, World};

/// Why a site could not be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unfollowed {
    /// A call of something unknown, by the definition's name.
    Call,
    /// An attribute of something unknown, by the definition's name.
    Attribute,
    /// The definition is given to something unknown, which may call it.
    HandedOver,
    /// The definition is put into a container, and no call out of it was found.
    Kept,
    /// The definition's name is written in a text.
    Text,
    /// It sends to a task through a queue: what the old version sent meets the new one, and the other way round.
    Queued,
    /// It unpacks what the definition returns, and the other version returns another number of values.
    Unpacked,
    /// It was followed, and a test or a handler on the way may keep it from failing.
    MayFail,
}

/// A site that may reach a changed definition, and would break if it meets the other version of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undecided {
    /// Which version of its file the site stands in: it breaks where the definition is of the other one.
    pub version: Version,
    /// The site.
    pub site: Use,
    /// Why it could not be followed.
    pub why: Unfollowed,
    /// The definition, dotted.
    pub definition: String,
    /// Which tree `place` is in: that of the site, unless the definition is not there.
    pub defined_in: Version,
    /// Where the definition stands.
    pub place: Place,
}

/// A definition that differs between the trees.
struct Definition<'a> {
    /// The name that calls are written with.
    name: Name,
    /// In the deployed tree and in the candidate.
    sides: [Option<Known<'a>>; 2],
    /// Over all calls.
    mode: Mode,
    /// From which positional on arguments arrive somewhere else.
    rebinds: Option<usize>,
    /// Whether what it gives or how it is reached differs, so that no call fits both.
    is_other: bool,
    /// Whether its decorators made something unknown of it.
    is_opaque: bool,
}

/// One version of a definition.
struct Known<'a> {
    dotted: &'a str,
    place: Place,
    /// What it takes, as far as that is known.
    signature: Option<Signature>,
    function: Option<&'a Function>,
}

impl<'a> Known<'a> {
    fn of(function: &'a Function) -> Self {
        Self {
            dotted: constructed(&function.name),
            place: function.place,
            signature: Some(seen(function)),
            function: Some(function),
        }
    }
}

impl Definition<'_> {
    fn side(&self, version: Version) -> Option<&Known<'_>> {
        self.sides[version as usize].as_ref()
    }

    /// Whether a call of one version of the code may break where it meets the definition's other version. No shape: it may pass anything.
    fn breaks(&self, version: Version, shape: Option<&Shape>) -> bool {
        let Some(own) = self.side(version) else {
            return false;
        };
        let takes = |known: &Known| match (&known.signature, shape) {
            (Some(signature), Some(shape)) => bind::bind(signature, shape).is_ok(),
            _ => true,
        };
        if !takes(own) {
            return false;
        }
        let Some(other) = self.side(other(version)) else {
            return true;
        };
        let is_closed = |shape: &&Shape| !shape.more_positionals && !shape.more_keywords;
        match shape.filter(is_closed) {
            _ if self.is_other => true,
            Some(shape) => {
                let is_moved = |at: usize| shape.positionals as usize > at;
                !takes(other) || self.rebinds.is_some_and(is_moved)
            }
            None => {
                let mode = match version {
                    Version::Deployed => self.mode.breaks_old_callers(),
                    Version::Candidate => self.mode.breaks_new_callers(),
                };
                mode || self.rebinds.is_some()
            }
        }
    }

    /// Whether both trees have it.
    fn is_in_both(&self) -> bool {
        self.sides.iter().all(Option::is_some)
    }
}

/// What tells a site from the others of its file in either version: the code that it stands in, and its text.
type Written<'a> = (&'a str, String, String);

/// Lists what may meet a changed definition and could not be followed, sorted by path and position. `changes` are those of [`super::compare`].
#[must_use]
pub fn undecided(old: &Side, new: &Side, changes: &[Change]) -> Vec<Undecided> {
    let world = World::new(old, new);
    let definitions = world.changed_definitions();
    let mut found = Vec::new();
    for version in [Version::Deployed, Version::Candidate] {
        let in_other = world.written(other(version));
        let mut sites = world.open_sites(version, &definitions);
        sites.extend(world.member_sites(version, changes));
        // What both versions write is one site; where both definitions are there, the deployed one stands for it.
        sites.retain(|found| {
            let site = world.written_as(version, &found.undecided.site);
            !in_other.contains(&site) || (version == Version::Deployed && found.counts_in_both)
        });
        found.extend(sites.into_iter().map(|found| found.undecided));
    }
    found.extend(may_fail(changes));
    found.extend(world.unpacked());
    let place = |found: &Undecided| world.path(found.version, found.site.place.file);
    found.retain(|found| place(found) != world.path(found.defined_in, found.place.file));
    found.sort_by(|a, b| (place(a), a).cmp(&(place(b), b)));
    found.dedup();
    found
}

/// A site, and whether it counts although both trees have it.
struct Found {
    undecided: Undecided,
    counts_in_both: bool,
}

impl<'a> World<'a> {
    /// The functions, methods and classes for which it matters which version a call meets.
    fn changed_definitions(&self) -> Vec<Definition<'a>> {
        let (old, new) = (&self.old.contract, &self.new.contract);
        let mut found: Vec<Definition> = Vec::new();
        for (before, after) in self.paired_functions() {
            if constructed(&before.name) == constructed(&after.name) {
                found.extend(changed(before, after));
            } else {
                found.extend(alone(Known::of(before), Version::Deployed));
                found.extend(alone(Known::of(after), Version::Candidate));
            }
        }
        for (version, side, functions, classes) in [
            (
                Version::Deployed,
                old,
                &self.pairs.functions_removed,
                &self.pairs.classes_removed,
            ),
            (
                Version::Candidate,
                new,
                &self.pairs.functions_added,
                &self.pairs.classes_added,
            ),
        ] {
            let functions = functions.iter().map(|&at| &side.functions[at]);
            let functions = functions.filter(|function| !function.is_half_written);
            found.extend(functions.filter_map(|function| alone(Known::of(function), version)));
            let classes = classes.iter().map(|&at| &side.classes[at]);
            let classes = classes.map(|class| Known {
                dotted: &class.name,
                place: class.place,
                signature: None,
                function: None,
            });
            found.extend(classes.filter_map(|class| alone(class, version)));
        }
        found
    }

    /// What was not followed in one tree and may reach one of the definitions, where it would break.
    fn open_sites(&self, version: Version, definitions: &[Definition]) -> Vec<Found> {
        let contract = self.side(version).contract;
        let mut by_name: FxHashMap<Name, Vec<&Definition>> = FxHashMap::default();
        let mut by_dotted: FxHashMap<&str, Vec<&Definition>> = FxHashMap::default();
        for definition in definitions {
            if let Some(known) = definition.side(version) {
                by_name.entry(definition.name).or_default().push(definition);
                by_dotted.entry(known.dotted).or_default().push(definition);
            }
        }
        let named = |name: Option<Name>| {
            let found = name.and_then(|name| by_name.get(&name));
            found.into_iter().flatten().copied()
        };
        let mut found = Vec::new();
        for call in &contract.open_calls {
            let direct = named(Some(call.name)).filter(|known| may_reach(known, version, call));
            let direct = direct.filter(|known| known.breaks(version, Some(&call.shape)));
            // `task.delay(..)`: what a decorator made of the function knows best what it does with this.
            let through = named(call.of).filter(|known| known.is_opaque);
            let through = through.filter(|known| known.breaks(version, None));
            for definition in direct.chain(through) {
                let is_likely = !call.is_of_builtins;
                let both = is_likely && definition.is_in_both();
                found.extend(definition.found(version, &call.site, Unfollowed::Call, both));
            }
        }
        for escape in &contract.escapes {
            let definitions = by_dotted.get(constructed(&escape.function));
            for definition in definitions.into_iter().flatten() {
                let is_followed = escape.is_kept && self.is_called_otherwise(version, definition);
                if !is_followed && definition.breaks(version, None) {
                    let why = if escape.is_queued {
                        Unfollowed::Queued
                    } else if escape.is_kept {
                        Unfollowed::Kept
                    } else {
                        Unfollowed::HandedOver
                    };
                    found.extend(definition.found(version, &escape.site, why, true));
                }
            }
        }
        for (dotted, definitions) in &by_dotted {
            for site in contract.texts.get(*dotted).into_iter().flatten() {
                let broken = definitions
                    .iter()
                    .filter(|known| known.breaks(version, None));
                found.extend(
                    broken.filter_map(|known| known.found(version, site, Unfollowed::Text, true)),
                );
            }
        }
        found
    }

    /// Whether a call that does not name a definition was found to reach it, so that what holds it was followed.
    fn is_called_otherwise(&self, version: Version, definition: &Definition) -> bool {
        let function = definition.side(version).and_then(|known| known.function);
        let mut calls = function.into_iter().flat_map(|function| &function.calls);
        calls.any(|call| {
            let text = self.text(version, call.place.file, call.place.range);
            let called = text.split('(').next().unwrap_or_default();
            !called.ends_with(definition.name.as_str())
        })
    }

    /// Calls that unpack as many values as one version of what they call returns, where the other one returns more or fewer.
    fn unpacked(&self) -> Vec<Undecided> {
        let mut found = Vec::new();
        for (old, new) in self.paired_functions() {
            let counts = old.returns.zip(new.returns);
            let Some((before, after)) = counts.filter(|(before, after)| before != after) else {
                continue;
            };
            let sides = [
                (Version::Deployed, old, before),
                (Version::Candidate, new, after),
            ];
            for (version, function, count) in sides {
                let calls = function.calls.iter();
                let calls = calls.filter(|call| call.unpacked == Some(count));
                found.extend(calls.map(|call| Undecided {
                    version,
                    site: Use {
                        function: call.function.clone(),
                        place: call.place,
                    },
                    why: Unfollowed::Unpacked,
                    definition: function.name.clone(),
                    defined_in: version,
                    place: function.place,
                }));
            }
        }
        found
    }

    /// Attributes of something unknown that have the name of an enum's member which one tree lacks.
    fn member_sites(&self, version: Version, changes: &[Change]) -> Vec<Found> {
        let attributes = &self.side(version).contract.attributes;
        let mut found = Vec::new();
        for change in changes {
            let name = match (change.kind, version) {
                (Kind::MemberRemoved | Kind::MemberRenamed, Version::Deployed)
                | (Kind::MemberAdded, Version::Candidate) => change.subjects.first(),
                (Kind::MemberRenamed, Version::Candidate) => change.subjects.last(),
                _ => None,
            };
            let Some(name) = name else {
                continue;
            };
            for site in attributes.get(&Name::new(name)).into_iter().flatten() {
                found.push(Found {
                    undecided: Undecided {
                        version,
                        site: site.clone(),
                        why: Unfollowed::Attribute,
                        definition: format!("{}.{name}", change.function),
                        defined_in: change.version,
                        place: change.place,
                    },
                    counts_in_both: true,
                });
            }
        }
        found
    }

    /// The sites of one tree that were not followed.
    fn written(&self, version: Version) -> FxHashSet<Written<'a>> {
        let contract = self.side(version).contract;
        let calls = contract.open_calls.iter().map(|call| &call.site);
        let escapes = contract.escapes.iter().map(|escape| &escape.site);
        let texts = contract.texts.values().flatten();
        let attributes = contract.attributes.values().flatten();
        let all = calls.chain(escapes).chain(texts).chain(attributes);
        all.map(|site| self.written_as(version, site)).collect()
    }

    fn written_as(&self, version: Version, site: &Use) -> Written<'a> {
        let Place { file, range } = site.place;
        (
            self.path(version, file),
            site.function.clone(),
            self.text(version, file, range),
        )
    }
}

impl Definition<'_> {
    fn found(
        &self,
        version: Version,
        site: &Use,
        why: Unfollowed,
        counts_in_both: bool,
    ) -> Option<Found> {
        let known = self.side(version)?;
        Some(Found {
            undecided: Undecided {
                version,
                site: site.clone(),
                why,
                definition: known.dotted.to_owned(),
                defined_in: version,
                place: known.place,
            },
            counts_in_both,
        })
    }
}

/// Whether a call that is written like this may be one of the definition: a method is an attribute of something.
fn may_reach(definition: &Definition, version: Version, call: &OpenCall) -> bool {
    let function = definition.side(version).and_then(|known| known.function);
    let is_attribute = call.is_attribute;
    function.is_none_or(|function| match function.access {
        Access::Instance | Access::Static | Access::Class => is_attribute,
        Access::Property => false,
        Access::Plain | Access::Constructor => true,
    })
}

/// A definition of both trees, if it matters which one a call meets.
fn changed<'a>(old: &'a Function, new: &'a Function) -> Option<Definition<'a>> {
    let name = called(constructed(&new.name))?;
    let (before, after) = (Known::of(old), Known::of(new));
    let (from, to) = (before.signature.as_ref()?, after.signature.as_ref()?);
    let is_other = old.gives != new.gives;
    let mode = if is_other {
        Mode::None
    } else if old.access == new.access {
        Mode::between(from, to)
    } else {
        mode_of_access(old, new)
    };
    let rebinds = rebinds(from, to).map(|(at, ..)| at);
    let is_opaque = [old, new].iter().any(|side| side.effect == Effect::Unknown);
    (mode != Mode::Full || rebinds.is_some()).then(|| Definition {
        name,
        sides: [Some(before), Some(after)],
        mode,
        rebinds,
        is_other: is_other || old.access != new.access,
        is_opaque,
    })
}

/// A definition that only one tree has.
fn alone(known: Known, version: Version) -> Option<Definition> {
    let name = called(known.dotted)?;
    let is_opaque = known
        .function
        .is_some_and(|function| function.effect == Effect::Unknown);
    let mode = match version {
        Version::Deployed => Mode::Forward,
        Version::Candidate => Mode::Backward,
    };
    let mut sides = [None, None];
    sides[version as usize] = Some(known);
    Some(Definition {
        name,
        sides,
        mode,
        rebinds: None,
        is_other: false,
        is_opaque,
    })
}

/// Calls that were followed and break with the other version of what they call, certainly or not.
fn may_fail(changes: &[Change]) -> impl Iterator<Item = Undecided> {
    // A name that is not there is no matter of tests and handlers: imports and look-ups say so by themselves.
    let of_callee = |change: &&Change| {
        matches!(
            change.kind,
            Kind::ParameterAdded
                | Kind::ParameterRemoved
                | Kind::ParameterRenamed
                | Kind::ParameterMoved
                | Kind::ParameterKind
                | Kind::ParameterRequired
                | Kind::DefaultAdded
                | Kind::VarPositionalAdded
                | Kind::VarPositionalRemoved
                | Kind::VarKeywordAdded
                | Kind::VarKeywordRemoved
                | Kind::AsyncChanged
                | Kind::BindingChanged
                | Kind::DecoratorChanged
        )
    };
    changes.iter().filter(of_callee).flat_map(|change| {
        let broken = change.callers.iter().filter(|caller| caller.breaks);
        broken.map(|caller| Undecided {
            version: caller.version,
            site: Use {
                function: caller.function.clone(),
                place: caller.place,
            },
            why: Unfollowed::MayFail,
            definition: change.function.clone(),
            defined_in: change.version,
            place: change.place,
        })
    })
}

/// The name that calls of a definition are written with; none for what has none outside of the function that makes it.
fn called(dotted: &str) -> Option<Name> {
    let is_inside = dotted.contains("<locals>");
    let last = dotted.rsplit('.').next()?;
    (!is_inside).then(|| Name::new(last))
}

/// A constructor goes by the name of its class.
fn constructed(name: &str) -> &str {
    name.strip_suffix(".__init__").unwrap_or(name)
}

const fn other(version: Version) -> Version {
    match version {
        Version::Deployed => Version::Candidate,
        Version::Candidate => Version::Deployed,
    }
}
