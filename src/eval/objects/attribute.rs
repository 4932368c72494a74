//! Attributes of modules, classes, instances and everything else.

use rustc_hash::FxHashSet;

use crate::facts::{Confidence, FailureKind};
use crate::name::Name;
use crate::program::ModuleId;
use crate::program::stdlib::is_standard;
use crate::python::Version;
use crate::syntax::ir::{ClassId, Expr, ExprKind, Parent, Range};

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::value::{ClassRef, Data, FunctionObject, Kind, Manager, Value};
use crate::eval::exceptions::class::ATTRIBUTE_ERROR;
use crate::eval::interpreter::frame::{Frame, LocalFailure, Owner};
use crate::eval::library::framed::is_method_of_deferred;
use crate::eval::objects::class::Generated;
use crate::eval::objects::filled::Holder;
use crate::eval::objects::library_class::missing_text;
use crate::eval::objects::mro::{Ancestor, InMro, is_transparent};
use crate::eval::reuse::file_set::FileSet;
use crate::eval::summaries::context::is_stub;

/// What looking an attribute up gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// It is there.
    Found(Value),
    /// It certainly is not.
    Missing,
    /// It cannot be told.
    Unknown,
}

impl Attribute {
    /// Its value, unknown if it is not there.
    #[must_use]
    pub fn value(self) -> Value {
        self.known().unwrap_or(Value::UNKNOWN)
    }

    /// Its value, if it is there.
    #[must_use]
    pub fn known(self) -> Option<Value> {
        match self {
            Self::Found(value) => Some(value),
            Self::Missing | Self::Unknown => None,
        }
    }
}

/// What `type` gives every class besides special names.
pub(super) const OF_TYPE: &str = "mro";

/// What a class may have that makes it doubtful which attributes its instances have.
pub(super) const GUARDS: [&str; 6] = [
    "__getattr__",
    "__getattribute__",
    "__slots__",
    "__dict__",
    "__init_subclass__",
    "__set_name__",
];

impl<'p> Evaluator<'p> {
    /// `base.name` in an expression: a failure, if it certainly is not there.
    pub fn attribute_of(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        name: Name,
    ) -> Value {
        match self.get_attribute(frame, base, name) {
            Attribute::Found(value) => {
                if let Data::External(module) = *self.data(base) {
                    self.attribute_of_target(frame, module, name, expr.range);
                }
                self.check_parted_attribute(frame, expr, base, name);
                self.run_get(frame, (base, name), expr.range);
                value
            }
            Attribute::Unknown => {
                if !matches!(self.data(base), Data::External(_)) {
                    self.may_raise(frame);
                }
                self.run_get(frame, (base, name), expr.range);
                self.check_put_there(frame, expr, base, name);
                self.check_listed_bases(frame, expr, base, name);
                self.check_annotated(frame, expr, base, name);
                Value::UNKNOWN
            }
            Attribute::Missing => {
                self.may_raise(frame);
                if self.is_expected_here(frame, *ATTRIBUTE_ERROR) {
                    frame.state.live = false;
                    return Value::UNKNOWN;
                }
                // None is what a variable begins with that is filled when it is first asked for: another alternative is what there will be.
                let alternatives = self.values.alternatives(base);
                let mut others = alternatives.iter().filter(|&&value| value != Value::NONE);
                let first = *others.next().unwrap_or(&alternatives[0]);
                self.note_lacking(frame.context, expr.range, first, name);
                let before = frame.failures.len();
                if let Some(text) = self.attribute_error(frame, first, name) {
                    let by_value = match self.data(first) {
                        Data::Module(_) | Data::Class { .. } => is_parameter_of(frame, expr),
                        Data::External(path) if !path.ends_with("()") => {
                            is_parameter_of(frame, expr)
                        }
                        _ => true,
                    };
                    let free = match &expr.kind {
                        ExprKind::Attribute { value, .. } => self.is_of_changing_cell(frame, value),
                        _ => false,
                    };
                    let unsure = (by_value && free)
                        || frame.is_unsure()
                        || (by_value && self.is_chosen(frame))
                        || (matches!(self.data(first), Data::Instance { .. })
                            && self.is_handed_over(frame, expr))
                        || (matches!(self.data(first), Data::External(_))
                            && self.is_fallback(frame, expr.range));
                    let confidence = if unsure {
                        Confidence::May
                    } else {
                        Confidence::Must
                    };
                    frame.failures.push(LocalFailure {
                        confidence,
                        exception: Some(format!("AttributeError: {text}")),
                        by_value,
                        of_tree: self.is_tree_value(first),
                        ..LocalFailure::at(
                            FailureKind::MissingAttribute,
                            name,
                            expr.range,
                            "reads the attribute",
                        )
                    });
                }
                if let ExprKind::Attribute { value, .. } = &expr.kind {
                    self.leave_failed(frame, value, first, before);
                }
                Value::UNKNOWN
            }
        }
    }

    /// Whether a value is something of the tree, or an instance of one of its classes.
    fn is_tree_value(&self, value: Value) -> bool {
        matches!(
            self.data(value),
            Data::Instance { .. }
                | Data::Class { .. }
                | Data::Module(_)
                | Data::Namespace(_)
                | Data::Member { .. }
                | Data::Function(_)
        )
    }

    /// CPython's text for a missing attribute.
    pub(super) fn attribute_error(
        &mut self,
        frame: &Frame<'p>,
        base: Value,
        name: Name,
    ) -> Option<String> {
        Some(match *self.data(base) {
            Data::Module(module) if self.has_hook(module) => self.hook_text(module, name)?,
            Data::Module(module) => format!(
                "module '{}' has no attribute '{name}'",
                self.program.module(module).name
            ),
            Data::Super { .. } => format!("'super' object has no attribute '{name}'"),
            // The metaclass of enums has words of its own up to 3.11.
            Data::Class { class, .. }
                if self.class(class).is_enum && self.program.targets().wording() < Version(12) =>
            {
                name.to_string()
            }
            Data::Class { class, .. } => {
                format!(
                    "type object '{}' has no attribute '{name}'",
                    self.class(class).definition.name
                )
            }
            Data::Instance { class, .. } | Data::Member { class, .. } => {
                format!(
                    "'{}' object has no attribute '{name}'",
                    self.class(class).definition.name
                )
            }
            Data::External(path) => missing_text(&path, name)?,
            _ => {
                let kind = match self.named_tuple_of(base) {
                    Some(named) => named.name.to_string(),
                    None => self.type_name(frame, base)?.to_owned(),
                };
                format!("'{kind}' object has no attribute '{name}'")
            }
        })
    }

    /// Looks an attribute up.
    pub fn get_attribute(&mut self, frame: &mut Frame<'p>, base: Value, name: Name) -> Attribute {
        let found = self.plain_attribute(frame, base, name);
        if self.is_graph() && self.steps <= self.step_limit {
            self.steps += 1;
            self.graph_attribute(frame, base, name, found)
        } else {
            found
        }
    }

    fn plain_attribute(&mut self, frame: &mut Frame<'p>, base: Value, name: Name) -> Attribute {
        if name.as_str() == "__class__" {
            let class = self.type_of(frame, base);
            if class != Value::UNKNOWN {
                return Attribute::Found(class);
            }
        }
        match self.data(base).clone() {
            Data::Union(members) => {
                let mut found = Vec::new();
                let mut missing = true;
                let live = frame.state.live;
                let mut goes_on = false;
                for &member in members.iter() {
                    frame.state.live = live;
                    match self.get_attribute(frame, member, name) {
                        // A property that raises: what follows is not reached with it either.
                        Attribute::Found(_) if live && !frame.state.live => missing = false,
                        Attribute::Found(value) => {
                            missing = false;
                            goes_on = true;
                            found.extend(self.values.alternatives(value));
                        }
                        Attribute::Unknown => {
                            missing = false;
                            goes_on = true;
                            found.push(Value::UNKNOWN);
                        }
                        // This alternative raises: what follows is not reached with it.
                        Attribute::Missing => {}
                    }
                }
                frame.state.live = live && (goes_on || missing);
                if found.is_empty() && !missing {
                    found.push(Value::UNKNOWN);
                }
                if missing {
                    Attribute::Missing
                } else {
                    Attribute::Found(self.values.union(found))
                }
            }
            Data::Module(module) => self.module_attribute(frame, module, name),
            Data::Namespace(namespace) => self.namespace_attribute(namespace, name),
            Data::External(path) => self.external_attribute(frame, path, name),
            Data::Class { class, exact } => {
                self.class_attribute(frame.module, base, class, exact, name)
            }
            Data::Instance { class, exact, .. } => {
                self.instance_attribute(frame, base, class, exact, name)
            }
            Data::Member {
                class,
                name: member,
            } => self.member_attribute(frame, base, class, member, name),
            Data::NamedTuple(named) if name.as_str() == "__name__" => {
                Attribute::Found(self.values.str(named.name))
            }
            Data::Made { .. } => self.attribute_of_made(frame, base, name),
            Data::Super { class, receiver } => self.super_attribute(class, receiver, name),
            Data::Property(..) | Data::CachedProperty(_) => {
                Attribute::Found(self.values.intern(Data::Method {
                    receiver: base,
                    name,
                }))
            }
            Data::Deferred { starts, .. } if is_method_of_deferred(starts, &name) => {
                Attribute::Found(self.values.intern(Data::Method {
                    receiver: base,
                    name,
                }))
            }
            Data::Manager(Manager::Stack) => Attribute::Found(self.values.intern(Data::Method {
                receiver: base,
                name,
            })),
            Data::None if !is_special(name) => Attribute::Missing,
            Data::Coroutine { .. } | Data::Of(Kind::Coroutine)
                if !is_special(name) && !is_coroutine_attribute(name) =>
            {
                Attribute::Missing
            }
            Data::Partial(partial) if name.as_str() == "func" => Attribute::Found(partial.function),
            Data::Signature(function) => self.signature_attribute(frame, function, name),
            Data::Parameter { function, index } => self.parameter_attribute(function, index, name),
            Data::Function(function) if name.as_str() == "__name__" => {
                self.name_of_function(&function)
            }
            _ => self.builtin_attribute(frame, base, name),
        }
    }

    fn class_attribute(
        &mut self,
        reader: ModuleId,
        base: Value,
        class: ClassRef,
        exact: bool,
        name: Name,
    ) -> Attribute {
        if name.as_str() == "register" {
            self.classes[class.0 as usize].is_registering = true;
            self.rests_on_looks_too(class);
        }
        if self.is_answered_by_metaclass(class, name)
            || self.is_field(class, name)
            || self.is_init_generated(&self.class(class).mro, name)
        {
            return Attribute::Unknown;
        }
        if exact && name.as_str() == "__name__" && !self.is_stored_elsewhere(name) {
            let name = self.class(class).definition.name;
            return Attribute::Found(self.values.str(name));
        }
        let elsewhere = !self.class(class).is_enum
            && (self.is_stored_on(reader, class, name)
                || self.is_stored_by_class_methods(class, name));
        if elsewhere {
            return match self.in_mro(class, name) {
                InMro::Found(value, _) => {
                    let value = self.unbound(value, base);
                    Attribute::Found(self.values.join(value, Value::UNKNOWN))
                }
                _ => Attribute::Unknown,
            };
        }
        match self.in_mro(class, name) {
            InMro::Found(found, _) if self.is_declared_for_metaclass(class, found) => {
                Attribute::Unknown
            }
            InMro::Found(found, _) => {
                let mut value = self.unbound(found, base);
                if self.is_inner_class(found) && self.may_replace_inner(class) {
                    value = self.values.join(value, Value::UNKNOWN);
                }
                if value == Value::NONE || (!exact && self.may_be_overridden(class, name, found)) {
                    value = self.values.join(value, Value::UNKNOWN);
                    if value == Value::NONE {
                        value = Value::UNKNOWN;
                    }
                }
                Attribute::Found(self.doubted_in_body((Holder::Class(class), class), found, value))
            }
            InMro::Missing
                if exact
                    && !is_special(name)
                    && !self.is_filled(Holder::Class(class))
                    && self.is_closed(class)
                    && !self
                        .survey
                        .mapped
                        .contains(&self.class(class).definition.name)
                    && !self.is_given(class, true, name) =>
            {
                Attribute::Missing
            }
            // A class of the library whose attributes are listed has none of this name either.
            InMro::Unknown
                if exact
                    && !is_special(name)
                    && !self.is_filled(Holder::Class(class))
                    && self.is_sealed(class, &GUARDS)
                    && self.lacks_in_mro(class, name)
                    && name.as_str() != OF_TYPE
                    && !self.is_given(class, true, name) =>
            {
                Attribute::Missing
            }
            _ => Attribute::Unknown,
        }
    }

    /// Whether neither a class nor any of its ancestors has an attribute in its body, those outside the tree included.
    fn lacks_in_mro(&self, class: ClassRef, name: Name) -> bool {
        let is_absent = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(class) => !self.class(*class).namespace.contains_key(&name),
            Ancestor::External(_) | Ancestor::Unknown => true,
        };
        self.class(class).mro.iter().all(is_absent) && self.externals_lack(class, name)
    }

    /// Whether nothing but what was seen can give a class or its instances an attribute.
    fn is_closed(&self, class: ClassRef) -> bool {
        !self.class(class).has_unknown_ancestor() && self.is_sealed(class, &GUARDS)
    }

    /// The same apart from what ancestors outside the tree give. `guards`: the methods and declarations that would make it doubtful.
    fn is_sealed(&self, class: ClassRef, guards: &[&str]) -> bool {
        let is_kept = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                let object = self.class(*ancestor);
                let escaping = &self.survey.escaping;
                !escaping.contains(&(object.module, object.id))
            }
            _ => true,
        };
        self.is_sealed_by_tree(class, guards) && self.class(class).mro.iter().all(is_kept)
    }

    /// The same apart from what code does that methods hand their `self` to.
    pub(super) fn is_sealed_by_tree(&self, class: ClassRef, guards: &[&str]) -> bool {
        let object = self.class(class);
        if object.is_open || object.has_metaclass {
            return false;
        }
        object.mro.iter().all(|ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                let object = self.class(*ancestor);
                !object.is_open
                    && !self.sets_any_attribute(object)
                    && !object.is_decorated
                    && !self.survey.framed.contains(&(object.module, object.id))
                    && !self.is_kept_by_frame(object.module, object.id)
                    && !guards
                        .iter()
                        .any(|guard| object.namespace.contains_key(&Name::new(guard)))
            }
            Ancestor::External(_) => true,
            Ancestor::Unknown => false,
        })
    }

    /// Whether a method of a class calls something from outside that can only work by the frame that called it, and may put what that holds on `self`.
    fn is_kept_by_frame(&self, module: ModuleId, class: ClassId) -> bool {
        let Some(names) = self.survey.frame_users.get(&(module, class)) else {
            return false;
        };
        names
            .iter()
            .any(|&name| match self.variable_at_end(module, name) {
                None => true,
                Some(value) => {
                    let mut found = self.values.alternatives(value).into_iter();
                    found.any(|value| match self.data(value) {
                        Data::Unknown => true,
                        Data::External(name) => {
                            !is_standard(name.split('.').next().unwrap_or_default())
                        }
                        _ => false,
                    })
                }
            })
    }

    /// An attribute read from the class itself.
    pub fn unbound(&mut self, value: Value, class: Value) -> Value {
        match self.data(value).clone() {
            // It may be a descriptor.
            Data::Instance { class, .. }
                if self.class_may_define(class, &[Name::new("__get__")]) =>
            {
                Value::UNKNOWN
            }
            Data::Static(inner) => self.static_or_overridden(inner, class),
            Data::ClassMethod(function) => self.values.intern(Data::Bound {
                function,
                receiver: class,
            }),
            Data::Union(members) => {
                let members = members
                    .iter()
                    .map(|&member| self.unbound(member, class))
                    .collect();
                self.values.union(members)
            }
            _ => value,
        }
    }

    fn instance_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        base: Value,
        class: ClassRef,
        exact: bool,
        name: Name,
    ) -> Attribute {
        if name.as_str() == "__class__" {
            return Attribute::Found(self.values.intern(Data::Class { class, exact }));
        }
        let in_class = self.in_mro(class, name);
        if name.as_str() == "__new__" {
            // A static method without being declared one (the data model, `object.__new__`).
            return match in_class {
                InMro::Found(value, _) if exact => Attribute::Found(value),
                _ => Attribute::Unknown,
            };
        }
        let reader = match frame.owner {
            Owner::Function(definition) => Some(definition.name),
            _ => None,
        };
        if self.is_field(class, name) && !self.is_set_after_init(class, name, reader) {
            let item = self
                .item_of_field(base, class, name)
                .or_else(|| self.own_attribute(frame, base, class, name));
            return Attribute::Found(item.unwrap_or(Value::UNKNOWN));
        }
        if let InMro::Found(value, _) = in_class
            && let Data::Property(getter, _) = *self.data(value)
        {
            if !exact && self.is_overridden(class, name) {
                return Attribute::Unknown;
            }
            let bound = self.values.intern(Data::Bound {
                function: getter,
                receiver: base,
            });
            return Attribute::Found(self.call_property(frame, bound));
        }
        if let Some(own) = self.own_attribute(frame, base, class, name) {
            return Attribute::Found(own);
        }
        let given = match in_class {
            InMro::Found(..) => None,
            InMro::Missing | InMro::Unknown => self.given_attribute(frame, base, name),
        };
        let stored = match given {
            Some(given) => Some(given),
            None => self.stored_on_instances(class, exact, name),
        };
        let elsewhere = self.is_stored_on(frame.module, class, name);
        let holder = Holder::Instances(class);
        let mut value = match (in_class, stored) {
            (InMro::Found(value, _), stored) => {
                let bound = match *self.data(value) {
                    Data::CachedProperty(function) => {
                        let getter = self.values.intern(Data::Bound {
                            function,
                            receiver: base,
                        });
                        self.call_property(frame, getter)
                    }
                    _ => self.bound(value, base, class, exact),
                };
                let mut bound = self.doubted_in_body((holder, class), value, bound);
                let is_kept = || match self.function_behind(value) {
                    // What the class body only names, `key = by_age`, is no method for those who copy the class's names to the object.
                    Some(object) => {
                        matches!(self.definition(object.function).parent, Parent::Class(_))
                            || !self.has_dynamic_attributes(class)
                            || !self.copies_class_names(class)
                    }
                    None => !self.rewrites(class),
                };
                if !is_kept() {
                    // `setattr(self, name, ..)` in a method may have put something else there.
                    bound = self.values.join(bound, Value::UNKNOWN);
                }
                match stored {
                    Some(stored) => self.values.join(bound, stored),
                    None => bound,
                }
            }
            // What no constructor of the tree assigns, one that is not known may have, or a class that is not; of the library's classes it is known.
            (InMro::Unknown, Some(stored))
                if !self.is_made_with(class, name)
                    && !self.library_bases_lack(class, name)
                    && !self.externals_lack(class, name) =>
            {
                self.values.join(stored, Value::UNKNOWN)
            }
            (_, Some(stored)) => self.doubted(holder, stored, stored),
            (InMro::Missing, None)
                if exact
                    && !elsewhere
                    && !self.is_filled(holder)
                    && !is_special(name)
                    && self.is_closed(class)
                    && !self.is_given(class, false, name) =>
            {
                return Attribute::Missing;
            }
            // What is known of the library's classes has none of this name either.
            (InMro::Unknown, None)
                if exact
                    && !elsewhere
                    && !self.is_filled(holder)
                    && !is_special(name)
                    && self.is_sealed(class, &GUARDS)
                    && self.library_bases_lack(class, name)
                    && !self.is_given(class, false, name) =>
            {
                return Attribute::Missing;
            }
            (InMro::Missing, None)
                if exact
                    && !elsewhere
                    && !self.is_filled(holder)
                    && !is_special(name)
                    && self.is_answered_by_getattr(class, name) =>
            {
                return self.answer_of_getattr(frame, base, class, name);
            }
            (InMro::Unknown | InMro::Missing, None) if !elsewhere => {
                if !exact {
                    self.note_unfinished(frame, class, name);
                }
                return self.attribute_of_data(frame, base, class, name);
            }
            _ => return Attribute::Unknown,
        };
        if value == Value::NONE || stored.is_none() && self.is_empty_constant(value) {
            // A placeholder for what is put there in a way that was not seen.
            value = Value::UNKNOWN;
        }
        if elsewhere || (!exact && self.may_be_overridden(class, name, value)) {
            value = self.values.join(value, Value::UNKNOWN);
        }
        Attribute::Found(value)
    }

    /// Whether a value is a constant that holds nothing, as a class body gives to what its users, or classes derived from it elsewhere, are to set: `voltage = ""`.
    fn is_empty_constant(&self, value: Value) -> bool {
        match self.data(value) {
            Data::Str(text) => text.as_str().is_empty(),
            Data::Tuple(items) => items.is_empty(),
            _ => false,
        }
    }

    /// A method reads an attribute of instances of its class, or of one derived from it. If those of the class itself lack it, the method is evaluated for them too.
    fn note_unfinished(&mut self, frame: &Frame<'p>, class: ClassRef, name: Name) {
        let lacks = !self.is_filled(Holder::Instances(class))
            && !is_special(name)
            && (self.is_closed(class)
                || self.is_sealed(class, &GUARDS) && self.library_bases_lack(class, name))
            && !self.is_given(class, false, name)
            && !self.is_announced_by_class(class, name);
        let function = self.contexts[frame.context.0 as usize].function;
        if let Some(function) = function.filter(|_| lacks) {
            // Whether the class is made, and derived from, any file may say.
            self.look(FileSet::ALL);
            if !self.is_loaded_by_name(class) || !self.is_had_by_relatives(class, name) {
                self.unfinished.insert(function);
            }
        }
    }

    /// Whether the body of a class, or of one that it derives from, says that there is an attribute, without giving it a value: `rule: Rule`.
    pub fn is_announced_by_class(&self, class: ClassRef, name: Name) -> bool {
        let mut mro = self.class(class).mro.iter();
        mro.any(|ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                let object = self.class(*ancestor);
                let ir = &self.program.module(object.module).ir;
                ir[object.id]
                    .scope
                    .slots
                    .iter()
                    .any(|slot| slot.name == name)
            }
            _ => false,
        })
    }

    /// Whether only `__getattr__` of the class itself, or of an ancestor in the tree, can answer for an attribute of its instances.
    fn is_answered_by_getattr(&self, class: ClassRef, name: Name) -> bool {
        !self.rewrites(class)
            && !self.class(class).has_unknown_ancestor()
            && self.is_sealed(class, &GUARDS[1..])
            && !self.is_given(class, false, name)
    }

    /// What `__getattr__` gives for an attribute that is found in no other way (the data model, "Customizing attribute access").
    fn answer_of_getattr(
        &mut self,
        frame: &mut Frame<'p>,
        base: Value,
        class: ClassRef,
        name: Name,
    ) -> Attribute {
        let InMro::Found(function, _) = self.in_mro(class, Name::new("__getattr__")) else {
            return Attribute::Unknown;
        };
        if !matches!(self.data(function), Data::Function(_)) {
            return Attribute::Unknown;
        }
        let function = self.values.intern(Data::Bound {
            function,
            receiver: base,
        });
        let name = self.values.str(name);
        let actual = Actual::of(vec![name]);
        Attribute::Found(self.call_for_attribute(frame, function, &actual))
    }

    fn call_property(&mut self, frame: &mut Frame<'p>, getter: Value) -> Value {
        self.call_for_attribute(frame, getter, &Actual::default())
    }

    /// A call that reading an attribute makes. Whether the body works is found when it is evaluated for itself.
    fn call_for_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        function: Value,
        actual: &Actual,
    ) -> Value {
        let range = Range::default();
        let site = crate::eval::calls::call::Site {
            call: None,
            range,
            shift: 0,
            dynamic: false,
            alternative: false,
        };
        let marks = frame.failures.len();
        let live = frame.state.live;
        let value = self.call_alternatives(frame, site, function, actual);
        frame.failures.truncate(marks);
        frame.edges.retain(|edge| edge.range != range);
        frame.state.live = live;
        value
    }

    /// Whether a method has a text for its body, in a class that something from outside makes: what reads it from the class itself may get anything else, as from an
    /// interface of `zope.interface`, which is no class at all.
    fn is_declared_for_metaclass(&self, class: ClassRef, found: Value) -> bool {
        match self.data(found) {
            Data::Function(object) => {
                let definition = self.definition(object.function);
                (definition.body.is_empty() || is_stub(definition))
                    && self.is_made_elsewhere(self.class(class))
            }
            _ => false,
        }
    }

    /// What a static method is that was found through a class or its instance: where it is written to be overridden, that of a class that is not seen.
    fn static_or_overridden(&self, function: Value, receiver: Value) -> Value {
        if self.is_placeholder(function, receiver) {
            Value::UNKNOWN
        } else {
            function
        }
    }

    /// An attribute of a class as its instance sees it.
    pub fn bound(&mut self, value: Value, receiver: Value, class: ClassRef, exact: bool) -> Value {
        match self.data(value).clone() {
            Data::Function(_) | Data::Wrapped(_) => self.values.intern(Data::Bound {
                function: value,
                receiver,
            }),
            Data::Static(inner) => self.static_or_overridden(inner, receiver),
            Data::ClassMethod(function) => {
                let receiver = self.values.intern(Data::Class { class, exact });
                self.values.intern(Data::Bound { function, receiver })
            }
            Data::Union(members) => {
                let members = members
                    .iter()
                    .map(|&member| self.bound(member, receiver, class, exact))
                    .collect();
                self.values.union(members)
            }
            // It may be a descriptor.
            Data::Instance { class, .. }
                if self.class_may_define(class, &[Name::new("__get__")]) =>
            {
                Value::UNKNOWN
            }
            // A `partial` is a descriptor from 3.14 on.
            Data::Partial(_) => match self.program.targets().is_from(Version(14)) {
                Some(true) => self.values.intern(Data::Bound {
                    function: value,
                    receiver,
                }),
                Some(false) => value,
                None => Value::UNKNOWN,
            },
            // What other decorators of the library leave is not known.
            Data::External(_) => Value::UNKNOWN,
            Data::Property(..) | Data::CachedProperty(_) => Value::UNKNOWN,
            _ => value,
        }
    }

    fn member_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        base: Value,
        class: ClassRef,
        member: Name,
        name: Name,
    ) -> Attribute {
        match name.as_str() {
            "value" | "_value_" if !self.class(class).namespace.contains_key(&name) => {
                Attribute::Found(
                    self.member_values
                        .get(&(class, member))
                        .copied()
                        .unwrap_or(Value::UNKNOWN),
                )
            }
            "name" | "_name_" if !self.class(class).namespace.contains_key(&name) => {
                Attribute::Found(self.values.str(member))
            }
            _ => match self.instance_attribute(frame, base, class, true, name) {
                Attribute::Missing if self.class(class).has_data_base => Attribute::Unknown,
                found => found,
            },
        }
    }

    fn super_attribute(&mut self, class: ClassRef, receiver: Value, name: Name) -> Attribute {
        let (Data::Instance {
            class: own, exact, ..
        }
        | Data::Class { class: own, exact }) = *self.data(receiver)
        else {
            return Attribute::Unknown;
        };
        if !exact && self.is_cooperative(own) {
            return Attribute::Unknown;
        }
        let mro = self.class(own).mro.clone();
        let Some(at) = mro
            .iter()
            .position(|ancestor| *ancestor == Ancestor::Tree(class))
        else {
            return Attribute::Unknown;
        };
        if self.is_init_generated(&mro[at + 1..], name) {
            return Attribute::Unknown;
        }
        match self.in_ancestors(&mro[at + 1..], name) {
            InMro::Found(value, _) => {
                let value = match (self.data(value), self.data(receiver)) {
                    (Data::Function(_) | Data::Wrapped(_), Data::Instance { .. }) => {
                        self.values.intern(Data::Bound {
                            function: value,
                            receiver,
                        })
                    }
                    (Data::ClassMethod(_) | Data::Static(_), Data::Class { .. }) => {
                        self.unbound(value, receiver)
                    }
                    (Data::Static(inner), _) => *inner,
                    (Data::Function(_), _) => value,
                    _ => Value::UNKNOWN,
                };
                // `setattr(cls, "start", wrapped)` may have put something in its place.
                let module = self.class(own).module;
                if self.is_stored_for(module, name) || self.is_stored_by_class_methods(own, name) {
                    return Attribute::Found(self.values.join(value, Value::UNKNOWN));
                }
                Attribute::Found(value)
            }
            // A class that hands its arguments on beyond the tree is written to stand beside another one that takes them: some class derives from both.
            _ if name.as_str() == "__new__" && exact => self.new_of_library(&mro[at + 1..]),
            // No class of the tree behind this one has another: it sets the attribute (the data model, `object.__setattr__`).
            _ if name.as_str() == "__setattr__"
                && matches!(self.data(receiver), Data::Instance { .. }) =>
            {
                let function = Name::new("builtins.object.__setattr__");
                let function = self.values.intern(Data::External(function));
                Attribute::Found(self.values.intern(Data::Bound { function, receiver }))
            }
            InMro::Missing if exact && self.lacks_behind(own, &mro[at + 1..], name) => {
                Attribute::Missing
            }
            _ => Attribute::Unknown,
        }
    }

    /// Whether the ancestors of exactly this class that `super()` leads to certainly have no such attribute, nor get one. What the class itself and its
    /// instances have does not count there (the library reference, "super").
    fn lacks_behind(&self, own: ClassRef, ancestors: &[Ancestor], name: Name) -> bool {
        let gives = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(class) => {
                self.is_filled(Holder::Class(*class))
                    || self
                        .survey
                        .mapped
                        .contains(&self.class(*class).definition.name)
                    || self.is_given(*class, true, name)
            }
            Ancestor::External(base) => !matches!(
                base.as_str(),
                "builtins.object" | "abc.ABC" | "typing.Generic"
            ),
            Ancestor::Unknown => true,
        };
        !is_special(name)
            && !self.class(own).is_enum
            && !self.is_filled(Holder::Reclassed(own))
            && self.is_sealed(own, &["__init_subclass__", "__set_name__"])
            && !ancestors.iter().any(gives)
    }

    /// The `__new__` of what stands outside the tree, where no class of the tree comes before that in the order of resolution.
    fn new_of_library(&mut self, ancestors: &[Ancestor]) -> Attribute {
        let mut found = Name::new("builtins.object.__new__");
        for ancestor in ancestors {
            match ancestor {
                Ancestor::Tree(class)
                    if !self.class(*class).is_open
                        && self.class(*class).generated != Generated::NamedTuple => {}
                Ancestor::External(name) if is_transparent(*name) => {}
                Ancestor::External(name) if name.starts_with("builtins.") => {
                    found = Name::new(&format!("{name}.__new__"));
                    break;
                }
                _ => return Attribute::Unknown,
            }
        }
        Attribute::Found(self.values.intern(Data::External(found)))
    }

    /// Whether a class has subclasses with further bases, so that `super()` may lead elsewhere.
    fn is_cooperative(&self, class: ClassRef) -> bool {
        let mut pending = self.subclasses.get(&class).cloned().unwrap_or_default();
        let mut seen = FxHashSet::default();
        while let Some(subclass) = pending.pop() {
            if !seen.insert(subclass) {
                continue;
            }
            if self.class(subclass).definition.arguments.len() > 1 {
                return true;
            }
            pending.extend(self.subclasses.get(&subclass).into_iter().flatten());
        }
        false
    }

    /// The function object behind a bound or plain function value.
    pub fn function_behind(&self, value: Value) -> Option<FunctionObject> {
        match self.data(value) {
            Data::Function(object) => Some(object.clone()),
            Data::Bound { function, .. }
            | Data::Static(function)
            | Data::ClassMethod(function)
            | Data::Wrapped(function) => self.function_behind(*function),
            _ => None,
        }
    }
}

/// `__name__` and the like, which nearly everything has.
#[must_use]
pub fn is_special(name: Name) -> bool {
    name.starts_with("__") && name.ends_with("__")
}

/// Whether an attribute is read from a parameter of the function that runs.
fn is_parameter_of(frame: &Frame<'_>, expr: &Expr) -> bool {
    use crate::syntax::ir::{ExprKind, Var};
    match (frame.function(), &expr.kind) {
        (Some(function), ExprKind::Attribute { value, .. }) => {
            matches!(value.kind, ExprKind::Name(_, Var::Local(slot)) if (slot.0 as usize) < function.params.len())
        }
        _ => false,
    }
}

fn is_coroutine_attribute(name: Name) -> bool {
    matches!(name.as_str(), "send" | "throw" | "close") || name.starts_with("cr_")
}
