//! What findings about templates say.

use super::words::Said;
use super::{
    BROKEN_EVENT, MISSING_CODE, ORPHAN_FUNCTION, UNCHANGED_KEY, UNKNOWN_RUNTIME, UNSET_VARIABLE,
    UNSUPPORTED_RUNTIME, UNUSABLE_HANDLER,
};
use crate::rules::Severity;
use crate::template::{EventFault, Fault, RUNTIMES_MADE, RouteFault, Trigger};

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
        Fault::Trigger(Trigger::Orphan) => (
            &ORPHAN_FUNCTION,
            Severity::Info,
            format!("{function}: nothing in the template starts it"),
            "what calls it may stand elsewhere; else it can go",
        ),
        Fault::Trigger(Trigger::Event(wrong)) => {
            let (severity, message, help) = of_event(function, wrong);
            (&BROKEN_EVENT, severity, message, help)
        }
        Fault::Trigger(Trigger::Route(route, wrong)) => {
            let (severity, message, help) = of_route(function, route, wrong);
            (&BROKEN_EVENT, severity, message, help)
        }
        Fault::Unchanged(what, version) => (
            &UNCHANGED_KEY,
            Severity::Warning,
            format!(
                "{function}: the code changed, and '{what}' is the one of {version}: what runs stays as it is"
            ),
            "name the new package by a key of its own (its digest), by its version in the bucket, or by its digest in hex",
        ),
        Fault::OtherDigest(stated, has) => (
            &UNCHANGED_KEY,
            Severity::Warning,
            format!(
                "{function}: AutoPublishCodeSha256 is '{stated}', and the package's digest is {has}: no version is published for it"
            ),
            "write the package's digest in hex",
        ),
        Fault::DigestAsId(digest) => (
            &UNCHANGED_KEY,
            Severity::Warning,
            format!(
                "{function}: AutoPublishCodeSha256 '{digest}' becomes part of a logical id, which takes letters and digits alone"
            ),
            "write the digest in hex, not in Lambda's base64",
        ),
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

/// What is said of an event, or of what else starts a function.
fn of_event(function: &str, wrong: &EventFault) -> (Severity, String, &'static str) {
    let (message, help) = match wrong {
        EventFault::NoSuchType(event, kind) => (
            format!("{function}: the event {event} has the type '{kind}', which SAM does not have"),
            "the types are those of SAM's EventSource; they are case-sensitive",
        ),
        EventFault::Lacks(event, kind, property) => (
            format!("{function}: the event {event} of type {kind} has no {property}"),
            "the deployment is refused without it",
        ),
        EventFault::NoSuchResource(name) => (
            format!("{function} refers to '{name}', which the template does not declare"),
            "name a resource or a parameter of the template",
        ),
        EventFault::NotAnApi(event, name, kind) => (
            format!(
                "{function}: the event {event} names the API {name}, which is a {}",
                plain(kind)
            ),
            "Api goes with AWS::Serverless::Api, HttpApi with AWS::Serverless::HttpApi",
        ),
    };
    (Severity::Error, message, help)
}

/// The type of a resource in words: `SQS Queue`.
fn plain(kind: &str) -> String {
    kind.trim_start_matches("AWS::").replace("::", " ")
}

/// What is said of a route.
fn of_route(function: &str, route: &str, wrong: &RouteFault) -> (Severity, String, &'static str) {
    let (severity, what, help) = match wrong {
        RouteFault::Same(other) => (
            Severity::Error,
            format!("is {other}'s too"),
            "a route of an API has one function",
        ),
        RouteFault::Taken(other) => (
            Severity::Error,
            format!("leads to {other}: only one of them gets the requests, and no tool says so"),
            "a route of an API has one function",
        ),
        RouteFault::NotDescribed(event, api) => (
            Severity::Warning,
            format!("of the event {event} is not in the description of {api}"),
            "SAM adds no route to the description of an Api: add it there",
        ),
        RouteFault::NoIntegration => (
            Severity::Warning,
            "has no integration, so that it leads to no function".to_owned(),
            "SAM adds none to the description of an Api: add x-amazon-apigateway-integration",
        ),
        RouteFault::ToNothing(name) => (
            Severity::Error,
            format!("leads to '{name}', which the template does not declare"),
            "name a function of the template",
        ),
        RouteFault::NotAFunction(name, kind) => (
            Severity::Error,
            format!(
                "calls '{name}' as a function, and that is a {}",
                plain(kind)
            ),
            "name a function of the template",
        ),
        RouteFault::NotAllowed(called) => (
            Severity::Warning,
            format!("leads to {called}, and nothing allows the API to call that"),
            "SAM makes permissions for events alone: add an event, an AWS::Lambda::Permission, or credentials",
        ),
        RouteFault::NotEvaluated => (
            Severity::Warning,
            "has a computed integration, in a file in which the deployment evaluates nothing"
                .to_owned(),
            "take the file in with AWS::Include in a DefinitionBody",
        ),
    };
    (
        severity,
        format!("{function}: the route '{route}' {what}"),
        help,
    )
}
