//! Data files that a module finds beside itself: paths that begin with `__file__` and go on with literals.
//!
//! `os.path.join(os.path.dirname(__file__), 'x.json')`, `Path(__file__).parent / 'data' / 'x.json'`, `Path(__file__).with_name('x.json')`, and the same
//! through a variable of the module that is assigned once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::edges::Edge;
use crate::name::Name;
use crate::package::Need;
use crate::syntax::ir::{
    Call, Constant, Expr, ExprKind, JoinedPart, Module, Operator, Range, StmtKind, each_statement,
};
use crate::syntax::visit;

/// How many variables a path may lead through.
const DEPTH: u32 = 8;

/// A path as its parts, from the tree's top, and whether a literal stands in it.
#[derive(Clone)]
struct Found {
    parts: Vec<String>,
    has_literal: bool,
}

/// The data files that the module at `own` names, as far as the tree has them.
pub(super) fn edges(module: &Module, own: &str, files: &[Arc<str>]) -> Vec<Edge> {
    let mut reader = Reader {
        own,
        variables: variables(module),
        handled: Vec::new(),
        edges: Vec::new(),
        files,
    };
    let bodies = std::iter::once(&module.body)
        .chain(module.functions.iter().map(|function| &function.body))
        .chain(module.classes.iter().map(|class| &class.body));
    for body in bodies {
        each_statement(body, &mut |stmt| {
            visit::direct_expressions(stmt, &mut |expr| {
                visit::expressions(expr, &mut |expr| reader.look(expr));
            });
        });
    }
    reader.edges
}

/// The variables that the module's own code assigns once, with their values.
fn variables(module: &Module) -> FxHashMap<Name, &Expr> {
    let mut found: FxHashMap<Name, Option<&Expr>> = FxHashMap::default();
    for stmt in &module.body {
        if let StmtKind::Assign { targets, value } = &stmt.kind {
            for target in targets {
                if let ExprKind::Name(name, _) = &target.kind {
                    let entry = found.entry(*name).or_insert(Some(value));
                    if !entry.is_some_and(|known| std::ptr::eq(known, value)) {
                        *entry = None;
                    }
                }
            }
        }
    }
    let known = found.into_iter();
    known
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

struct Reader<'m> {
    own: &'m str,
    variables: FxHashMap<Name, &'m Expr>,
    /// Expressions whose parts were looked at as a whole.
    handled: Vec<Range>,
    edges: Vec<Edge>,
    files: &'m [Arc<str>],
}

impl Reader<'_> {
    fn look(&mut self, expr: &Expr) {
        let is_part =
            |range: &Range| range.start <= expr.range.start && expr.range.end <= range.end;
        if self.handled.iter().any(is_part) {
            return;
        }
        let Some(found) = self.path(expr, 0).filter(|found| found.has_literal) else {
            return;
        };
        self.handled.push(expr.range);
        let path = found.parts.join("/");
        let mut add = |to: &Arc<str>, need: Need| {
            self.edges.push(Edge {
                to: Arc::clone(to),
                module: None,
                need,
                at: expr.range.start,
                note: format!("opens {to}"),
            });
        };
        if let Ok(found) = self
            .files
            .binary_search_by(|file| (**file).cmp(path.as_str()))
        {
            add(&self.files[found], Need::Later);
            return;
        }
        let below = format!("{path}/");
        for file in self.files.iter().filter(|file| file.starts_with(&below)) {
            if !file.ends_with(".py") {
                add(file, Need::Named);
            }
        }
    }

    /// The path that an expression is, if it begins beside the module.
    fn path(&self, expr: &Expr, depth: u32) -> Option<Found> {
        if depth > DEPTH {
            return None;
        }
        match &expr.kind {
            ExprKind::Name(name, _) if name.as_str() == "__file__" => Some(Found {
                parts: self.own.split('/').map(str::to_owned).collect(),
                has_literal: false,
            }),
            ExprKind::Name(name, _) => self.path(self.variables.get(name)?, depth + 1),
            ExprKind::Attribute {
                value, attribute, ..
            } if attribute.as_str() == "parent" => up(self.path(value, depth)?),
            ExprKind::Subscript { value, index } => match (&value.kind, &index.kind) {
                (
                    ExprKind::Attribute {
                        value, attribute, ..
                    },
                    ExprKind::Constant(Constant::Int(count)),
                ) if attribute.as_str() == "parents" => {
                    let mut found = self.path(value, depth)?;
                    for _ in 0..=*count.min(&64) {
                        found = up(found)?;
                    }
                    Some(found)
                }
                _ => None,
            },
            ExprKind::Binary { left, op, right } => {
                let found = self.path(left, depth)?;
                match op {
                    Operator::Div => down(found, text(right)?),
                    Operator::Add => down(found, text(right)?.strip_prefix('/')?),
                    _ => None,
                }
            }
            ExprKind::Joined(parts) => match parts.as_slice() {
                [
                    JoinedPart::Value {
                        value, plain: true, ..
                    },
                    JoinedPart::Literal(text),
                ] => down(self.path(value, depth)?, text.strip_prefix('/')?),
                _ => None,
            },
            ExprKind::Call(call) => self.call(call, depth),
            _ => None,
        }
    }

    fn call(&self, call: &Call, depth: u32) -> Option<Found> {
        let (name, receiver) = match &call.function.kind {
            ExprKind::Name(name, _) => (name.as_str(), None),
            ExprKind::Attribute {
                value, attribute, ..
            } => (attribute.as_str(), Some(&**value)),
            _ => return None,
        };
        let arguments: Vec<&Expr> = call.arguments.iter().map(|it| &it.value).collect();
        let of_receiver = || receiver.and_then(|receiver| self.path(receiver, depth));
        let of_argument = || self.path(arguments.first()?, depth);
        match name {
            "dirname" => up(of_argument()?),
            "abspath" | "realpath" | "normpath" | "Path" | "PurePath" | "str" | "fspath" => {
                of_argument()
            }
            "resolve" | "absolute" | "as_posix" => of_receiver(),
            "join" => {
                let texts = arguments.iter().skip(1).map(|argument| text(argument));
                texts.fold(of_argument(), |found, text| down(found?, text?))
            }
            "joinpath" => {
                let texts = arguments.iter().map(|argument| text(argument));
                texts.fold(of_receiver(), |found, text| down(found?, text?))
            }
            "with_name" => down(up(of_receiver()?)?, text(arguments.first()?)?),
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

fn up(mut found: Found) -> Option<Found> {
    found.parts.pop()?;
    Some(found)
}

fn down(mut found: Found, text: &str) -> Option<Found> {
    if text.starts_with('/') {
        return None;
    }
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                found.parts.pop()?;
            }
            part => found.parts.push(part.to_owned()),
        }
    }
    found.has_literal = true;
    Some(found)
}
