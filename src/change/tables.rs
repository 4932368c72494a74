//! Tables and routes: operations that came, went, or lead somewhere else.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bind;
use crate::eval::contract::{Contract, Function, Table, TableEntry};
use crate::facts::{Route, RouteKey, RouteStatus, Symbol};

use super::calls::{merge, seen, seen_shape};
use super::{Caller, Change, Kind, Mode, Side, Version, World};

impl<'a> World<'a> {
    pub(super) fn compare_tables(&self, changes: &mut Vec<Change>) {
        let from = changes.len();
        let (old, new) = (&self.old.contract.tables, &self.new.contract.tables);
        let mut taken: FxHashSet<usize> = FxHashSet::default();
        for table in old {
            let twin = new
                .iter()
                .enumerate()
                .find(|(at, other)| other.name == table.name && !taken.contains(at));
            if let Some((at, other)) = twin {
                taken.insert(at);
                self.compare_entries(table, other, changes);
            }
        }
        self.compare_routes(from, changes);
    }

    fn compare_entries(&self, old: &Table, new: &Table, changes: &mut Vec<Change>) {
        for entry in &old.entries {
            let key = self.renamed_key(&entry.key);
            match new.entries.iter().find(|other| other.key == key) {
                None => {
                    changes.push(self.entry(Kind::OperationRemoved, old, entry, Version::Deployed));
                }
                Some(other) => changes.extend(self.retargeted(old, entry, new, other)),
            }
        }
        for entry in &new.entries {
            if !old
                .entries
                .iter()
                .any(|other| self.renamed_key(&other.key) == entry.key)
            {
                changes.push(self.entry(Kind::OperationAdded, new, entry, Version::Candidate));
            }
        }
    }

    /// A key as the candidate writes it, if it names a member of an enum that has another name there.
    fn renamed_key(&self, key: &[String]) -> Vec<String> {
        let renamed = |part: &str| {
            let found = self.renamed_members.iter().find(|(old, _)| {
                part.strip_suffix(old.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            });
            match found {
                Some((old, new)) => format!("{}{new}", &part[..part.len() - old.len()]),
                None => part.to_owned(),
            }
        };
        let parts = |text: &String| -> String {
            let parts: Vec<String> = text.split('/').map(renamed).collect();
            parts.join("/")
        };
        key.iter().map(parts).collect()
    }

    /// An entry that only one tree has.
    fn entry(&self, kind: Kind, table: &Table, entry: &TableEntry, version: Version) -> Change {
        let mut change = Change::new(kind, &table.name, version, entry.place);
        change.subjects.clone_from(&entry.key);
        let text = Some(self.text(version, entry.place.file, entry.place.range));
        match version {
            Version::Deployed => change.before = text,
            Version::Candidate => change.after = text,
        }
        let side = self.side(version);
        let routes: Vec<&Route> = side
            .facts
            .routes
            .iter()
            .filter(|route| leads_over(route, table, entry))
            .collect();
        self.judge_routes(&mut change, version, &routes);
        change
    }

    /// Old callers break if a route is gone, new ones if it was not there yet.
    fn judge_routes(&self, change: &mut Change, version: Version, routes: &[&Route]) {
        change.routes = routes.iter().map(|route| route.key.clone()).collect();
        let own = change.place.file;
        let callers: Vec<Caller> = routes
            .iter()
            .flat_map(|route| self.wrappers(version, route))
            .collect();
        let any = callers.iter().any(|caller| caller.place.file != own);
        (change.mode, change.mode_for_calls) = match version {
            Version::Deployed => (Mode::new(true, false), Mode::new(any, false)),
            Version::Candidate => (Mode::new(false, true), Mode::new(false, any)),
        };
        change.breaking = change.mode.breaks_old_callers();
        change.callers = callers;
        for caller in &mut change.callers {
            caller.breaks = caller.place.file != own;
        }
        merge(&mut change.callers);
    }

    /// The functions that ask for a route.
    fn wrappers<'r>(
        &self,
        version: Version,
        route: &'r Route,
    ) -> impl Iterator<Item = Caller> + use<'r> {
        route
            .wrappers
            .iter()
            .map(move |Symbol { name, place }| Caller {
                version,
                place: *place,
                function: name.clone(),
                breaks: false,
            })
    }

    /// An entry that leads somewhere else.
    fn retargeted(
        &self,
        old: &Table,
        before: &TableEntry,
        new: &Table,
        after: &TableEntry,
    ) -> Option<Change> {
        let same_text = self.text(Version::Deployed, before.place.file, before.value)
            == self.text(Version::Candidate, after.place.file, after.value);
        if (before.is_lambda && after.is_lambda)
            || self.is_same(before.target.as_deref(), after.target.as_deref())
        {
            return None;
        }
        // A function that is decorated now goes by its wrapper's name.
        let is_inner = |target: &Option<String>| {
            target
                .as_ref()
                .is_none_or(|target| target.contains("<locals>"))
        };
        if same_text && (is_inner(&before.target) || is_inner(&after.target)) {
            return None;
        }
        let mut change = Change::new(
            Kind::OperationRetargeted,
            &new.name,
            Version::Candidate,
            after.place,
        );
        change.old_place = Some(before.place);
        change.subjects.clone_from(&after.key);
        change.before = Some(self.text(Version::Deployed, before.place.file, before.place.range));
        change.after = Some(self.text(Version::Candidate, after.place.file, after.place.range));
        let of = |side, table, entry| -> Vec<&Route> {
            let side: &Side = side;
            side.facts
                .routes
                .iter()
                .filter(|route| leads_over(route, table, entry))
                .collect()
        };
        let routes = of(self.new, new, after);
        change.routes = routes.iter().map(|route| route.key.clone()).collect();
        change.callers = routes
            .iter()
            .flat_map(|route| self.wrappers(Version::Candidate, route))
            .collect();
        for route in of(self.old, old, before) {
            change.routes.push(route.key.clone());
        }
        merge(&mut change.callers);
        self.judge_targets(
            &mut change,
            before.target.as_deref(),
            after.target.as_deref(),
        );
        Some(change)
    }

    /// Whether two targets are one function, renamed or not.
    fn is_same(&self, old: Option<&str>, new: Option<&str>) -> bool {
        match (old, new) {
            (Some(old), Some(new)) => {
                let renamed = self
                    .pairs
                    .new_of(old)
                    .map(|j| self.new.contract.functions[j].name.as_str());
                old == new || renamed == Some(new)
            }
            _ => false,
        }
    }

    /// By the targets' difference: whoever asks for the operation meets the other target.
    fn judge_targets(&self, change: &mut Change, old: Option<&str>, new: Option<&str>) {
        let find = |contract: &'a Contract, name: Option<&str>| -> Option<&'a Function> {
            let &at = contract.by_name.get(name?)?;
            contract.functions.get(at)
        };
        let before = find(self.old.contract, old);
        let after = find(self.new.contract, new);
        let (Some(before), Some(after)) = (before, after) else {
            return;
        };
        let (takes_old, takes_new) = (seen(before), seen(after));
        change.mode = Mode::between(&takes_old, &takes_new);
        change.breaking = change.mode.breaks_old_callers();
        // What arrives at the targets comes from the routes' callers, wherever those are.
        let breaks = |function: &Function, other: &bind::Signature, own: &bind::Signature| {
            function.calls.iter().any(|call| {
                let shape = seen_shape(function, call);
                bind::bind(own, &shape).is_ok() && bind::bind(other, &shape).is_err()
            })
        };
        change.mode_for_calls = Mode::new(
            breaks(before, &takes_new, &takes_old),
            breaks(after, &takes_old, &takes_new),
        );
        change.detail = Some(format!(
            "{}{} -> {}{}",
            before.name,
            bind::render(&takes_old, &[]),
            after.name,
            bind::render(&takes_new, &[])
        ));
    }

    /// Routes that no table explains: ladders, tables that are built some other way.
    fn compare_routes(&self, from: usize, changes: &mut Vec<Change>) {
        let explained: FxHashSet<RouteKey> = changes[from..]
            .iter()
            .flat_map(|change| change.routes.iter().cloned())
            .collect();
        let index = |side: &'_ Side| -> FxHashMap<(RouteKey, String), usize> {
            let routes = side.facts.routes.iter().enumerate();
            routes
                .map(|(at, route)| ((route.key.clone(), route.executor.name.clone()), at))
                .collect()
        };
        let (old, new) = (index(self.old), index(self.new));
        for (at, route) in self.old.facts.routes.iter().enumerate() {
            let id = (route.key.clone(), route.executor.name.clone());
            if explained.contains(&route.key) || !is_known(route) || old.get(&id) != Some(&at) {
                continue;
            }
            let id = (self.renamed_route(&route.key), id.1);
            match new.get(&id).map(|&at| &self.new.facts.routes[at]) {
                // A caller that asks for it no more is no change of what there is.
                Some(other) if is_known(other) => {
                    changes.extend(self.route_retargeted(route, other));
                }
                Some(other) if other.status == RouteStatus::Unresolved => {}
                _ => {
                    let mut change =
                        self.of_route(Kind::OperationRemoved, Version::Deployed, route);
                    self.judge_routes(&mut change, Version::Deployed, &[route]);
                    changes.push(change);
                }
            }
        }
        for route in &self.new.facts.routes {
            let id = (route.key.clone(), route.executor.name.clone());
            let was =
                self.old.facts.routes.iter().find(|was| {
                    was.executor.name == id.1 && self.renamed_route(&was.key) == route.key
                });
            let is_new = was.is_none_or(|was| was.status == RouteStatus::Missing);
            if explained.contains(&route.key) || !is_known(route) || !is_new {
                continue;
            }
            let mut change = self.of_route(Kind::OperationAdded, Version::Candidate, route);
            self.judge_routes(&mut change, Version::Candidate, &[route]);
            changes.push(change);
        }
    }

    fn renamed_route(&self, key: &RouteKey) -> RouteKey {
        let interface = self.renamed_key(std::slice::from_ref(&key.interface));
        RouteKey {
            interface: interface.into_iter().next().unwrap_or_default(),
            operation: key.operation.clone(),
        }
    }

    fn route_retargeted(&self, old: &Route, new: &Route) -> Option<Change> {
        let (before, after) = (old.handler.as_ref()?, new.handler.as_ref()?);
        let is_lambda = |symbol: &Symbol| symbol.name.contains("<lambda>");
        if self.is_same(Some(&before.name), Some(&after.name))
            || is_lambda(before)
            || is_lambda(after)
            || self.is_tabled(old)
            || self.still_leads(old, new, &before.name, &after.name)
        {
            return None;
        }
        let mut change = self.of_route(Kind::OperationRetargeted, Version::Candidate, new);
        change.before = Some(before.name.clone());
        change.after = Some(after.name.clone());
        change.routes = vec![new.key.clone()];
        change.callers = self.wrappers(Version::Candidate, new).collect();
        self.judge_targets(&mut change, Some(&before.name), Some(&after.name));
        Some(change)
    }

    /// Whether a table has the operation, with the same target in both trees.
    fn is_tabled(&self, route: &Route) -> bool {
        let operation = &route.key.operation;
        let is_same = |table: &Table, entry: &TableEntry| {
            let twins = self.new.contract.tables.iter();
            twins
                .filter(|other| other.name == table.name)
                .flat_map(|other| &other.entries)
                .filter(|other| other.key == self.renamed_key(&entry.key))
                .any(|other| {
                    let text = |version, entry: &TableEntry| {
                        self.text(version, entry.place.file, entry.value)
                    };
                    self.is_same(entry.target.as_deref(), other.target.as_deref())
                        || text(Version::Deployed, entry) == text(Version::Candidate, other)
                })
        };
        self.old.contract.tables.iter().any(|table| {
            table.entries.iter().any(|entry| {
                let by_operation = entry.key.last().is_some_and(|last| last == operation);
                by_operation && leads_over(route, table, entry) && is_same(table, entry)
            })
        })
    }

    /// Whether a route that calls several functions, validators and handlers, still calls those that it did: which of them counts as
    /// its handler may differ all the same.
    fn still_leads(&self, old: &Route, new: &Route, before: &str, after: &str) -> bool {
        let reached = |side: &Side, route: &Route, name: &str| -> bool {
            let sends = side
                .contract
                .functions
                .iter()
                .flat_map(|function| &function.sends);
            sends
                .flat_map(|sent| &sent.reaches)
                .any(|reach| reach.route.as_ref() == Some(&route.key) && reach.function == name)
        };
        let became = self
            .pairs
            .new_of(before)
            .map(|j| &self.new.contract.functions[j]);
        let was = self
            .pairs
            .old_of(after)
            .map(|i| &self.old.contract.functions[i]);
        let (Some(became), Some(was)) = (became, was) else {
            return false;
        };
        // One of them calls the other: the same way, looked at from nearer or further on.
        let calls = |caller: &str, callee: Option<&Function>| {
            let callee = callee.into_iter().flat_map(|function| &function.calls);
            callee.into_iter().any(|call| call.function == caller)
        };
        let of = |side: &'a Side<'a>, name: &str| {
            let at = side.contract.by_name.get(name);
            at.and_then(|&at| side.contract.functions.get(at))
        };
        if calls(&became.name, of(self.new, after)) || calls(&was.name, of(self.old, before)) {
            return true;
        }
        if reached(self.old, old, before) && reached(self.new, new, after) {
            return reached(self.old, old, &was.name) || reached(self.new, new, &became.name);
        }
        let callers = |function: &Function| -> FxHashSet<String> {
            function
                .calls
                .iter()
                .map(|call| call.function.clone())
                .collect()
        };
        let find = |side: &Side, name: &str| {
            side.contract
                .by_name
                .get(name)
                .map(|&at| callers(&side.contract.functions[at]))
        };
        let same = |old: Option<FxHashSet<String>>, new: FxHashSet<String>| {
            old.is_some_and(|old| !old.is_disjoint(&new))
        };
        same(find(self.old, before), callers(became)) || same(find(self.new, after), callers(was))
    }

    fn of_route(&self, kind: Kind, version: Version, route: &Route) -> Change {
        let owner = route.router.as_ref().unwrap_or(&route.executor);
        let mut change = Change::new(kind, &owner.name, version, owner.place);
        change.subjects = vec![route.key.operation.clone()];
        let handler = route
            .handler
            .as_ref()
            .map(|handler| format!("{}{}", handler.name, route.accepts));
        match version {
            Version::Deployed => change.before = handler,
            Version::Candidate => change.after = handler,
        }
        change
    }
}

/// Whether a route was followed to its end, and its names are known.
fn is_known(route: &Route) -> bool {
    route.status == RouteStatus::Resolved
        && route.key.interface != "?"
        && route.key.operation != "?"
}

/// Whether a route is looked up in an entry of a table: by the operation, where its router stands in the table's module; by the
/// interface, where the executor does.
fn leads_over(route: &Route, table: &Table, entry: &TableEntry) -> bool {
    let names = |text: &str, wanted: &str| {
        text == wanted
            || text.ends_with(&format!(".{wanted}"))
            || text.split('/').next_back() == Some(wanted)
    };
    let Some(last) = entry.key.last() else {
        return false;
    };
    let of_module = |symbol: &Symbol| symbol.place.file == table.place.file;
    let by_interface = entry.key.iter().any(|key| {
        key.split('/')
            .next()
            .is_some_and(|first| names(first, &route.key.interface))
    });
    let by_operation = names(last, &route.key.operation);
    let is_nested = entry.key.len() > 1 || last.contains('/');
    if of_module(&route.executor) && by_interface {
        return by_operation || !is_nested;
    }
    let routed = route.router.as_ref().is_some_and(of_module)
        || (route.router.is_none() && of_module(&route.executor));
    routed && by_operation
}
