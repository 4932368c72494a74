//! Directories that code adds to those where imports look, `sys.path` (library reference, `sys`).

use crate::syntax::beside::{Beside, Paths};
use crate::syntax::ir::{Call, Constant, Expr, ExprKind, Module, StmtKind};
use crate::syntax::visit;

/// The directories that a file's own code adds whatever its functions do, as far as it works them out from where it lies, `sys.path.append(os.path.dirname(__file__))`; and
/// whether imports look there before anywhere else.
#[must_use]
pub fn added_on_import(module: &Module) -> Vec<(Beside, bool)> {
    let mut added = Vec::new();
    let mut paths = None;
    visit::statements(&module.body, &mut |stmt| {
        if let StmtKind::Expr(Expr {
            kind: ExprKind::Call(call),
            ..
        }) = &stmt.kind
            && let Some(path) = added_to_path(call)
        {
            let paths = paths.get_or_insert_with(|| Paths::of(module));
            let is_first = matches!(call.arguments.as_slice(), [at, _]
                if matches!(at.value.kind, ExprKind::Constant(Constant::Int(0))));
            added.extend(paths.path(path).map(|path| (path, is_first)));
        }
    });
    added.retain(|(path, _)| path.module.is_none());
    added
}

/// What a call adds to `sys.path`, if it does that.
#[must_use]
pub fn added_to_path(call: &Call) -> Option<&Expr> {
    let ExprKind::Attribute {
        value, attribute, ..
    } = &call.function.kind
    else {
        return None;
    };
    if !is_search_path(value) {
        return None;
    }
    match (attribute.as_str(), call.arguments.as_slice()) {
        ("insert", [_, added]) | ("append", [added]) => Some(&added.value),
        _ => None,
    }
}

/// Whether an expression is `sys.path`.
fn is_search_path(expr: &Expr) -> bool {
    let ExprKind::Attribute {
        value, attribute, ..
    } = &expr.kind
    else {
        return false;
    };
    attribute.as_str() == "path"
        && matches!(&value.kind, ExprKind::Name(name, _) if name.as_str() == "sys")
}
