//! Imports that stand in for others: `try: import _speed` / `except ImportError: import shop._speed`.

use std::rc::Rc;

use crate::program::Resolution;
use crate::syntax::ir::{Handler, ImportFrom, Range, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::value::Value;
use crate::eval::interpreter::frame::Frame;
use crate::eval::interpreter::import::binds;

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

    /// After a body that takes all names of a module from outside: those that the clauses make themselves are among them.
    pub fn take_by_star(&self, frame: &mut Frame<'_>, body: &[Stmt], handlers: &[Handler]) {
        if handlers.is_empty() || !body.iter().any(|stmt| self.is_outside_star(frame, stmt)) {
            return;
        }
        for at in 0..frame.state.slots.len() {
            let slot = Slot(u32::try_from(at).unwrap_or(u32::MAX));
            let mut clauses = handlers.iter();
            if frame.state.slots[at] == Value::UNBOUND
                && clauses.any(|clause| binds(&clause.body, Var::Local(slot)))
            {
                Rc::make_mut(&mut frame.state.slots)[at] = Value::UNKNOWN;
            }
        }
    }

    /// Whether a place stands in a clause of a `try` that takes all names of a module from outside: what is taken there stands in for those.
    pub fn stands_in_for_star(&self, frame: &Frame<'_>, place: Range) -> bool {
        self.is_handled(frame, place, &|body| {
            body.iter().any(|stmt| self.is_outside_star(frame, stmt))
        })
    }

    fn is_outside_star(&self, frame: &Frame<'_>, stmt: &Stmt) -> bool {
        matches!(&stmt.kind, StmtKind::ImportFrom(import) if import.star && self.is_from_outside(frame, import))
    }

    fn is_from_outside(&self, frame: &Frame<'_>, import: &ImportFrom) -> bool {
        let module = import.module.filter(|_| import.level == 0);
        module.is_some_and(|module| {
            let found = self.program.resolve(frame.module, module);
            !matches!(found, Resolution::Module(_))
        })
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
