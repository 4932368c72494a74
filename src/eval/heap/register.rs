//! Lists and sets to which code adds while modules are imported: the handlers of an event, the plug-ins of a host.
//!
//! `HOOKS = []` and, in a function or decorator, `HOOKS.append(f)`. What each call that an import makes adds is logged with the module whose own code makes it. A reader
//! sees those items in no known order, and others besides: functions may add what is not known. That an item is there rests on the import of
//! that module, so a failure of something that was added is certain only where the modules of its chain import it
//! ([`Evaluator::by_register`], DESIGN 3a.3 and 3a.7).

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::blame::trace::Node;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::state::{Form, Object, Sequence};
use crate::eval::domain::value::{ClassRef, ContextId, Data, FunctionRef, Kind, SharedId, Value};
use crate::eval::heap::shared::ExactStore;
use crate::eval::interpreter::frame::{Callee, Frame, LocalFailure, Owner};
use crate::eval::objects::mro::Ancestor;
use crate::eval::reuse::content::Part;
use crate::program::ModuleId;
use crate::syntax::ir::{Comparison, Expr, ExprKind, Parent};

/// How many evaluations are searched for what a chain of calls read.
const SEARCH: usize = 4000;

/// How deep values are searched for a function.
const DEPTH: u32 = 4;

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

/// What it says of a failure that something which was added to a register is called on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByRegister {
    /// Nothing: it is there, or nothing of the kind is called.
    Sure,
    /// It is there if whoever calls the outermost function imports a module that nothing in the tree imports.
    IfImported,
    /// It need not be there.
    Perhaps,
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
            self.shared[id.0 as usize].added.push(addition);
            self.content_rests_on_looks(id, Part::All);
        }
        true
    }

    /// A list or set with what is added to it.
    pub fn with_additions(&self, id: SharedId, object: &Object) -> Object {
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
            rest: Some(Value::UNKNOWN),
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

    /// What it says of a failure that something which was added to a register is called on its way. `chain`: from the outermost frame down.
    pub fn by_register(&self, chain: &[&Node], failure: &LocalFailure<'p>) -> ByRegister {
        if self.shared.iter().all(|shared| shared.added.is_empty()) {
            return ByRegister::Sure;
        }
        let read = self.registers_read(chain);
        if read.is_empty() {
            return ByRegister::Sure;
        }
        let contexts = chain.iter().skip(1).map(|node| node.context);
        let functions = contexts.filter_map(|context| self.contexts[context.0 as usize].function);
        let called = functions.map(Callee::Function).chain(failure.callee);
        let mut result = ByRegister::Sure;
        for called in called {
            let found = read.iter().flat_map(|&id| {
                let shared = &self.shared[id.0 as usize];
                let added = shared.added.iter();
                let is_register = self.is_register(id);
                added
                    .filter(|addition| self.mentions(addition.item, called, DEPTH))
                    .map(move |addition| (addition, is_register))
            });
            let mut best = None;
            for (addition, is_register) in found {
                let says = match is_register {
                    true => self.is_there(addition, chain, failure),
                    false => ByRegister::Perhaps,
                };
                best = Some(best.map_or(says, |best: ByRegister| best.or(says)));
            }
            match best {
                Some(ByRegister::Perhaps) => return ByRegister::Perhaps,
                Some(ByRegister::IfImported) => result = ByRegister::IfImported,
                Some(ByRegister::Sure) | None => {}
            }
        }
        result
    }

    /// The registers that the frames of a chain read, or what they call.
    fn registers_read(&self, chain: &[&Node]) -> FxHashSet<SharedId> {
        let mut pending: Vec<ContextId> = chain.iter().map(|node| node.context).collect();
        let mut met: FxHashSet<ContextId> = pending.iter().copied().collect();
        let mut read = FxHashSet::default();
        while let Some(context) = pending.pop() {
            let context = &self.contexts[context.0 as usize];
            let reads = context.log_reads.iter().map(|read| read.asked().0);
            read.extend(reads.filter(|id| !self.shared[id.0 as usize].added.is_empty()));
            for edge in &context.edges {
                if met.len() < SEARCH && met.insert(edge.callee) {
                    pending.push(edge.callee);
                }
            }
        }
        read
    }

    /// Whether an addition was made before the calls of a chain.
    fn is_there(
        &self,
        addition: &Addition,
        chain: &[&Node],
        failure: &LocalFailure<'p>,
    ) -> ByRegister {
        let start = chain[0];
        let context = &self.contexts[start.context.0 as usize];
        if !matches!(context.owner, Owner::Function(_)) {
            let at = match start.edge {
                Some(edge) => context.edges[edge].range.start,
                None => failure.range.start,
            };
            let is_before = if addition.module == context.module {
                addition.at < at
            } else {
                let before = self.program.imported_before(context.module, at);
                before.contains(&addition.module)
            };
            return if is_before {
                ByRegister::Sure
            } else {
                ByRegister::Perhaps
            };
        }
        let mut modules = chain
            .iter()
            .map(|node| self.contexts[node.context.0 as usize].module);
        let is_loaded = |module: ModuleId| {
            module == addition.module
                || self
                    .program
                    .imported_before(module, u32::MAX)
                    .contains(&addition.module)
        };
        if modules.any(is_loaded) {
            ByRegister::Sure
        } else if self.is_for_others_to_import(addition.module) {
            ByRegister::IfImported
        } else {
            ByRegister::Perhaps
        }
    }

    /// Whether a module is there to be imported, and nothing in the tree imports it.
    fn is_for_others_to_import(&self, module: ModuleId) -> bool {
        !self.program.is_imported(module)
            && !self.survey.tests.contains(&module)
            && !self.program.is_script(module)
    }

    /// Whether a value is something that is called when this is, or holds it.
    fn mentions(&self, value: Value, called: Callee, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return true;
        };
        let inside = |value: Value| self.mentions(value, called, depth);
        match self.data(value) {
            Data::Function(object) => called == Callee::Function(object.function),
            Data::Class { class, .. } => self.has_part(*class, called),
            Data::Instance { class, given, .. } => {
                self.has_part(*class, called) || given.is_some_and(inside)
            }
            Data::Bound { function, receiver } => inside(*function) || inside(*receiver),
            Data::Partial(partial) => {
                let keywords = partial.keywords.iter().map(|&(_, value)| value);
                let values = partial.positionals.iter().copied().chain(keywords);
                inside(partial.function) || values.into_iter().any(inside)
            }
            Data::Tuple(items) | Data::Union(items) => items.iter().any(|&item| inside(item)),
            &Data::Wrapped(inner) | &Data::Static(inner) | &Data::ClassMethod(inner) => {
                inside(inner)
            }
            &Data::Shared(id) => {
                let shared = &self.shared[id.0 as usize];
                let mut found = shared.added.iter().any(|added| inside(added.item));
                shared.object.for_each(|item| found |= inside(item));
                found
            }
            _ => false,
        }
    }

    /// Whether this is a class, one that it derives from, or a method of one of them.
    fn has_part(&self, class: ClassRef, called: Callee) -> bool {
        let defines = |ancestor: ClassRef| match called {
            Callee::Class(called) => ancestor == called,
            Callee::Function(FunctionRef { module, id }) => {
                let object = &self.classes[ancestor.0 as usize];
                let parent = self.program.module(module).ir[id].parent;
                object.module == module
                    && matches!(parent, Parent::Class(parent) if parent == object.id)
            }
        };
        let ancestors = self.classes[class.0 as usize].mro.iter();
        let mut ancestors = ancestors.filter_map(|ancestor| match ancestor {
            Ancestor::Tree(ancestor) => Some(*ancestor),
            Ancestor::External(_) | Ancestor::Unknown => None,
        });
        defines(class) || ancestors.any(defines)
    }
}

impl ByRegister {
    /// The better of what two additions of the same thing say.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Sure, _) | (_, Self::Sure) => Self::Sure,
            (Self::IfImported, _) | (_, Self::IfImported) => Self::IfImported,
            (Self::Perhaps, Self::Perhaps) => Self::Perhaps,
        }
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
