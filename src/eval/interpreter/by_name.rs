//! Modules that code imports by a name that it computes: `import_module(name)`, `__import__(name)`.

use crate::environment::{Namesakes, Standing};
use crate::eval::Evaluator;
use crate::eval::domain::value::{Data, Value};
use crate::eval::exceptions::class::MODULE_NOT_FOUND_ERROR;
use crate::eval::interpreter::frame::{Blame, Frame, LocalFailure};
use crate::eval::interpreter::import::{no_first_module, no_module};
use crate::facts::{Confidence, FailureKind};
use crate::name::Name;
use crate::program::{self, Resolution};
use crate::syntax::ir::{Range, Stmt, StmtKind};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// `importlib.import_module(name)`.
    pub fn import_by_name(&mut self, frame: &mut Frame<'p>, name: Name, range: Range) -> Value {
        match self.resolve(frame.module, name) {
            Resolution::Module(module) => {
                self.evaluate_module(module);
                self.may_raise(frame);
                self.values.intern(Data::Module(module))
            }
            Resolution::Namespace(namespace) => self.values.intern(Data::Namespace(namespace)),
            Resolution::Missing { parent, name }
                if !self.may_import(frame.module, parent, name) =>
            {
                let exception = self.no_module(parent, name);
                self.import_may_fail(frame);
                self.missing_target(frame, exception, name, range);
                Value::UNKNOWN
            }
            Resolution::External | Resolution::Misplaced { .. } => {
                self.import_may_fail(frame);
                self.may_raise(frame);
                if self.has_vanished(name) || self.is_absent_from_tree(name) {
                    self.missing_target(frame, no_first_module(name), name, range);
                    return Value::UNKNOWN;
                }
                self.values.intern(Data::External(name))
            }
            Resolution::MissingInNamespace { name: part, .. }
                if self.has_vanished(part) || self.has_vanished(name) =>
            {
                self.import_may_fail(frame);
                self.missing_target(frame, no_module(part), name, range);
                Value::UNKNOWN
            }
            _ => {
                self.import_may_fail(frame);
                self.may_raise(frame);
                Value::UNKNOWN
            }
        }
    }

    /// Whether a module that a table names must be one of the tree: the tree's other modules are named like it.
    ///
    /// An installed package could have any name, so this asks for a prefix up to an underscore that at least two modules
    /// at the same place share, such as `interface_`.
    pub fn is_absent_from_tree(&self, name: Name) -> bool {
        // Which modules stand beside it decides.
        self.look_for_siblings();
        let Some((prefix, _)) = name.rsplit_once('_') else {
            return false;
        };
        if name.contains('.') || program::stdlib::is_standard(&name) {
            return false;
        }
        let environment = self.program.environment();
        if let Standing::Provided(_) = environment.standing(&name, &Namesakes::default()) {
            return false;
        }
        let alike = self
            .program
            .modules()
            .iter()
            .filter(|module| {
                module
                    .name
                    .strip_prefix(prefix)
                    .is_some_and(|rest| rest.starts_with('_') && !rest.contains('.'))
            })
            .count();
        alike >= 2
    }

    /// What a table names does not exist.
    pub fn missing_target(
        &mut self,
        frame: &mut Frame<'p>,
        exception: String,
        subject: Name,
        range: Range,
    ) {
        self.may_raise(frame);
        if self.may_be_made_by_finder(subject, Some(frame.module))
            || self.tries_until_one_is_found(frame, range)
        {
            return;
        }
        let confidence = if frame.is_unsure() {
            Confidence::May
        } else {
            Confidence::Must
        };
        // What a build compiles lies beside the package when it runs, if not in the repository; what was in the deployed tree did not come from there.
        let absence = if self.has_vanished(subject) {
            None
        } else {
            self.made_by_build(subject)
        };
        frame.failures.push(LocalFailure {
            confidence,
            exception: Some(exception),
            blame: Blame::Text(subject),
            absence,
            ..LocalFailure::at(
                FailureKind::MissingTarget,
                subject,
                range,
                "looks up what the table names",
            )
        });
    }

    /// Whether a loop tries one name after another here until one is found: what cannot be imported is caught, and behind it the loop, or the function, is left.
    fn tries_until_one_is_found(&self, frame: &Frame<'p>, range: Range) -> bool {
        let clauses = self.clauses_here(frame, *MODULE_NOT_FOUND_ERROR);
        let handlers: Vec<Range> = clauses.map(|clause| clause.handler.range).collect();
        if handlers.is_empty() {
            return false;
        }
        let mut innermost: &[Stmt] = &[];
        visit::statements(self.body_of(frame.context), &mut |stmt| {
            if let StmtKind::For { body, .. } | StmtKind::While { body, .. } = &stmt.kind
                && body.iter().any(|inner| inner.range.contains(range))
            {
                innermost = body;
            }
        });
        let mut is_left = false;
        visit::statements(innermost, &mut |stmt| {
            let leaves = matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Break);
            is_left |= leaves
                && stmt.range.end >= range.end
                && !handlers.iter().any(|handler| handler.contains(stmt.range));
        });
        is_left
    }
}
