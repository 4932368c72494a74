//! What findings about templates say.

use super::words::Said;
use super::{
    BROKEN_EVENT, MISSING_CODE, UNKNOWN_RUNTIME, UNSET_VARIABLE, UNSUPPORTED_RUNTIME,
    UNUSABLE_HANDLER,
};
use crate::rules::Severity;
use crate::template::{Fault, RUNTIMES_MADE, Trigger};

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
            Severity::Warning,
            format!("{function}: nothing says where its code is"),
            "`sam build` takes the template's directory; a deployment without it is refused: add CodeUri",
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
        Fault::OldRuntime(runtime, day) => (
            &UNSUPPORTED_RUNTIME,
            Severity::Warning,
            format!(
                "{function}: support for the runtime '{runtime}' ended on {day} (as of {RUNTIMES_MADE})"
            ),
            "`coship check --python-version VERSION` says what the code makes of a newer one",
        ),
        Fault::Handler(handler, why) => (
            &UNUSABLE_HANDLER,
            Severity::Error,
            format!("{function}: the handler '{handler}' cannot be used: {why}"),
            "name it 'module.function'",
        ),
        Fault::Trigger(trigger) => {
            let (severity, message, help) = of_trigger(function, trigger);
            (&BROKEN_EVENT, severity, message, help)
        }
        Fault::Unset(variable, at) => (
            &UNSET_VARIABLE,
            Severity::Warning,
            format!(
                "{function}: the environment variable '{variable}' is not set, and {at} reads it without a default"
            ),
            "set it under Environment, or read it with a default",
        ),
    };
    Said::error(rule, path, message, help)
        .with(severity)
        .about(function)
}

/// What is said of what starts a function.
fn of_trigger(function: &str, trigger: &Trigger) -> (Severity, String, &'static str) {
    match trigger {
        Trigger::NoSuchType(event, kind) => (
            Severity::Error,
            format!("{function}: the event {event} has the type '{kind}', which SAM does not have"),
            "the types are those of SAM's EventSource; they are case-sensitive",
        ),
        Trigger::Lacks(event, kind, property) => (
            Severity::Error,
            format!("{function}: the event {event} of type {kind} has no {property}"),
            "the deployment is refused without it",
        ),
        Trigger::NoSuchResource(name) => (
            Severity::Error,
            format!("{function} refers to '{name}', which the template does not declare"),
            "name a resource or a parameter of the template",
        ),
        Trigger::SameRoute(route, other) => (
            Severity::Error,
            format!("{function}: the route '{route}' is {other}'s too"),
            "a route of an API has one function",
        ),
    }
}
