//! What a finding says: its one line, its related places, its help.

use std::path::Path;

use crate::facts::{Certainty, Failure, FailureKind, Impact, May, Route, RouteKey, Symbol};
use crate::rules::Related;
use crate::rules::finding::raises_at;
use crate::rules::near::{
    Definitions, did_you_mean, instead_of, known_operations, near, parameters,
};
use crate::source::Tree;

/// All that shares one cause.
pub(super) struct Group<'a> {
    /// The failure that is told in full: the one of the first route.
    pub first: &'a Failure,
    /// The callees that refuse, sorted, each once.
    pub callees: Vec<&'a Symbol>,
    /// The functions that call the callees, where they are not the one that writes the cause; sorted, each once.
    pub hops: Vec<&'a str>,
    /// The routes, sorted, each once.
    pub routes: Vec<RouteKey>,
    /// The name that was probably meant: see [`meant`].
    pub meant: Option<String>,
}

/// The finding's one line.
pub(super) fn message(group: &Group) -> String {
    let mut text = problem(group);
    text.push_str(&routes(group, &text));
    if group.first.hidden_by.is_some() && group.first.kind != FailureKind::GuardedImport {
        text.push_str(", silently: an `except` hides it");
    }
    text
}

/// Which routes have the problem, unless `problem` says it already.
fn routes(group: &Group, problem: &str) -> String {
    let kind = group.first.kind;
    match group.routes.as_slice() {
        [] => String::new(),
        [route] if names_route(kind) && problem.contains(route.operation.as_str()) => String::new(),
        [route] if ends_with_callee(kind) => {
            format!(", which route {} reaches", route_name(route))
        }
        [route] => format!(" (route {})", route_name(route)),
        routes if ends_with_callee(kind) => format!(", which {} routes reach", routes.len()),
        routes => format!(" ({} routes)", routes.len()),
    }
}

/// Whether the problem's own words name the route.
const fn names_route(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::UnknownOperation
            | FailureKind::UnknownInterface
            | FailureKind::OrphanOperation
    )
}

/// Whether the problem's own words end with the callee.
const fn ends_with_callee(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::UnexpectedKeyword
            | FailureKind::MissingArgument
            | FailureKind::MultipleValues
            | FailureKind::PositionalOnlyKeyword
            | FailureKind::SwallowedKeyword
    )
}

/// A route as messages name it: `GatewayInterface.CACHE/get`.
#[must_use]
pub fn route_name(route: &RouteKey) -> String {
    format!("{}/{}", route.interface, route.operation)
}

fn problem(group: &Group) -> String {
    let first = group.first;
    let subject = first.subject.as_str();
    let callee = &callee(group).unwrap_or_else(|| "the callee".to_owned());
    match first.kind {
        FailureKind::UnexpectedKeyword => format!("keyword '{subject}' is not taken by {callee}"),
        FailureKind::MissingArgument => format!("argument '{subject}' is not passed to {callee}"),
        FailureKind::TooManyPositionals => too_many(group, callee),
        FailureKind::MultipleValues => format!("argument '{subject}' is passed twice to {callee}"),
        FailureKind::PositionalOnlyKeyword => {
            format!("'{subject}' is passed by keyword and taken by position only by {callee}")
        }
        FailureKind::NotCallable => format!(
            "'{subject}' is called: {}",
            exception_text(first, "it is not callable")
        ),
        FailureKind::MissingKey => match first.chain.last() {
            Some(frame) if !is_own_key(first) => {
                format!(
                    "key '{subject}' is not sent here, and {} demands it",
                    frame.function
                )
            }
            _ => format!(
                "key '{subject}' is looked for in `**kwargs`, which never holds it: a parameter takes it"
            ),
        },
        FailureKind::NotAwaited => exception_text(first, "a coroutine is never awaited").to_owned(),
        FailureKind::SwallowedKeyword => {
            format!("keyword '{subject}' is never read: it ends in the **kwargs of {callee}")
        }
        FailureKind::AbstractClass => {
            format!("{callee} is abstract: nothing implements '{subject}'")
        }
        FailureKind::UnpackMismatch => {
            exception_text(first, "it does not fit the targets").to_owned()
        }
        FailureKind::InvalidOperation
        | FailureKind::FormatMismatch
        | FailureKind::UnknownMember => {
            exception_text(first, "the value does not have this operation").to_owned()
        }
        FailureKind::AbsentKey if first.certainty == Certainty::May(May::Parted) => {
            format!(
                "key {subject} need not be in the dict: one way puts it there, another one goes on without"
            )
        }
        FailureKind::AbsentKey => format!("key {subject} is not in the dict"),
        FailureKind::UnknownOperation => match &first.route {
            Some(route) => format!("operation '{subject}' is unknown to {}", route.interface),
            None => format!("operation '{subject}' is unknown"),
        },
        FailureKind::UnknownInterface => format!("interface {subject} is not in the registry"),
        FailureKind::MissingTarget => {
            format!("the table names what does not exist: {}", missing(first))
        }
        FailureKind::MissingModule | FailureKind::MissingName => match &first.evidence {
            Some(evidence) => format!("{}: {}", missing(first), evidence.text),
            None => missing(first),
        },
        FailureKind::MissingAttribute | FailureKind::UndefinedName | FailureKind::UnboundLocal => {
            missing(first)
        }
        FailureKind::UnsupportedSyntax | FailureKind::RemovedFromPython => subject.to_owned(),
        FailureKind::MissingHandler => {
            format!(
                "the runtime's call of '{subject}' fails: {}",
                missing(first)
            )
        }
        FailureKind::BrokenPackage => format!(
            "'{subject}' fails within the installed packages, at {}: {}",
            first.signature,
            missing(first)
        ),
        FailureKind::GuardedImport => {
            let evidence = first
                .evidence
                .as_ref()
                .map(|evidence| format!(": {}", evidence.text));
            format!(
                "{}{}, and `except` hides it: the fallback runs for ever",
                missing(first),
                evidence.unwrap_or_default()
            )
        }
        FailureKind::UndefinedExport => {
            let raises = if first.exception.is_some() {
                ": the star import fails"
            } else {
                ""
            };
            format!(
                "__all__ lists {}, which the module does not define{raises}",
                quoted(subject)
            )
        }
        FailureKind::OrphanOperation => match &first.route {
            Some(route) => format!(
                "operation '{subject}' of {} is used by no call in the tree",
                route.interface
            ),
            None => format!("operation '{subject}' is used by no call in the tree"),
        },
        FailureKind::ImportCycle => {
            let modules = shortened(subject);
            let entry = first.chain.first().map_or("", |frame| &frame.function);
            match first.impact {
                Impact::Notable if first.exception.is_none() => {
                    format!("modules import each other at the top level: {modules}")
                }
                Impact::Notable | Impact::Suspicious => {
                    format!(
                        "modules import each other, and importing {entry} first fails: {modules}"
                    )
                }
                Impact::Breaks => {
                    format!("modules import each other, and their import fails: {modules}")
                }
            }
        }
    }
}

/// How many positional arguments are taken, and how many are given, in CPython's numbers.
fn too_many(group: &Group, callees: &str) -> String {
    let text = exception_text(group.first, "");
    let numbers = text
        .split_once("() ")
        .and_then(|(_, said)| said.split_once(" but "));
    let name = group.first.callee.as_ref().map(|callee| &callee.name);
    match (name, numbers) {
        (Some(name), Some((takes, given))) if takes.starts_with("takes ") => {
            let given = given
                .trim_end_matches(" were given")
                .trim_end_matches(" was given");
            let more = match group.callees.len().saturating_sub(1) {
                0 => String::new(),
                1 => "; 1 more function takes too few".to_owned(),
                more => format!("; {more} more functions take too few"),
            };
            format!(
                "{name}{} {takes}, {given} given{more}",
                group.first.signature
            )
        }
        _ => format!("more positional arguments are passed than {callees} takes"),
    }
}

/// Up to how many modules of a circle are listed.
const LISTED: usize = 8;

/// A list of names, the first of them if it is long.
fn shortened(list: &str) -> String {
    let names: Vec<&str> = list.split(", ").collect();
    if names.len() <= LISTED {
        return list.to_owned();
    }
    let more = names.len() - LISTED;
    format!("{} and {more} more", names[..LISTED].join(", "))
}

/// A list of names, each in quotes, the first of them if it is long.
fn quoted(list: &str) -> String {
    let names: Vec<String> = list.split(", ").map(|name| format!("'{name}'")).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() && names.len() <= LISTED => {
            format!("{} and {last}", first.join(", "))
        }
        _ => shortened(&names.join(", ")),
    }
}

/// The first callee with its signature, and how many more there are.
fn callee(group: &Group) -> Option<String> {
    let callee = group.first.callee.as_ref()?;
    let more = match group.callees.len().saturating_sub(1) {
        0 => String::new(),
        1 => " and 1 more function".to_owned(),
        more => format!(" and {more} more functions"),
    };
    Some(format!("{}{}{more}", callee.name, group.first.signature))
}

/// The exception's text without its class.
fn exception_text<'a>(failure: &'a Failure, otherwise: &'a str) -> &'a str {
    let Some(exception) = &failure.exception else {
        return otherwise;
    };
    exception
        .split_once(": ")
        .map_or(otherwise, |(_, text)| text)
}

/// What a failed look-up says of itself.
fn missing(failure: &Failure) -> String {
    match exception_text(failure, "") {
        "" => format!("'{}' does not exist", failure.subject),
        text => text.to_owned(),
    }
}

/// The exception's class.
fn exception_class(failure: &Failure) -> &str {
    let exception = failure.exception.as_deref().unwrap_or_default();
    exception
        .split_once(':')
        .map_or(exception, |(class, _)| class)
}

/// The places that explain the finding: who refuses, who raises, who hides it.
pub(super) fn related(group: &Group) -> Vec<Related> {
    let first = group.first;
    let cause = first.cause;
    let told = |place, message| Related {
        place,
        message,
        aside: false,
    };
    let mut all = Vec::new();
    if let Some(callee) = &first.callee
        && callee.place != cause
    {
        all.push(told(callee.place, refusal(first, callee)));
    }
    // Where the call that raises is the one that is marked already, one mark is enough.
    if let Some(frame) = first.chain.last()
        && (frame.place.file != cause.file || !frame.place.range.contains(cause.range))
        && first.exception.is_some()
        && first.kind != FailureKind::NotAwaited
    {
        let message = format!("{} is raised here", exception_class(first));
        all.push(told(frame.place, message));
    }
    if let Some(place) = first.hidden_by {
        let message = format!("this hides the {}", exception_class(first));
        all.push(told(place, message));
    }
    let others = group
        .callees
        .iter()
        .filter(|callee| Some(**callee) != first.callee.as_ref());
    all.extend(others.map(|callee| Related {
        place: callee.place,
        message: refusal(first, callee),
        aside: true,
    }));
    all
}

/// What the callee's header shows.
fn refusal(failure: &Failure, callee: &Symbol) -> String {
    let subject = failure.subject.as_str();
    match failure.kind {
        FailureKind::UnexpectedKeyword => format!("{} takes no '{subject}'", callee.name),
        FailureKind::MissingArgument => format!("{} needs '{subject}'", callee.name),
        FailureKind::MultipleValues => format!("{} takes '{subject}' once", callee.name),
        FailureKind::PositionalOnlyKeyword => {
            format!("{} takes '{subject}' by position only", callee.name)
        }
        FailureKind::SwallowedKeyword => format!("{} never reads '{subject}'", callee.name),
        FailureKind::AbstractClass => format!("{} has no '{subject}' of its own", callee.name),
        _ => format!("{} is defined here", callee.name),
    }
}

/// The name that is there and that may have been meant by the one that is not.
pub(super) fn meant(
    failure: &Failure,
    routes: &[Route],
    definitions: &Definitions,
) -> Option<String> {
    let subject = failure.subject.as_str();
    let near = match failure.kind {
        FailureKind::UnexpectedKeyword => near(subject, parameters(&failure.signature)),
        FailureKind::UnknownOperation => near(subject, known_operations(failure, routes)),
        FailureKind::MissingName
        | FailureKind::MissingAttribute
        | FailureKind::MissingTarget
        | FailureKind::GuardedImport => {
            near(subject, definitions.in_module(failure).iter().copied())
        }
        _ => None,
    };
    near.map(str::to_owned)
}

/// What to do about it.
pub(super) fn help(
    group: &Group,
    tree: &Tree,
    routes: &[Route],
    definitions: &Definitions,
) -> String {
    let first = group.first;
    let subject = first.subject.as_str();
    let callee = match (&first.callee, group.callees.len()) {
        (Some(callee), 0 | 1) => format!("`{}`", callee.name),
        (Some(_), count) => format!("the {count} functions"),
        (None, _) => "the callee".to_owned(),
    };
    let is_installed = |callee: &Symbol| tree.is_installed(callee.place.file);
    if first.kind != FailureKind::BrokenPackage && first.callee.as_ref().is_some_and(is_installed) {
        return format!(
            "call it as the installed version has it, or install one in which {callee} fits"
        );
    }
    match first.kind {
        FailureKind::UnexpectedKeyword => {
            let instead = match group.hops.as_slice() {
                [] => "do not pass it here".to_owned(),
                [hop] => format!("take it out in `{hop}`"),
                hops if hops.len() <= 3 => format!("take it out in `{}`", hops.join("`, `")),
                hops => format!("take it out on the way, in {} functions", hops.len()),
            };
            // It comes from further away, and may be what is wrong.
            let written = match group.hops.as_slice() {
                [] => String::new(),
                _ => format!("; or remove it where it is written: {}", place_of(first, tree)),
            };
            format!(
                "{}add `{subject}` to {callee}, or {instead}{}{written}",
                instead_of(group.meant.as_deref()),
                ship(first, tree)
            )
        }
        FailureKind::MissingArgument => {
            format!(
                "pass `{subject}` here, or give it a default in {callee}{}",
                ship(first, tree)
            )
        }
        FailureKind::TooManyPositionals => {
            format!(
                "pass fewer, or pass by keyword what {callee} takes by keyword only{}",
                ship(first, tree)
            )
        }
        FailureKind::MultipleValues => {
            format!(
                "pass `{subject}` once: `kwargs.pop('{subject}')` takes it out where `.get` leaves it in"
            )
        }
        FailureKind::PositionalOnlyKeyword => format!("pass `{subject}` by position"),
        FailureKind::NotCallable => {
            format!("`{subject}` must name a function; an import that failed may have left None")
        }
        FailureKind::MissingKey if is_own_key(first) => {
            format!("read the parameter `{subject}` instead")
        }
        FailureKind::MissingKey => format!("send `{subject}` from here, or read it with a default"),
        FailureKind::NotAwaited if exception_text(first, "").contains(" context manager protocol") => {
            "write `async with` for an asynchronous context manager, and `with` for any other"
                .to_owned()
        }
        FailureKind::NotAwaited => "await it, or start it as a task".to_owned(),
        FailureKind::SwallowedKeyword => format!("read `{subject}` in {callee}, or do not send it"),
        FailureKind::AbstractClass => format!(
            "define `{subject}` in {callee}, or make an instance of a subclass that does{}",
            ship(first, tree)
        ),
        FailureKind::UnpackMismatch => {
            "write one target for each item, or `*rest` for what more there may be; what gives the items ships with what takes them apart"
                .to_owned()
        }
        FailureKind::InvalidOperation => {
            "look at what gives the value; what returns it ships with what uses it".to_owned()
        }
        FailureKind::FormatMismatch => {
            "give each conversion of the format its argument, and double what is no conversion: `%%`, `{{`"
                .to_owned()
        }
        FailureKind::AbsentKey => {
            format!("write {subject} into the dict, or read it with a default: `.get`")
        }
        FailureKind::UnknownMember => "name a member that the enum has, or add this one".to_owned(),
        FailureKind::UnknownOperation => {
            format!(
                "{}add `{subject}` to the interface's table, or call an operation that is there; `coship routes` lists them",
                instead_of(group.meant.as_deref())
            )
        }
        FailureKind::UnknownInterface => format!(
            "{}register `{subject}`, or call an interface that is; `coship routes` lists them",
            did_you_mean(subject, routes.iter().map(|route| route.key.interface.as_str()))
        ),
        FailureKind::MissingTarget => format!("let the table name what exists, or add `{subject}`"),
        FailureKind::MissingModule if first.impact == Impact::Notable => {
            format!(
                "declare what provides `{subject}`, or give the environment that has it: `--python DIR`; `coship environment` lists all imports from outside"
            )
        }
        FailureKind::MissingModule => {
            format!("add the module `{subject}`, or import the one that exists")
        }
        FailureKind::MissingName | FailureKind::MissingAttribute => {
            let elsewhere = match first.kind {
                FailureKind::MissingName => definitions.elsewhere(first),
                _ => String::new(),
            };
            let hint = match elsewhere.as_str() {
                "" => instead_of(group.meant.as_deref()),
                _ => elsewhere,
            };
            format!(
                "{hint}use a name that exists, or define `{subject}` and ship its file with {}",
                base_name(&tree.file(first.cause.file).path)
            )
        }
        FailureKind::UnsupportedSyntax => {
            "write it in the older way, or declare the version that is to run it".to_owned()
        }
        FailureKind::MissingHandler => format!(
            "define `{subject}(event, context)`, or let the deployment name the function that is there"
        ),
        FailureKind::BrokenPackage => {
            "install versions that fit each other: a newer one of what calls, or the older one of what is called"
                .to_owned()
        }
        FailureKind::RemovedFromPython => {
            "use what took its place, ship a package that provides it, or ask for the version first"
                .to_owned()
        }
        FailureKind::UndefinedName => {
            format!("define or import `{subject}`, or use a name that exists")
        }
        FailureKind::UnboundLocal => format!(
            "bind `{subject}` before it is read on every way, or say `global {subject}` if the module's is meant"
        ),
        FailureKind::GuardedImport => format!(
            "define `{subject}`, or import without the guard: the module belongs to this program"
        ),
        FailureKind::UndefinedExport if subject.contains(", ") => {
            "define them, or take them out of `__all__`".to_owned()
        }
        FailureKind::UndefinedExport => format!("define `{subject}`, or take it out of `__all__`"),
        FailureKind::OrphanOperation => {
            "remove it, or leave it if it is called from outside".to_owned()
        }
        FailureKind::ImportCycle => {
            "move one of the imports into the function that needs it".to_owned()
        }
    }
}

/// What must ship together, where the cause and the callee are in different files.
fn ship(failure: &Failure, tree: &Tree) -> String {
    match &failure.callee {
        Some(callee) if callee.place.file != failure.cause.file => {
            let file = &tree.file(failure.cause.file).path;
            format!("; what changes there ships with {}", base_name(file))
        }
        _ => String::new(),
    }
}

/// `gateway_core.py:44`, where the cause is.
fn place_of(failure: &Failure, tree: &Tree) -> String {
    let file = tree.file(failure.cause.file);
    let line = file.text.position(failure.cause.range.start).line;
    format!("{}:{line}", base_name(&file.path))
}

fn base_name(path: &str) -> &str {
    Path::new(path)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(path)
}

/// Whether a key is looked for where it can never be: what raises is itself the cause.
fn is_own_key(failure: &Failure) -> bool {
    raises_at(&failure.chain, Some(failure.cause))
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn long_circles_are_cut_short() {
        let names = |count: usize| -> String {
            let names: Vec<String> = (0..count).map(|number| format!("m{number}")).collect();
            names.join(", ")
        };
        assert_eq!(shortened(&names(8)), names(8));
        assert_eq!(shortened(&names(9)), format!("{} and 1 more", names(8)));
        assert_eq!(shortened(&names(300)), format!("{} and 292 more", names(8)));
    }
}
