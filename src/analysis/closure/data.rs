//! Data files that a module finds beside itself: see [`crate::syntax::beside`].

use std::sync::Arc;

use super::edges::Edge;
use crate::package::Need;
use crate::syntax::beside::{Beside, Paths};
use crate::syntax::ir::{Expr, Module, Range, each_statement};
use crate::syntax::visit;

/// The data files that the module at `own` names, as far as the tree has them. `path_of` is the path of the module that a dotted name means.
pub(super) fn edges(
    module: &Module,
    own: &str,
    files: &[Arc<str>],
    path_of: &dyn Fn(&str) -> Option<Arc<str>>,
) -> Vec<Edge> {
    let mut reader = Reader {
        own,
        path_of,
        paths: Paths::of(module),
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

struct Reader<'m> {
    own: &'m str,
    path_of: &'m dyn Fn(&str) -> Option<Arc<str>>,
    paths: Paths<'m>,
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
        let found = self.paths.path(expr).filter(Beside::has_literal);
        let path = found.and_then(|found| match &found.module {
            None => found.of(self.own),
            Some(module) => found.of(&(self.path_of)(module)?),
        });
        let Some(path) = path else { return };
        self.handled.push(expr.range);
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
}
