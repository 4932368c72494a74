//! Metaclasses that make classes as `type` does and let it make their instances: what a class's constructor refuses is refused (the data model, "Customizing class creation").
//!
//! What such a metaclass puts on the class besides is not known, so that nothing else of an instance is.

use std::collections::BTreeSet;

use crate::eval::Evaluator;
use crate::eval::domain::value::ClassRef;
use crate::eval::objects::mro::Ancestor;
use crate::name::Name;
use crate::syntax::ir::{
    ArgumentKind, Call, ClassId, Constant, Expr, ExprKind, Function, Module, Parent, Stmt,
    StmtKind, Var,
};
use crate::syntax::visit;

/// What makes an instance.
const CONSTRUCTORS: [&str; 3] = ["__init__", "__new__", "__call__"];

/// The methods of a dictionary that put something into it.
const FILLERS: [&str; 3] = ["update", "setdefault", "__setitem__"];

impl Evaluator<'_> {
    /// Whether a class with a metaclass is called like one without.
    pub fn is_called_plainly(&self, class: ClassRef) -> bool {
        let object = self.class(class);
        let Some(metaclass) = object.metaclass else {
            return false;
        };
        if object.is_rewritten || object.has_new_methods || object.has_foreign_ancestor() {
            return false;
        }
        // Whoever gets the class may put one there.
        let mut constructors = CONSTRUCTORS.iter();
        if constructors.any(|name| self.is_stored_elsewhere(Name::new(name))) {
            return false;
        }
        let mut ancestors = self.class(metaclass).mro.iter();
        ancestors.all(|ancestor| match ancestor {
            Ancestor::Tree(own) => {
                let own = self.class(*own);
                let module = self.program.module(own.module);
                leaves_constructors(&module.ir, own.id, top(&module.name))
            }
            Ancestor::External(name) => {
                matches!(
                    name.as_str(),
                    "builtins.type" | "builtins.object" | "abc.ABCMeta"
                )
            }
            Ancestor::Unknown => false,
        })
    }
}

/// The first part of a dotted name.
fn top(dotted: &str) -> &str {
    dotted.split('.').next().unwrap_or(dotted)
}

/// Whether a metaclass's own code has the class made of the bases and the body that it was given, gives it back, and neither it nor the functions beside it say anything of
/// constructors.
fn leaves_constructors(ir: &Module, metaclass: ClassId, package: &str) -> bool {
    let of_metaclass = |function: &&Function| function.parent == Parent::Class(metaclass);
    let mut own = ir.functions.iter().filter(of_metaclass).peekable();
    if own.peek().is_none() {
        return true;
    }
    let outside = names_from_outside(ir, package);
    let is_plain = own.all(|function| match function.name.as_str() {
        "__call__" | "__prepare__" | "mro" => false,
        "__new__" => {
            made_plainly(function).is_some_and(|made| !hands_out(function, &made, &outside))
        }
        _ => {
            let class = function.params.first().map(|first| first.name);
            !hands_out(function, &class.into_iter().collect(), &outside)
        }
    });
    let mut bodies = ir.functions.iter().map(|function| &function.body);
    is_plain && !names_constructors(&ir.body) && !bodies.any(|body| names_constructors(body))
}

/// The variables in which a `__new__` keeps what the metaclass above made, of the very bases and of the very body that it was given, if it gives nothing else back.
fn made_plainly(function: &Function) -> Option<BTreeSet<Name>> {
    let [_, _, bases, namespace, ..] = function.params.as_slice() else {
        return None;
    };
    let given = (bases.name, namespace.name);
    if [given.0, given.1]
        .iter()
        .any(|name| bindings(function, *name) != 1)
    {
        return None;
    }
    let mut made: Vec<Name> = Vec::new();
    let mut returned: Vec<&Expr> = Vec::new();
    let mut is_plain = true;
    visit::statements(&function.body, &mut |stmt| match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            let names = targets.iter().filter_map(named);
            if makes_of(value, given) {
                made.extend(names);
            }
            is_plain &= !targets.iter().any(|target| puts_anything(target, given.1));
        }
        StmtKind::Return(value) => match value {
            Some(value) => returned.push(value),
            None => is_plain = false,
        },
        _ => {}
    });
    let is_made = |value: &&Expr| match named(value) {
        // Each place that binds it does so with what was made.
        Some(name) => {
            let places = made.iter().filter(|it| **it == name).count();
            places > 0 && places == bindings(function, name)
        }
        None => makes_of(value, given),
    };
    let fills = |expr: &Expr| match &expr.kind {
        ExprKind::Call(call) => fills(call, given.1),
        _ => false,
    };
    visit::all_expressions(&function.body, &mut |expr| is_plain &= !fills(expr));
    let is_plain = is_plain && !returned.is_empty() && returned.iter().all(is_made);
    is_plain.then(|| made.into_iter().collect())
}

/// How many places of a function bind a variable.
fn bindings(function: &Function, name: Name) -> usize {
    let slots = function.scope.slots.iter();
    let own = slots.filter(|slot| slot.name == name && !slot.hidden);
    own.map(|slot| slot.bindings as usize + usize::from(slot.assigned_inside))
        .sum()
}

/// The name that an expression is.
fn named(expr: &Expr) -> Option<Name> {
    match expr.kind {
        ExprKind::Name(name, _) => Some(name),
        _ => None,
    }
}

/// Whether an expression is `super().__new__(mcs, name, bases, namespace, ...)` or `type.__new__(mcs, name, bases, dict(namespace), ...)`.
fn makes_of(expr: &Expr, (bases, namespace): (Name, Name)) -> bool {
    let ExprKind::Call(call) = &expr.kind else {
        return false;
    };
    let ExprKind::Attribute { attribute, .. } = &call.function.kind else {
        return false;
    };
    let [class, name, third, fourth, ..] = call.arguments.as_slice() else {
        return false;
    };
    let is_copy = |value: &Expr| match &value.kind {
        ExprKind::Call(copy) => {
            let is_dict = named(&copy.function).is_some_and(|it| it.as_str() == "dict");
            matches!(copy.arguments.as_slice(), [one] if is_dict && named(&one.value) == Some(namespace))
        }
        _ => false,
    };
    let mut given = [class, name, third, fourth].into_iter();
    attribute.as_str() == "__new__"
        && given.all(|argument| argument.kind == ArgumentKind::Positional)
        && named(&third.value) == Some(bases)
        && (named(&fourth.value) == Some(namespace) || is_copy(&fourth.value))
}

/// Whether an assignment puts something under a computed name into the body of the class.
fn puts_anything(target: &Expr, namespace: Name) -> bool {
    match &target.kind {
        ExprKind::Subscript { value, index } => named(value) == Some(namespace) && !is_text(index),
        _ => false,
    }
}

/// The same for a call of a method of the body's dictionary.
fn fills(call: &Call, namespace: Name) -> bool {
    let ExprKind::Attribute {
        value, attribute, ..
    } = &call.function.kind
    else {
        return false;
    };
    let first = call.arguments.first();
    named(value) == Some(namespace)
        && FILLERS.contains(&attribute.as_str())
        && !first.is_some_and(|first| is_text(&first.value))
}

fn is_text(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Constant(Constant::Str(_)))
}

/// Whether a function gives one of these variables, which hold the class, to something that was imported from elsewhere, and drops what comes of it: it is called for what it does
/// to the class, `dataclass(cls)`.
fn hands_out(function: &Function, classes: &BTreeSet<Name>, outside: &BTreeSet<Name>) -> bool {
    let mut found = false;
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::Expr(Expr {
            kind: ExprKind::Call(call),
            ..
        }) = &stmt.kind
        {
            let is_outside = root(&call.function).is_some_and(|name| outside.contains(&name));
            let mut arguments = call.arguments.iter();
            found |= is_outside
                && arguments.any(|it| named(&it.value).is_some_and(|name| classes.contains(&name)));
        }
    });
    found
}

/// The variable that the name of a function begins with; of a call, that of what is called: `dataclass(frozen=True)`.
fn root(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Attribute { value, .. } => root(value),
        ExprKind::Call(call) => root(&call.function),
        _ => named(expr),
    }
}

/// The variables that a file's imports bind to what is not of its own top-level package.
fn names_from_outside(ir: &Module, package: &str) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    let functions = ir.functions.iter();
    let functions = functions.map(|function| (&function.scope, &function.body));
    for (scope, body) in std::iter::once((&ir.scope, &ir.body)).chain(functions) {
        let bound = |var: Var| match var {
            Var::Local(slot) => scope.slots.get(slot.0 as usize).map(|it| it.name),
            Var::Global(name) => Some(name),
            Var::Free { .. } | Var::Hidden { .. } => None,
        };
        visit::statements(body, &mut |stmt| match &stmt.kind {
            StmtKind::Import(import) if top(&import.module) != package => {
                found.extend(bound(import.var));
            }
            StmtKind::ImportFrom(import)
                if import.level == 0 && import.module.is_none_or(|it| top(&it) != package) =>
            {
                found.extend(import.names.iter().filter_map(|name| bound(name.var)));
            }
            _ => {}
        });
    }
    found
}

/// Whether code has a text that is the name of a constructor, or assigns an attribute of that name.
fn names_constructors(body: &[Stmt]) -> bool {
    let is_one = |name: &str| CONSTRUCTORS.contains(&name);
    let mut found = false;
    visit::statements(body, &mut |stmt| {
        if let StmtKind::Assign { targets, .. } = &stmt.kind {
            for target in targets {
                if let ExprKind::Attribute { attribute, .. } = &target.kind {
                    found |= is_one(attribute.as_str());
                }
            }
        }
        visit::direct_expressions(stmt, &mut |direct| {
            visit::expressions(direct, &mut |expr| {
                if let ExprKind::Constant(Constant::Str(text)) = &expr.kind {
                    found |= is_one(text.as_str());
                }
            });
        });
    });
    found
}
