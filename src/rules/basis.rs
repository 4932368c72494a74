//! What a finding is, in names: what a baseline keeps of it.

use crate::facts::Failure;
use crate::rules::Rule;
use crate::rules::baseline::{Basis, Broken, local};
use crate::rules::message::route_name;
use crate::source::Tree;

/// Whether a rule is about a call, and so about its callee.
pub(super) fn is_call(rule: &Rule) -> bool {
    rule.code.starts_with("CS1")
}

/// What a finding is, in names that do not depend on lines.
pub(super) fn basis(rule: &Rule, failures: &[&Failure], first: &Failure, tree: &Tree) -> Basis {
    let broken = |failure: &&Failure| {
        // As for atoms: of a name or a route, the callee is where it leads.
        let callee = failure.callee.as_ref().filter(|_| is_call(rule));
        let callee = callee.map(|callee| {
            let path = &tree.file(callee.place.file).path;
            (path.to_string(), local(&callee.name, path))
        });
        Broken {
            callee: callee.unwrap_or_default(),
            route: failure.route.as_ref().map(route_name).unwrap_or_default(),
        }
    };
    let mut breaks: Vec<Broken> = failures.iter().map(broken).collect();
    breaks.sort();
    breaks.dedup();
    breaks.retain(|broken| *broken != Broken::default());
    let detail = match &first.exception {
        // A file that an ImportError names at its end is where it was found.
        Some(exception) if breaks.is_empty() => exception.split(" (").next().unwrap_or_default(),
        _ => "",
    };
    let path = &tree.file(first.cause.file).path;
    // Where it is the callee, the callee says so, and may have another name later.
    let callee = first.callee.as_ref().filter(|_| is_call(rule));
    let is_callee = callee
        .and_then(|callee| callee.name.rsplit('.').next())
        .is_some_and(|name| name == first.subject.as_str());
    let subject = if is_callee {
        String::new()
    } else {
        first.subject.to_string()
    };
    Basis {
        function: local(&first.cause_function, path),
        subject,
        detail: detail.to_owned(),
        breaks,
    }
}
