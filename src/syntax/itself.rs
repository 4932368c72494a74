//! A module that looks itself up: `this = sys.modules[__name__]`. Most only look at what they find (`hasattr(this, name)`), and stay what their statements make them.

use rustc_hash::FxHashSet;

use super::ir::{Argument, Call, Expr, ExprKind, Module, Range, Stmt, StmtKind};
use super::visit;
use crate::name::Name;

/// Functions that look at an object and leave it as it is.
const LOOKS: [&str; 5] = ["hasattr", "getattr", "dir", "repr", "id"];

/// Functions of `inspect` that do.
const INSPECTS: [&str; 4] = ["getmembers", "getsource", "getdoc", "getfile"];

/// Whether a module does nothing to itself, or hands itself to anybody, where it has looked itself up by its name: it takes attributes, or asks which there are.
///
/// Variables are told apart by their names alone; two of one name count as one.
pub(super) fn is_only_looked_at(module: &Module) -> bool {
    let mut uses = Uses::default();
    module.each_statement(|stmt| uses.bind(stmt));
    module.each_statement(|stmt| {
        uses.targets(stmt);
        visit::direct_expressions(stmt, &mut |expr| uses.expression(expr));
    });
    module.heads().for_each(|expr| uses.expression(expr));
    uses.all == uses.harmless
}

/// How what was looked up is used.
#[derive(Debug, Default)]
struct Uses {
    /// The variables that hold it.
    variables: FxHashSet<Name>,
    /// The attributes that are assigned or deleted.
    written: FxHashSet<Range>,
    /// How often the module itself is named.
    all: usize,
    /// How often nothing can come of that.
    harmless: usize,
}

impl Uses {
    /// Notes the variable that gets the module.
    fn bind(&mut self, stmt: &Stmt) {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && is_lookup(value)
        {
            let names = targets.iter().map(|target| match &target.kind {
                ExprKind::Name(name, _) => Some(*name),
                _ => None,
            });
            if let Some(names) = names.collect::<Option<Vec<_>>>() {
                self.harmless += 1 + names.len();
                self.variables.extend(names);
            }
        }
    }

    /// Notes what a statement writes.
    fn targets(&mut self, stmt: &Stmt) {
        let targets = match &stmt.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => targets.as_slice(),
            StmtKind::AnnAssign { target, .. }
            | StmtKind::AugAssign { target, .. }
            | StmtKind::For { target, .. } => std::slice::from_ref(target),
            StmtKind::With { items, .. } => {
                for target in items.iter().filter_map(|item| item.target.as_ref()) {
                    self.target(target);
                }
                &[]
            }
            _ => &[],
        };
        for target in targets {
            self.target(target);
        }
    }

    fn target(&mut self, target: &Expr) {
        visit::expressions(target, &mut |part| {
            self.written.insert(part.range);
        });
    }

    /// Counts the uses in an expression.
    fn expression(&mut self, expr: &Expr) {
        visit::expressions(expr, &mut |part| {
            self.all += usize::from(self.is_itself(part));
            let looked_at = match &part.kind {
                ExprKind::Attribute { value, .. } if !self.written.contains(&part.range) => {
                    Some(&**value)
                }
                ExprKind::Call(call) if is_look(call) => match call.arguments.as_slice() {
                    [Argument { value, .. }, ..] => Some(value),
                    [] => None,
                },
                _ => None,
            };
            self.harmless += usize::from(looked_at.is_some_and(|expr| self.is_itself(expr)));
        });
    }

    /// Whether an expression is the module.
    fn is_itself(&self, expr: &Expr) -> bool {
        matches!(expr.kind, ExprKind::Name(name, _) if self.variables.contains(&name))
            || is_lookup(expr)
    }
}

/// `sys.modules[__name__]`, under any name for `sys`.
fn is_lookup(expr: &Expr) -> bool {
    let ExprKind::Subscript { value, index } = &expr.kind else {
        return false;
    };
    let is_table = matches!(&value.kind, ExprKind::Attribute { value, attribute, .. }
        if attribute.as_str() == "modules" && matches!(value.kind, ExprKind::Name(..)));
    is_table && matches!(index.kind, ExprKind::Name(name, _) if name.as_str() == "__name__")
}

/// Whether a call only looks at its first argument.
fn is_look(call: &Call) -> bool {
    match &call.function.kind {
        ExprKind::Name(name, _) => LOOKS.contains(&name.as_str()),
        ExprKind::Attribute {
            value, attribute, ..
        } => {
            matches!(value.kind, ExprKind::Name(name, _) if name.as_str() == "inspect")
                && INSPECTS.contains(&attribute.as_str())
        }
        _ => false,
    }
}
