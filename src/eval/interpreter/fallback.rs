//! Imports that stand in for others: `try: import _speed` / `except ImportError: import shop._speed`.

use crate::program::Resolution;
use crate::syntax::ir::{Range, Stmt, StmtKind};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::interpreter::frame::Frame;

impl Evaluator<'_> {
    /// Whether a place stands in a handler of a `try` which does nothing but import what the tree has, as source or compiled: the handler is for trees that are laid
    /// out in another way, and is not entered in this one.
    pub fn is_fallback_of_found(&self, frame: &Frame<'_>, place: Range) -> bool {
        self.is_handled(frame, place, &|body| {
            body.iter().all(|stmt| self.is_import_of_tree(frame, stmt))
        })
    }

    /// Whether a place stands in a handler of a `try` that imports something: it runs where that is not to be had, in another version perhaps.
    pub fn is_fallback(&self, frame: &Frame<'_>, place: Range) -> bool {
        let imports =
            |stmt: &Stmt| matches!(stmt.kind, StmtKind::Import(_) | StmtKind::ImportFrom(_));
        self.is_handled(frame, place, &|body| body.iter().any(imports))
    }

    /// Whether a place stands in a handler of a `try` with such a body.
    fn is_handled(
        &self,
        frame: &Frame<'_>,
        place: Range,
        is_meant: &dyn Fn(&[Stmt]) -> bool,
    ) -> bool {
        let mut is_handled = false;
        visit::statements(self.body_of(frame.context), &mut |stmt| {
            if let StmtKind::Try { body, handlers, .. } = &stmt.kind {
                let mut blocks = handlers.iter().flat_map(|handler| &handler.body);
                is_handled |= blocks.any(|stmt| stmt.range.contains(place)) && is_meant(body);
            }
        });
        is_handled
    }

    /// Whether a statement imports modules of the tree, and nothing else.
    fn is_import_of_tree(&self, frame: &Frame<'_>, stmt: &Stmt) -> bool {
        let is_there = |found| matches!(found, Resolution::Module(_) | Resolution::Opaque);
        let module = frame.module;
        match &stmt.kind {
            StmtKind::Import(import) => is_there(self.program.resolve(module, import.module)),
            StmtKind::ImportFrom(import) => {
                let found = match (import.level, import.module) {
                    (0, Some(dotted)) => self.program.resolve(module, dotted),
                    (level, dotted) => self.program.resolve_relative(module, level, dotted),
                };
                match found {
                    Resolution::Opaque => true,
                    Resolution::Module(package) => {
                        !import.star
                            && import
                                .names
                                .iter()
                                .all(|name| is_there(self.program.submodule(package, name.name)))
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }
}
