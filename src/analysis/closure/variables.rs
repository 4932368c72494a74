//! Environment variables that a module reads without a default: `os.environ['NAME']`.
//!
//! A read is left out where its failure is expected: in a `try` that catches it, or where the file asks for the variable in another way too (`'NAME' in os.environ`, `.get`).

use std::collections::BTreeSet;

use crate::syntax::ir::{
    ArgumentKind, Comparison, Constant, Expr, ExprKind, Handler, Module, Range, Stmt, StmtKind,
};
use crate::syntax::visit;

/// Which names of a module are known: those that imports without `as` give.
#[derive(Default)]
struct Names {
    /// Whether `os` is the module.
    os: bool,
    /// Whether `environ` is that of `os`.
    environ: bool,
}

impl Names {
    fn of(module: &Module) -> Self {
        let mut names = Self::default();
        module.each_statement(|stmt| match &stmt.kind {
            StmtKind::Import(import) => {
                let is_os = import.module.as_str().split('.').next() == Some("os");
                names.os |= is_os && !import.has_alias;
            }
            StmtKind::ImportFrom(import) if import.level == 0 => {
                let is_os = import.module.is_some_and(|it| it.as_str() == "os");
                let mut imported = import.names.iter();
                names.environ |= is_os && imported.any(|it| it.name.as_str() == "environ");
            }
            _ => {}
        });
        names
    }

    /// Whether an expression is `os.environ`.
    fn is_environ(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(name, _) => self.environ && name.as_str() == "environ",
            ExprKind::Attribute {
                value, attribute, ..
            } => attribute.as_str() == "environ" && self.is_os(value),
            _ => false,
        }
    }

    /// Whether an expression is the module `os`.
    fn is_os(&self, expr: &Expr) -> bool {
        self.os && matches!(&expr.kind, ExprKind::Name(name, _) if name.as_str() == "os")
    }

    /// The variable that `os.environ['NAME']` names.
    fn subscript<'e>(&self, expr: &'e Expr) -> Option<&'e str> {
        match &expr.kind {
            ExprKind::Subscript { value, index } if self.is_environ(value) => text(index),
            _ => None,
        }
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Constant(Constant::Str(text)) => Some(text.as_str()),
        _ => None,
    }
}

/// The variables that a module reads, each where it does first.
pub(super) fn read(module: &Module) -> Vec<(String, u32)> {
    let names = Names::of(module);
    let mut found: Vec<(String, u32)> = Vec::new();
    let mut expected: Vec<Range> = Vec::new();
    let mut asked = BTreeSet::new();
    module.each_statement(|stmt| {
        expected.extend(expecting(stmt));
        let written = written(stmt);
        visit::direct_expressions(stmt, &mut |expr| {
            visit::expressions(expr, &mut |expr| {
                asked.extend(otherwise(&names, expr));
                if let Some(variable) = names.subscript(expr)
                    && !written.contains(&expr.range)
                {
                    found.push((variable.to_owned(), expr.range.start));
                }
            });
        });
    });
    found.retain(|(variable, at)| {
        let is_expected = |range: &Range| range.start <= *at && *at < range.end;
        !asked.contains(variable) && !expected.iter().any(is_expected)
    });
    found.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    let mut seen = BTreeSet::new();
    found.retain(|(variable, _)| seen.insert(variable.clone()));
    found
}

/// The variables that modules set themselves.
pub(super) fn set<'m>(modules: impl Iterator<Item = &'m Module>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for module in modules {
        let names = Names::of(module);
        module.each_statement(|stmt| {
            let written = written(stmt);
            visit::direct_expressions(stmt, &mut |expr| {
                if written.contains(&expr.range) {
                    found.extend(names.subscript(expr).map(str::to_owned));
                }
            });
        });
    }
    found
}

/// The targets of a statement.
fn written(stmt: &Stmt) -> Vec<Range> {
    match &stmt.kind {
        StmtKind::Assign { targets, .. } => targets.iter().map(|it| it.range).collect(),
        StmtKind::Delete(targets) => targets.iter().map(|it| it.range).collect(),
        _ => Vec::new(),
    }
}

/// What of a statement runs under a handler that takes a `KeyError`, or only where the file is run by hand.
fn expecting(stmt: &Stmt) -> Option<Range> {
    match &stmt.kind {
        StmtKind::Try { body, handlers, .. } if handlers.iter().any(takes_key_errors) => {
            let (first, last) = (body.first()?, body.last()?);
            Some(Range::new(first.range.start, last.range.end))
        }
        StmtKind::If { branches, .. } => {
            let mut is_main = false;
            let test = &branches.first()?.test;
            visit::expressions(test, &mut |expr| is_main |= text(expr) == Some("__main__"));
            is_main.then_some(stmt.range)
        }
        _ => None,
    }
}

fn takes_key_errors(handler: &Handler) -> bool {
    let Some(exception) = &handler.exception else {
        return true;
    };
    let mut takes = false;
    visit::expressions(exception, &mut |expr| {
        if let ExprKind::Name(name, _) = &expr.kind {
            let taking = ["KeyError", "LookupError", "Exception", "BaseException"];
            takes |= taking.contains(&name.as_str());
        }
    });
    takes
}

/// The variable that an expression asks for in a way that does not fail: `'NAME' in os.environ`, `os.environ.get('NAME')`, `os.getenv('NAME')`.
fn otherwise(names: &Names, expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Compare { left, rest } => {
            let is_in = |(how, right): &(Comparison, Expr)| {
                matches!(how, Comparison::In | Comparison::NotIn) && names.is_environ(right)
            };
            let variable = rest.first().filter(|it| is_in(it)).and_then(|_| text(left));
            variable.map(str::to_owned)
        }
        ExprKind::Call(call) => {
            let ExprKind::Attribute {
                value, attribute, ..
            } = &call.function.kind
            else {
                return None;
            };
            let asks = ["get", "setdefault", "pop", "getenv"];
            let is_asked = names.is_os(value) || names.is_environ(value);
            if !asks.contains(&attribute.as_str()) || !is_asked {
                return None;
            }
            let first = call.arguments.first()?;
            let is_plain = matches!(first.kind, ArgumentKind::Positional);
            text(&first.value).filter(|_| is_plain).map(str::to_owned)
        }
        _ => None,
    }
}
