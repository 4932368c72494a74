//! Metaclasses that make classes as `type` does and let it make their instances: what a class's constructor refuses is refused (the data model, "Customizing class creation").
//!
//! What such a metaclass puts on the class besides is not known, so that nothing else of an instance is.

use crate::eval::Evaluator;
use crate::eval::domain::value::ClassRef;
use crate::eval::objects::mro::Ancestor;
use crate::syntax::ir::{
    ArgumentKind, Call, ClassId, Constant, Expr, ExprKind, Function, Module, Parent, Stmt,
    StmtKind, Var,
};
use crate::syntax::visit;

/// What makes an instance.
const CONSTRUCTORS: [&str; 3] = ["__init__", "__new__", "__call__"];

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
        let mut ancestors = self.class(metaclass).mro.iter();
        ancestors.all(|ancestor| match ancestor {
            Ancestor::Tree(own) => {
                let own = self.class(*own);
                leaves_constructors(&self.program.module(own.module).ir, own.id)
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

/// Whether a metaclass's own code has the class made of the bases that it was given, gives it back, and says nothing of constructors.
fn leaves_constructors(ir: &Module, metaclass: ClassId) -> bool {
    let mut own = ir
        .functions
        .iter()
        .filter(|function| function.parent == Parent::Class(metaclass));
    own.all(|function| match function.name.as_str() {
        "__call__" | "__prepare__" | "mro" => false,
        "__new__" => gives_what_is_made(function) && !names_constructors(&function.body),
        _ => !names_constructors(&function.body),
    })
}

/// Whether all that a `__new__` gives back was made by the metaclass above, of the very bases that it was given.
fn gives_what_is_made(function: &Function) -> bool {
    let [_, _, bases, ..] = function.params.as_slice() else {
        return false;
    };
    let is_made = |expr: &Expr| match &expr.kind {
        ExprKind::Call(call) => makes_of(call, bases.name.as_str()),
        _ => false,
    };
    let mut made: Vec<Var> = Vec::new();
    let mut is_plain = true;
    let mut gives = false;
    visit::statements(&function.body, &mut |stmt| match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            for target in targets {
                if let ExprKind::Name(name, var) = target.kind {
                    is_plain &= name != bases.name;
                    if is_made(value) {
                        made.push(var);
                    } else {
                        is_plain &= !made.contains(&var);
                    }
                }
            }
        }
        StmtKind::Return(Some(value)) => {
            gives = true;
            is_plain &= match value.kind {
                ExprKind::Name(_, var) => made.contains(&var),
                _ => is_made(value),
            };
        }
        StmtKind::Return(None) => is_plain = false,
        _ => {}
    });
    gives && is_plain
}

/// `super().__new__(mcs, name, bases, ...)` or `type.__new__(mcs, name, bases, ...)`.
fn makes_of(call: &Call, bases: &str) -> bool {
    let ExprKind::Attribute { attribute, .. } = &call.function.kind else {
        return false;
    };
    let mut plain = call.arguments.iter();
    let third = plain.nth(2);
    attribute.as_str() == "__new__"
        && call
            .arguments
            .iter()
            .take(3)
            .all(|argument| argument.kind == ArgumentKind::Positional)
        && third.is_some_and(
            |third| matches!(third.value.kind, ExprKind::Name(name, _) if name.as_str() == bases),
        )
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
