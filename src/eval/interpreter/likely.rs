//! Calls that give a coroutine as far as their names say: `if client.fetch_orders(): ..`, where `client` is not known, and all that the tree has of that name is `async def`.
//!
//! Such a call in a coroutine, whose result is dropped or computed with, lacks an `await`, if it is awaited elsewhere. The object may be of somebody else all the same,
//! so that it is worth a warning and no more.

use rustc_hash::FxHashMap;

use crate::bind;
use crate::eval::Evaluator;
use crate::eval::contract::open::written_shape;
use crate::eval::domain::attributes::has_attribute;
use crate::eval::domain::value::{Data, FunctionRef, Kind, Value};
use crate::eval::heap::parted_key::{assigned_once, is_asked};
use crate::eval::interpreter::frame::{Frame, LocalFailure, Owner};
use crate::eval::library::callbacks::FUTURE;
use crate::eval::objects::mro::InMro;
use crate::eval::reuse::file_set::FileSet;
use crate::facts::{Confidence, FailureKind, May};
use crate::name::Name;
use crate::python::classes;
use crate::syntax::ir::{
    Call, Expr, ExprKind, Function, FunctionId, Parent, Range, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

/// What the tree has of a name that only coroutines have.
#[derive(Debug, Default)]
pub struct Coroutines {
    functions: Vec<FunctionRef>,
    /// How many calls of that name coroutines await, or any code hands on.
    kept: u32,
    /// How many coroutines use at once.
    used: u32,
}

impl<'p> Evaluator<'p> {
    /// An expression whose value is dropped, or used in a way in which no coroutine can be.
    #[inline]
    pub fn used_at_once(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, value: Value) {
        if value == Value::UNKNOWN
            && let Some((call, name)) = method_call(expr)
            && is_in_coroutine(frame)
            && has_words(&name)
        {
            self.check_likely_coroutine(frame, (expr, call), name);
        }
    }

    /// `device, name = self.split(text)`: the same of a task, which has other uses than a coroutine, but is not taken apart.
    pub fn taken_apart(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, value: Value) {
        if self.may_be_task(value) {
            self.used_at_once(frame, expr, Value::UNKNOWN);
        }
    }

    /// `name in found`: where the variable holds what one call gives, and nothing asked about it before, that call is what is used.
    pub fn used_as_container(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, value: Value) {
        if !is_in_coroutine(frame) || !self.may_be_task(value) {
            return;
        }
        let (ExprKind::Name(_, Var::Local(slot)), Some(function)) = (&expr.kind, frame.function())
        else {
            return;
        };
        let Some(made) = assigned_once(function, *slot) else {
            return;
        };
        if !is_asked(&function.body, *slot, None, expr.range) {
            self.taken_apart(frame, made, value);
        }
    }

    /// `if state := self.state():`, `state = self.state()`: a variable keeps what a call gives, and the function does nothing with it but ask about it.
    pub fn kept_to_be_asked(
        &mut self,
        frame: &mut Frame<'p>,
        (var, expr): (Var, &'p Expr),
        value: Value,
    ) {
        let is_candidate = match *self.data(value) {
            Data::Coroutine { .. } => true,
            Data::Unknown => is_in_coroutine(frame) && method_call(expr).is_some(),
            _ => false,
        };
        if let (true, Var::Local(slot), Some(function)) = (is_candidate, var, frame.function())
            && !frame.scope.dynamic
            && !frame.scope.slots[slot.0 as usize].captured
            && (is_only_asked(function, slot)
                || value == Value::UNKNOWN && is_used_unawaited(function, slot))
        {
            self.dropped(frame, expr, value);
        }
    }

    /// Whether it is not known what a value is, but for a task that it may be.
    fn may_be_task(&self, value: Value) -> bool {
        let alternatives = self.values.alternatives(value);
        alternatives.iter().all(|&value| match self.data(value) {
            Data::Unknown => true,
            Data::External(name) => name.as_str() == FUTURE,
            _ => false,
        })
    }

    /// `now + self.delay()`, where the one is not known and the other a coroutine: hardly anything computes with those.
    pub fn check_beside_unknown(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        sides: [Value; 2],
    ) {
        let [(Value::UNKNOWN, other) | (other, Value::UNKNOWN)] = [(sides[0], sides[1])] else {
            return;
        };
        let Data::Coroutine { function, .. } = *self.data(other) else {
            return;
        };
        if self.is_graph() || !frame.state.live || !frame.ir.errors.is_empty() {
            return;
        }
        let failure = self.perhaps_never_awaited(function, May::WrittenOut, expr.range, "computes");
        frame.failures.push(failure);
    }

    /// That a coroutine of a function of the tree may never be awaited, for this reason.
    fn perhaps_never_awaited(
        &self,
        function: FunctionRef,
        doubt: May,
        range: Range,
        does: &'static str,
    ) -> LocalFailure<'p> {
        let definition = self.definition(function);
        let (name, qualname) = (definition.name, definition.qualname);
        LocalFailure {
            confidence: Confidence::May,
            exception: Some(format!(
                "RuntimeWarning: coroutine '{qualname}' was never awaited"
            )),
            doubt: Some(doubt),
            ..LocalFailure::at(FailureKind::NotAwaited, name, range, does)
        }
    }

    fn check_likely_coroutine(
        &mut self,
        frame: &mut Frame<'p>,
        (expr, call): (&'p Expr, &'p Call),
        name: Name,
    ) {
        if self.is_graph()
            || !frame.state.live
            || frame.is_unsure()
            || !frame.ir.errors.is_empty()
            || self.survey.tests.contains(&frame.module)
        {
            return;
        }
        // A method that hands on to one of its own name does so on an object of another kind: `async def sell(self): self.till.sell()`.
        if matches!(frame.owner, Owner::Function(own) if own.name == name) {
            return;
        }
        // What is known is judged by what it is, unless a decorator stands between.
        let callee = self.peek(frame, &call.function);
        let behind = self.function_behind(callee);
        let is_decorated = match behind {
            Some(object) => self.definition(object.function).name != name,
            None => false,
        };
        if callee != Value::UNKNOWN && !is_decorated {
            return;
        }
        let mut function = self.coroutine_called(name, call);
        if function.is_none() && is_decorated {
            function = self.coroutine_decorated(frame, call, name);
        }
        let Some(function) = function else {
            return;
        };
        let failure = self.perhaps_never_awaited(function, May::Named, expr.range, "calls");
        frame.failures.push(failure);
    }

    /// The coroutine function that a class writes under the name of a method, where a decorator of the tree made something else of it that others await.
    fn coroutine_decorated(
        &mut self,
        frame: &mut Frame<'p>,
        call: &'p Call,
        name: Name,
    ) -> Option<FunctionRef> {
        let ExprKind::Attribute { value, .. } = &call.function.kind else {
            return None;
        };
        let receiver = self.peek(frame, value);
        let Data::Instance { class, .. } = *self.data(receiver) else {
            return None;
        };
        let InMro::Found(_, owner) = self.in_mro(class, name) else {
            return None;
        };
        let (module, id) = (self.class(owner).module, self.class(owner).id);
        self.look_into(module);
        let functions = &self.program.module(module).ir.functions;
        let is_it = |function: &Function| {
            function.name == name && matches!(function.parent, Parent::Class(found) if found == id)
        };
        let at = functions.iter().position(is_it)?;
        let definition = &functions[at];
        let is_coroutine = definition.is_async && !definition.is_generator;
        let is_awaited = || {
            functions
                .iter()
                .any(|function| awaits(&function.body, name))
        };
        let id = FunctionId(u32::try_from(at).unwrap_or(u32::MAX));
        (is_coroutine && is_awaited()).then_some(FunctionRef { module, id })
    }

    /// The function of the tree that a call may be of, if all of its name are coroutines, one takes such a call, and other calls are awaited.
    fn coroutine_called(&mut self, name: Name, call: &Call) -> Option<FunctionRef> {
        if self.coroutines.is_none() {
            self.coroutines = Some(self.coroutines_of_tree());
        }
        let named = self.coroutines.as_ref()?.get(&name)?;
        let is_mostly_kept = named.kept > 0 && named.used / 2 <= named.kept;
        // Any file may have something else of that name.
        self.look(FileSet::ALL);
        let functions = named.functions.clone();
        let mut functions = functions.into_iter().filter(|_| is_mostly_kept);
        functions.find(|&function| {
            let mut shape = written_shape(call);
            shape.positionals += 1;
            bind::bind(&self.callable(function).signature, &shape).is_ok()
        })
    }

    fn coroutines_of_tree(&self) -> FxHashMap<Name, Coroutines> {
        let mut all: FxHashMap<Name, Coroutines> = FxHashMap::default();
        let mut others = rustc_hash::FxHashSet::default();
        for module in self.program.module_ids() {
            let ir = &self.program.module(module).ir;
            for (index, function) in ir.functions.iter().enumerate() {
                let name = function.name;
                if !has_words(&name) {
                    continue;
                }
                if !function.is_async || function.is_generator {
                    others.insert(name);
                    continue;
                }
                // What is a module's, or inside another function, is no method.
                if !matches!(function.parent, Parent::Class(_)) {
                    continue;
                }
                let id = FunctionId(u32::try_from(index).unwrap_or(u32::MAX));
                let named = all.entry(name).or_default();
                named.functions.push(FunctionRef { module, id });
            }
        }
        all.retain(|name, _| !others.contains(name));
        for module in self.program.module_ids() {
            let functions = &self.program.module(module).ir.functions;
            for function in functions {
                count_uses(&function.body, function.is_async, &mut all);
            }
        }
        all
    }
}

/// Whether a function binds a variable once and does nothing with it but compare it, ask for its truth and read its attributes: no coroutine is kept for that.
fn is_only_asked(function: &Function, slot: Slot) -> bool {
    let is_it =
        |expr: &Expr| matches!(expr.kind, ExprKind::Name(_, Var::Local(found)) if found == slot);
    let (mut bound, mut asked, mut mentioned) = (0, 0, 0);
    visit::statements(&function.body, &mut |stmt| match &stmt.kind {
        StmtKind::Assign { targets, .. } => {
            bound += targets.iter().filter(|target| is_it(target)).count();
        }
        StmtKind::If { branches, .. } => {
            asked += branches
                .iter()
                .map(|one| asks(&one.test, &is_it))
                .sum::<usize>();
        }
        StmtKind::While { test, .. } | StmtKind::Assert { test, .. } => {
            asked += asks(test, &is_it);
        }
        _ => {}
    });
    let targets = bound;
    visit::all_expressions(&function.body, &mut |expr| match &expr.kind {
        ExprKind::Name(..) => mentioned += usize::from(is_it(expr)),
        ExprKind::Walrus { var, .. } => bound += usize::from(*var == Var::Local(slot)),
        ExprKind::Compare { left, rest } => {
            let right = rest.iter().filter(|(_, right)| is_it(right)).count();
            asked += usize::from(is_it(left)) + right;
        }
        ExprKind::Not(operand) => asked += asks(operand, &is_it),
        ExprKind::If { test, .. } => asked += asks(test, &is_it),
        ExprKind::Attribute {
            value, attribute, ..
        } if !matches!(attribute.as_str(), "send" | "throw" | "close") => {
            asked += usize::from(is_it(value));
        }
        _ => {}
    });
    bound == 1 && mentioned == asked + targets
}

/// Whether a function binds a variable once, reads attributes of it that neither coroutines nor tasks have, and awaits it nowhere.
fn is_used_unawaited(function: &Function, slot: Slot) -> bool {
    let is_it =
        |expr: &Expr| matches!(expr.kind, ExprKind::Name(_, Var::Local(found)) if found == slot);
    let (mut bound, mut read, mut awaited) = (0, 0, 0);
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::Assign { targets, .. } = &stmt.kind {
            bound += targets.iter().filter(|target| is_it(target)).count();
        }
    });
    visit::all_expressions(&function.body, &mut |expr| match &expr.kind {
        ExprKind::Walrus { var, .. } => bound += usize::from(*var == Var::Local(slot)),
        ExprKind::Await(inner) => awaited += usize::from(is_it(inner)),
        ExprKind::Attribute {
            value, attribute, ..
        } if !is_of_task(attribute) => read += usize::from(is_it(value)),
        _ => {}
    });
    bound == 1 && read > 0 && awaited == 0
}

/// Whether coroutines, tasks or futures have an attribute of this name (the library reference, "Coroutines and Tasks").
fn is_of_task(attribute: &str) -> bool {
    classes::had("asyncio.Task", attribute)
        || has_attribute(Kind::Coroutine, attribute) != Some(false)
}

/// How often a test asks for the truth of what is meant.
fn asks(test: &Expr, is_it: &dyn Fn(&Expr) -> bool) -> usize {
    match &test.kind {
        ExprKind::Bool { values, .. } => values.iter().map(|value| asks(value, is_it)).sum(),
        _ => usize::from(is_it(test)),
    }
}

/// Whether the function that runs is a coroutine.
fn is_in_coroutine(frame: &Frame<'_>) -> bool {
    matches!(frame.owner, Owner::Function(own) if own.is_async)
}

/// Whether a body awaits what a method of a name gives.
fn awaits(body: &[Stmt], name: Name) -> bool {
    let mut found = false;
    visit::all_expressions(body, &mut |expr| {
        if let ExprKind::Await(inner) = &expr.kind {
            found |= method_call(inner).is_some_and(|(_, called)| called == name);
        }
    });
    found
}

/// A call of a method, and its name.
fn method_call(expr: &Expr) -> Option<(&Call, Name)> {
    let ExprKind::Call(call) = &expr.kind else {
        return None;
    };
    match call.function.kind {
        ExprKind::Attribute { attribute, .. } => Some((call, attribute)),
        _ => None,
    }
}

/// Whether a name has several words: one of one word (`close`, `get`) is what objects of other libraries have as well.
fn has_words(name: &str) -> bool {
    name.trim_matches('_').contains('_')
}

/// Counts the calls of a body by what becomes of them. What is no coroutine cannot await, and what it uses says nothing.
fn count_uses(body: &[Stmt], is_async: bool, all: &mut FxHashMap<Name, Coroutines>) {
    let mut kept: Vec<*const Expr> = Vec::new();
    let mut note = |expr: &Expr, is_kept: bool| {
        if let Some((_, name)) = method_call(expr)
            && let Some(named) = all.get_mut(&name)
        {
            if is_kept {
                named.kept += 1;
                kept.push(expr);
            } else if is_async && !kept.contains(&std::ptr::from_ref(expr)) {
                named.used += 1;
            }
        }
    };
    visit::all_expressions(body, &mut |expr| match &expr.kind {
        ExprKind::Await(inner) => note(inner, true),
        ExprKind::Call(call) => {
            for argument in &call.arguments {
                note(&argument.value, true);
            }
        }
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            for item in items {
                note(item, true);
            }
        }
        _ => {}
    });
    visit::statements(body, &mut |stmt| match &stmt.kind {
        StmtKind::Return(Some(value)) => note(value, true),
        // `first, second = client.fetch()` takes it apart at once.
        StmtKind::Assign { targets, value } if matches!(targets.as_slice(), [target] if matches!(target.kind, ExprKind::Name(..))) =>
        {
            note(value, true);
        }
        _ => {}
    });
    // What is left is used where it stands.
    visit::all_expressions(body, &mut |expr| note(expr, false));
}
