//! What functions send on: keywords that a body adds, drops or renames, held against the next hops of either tree.
//!
//! The function is the caller here, and the callee is whatever the keyword arrives at, however many `**kwargs` later: mode `backward` says
//! that those have to ship first.

use crate::bind::{self, Keyword, Shape, Signature};
use crate::eval::contract::{Call, Function, Sent};
use crate::facts::{FileId, RouteKey, Symbol};
use crate::name::Name;

use super::calls::{seen, seen_shape};
use super::mode::by_keyword;
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
    /// The routes on which both new versions do not fit.
    broken: Vec<RouteKey>,
}

impl Effect {
    fn refuse(&mut self, function: &str, message: String) {
        if !self.refusals.iter().any(|(known, _)| known == function) {
            self.refusals.push((function.to_owned(), message));
        }
    }
}

impl World<'_> {
    pub(super) fn compare_sends(&self, changes: &mut Vec<Change>) {
        for (old, new) in self.paired_functions() {
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
        let effect = self.effect(new, before, after, difference);
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
        change.always = effect.always;
        change.breaking = change.mode.breaks_old_callers() || effect.always;
        change.callers = self.senders(old, &effect);
        change.detail = refusals(&effect);
        if !effect.swallowed.is_empty() && kind != Kind::SendsLess {
            change.hazards.push(Kind::SwallowedKeyword);
        }
        change.routes = effect.routes;
        Some(change)
    }

    /// The calls of the sender. One breaks if both new versions do not fit on a route that it asks for.
    fn senders(&self, old: &Function, effect: &Effect) -> Vec<Caller> {
        let asks = |function: &str| {
            self.new.facts.routes.iter().any(|route| {
                effect.broken.contains(&route.key)
                    && route
                        .wrappers
                        .iter()
                        .any(|wrapper| wrapper.name == function)
            })
        };
        let caller = |call: &Call| Caller {
            version: Version::Deployed,
            place: call.place,
            function: call.function.clone(),
            breaks: effect.always && (effect.broken.is_empty() || asks(&call.function)),
        };
        let mut callers = old.calls.iter().map(caller).collect();
        super::calls::merge(&mut callers);
        callers
    }

    /// Holds what arrives, as the old and as the new body send it, against the old and the new next hops.
    fn effect(
        &self,
        sender: &Function,
        before: &Sent,
        after: &Sent,
        difference: &Difference,
    ) -> Effect {
        let mut effect = Effect::default();
        let file = sender.place.file;
        let (old, new) = (Version::Deployed, Version::Candidate);
        match *difference {
            Difference::More(name) => {
                let both = |shape: &Shape| (without(shape, name), shape.clone());
                self.arrive(&mut effect, new, file, after, Some(name), both);
                self.flow(&mut effect, old, file, after, name);
            }
            Difference::Less(name) => {
                let both = |shape: &Shape| (shape.clone(), without(shape, name));
                self.arrive(&mut effect, old, file, before, Some(name), both);
                self.flow(&mut effect, new, file, before, name);
            }
            Difference::Renamed(from, to) => {
                let both = |shape: &Shape| (renamed(shape, to, from), shape.clone());
                self.arrive(&mut effect, new, file, after, Some(to), both);
                let both = |shape: &Shape| (shape.clone(), renamed(shape, from, to));
                self.arrive(&mut effect, old, file, before, Some(from), both);
            }
            Difference::Positionals(from, to) => {
                let both = |shape: &Shape| {
                    let positionals = (shape.positionals + from).saturating_sub(to);
                    let old = Shape {
                        positionals,
                        ..shape.clone()
                    };
                    (old, shape.clone())
                };
                self.arrive(&mut effect, new, file, after, None, both);
            }
        }
        effect.routes.sort();
        effect.refusals.sort();
        effect.swallowed.sort();
        effect
    }

    /// Looks at every call that the keyword arrives at in one tree; `versions` gives what the old and what the new body send there.
    fn arrive(
        &self,
        effect: &mut Effect,
        version: Version,
        sender: FileId,
        site: &Sent,
        keyword: Option<Name>,
        versions: impl Fn(&Shape) -> (Shape, Shape),
    ) {
        for reach in &site.reaches {
            let touched = match keyword {
                Some(name) => reach.keywords.contains(&name),
                None => reach.is_first,
            };
            let Some((old, new)) = self.both(version, &reach.function).filter(|_| touched) else {
                continue;
            };
            // What ships in one file with the sender is never of another version.
            let is_apart = self.is_apart(version, sender, reach.file);
            effect.reaches |= is_apart;
            let call = Call {
                function: String::new(),
                place: site.place,
                is_awaited: false,
                is_returned: false,
                unpacked: None,
                shape: reach.shape.clone(),
                is_bound: reach.is_bound,
            };
            let (sends_old, sends_new) = versions(&seen_shape(new, &call));
            let (takes_old, takes_new) = (seen(old), seen(new));
            if fault(&takes_old, &sends_old).is_some() {
                continue;
            }
            let new_meets_old = fault(&takes_old, &sends_new);
            let old_meets_new = fault(&takes_new, &sends_old);
            let both_new = fault(&takes_new, &sends_new);
            effect.new_breaks |= is_apart && new_meets_old.is_some();
            effect.old_breaks |= is_apart && old_meets_new.is_some() && both_new.is_none();
            // The deployed tree's calls lack what else the candidate changed.
            if both_new.is_some() && version == Version::Candidate {
                effect.always = true;
                effect.broken.extend(reach.route.clone());
            }
            if let Some(message) = both_new.or(new_meets_old) {
                effect.refuse(&new.name, message);
            } else if new.ignores_keywords
                && keyword.is_some_and(|name| by_keyword(&takes_new, name).is_none())
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
    }

    /// Follows a keyword that the other tree's body sends through the functions of this one, by their `**kwargs`.
    fn flow(
        &self,
        effect: &mut Effect,
        version: Version,
        sender: FileId,
        site: &Sent,
        keyword: Name,
    ) {
        let contract = self.side(version).contract;
        // The other tree's gateway goes on to all routes; this call asks for these alone.
        let asked: Vec<&RouteKey> = site
            .reaches
            .iter()
            .filter_map(|it| it.route.as_ref())
            .collect();
        let is_asked = |route: &RouteKey| asked.is_empty() || asked.contains(&route);
        let mut open: Vec<(usize, Shape, Option<&RouteKey>)> = Vec::new();
        for reach in site.reaches.iter().filter(|reach| reach.is_first) {
            if let Some(at) = self.counterpart(version, &reach.function) {
                open.push((at, reach.shape.clone(), reach.route.as_ref()));
            }
        }
        let mut visited: Vec<(usize, Option<&RouteKey>)> = Vec::new();
        while let Some((at, shape, route)) = open.pop() {
            let function = &contract.functions[at];
            let takes = seen(function);
            if let Some(message) = fault(&takes, &shape) {
                if fault(&takes, &without(&shape, keyword)).is_none()
                    && self.is_apart(version, sender, function.place.file)
                {
                    match version {
                        Version::Deployed => effect.new_breaks = true,
                        Version::Candidate => effect.old_breaks = true,
                    }
                    effect.refuse(&function.name, message);
                }
                continue;
            }
            let is_named = by_keyword(&takes, keyword).is_some();
            if is_named || visited.contains(&(at, route)) {
                continue;
            }
            visited.push((at, route));
            let onwards = function.sends.iter().filter(|next| next.spreads);
            for next in onwards.filter(|next| !next.drops.contains(&keyword)) {
                for reach in next.reaches.iter().filter(|reach| reach.is_first) {
                    let Some(&at) = contract.by_name.get(&reach.function) else {
                        continue;
                    };
                    let onward = reach.route.as_ref().or(route);
                    let is_elsewhere = (route.is_some() && onward != route)
                        || onward.is_some_and(|onward| !is_asked(onward));
                    if !is_elsewhere && self.is_on(version, route, function, &reach.function) {
                        open.push((at, with(&reach.shape, keyword), onward));
                    }
                }
            }
        }
    }

    /// Whether a function that `from` calls is on a route; one of which nothing is known is on all.
    fn is_on(&self, version: Version, route: Option<&RouteKey>, from: &Function, to: &str) -> bool {
        let routes = &self.side(version).facts.routes;
        let found = route.and_then(|key| routes.iter().find(|route| route.key == *key));
        let Some(found) = found else { return true };
        let is = |symbol: &Option<Symbol>, name: &str| {
            symbol.as_ref().is_some_and(|symbol| symbol.name == name)
        };
        // The executor goes on to every router, and a route has one.
        let is_router = || routes.iter().any(|other| is(&other.router, to));
        if found.executor.name == from.name && found.router.is_some() && is_router() {
            return is(&found.router, to);
        }
        !is(&found.router, &from.name) || found.handler.is_none() || is(&found.handler, to)
    }

    /// A function of the other tree, by index in this one.
    fn counterpart(&self, version: Version, name: &str) -> Option<usize> {
        match version {
            Version::Deployed => self.pairs.old_of(name),
            Version::Candidate => self.pairs.new_of(name),
        }
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

    /// Whether a file of either tree is another one than the candidate's `sender`.
    fn is_apart(&self, version: Version, sender: FileId, file: FileId) -> bool {
        self.path(version, file) != self.path(Version::Candidate, sender)
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
    let who = match (effect.always, effect.new_breaks) {
        (true, _) => "",
        (false, true) => "with the deployed next hop, ",
        (false, false) => "sent by the deployed version, ",
    };
    let others = match effect.refusals.len() - 1 {
        0 => String::new(),
        1 => String::from(", and 1 more function refuses it"),
        more => format!(", and {more} more functions refuse it"),
    };
    Some(format!("{who}{message}{others}"))
}

fn fault(signature: &Signature, shape: &Shape) -> Option<String> {
    let fault = bind::bind(signature, shape).err()?;
    Some(fault.message(signature, shape))
}

fn with(shape: &Shape, name: Name) -> Shape {
    let mut shape = without(shape, name);
    shape.keywords.push(Keyword {
        name,
        certain: true,
    });
    shape
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
