//! What CPython's compiler refuses although its parser takes it: `return` outside functions, duplicate arguments and
//! the like. The parser's crate knows these rules; this tells it where in the scopes it stands.

use std::cell::RefCell;

use ruff_python_ast::PythonVersion;
use ruff_python_parser::semantic_errors::{
    LazyImportContext, SemanticSyntaxContext, SemanticSyntaxError, SemanticSyntaxErrorKind,
    WriteToDebugKind,
};
use ruff_text_size::{TextRange, TextSize};

use super::ir::{Parent, SyntaxError};
use super::range;
use super::scope::{Binding, Frames};
use crate::name::Name;

/// The version whose rules are asked. What newer ones refuse, this one takes; what it refuses, no newer one takes.
const VERSION: PythonVersion = PythonVersion::PY313;

/// The place where a statement or expression is checked.
pub(super) struct Context<'a> {
    /// The file's text.
    pub(super) text: &'a str,
    /// The scopes around.
    pub(super) frames: &'a Frames,
    /// Whether the file begins with `from __future__ import annotations`.
    pub(super) postpones_annotations: bool,
    /// Where refusals go.
    pub(super) errors: &'a RefCell<Vec<SyntaxError>>,
}

impl Context<'_> {
    fn in_function(&self) -> bool {
        matches!(self.frames.top().owner, Parent::Function(_))
    }

    fn in_comprehension(&self) -> bool {
        self.frames.top().comprehensions > 0
    }
}

impl SemanticSyntaxContext for Context<'_> {
    fn future_annotations_or_stub(&self) -> bool {
        self.postpones_annotations
    }

    fn lazy_import_context(&self) -> Option<LazyImportContext> {
        None
    }

    fn python_version(&self) -> PythonVersion {
        // Where annotations are postponed, any version refuses in them what 3.14 refuses in all.
        if self.postpones_annotations {
            PythonVersion::PY314
        } else {
            VERSION
        }
    }

    fn source(&self) -> &str {
        self.text
    }

    fn global(&self, name: &str) -> Option<TextRange> {
        let top = self.frames.top();
        if !top.has_globals {
            return None;
        }
        match top.table.get(&self.frames.mangle(Name::new(name))) {
            Some(&Binding::Global { declared }) => Some(TextRange::empty(TextSize::from(declared))),
            _ => None,
        }
    }

    fn has_nonlocal_binding(&self, name: &str) -> bool {
        // The compiler keeps `__class__` for the methods of a class, and whoever names it knows that.
        name == "__class__"
            || self
                .frames
                .nonlocal(self.frames.mangle(Name::new(name)))
                .is_some()
    }

    fn in_async_context(&self) -> bool {
        self.frames.top().is_async
    }

    fn in_await_allowed_context(&self) -> bool {
        self.in_function()
    }

    fn in_yield_allowed_context(&self) -> bool {
        self.in_function() && !self.in_comprehension()
    }

    fn in_sync_comprehension(&self) -> bool {
        // Matters before Python 3.11 only.
        false
    }

    fn in_class_body_comprehension(&self) -> bool {
        matches!(self.frames.top().owner, Parent::Class(_))
    }

    fn in_module_scope(&self) -> bool {
        self.frames.top().owner == Parent::Module && !self.in_comprehension()
    }

    fn in_function_scope(&self) -> bool {
        self.in_function() && !self.in_comprehension()
    }

    fn in_generator_context(&self) -> bool {
        self.frames.top().generators > 0
    }

    fn in_notebook(&self) -> bool {
        false
    }

    fn report_semantic_error(&self, error: SemanticSyntaxError) {
        // `del __debug__` was fine until Python 3.9.
        if let SemanticSyntaxErrorKind::WriteToDebug(WriteToDebugKind::Delete(_)) = error.kind {
            return;
        }
        self.errors.borrow_mut().push(SyntaxError {
            message: error.to_string(),
            range: range(error.range),
        });
    }

    fn in_loop_context(&self) -> bool {
        self.frames.top().loops > 0
    }

    fn is_bound_parameter(&self, name: &str) -> bool {
        let top = self.frames.top();
        let name = self.frames.mangle(Name::new(name));
        top.scope.slots[..top.parameters]
            .iter()
            .any(|variable| variable.name == name)
    }
}
