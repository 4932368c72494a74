//! Which objects code gives attributes whose names are not written out: those of one class, where a method does it to its first parameter, or any.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{
    Argument, ArgumentKind, Call, Class, ClassId, Expr, ExprKind, Function, Module, ParameterKind,
    Parent, Range, Slot, Var,
};
use crate::syntax::visit::{self, Parts};

use super::Survey;

/// The method that is looked over, where its first parameter is an instance of its class, or a class that derives from it, as long as nobody borrows the method.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnObject {
    class: ClassId,
    method: Name,
    /// How many arguments it takes by position, its first parameter among them.
    positional: usize,
    /// Whether it is bound to the class, however it is reached.
    is_class_method: bool,
}

impl OwnObject {
    /// None for what is no method, and where the parameter is bound anew, or a decorator may hand over something else. `__new__` is a static method (the language
    /// reference, 3.3.1).
    pub(super) fn of(function: &Function) -> Option<Self> {
        let Parent::Class(class) = function.parent else {
            return None;
        };
        let first = function.params.first()?;
        let variable = function.scope.slots.first()?;
        let is_class_method = match function.decorators.as_slice() {
            [] => false,
            [one] if is_name(one, "classmethod") => true,
            _ => return None,
        };
        let is_kept = variable.bindings <= 1
            && !variable.assigned_inside
            && matches!(
                first.kind,
                ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword
            )
            && function.name.as_str() != "__new__";
        let takes = |kind: ParameterKind| function.params.iter().filter(move |p| p.kind == kind);
        let named = takes(ParameterKind::PositionalOnly).count()
            + takes(ParameterKind::PositionalOrKeyword).count();
        let has_more = takes(ParameterKind::VarPositional).next().is_some();
        is_kept.then_some(Self {
            class,
            method: function.name,
            positional: if has_more { usize::MAX } else { named },
            is_class_method,
        })
    }
}

impl Survey {
    /// Attributes with names that are not known are set on `object`: none if that is not known either.
    pub(super) fn sets_unknown_names(&mut self, module: ModuleId, object: Option<&Expr>) {
        match self.own_object {
            Some(own) if object.is_some_and(is_own) => {
                self.dynamic_classes.insert((module, own.class));
                self.setters.push(own);
            }
            _ if object.is_some_and(is_looked_up_module) => {}
            _ => {
                self.dynamic_attributes.insert(module);
            }
        }
    }

    /// The same for the object whose namespace, `x.__dict__` or `vars(x)`, is written.
    pub(super) fn fills_namespace(&mut self, module: ModuleId, namespace: &Expr) {
        let object = match &namespace.kind {
            ExprKind::Attribute { value, .. } => Some(&**value),
            ExprKind::Call(call) => call.arguments.first().map(|first| &first.value),
            _ => None,
        };
        self.sets_unknown_names(module, object);
    }

    /// The same for `object.__setattr__(x, ..)`, `super().__setattr__(..)` and `x.__setattr__(..)`.
    pub(super) fn sets_through_method(&mut self, module: ModuleId, call: &Call) {
        let receiver = match &call.function.kind {
            ExprKind::Attribute { value, .. } => Some(&**value),
            _ => None,
        };
        let first = call.arguments.first().map(|first| &first.value);
        let is_of_own = |expr: &&Expr| is_own(expr) || is_super(expr);
        let object = receiver.filter(is_of_own).map_or(first, |_| receiver);
        match self.own_object {
            Some(own) if object.is_some_and(is_super) => {
                self.dynamic_classes.insert((module, own.class));
                self.setters.push(own);
            }
            _ => self.sets_unknown_names(module, object),
        }
    }

    /// Methods that set such attributes of their first parameter, and that the module's own code calls with something else, or puts elsewhere, set them of any object.
    pub(super) fn settle_setters(&mut self, id: ModuleId, ir: &Module, bodies: &[Parts<'_>]) {
        let setters = std::mem::take(&mut self.setters);
        if setters.is_empty() || self.dynamic_attributes.contains(&id) {
            return;
        }
        let mut methods = Methods::default();
        for own in setters.iter().filter(|own| !own.is_class_method) {
            let takes = methods.entry(own.method).or_insert(own.positional);
            *takes = own.positional.min(*takes);
        }
        let mut is_borrowed = false;
        for class in &ir.classes {
            visit::all_expressions(&class.body, &mut |expr| {
                is_borrowed |= unbound(ir, expr, &methods).is_some()
                    || matches!(&expr.kind, ExprKind::Name(name, _) if methods.contains_key(name));
            });
        }
        visit::all_expressions(&ir.body, &mut |expr| {
            is_borrowed |= unbound(ir, expr, &methods).is_some();
        });
        for (function, parts) in ir.functions.iter().zip(bodies) {
            let found = |expr: &&Expr| unbound(ir, expr, &methods);
            let mut found = parts.expressions.iter().filter_map(found).peekable();
            if found.peek().is_some() {
                let by_base = calls_of_bases(ir, function, parts);
                is_borrowed |= found.any(|range| !by_base.contains(&range));
            }
        }
        if is_borrowed {
            self.dynamic_attributes.insert(id);
        }
    }
}

/// `self` (or whatever a method calls its first parameter), `self.__class__`, `type(self)`.
fn is_own(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(_, Var::Local(slot)) => *slot == Slot(0),
        ExprKind::Attribute {
            value, attribute, ..
        } => attribute.as_str() == "__class__" && is_own(value),
        ExprKind::Call(call) => {
            is_name(&call.function, "type")
                && matches!(call.arguments.as_slice(), [only] if is_own(&only.value))
        }
        _ => false,
    }
}

/// `super()`.
fn is_super(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call(call) if call.arguments.is_empty() && is_name(&call.function, "super"))
}

/// `sys.modules[..]`, `import_module(..)`: no object of a class.
fn is_looked_up_module(expr: &Expr) -> bool {
    !matches!(expr.kind, ExprKind::Name(..)) && super::patches::is_module_object(expr)
}

fn is_name(expr: &Expr, wanted: &str) -> bool {
    matches!(&expr.kind, ExprKind::Name(name, _) if name.as_str() == wanted)
}

/// The names of methods, each with the number of arguments that it takes by position at most.
type Methods = FxHashMap<Name, usize>;

/// Where one of the methods is named that may get another first argument than the object it is asked of: `Shop.fill`, where the module has a class of that name,
/// `type(x).fill`, `x.__class__.fill`, and `kind.fill(x, values)`, which has one argument too many for a bound method.
fn unbound(ir: &Module, expr: &Expr, methods: &Methods) -> Option<Range> {
    match &expr.kind {
        ExprKind::Attribute {
            value, attribute, ..
        } if methods.contains_key(attribute) && is_class(ir, value) => Some(expr.range),
        ExprKind::Call(call) => {
            let ExprKind::Attribute {
                value, attribute, ..
            } = &call.function.kind
            else {
                return None;
            };
            let takes = *methods.get(attribute)?;
            let by_position = |argument: &&Argument| argument.kind == ArgumentKind::Positional;
            let given = call.arguments.iter().filter(by_position).count();
            (given >= takes && !is_super(value)).then_some(call.function.range)
        }
        _ => None,
    }
}

/// `Shop`, `type(x)`, `x.__class__`.
fn is_class(ir: &Module, expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(name, _) => ir.classes.iter().any(|class| class.name == *name),
        ExprKind::Attribute { attribute, .. } => attribute.as_str() == "__class__",
        ExprKind::Call(call) => is_name(&call.function, "type"),
        _ => false,
    }
}

/// Where `Shop.fill` stands in `Shop.fill(self, ..)`, in a method of `Shop` or of a class that is written as derived from it.
fn calls_of_bases(ir: &Module, function: &Function, parts: &Parts<'_>) -> FxHashSet<Range> {
    let mut found = FxHashSet::default();
    let own = OwnObject::of(function).and_then(|own| ir.classes.get(own.class.0 as usize));
    let Some(own) = own else {
        return found;
    };
    for expr in &parts.expressions {
        let ExprKind::Call(call) = &expr.kind else {
            continue;
        };
        let gives_own = matches!(call.arguments.first(), Some(first)
            if first.kind == ArgumentKind::Positional
                && matches!(first.value.kind, ExprKind::Name(_, Var::Local(Slot(0)))));
        if let ExprKind::Attribute { value, .. } = &call.function.kind
            && let ExprKind::Name(base, _) = value.kind
            && gives_own
            && (own.name == base || derives_from(own, base))
        {
            found.insert(call.function.range);
        }
    }
    found
}

fn derives_from(class: &Class, base: Name) -> bool {
    class.arguments.iter().any(|argument| {
        argument.kind == ArgumentKind::Positional
            && matches!(argument.value.kind, ExprKind::Name(name, _) if name == base)
    })
}
