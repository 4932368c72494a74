//! What starts the functions of a `serverless.yml`: routes that two of them have, and functions that nothing starts.
//!
//! Held against what version 3.40.0 of the Serverless Framework packages: of two functions with one route of an `http` event the later one gets it, without a word; for `httpApi` the
//! packaging is refused.

use super::events::{RouteFault, Trigger};
use super::openapi::{DEFAULT, method};
use super::yaml::Node;

/// A route of an event.
#[derive(PartialEq, Eq)]
struct Route<'n> {
    /// Whether it is an `httpApi`'s.
    is_http_api: bool,
    path: &'n str,
    method: String,
}

/// What is wrong with what starts functions, each with the function's name. `functions` are all of them, as stated, and `others` the sections of the document that may name one.
pub(super) fn wrong(functions: &[(&str, &Node)], others: &[Node]) -> Vec<(String, Trigger)> {
    let mut found = Vec::new();
    let mut seen: Vec<(Route, &str)> = Vec::new();
    for (name, function) in functions {
        let events = function.get("events").map(Node::items).unwrap_or_default();
        for route in events.iter().flat_map(Node::entries).filter_map(route) {
            let shown = format!("{} {}", route.method, route.path);
            match seen.iter_mut().find(|(known, _)| *known == route) {
                Some((_, other)) if route.is_http_api => {
                    let told = Trigger::Route(shown, RouteFault::Same((*other).to_owned()));
                    found.push(((*name).to_owned(), told));
                }
                Some((_, other)) => {
                    let told = Trigger::Route(shown, RouteFault::Taken((*name).to_owned()));
                    found.push(((*other).to_owned(), told));
                    *other = name;
                }
                None => seen.push((route, name)),
            }
        }
    }
    let orphans = functions
        .iter()
        .filter(|it| is_orphan(it, functions, others));
    found.extend(orphans.map(|(name, _)| ((*name).to_owned(), Trigger::Orphan)));
    found
}

/// The route of an event: `http: GET users`, or with `path` and `method`.
fn route((kind, stated): &(String, Node)) -> Option<Route<'_>> {
    let is_http_api = match kind.as_str() {
        "http" => false,
        "httpApi" => true,
        _ => return None,
    };
    let (stated_method, path) = match stated.text() {
        Some("*") => ("*", DEFAULT),
        Some(text) => text.trim().split_once(char::is_whitespace)?,
        None => {
            let path = stated.get("path")?.text()?;
            let method = stated.get("method").map(Node::text);
            (method.unwrap_or(is_http_api.then_some("*"))?, path)
        }
    };
    let path = path.trim();
    Some(Route {
        is_http_api,
        path: if path == "*" {
            DEFAULT
        } else {
            path.trim_matches('/')
        },
        method: method(stated_method.trim()),
    })
}

/// Whether nothing starts a function: it has neither events nor an address, and nothing else in the file names it.
fn is_orphan(
    (name, function): &(&str, &Node),
    functions: &[(&str, &Node)],
    others: &[Node],
) -> bool {
    let is_empty = |key: &str| match function.get(key) {
        None => true,
        Some(Node::List(items)) => items.is_empty(),
        Some(Node::Text(text)) => text.is_empty() || text == "false" || text == "[]",
        Some(_) => false,
    };
    if !is_empty("events") || !is_empty("url") {
        return false;
    }
    let own = function.get("name").and_then(Node::text);
    let mut chars = name.chars();
    // The name of its resource (the framework's naming, `getLambdaLogicalId`).
    let resource: String = chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default();
    let resource = format!(
        "{}LambdaFunction",
        resource.replace('-', "Dash").replace('_', "Underscore")
    );
    let named = |text: &str| {
        text == *name
            || text.contains(&resource)
            || text.ends_with(&format!("-{name}"))
            || own.is_some_and(|own| text.contains(own))
    };
    let elsewhere = functions.iter().filter(|(other, _)| other != name);
    let mut nodes = elsewhere.map(|(_, node)| *node).chain(others);
    !nodes.any(|node| mentions(node, &named))
}

fn mentions(node: &Node, named: &dyn Fn(&str) -> bool) -> bool {
    match node {
        Node::Text(text) => named(text),
        Node::List(items) => items.iter().any(|item| mentions(item, named)),
        Node::Map(entries) => entries
            .iter()
            .any(|(key, value)| named(key) || mentions(value, named)),
        // It may name anything.
        Node::Open => true,
    }
}

#[cfg(test)]
mod tests {
    use super::wrong;
    use crate::template::events::{RouteFault, Trigger};
    use crate::template::yaml::{Node, parse};

    fn told(functions: &str, others: &str) -> Vec<(String, Trigger)> {
        let (functions, others) = (parse(functions).unwrap(), parse(others).unwrap());
        let functions: Vec<(&str, &Node)> = functions
            .entries()
            .iter()
            .map(|(name, node)| (name.as_str(), node))
            .collect();
        wrong(&functions, &[others])
    }

    #[test]
    fn the_later_function_takes_a_route() {
        let two = |one: &str, other: &str| {
            let text = format!("{{one: {{events: [{one}]}}, two: {{events: [{other}]}}}}");
            told(&text, "{}")
                .into_iter()
                .map(|(_, it)| it)
                .collect::<Vec<_>>()
        };
        let taken = Trigger::Route("GET users".to_owned(), RouteFault::Taken("two".to_owned()));
        assert_eq!(
            two("{http: GET /users}", "{http: {path: users, method: get}}"),
            [taken]
        );
        assert_eq!(two("{http: GET /users}", "{httpApi: GET /users}"), []);
        assert_eq!(two("{http: GET /users}", "{http: POST /users}"), []);
        let same = Trigger::Route(
            "ANY $default".to_owned(),
            RouteFault::Same("one".to_owned()),
        );
        assert_eq!(two("{httpApi: '*'}", "{httpApi: {path: '*'}}"), [same]);
        assert_eq!(two("s3: x", "'${file(x.yml)}'"), []);
    }

    #[test]
    fn what_is_named_elsewhere_is_no_orphan() {
        let orphans =
            |function: &str, others: &str| told(&format!("{{do-it: {function}}}"), others).len();
        assert_eq!(orphans("{handler: a.b}", "{}"), 1);
        assert_eq!(orphans("{handler: a.b, url: true}", "{}"), 0);
        assert_eq!(orphans("{events: '${file(x.yml)}'}", "{}"), 0);
        assert_eq!(
            orphans(
                "{handler: a.b}",
                "{R: {Fn::GetAtt: [DoDashitLambdaFunction, Arn]}}"
            ),
            0
        );
        assert_eq!(orphans("{handler: a.b}", "{name: shop-dev-do-it}"), 0);
    }
}
