//! What starts functions, as a SAM or CloudFormation template has it: events of the functions, and references to what is not there.

use std::collections::BTreeSet;

use super::yaml::Node;

/// What is wrong with what starts a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// An event has a type that there is not: the event, the type.
    NoSuchType(String, String),
    /// An event lacks a property that its type needs: the event, its type, the property.
    Lacks(String, &'static str, &'static str),
    /// Something names a resource that is not in the template.
    NoSuchResource(String),
    /// A route of the API is another function's too: the route, the function.
    SameRoute(String, String),
}

/// The types of events, and the properties that each needs (aws-sam-translator 1.115.0, `model/eventsources`).
const TYPES: [(&str, &[&str]); 19] = [
    ("AlexaSkill", &[]),
    ("Api", &["Path", "Method"]),
    ("CloudWatchEvent", &[]),
    ("CloudWatchLogs", &["LogGroupName", "FilterPattern"]),
    ("Cognito", &["UserPool", "Trigger"]),
    ("DocumentDB", &[]),
    ("DynamoDB", &["Stream"]),
    ("EventBridgeRule", &[]),
    ("HttpApi", &[]),
    ("IoTRule", &["Sql"]),
    ("Kinesis", &["Stream"]),
    ("MQ", &["Broker"]),
    ("MSK", &["Stream"]),
    ("S3", &["Bucket", "Events"]),
    ("SNS", &["Topic"]),
    ("SQS", &["Queue"]),
    ("Schedule", &["Schedule"]),
    ("ScheduleV2", &["ScheduleExpression"]),
    ("SelfManagedKafka", &[]),
];

/// The resources that start functions; what they refer to has to be there.
const STARTERS: [&str; 9] = [
    "AWS::ApiGateway::Method",
    "AWS::ApiGatewayV2::Integration",
    "AWS::Events::Rule",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Lambda::Version",
    "AWS::Scheduler::Schedule",
];

/// What is wrong with the events of a function and of what starts functions, each with the name of the function or resource. `functions` are the SAM functions with
/// their merged properties.
pub(super) fn wrong(document: &Node, functions: &[(&str, Node)]) -> Vec<(String, Trigger)> {
    let mut found = Vec::new();
    let mut routes: Vec<(String, &str)> = Vec::new();
    let known = Known::of(document);
    for (function, properties) in functions {
        for (event, stated) in properties
            .get("Events")
            .map(Node::entries)
            .unwrap_or_default()
        {
            let told = of_event(event, stated);
            found.extend(told.into_iter().map(|it| ((*function).to_owned(), it)));
            if let Some(route) = route(stated) {
                match routes.iter().find(|(known, _)| *known == route) {
                    Some((_, other)) => {
                        let shown = route.rsplit('\n').next().unwrap_or(&route);
                        let same = Trigger::SameRoute(shown.to_owned(), (*other).to_owned());
                        found.push(((*function).to_owned(), same));
                    }
                    None => routes.push((route, function)),
                }
            }
            found.extend(known.lacking(stated, function));
        }
    }
    let resources = document.get("Resources").map(Node::entries);
    for (name, resource) in resources.unwrap_or_default() {
        let kind = resource.get("Type").and_then(Node::text);
        if kind.is_some_and(|kind| STARTERS.contains(&kind))
            && let Some(properties) = resource.get("Properties")
        {
            found.extend(known.lacking(properties, name));
        }
    }
    found
}

fn of_event(event: &str, stated: &Node) -> Vec<Trigger> {
    let Some(kind) = stated.get("Type").and_then(Node::text) else {
        return Vec::new();
    };
    let Some((kind, needed)) = TYPES.iter().find(|(name, _)| *name == kind) else {
        return vec![Trigger::NoSuchType(event.to_owned(), kind.to_owned())];
    };
    let properties = stated.get("Properties");
    let lacks = |name: &&&'static str| match properties {
        // What only the deployment knows may have it.
        Some(it) => it.function().is_none() && it.get(name).is_none(),
        None => true,
    };
    let lacking = needed.iter().filter(lacks);
    lacking
        .map(|name| Trigger::Lacks(event.to_owned(), kind, name))
        .collect()
}

/// The route of an API's event, with the API that it belongs to on a line before it.
fn route(stated: &Node) -> Option<String> {
    let (kind, api) = match stated.get("Type")?.text()? {
        "Api" => ("Api", "RestApiId"),
        "HttpApi" => ("HttpApi", "ApiId"),
        _ => return None,
    };
    let properties = stated.get("Properties")?;
    let path = properties.get("Path")?.text()?;
    let method = properties.get("Method")?.text()?.to_uppercase();
    let api = properties.get(api);
    Some(format!("{kind} {api:?}\n{method} {path}"))
}

/// The names that a template declares.
struct Known {
    names: BTreeSet<String>,
    /// Whether something may declare more of them: a macro that is not SAM's own.
    is_open: bool,
}

impl Known {
    fn of(document: &Node) -> Self {
        let sections = ["Resources", "Parameters", "Conditions"];
        let entries = sections
            .iter()
            .flat_map(|it| document.get(it).map(Node::entries).unwrap_or_default());
        let names: BTreeSet<String> = entries.map(|(name, _)| name.clone()).collect();
        let transforms = document.get("Transform");
        let is_sam = |it: &Node| {
            it.text()
                .is_some_and(|it| it.starts_with("AWS::Serverless-"))
        };
        let is_open = match transforms {
            None => false,
            Some(Node::List(all)) => !all.iter().all(is_sam),
            Some(one) => !is_sam(one),
        };
        let has_loop = names.iter().any(|name| name.starts_with("Fn::"));
        Self {
            names,
            is_open: is_open || has_loop,
        }
    }

    /// What a node refers to and the template does not declare.
    fn lacking(&self, node: &Node, by: &str) -> Vec<(String, Trigger)> {
        let mut found = BTreeSet::new();
        if !self.is_open {
            referred(node, &mut found);
        }
        found.retain(|name| !self.has(name));
        let found = found.into_iter();
        found
            .map(|name| (by.to_owned(), Trigger::NoSuchResource(name)))
            .collect()
    }

    /// Whether a name is declared, or SAM makes it: it derives names from those of resources, and has `ServerlessRestApi` and the like.
    fn has(&self, name: &str) -> bool {
        name.contains("::")
            || name.starts_with("Serverless")
            || self
                .names
                .iter()
                .any(|known| name.starts_with(known.as_str()))
    }
}

/// The names that `Ref`, `Fn::GetAtt` and `Fn::Sub` refer to in a node.
fn referred(node: &Node, found: &mut BTreeSet<String>) {
    let first = |path: &str| path.split('.').next().unwrap_or(path).to_owned();
    match (node.function(), node) {
        (Some(("Ref", Node::Text(name))), _) => {
            found.insert(first(name));
        }
        (Some(("Fn::GetAtt", argument)), _) => {
            let name = argument.items().first().unwrap_or(argument).text();
            found.extend(name.map(first));
        }
        (Some(("Fn::Sub", Node::Text(text))), _) => {
            for part in text.split("${").skip(1) {
                if let Some((name, _)) = part.split_once('}')
                    && !name.starts_with('!')
                {
                    found.insert(first(name.trim()));
                }
            }
        }
        // With names of its own.
        (Some(("Fn::Sub" | "Fn::Transform", _)), _) => {}
        (Some((_, argument)), _) => referred(argument, found),
        (None, Node::Map(entries)) => {
            for (_, value) in entries {
                referred(value, found);
            }
        }
        (None, Node::List(items)) => {
            for item in items {
                referred(item, found);
            }
        }
        (None, Node::Text(_) | Node::Open) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{Trigger, wrong};
    use crate::template::yaml::parse;

    fn told(events: &str) -> Vec<Trigger> {
        let document = parse(
            "{Transform: AWS::Serverless-2016-10-31, Resources: {Queue: {Type: AWS::SQS::Queue}, F: {}}}",
        );
        let properties = parse(&format!("Events: {events}")).unwrap();
        let found = wrong(&document.unwrap(), &[("F", properties)]).into_iter();
        found.map(|(_, trigger)| trigger).collect()
    }

    #[test]
    fn events_have_a_type_its_properties_and_a_source() {
        let none: &[Trigger] = &[];
        assert_eq!(
            told("{A: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}"),
            none
        );
        assert_eq!(told("{A: {Type: HttpApi}}"), none);
        assert_eq!(
            told(
                "{A: {Type: Api, Properties: {Path: /, Method: get, RestApiId: !Ref ServerlessRestApi}}}"
            ),
            none
        );
        assert_eq!(told("{A: {Type: S3, Properties: !Ref X}}").len(), 1);
        assert!(matches!(
            told("{A: {Type: Sqs}}")[0],
            Trigger::NoSuchType(..)
        ));
        assert!(matches!(
            told("{A: {Type: SQS}}")[0],
            Trigger::Lacks(_, "SQS", "Queue")
        ));
        let gone = Trigger::NoSuchResource("Gone".to_owned());
        assert_eq!(
            told("{A: {Type: SQS, Properties: {Queue: !GetAtt Gone.Arn}}}"),
            std::slice::from_ref(&gone)
        );
        assert_eq!(
            told("{A: {Type: SQS, Properties: {Queue: !Sub '${AWS::Region}${Gone}${!x}'}}}"),
            [gone]
        );
    }

    #[test]
    fn a_route_is_one_functions() {
        let one = "{Type: Api, Properties: {Path: /a, Method: get}}";
        let found = told(&format!("{{A: {one}, B: {one}}}"));
        assert_eq!(
            found,
            [Trigger::SameRoute("GET /a".to_owned(), "F".to_owned())]
        );
    }
}
