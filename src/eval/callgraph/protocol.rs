//! Calls that the language makes: operators, iteration, `with`, formatting, attribute hooks, what happens to a class once it is defined.

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::Site;
use crate::eval::domain::value::{ClassRef, Data, Kind, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::attribute::Attribute;
use crate::eval::objects::class::Generated;
use crate::eval::objects::mro::{Ancestor, InMro};
use crate::eval::objects::special::operator_methods;
use crate::name::Name;
use crate::syntax::ir::{
    ArgumentKind, Class, Comparison, Expr, ExprKind, Operator, Range, StmtKind, UnaryOperator,
};

use super::{Flow, Holder};

/// How many iterators are asked of each other for one item: `__iter__` of what `__iter__` gave.
const ITERATORS: usize = 16;

impl<'p> Evaluator<'p> {
    /// Calls the first of some special methods that a value's class has, where the call graph is asked for. None: it has none of them.
    pub fn ask(
        &mut self,
        frame: &mut Frame<'p>,
        value: Value,
        names: &[&str],
        arguments: &[Value],
    ) -> Option<Value> {
        self.calls.as_ref()?;
        let mut results = Vec::new();
        for alternative in self.values.alternatives(value) {
            let (Data::Instance { class, .. } | Data::Member { class, .. }) =
                *self.data(alternative)
            else {
                continue;
            };
            let defined = |name: &&&str| matches!(self.in_mro(class, Name::new(name)), InMro::Found(value, _) if value != Value::NONE);
            let Some(name) = names.iter().find(defined) else {
                continue;
            };
            if let Attribute::Found(method) =
                self.get_attribute(frame, alternative, Name::new(name))
            {
                let result = self.call_aside(frame, method, arguments.to_vec());
                results.extend(self.values.alternatives(result));
            }
        }
        (!results.is_empty()).then(|| self.values.union(results))
    }

    /// A call whose failure is none of the code around it.
    pub fn call_aside(
        &mut self,
        frame: &mut Frame<'p>,
        function: Value,
        arguments: Vec<Value>,
    ) -> Value {
        let live = frame.state.live;
        let marks = frame.failures.len();
        let result = self.call_with(frame, function, arguments, Range::default());
        frame.failures.truncate(marks);
        frame.state.live = live;
        result
    }

    /// Iterates over a value: calls what the iteration runs, and gives any one item. None: what is iterated over runs no code of the tree.
    pub fn iterated(&mut self, frame: &mut Frame<'p>, value: Value) -> Option<Value> {
        self.calls.as_ref()?;
        let mut items = Vec::new();
        let mut any = false;
        for alternative in self.values.alternatives(value) {
            let item = match self.iterated_one(frame, alternative) {
                Some(item) => {
                    any = true;
                    item
                }
                None => self.any_item(frame, alternative),
            };
            items.extend(self.values.alternatives(item));
        }
        any.then(|| self.values.union(items))
    }

    fn iterated_one(&mut self, frame: &mut Frame<'p>, value: Value) -> Option<Value> {
        let calls = self.calls.as_mut()?;
        if calls.iterating.contains(&value) || calls.iterating.len() >= ITERATORS {
            return None;
        }
        calls.iterating.push(value);
        let item = self.iterated_anew(frame, value);
        self.calls.as_mut()?.iterating.pop();
        item
    }

    fn iterated_anew(&mut self, frame: &mut Frame<'p>, value: Value) -> Option<Value> {
        match *self.data(value) {
            Data::Generator(function) => Some(self.resumed(frame, function)),
            Data::Instance { .. } => {
                let asked = self.ask(frame, value, &["__iter__", "__aiter__"], &[]);
                if let Some(iterator) = asked {
                    return Some(self.next_of(frame, iterator));
                }
                let index = self.values.of(Kind::Int);
                let item = self.ask(frame, value, &["__getitem__"], &[index]);
                item.or_else(|| self.next_of_one(frame, value))
            }
            Data::Partial(_) => self.iterated_lazily(frame, value),
            Data::Class { class, .. } => {
                let method = self.metaclass_attribute(class, value, Name::new("__iter__"))?;
                let iterator = self.call_aside(frame, method, Vec::new());
                self.iterated(frame, iterator)
            }
            _ => None,
        }
    }

    /// What the next item of an iterator may be. It is not asked for an iterator again.
    fn next_of(&mut self, frame: &mut Frame<'p>, iterator: Value) -> Value {
        let mut items = Vec::new();
        for alternative in self.values.alternatives(iterator) {
            let item = match self.next_of_one(frame, alternative) {
                Some(item) => item,
                // `iter(x)` may stand for `x`.
                None => match self.iterated_one(frame, alternative) {
                    Some(item) => item,
                    None => self.any_item(frame, alternative),
                },
            };
            items.extend(self.values.alternatives(item));
        }
        self.values.union(items)
    }

    fn next_of_one(&mut self, frame: &mut Frame<'p>, iterator: Value) -> Option<Value> {
        if !matches!(self.data(iterator), Data::Instance { .. }) {
            return None;
        }
        let item = self.ask(frame, iterator, &["__next__", "__anext__"], &[])?;
        Some(self.awaited(item))
    }

    /// What awaiting a value gives, if it is a coroutine.
    fn awaited(&self, value: Value) -> Value {
        match *self.data(value) {
            Data::Coroutine { result, .. } => result,
            _ => value,
        }
    }

    /// `with manager`: enters and leaves it; gives what `as` binds.
    pub fn managed(&mut self, frame: &mut Frame<'p>, manager: Value) -> Option<Value> {
        self.calls.as_ref()?;
        let mut entered = Vec::new();
        for alternative in self.values.alternatives(manager) {
            if let Data::Generator(function) = *self.data(alternative) {
                entered.push(self.resumed(frame, function));
                continue;
            }
            let value = self.ask(frame, alternative, &["__enter__", "__aenter__"], &[]);
            let error = vec![Value::UNKNOWN; 3];
            self.ask(frame, alternative, &["__exit__", "__aexit__"], &error);
            if let Some(value) = value {
                entered.push(self.awaited(value));
            }
        }
        (!entered.is_empty()).then(|| self.values.union(entered))
    }

    /// `left op right` where one of them is an instance of a class of the tree.
    pub fn operated(
        &mut self,
        frame: &mut Frame<'p>,
        left: Value,
        op: Operator,
        right: Value,
    ) -> Option<Value> {
        let (plain, reflected, _) = operator_methods(op);
        self.ask(frame, left, &[plain], &[right])
            .or_else(|| self.ask(frame, right, &[reflected], &[left]))
    }

    /// `left op= right`.
    pub fn operated_in_place(
        &mut self,
        frame: &mut Frame<'p>,
        left: Value,
        op: Operator,
        right: Value,
    ) -> Option<Value> {
        let (.., in_place) = operator_methods(op);
        self.ask(frame, left, &[in_place], &[right])
            .or_else(|| self.operated(frame, left, op, right))
    }

    /// `op operand`.
    pub fn operated_alone(
        &mut self,
        frame: &mut Frame<'p>,
        op: UnaryOperator,
        operand: Value,
    ) -> Option<Value> {
        let name = match op {
            UnaryOperator::Negative => "__neg__",
            UnaryOperator::Positive => "__pos__",
            UnaryOperator::Invert => "__invert__",
        };
        self.ask(frame, operand, &[name], &[])
    }

    /// `left op right` for comparisons.
    pub fn compared(
        &mut self,
        frame: &mut Frame<'p>,
        left: Value,
        op: Comparison,
        right: Value,
    ) -> Option<Value> {
        let (names, reflected): (&[&str], &str) = match op {
            Comparison::Eq => (&["__eq__"], "__eq__"),
            Comparison::NotEq => (&["__ne__", "__eq__"], "__ne__"),
            Comparison::Lt => (&["__lt__"], "__gt__"),
            Comparison::LtE => (&["__le__"], "__ge__"),
            Comparison::Gt => (&["__gt__"], "__lt__"),
            Comparison::GtE => (&["__ge__"], "__le__"),
            Comparison::Is | Comparison::IsNot => return None,
            Comparison::In | Comparison::NotIn => {
                return self
                    .ask(frame, right, &["__contains__"], &[left])
                    .or_else(|| self.iterated(frame, right));
            }
        };
        self.ask(frame, left, names, &[right])
            .or_else(|| self.ask(frame, right, &[reflected], &[left]))
    }

    /// Whether a value is true is asked.
    pub fn asked_for_truth(&mut self, frame: &mut Frame<'p>, value: Value) {
        self.ask(frame, value, &["__bool__", "__len__"], &[]);
    }

    /// A value in an f-string.
    pub fn formatted(&mut self, frame: &mut Frame<'p>, value: Value) {
        if self.calls.is_some() {
            let text = self.values.of(Kind::Str);
            for alternative in self.values.alternatives(value) {
                if self
                    .ask(frame, alternative, &["__format__"], &[text])
                    .is_none()
                {
                    self.ask(frame, alternative, &["__str__", "__repr__"], &[]);
                }
            }
        }
    }

    /// `base[index] = value`.
    pub fn stored_item(&mut self, frame: &mut Frame<'p>, base: Value, index: Value, value: Value) {
        self.ask(frame, base, &["__setitem__"], &[index, value]);
    }

    /// `base[index]`, where a class of the tree answers.
    pub fn read_item(&mut self, frame: &mut Frame<'p>, base: Value, index: Value) -> Option<Value> {
        self.calls.as_ref()?;
        match *self.data(base) {
            Data::Instance { class, .. } => {
                let is_dict = self.class(class).mro.iter().any(|ancestor| {
                    matches!(ancestor, Ancestor::External(name)
                        if matches!(name.as_str(), "builtins.dict" | "collections.UserDict"))
                });
                let names: &[&str] = if is_dict {
                    &["__getitem__", "__missing__"]
                } else {
                    &["__getitem__"]
                };
                self.ask(frame, base, names, &[index])
            }
            Data::Class { class, .. } => {
                if let InMro::Found(function, _) =
                    self.in_mro(class, Name::new("__class_getitem__"))
                    && let Data::ClassMethod(function) = *self.data(function)
                {
                    let bound = self.values.intern(Data::Bound {
                        function,
                        receiver: base,
                    });
                    return Some(self.call_aside(frame, bound, vec![index]));
                }
                let method = self.metaclass_attribute(class, base, Name::new("__getitem__"))?;
                Some(self.call_aside(frame, method, vec![index]))
            }
            _ => None,
        }
    }

    /// `base.name = value`: property setters, descriptors, `__setattr__`; and what is stored is remembered.
    pub fn stored_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        base: Value,
        name: Name,
        value: Value,
    ) {
        if self.calls.is_none() {
            return;
        }
        for alternative in self.values.alternatives(base) {
            match *self.data(alternative) {
                Data::Instance { class, .. } => {
                    self.set_on_instance(frame, alternative, class, name, value);
                }
                Data::Class { class, .. } => self.learn_stored(Holder::Class(class), name, value),
                Data::Module(module) => self.learn_stored(Holder::Module(module), name, value),
                Data::Function(ref object) => {
                    let holder = Holder::Function(object.function);
                    self.learn_stored(holder, name, value);
                }
                _ => {}
            }
        }
    }

    fn set_on_instance(
        &mut self,
        frame: &mut Frame<'p>,
        instance: Value,
        class: ClassRef,
        name: Name,
        value: Value,
    ) {
        if self
            .ask(frame, instance, &["__setattr__"], &[Value::UNKNOWN, value])
            .is_some()
        {
            self.learn_stored(Holder::Class(class), name, value);
            return;
        }
        if let InMro::Found(found, _) = self.in_mro(class, name) {
            if let Data::Property(getter, _) = *self.data(found) {
                let setters = self.calls.as_ref().map(|calls| &calls.setters);
                if let Some(&setter) = setters.and_then(|setters| setters.get(&getter)) {
                    self.call_aside(frame, setter, vec![instance, value]);
                }
                return;
            }
            if self
                .ask(frame, found, &["__set__"], &[instance, value])
                .is_some()
            {
                return;
            }
        }
        self.learn_stored(Holder::Class(class), name, value);
    }

    /// `raise value`: a class is called.
    pub fn raised(&mut self, frame: &mut Frame<'p>, exception: &Expr, value: Value) {
        if self.calls.is_some() && !matches!(exception.kind, ExprKind::Call(_)) {
            for alternative in self.values.alternatives(value) {
                if matches!(self.data(alternative), Data::Class { .. }) {
                    self.call_aside(frame, alternative, Vec::new());
                }
            }
        }
    }

    /// What `except exception as name` binds.
    pub fn caught(&mut self, frame: &mut Frame<'p>, exception: &'p Expr) -> Option<Value> {
        self.calls.as_ref()?;
        let value = self.peek(frame, exception);
        let mut classes = self.values.alternatives(value).to_vec();
        if let Data::Tuple(items) = self.data(value) {
            classes = items.to_vec();
        }
        let mut caught = Vec::new();
        for class in classes {
            if let Data::Class { class, .. } = *self.data(class) {
                let instance = Data::Instance {
                    class,
                    exact: false,
                    data: None,
                    given: None,
                };
                caught.push(self.values.intern(instance));
            }
        }
        (!caught.is_empty()).then(|| self.values.union(caught))
    }

    /// What the metaclass does once a class body has run.
    pub fn class_made(
        &mut self,
        frame: &mut Frame<'p>,
        class: ClassRef,
        definition: &'p Class,
        metaclass: Option<Value>,
    ) {
        if self.calls.is_none() {
            return;
        }
        let value = self.values.intern(Data::Class { class, exact: true });
        if let (Some(metaclass), Some(calls)) = (metaclass, &mut self.calls) {
            calls.metaclasses.insert(class, metaclass);
        }
        if let Some(metaclass) = self.metaclass_of(class) {
            let name = self.values.str(definition.name);
            let rest = [name, Value::UNKNOWN, Value::UNKNOWN];
            let maker = self.values.intern(Data::Class {
                class: metaclass,
                exact: true,
            });
            for (method, first) in [("__new__", maker), ("__init__", value)] {
                if let InMro::Found(function, _) = self.in_mro(metaclass, Name::new(method)) {
                    let mut arguments = vec![first];
                    arguments.extend(rest);
                    self.call_keywords(frame, function, arguments, definition);
                }
            }
        }
    }

    /// A call with the keywords of a class statement.
    fn call_keywords(
        &mut self,
        frame: &mut Frame<'p>,
        function: Value,
        positionals: Vec<Value>,
        definition: &'p Class,
    ) {
        let mut actual = Actual::of(positionals);
        let is_passed = |argument: &&crate::syntax::ir::Argument| matches!(argument.kind, crate::syntax::ir::ArgumentKind::Keyword(name) if name.as_str() != "metaclass");
        if definition
            .arguments
            .iter()
            .any(|argument| is_passed(&argument))
        {
            actual.rest = Some(Value::UNKNOWN);
        }
        let site = Site {
            shift: 1,
            ..Site::of_language()
        };
        let live = frame.state.live;
        self.call_alternatives(frame, site, function, &actual);
        frame.state.live = live;
    }

    /// The class of the tree that makes a class's instances, if it is not `type`.
    pub fn metaclass_of(&self, class: ClassRef) -> Option<ClassRef> {
        let calls = self.calls.as_ref()?;
        self.class(class).mro.iter().find_map(|ancestor| {
            let Ancestor::Tree(ancestor) = ancestor else {
                return None;
            };
            match *self.data(*calls.metaclasses.get(ancestor)?) {
                Data::Class { class, .. } => Some(class),
                _ => None,
            }
        })
    }

    /// An attribute that a class has from its metaclass, bound to it.
    pub fn metaclass_attribute(
        &mut self,
        class: ClassRef,
        value: Value,
        name: Name,
    ) -> Option<Value> {
        let metaclass = self.metaclass_of(class)?;
        match self.in_mro(metaclass, name) {
            InMro::Found(function, _) if self.function_behind(function).is_some() => {
                Some(self.values.intern(Data::Bound {
                    function,
                    receiver: value,
                }))
            }
            _ => None,
        }
    }

    /// `yield value`.
    pub fn yielded(&mut self, frame: &mut Frame<'p>, value: Value) {
        if self.calls.is_some()
            && let Some(function) = self.contexts[frame.context.0 as usize].function
        {
            let value = self.outlive(frame, value);
            self.learn_flow(Flow::Yields, function, value);
        }
    }

    /// What a `yield` gives.
    pub fn sent(&mut self, frame: &Frame<'p>) -> Value {
        match self.contexts[frame.context.0 as usize].function {
            Some(function) if self.calls.is_some() => self.learnt_flow(Flow::Sent, function),
            _ => Value::UNKNOWN,
        }
    }

    /// `yield from value`, and what it gives.
    pub fn yielded_from(&mut self, frame: &mut Frame<'p>, value: Value) -> Value {
        if self.calls.is_none() {
            return Value::UNKNOWN;
        }
        let item = match self.iterated(frame, value) {
            Some(item) => item,
            None => self.any_item(frame, value),
        };
        self.yielded(frame, item);
        match *self.data(value) {
            Data::Generator(function) => self.learnt_flow(Flow::Returns, function),
            _ => Value::UNKNOWN,
        }
    }

    /// What a constructor that is made from annotations calls: default factories, `__post_init__`.
    pub fn called_by_constructor(
        &mut self,
        frame: &mut Frame<'p>,
        class: ClassRef,
        instance: Value,
        actual: &Actual,
    ) {
        if self.calls.is_none()
            || !matches!(
                self.constructor_kind(class),
                Generated::Dataclass { .. } | Generated::Unknown
            )
        {
            return;
        }
        let factory = Name::new("default_factory");
        for ancestor in self.class(class).mro.clone() {
            let Ancestor::Tree(ancestor) = ancestor else {
                continue;
            };
            let body = &self.class(ancestor).definition.body;
            let module = self.class(ancestor).module;
            for stmt in body {
                if let StmtKind::AnnAssign {
                    value: Some(value), ..
                } = &stmt.kind
                    && let ExprKind::Call(call) = &value.kind
                    && let Some(argument) = call
                        .arguments
                        .iter()
                        .find(|argument| argument.kind == ArgumentKind::Keyword(factory))
                {
                    let function = match argument.value.kind {
                        ExprKind::Name(name, _) => self.global(module, name),
                        _ => Value::UNKNOWN,
                    };
                    if self.function_behind(function).is_some() {
                        self.call_aside(frame, function, Vec::new());
                    }
                }
            }
        }
        let parameters = self.dataclass_parameters(class).unwrap_or_default();
        for (index, parameter) in parameters.iter().skip(1).enumerate() {
            if let Some(value) = actual.get(index, &parameter.name) {
                let value = self.outlive(frame, value);
                self.learn_stored(Holder::Class(class), parameter.name, value);
            }
        }
        self.ask(frame, instance, &["__post_init__"], &[]);
    }
}
