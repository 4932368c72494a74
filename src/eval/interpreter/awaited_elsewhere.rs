//! Calls in coroutines that lack the `await` which the others of their kind have: `infractions = await bot.api.get("all")`, and then `return bot.api.get("one")`.
//!
//! What the object is need not be known. Two calls are of a kind if they call a method of the same name on something of the same name: most that is called so is the same thing.
//! One that computes with what comes of it, drops it or gives it back, where all others await it, is worth a warning.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::eval::Evaluator;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::{Frame, LocalFailure, Owner};
use crate::eval::reuse::file_set::FileSet;
use crate::facts::{Confidence, FailureKind, May};
use crate::name::Name;
use crate::program::ModuleId;
use crate::python::classes;
use crate::syntax::ir::{Expr, ExprKind, Function, Module, Range, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

/// How often calls of one kind are awaited at least, in all files, where one that is not looks forgotten.
const OFTEN: u32 = 3;
/// How many awaited ones stand for one that is not.
const SHARE: u32 = 4;
/// How many stand for one that is kept in a variable which nothing awaits, or that is called on something else.
const LARGE_SHARE: u32 = 12;

/// What a call is of: the last name of the object, and the method. Of a method whose name has several words that is enough where nearly all calls are awaited.
type Kind = (Option<Name>, Name);

/// What becomes of the calls of one kind.
#[derive(Debug, Default)]
struct Uses {
    awaited: u32,
    /// Handed on: to be awaited later, perhaps.
    kept: u32,
    bare: Vec<(ModuleId, Range)>,
    /// Kept in a variable that nothing awaits.
    named: Vec<(ModuleId, Range)>,
    /// The files with one that is awaited.
    files: FxHashSet<ModuleId>,
    /// Whether the kind has the name of an object.
    is_of_one: bool,
    /// Whether the method has a name of several words, and all functions of the tree that are called so are coroutines.
    is_telling: bool,
}

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Awaited,
    Bare,
    Named,
}

impl<'p> Evaluator<'p> {
    /// A call in a coroutine gave something of which nothing is known, or a coroutine.
    #[inline]
    pub fn called_in_coroutine(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, value: Value) {
        if matches!(frame.owner, Owner::Function(own) if own.is_async)
            && kind_of(expr).is_some()
            && self.may_be_coroutine(value)
        {
            self.check_awaited_elsewhere(frame, expr, value == Value::UNKNOWN);
        }
    }

    /// Whether nothing is known of a value but that it may be a coroutine.
    fn may_be_coroutine(&self, value: Value) -> bool {
        let alternatives = self.values.alternatives(value);
        alternatives
            .iter()
            .all(|&value| matches!(self.data(value), Data::Unknown | Data::Coroutine { .. }))
    }

    fn check_awaited_elsewhere(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, is_unknown: bool) {
        if self.is_graph()
            || self.is_partial
            || !frame.state.live
            || frame.is_unsure()
            || !frame.ir.errors.is_empty()
            || self.survey.tests.contains(&frame.module)
        {
            return;
        }
        if self.unawaited.is_none() {
            self.unawaited = Some(self.unawaited_of_tree());
        }
        let is_one = self
            .unawaited
            .as_ref()
            .is_some_and(|found| found.contains(&(frame.module, expr.range)));
        let ExprKind::Call(call) = &expr.kind else {
            return;
        };
        let Some((_, name)) = kind_of(expr) else {
            return;
        };
        if !is_one || is_unknown && self.peek(frame, &call.function) != Value::UNKNOWN {
            return;
        }
        // Any file may have other calls of the kind.
        self.look(FileSet::ALL);
        frame.failures.push(LocalFailure {
            confidence: Confidence::May,
            exception: Some(format!(
                "RuntimeWarning: coroutine '{name}' was never awaited"
            )),
            doubt: Some(May::Elsewhere),
            ..LocalFailure::at(FailureKind::NotAwaited, name, expr.range, "calls")
        });
    }

    /// The calls in coroutines of the tree that alone lack an `await`.
    fn unawaited_of_tree(&self) -> FxHashSet<(ModuleId, Range)> {
        let mut all: FxHashMap<Kind, Uses> = FxHashMap::default();
        let mut others = FxHashSet::default();
        for module in self.program.module_ids() {
            let functions = self.program.module(module).ir.functions.iter();
            let others_here = functions.filter(|function| !function.is_async);
            others.extend(others_here.map(|function| function.name));
        }
        for module in self.program.module_ids() {
            if !self.survey.tests.contains(&module) {
                note_calls(module, &self.program.module(module).ir, &others, &mut all);
            }
        }
        let mut found = FxHashSet::default();
        for uses in all.into_values() {
            let count = |calls: &[_]| u32::try_from(calls.len()).unwrap_or(u32::MAX);
            let bare = count(&uses.bare);
            let others = bare
                .saturating_add(count(&uses.named))
                .saturating_add(uses.kept);
            if uses.is_telling && uses.awaited >= LARGE_SHARE.saturating_mul(others) {
                found.extend(uses.bare.into_iter().chain(uses.named));
            } else if uses.is_of_one
                && uses.awaited >= OFTEN.max(bare.saturating_mul(SHARE))
                && uses.kept.saturating_add(count(&uses.named)) <= uses.awaited
            {
                let of_files = uses.bare.into_iter();
                found.extend(of_files.filter(|(module, _)| uses.files.contains(module)));
            }
        }
        found
    }
}

/// The names of the object and of the method that an expression calls.
fn kind_of(expr: &Expr) -> Option<(Name, Name)> {
    let ExprKind::Call(call) = &expr.kind else {
        return None;
    };
    let ExprKind::Attribute {
        value, attribute, ..
    } = &call.function.kind
    else {
        return None;
    };
    // What an event loop gives is run by itself, whether it is awaited or not.
    let is_of_loop = has_words(attribute) && classes::had("asyncio.AbstractEventLoop", attribute);
    let object = last_name(value).filter(|_| !is_of_loop)?;
    Some((object, *attribute))
}

/// The name that an object goes by: `api` of `self.api`, `member` of `config.member(author)`.
fn last_name(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Name(name, _) => Some(*name),
        ExprKind::Attribute { attribute, .. } => Some(*attribute),
        ExprKind::Call(call) => last_name(&call.function),
        _ => None,
    }
}

/// Notes what becomes of the calls in a file's coroutines.
fn note_calls(
    module: ModuleId,
    ir: &Module,
    others: &FxHashSet<Name>,
    all: &mut FxHashMap<Kind, Uses>,
) {
    for function in ir.functions.iter().filter(|function| function.is_async) {
        let roles = roles_in(function);
        visit::all_expressions(&function.body, &mut |expr| {
            let Some((object, method)) = kind_of(expr) else {
                return;
            };
            let of_name = has_words(&method).then_some((None, method));
            for kind in std::iter::once((Some(object), method)).chain(of_name) {
                let uses = all.entry(kind).or_default();
                uses.is_of_one = kind.0.is_some();
                uses.is_telling = of_name.is_some() && !others.contains(&method);
                match roles.get(&expr.range) {
                    Some(Role::Awaited) => {
                        uses.awaited += 1;
                        uses.files.insert(module);
                    }
                    Some(Role::Bare) => uses.bare.push((module, expr.range)),
                    Some(Role::Named) => uses.named.push((module, expr.range)),
                    None => uses.kept += 1,
                }
            }
        });
    }
}

/// What becomes of the values of a coroutine's expressions, as far as that is one of the two.
fn roles_in(function: &Function) -> FxHashMap<Range, Role> {
    let mut roles = FxHashMap::default();
    visit::statements(&function.body, &mut |stmt| match &stmt.kind {
        StmtKind::Return(Some(_)) if function.is_generator => {}
        StmtKind::Expr(value)
        | StmtKind::AugAssign { value, .. }
        | StmtKind::Return(Some(value))
        | StmtKind::For {
            iter: value,
            is_async: false,
            ..
        } => {
            roles.entry(value.range).or_insert(Role::Bare);
        }
        StmtKind::Assign { targets, value } if kind_of(value).is_some() => {
            let kept = targets.iter().map(|target| match target.kind {
                ExprKind::Tuple(_) | ExprKind::List(_) => Some(Role::Bare),
                ExprKind::Name(_, Var::Local(slot)) => role_of_variable(&function.body, slot),
                _ => None,
            });
            let kept: Option<Vec<Role>> = kept.collect();
            if let Some(role) = kept.and_then(|roles| roles.first().copied()) {
                roles.entry(value.range).or_insert(role);
            }
        }
        _ => {}
    });
    let mut bare = |expr: &Expr| {
        roles.entry(expr.range).or_insert(Role::Bare);
    };
    visit::all_expressions(&function.body, &mut |expr| match &expr.kind {
        ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => bare(value),
        ExprKind::Binary { left, right, .. } => {
            bare(left);
            bare(right);
        }
        ExprKind::Compare { left, rest } => {
            bare(left);
            rest.iter().for_each(|(_, right)| bare(right));
        }
        _ => {}
    });
    visit::all_expressions(&function.body, &mut |expr| {
        if let ExprKind::Walrus {
            var: Var::Local(slot),
            value,
        } = &expr.kind
            && kind_of(value).is_some()
            && let Some(role) = role_of_variable(&function.body, *slot)
        {
            roles.entry(value.range).or_insert(role);
        }
    });
    visit::all_expressions(&function.body, &mut |expr| {
        if let ExprKind::Await(inner) = &expr.kind {
            roles.insert(inner.range, Role::Awaited);
        }
    });
    roles
}

/// What becomes of what a variable holds: none if it is awaited or handed to something that may do so, in a call of a library's scheduler or a list.
fn role_of_variable(body: &[Stmt], slot: Slot) -> Option<Role> {
    let is_it =
        |expr: &Expr| matches!(expr.kind, ExprKind::Name(_, Var::Local(found)) if found == slot);
    let (mut mentioned, mut read, mut asked, mut passed) = (0, 0, 0, 0);
    visit::statements(body, &mut |stmt| {
        if let StmtKind::Assign { targets, .. } = &stmt.kind {
            asked += targets.iter().filter(|target| is_it(target)).count();
        }
        if let StmtKind::If { branches, .. } = &stmt.kind {
            asked += branches.iter().filter(|one| is_it(&one.test)).count();
        }
    });
    visit::all_expressions(body, &mut |expr| match &expr.kind {
        ExprKind::Name(..) => mentioned += usize::from(is_it(expr)),
        ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => {
            read += usize::from(is_it(value));
        }
        ExprKind::Not(operand) => asked += usize::from(is_it(operand)),
        ExprKind::Compare { left, .. } => asked += usize::from(is_it(left)),
        // A scheduler gets the coroutine alone or among others, and its arguments are no other kinds of things.
        ExprKind::Call(call) if call.arguments.len() > 1 => {
            let arguments = call.arguments.iter();
            passed += arguments.filter(|one| is_it(&one.value)).count();
        }
        _ => {}
    });
    let mut is_handed_on = false;
    visit::all_expressions(body, &mut |expr| match &expr.kind {
        ExprKind::Await(inner) | ExprKind::Yield(Some(inner)) => is_handed_on |= is_it(inner),
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            is_handed_on |= items.iter().any(is_it);
        }
        ExprKind::Call(call) if call.arguments.len() == 1 => {
            is_handed_on |= call.arguments.iter().any(|one| is_it(&one.value));
        }
        _ => {}
    });
    visit::statements(body, &mut |stmt| match &stmt.kind {
        StmtKind::Return(Some(value)) | StmtKind::Assign { value, .. } => {
            is_handed_on |= is_it(value);
        }
        _ => {}
    });
    if is_handed_on || read + passed == 0 {
        return None;
    }
    let is_only_read = mentioned == read + asked;
    Some(if is_only_read {
        Role::Bare
    } else {
        Role::Named
    })
}

/// Whether a name has several words: one of one word (`close`, `get`) is what many objects have.
fn has_words(name: &str) -> bool {
    name.trim_matches('_').contains('_')
}
