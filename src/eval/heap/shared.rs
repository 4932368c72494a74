//! Lists, sets and dicts that more than one function body can reach: what is in them once functions have filled them.
//!
//! What functions assign to the keys of such a dict is logged. As long as they are being evaluated, a reader takes its content for unknown, unless
//! the key that it asks for decides its value; once all were evaluated, those who would see something else now are evaluated again.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::name::Name;
use crate::syntax::ir::{Expr, Parent};

use crate::eval::domain::compare::is_key;
use crate::eval::domain::state::{Dict, Entry, Object};
use crate::eval::domain::value::{ContextId, Data, SharedId, Value};
use crate::eval::heap::register::Addition;
use crate::eval::heap::remember::Site;
use crate::eval::interpreter::frame::{Frame, Owner};
use crate::eval::objects::kept::Keeper;
use crate::eval::reuse::content::{ContentLooks, Part};
use crate::eval::reuse::effect::Item;
use crate::eval::{Evaluator, FxIndexMap, FxIndexSet};

/// What an evaluation saw of a dict that functions fill.
#[derive(Debug)]
pub struct LogRead {
    id: SharedId,
    /// The key that it asked for, if it asked for one.
    key: Option<Value>,
    seen: Rc<Object>,
    /// Whether that was what had been stored so far, though not everything may have been.
    is_early: bool,
}

impl LogRead {
    /// The dict, and the key that was asked for, if one was.
    pub const fn asked(&self) -> (SharedId, Option<Value>) {
        (self.id, self.key)
    }
}

/// What a partial evaluation may have left out of a dict that functions fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LeftOut {
    /// The evaluation is not partial.
    Nothing,
    /// What is only remembered, by functions that were left out; it is asked for by the one that works it out.
    WorkedOutHere,
    /// What is only remembered, and it cannot be told what that is.
    Anything,
}

/// A list, set or dict that more than one function body can reach.
#[derive(Debug)]
pub struct SharedObject {
    pub object: std::rc::Rc<Object>,
    /// The changed files that its content rests on.
    pub looks: ContentLooks,
    /// The last parts of the names that code reaches it by.
    pub names: Vec<Name>,
    /// Whether a function body changed it in a way that cannot be followed.
    pub changed: bool,
    /// What functions assign to its keys.
    pub log: StoreLog,
    /// Whether code of an installed package made it, of which only what the tree calls is evaluated.
    pub is_of_package: bool,
    /// Whether it is one object: code that runs once made it.
    pub is_single: bool,
    /// What code adds to it while modules are imported, if it is a list or a set.
    pub added: Vec<Addition>,
    /// The attribute whose container it was made to be, if it is one of a class's own.
    pub keeper: Option<Keeper>,
    /// Whether it stands for all lists under the keys of such a container, with all that is ever put into them.
    pub is_summary: bool,
    /// What it may be once anything was done to it, with the content that this was worked out for.
    opened: Option<(Rc<Object>, Rc<Object>)>,
    /// By known key: what was read last, with what that was worked out of, and the content as it was then.
    read: FxHashMap<Value, (Basis, Rc<Object>, Rc<Object>)>,
}

/// What the entry of a known key is made of, in a dict that functions fill. The rest is the same throughout an evaluation.
#[derive(Debug, PartialEq, Eq)]
struct Basis {
    /// By its address: another content is another object, as long as this one is held.
    object: *const Object,
    store: Option<ExactStore>,
    counts: [usize; 4],
    flags: [bool; 3],
}

/// What functions assign to the keys of a shared dict.
#[derive(Debug, Default)]
pub struct StoreLog {
    /// By known key.
    pub exact: FxIndexMap<Value, ExactStore>,
    /// Tuples with unknown parts as keys.
    pub patterns: FxIndexSet<LoggedStore>,
    /// Whether a key was assigned of which nothing is known.
    pub anything: bool,
    /// Whether lists were put under keys while modules were imported, to be added to. Later on there may be more of them.
    pub makes_lists: bool,
}

impl StoreLog {
    /// Whether all that is known to be stored is stored while modules are imported, and not just remembered.
    pub fn is_register(&self) -> bool {
        !self.anything
            && !self.exact.is_empty()
            && self.patterns.is_empty()
            && self
                .exact
                .values()
                .all(|store| store.at_import && store.site.is_none())
    }
}

/// `container[key] = value` in a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LoggedStore {
    pub key: Value,
    pub value: Value,
    /// The assignment, if its key decides its value.
    pub site: Option<Site>,
}

/// What functions assign to one known key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExactStore {
    pub value: Value,
    /// Whether it happens while a module is imported.
    pub at_import: bool,
    /// The one assignment that does it, if its key decides its value.
    pub site: Option<Site>,
}

impl<'p> Evaluator<'p> {
    /// Makes a container that outlives the function body.
    pub fn share(&mut self, object: Object) -> SharedId {
        // A run that makes four thousand million objects has run out of memory long before.
        let id = SharedId(u32::try_from(self.shared.len()).unwrap_or(0));
        self.shared.push(SharedObject {
            object: std::rc::Rc::new(object),
            looks: ContentLooks::new(self.looked.get()),
            names: Vec::new(),
            changed: false,
            log: StoreLog::default(),
            is_of_package: false,
            is_single: false,
            added: Vec::new(),
            keeper: None,
            is_summary: false,
            opened: None,
            read: FxHashMap::default(),
        });
        id
    }

    pub fn shared_object(
        &mut self,
        frame: &Frame<'p>,
        id: SharedId,
        key: Option<Value>,
    ) -> Rc<Object> {
        self.look_at_content(frame.context, id, key);
        let object = self.shared[id.0 as usize].object.clone();
        self.reads_shared(id, key);
        if !self.is_noted(id) && !self.shared[id.0 as usize].changed {
            return object;
        }
        let is_dict = matches!(*object, Object::Dict(_));
        if !is_dict && !self.is_register(id) || !self.is_logged(id) {
            return self.opened_shared(id, &object);
        }
        if !self.shared[id.0 as usize].added.is_empty() {
            // What is there when rests on who imports it.
            self.look_at_import_statements();
        }
        let is_early = !self.is_second_round && self.is_remembered(id, key);
        let seen = if !is_dict || self.is_second_round || is_early {
            self.content(frame.context, id, key)
        } else {
            self.opened_shared(id, &object)
        };
        let reads = &mut self.contexts[frame.context.0 as usize].log_reads;
        reads.push(LogRead {
            id,
            key,
            seen: Rc::clone(&seen),
            is_early,
        });
        seen
    }

    /// Whether it is known already what is stored under a key: what decides the key decides the value.
    fn is_remembered(&self, id: SharedId, key: Option<Value>) -> bool {
        let store = key.and_then(|key| self.shared[id.0 as usize].log.exact.get(&key));
        store.is_some_and(|store| store.site.is_some())
    }

    /// What an evaluation reads of a shared container.
    fn content(&mut self, reader: ContextId, id: SharedId, key: Option<Value>) -> Rc<Object> {
        let object = self.shared[id.0 as usize].object.clone();
        if !self.is_noted(id) && !self.shared[id.0 as usize].changed {
            return object;
        }
        if self.is_register(id) {
            return Rc::new(self.with_additions(id, &object));
        }
        if !self.is_logged(id) || !matches!(*object, Object::Dict(_)) {
            return self.opened_shared(id, &object);
        }
        let may_lack = self.is_partial || self.is_filled_by_package(id);
        let left_out = match (may_lack, may_lack && self.remembers(reader)) {
            (false, _) => LeftOut::Nothing,
            (true, true) => LeftOut::WorkedOutHere,
            (true, false) => LeftOut::Anything,
        };
        let is_filling = self.contexts[reader.0 as usize].runs_at_import;
        let known = key.filter(|&key| is_key(&self.values, key));
        match known {
            // What a partial evaluation misses is noted at each read, and what an import fills is another thing from one to the next.
            Some(key) if left_out == LeftOut::Nothing && !is_filling => {
                self.entry_with_log(id, object, key)
            }
            _ => Rc::new(self.with_log(id, &object, key, left_out, is_filling)),
        }
    }

    /// The entry of a known key, as functions filled it. Most are read again before anything was stored.
    fn entry_with_log(&mut self, id: SharedId, object: Rc<Object>, key: Value) -> Rc<Object> {
        let shared = &self.shared[id.0 as usize];
        let log = &shared.log;
        let basis = Basis {
            object: Rc::as_ptr(&object),
            store: log.exact.get(&key).copied(),
            counts: [
                log.exact.len(),
                log.patterns.len(),
                shared.names.len(),
                self.split.len(),
            ],
            flags: [log.anything, log.makes_lists, shared.is_single],
        };
        if let Some((of, read, _)) = shared.read.get(&key)
            && *of == basis
        {
            return Rc::clone(read);
        }
        let read = Rc::new(self.with_log(id, &object, Some(key), LeftOut::Nothing, false));
        let kept = (basis, Rc::clone(&read), object);
        self.shared[id.0 as usize].read.insert(key, kept);
        read
    }

    /// Whether an evaluation stored what it had read as unknown.
    pub fn fills_what_it_reads(&mut self, context: ContextId) -> bool {
        let reads = std::mem::take(&mut self.contexts[context.0 as usize].log_reads);
        let any = reads
            .iter()
            .any(|read| self.is_remembered(read.id, read.key) && self.is_outdated(context, read));
        self.contexts[context.0 as usize].log_reads = reads;
        any
    }

    /// Whether an evaluation saw what had been stored so far, where more may be.
    pub fn read_early(&self, context: ContextId) -> bool {
        let reads = &self.contexts[context.0 as usize].log_reads;
        reads.iter().any(|read| read.is_early)
    }

    /// Whether an evaluation would see something else now.
    pub fn saw_something_else(&mut self, context: ContextId) -> bool {
        let reads = std::mem::take(&mut self.contexts[context.0 as usize].log_reads);
        let any = reads.iter().any(|read| self.is_outdated(context, read));
        self.contexts[context.0 as usize].log_reads = reads;
        any
    }

    fn is_outdated(&mut self, context: ContextId, read: &LogRead) -> bool {
        let now = self.content(context, read.id, read.key);
        if Rc::ptr_eq(&read.seen, &now) {
            return false;
        }
        match (
            &*read.seen,
            &*now,
            read.key.filter(|&key| is_key(&self.values, key)),
        ) {
            (Object::Dict(seen), Object::Dict(now), Some(key)) => {
                seen.find(key) != now.find(key) || seen.other(key) != now.other(key)
            }
            (seen, now, _) => seen != now,
        }
    }

    /// Whether functions change a container by a name that it is known by.
    pub fn is_noted(&self, id: SharedId) -> bool {
        let mut names = self.shared[id.0 as usize].names.iter();
        names.any(|name| self.survey.mutations.contains_key(name)) || self.is_filled_unseen(id)
    }

    /// Whether a file that is not parsed may change a container of its package.
    fn is_filled_unseen(&self, id: SharedId) -> bool {
        let shared = &self.shared[id.0 as usize];
        let mut names = shared.names.iter();
        shared.is_of_package && names.any(|name| self.survey.filled_unseen.contains(name))
    }

    /// Whether functions of an installed package may fill a container: not all of them are evaluated.
    fn is_filled_by_package(&self, id: SharedId) -> bool {
        let shared = &self.shared[id.0 as usize];
        let mut names = shared.names.iter();
        shared.is_of_package || names.any(|name| self.survey.filled_by_packages.contains(name))
    }

    /// Whether all that functions do to a shared dict is to assign and remove keys, so that it can be followed.
    fn is_logged(&self, id: SharedId) -> bool {
        !self.shared[id.0 as usize].changed && !self.is_arbitrary(id)
    }

    /// Whether a shared dict has something that can be called or that code of the tree defines under a key.
    pub fn holds_code(&self, id: SharedId, key: Value) -> bool {
        let shared = &self.shared[id.0 as usize];
        let logged = shared.log.exact.get(&key).map(|store| store.value);
        let held = match &*shared.object {
            Object::Dict(dict) => dict.find(key).map(|entry| entry.value),
            _ => None,
        };
        let mut values = logged.into_iter().chain(held);
        values.any(|value| self.is_code(value))
    }

    /// Whether code anywhere does something else to a container of one of its names, so that nothing can be said of its content.
    pub fn is_arbitrary(&self, id: SharedId) -> bool {
        let changes = |name| self.survey.mutations.get(name);
        let mut names = self.shared[id.0 as usize].names.iter();
        names.any(|name| changes(name).is_some_and(|mutation| mutation.arbitrary))
            || self.is_filled_unseen(id)
    }

    /// A shared dict with what functions put into it; just the entry of `key`, if one is asked for.
    fn with_log(
        &mut self,
        id: SharedId,
        object: &Object,
        key: Option<Value>,
        left_out: LeftOut,
        is_filling: bool,
    ) -> Object {
        let Object::Dict(initial) = object else {
            return object.clone();
        };
        let key = key.filter(|&key| is_key(&self.values, key));
        let mut dict = match key {
            Some(key) => Dict {
                entries: initial.find(key).copied().into_iter().collect(),
                absent: initial.absent.clone(),
                makes_keys: initial.makes_keys,
                is_subtype: initial.is_subtype,
                is_namespace: initial.is_namespace,
                rest: initial.rest,
            },
            None => initial.clone(),
        };
        let (mut removes, mut stores) = (false, false);
        let mut unseen: Vec<Name> = Vec::new();
        let text = key.map(|key| self.values.as_str(key));
        for name in &self.shared[id.0 as usize].names {
            if let Some(mutation) = self.survey.mutations.get(name) {
                match text {
                    None => unseen.extend(&mutation.keys),
                    // Of all keys, one alone is asked for.
                    Some(text) => unseen.extend(text.filter(|text| mutation.keys.contains(text))),
                }
                removes |= mutation.removes;
                stores |= mutation.stores;
            }
        }
        if removes {
            for entry in &mut dict.entries {
                entry.certain = false;
            }
        }
        let log = &self.shared[id.0 as usize].log;
        let exact: Vec<(Value, ExactStore)> = match key {
            Some(key) => log
                .exact
                .get(&key)
                .map(|&found| (key, found))
                .into_iter()
                .collect(),
            None => log
                .exact
                .iter()
                .map(|(&key, &found)| (key, found))
                .collect(),
        };
        let mut patterns: Vec<Value> = Vec::new();
        // Where the key decides the value, what was stored under this very key is it.
        let remembered = key.and_then(|_| exact.first()?.1.site);
        let makes_lists = log.makes_lists;
        for store in &log.patterns {
            if (remembered.is_none() || store.site != remembered)
                && key.is_none_or(|key| self.unifies(store.key, key))
                && !self.is_covered(store.key)
            {
                patterns.push(store.value);
            }
        }
        // Code that may run again makes another one each time, and a function inside it that was evaluated for the first is not evaluated again.
        let is_first_only = !self.shared[id.0 as usize].is_single && exact.is_empty();
        let is_silent =
            log.patterns.is_empty() && !log.anything && (log.exact.is_empty() || is_first_only);
        let is_partial = left_out == LeftOut::Anything && !log.is_register();
        let may_be_left_out = is_partial && stores && exact.is_empty();
        self.effects.is_missed |=
            may_be_left_out && !log.anything && key.is_some() && dict.entries.is_empty();
        if log.anything
            || (stores && is_silent && left_out != LeftOut::WorkedOutHere)
            || may_be_left_out
            || (key.is_none() && (!patterns.is_empty() || is_partial && stores))
        {
            let rest = match self.kept_items(id) {
                Some(kept) => self.rest_with(&dict, kept),
                None => self.any_rest(dict.rest),
            };
            dict.open_up(rest);
        } else if let (true, Some(kept)) = (dict.makes_keys, self.kept_items(id)) {
            let rest = self.rest_with(&dict, kept);
            dict.open_up(rest);
        } else if makes_lists && (exact.is_empty() || key.is_none()) {
            dict.open_up(Value::UNKNOWN);
        }
        let stored = exact.into_iter().map(|(key, store)| Entry {
            key,
            value: store.value,
            // Whether what was added to a list is there by then is judged where it is called (`certainty/registered.rs`).
            certain: store.at_import
                && !removes
                && (!is_filling || self.is_filled_register(store.value)),
        });
        let stored: Vec<Entry> = stored.collect();
        dict.add_stores(&mut self.values, stored);
        if let Some(key) = key {
            for value in patterns {
                dict.set_perhaps(&mut self.values, key, value);
            }
        }
        self.add_unseen(id, &mut dict, unseen);
        Object::Dict(dict)
    }

    /// Keys that some function assigns, though no evaluation came by.
    fn add_unseen(&mut self, id: SharedId, dict: &mut Dict, mut unseen: Vec<Name>) {
        unseen.sort_unstable();
        unseen.dedup();
        let mut stores = Vec::with_capacity(unseen.len());
        for name in unseen {
            let key = self.values.str(name);
            if !self.shared[id.0 as usize].log.exact.contains_key(&key) {
                stores.push(Entry {
                    key,
                    value: Value::UNKNOWN,
                    certain: false,
                });
            }
        }
        if !stores.is_empty() {
            dict.add_stores(&mut self.values, stores);
        }
    }

    /// Whether a key rests on a parameter that was taken through all its values: those evaluations say it better.
    fn is_covered(&self, key: Value) -> bool {
        match self.data(key) {
            Data::Symbol { run, parameter } => self.split.contains(&(*run, *parameter)),
            Data::Tuple(items) => items.iter().any(|&item| self.is_covered(item)),
            _ => false,
        }
    }

    /// Whether a key with unknown parts may be this one.
    fn unifies(&self, pattern: Value, key: Value) -> bool {
        match (self.data(pattern), self.data(key)) {
            (Data::Unknown | Data::Symbol { .. }, _) | (_, Data::Unknown | Data::Symbol { .. }) => {
                true
            }
            (Data::Tuple(pattern), Data::Tuple(key)) => {
                pattern.len() == key.len()
                    && pattern
                        .iter()
                        .zip(key.iter())
                        .all(|(&pattern, &key)| self.unifies(pattern, key))
            }
            (Data::Union(members), _) => members.iter().any(|&member| self.unifies(member, key)),
            (Data::Of(_), _) => true,
            _ => pattern == key,
        }
    }

    /// A shared container after code that may have done anything to it. Most are read many times as they are: the answer is kept beside it.
    fn opened_shared(&mut self, id: SharedId, object: &Rc<Object>) -> Rc<Object> {
        if let Some((of, opened)) = &self.shared[id.0 as usize].opened
            && Rc::ptr_eq(of, object)
        {
            return Rc::clone(opened);
        }
        let opened = Rc::new(match self.kept_items(id) {
            Some(kept) => self.opened_to(object, kept),
            None => self.opened(object),
        });
        if self.is_importing && self.shared[id.0 as usize].keeper.is_some() {
            // More is known later.
            return opened;
        }
        self.shared[id.0 as usize].opened = Some((Rc::clone(object), Rc::clone(&opened)));
        opened
    }

    /// Whether a store is what a decorator would do for a caller of whom nothing is known, while the tree's own uses of it, on import, are known all.
    ///
    /// `def operation(name): def register(func): TABLE[name] = func`: each `@operation('get')` says what is in the table.
    fn is_registered_elsewhere(&self, frame: &Frame<'p>, id: SharedId, key: Value) -> bool {
        let Owner::Function(function) = frame.owner else {
            return false;
        };
        let log = &self.shared[id.0 as usize].log;
        let registered =
            log.is_register() && (!is_key(&self.values, key) || log.exact.contains_key(&key));
        registered
            && !self.is_importing
            && !self.contexts[frame.context.0 as usize].is_called
            && (matches!(function.parent, Parent::Function(_))
                // The language calls it for each class below, which are known all the same.
                || function.name.as_str() == "__init_subclass__")
    }

    /// Notes `container[key] = value` in a function, if that is all that happens to the container. False: it is not.
    pub fn log_store(
        &mut self,
        frame: &mut Frame<'p>,
        base: Value,
        key: Value,
        value: Value,
        target: Option<&'p Expr>,
    ) -> bool {
        let id = match *self.data(base) {
            Data::Shared(id) => id,
            Data::Local(id) => match *frame.state.object(id) {
                Object::Moved(id) => id,
                _ => return false,
            },
            _ => return false,
        };
        let in_order = !matches!(frame.owner, Owner::Function(_));
        let is_dict = matches!(*self.shared[id.0 as usize].object, Object::Dict(_));
        if in_order || !is_dict || !self.is_logged(id) || !self.is_noted(id) {
            return false;
        }
        if self.is_registered_elsewhere(frame, id, key) {
            self.contexts[frame.context.0 as usize].passed_over.push(id);
            return true;
        }
        let value = self.outlive(frame, value);
        let site = target.and_then(|target| self.remembering_site(frame, target));
        let known = is_key(&self.values, key);
        let is_tuple = matches!(self.data(key), Data::Tuple(_) | Data::Symbol { .. });
        let log = &mut self.shared[id.0 as usize].log;
        let is_news = if known {
            let before = log.exact.get(&key).copied();
            let after = match before {
                Some(before) => ExactStore {
                    value: self.values.join(before.value, value),
                    at_import: before.at_import || self.is_importing,
                    site: before.site.filter(|&before| Some(before) == site),
                },
                None => ExactStore {
                    value,
                    at_import: self.is_importing,
                    site,
                },
            };
            log.exact.insert(key, after);
            before != Some(after)
        } else if is_tuple {
            log.patterns.insert(LoggedStore { key, value, site })
        } else {
            !std::mem::replace(&mut log.anything, true)
        };
        let part = match site {
            Some(_) if known => None,
            Some(_) if is_tuple => Some(Part::Pattern),
            None if known => Some(Part::Item(key)),
            None if is_tuple => Some(Part::All),
            _ => Some(Part::Opened),
        };
        if let Some(part) = part.filter(|part| is_news || matches!(part, Part::Opened)) {
            self.content_rests_on_looks(id, part);
        }
        self.logging_rests_on_looks(id, site.filter(|_| known).map(|_| key));
        // What is only remembered is worked out again where it is asked for, and plain data calls nothing.
        if is_news && site.is_none() && self.is_code(value) {
            self.acts_on_shared(id, known.then_some(Item { key, value }));
        }
        true
    }

    /// Changes a shared container, just the item under `key` if one is given: see [`Self::change_object`].
    pub fn change_shared(
        &mut self,
        frame: &mut Frame<'p>,
        id: SharedId,
        key: Option<Value>,
        change: &mut dyn FnMut(&mut Self, &mut Object, bool),
    ) {
        if self.shared[id.0 as usize].is_summary {
            return;
        }
        let in_order = !matches!(frame.owner, Owner::Function(_));
        if !in_order
            && self.is_logged(id)
            && matches!(*self.shared[id.0 as usize].object, Object::Dict(_))
        {
            // What functions remove was noted beforehand, if they reach the dict by a name that others can use too. Otherwise it
            // is seen only here, and may have happened or not when other code looks.
            if !self.is_noted(id) {
                self.acts_on_shared(id, None);
                let before = self.shared[id.0 as usize].object.clone();
                let mut after = (*before).clone();
                change(self, &mut after, true);
                let after = self.outliving(frame, after);
                let joined = before.join(&after, &mut self.values);
                self.set_content(id, key, joined);
            }
            return;
        }
        self.acts_on_shared(id, None);
        if in_order {
            self.override_log(id, key);
        }
        let certain = in_order && frame.uncertain == 0;
        if in_order && let Some(around) = frame.loops.last_mut() {
            around.note_changed(id, Rc::clone(&self.shared[id.0 as usize].object));
        }
        let mut object = (*self.shared[id.0 as usize].object).clone();
        change(self, &mut object, certain);
        let object = self.outliving(frame, object);
        self.set_content(id, key, object);
        // What a function does to it may happen at any time, or never.
        if !in_order {
            self.shared[id.0 as usize].changed = true;
            self.content_rests_on_looks(id, Part::Opened);
        }
    }

    /// What functions stored in a dict need not be there any longer, just under `key` if one is given: a module's own code changes it.
    fn override_log(&mut self, id: SharedId, key: Option<Value>) {
        let key = key.filter(|&key| is_key(&self.values, key));
        let mut lists = Vec::new();
        for (&stored, store) in &mut self.shared[id.0 as usize].log.exact {
            if key.is_none_or(|key| key == stored) {
                store.at_import = false;
                lists.push(store.value);
            }
        }
        for list in lists {
            if let Data::Shared(list) = *self.data(list) {
                self.shared[list.0 as usize].changed = true;
            }
        }
    }

    /// What an iteration of a loop in a module's own code changed of a shared container may be anything in the next: see `interpreter/loops.rs`. The result says
    /// whether the container is another one now.
    pub fn widen_shared(&mut self, id: SharedId, before: &Object) -> bool {
        let now = Rc::clone(&self.shared[id.0 as usize].object);
        if *now == *before {
            return false;
        }
        let joined = before.join(&now, &mut self.values);
        let widened = match (joined, before) {
            (Object::Dict(mut dict), Object::Dict(before)) => {
                for entry in &mut dict.entries {
                    let known = before.find(entry.key);
                    if known.is_some_and(|known| known.value != entry.value) {
                        entry.value = self.values.join(entry.value, Value::UNKNOWN);
                    }
                }
                Object::Dict(dict)
            }
            (object, _) => self.opened(&object),
        };
        let is_news = widened != *before;
        self.set_content(id, None, widened);
        is_news
    }

    /// Gives a shared container another content, which differs in the item under `key` alone if one is given.
    fn set_content(&mut self, id: SharedId, key: Option<Value>, content: Object) {
        let shared = &self.shared[id.0 as usize];
        if *shared.object == content {
            return;
        }
        // Of what is unknown anyway, plain data says no more.
        let mut is_telling = !shared.changed && !self.is_arbitrary(id);
        if !is_telling {
            content.for_each(|item| is_telling |= self.is_code(item));
        }
        if is_telling {
            let key = key.filter(|_| matches!(content, Object::Dict(_)));
            self.content_rests_on_looks(id, key.map_or(Part::All, Part::Item));
        }
        self.shared[id.0 as usize].object = Rc::new(content);
    }
}
