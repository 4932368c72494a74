//! Functions that nothing in a template starts.
//!
//! Somebody may call them by name from elsewhere: information, no more.

use super::events::events;
use super::known::Known;
use super::yaml::Node;

/// Types of resources that look at a function, or are a part of it, and never call it.
const WATCHERS: [&str; 8] = [
    "AWS::ApplicationAutoScaling::",
    "AWS::CloudWatch::",
    "AWS::CodeDeploy::",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
];

/// The parts of a resource that say what it does.
const PARTS: [&str; 2] = ["Properties", "Connectors"];

/// Whether nothing in a template starts a function: it has no event and no address of its own, and nothing else names it. `properties` are the function's, merged.
pub(super) fn is_orphan(name: &str, properties: &Node, document: &Node, known: &Known) -> bool {
    if known.is_open {
        return false;
    }
    let has = |key: &str| {
        properties.get(key).is_some_and(|it| {
            it.function().is_some() || !it.entries().is_empty() || *it == Node::Open
        })
    };
    if has("Events") || has("FunctionUrlConfig") || !events(properties).is_empty() {
        return false;
    }
    let called = properties.get("FunctionName").and_then(raw);
    let is_watcher = |kind: Option<&str>| {
        kind.is_some_and(|kind| WATCHERS.iter().any(|it| kind.starts_with(it)))
    };
    let is_named = known.resources().any(|(other, resource)| {
        other != name
            && !is_watcher(known.kind(other))
            && PARTS
                .iter()
                .filter_map(|part| resource.get(part))
                .any(|part| names(part, name, called, known))
    });
    // What is handed out is for somebody outside.
    let outputs = document.get("Outputs").map(Node::entries);
    let mut outputs = outputs.unwrap_or_default().iter();
    !is_named && !outputs.any(|(_, output)| names(output, name, called, known))
}

/// Whether a node names a function: by reference, by its name in the template, or by the one that it has when it runs.
fn names(node: &Node, name: &str, called: Option<&str>, known: &Known) -> bool {
    known.functions_in(node).contains(name) || mentions(node, name, called)
}

fn mentions(node: &Node, name: &str, called: Option<&str>) -> bool {
    match node {
        Node::Text(text) => text == name || called.is_some_and(|it| text.contains(it)),
        Node::List(items) => items.iter().any(|item| mentions(item, name, called)),
        Node::Map(entries) => entries.iter().any(|(_, it)| mentions(it, name, called)),
        Node::Open => true,
    }
}

/// A text as it is written, with what the deployment puts in.
fn raw(node: &Node) -> Option<&str> {
    match (node, node.function()) {
        (Node::Text(text), _) | (_, Some(("Fn::Sub", Node::Text(text)))) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_orphan;
    use crate::template::known::Known;
    use crate::template::yaml::{Node, parse};

    fn told(properties: &str, others: &str) -> bool {
        let document = parse(&format!(
            "{{Resources: {{F: {{Type: AWS::Serverless::Function, Properties: {{{properties}}}}}, {others}}}}}"
        ))
        .unwrap();
        let empty = Node::Map(Vec::new());
        let known = Known::of(&document);
        let properties = known.properties("F").unwrap_or(&empty);
        is_orphan("F", properties, &document, &known)
    }

    #[test]
    fn what_names_a_function_may_start_it() {
        assert!(told("Handler: a.b", ""));
        assert!(!told("Events: {E: {Type: SQS}}", ""));
        assert!(!told("Events: !If [A, {}, {}]", ""));
        assert!(!told("FunctionUrlConfig: {AuthType: NONE}", ""));
        let other = |kind: &str, value: &str| {
            told(
                "FunctionName: !Sub '${S}-shop'",
                &format!("O: {{Type: {kind}, Properties: {{X: {value}}}}}"),
            )
        };
        assert!(!other("AWS::Lambda::Permission", "!GetAtt F.Arn"));
        assert!(!other(
            "AWS::StepFunctions::StateMachine",
            "!Sub 'a:function:${S}-shop'"
        ));
        assert!(!other("AWS::Serverless::Connector", "{Id: F}"));
        assert!(other("AWS::Logs::LogGroup", "!Sub '/aws/lambda/${F}'"));
        assert!(other("AWS::SQS::Queue", "!Ref G"));
    }
}
