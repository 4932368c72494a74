//! What functions send on: keywords that a body adds, drops or renames, held against the next hops of either tree.
//!
//! The function is the caller here, and the callee is whatever the keyword arrives at, however many `**kwargs` later: mode `backward` says
//! that those have to ship first.

use crate::bind::{self, Keyword, Shape};
use crate::eval::contract::{Call, Function, Reach, Sent};
use crate::facts::{FileId, RouteKey};
use crate::name::Name;

use super::calls::{seen, seen_shape};
use super::{Caller, Change, Kind, Mode, Version, World};

/// What a call site sends otherwise.
enum Difference {
    More(Name),
    Less(Name),
    Renamed(Name, Name),
    Positionals(u32, u32),
}

/// What the next hops make of it.
#[derive(Default)]
struct Effect {
    /// The new body meets an old next hop that refuses.
    new_breaks: bool,
    /// The old body meets a new next hop that refuses.
    old_breaks: bool,
    /// Even both new versions do not fit.
    always: bool,
    /// Whether anything in another file is reached at all.
    reaches: bool,
    /// Who refuses, with the exception.
    refusals: Vec<(String, String)>,
    /// Who swallows it.
    swallowed: Vec<String>,
    routes: Vec<RouteKey>,
}

impl World<'_> {
    pub(super) fn compare_sends(&self, changes: &mut Vec<Change>) {
        for &(i, j) in &self.pairs.functions {
            let old = &self.old.contract.functions[i];
            let new = &self.new.contract.functions[j];
            for (before, after) in sites(&old.sends, &new.sends) {
                for difference in differences(before, after) {
                    changes.extend(self.sent(old, new, before, after, &difference));
                }
            }
        }
    }

    fn sent(
        &self,
        old: &Function,
        new: &Function,
        before: &Sent,
        after: &Sent,
        difference: &Difference,
    ) -> Option<Change> {
        let effect = match *difference {
            Difference::Less(name) => self.effect(
                Version::Deployed,
                new.place.file,
                before,
                |shape| (shape.clone(), without(shape, name)),
                Some(name),
            ),
            Difference::More(name) => self.effect(
                Version::Candidate,
                new.place.file,
                after,
                |shape| (without(shape, name), shape.clone()),
                Some(name),
            ),
            Difference::Renamed(from, to) => self.effect(
                Version::Candidate,
                new.place.file,
                after,
                |shape| (renamed(shape, to, from), shape.clone()),
                Some(to),
            ),
            Difference::Positionals(from, to) => self.effect(
                Version::Candidate,
                new.place.file,
                after,
                |shape| {
                    let count = (shape.positionals + from).saturating_sub(to);
                    (
                        Shape {
                            positionals: count,
                            ..shape.clone()
                        },
                        shape.clone(),
                    )
                },
                None,
            ),
        };
        if !effect.reaches {
            return None;
        }
        let (kind, subjects) = match *difference {
            Difference::More(name) => (Kind::SendsMore, vec![name.to_string()]),
            Difference::Less(name) => (Kind::SendsLess, vec![name.to_string()]),
            Difference::Renamed(from, to) => {
                (Kind::SendsRenamed, vec![from.to_string(), to.to_string()])
            }
            Difference::Positionals(from, to) if to > from => (Kind::SendsMore, Vec::new()),
            Difference::Positionals(..) => (Kind::SendsLess, Vec::new()),
        };
        let mut change = Change::new(kind, &new.name, Version::Candidate, new.place);
        change.place = match *difference {
            Difference::More(name) | Difference::Renamed(_, name) => {
                let written = after.adds.iter().find(|(known, _)| *known == name);
                written.map_or(after.place, |(_, place)| *place)
            }
            _ => after.place,
        };
        change.old_place = Some(before.place);
        change.subjects = subjects;
        change.before = Some(self.text(Version::Deployed, before.place.file, before.place.range));
        change.after = Some(self.text(Version::Candidate, after.place.file, after.place.range));
        change.mode = Mode::new(effect.old_breaks, effect.new_breaks);
        change.mode_for_calls = change.mode;
        change.breaking = change.mode.breaks_old_callers() || effect.always;
        change.callers = old
            .calls
            .iter()
            .map(|call| Caller {
                version: Version::Deployed,
                place: call.place,
                function: call.function.clone(),
                breaks: effect.always,
            })
            .collect();
        super::calls::merge(&mut change.callers);
        change.detail = refusals(&effect);
        if !effect.swallowed.is_empty() && kind != Kind::SendsLess {
            change.hazards.push(Kind::KeywordSwallowed);
        }
        change.routes = effect.routes;
        Some(change)
    }

    /// Holds what arrives, as the old and as the new body send it, against the old and the new next hops.
    fn effect(
        &self,
        version: Version,
        sender: FileId,
        site: &Sent,
        versions: impl Fn(&Shape) -> (Shape, Shape),
        keyword: Option<Name>,
    ) -> Effect {
        let mut effect = Effect::default();
        for reach in &site.reaches {
            let touched = match keyword {
                Some(name) => reach.keywords.contains(&name),
                None => reach.is_first,
            };
            if !touched {
                continue;
            }
            let Some((old, new)) = self.both(version, &reach.function) else {
                continue;
            };
            // What ships in one file with the sender is never of another version.
            let is_apart = self.is_apart(version, sender, reach);
            effect.reaches |= is_apart;
            let call = Call {
                function: String::new(),
                place: site.place,
                shape: reach.shape.clone(),
                is_bound: reach.is_bound,
            };
            let (sends_old, sends_new) = versions(&seen_shape(new, &call));
            let (takes_old, takes_new) = (seen(old), seen(new));
            let fault = |signature, shape: &Shape| {
                let fault = bind::bind(signature, shape).err()?;
                Some(fault.message(signature, shape))
            };
            let worked = fault(&takes_old, &sends_old).is_none();
            if !worked {
                continue;
            }
            let new_meets_old = fault(&takes_old, &sends_new);
            let old_meets_new = fault(&takes_new, &sends_old);
            let both_new = fault(&takes_new, &sends_new);
            effect.new_breaks |= is_apart && new_meets_old.is_some();
            effect.old_breaks |= is_apart && old_meets_new.is_some() && both_new.is_none();
            effect.always |= both_new.is_some();
            if let Some(message) = both_new.or(new_meets_old) {
                let known = effect
                    .refusals
                    .iter()
                    .any(|(function, _)| *function == new.name);
                if !known {
                    effect.refusals.push((new.name.clone(), message));
                }
            } else if new.ignores_keywords
                && keyword.is_some_and(|name| super::mode::by_keyword(&takes_new, name).is_none())
                && !effect.swallowed.contains(&new.name)
            {
                effect.swallowed.push(new.name.clone());
            }
            if let Some(route) = &reach.route
                && !effect.routes.contains(route)
            {
                effect.routes.push(route.clone());
            }
        }
        effect.routes.sort();
        effect.refusals.sort();
        effect.swallowed.sort();
        effect
    }

    /// A function of one tree, in both.
    fn both(&self, version: Version, name: &str) -> Option<(&Function, &Function)> {
        let (old, new) = (&self.old.contract.functions, &self.new.contract.functions);
        match version {
            Version::Candidate => {
                let i = self.pairs.old_of(name)?;
                let j = self.pairs.new_of(&old[i].name)?;
                Some((&old[i], &new[j]))
            }
            Version::Deployed => {
                let j = self.pairs.new_of(name)?;
                let i = self.pairs.old_of(&new[j].name)?;
                Some((&old[i], &new[j]))
            }
        }
    }

    fn is_apart(&self, version: Version, sender: FileId, reach: &Reach) -> bool {
        self.path(version, reach.file) != self.path(Version::Candidate, sender)
    }
}

/// Pairs call sites by what they call; what is left by the callee alone, if that is unmistakable.
fn sites<'s>(old: &'s [Sent], new: &'s [Sent]) -> Vec<(&'s Sent, &'s Sent)> {
    let mut pairs = Vec::new();
    let (mut left_old, mut left_new): (Vec<&Sent>, Vec<&Sent>) = (Vec::new(), Vec::new());
    for site in old {
        match new.iter().find(|other| other.key == site.key) {
            Some(other) => pairs.push((site, other)),
            None => left_old.push(site),
        }
    }
    left_new.extend(
        new.iter()
            .filter(|site| !old.iter().any(|other| other.key == site.key)),
    );
    let callee = |site: &Sent| site.key.split(' ').next().unwrap_or_default().to_owned();
    for site in &left_old {
        let alike = |others: &[&'s Sent]| -> Vec<&'s Sent> {
            others
                .iter()
                .copied()
                .filter(|other| callee(other) == callee(site))
                .collect()
        };
        if let ([_], [only]) = (alike(&left_old).as_slice(), alike(&left_new).as_slice()) {
            pairs.push((site, only));
        }
    }
    pairs
}

fn differences(old: &Sent, new: &Sent) -> Vec<Difference> {
    let added = |site: &Sent, other: &Sent| -> Vec<Name> {
        let names = site.adds.iter().map(|(name, _)| *name);
        names
            .filter(|name| !other.adds.iter().any(|(known, _)| known == name))
            .collect()
    };
    let dropped = |site: &Sent, other: &Sent| -> Vec<Name> {
        site.drops
            .iter()
            .copied()
            .filter(|name| !other.drops.contains(name))
            .collect()
    };
    let (mut more, mut less) = (added(new, old), added(old, new));
    // A keyword that is taken out and put back under the same name goes on as before.
    let (more_dropped, less_dropped) = (dropped(new, old), dropped(old, new));
    if let (&[to], &[from]) = (more.as_slice(), less.as_slice()) {
        return vec![Difference::Renamed(from, to)];
    }
    more.extend(less_dropped.iter().filter(|name| {
        new.reaches.iter().any(|reach| {
            reach
                .shape
                .keywords
                .iter()
                .any(|keyword| keyword.name == **name)
        })
    }));
    less.extend(more_dropped);
    let both: Vec<Name> = more
        .iter()
        .copied()
        .filter(|name| less.contains(name))
        .collect();
    more.retain(|name| !both.contains(name));
    less.retain(|name| !both.contains(name));
    let mut found: Vec<Difference> = more.into_iter().map(Difference::More).collect();
    found.extend(less.into_iter().map(Difference::Less));
    if let (Some(from), Some(to)) = (old.positionals, new.positionals)
        && from != to
        && found.is_empty()
    {
        found.push(Difference::Positionals(from, to));
    }
    found
}

/// Who refuses it, in a few words.
fn refusals(effect: &Effect) -> Option<String> {
    let (_, message) = effect.refusals.first()?;
    let more = effect.refusals.len() - 1;
    let others = match more {
        0 => String::new(),
        1 => String::from(", and 1 more function refuses it"),
        more => format!(", and {more} more functions refuse it"),
    };
    Some(format!("{message}{others}"))
}

fn without(shape: &Shape, name: Name) -> Shape {
    Shape {
        keywords: shape
            .keywords
            .iter()
            .copied()
            .filter(|keyword| keyword.name != name)
            .collect(),
        ..shape.clone()
    }
}

fn renamed(shape: &Shape, from: Name, to: Name) -> Shape {
    let keyword = |keyword: &Keyword| Keyword {
        name: if keyword.name == from {
            to
        } else {
            keyword.name
        },
        ..*keyword
    };
    Shape {
        keywords: shape.keywords.iter().map(keyword).collect(),
        ..shape.clone()
    }
}
