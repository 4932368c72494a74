//! Names that nothing binds where they are read: `NameError` and `UnboundLocalError`.
//!
//! Which variables of a scope are bound at a point is asked of [`crate::names`]; what other code does to a module's names, of the survey.

use crate::facts::{Confidence, FailureKind};
use crate::name::Name;
use crate::names::{Doubt, Doubts, doubt_at};
use crate::program::{ModuleId, Resolution};
use crate::python::builtins::{Builtin, builtin, is_given_to_classes, is_given_to_modules};
use crate::syntax::ir::{Constant, Expr, ExprKind, Function, Parent, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ContextId, Value};
use crate::eval::interpreter::frame::{Blame, Frame, LocalFailure, Owner};
use crate::eval::interpreter::module::Progress;
use crate::eval::reuse::file_set::FileSet;

/// A name that was read before its module was ready.
#[derive(Debug)]
pub struct DeferredName<'p> {
    context: ContextId,
    module: ModuleId,
    failure: LocalFailure<'p>,
}

impl<'p> Evaluator<'p> {
    /// The value of a variable in an expression: a failure, if nothing bound it.
    pub fn variable_read(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        name: Name,
        var: Var,
    ) -> Value {
        if let Var::Local(_) = var
            && !frame.doubts.is_empty()
            && let Some(doubt) = doubt_at(frame.doubts, expr.range.start)
        {
            self.doubted(frame, expr, name, doubt);
        } else if let Var::Global(_) = var
            && self.unsettled(frame, name, var) == Value::UNBOUND
        {
            self.not_defined(frame, expr, name);
        }
        self.read(frame, name, var)
    }

    /// A variable of the scope that runs is read where it may not be bound.
    fn doubted(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, name: Name, doubt: Doubt) {
        if let Owner::Function(_) = frame.owner {
            let exception = format!(
                "UnboundLocalError: cannot access local variable '{name}' where it is not associated with a value"
            );
            let class = Name::new("UnboundLocalError");
            self.fails_unbound(
                frame,
                expr,
                name,
                (FailureKind::UnboundLocal, class),
                exception,
                doubt.is_certain,
            );
        } else if doubt.is_certain && !frame.scope.dynamic {
            if let Owner::Class(_) = frame.owner
                && (is_given_to_classes(&name)
                    || self.unsettled(frame, name, Var::Global(name)) != Value::UNBOUND)
            {
                return;
            }
            self.not_defined(frame, expr, name);
        }
    }

    /// A name is read that the module does not bind, or not yet.
    fn not_defined(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, name: Name) {
        let is_package = self.program.module(frame.module).is_package;
        if self.is_graph()
            || is_given_to_modules(&name, is_package)
            || matches!(frame.owner, Owner::Class(_)) && is_given_to_classes(&name)
            || name.as_str() == "__class__" && is_in_class(frame)
        {
            return;
        }
        let is_certain = match builtin(&name) {
            Some(Builtin::Python3(_)) => return,
            Some(Builtin::Host) => false,
            Some(Builtin::Python2) => frame.introspected == 0,
            None => true,
        };
        let exception = format!("NameError: name '{name}' is not defined");
        let kind = (FailureKind::UndefinedName, Name::new("NameError"));
        self.fails_unbound(frame, expr, name, kind, exception, is_certain);
    }

    fn fails_unbound(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        name: Name,
        (kind, class): (FailureKind, Name),
        exception: String,
        is_certain: bool,
    ) {
        self.may_raise(frame);
        if self.is_caught_here(frame, class) && self.is_expected_here(frame, class) {
            if is_certain {
                frame.state.live = false;
            }
            return;
        }
        if frame.guards.iter().any(|test| asks_for_name(test, name)) {
            return;
        }
        let failure = LocalFailure {
            kind,
            confidence: if is_certain {
                Confidence::Must
            } else {
                Confidence::May
            },
            exception: Some(exception),
            subject: name,
            range: expr.range,
            call: None,
            callee: None,
            blame: Blame::Here,
            by_value: false,
            note: String::from("reads the name"),
        };
        if kind == FailureKind::UnboundLocal {
            frame.failures.push(failure);
        } else if self.modules[frame.module.0 as usize].progress == Progress::Done {
            if self.has_no_name(frame.module, name, matches!(frame.owner, Owner::Module)) {
                frame.failures.push(failure);
            }
        } else {
            self.deferred_names.push(DeferredName {
                context: frame.context,
                module: frame.module,
                failure,
            });
        }
    }

    /// Whether a module certainly has no variable of a name, and none is put there, or among the builtins, from elsewhere. `early`: as its own
    /// code reads it before anything bound it.
    fn has_no_name(&mut self, module: ModuleId, name: Name, early: bool) -> bool {
        let info = self.program.module(module);
        let slot = self.modules[module.0 as usize].by_name.get(&name).copied();
        let is_bound = slot.is_some_and(|slot| {
            info.ir.scope.dynamic || !early && Doubts::of(&info.ir).may_be_bound_at_end(slot)
        });
        !is_bound
            && self.has_closed_namespace(module)
            && !self.is_stored_on_modules(name)
            && !self.changes_builtins()
            && (early || self.variable(module, name) == Value::UNBOUND)
            && !self.modules[module.0 as usize].starred.contains_key(&name)
            && (!info.is_package || self.has_no_submodule(module, name))
    }

    fn has_no_submodule(&self, module: ModuleId, name: Name) -> bool {
        let found = self.look_at_resolution(name, self.program.submodule(module, name));
        matches!(found, Resolution::Missing { parent, .. } if !self.program.may_have_more(parent))
    }

    /// Whether names are put among the builtins that are written out nowhere.
    fn changes_builtins(&self) -> bool {
        let modules = ["builtins", "__builtin__", "__builtins__"];
        modules
            .iter()
            .any(|module| self.survey.patched_modules.contains(&Name::new(module)))
    }

    /// Checks the names that were read before their modules were ready.
    pub fn settle_deferred_names(&mut self) {
        for deferred in std::mem::take(&mut self.deferred_names) {
            self.looked.set(FileSet::NONE);
            let early = matches!(
                self.contexts[deferred.context.0 as usize].owner,
                Owner::Module
            );
            let name = deferred.failure.subject;
            let fails = self.has_no_name(deferred.module, name, early);
            let looked = self.looked.get();
            let context = &mut self.contexts[deferred.context.0 as usize];
            context.looked = context.looked.union(looked);
            let is_known = context.failures.iter().any(|known| {
                known.kind == deferred.failure.kind && known.range == deferred.failure.range
            });
            if fails && !is_known {
                context.failures.push(deferred.failure);
            }
        }
    }
}

/// Whether a method's code runs, or that of a function in one: the compiler gives it `__class__`.
fn is_in_class(frame: &Frame<'_>) -> bool {
    let Owner::Function(function) = frame.owner else {
        return false;
    };
    let mut function: &Function = function;
    loop {
        match function.parent {
            Parent::Class(_) => return true,
            Parent::Function(outer) => function = &frame.ir[outer],
            Parent::Module => return false,
        }
    }
}

/// Whether a test names a name as text: `'unicode' in dir(builtins)`, `hasattr(builtins, 'unicode')`.
fn asks_for_name(test: &Expr, name: Name) -> bool {
    let mut found = false;
    visit::expressions(test, &mut |expr| {
        found |= matches!(expr.kind, ExprKind::Constant(Constant::Str(text)) if text == name);
    });
    found
}
