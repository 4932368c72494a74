//! What findings about templates say.

use super::words::Said;
use super::{MISSING_CODE, UNKNOWN_RUNTIME, UNUSABLE_HANDLER};
use crate::rules::Severity;
use crate::template::Fault;

/// What is said of what a template states about a function.
pub(super) fn of_fault(path: &str, function: &str, fault: &Fault) -> Said {
    let (rule, severity, message, help) = match fault {
        Fault::NoSuchCode(code) => (
            &MISSING_CODE,
            Severity::Error,
            format!("{function}: its code '{code}' does not exist"),
            "paths count from the template's directory",
        ),
        Fault::NoCode => (
            &MISSING_CODE,
            Severity::Error,
            format!("{function}: nothing says where its code is"),
            "add CodeUri",
        ),
        Fault::CodeBesideInline(code) => (
            &MISSING_CODE,
            Severity::Warning,
            format!("{function}: its code '{code}' is not deployed: InlineCode wins"),
            "take one of them out",
        ),
        Fault::NoSuchRuntime(runtime) => (
            &UNKNOWN_RUNTIME,
            Severity::Error,
            format!("{function}: there is no runtime '{runtime}'"),
            "the runtimes for Python go from python3.9 to python3.14",
        ),
        Fault::OldRuntime(runtime) => (
            &UNKNOWN_RUNTIME,
            Severity::Warning,
            format!("{function}: no function can be made with the runtime '{runtime}' any more"),
            "`coship check --python-version VERSION` says what the code makes of a newer one",
        ),
        Fault::Handler(handler, why) => (
            &UNUSABLE_HANDLER,
            Severity::Error,
            format!("{function}: the handler '{handler}' cannot be used: {why}"),
            "name it 'module.function'",
        ),
    };
    Said::error(rule, path, message, help)
        .with(severity)
        .about(function)
}
