//! What starts functions, as a SAM or CloudFormation template has it: events of the functions, and references to what is not there. Routes are in [`super::routes`].

use super::known::Known;
use super::yaml::Node;

/// What is wrong with what starts a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// An event, or a resource that starts a function.
    Event(EventFault),
    /// A route of an API: the route, as `GET /path`.
    Route(String, RouteFault),
    /// Nothing in the template starts the function.
    Orphan,
}

/// What is wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventFault {
    /// It has a type that there is not: the event, the type.
    NoSuchType(String, String),
    /// It lacks a property that its type needs: the event, its type, the property.
    Lacks(String, &'static str, &'static str),
    /// Something names a resource that is not in the template.
    NoSuchResource(String),
    /// It names an API that is something else: the event, the name, the type of that.
    NotAnApi(String, String, String),
}

/// What is wrong with a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteFault {
    /// It is this function's too.
    Same(String),
    /// This function gets it, and nobody says so.
    Taken(String),
    /// An event states it, and the description of its API lacks it: the event, the API.
    NotDescribed(String, String),
    /// It has no integration.
    NoIntegration,
    /// It leads to this name, which the template does not declare.
    ToNothing(String),
    /// It leads to what is no function: the name, the type of that.
    NotAFunction(String, String),
    /// Nothing allows the API to call this function.
    NotAllowed(String),
    /// Its integration is computed in a file in which the deployment evaluates nothing.
    NotEvaluated,
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
const STARTERS: [&str; 10] = [
    "AWS::ApiGateway::Method",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::Events::Rule",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Lambda::Version",
    "AWS::Scheduler::Schedule",
];

/// What is wrong with the events of functions and with what starts functions, each with the name of the function or resource. `functions` are the SAM functions with
/// their merged properties.
pub(super) fn wrong(known: &Known, functions: &[(&str, Node)]) -> Vec<(String, Trigger)> {
    let mut found = Vec::new();
    let lacking = |node: &Node, by: &str| -> Vec<(String, Trigger)> {
        let names = known.lacking(node).into_iter();
        names
            .map(|name| {
                (
                    by.to_owned(),
                    Trigger::Event(EventFault::NoSuchResource(name)),
                )
            })
            .collect()
    };
    for (function, properties) in functions {
        for (event, stated) in events(properties) {
            let told = of_event(event, stated);
            found.extend(told.into_iter().map(|it| ((*function).to_owned(), it)));
            found.extend(lacking(stated, function));
        }
    }
    for (name, resource) in known.resources() {
        let kind = resource.get("Type").and_then(Node::text);
        if kind.is_some_and(|kind| STARTERS.contains(&kind))
            && let Some(properties) = resource.get("Properties")
        {
            found.extend(lacking(properties, name));
        }
    }
    found
}

/// The events of a SAM function, by name.
pub(super) fn events(properties: &Node) -> &[(String, Node)] {
    properties
        .get("Events")
        .map(Node::entries)
        .unwrap_or_default()
}

fn of_event(event: &str, stated: &Node) -> Vec<Trigger> {
    let Some(kind) = stated.get("Type").and_then(Node::text) else {
        return Vec::new();
    };
    let Some((kind, needed)) = TYPES.iter().find(|(name, _)| *name == kind) else {
        return vec![Trigger::Event(EventFault::NoSuchType(
            event.to_owned(),
            kind.to_owned(),
        ))];
    };
    let properties = stated.get("Properties");
    let lacks = |name: &&&'static str| match properties {
        // What only the deployment knows may have it.
        Some(it) => it.function().is_none() && it.get(name).is_none(),
        None => true,
    };
    let lacking = needed.iter().filter(lacks);
    lacking
        .map(|name| Trigger::Event(EventFault::Lacks(event.to_owned(), kind, name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{EventFault, Trigger, wrong};
    use crate::template::known::Known;
    use crate::template::yaml::parse;

    fn told(events: &str) -> Vec<Trigger> {
        let document = parse(
            "{Transform: AWS::Serverless-2016-10-31, Resources: {Queue: {Type: AWS::SQS::Queue}, F: {}}}",
        );
        let properties = parse(&format!("Events: {events}")).unwrap();
        let document = document.unwrap();
        let found = wrong(&Known::of(&document), &[("F", properties)]).into_iter();
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
            Trigger::Event(EventFault::NoSuchType(..))
        ));
        assert!(matches!(
            told("{A: {Type: SQS}}")[0],
            Trigger::Event(EventFault::Lacks(_, "SQS", "Queue"))
        ));
        let gone = Trigger::Event(EventFault::NoSuchResource("Gone".to_owned()));
        assert_eq!(
            told("{A: {Type: SQS, Properties: {Queue: !GetAtt Gone.Arn}}}"),
            std::slice::from_ref(&gone)
        );
        assert_eq!(
            told("{A: {Type: SQS, Properties: {Queue: !Sub '${AWS::Region}${Gone}${!x}'}}}"),
            [gone]
        );
    }
}
