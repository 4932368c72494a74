//! Modules that code imports by a name that it computes: `import_module(name)`, `__import__(name)`.

use std::collections::BTreeSet;

use crate::environment::Standing;
use crate::eval::Evaluator;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::{Blame, Frame, LocalFailure};
use crate::eval::interpreter::import::{no_first_module, no_module};
use crate::facts::{Confidence, FailureKind};
use crate::name::Name;
use crate::program::{self, Resolution};
use crate::syntax::ir::Range;

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
        if let Standing::Provided(_) = environment.standing(&name, &BTreeSet::new()) {
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
        if self.may_be_made_by_finder(subject, Some(frame.module)) {
            return;
        }
        let confidence = if frame.is_unsure() {
            Confidence::May
        } else {
            Confidence::Must
        };
        frame.failures.push(LocalFailure {
            confidence,
            exception: Some(exception),
            blame: Blame::Text(subject),
            ..LocalFailure::at(
                FailureKind::MissingTarget,
                subject,
                range,
                "looks up what the table names",
            )
        });
    }
}
