//! Objects of the library that are neither classes nor functions, and cannot be called (the library reference, `os.environ`, "Logger Objects").

use crate::eval::Evaluator;
use crate::eval::calls::refusal::Refusal;
use crate::eval::interpreter::frame::Blame;
use crate::eval::reuse::file_set::FileSet;
use crate::facts::FailureKind;
use crate::name::Name;

/// What a call of `logging.getLogger` gives, as it goes here.
pub const LOGGER: &str = "logging.getLogger()";

/// Such objects and their types. A contributor adds a line.
const INSTANCES: &[(&str, &str)] = &[
    (LOGGER, "Logger"),
    ("logging.root", "RootLogger"),
    ("os.environ", "_Environ"),
];

/// The type of an object of the library that cannot be called.
#[must_use]
pub fn type_of(name: &str) -> Option<&'static str> {
    let found = INSTANCES.iter().find(|instance| instance.0 == name);
    found.map(|instance| instance.1)
}

impl Evaluator<'_> {
    /// Why a call of such an object fails, unless the tree puts something else in its place.
    pub fn refuses_instance(&mut self, name: Name, kind: &'static str) -> Option<Refusal> {
        let (_, last) = name.rsplit_once('.')?;
        let last = last.trim_end_matches("()");
        if self.is_stored_on_modules(Name::new(last)) || self.makes_own_loggers(&name) {
            return None;
        }
        Some(Refusal {
            kind: FailureKind::NotCallable,
            subject: Name::new(kind),
            exception: format!("TypeError: '{kind}' object is not callable"),
            callee: None,
            blame: Blame::Here,
        })
    }

    /// Whether the tree may put methods on loggers: a level of its own, or a class of its own, goes with some.
    pub fn may_extend_loggers(&self, name: &str) -> bool {
        let extends = || {
            let mut extending = ["addLevelName", "getLoggerClass"].into_iter();
            extending.any(|function| self.survey.called_names.contains(&Name::new(function)))
        };
        name.starts_with("logging.") && (self.makes_own_loggers(name) || extends())
    }

    /// Whether loggers may be of a class of the tree.
    fn makes_own_loggers(&self, name: &str) -> bool {
        let is_logger = name.starts_with("logging.");
        if !is_logger {
            return false;
        }
        // Any file may say so, and few call a logger.
        self.look(FileSet::ALL);
        let set = Name::new("setLoggerClass");
        self.survey.called_names.contains(&set)
    }
}
