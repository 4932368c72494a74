//! Attributes that one way of a constructor sets and another one does not: `if path: self.path = path; self.is_new = False`, `else: self.is_new = True`, and `self.path` in a method.
//!
//! The same as for variables (`names/ways.rs`). Both ways set the object up, so that the one which sets less has forgotten something, unless whoever reads the attribute asks first which
//! way it was; so it is worth a warning where a method reads it and asks nothing.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::{Frame, LocalFailure};
use crate::eval::objects::attribute::is_special;
use crate::eval::objects::mro::Ancestor;
use crate::eval::reuse::file_set::FileSet;
use crate::facts::May;
use crate::name::Name;
use crate::syntax::ir::{Expr, ExprKind, Function, FunctionId, Parent, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// `self.name` in a method, of which it is known what it may hold: a warning, if one way of the constructor leaves it out.
    pub(super) fn check_parted_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        name: Name,
    ) {
        let Data::Instance { class, .. } = *self.data(base) else {
            return;
        };
        let ExprKind::Attribute { value, .. } = &expr.kind else {
            return;
        };
        let is_method = frame
            .function()
            .is_some_and(|own| matches!(own.parent, Parent::Class(_)) && own.name.as_str() != INIT);
        if !is_method
            || !frame.guards.is_empty()
            || !matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0))))
            || is_special(name)
            || self.is_graph()
            || self.is_partial
            || frame.is_unsure()
            || !self.parted_in(class).contains(&name)
        {
            return;
        }
        // The first read of a method tells.
        let is_it = |failure: &LocalFailure<'_>| {
            failure.doubt == Some(May::Parted) && failure.subject == name
        };
        if !frame.failures.iter().any(is_it) {
            self.doubt_attribute(frame, (expr, base, name), May::Parted);
        }
    }

    /// The attributes that one way of a class's constructor sets and another one does not, and that nothing else can put there.
    fn parted_in(&mut self, class: ClassRef) -> Rc<FxHashSet<Name>> {
        if let Some(known) = self.parted.get(&class) {
            return Rc::clone(known);
        }
        let mut found = self.parted_by_ways(class);
        if !found.is_empty() {
            // Any file may put something on objects.
            self.look(FileSet::ALL);
            found.retain(|&name| self.is_put_there_by_constructor(class, name));
        }
        let found = Rc::new(found);
        self.parted.insert(class, Rc::clone(&found));
        found
    }

    /// The same as far as the constructor goes.
    fn parted_by_ways(&self, class: ClassRef) -> FxHashSet<Name> {
        let object = self.class(class);
        let (module, id) = (object.module, object.id);
        let mut found = FxHashSet::default();
        let Some(stores) = self.survey.self_stores.get(&(module, id)) else {
            return found;
        };
        let functions = &self.program.module(module).ir.functions;
        let is_constructor = |own: &Function| {
            own.name.as_str() == INIT
                && own.decorators.is_empty()
                && matches!(own.parent, Parent::Class(of) if of == id)
        };
        let Some(at) = functions.iter().position(is_constructor) else {
            return found;
        };
        let constructor = FunctionId(u32::try_from(at).unwrap_or(u32::MAX));
        for stmt in &functions[at].body {
            for name in parted_by(stmt) {
                let stores = stores.get(&name).map_or(&[][..], Vec::as_slice);
                let is_only_here = stores.iter().all(|store| store.function == constructor);
                if is_only_here
                    && count_assigned(&functions[at].body, name)
                        == count_assigned(std::slice::from_ref(stmt), name)
                {
                    found.insert(name);
                }
            }
        }
        found
    }

    /// Whether nothing but the constructor of a class can put an attribute on its instances.
    fn is_put_there_by_constructor(&mut self, class: ClassRef, name: Name) -> bool {
        let module = self.class(class).module;
        let own = (module, self.class(class).id);
        let mut others = self.derived(class);
        others.extend(
            self.class(class)
                .mro
                .iter()
                .filter_map(|ancestor| match *ancestor {
                    Ancestor::Tree(above) => Some(above),
                    _ => None,
                }),
        );
        let is_assigned = |other: ClassRef| {
            let object = self.class(other);
            let key = (object.module, object.id);
            let stores = self.survey.self_stores.get(&key);
            key != own && stores.is_some_and(|stores| stores.contains_key(&name))
                || object.namespace.contains_key(&name)
        };
        !others.into_iter().any(is_assigned) && self.is_left_to_methods(class, name)
    }
}

/// The method that sets an object up.
const INIT: &str = "__init__";

/// The attributes of `self` that one way through an `if` with an `else` sets and another one does not, where both set something else alike.
fn parted_by(stmt: &Stmt) -> Vec<Name> {
    let StmtKind::If { branches, orelse } = &stmt.kind else {
        return Vec::new();
    };
    let mut ways: Vec<&[Stmt]> = branches.iter().map(|branch| &*branch.body).collect();
    ways.push(orelse);
    ways.retain(|way| !way.is_empty());
    let may_leave = |way: &&[Stmt]| {
        let mut found = false;
        visit::statements(way, &mut |stmt| {
            found |= matches!(stmt.kind, StmtKind::Raise { .. } | StmtKind::Return(_));
        });
        found
    };
    if ways.len() <= branches.len() || ways.iter().any(may_leave) {
        return Vec::new();
    }
    let set: Vec<FxHashSet<Name>> = ways.iter().map(|way| set_for_certain(way)).collect();
    let mut parted = Vec::new();
    for (at, way) in ways.iter().enumerate() {
        for (other, names) in set.iter().enumerate() {
            if other == at || set[at].is_disjoint(names) || hands_on_receiver(way) {
                continue;
            }
            parted.extend(names.iter().filter(|&&name| count_assigned(way, name) == 0));
        }
    }
    parted
}

/// The attributes of `self` that the statements of a block set, whatever happens.
fn set_for_certain(block: &[Stmt]) -> FxHashSet<Name> {
    let mut names = FxHashSet::default();
    for stmt in block {
        match &stmt.kind {
            StmtKind::Assign { targets, .. } => {
                names.extend(targets.iter().filter_map(attribute_of_receiver));
            }
            StmtKind::AnnAssign {
                target,
                value: Some(_),
                ..
            } => names.extend(attribute_of_receiver(target)),
            _ => {}
        }
    }
    names
}

/// How often statements assign an attribute of `self`.
fn count_assigned(block: &[Stmt], name: Name) -> usize {
    let mut count = 0;
    let mut note = |target: &Expr| {
        visit::expressions(target, &mut |part| {
            count += usize::from(attribute_of_receiver(part) == Some(name));
        });
    };
    visit::statements(block, &mut |stmt| match &stmt.kind {
        StmtKind::Assign { targets, .. } => targets.iter().for_each(&mut note),
        StmtKind::AnnAssign { target, .. }
        | StmtKind::AugAssign { target, .. }
        | StmtKind::For { target, .. } => note(target),
        StmtKind::With { items, .. } => {
            items
                .iter()
                .filter_map(|item| item.target.as_ref())
                .for_each(&mut note);
        }
        _ => {}
    });
    count
}

/// Whether code of a block gets `self`, as a whole or by one of its methods, and may set what is looked for.
fn hands_on_receiver(block: &[Stmt]) -> bool {
    let is_receiver = |expr: &Expr| matches!(expr.kind, ExprKind::Name(_, Var::Local(Slot(0))));
    let mut found = false;
    visit::all_expressions(block, &mut |expr| {
        if let ExprKind::Call(call) = &expr.kind {
            let mut arguments = call.arguments.iter();
            found |= arguments.any(|argument| is_receiver(&argument.value));
            if let ExprKind::Attribute { value, .. } = &call.function.kind {
                let is_super = matches!(&value.kind, ExprKind::Call(_));
                found |= is_receiver(value) || is_super;
            }
        }
    });
    found
}

/// `self.name`: the name.
fn attribute_of_receiver(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Attribute {
            value, attribute, ..
        } if matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0)))) => Some(*attribute),
        _ => None,
    }
}
