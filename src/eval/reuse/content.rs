//! Which changed files the content of a shared container rests on: of its items, each by itself.
//!
//! Code all over a tree fills the caches of a gateway. Whoever reads one item of such a dict does not rest on who put the others there.

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::value::{ContextId, SharedId, Value};
use crate::eval::heap::shared::LogRead;
use crate::eval::reuse::changes::{About, Registrations};
use crate::eval::reuse::file_set::FileSet;

/// The changed files that the content of a shared container rests on.
#[derive(Debug)]
pub struct ContentLooks {
    /// When it was made.
    made: FileSet,
    /// For all that is not said by the rest.
    all: FileSet,
    /// That something changes it in a way that cannot be followed. One who does it is enough.
    opened: Option<FileSet>,
    /// That functions assign to its keys. One who does it is enough.
    logged: Option<FileSet>,
    /// By known key.
    items: FxHashMap<Value, ItemLooks>,
    /// The items whose key is not known, and decides the value.
    patterns: FileSet,
}

/// The changed files that one item rests on.
#[derive(Clone, Copy, Debug, Default)]
struct ItemLooks {
    /// Its value, as far as the key decides it.
    remembered: FileSet,
    /// That such an item is there. One who puts it there is enough.
    present: Option<FileSet>,
    /// All of it, otherwise.
    other: FileSet,
}

/// What of a shared container's content changes.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Nothing: it is only now known what is made.
    Made,
    /// Anything.
    All,
    /// That it is no longer known what it holds.
    Opened,
    /// The item under this key.
    Item(Value),
    /// An item whose key is not known, and decides the value.
    Pattern,
}

impl ContentLooks {
    /// Of a container that is made after a look into these.
    pub fn new(made: FileSet) -> Self {
        Self {
            made,
            all: made,
            opened: None,
            logged: None,
            items: FxHashMap::default(),
            patterns: FileSet::NONE,
        }
    }

    /// Notes that a part rests on these files, too.
    fn add(&mut self, part: Part, looked: FileSet) {
        let known = match part {
            Part::Made | Part::All => &mut self.all,
            Part::Opened => return choose(&mut self.opened, looked),
            Part::Item(key) => &mut self.items.entry(key).or_default().other,
            Part::Pattern => &mut self.patterns,
        };
        *known = known.union(looked);
    }

    /// Those of all items.
    fn of_items(&self) -> FileSet {
        let items = self.items.values();
        items.fold(self.patterns, |all, item| all.union(item.all()))
    }
}

impl ItemLooks {
    /// For whoever does not work out the item if it is not there.
    fn all(&self) -> FileSet {
        let present = self.present.unwrap_or_default();
        self.remembered.union(present).union(self.other)
    }
}

/// Chooses the smaller of two sets, if one of them has all files of the other.
fn choose(known: &mut Option<FileSet>, looked: FileSet) {
    if known.is_none_or(|known| known.union(looked) == known) {
        *known = Some(looked);
    }
}

impl Evaluator<'_> {
    /// Notes that a part of a shared container's content rests on what was looked into so far.
    pub fn content_rests_on_looks(&mut self, id: SharedId, part: Part) {
        if !self.changes.compares() {
            return;
        }
        let looked = match part {
            // Each function is evaluated for all callers besides, so it does not take the module that is being imported.
            Part::Made | Part::Opened => self.looked.get(),
            Part::All | Part::Item(_) | Part::Pattern => self.looked_to_change(),
        };
        self.shared[id.0 as usize].looks.add(part, looked);
    }

    /// Notes that a function assigns to a key of a shared dict; `remembered`: to this one, which decides the value.
    pub fn logging_rests_on_looks(&mut self, id: SharedId, remembered: Option<Value>) {
        if !self.changes.compares() {
            return;
        }
        let (value, looked) = (self.looked.get(), self.looked_to_change());
        let looks = &mut self.shared[id.0 as usize].looks;
        choose(&mut looks.logged, looked);
        if let Some(key) = remembered {
            let item = looks.items.entry(key).or_default();
            item.remembered = item.remembered.union(value);
            choose(&mut item.present, looked);
        }
    }

    /// The changed files that a change which happens now rests on.
    fn looked_to_change(&self) -> FileSet {
        if self.is_importing {
            // Whatever was called to change it, it is changed because that module calls it.
            self.looked.get().union(self.importing)
        } else {
            self.looked.get()
        }
    }

    /// Notes what `reader` rests on when it reads a shared container; of its items just the one under `key`, if it asks for one.
    pub fn look_at_content(&mut self, reader: ContextId, id: SharedId, key: Option<Value>) {
        if !self.changes.compares() {
            return;
        }
        let is_open = self.is_arbitrary(id);
        let key = key.filter(|&key| is_key(&self.values, key));
        // Who works out what is not there does not mind whether others have.
        let remembers = self.remembers(reader) && !self.is_remembered_elsewhere(reader, id, key);
        let shared = &self.shared[id.0 as usize];
        let looks = &shared.looks;
        let digest = key.and_then(|key| self.digest(key));
        self.look(looks.all);
        let look_at = |about: About| {
            let names = shared.names.iter();
            names.for_each(|&name| self.look_at_name(name, about));
        };
        look_at(About::Content);
        if !remembers || key.is_none() {
            look_at(digest.map_or(About::Items, About::Item));
        }
        if !is_open {
            self.look(looks.opened.unwrap_or_default());
            look_at(About::Opened);
        }
        if !is_open && !remembers && !shared.changed && !shared.log.anything {
            self.look(looks.logged.unwrap_or_default());
            look_at(About::Logged);
        }
        let Some(key) = key else {
            self.look(looks.of_items());
            return;
        };
        let of_item = looks.items.get(&key).copied().unwrap_or_default();
        if is_open && !self.holds_code(id, key) {
            // Of what is unknown anyway, plain data says no more.
        } else if remembers {
            self.look(of_item.remembered.union(of_item.other));
        } else {
            self.look(of_item.all());
        }
        if !remembers {
            self.look_at_patterns(id, key);
        }
    }

    /// Whether it is another function than the reader's that works out an item.
    fn is_remembered_elsewhere(&self, reader: ContextId, id: SharedId, key: Option<Value>) -> bool {
        let log = &self.shared[id.0 as usize].log;
        let store = key.and_then(|key| log.exact.get(&key));
        let reader = self.contexts[reader.0 as usize].function;
        store
            .and_then(|store| store.site)
            .is_some_and(|(function, _)| Some(function) != reader)
    }

    /// Notes what an evaluation that is about to end rests on because it did not find what it could have worked out.
    pub fn look_at_what_was_not_found(&self, reader: ContextId) {
        for (id, key) in self.contexts[reader.0 as usize]
            .log_reads
            .iter()
            .map(LogRead::asked)
        {
            if let Some(key) = key.filter(|&key| is_key(&self.values, key)) {
                self.look_at_patterns(id, key);
            }
        }
    }

    /// Notes what items rest on whose key is not known and that may be the one under this key.
    fn look_at_patterns(&self, id: SharedId, key: Value) {
        let shared = &self.shared[id.0 as usize];
        // Where the key decides the value, what was stored under this very key is it.
        let site = shared.log.exact.get(&key).and_then(|store| store.site);
        let mut patterns = shared.log.patterns.iter();
        if site.is_none() || patterns.any(|pattern| pattern.site != site) {
            self.look(shared.looks.patterns);
        }
    }

    /// Which changed files put something into containers of others so far.
    pub fn registrations(&self) -> Registrations {
        let mut registrations = Registrations::default();
        for (id, shared) in (0..).map(SharedId).zip(&self.shared) {
            let looks = &shared.looks;
            let mut add = |about: About, looked: FileSet| {
                let others = looked.without(looks.made, self.changes.tells_all_apart());
                for &name in shared.names.iter().filter(|_| others != FileSet::NONE) {
                    let known = registrations.entry((name, about)).or_default();
                    *known = known.union(others);
                }
            };
            add(About::Content, looks.all);
            add(About::Opened, looks.opened.unwrap_or_default());
            add(About::Logged, looks.logged.unwrap_or_default());
            for (&key, item) in &looks.items {
                let of_item = self.digest(key).map_or(About::Content, About::Item);
                add(of_item, item.present.unwrap_or_default());
                // In another mixture, code may be registered under another key.
                let is_code = self.holds_code(id, key);
                add(if is_code { About::Content } else { of_item }, item.other);
            }
            add(About::Items, looks.of_items());
        }
        registrations
    }
}
