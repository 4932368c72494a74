//! Objects that code gives attributes whose names it computes, or another class: what they have is not known from then on.
//!
//! Such code may be met after what asks for an attribute (`load(settings)` in a function that comes later), so what was found to be missing is looked at
//! again when everything was evaluated.

use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{Call, Expr, ExprKind, Parent, Range, Slot, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, ContextId, Data, FunctionRef, Value};
use crate::eval::interpreter::frame::{Frame, Owner};
use crate::eval::library::table::BY_NAME;
use crate::eval::objects::attribute::is_special;
use crate::eval::objects::mro::Ancestor;
use crate::eval::reuse::effect::Act;
use crate::eval::survey::patches::is_instance_namespace;

/// What may be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// The instances of a class, which have more attributes than were seen.
    Instances(ClassRef),
    /// The instances of a class, which may be of another class by now.
    Reclassed(ClassRef),
    /// A class.
    Class(ClassRef),
    /// A module.
    Module(ModuleId),
}

/// The attributes of a function that its calls rest on.
fn makes_function(attribute: Name) -> bool {
    matches!(
        attribute.as_str(),
        "__code__" | "__defaults__" | "__kwdefaults__"
    )
}

impl<'p> Evaluator<'p> {
    /// Notes that an object gets attributes whose names are not known: `setattr(object, name, value)`.
    pub fn fill(&mut self, object: Value) {
        for holder in self.holders(object) {
            if self.filled.insert(holder) && !self.is_importing {
                self.effects.acts.push(Act::Other);
            }
        }
    }

    /// The same by a test, or what helps tests: it is undone before other code runs.
    pub fn fill_for_tests(&mut self, object: Value) {
        for holder in self.holders(object) {
            if self.filled_for_tests.insert(holder) && !self.is_importing {
                self.effects.acts.push(Act::Other);
            }
        }
    }

    /// `shop.__dict__.update(names)`: the object gets attributes whose names are not known. Methods that do so to their own object are known by their code.
    #[inline]
    pub fn fill_by_call(&mut self, frame: &mut Frame<'p>, call: &'p Call) {
        if let ExprKind::Attribute {
            value, attribute, ..
        } = &call.function.kind
            && is_instance_namespace(value)
            && matches!(attribute.as_str(), "update" | "setdefault")
        {
            self.fill_owner_of(frame, value);
        }
    }

    /// `shop.__dict__[name] = value`.
    #[inline]
    pub fn fill_by_key(&mut self, frame: &mut Frame<'p>, container: &'p Expr, key: Value) {
        if !is_instance_namespace(container) {
            return;
        }
        match self.values.as_str(key) {
            Some(name) => self.set_computed_name(name),
            None => self.fill_owner_of(frame, container),
        }
    }

    /// Whoever's namespace it is, `shop.__dict__` or `vars(shop)`, gets names that are not known.
    fn fill_owner_of(&mut self, frame: &mut Frame<'p>, namespace: &'p Expr) {
        let object = match &namespace.kind {
            ExprKind::Attribute { value, .. } => &**value,
            ExprKind::Call(call) => match call.arguments.as_slice() {
                [object] => &object.value,
                _ => return,
            },
            _ => return,
        };
        let is_receiver = matches!(object.kind, ExprKind::Name(_, Var::Local(Slot(0))))
            && frame
                .function()
                .is_some_and(|function| matches!(function.parent, Parent::Class(_)));
        if is_receiver {
            return;
        }
        let object = self.peek(frame, object);
        for object in self.values.alternatives(object) {
            // What is put into a module's namespace is known by the code.
            if !matches!(self.data(object), Data::Instance { .. }) {
                continue;
            }
            if self.survey.tests.contains(&frame.module) {
                self.fill_for_tests(object);
            } else {
                self.fill(object);
            }
        }
    }

    fn holders(&self, object: Value) -> Vec<Holder> {
        let objects = self.values.alternatives(object);
        let holders = objects.iter().map(|&object| self.holder(object));
        holders.flatten().collect()
    }

    fn holder(&self, object: Value) -> Option<Holder> {
        Some(match *self.data(object) {
            Data::Instance { class, .. } | Data::Member { class, .. } => Holder::Instances(class),
            Data::Class { class, .. } => Holder::Class(class),
            Data::Module(module) => Holder::Module(module),
            _ => return None,
        })
    }

    /// Notes that some object gets an attribute whose name was computed, and is known here.
    pub fn set_computed_name(&mut self, name: Name) {
        if !self.is_stored_elsewhere(name) && self.computed_names.insert(name) && !self.is_importing
        {
            self.effects.acts.push(Act::Other);
        }
    }

    /// Notes what an assignment to `__class__`, `__code__` and the like replaces; nothing is known of it from then on.
    pub fn assign_special(
        &mut self,
        frame: &mut Frame<'p>,
        target: &'p Expr,
        base: Value,
        attribute: Name,
    ) {
        if attribute.as_str() == "__class__" {
            self.reclass(base);
            if let ExprKind::Attribute { value, .. } = &target.kind
                && let ExprKind::Name(_, var) = value.kind
            {
                self.assign_var(frame, var, Value::UNKNOWN);
            }
        }
        if makes_function(attribute) {
            self.replace_function(base);
        }
    }

    /// Notes that instances may be of another class from now on.
    pub fn reclass(&mut self, object: Value) {
        for object in self.values.alternatives(object) {
            if let Data::Instance { class, .. } = *self.data(object)
                && self.filled.insert(Holder::Reclassed(class))
                && !self.is_importing
            {
                self.effects.acts.push(Act::Other);
            }
        }
    }

    /// Notes that a function's code or defaults are replaced.
    pub fn replace_function(&mut self, function: Value) {
        if let Some(object) = self.function_behind(function)
            && self.rewritten.insert(object.function)
            && !self.is_importing
        {
            self.effects.acts.push(Act::Other);
        }
    }

    /// Whether what a function takes may have been replaced.
    pub fn is_rewritten_function(&self, function: FunctionRef) -> bool {
        if self.rewritten.contains(&function) {
            return true;
        }
        let names = &self.survey.rewritten_functions;
        if names.is_empty() {
            return false;
        }
        let definition = self.definition(function);
        match definition.parent {
            // `Point.__new__.__defaults__` is that of one class alone.
            Parent::Class(class) => {
                let class = self.program.module(function.module).ir[class].name;
                names.contains(&(Some(class), definition.name))
                    || !is_special(definition.name) && names.contains(&(None, definition.name))
            }
            Parent::Function(_) | Parent::Module => {
                names.iter().any(|(_, name)| *name == definition.name)
            }
        }
    }

    /// What an attribute that was found is, where more may have happened to the object: computed names are those of data, unless the code that
    /// computes them goes over the methods that are there.
    pub fn doubted(&mut self, holder: Holder, found: Value, value: Value) -> Value {
        let is_doubtful = match holder {
            Holder::Instances(class) if self.is_filled(Holder::Reclassed(class)) => true,
            _ => !self.is_no_data(found) && self.is_filled(holder),
        };
        if is_doubtful {
            self.values.join(value, Value::UNKNOWN)
        } else {
            value
        }
    }

    /// The same of what the body of a class declares, where a decorator may put other data in its place.
    pub fn doubted_in_body(
        &mut self,
        (holder, class): (Holder, ClassRef),
        found: Value,
        value: Value,
    ) -> Value {
        let value = self.doubted(holder, found, value);
        if !self.is_no_data(found) && self.is_decorated(class) {
            self.values.join(value, Value::UNKNOWN)
        } else {
            value
        }
    }

    /// Whether a value is a method, a property or a class.
    fn is_no_data(&self, value: Value) -> bool {
        matches!(
            self.data(value),
            Data::Function(_)
                | Data::Static(_)
                | Data::ClassMethod(_)
                | Data::Property(..)
                | Data::Wrapped(_)
                | Data::Class { .. }
        )
    }

    /// Whether a class, or one that it derives from, is decorated by something that may put other data in the place of what its body declares: `settings = "settings.yaml"`
    /// is the file's content where a framework says so.
    fn is_decorated(&self, class: ClassRef) -> bool {
        self.class(class).mro.iter().any(|ancestor| match ancestor {
            Ancestor::Tree(ancestor) => self.class(*ancestor).is_decorated,
            Ancestor::External(_) | Ancestor::Unknown => false,
        })
    }

    /// Whether an object may have attributes that were not seen, or be an instance of another class by now.
    pub fn is_filled(&self, holder: Holder) -> bool {
        if self.filled.contains(&holder) {
            return true;
        }
        let (Holder::Instances(class) | Holder::Class(class) | Holder::Reclassed(class)) = holder
        else {
            return false;
        };
        if self.filled.is_empty() && self.survey.reclassed.is_empty() {
            return false;
        }
        let is_of_instances = !matches!(holder, Holder::Class(_));
        self.class(class)
            .mro
            .iter()
            .any(|ancestor| match *ancestor {
                Ancestor::Tree(ancestor) => {
                    let object = self.class(ancestor);
                    let reclassed = &self.survey.reclassed;
                    let is_reclassed = is_of_instances
                        && (self.filled.contains(&Holder::Reclassed(ancestor))
                            || reclassed.contains(&(object.module, object.id)));
                    is_reclassed
                        || match holder {
                            Holder::Reclassed(_) | Holder::Module(_) => false,
                            Holder::Class(_) => self.filled.contains(&Holder::Class(ancestor)),
                            Holder::Instances(_) => {
                                self.filled.contains(&Holder::Class(ancestor))
                                    || self.filled.contains(&Holder::Instances(ancestor))
                            }
                        }
                }
                _ => false,
            })
    }

    /// Notes that an object, reached here, was found to lack something.
    pub fn note_lacking(&mut self, context: ContextId, range: Range, object: Value, name: Name) {
        let Some(holder) = self.holder(object) else {
            return;
        };
        self.lacking.insert((context, range), (holder, name));
    }

    /// Whether what was found to be missing may be there after all.
    pub fn may_be_filled(&self, context: ContextId, range: Range) -> bool {
        let lacking = self.lacking.get(&(context, range));
        lacking.is_some_and(|&(holder, name)| {
            let module = self.contexts[context.0 as usize].module;
            let for_tests =
                self.survey.tests.contains(&module) && self.filled_for_tests.contains(&holder);
            for_tests || self.computed_names.contains(&name) || self.is_filled(holder)
        })
    }
}

impl<'p> Evaluator<'p> {
    /// Whether the object whose attribute is read is handed over, in the same body, to code that is not of the tree: that may put attributes on it.
    pub fn is_handed_over(&mut self, frame: &mut Frame<'p>, read: &'p Expr) -> bool {
        let ExprKind::Attribute { value: object, .. } = &read.kind else {
            return false;
        };
        let body = match frame.owner {
            Owner::Function(function) => &function.body,
            Owner::Class(class) => &class.body,
            Owner::Module => &frame.ir.body,
        };
        let mut calls: Vec<&'p Call> = Vec::new();
        visit::all_expressions(body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind
                && call
                    .arguments
                    .iter()
                    .any(|argument| is_same_place(&argument.value, object))
            {
                calls.push(call);
            }
        });
        calls.into_iter().any(|call| {
            let function = self.peek(frame, &call.function);
            match self.data(function) {
                Data::External(name) => !BY_NAME.contains_key(name),
                Data::Function(_) | Data::Class { .. } | Data::Bound { .. } | Data::Wrapped(_) => {
                    false
                }
                _ => true,
            }
        })
    }
}

/// Whether two expressions name the same variable, or the same attribute of it.
fn is_same_place(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Name(a, of_a), ExprKind::Name(b, of_b)) => a == b && of_a == of_b,
        (
            ExprKind::Attribute {
                value: a,
                attribute: of_a,
                ..
            },
            ExprKind::Attribute {
                value: b,
                attribute: of_b,
                ..
            },
        ) => of_a == of_b && is_same_place(a, b),
        _ => false,
    }
}
