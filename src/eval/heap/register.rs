//! Lists and sets to which code adds while modules are imported: the handlers of an event, the plug-ins of a host.
//!
//! `HOOKS = []` and, in a function or decorator, `HOOKS.append(f)`. What each call that an import makes adds is logged with the module whose own code makes it. A reader
//! sees those items in no known order, and others besides: functions may add what is not known. That an item is there rests on the import of
//! that module, so a failure of something that was added is certain only where the modules of its chain import it
//! (`certainty/registered.rs`, DESIGN 3a.3 and 3a.7).

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::state::{Form, Object, Sequence};
use crate::eval::domain::value::{Data, Kind, SharedId, Value};
use crate::eval::heap::shared::ExactStore;
use crate::eval::interpreter::frame::Frame;
use crate::eval::reuse::content::Part;
use crate::program::ModuleId;
use crate::syntax::ir::{Comparison, Expr, ExprKind};

/// One `container.append(item)`, or `add`, that the import of a module makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addition {
    /// What is added.
    pub item: Value,
    /// The module whose own code makes the call, or calls what makes it.
    pub module: ModuleId,
    /// Where the statement of that code begins.
    pub at: u32,
}

impl<'p> Evaluator<'p> {
    /// Whether all that functions do to a list or set is to add to it, and it is one object.
    pub fn is_register(&self, id: SharedId) -> bool {
        let shared = &self.shared[id.0 as usize];
        let mutations = || {
            let names = shared.names.iter();
            names.filter_map(|name| self.survey.mutations.get(name))
        };
        shared.is_single
            && !shared.changed
            && !self.is_graph()
            && matches!(*shared.object, Object::List(_) | Object::Set(_))
            && mutations().any(|mutation| mutation.adds)
            && !mutations().any(|mutation| mutation.arbitrary || mutation.removes || mutation.inner)
    }

    /// Whether a value is a register to which something was added.
    pub fn is_filled_register(&self, value: Value) -> bool {
        match *self.data(value) {
            Data::Shared(id) => {
                !self.shared[id.0 as usize].added.is_empty() && self.is_register(id)
            }
            _ => false,
        }
    }

    /// Notes `container.append(item)` if the container is a register. False: it is none.
    pub fn log_addition(&mut self, frame: &mut Frame<'p>, receiver: Value, item: Value) -> bool {
        let Some(id) = shared_behind(self, frame, receiver) else {
            return false;
        };
        if !self.is_register(id) {
            return false;
        }
        let item = self.outlive(frame, item);
        let Some((module, at)) = self.importing_at.filter(|_| self.is_importing) else {
            // Others may be in it anyway.
            return true;
        };
        let is_certain = self.perhaps == 0 && frame.is_here_for_certain();
        if !is_certain || !self.is_code(item) {
            return true;
        }
        let addition = Addition { item, module, at };
        if !self.shared[id.0 as usize].added.contains(&addition) {
            if self.shared[id.0 as usize].added.is_empty() {
                self.registers.push(id);
            }
            self.shared[id.0 as usize].added.push(addition);
            self.content_rests_on_looks(id, Part::All);
        }
        true
    }

    /// A list or set with what is added to it.
    pub fn with_additions(&mut self, id: SharedId, object: &Object) -> Object {
        let others = self.kept_items(id).unwrap_or(Value::UNKNOWN);
        let mut items: Vec<Value> = Vec::new();
        let (Object::List(initial) | Object::Set(initial)) = object else {
            return object.clone();
        };
        let added = self.shared[id.0 as usize].added.iter();
        for item in initial
            .items
            .iter()
            .copied()
            .chain(added.map(|added| added.item))
        {
            if !items.contains(&item) {
                items.push(item);
            }
        }
        let sequence = Sequence {
            items,
            rest: Some(others),
            form: Form::Register,
        };
        match object {
            Object::Set(_) => Object::Set(sequence),
            _ => Object::List(sequence),
        }
    }

    /// The items that an iterable has for certain, in whatever order, and others besides; none if it is no register.
    pub fn registered_items(&mut self, frame: &Frame<'p>, iterable: Value) -> Option<Vec<Value>> {
        match self.object_of(frame, iterable).as_deref() {
            Some(Object::List(sequence) | Object::Set(sequence))
                if sequence.form == Form::Register && !sequence.items.is_empty() =>
            {
                Some(sequence.items.clone())
            }
            _ => None,
        }
    }

    /// The items of a register and others, for a copy of it.
    pub fn copy_of_register(&mut self, frame: &Frame<'p>, iterable: Value) -> Sequence {
        Sequence {
            items: self.registered_items(frame, iterable).unwrap_or_default(),
            rest: Some(Value::UNKNOWN),
            form: Form::Register,
        }
    }

    /// The list that `table[key]` or `table.setdefault(key, [])` puts into a dict that outlives the body, while modules are imported.
    ///
    /// `empty`: what `setdefault` is passed; none: the dict is a `defaultdict(list)` if there is such a list.
    pub fn made_list(
        &mut self,
        frame: &Frame<'p>,
        base: Value,
        key: Value,
        empty: Option<Value>,
    ) -> Option<Value> {
        let id = shared_behind(self, frame, base)?;
        if self.is_graph() {
            return None;
        }
        if !self.is_importing || !is_key(&self.values, key) {
            // Others may be there anyway, and those that are there stay.
            let is_empty = self.shared[id.0 as usize].log.makes_lists
                && empty.is_some_and(|empty| self.is_empty_list(frame, empty));
            return is_empty.then_some(Value::UNKNOWN);
        }
        let shared = &self.shared[id.0 as usize];
        let Object::Dict(dict) = &*shared.object else {
            return None;
        };
        if shared.changed || self.is_arbitrary(id) || dict.find(key).is_some() {
            return None;
        }
        if let Some(known) = shared.log.exact.get(&key) {
            let is_list = matches!(*self.data(known.value), Data::Shared(_));
            return is_list.then_some(known.value);
        }
        let makes_list = match empty {
            Some(empty) => self.is_empty_list(frame, empty),
            None => dict.makes_keys && dict.rest == Some(self.values.of(Kind::List)),
        };
        let is_certain = self.perhaps == 0 && frame.is_here_for_certain();
        (makes_list && is_certain).then(|| self.put_list(id, key))
    }

    /// Notes `table[key] = []` in a function under the one test `key not in table`, as `setdefault` would do it. False: it is something else.
    pub fn puts_list(&mut self, frame: &Frame<'p>, base: Value, key: Value, value: Value) -> bool {
        let asks_whether_there = |test: &&Expr| match &test.kind {
            ExprKind::Compare { rest, .. } => {
                matches!(rest.as_slice(), [(Comparison::NotIn, _)])
            }
            _ => false,
        };
        if frame.uncertain != 1
            || frame.guards.len() != 1
            || !frame.guards.iter().all(asks_whether_there)
            || frame.exit.is_some()
            || !self.is_empty_list(frame, value)
        {
            return false;
        }
        let Some(id) = shared_behind(self, frame, base) else {
            return false;
        };
        let shared = &self.shared[id.0 as usize];
        if self.is_graph() || shared.changed || self.is_arbitrary(id) || !shared.is_single {
            return false;
        }
        if !self.is_importing && shared.log.makes_lists {
            return true;
        }
        match shared.log.exact.get(&key) {
            _ if !is_key(&self.values, key) => false,
            Some(known) => matches!(*self.data(known.value), Data::Shared(_)),
            None if self.is_importing && self.perhaps == 0 => {
                self.put_list(id, key);
                true
            }
            None => false,
        }
    }

    fn is_empty_list(&mut self, frame: &Frame<'p>, value: Value) -> bool {
        match self.object_of(frame, value).as_deref() {
            Some(Object::List(list)) => *list == Sequence::default(),
            _ => false,
        }
    }

    /// What a `defaultdict` puts under a key that it does not have: a list, if that is what its factory makes (the library reference, `collections.defaultdict`).
    pub fn made_by_factory(&mut self, actual: &Actual) -> Value {
        let makes_list = matches!(actual.positionals.as_slice(), &[factory]
            if matches!(self.data(factory), Data::External(name) if name.as_str() == "builtins.list"))
            && !actual.more_positionals
            && actual.keywords.is_empty()
            && actual.rest.is_none();
        if makes_list && !self.is_graph() {
            self.values.of(Kind::List)
        } else {
            Value::UNKNOWN
        }
    }

    fn put_list(&mut self, table: SharedId, key: Value) -> Value {
        let list = self.share(Object::List(Sequence::default()));
        let around = &self.shared[table.0 as usize];
        let (names, is_single) = (around.names.clone(), around.is_single);
        let made = &mut self.shared[list.0 as usize];
        made.names = names;
        made.is_single = is_single;
        let value = self.values.intern(Data::Shared(list));
        let store = ExactStore {
            value,
            at_import: true,
            site: None,
        };
        let log = &mut self.shared[table.0 as usize].log;
        log.exact.insert(key, store);
        log.makes_lists = true;
        self.content_rests_on_looks(table, Part::Item(key));
        self.logging_rests_on_looks(table, None);
        value
    }
}

/// The container that outlives the body, if a value is one.
fn shared_behind(evaluator: &Evaluator<'_>, frame: &Frame<'_>, value: Value) -> Option<SharedId> {
    match *evaluator.data(value) {
        Data::Shared(id) => Some(id),
        Data::Local(id) => match *frame.state.object(id) {
            Object::Moved(id) => Some(id),
            _ => None,
        },
        _ => None,
    }
}
