//! Classes: definition, order of resolution, construction.

use std::rc::Rc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

use crate::name::Name;
use crate::names::Doubts;
use crate::program::ModuleId;
use crate::syntax::ir::{
    ArgumentKind, Class, ClassId, Expr, ExprKind, Function, Module, Parent, Range, Slot, StmtKind,
    Var,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, ContextId, Data, FunctionObject, FunctionRef, Value};
use crate::eval::exceptions::exception::raises_not_implemented;
use crate::eval::interpreter::frame::{Frame, Owner};
use crate::eval::objects::created::ClassKeywords;
use crate::eval::objects::fields::{Fields, annotated_names, is_of_library};
use crate::eval::objects::mro::{Ancestor, InMro, is_transparent};
use crate::eval::reuse::effect::Act;
use crate::eval::reuse::file_set::FileSet;
use crate::eval::summaries::context::is_marked_abstract;

/// A class object.
#[derive(Debug)]
pub struct ClassObject<'p> {
    /// Its definition.
    pub definition: &'p Class,
    /// The module that it stands in.
    pub module: ModuleId,
    /// Which class of the module.
    pub id: ClassId,
    /// The function body around it.
    pub closure: Option<ContextId>,
    /// Its attributes, in the order of the body.
    pub namespace: IndexMap<Name, Value, FxBuildHasher>,
    /// Those of its attributes that are methods of another class: `write = Other.write` in its body.
    pub borrowed: Vec<FunctionRef>,
    /// Itself and its ancestors in the order of resolution.
    pub mro: Vec<Ancestor>,
    /// Whether a metaclass of the tree, or an unknown one, makes its instances.
    pub has_metaclass: bool,
    /// The metaclass of the tree that makes it, if it is one of those.
    pub metaclass: Option<ClassRef>,
    /// Whether code was seen that replaces attributes whose names are not known: `setattr(cls, name, wrapped)`.
    pub is_rewritten: bool,
    /// Whether `ABCMeta` makes it: it may have abstract methods.
    pub is_abstract_base: bool,
    /// Whether such code goes over the attributes that are there: methods may be replaced, too.
    pub has_new_methods: bool,
    /// Whether it is an enum.
    pub is_enum: bool,
    /// Whether its members are texts or numbers as well.
    pub has_data_base: bool,
    /// Whether attributes may be added that were not seen.
    pub is_open: bool,
    /// Whether one of its own methods raises `NotImplementedError`: classes that derive from it say what it does.
    pub has_placeholder: bool,
    /// Whether some code asks for its `register`, as abstract classes have one: instances may be of any class.
    pub is_registering: bool,
    /// Whether it has decorators but those that are known to add no names except special ones.
    pub is_decorated: bool,
    /// How its own `__init__` (or `__new__`) is made from annotations, if it is.
    pub generated: Generated,
    /// What it declares for that, as a dataclass.
    pub fields: Fields,
    /// The names that its body annotates.
    pub annotated: FxHashSet<Name>,
    /// The changed files that it rests on.
    pub looked: FileSet,
}

/// Constructors that are made from annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generated {
    /// None.
    No,
    /// `dataclasses.dataclass`.
    Dataclass { keyword_only: bool, init: bool },
    /// `typing.NamedTuple`.
    NamedTuple,
    /// Something like them whose rules are not known.
    Unknown,
}

impl ClassObject<'_> {
    /// Whether it derives from `type`.
    #[must_use]
    pub fn is_metaclass(&self) -> bool {
        self.mro.iter().any(|ancestor| {
            matches!(ancestor, Ancestor::External(name) if matches!(name.as_str(), "builtins.type" | "abc.ABCMeta" | "enum.EnumMeta" | "enum.EnumType"))
        })
    }

    /// Whether an ancestor is not known well enough to say what it lacks.
    #[must_use]
    pub fn has_unknown_ancestor(&self) -> bool {
        self.mro.iter().any(|ancestor| match ancestor {
            Ancestor::Tree(_) => false,
            Ancestor::External(name) => !is_transparent(*name),
            Ancestor::Unknown => true,
        })
    }
}

impl ClassObject<'_> {
    /// Whether an ancestor is neither of the tree nor of the standard library, so that its metaclass is not known.
    #[must_use]
    pub fn has_foreign_ancestor(&self) -> bool {
        self.mro.iter().any(|ancestor| match ancestor {
            Ancestor::Tree(_) => false,
            Ancestor::External(name) => !is_of_library(*name),
            Ancestor::Unknown => true,
        })
    }
}

/// Where a decorator is called: from its `@` on, since what follows may be a call of its own.
fn line_of(decorator: &Expr) -> Range {
    Range::new(decorator.range.start.saturating_sub(1), decorator.range.end)
}

impl<'p> Evaluator<'p> {
    /// A class, noting what it rests on.
    pub fn class(&self, class: ClassRef) -> &ClassObject<'p> {
        let class = &self.classes[class.0 as usize];
        self.look(class.looked);
        class
    }

    /// Notes that a class rests on what was looked into so far, too.
    pub fn rests_on_looks_too(&mut self, class: ClassRef) {
        let class = &mut self.classes[class.0 as usize];
        class.looked = class.looked.union(self.looked.get());
        if self.is_importing {
            class.looked = class.looked.union(self.importing);
        }
    }

    /// Runs a class statement.
    pub fn define_class(&mut self, frame: &mut Frame<'p>, id: ClassId) -> Value {
        let definition: &'p Class = &frame.ir[id];
        let decorators: Vec<Value> = definition
            .decorators
            .iter()
            .map(|decorator| self.expression(frame, decorator))
            .collect();
        let mut bases = Vec::new();
        let mut metaclass = None;
        let mut keywords = ClassKeywords::default();
        for argument in &definition.arguments {
            let value = self.expression(frame, &argument.value);
            match argument.kind {
                ArgumentKind::Positional => bases.push(value),
                ArgumentKind::Keyword(name) if name.as_str() == "metaclass" => {
                    metaclass = Some(value);
                }
                ArgumentKind::Keyword(name) => keywords.named.push((name, value)),
                ArgumentKind::DoubleStar => {
                    keywords.more = true;
                    // A metaclass may be among them.
                    metaclass = metaclass.or(Some(Value::UNKNOWN));
                }
                ArgumentKind::Star => bases.push(Value::UNKNOWN),
            }
        }
        let closure = inner_closure(frame);
        let class = self.new_class(frame.module, definition, id, closure, &bases, metaclass);
        self.run_class_body(frame, class, definition, closure);
        self.class_made(frame, class, definition, metaclass);
        self.class_created(frame, class, &keywords);
        self.classes[class.0 as usize].is_decorated = !decorators
            .iter()
            .all(|&decorator| self.adds_no_names(decorator));
        let mut value = self.values.intern(Data::Class { class, exact: true });
        for (&decorator, written) in decorators.iter().zip(&definition.decorators).rev() {
            value = self.call_with(frame, decorator, vec![value], line_of(written));
        }
        let is_global = |&decorator: &Value| matches!(self.data(decorator), Data::External(name) if name.as_str() == "enum.global_enum");
        if decorators.iter().any(is_global) {
            self.export_members(frame, class);
        }
        if value != self.values.intern(Data::Class { class, exact: true }) {
            // What the decorator did to the class is not known.
            self.classes[class.0 as usize].is_open = true;
            self.classes[class.0 as usize].generated = Generated::Unknown;
            self.forget_declarations(class);
        }
        if decorators
            .iter()
            .any(|&decorator| self.sets_computed_names(decorator))
        {
            self.forget_methods(class);
        }
        self.look_into(frame.module);
        self.rests_on_looks_too(class);
        value
    }

    /// Whether a class decorator of the tree has a function that sets attributes by names which it computes, `setattr(self, name, ..)`: it may give each instance others
    /// than the class has.
    fn sets_computed_names(&self, decorator: Value) -> bool {
        let Some(found) = self.function_behind(decorator) else {
            return false;
        };
        let ir = &self.program.module(found.function.module).ir;
        let outer = ir[found.function.id].range;
        let mut sets = false;
        let inner = ir
            .functions
            .iter()
            .filter(|own| outer.contains(own.range) && own.range != outer);
        for function in inner {
            visit::all_expressions(&function.body, &mut |expr| {
                if let ExprKind::Call(call) = &expr.kind
                    && matches!(call.function.kind, ExprKind::Name(name, Var::Global(_)) if name.as_str() == "setattr")
                {
                    let second = call.arguments.get(1).map(|second| &second.value.kind);
                    sets |= !matches!(second, Some(ExprKind::Constant(_)));
                }
            });
        }
        sets
    }

    /// An instance may have something else by the name of each method.
    fn forget_methods(&mut self, class: ClassRef) {
        let object = &mut self.classes[class.0 as usize];
        object.is_open = true;
        let values = &self.values;
        for (name, value) in &mut object.namespace {
            if name.as_str() != "__init__" && matches!(values.get(*value), Data::Function(_)) {
                *value = Value::UNKNOWN;
            }
        }
    }

    /// `enum.global_enum`: the members become variables of the module as well (the library reference, `enum`).
    fn export_members(&mut self, frame: &mut Frame<'p>, class: ClassRef) {
        let namespace = &self.class(class).namespace;
        let members: Vec<(Name, Value)> = namespace
            .iter()
            .filter(|&(_, &value)| matches!(self.data(value), Data::Member { .. }))
            .map(|(&name, &value)| (name, value))
            .collect();
        for (name, value) in members {
            self.bind_in_module(frame, name, value);
        }
    }

    /// Whether a class decorator adds nothing to a class but special methods.
    fn adds_no_names(&self, decorator: Value) -> bool {
        match self.data(decorator) {
            Data::Partial(partial) => self.adds_no_names(partial.function),
            Data::External(name) => matches!(
                name.as_str(),
                "dataclasses.dataclass"
                    | "enum.global_enum"
                    | "enum.unique"
                    | "functools.total_ordering"
                    | "typing.final"
                    | "typing.runtime_checkable"
                    | "typing_extensions.final"
                    | "typing_extensions.runtime_checkable"
            ),
            _ => false,
        }
    }

    /// After an unknown decorator: `x = attrib()` may have been a declaration, and instances have something else there.
    fn forget_declarations(&mut self, class: ClassRef) {
        let values = &self.values;
        for value in self.classes[class.0 as usize].namespace.values_mut() {
            if matches!(values.get(*value), Data::Instance { .. }) {
                *value = Value::UNKNOWN;
            }
        }
    }

    fn new_class(
        &mut self,
        module: ModuleId,
        definition: &'p Class,
        id: ClassId,
        closure: Option<ContextId>,
        bases: &[Value],
        metaclass: Option<Value>,
    ) -> ClassRef {
        let ancestors: Vec<Ancestor> = bases.iter().map(|&base| self.ancestor(base)).collect();
        let class = match self.class_index.get(&(module, id, closure)) {
            Some(&known) => known,
            None => ClassRef(u32::try_from(self.classes.len()).unwrap_or(u32::MAX)),
        };
        let mut mro = vec![Ancestor::Tree(class)];
        mro.extend(self.linearized(&ancestors));
        let external = |wanted: &[&str]| {
            mro.iter().any(|ancestor| matches!(ancestor, Ancestor::External(name) if wanted.contains(&name.as_str())))
        };
        let is_enum = external(&[
            "enum.Enum",
            "enum.IntEnum",
            "enum.StrEnum",
            "enum.Flag",
            "enum.IntFlag",
        ]);
        let has_data_base = external(&[
            "builtins.str",
            "builtins.int",
            "enum.IntEnum",
            "enum.StrEnum",
            "enum.IntFlag",
            "enum.Flag",
        ]);
        let has_abc_metaclass = metaclass.is_some_and(|metaclass| {
            matches!(self.data(metaclass), Data::External(name) if name.as_str() == "abc.ABCMeta")
        });
        let own_metaclass = metaclass.is_some() && !has_abc_metaclass;
        let is_abstract_base = has_abc_metaclass
            || external(&["abc.ABC", "typing.Protocol"])
            || mro[1..].iter().any(|ancestor| match ancestor {
                Ancestor::Tree(base) => self.class(*base).is_abstract_base,
                _ => false,
            });
        let has_metaclass = own_metaclass
            || ancestors.iter().any(|ancestor| match ancestor {
                Ancestor::Tree(base) => self.class(*base).has_metaclass,
                _ => false,
            });
        let metaclass = match metaclass.map(|metaclass| self.data(metaclass)) {
            Some(&Data::Class { class, .. }) => Some(class),
            Some(_) => None,
            None => ancestors.iter().find_map(|ancestor| match ancestor {
                Ancestor::Tree(base) => self.class(*base).metaclass,
                _ => None,
            }),
        };
        let named_tuple = Ancestor::External(Name::new("typing.NamedTuple"));
        let generated = if ancestors.contains(&named_tuple) {
            Generated::NamedTuple
        } else {
            Generated::No
        };
        let object = ClassObject {
            definition,
            module,
            id,
            closure,
            namespace: IndexMap::default(),
            borrowed: Vec::new(),
            mro,
            has_metaclass,
            metaclass,
            is_rewritten: metaclass.is_some_and(|metaclass| self.rewrites(metaclass)),
            has_new_methods: false,
            is_abstract_base,
            is_enum,
            has_data_base,
            is_open: writes_own_namespace(definition),
            has_placeholder: has_placeholder(&self.program.module(module).ir, definition),
            is_registering: false,
            is_decorated: !definition.decorators.is_empty(),
            generated,
            fields: None,
            annotated: annotated_names(definition),
            looked: self.deriving_from(definition.name),
        };
        self.class_changes += 1;
        let is_anew = (class.0 as usize) < self.classes.len();
        for ancestor in ancestors {
            if let Ancestor::Tree(base) = ancestor {
                let known = self.subclasses.entry(base).or_default();
                let is_known = known.last() == Some(&class) || is_anew && known.contains(&class);
                if !is_known {
                    known.push(class);
                }
            }
        }
        if is_anew {
            self.classes[class.0 as usize] = object;
        } else {
            self.classes.push(object);
            self.class_index.insert((module, id, closure), class);
        }
        class
    }

    fn run_class_body(
        &mut self,
        outer: &mut Frame<'p>,
        class: ClassRef,
        definition: &'p Class,
        closure: Option<ContextId>,
    ) {
        let owner = Owner::Class(definition);
        let mut frame = Frame {
            closure,
            uncertain: outer.uncertain,
            introspected: outer.introspected
                + u32::from(definition.decorators.iter().any(sets_aside)),
            doubts: Doubts::of(outer.ir).of_class(self.class(class).id),
            is_prepared: self.has_prepared_namespace(class),
            is_made_elsewhere: self.is_made_elsewhere(self.class(class)),
            ..Frame::new(outer.context, outer.module, outer.ir, owner)
        };
        self.block(&mut frame, &definition.body);
        outer.failures.append(&mut frame.failures);
        outer.edges.append(&mut frame.edges);
        outer.tests.extend(std::mem::take(&mut frame.tests));
        outer.traps.all.append(&mut frame.traps.all);
        for (index, variable) in definition.scope.slots.iter().enumerate() {
            let value = frame.state.slots[index];
            if value != Value::UNBOUND && !variable.hidden {
                self.classes[class.0 as usize]
                    .namespace
                    .insert(variable.name, value);
                self.keep_of_class(class, variable.name, value);
            }
        }
        // A class that says what it equals, and not how it is hashed, is not hashed (the data model, `object.__hash__`).
        let namespace = &mut self.classes[class.0 as usize].namespace;
        let hash = Name::new("__hash__");
        if namespace.contains_key(&Name::new("__eq__")) && !namespace.contains_key(&hash) {
            namespace.insert(hash, Value::NONE);
        }
        self.classes[class.0 as usize].borrowed = self.borrowed_by(class);
        self.class_changes += 1;
        if self.class(class).is_enum {
            self.make_members(class);
        }
    }

    /// Whether a metaclass may put names into a class's body before it runs (`__prepare__`).
    fn has_prepared_namespace(&self, class: ClassRef) -> bool {
        !self.class(class).is_enum && self.may_metaclass_have(class, "__prepare__")
    }

    /// Whether a class has a metaclass that may have a method which `type` has not, or has it otherwise.
    fn may_metaclass_have(&self, class: ClassRef, method: &str) -> bool {
        let object = self.class(class);
        if !object.has_metaclass {
            return false;
        }
        let Some(metaclass) = object.metaclass else {
            return true;
        };
        let has = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(base) => {
                let namespace = &self.class(*base).namespace;
                namespace.contains_key(&Name::new(method))
            }
            Ancestor::External(name) => !matches!(
                name.as_str(),
                "builtins.type" | "builtins.object" | "abc.ABCMeta"
            ),
            Ancestor::Unknown => true,
        };
        self.class(metaclass).mro.iter().any(has)
    }

    /// Whether a class may have what makes its instances descriptors.
    fn may_describe(&self, class: ClassRef) -> bool {
        let methods = ["__get__", "__set__", "__delete__"];
        let mut methods = methods.iter().map(|&method| Name::new(method));
        methods.any(|method| self.in_mro(class, method) != InMro::Missing)
    }

    /// Turns the plain values of an enum's body into members.
    fn make_members(&mut self, class: ClassRef) {
        let names: Vec<(Name, Value)> = self
            .class(class)
            .namespace
            .iter()
            .map(|(&name, &value)| (name, value))
            .collect();
        let assigned = assigned_names(self.class(class).definition);
        let mut seen: Vec<(Value, Name)> = Vec::new();
        for (name, value) in names {
            let is_plain = !matches!(
                self.data(value),
                Data::Function(_)
                    | Data::Static(_)
                    | Data::ClassMethod(_)
                    | Data::Property(..)
                    | Data::CachedProperty(_)
            );
            let private = is_no_member(&name, self.class(class).definition.name);
            if !is_plain || private || !assigned.contains(&name) {
                continue;
            }
            // A class is one as well, unless it is there for descriptors (the library reference, `enum`: "Supported `__dunder__` names", `_is_descriptor`).
            if let Data::Class { class: held, .. } = *self.data(value)
                && self.may_describe(held)
            {
                let namespace = &mut self.classes[class.0 as usize].namespace;
                namespace.insert(name, Value::UNKNOWN);
                continue;
            }
            let value = self.value_of_member(class, value);
            // A second name for a value is the same member.
            let known = crate::eval::domain::compare::is_key(&self.values, value);
            let canonical = match seen.iter().find(|(other, _)| known && *other == value) {
                Some(&(_, first)) => first,
                None => name,
            };
            seen.push((value, canonical));
            let member = self.values.intern(Data::Member {
                class,
                name: canonical,
            });
            self.member_values.insert((class, canonical), value);
            self.classes[class.0 as usize]
                .namespace
                .insert(name, member);
        }
    }

    /// The members of an enum, in order.
    pub fn enum_members(&self, class: ClassRef) -> Option<Vec<Value>> {
        let object = self.class(class);
        if !object.is_enum || object.is_open {
            return None;
        }
        let mut members: Vec<Value> = Vec::new();
        for &value in object.namespace.values() {
            if matches!(self.data(value), Data::Member { .. }) && !members.contains(&value) {
                members.push(value);
            }
        }
        Some(members)
    }

    /// `repr` of an enum member, if its value is known.
    pub fn member_repr(&self, member: Value) -> Option<String> {
        let Data::Member { class, name } = *self.data(member) else {
            return None;
        };
        let shown = match self
            .member_values
            .get(&(class, name))
            .map(|&value| self.data(value))
        {
            Some(Data::Str(text)) => crate::eval::exceptions::exception::repr(text),
            Some(Data::Int(number)) => number.to_string(),
            _ => return None,
        };
        let class = self.class(class).definition.name;
        Some(format!("<{class}.{name}: {shown}>"))
    }

    /// `Class[x]`: a member by name, what the metaclass or `__class_getitem__` gives, or a generic class with arguments (the data model,
    /// "Emulating generic types").
    pub fn class_item(
        &mut self,
        frame: &mut Frame<'p>,
        asked: Option<Range>,
        (class, base): (ClassRef, Value),
        index: Value,
    ) -> Value {
        if self.class(class).is_enum {
            if let Some(range) = asked {
                self.check_member_name(frame, range, class, index);
            }
            return match self
                .values
                .as_str(index)
                .and_then(|name| self.class(class).namespace.get(&name).copied())
            {
                Some(member) => member,
                None => Value::UNKNOWN,
            };
        }
        if self.may_metaclass_have(class, "__getitem__") {
            return Value::UNKNOWN;
        }
        let object = self.class(class);
        let is_foreign = object.has_foreign_ancestor();
        match self.in_mro(class, Name::new("__class_getitem__")) {
            InMro::Found(function, _) => {
                let bound = self.unbound(function, base);
                self.call_aside(frame, bound, vec![index])
            }
            _ if is_foreign => Value::UNKNOWN,
            _ => base,
        }
    }

    /// Whether a class is an exception.
    pub fn is_exception_class(&self, class: ClassRef) -> bool {
        self.class(class).mro.iter().any(|ancestor| {
            matches!(ancestor, Ancestor::External(name) if name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Warning"))
        })
    }

    /// `def`, decorators applied.
    pub fn define_function(
        &mut self,
        frame: &mut Frame<'p>,
        id: crate::syntax::ir::FunctionId,
    ) -> Value {
        let definition = &frame.ir[id];
        let decorators: Vec<Value> = definition
            .decorators
            .iter()
            .map(|decorator| self.expression(frame, decorator))
            .collect();
        let defaults: Rc<[Option<Value>]> = definition
            .params
            .iter()
            .map(|parameter| {
                parameter.default.as_ref().map(|default| {
                    let value = self.expression(frame, default);
                    self.outlive(frame, value)
                })
            })
            .collect();
        if self.modules[frame.module.0 as usize].runs_annotations {
            self.run_annotations(frame, definition);
        }
        let object = FunctionObject {
            function: FunctionRef {
                module: frame.module,
                id,
            },
            closure: inner_closure(frame),
            defaults,
        };
        if self.is_overload(&decorators) {
            // It only says how the definition after it may be called: nothing is done with it (`typing.overload`).
            return Value::UNKNOWN;
        }
        if self.is_chosen_by_parameters(frame) {
            self.chosen.insert(object.function);
        }
        if frame.is_unsure() || definition.decorators.iter().any(sets_aside) {
            self.versioned.insert(object.function);
        }
        if !definition.is_superseded {
            self.queue(&object);
        }
        if is_half_written(frame.ir, definition) {
            return Value::UNKNOWN;
        }
        let mut value = self.values.intern(Data::Function(object));
        for (&decorator, written) in decorators.iter().zip(&definition.decorators).rev() {
            value = self.call_with(frame, decorator, vec![value], line_of(written));
            if !frame.state.live {
                // A decorator that never returns: the definition is not reached. It is more likely that we are wrong.
                frame.state.live = true;
                value = Value::UNKNOWN;
            }
        }
        // Class methods without being declared ones, decorated or not (the data model, "Customizing class creation").
        let is_of_class = matches!(definition.parent, Parent::Class(_))
            && matches!(
                definition.name.as_str(),
                "__init_subclass__" | "__class_getitem__"
            );
        if is_of_class && matches!(self.data(value), Data::Function(_)) {
            return self.values.intern(Data::ClassMethod(value));
        }
        value
    }

    fn is_overload(&self, decorators: &[Value]) -> bool {
        decorators.iter().any(|&decorator| {
            matches!(self.data(decorator), Data::External(name)
                if matches!(name.as_str(), "typing.overload" | "typing_extensions.overload"))
        })
    }

    /// `setattr(object, name, value)`.
    pub fn set_attribute_call(
        &mut self,
        frame: &mut Frame<'p>,
        actual: &crate::eval::calls::arguments::Actual,
    ) {
        let &[object, name, value] = actual.positionals.as_slice() else {
            return;
        };
        if let Some(name) = self.values.as_str(name) {
            let value = self.outlive(frame, value);
            self.assign_attribute(object, name, value);
            if !matches!(self.data(object), Data::Class { .. }) {
                self.set_computed_name(name);
            }
            match name.as_str() {
                "__class__" => self.reclass(object),
                "__code__" | "__defaults__" | "__kwdefaults__" => self.replace_function(object),
                _ => {}
            }
            return;
        }
        if self.survey.tests.contains(&frame.module) {
            self.fill_for_tests(object);
            return;
        }
        self.fill(object);
        if let Data::Class { class, .. } = *self.data(object) {
            if !self.is_importing {
                self.effects.acts.push(Act::Other);
            }
            self.rests_on_looks_too(class);
            let goes_over = frame.function().is_some_and(goes_over_attributes);
            let class = &mut self.classes[class.0 as usize];
            class.is_rewritten = true;
            class.has_new_methods |= goes_over;
            class.is_open = true;
        }
    }

    /// Calls a special method of an instance, if it is known.
    pub fn call_special(
        &mut self,
        frame: &mut Frame<'p>,
        instance: Value,
        name: &str,
        arguments: &[Value],
        range: crate::syntax::ir::Range,
    ) -> Value {
        if let Some(method) = self.special_method(frame, instance, name) {
            self.call_with(frame, method, arguments.to_vec(), range)
        } else {
            self.may_raise(frame);
            Value::UNKNOWN
        }
    }

    /// A special method, which the language looks up on the class, bound to the instance.
    pub fn special_method(
        &mut self,
        _frame: &mut Frame<'p>,
        instance: Value,
        name: &str,
    ) -> Option<Value> {
        let Data::Instance { class, exact, .. } = *self.data(instance) else {
            return None;
        };
        if !exact && self.is_overridden(class, Name::new(name)) {
            return None;
        }
        match self.in_mro(class, Name::new(name)) {
            InMro::Found(function, _) if matches!(self.data(function), Data::Function(_)) => {
                Some(self.values.intern(Data::Bound {
                    function,
                    receiver: instance,
                }))
            }
            _ => None,
        }
    }

    /// The class around the function that runs, as `super()` and `__class__` see it.
    pub fn class_around(&self, frame: &Frame<'p>) -> Option<ClassRef> {
        let function = frame.function()?;
        let Parent::Class(class) = function.parent else {
            return None;
        };
        self.class_index
            .get(&(frame.module, class, frame.closure))
            .copied()
    }

    /// The first argument of the method that runs.
    pub fn own_receiver(&self, frame: &Frame<'p>) -> Option<Value> {
        frame.function()?.params.first()?;
        let value = *frame.state.slots.get(Slot(0).0 as usize)?;
        (value != Value::UNBOUND).then_some(value)
    }
}

/// The evaluation whose variables functions and classes defined here can see.
fn inner_closure(frame: &Frame<'_>) -> Option<ContextId> {
    match frame.owner {
        Owner::Function(_) => Some(frame.context),
        Owner::Class(_) => frame.closure,
        Owner::Module => None,
    }
}

/// Whether a function goes over the attributes that an object has: a loop over `dir(cls)`, `vars(cls)`, `cls.__dict__`, `inspect.getmembers(cls)`.
fn goes_over_attributes(function: &Function) -> bool {
    let mut iterated: Vec<&Expr> = Vec::new();
    crate::syntax::visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::For { iter, .. } = &stmt.kind {
            iterated.push(iter);
        }
    });
    crate::syntax::visit::all_expressions(&function.body, &mut |expr| {
        if let ExprKind::Comprehension(comprehension) = &expr.kind {
            iterated.extend(comprehension.clauses.iter().map(|clause| &clause.iter));
        }
    });
    let mut found = false;
    for iterated in iterated {
        crate::syntax::visit::expressions(iterated, &mut |expr| {
            found |= match &expr.kind {
                ExprKind::Attribute { attribute, .. } => {
                    matches!(attribute.as_str(), "__dict__" | "getmembers")
                }
                ExprKind::Name(name, _) => {
                    matches!(name.as_str(), "dir" | "vars" | "getmembers")
                }
                _ => false,
            };
        });
    }
    found
}

/// The names that a class body assigns (rather than defines or imports).
fn assigned_names(definition: &Class) -> Vec<Name> {
    let mut names = Vec::new();
    crate::syntax::visit::statements(&definition.body, &mut |stmt| {
        let targets = match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().collect(),
            StmtKind::AnnAssign {
                target,
                value: Some(_),
                ..
            } => vec![target],
            _ => Vec::new(),
        };
        for target in targets {
            crate::syntax::visit::expressions(target, &mut |expr| {
                if let ExprKind::Name(name, _) = expr.kind {
                    names.push(name);
                }
            });
        }
    });
    names
}

/// `@pytest.mark.skip(..)`, `@unittest.expectedFailure`: a test that is not run here, or is known to fail.
fn sets_aside(decorator: &Expr) -> bool {
    match &decorator.kind {
        ExprKind::Call(call) => sets_aside(&call.function),
        ExprKind::Attribute {
            attribute: name, ..
        }
        | ExprKind::Name(name, _) => matches!(
            name.as_str(),
            "skip" | "skipif" | "skipIf" | "skipUnless" | "xfail" | "expectedFailure"
        ),
        _ => false,
    }
}

/// Whether a function's header does not parse. What it takes is not known then: its parameters are what the parser made of it.
fn is_half_written(ir: &Module, function: &Function) -> bool {
    let first = function.body.first();
    let end = first.map_or(function.range.end, |first| first.range.start);
    ir.has_error_in(Range::new(
        function.range.start,
        end.max(function.header.end),
    ))
}

/// Whether an enum's name is no member: `__x__`, `_x_`, and `_Class__x`, as the compiler writes the private name `__x` (`EnumDict` of CPython's enum.py).
fn is_no_member(name: &str, class: Name) -> bool {
    let is_between = |mark: &str| {
        name.strip_prefix(mark)
            .and_then(|rest| rest.strip_suffix(mark))
            .is_some_and(|inner| !inner.is_empty())
    };
    let is_private = name
        .strip_prefix('_')
        .and_then(|rest| rest.strip_prefix(class.trim_start_matches('_')))
        .is_some_and(|rest| rest.starts_with("__"));
    is_between("_") || is_private
}

/// Whether a method of a class raises `NotImplementedError` at its end, or is marked as abstract.
fn has_placeholder(ir: &Module, definition: &Class) -> bool {
    definition.body.iter().any(|stmt| {
        let StmtKind::FunctionDef { function, .. } = stmt.kind else {
            return false;
        };
        let method = &ir[function];
        is_marked_abstract(method) || raises_not_implemented(&method.body)
    })
}

/// Whether a class body asks for its own namespace as a dict, `locals()` or `vars()`: it may put names there.
fn writes_own_namespace(definition: &Class) -> bool {
    let mut found = false;
    visit::all_expressions(&definition.body, &mut |expr| {
        if let ExprKind::Call(call) = &expr.kind
            && let ExprKind::Name(name, _) = call.function.kind
        {
            found |= matches!(name.as_str(), "locals" | "vars") && call.arguments.is_empty();
        }
    });
    found
}
