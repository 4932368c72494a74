//! The routes of APIs, and whether each leads to a function: events of SAM functions, OpenAPI descriptions, and the methods and routes that CloudFormation has one by one.
//!
//! Held against what aws-sam-translator 1.115.0 accepts, refuses and makes. To the description of an `HttpApi` in the template SAM adds what events state, where it has nothing there
//! yet; that of an `Api` it takes as it is.

use std::collections::BTreeMap;

use super::allowed::Allowed;
use super::events::{EventFault, RouteFault, Trigger, events};
use super::functions::Beside;
use super::known::{Known, referred};
use super::openapi::{DEFAULT, Described, Description, Integration, description, method};
use super::yaml::Node;

/// A route that an event states.
struct Stated<'n> {
    function: &'n str,
    event: &'n str,
    /// `Api` or `HttpApi`.
    kind: &'static str,
    /// The API: the name of a resource; empty for the one that SAM makes.
    api: String,
    /// The path, and the method in capitals.
    route: (String, String),
}

impl Stated<'_> {
    fn shown(&self) -> String {
        format!("{} {}", self.route.1, self.route.0)
    }
}

/// What is wrong with the routes of a template's APIs, each with the name of a function or a resource. `functions` are the SAM functions with their merged properties.
pub(super) fn wrong(
    known: &Known,
    functions: &[(&str, Node)],
    beside: Beside,
) -> Vec<(String, Trigger)> {
    let described: BTreeMap<&str, Description> = known
        .resources()
        .filter_map(|(name, resource)| Some((name, description(resource, beside)?)))
        .collect();
    let mut found = Vec::new();
    let mut stated: Vec<Stated> = Vec::new();
    for (function, properties) in functions {
        for (event, node) in events(properties) {
            match of_event(function, event, node, known) {
                Ok(Some(route)) => stated.push(route),
                Ok(None) => {}
                Err(trigger) => found.push(((*function).to_owned(), trigger)),
            }
        }
    }
    found.extend(of_events(&stated, &described, known));
    found.extend(one_by_one(known));
    let allowed = Allowed::of(known, functions);
    found.extend(refused_one_by_one(known, &allowed));
    for (name, api) in &described {
        let is_filled = |route: &Described| {
            let mut events = stated.iter().filter(|event| event.api == *name);
            api.is_filled && events.any(|it| it.route == (route.path.clone(), route.method.clone()))
        };
        let told = of_description(api, &is_filled, known, &allowed).into_iter();
        found.extend(told.map(|trigger| ((*name).to_owned(), trigger)));
    }
    found
}

/// The route of an event; none if it has none, or only the deployment knows it.
fn of_event<'n>(
    function: &'n str,
    event: &'n str,
    node: &'n Node,
    known: &Known,
) -> Result<Option<Stated<'n>>, Trigger> {
    let (kind, key, other, implicit) = match node.get("Type").and_then(Node::text) {
        Some("Api") => (
            "Api",
            "RestApiId",
            "AWS::Serverless::HttpApi",
            "ServerlessRestApi",
        ),
        Some("HttpApi") => (
            "HttpApi",
            "ApiId",
            "AWS::Serverless::Api",
            "ServerlessHttpApi",
        ),
        _ => return Ok(None),
    };
    let properties = node.get("Properties");
    if properties.is_some_and(|it| it.function().is_some()) {
        return Ok(None);
    }
    let get = |key: &str| properties.and_then(|it| it.get(key));
    let api = match get(key) {
        None => String::new(),
        Some(it) => match it.function() {
            Some(("Ref", Node::Text(name))) => name.clone(),
            Some(_) => return Ok(None),
            None => it.text().unwrap_or_default().to_owned(),
        },
    };
    // A description makes an `Api` acceptable to an `HttpApi` event.
    let is_other = |is: &str| {
        is == other
            && (kind == "Api"
                || known
                    .properties(&api)
                    .is_none_or(|it| it.get("DefinitionBody").is_none()))
    };
    if let Some(is) = known.kind(&api)
        && (is_other(is) || is_no_api(is))
    {
        let fault = EventFault::NotAnApi(event.to_owned(), api, is.to_owned());
        return Err(Trigger::Event(fault));
    }
    // `Api` needs both; an `HttpApi` without them is the default route.
    let path = match get("Path") {
        None if kind == "HttpApi" => DEFAULT,
        path => match path.and_then(Node::text) {
            Some(path) => path,
            None => return Ok(None),
        },
    };
    let method = match get("Method") {
        None if kind == "HttpApi" => "ANY".to_owned(),
        stated => match stated.and_then(Node::text) {
            Some(stated) => method(stated),
            None => return Ok(None),
        },
    };
    let is_implicit = api == implicit;
    Ok(Some(Stated {
        function,
        event,
        kind,
        api: if is_implicit { String::new() } else { api },
        route: (path.to_owned(), method),
    }))
}

/// Whether a type of resources has nothing to do with APIs. Stacks and resources of somebody's own may answer with the name of one.
fn is_no_api(kind: &str) -> bool {
    let families = [
        "AWS::Serverless::",
        "AWS::ApiGateway",
        "AWS::CloudFormation::",
    ];
    let is_other = !families.iter().any(|it| kind.starts_with(it));
    kind.starts_with("AWS::") && (is_other || kind == "AWS::Serverless::Function")
}

/// Routes that two events state, and routes that the description of their API lacks, or has for another function.
fn of_events(
    stated: &[Stated],
    described: &BTreeMap<&str, Description>,
    known: &Known,
) -> Vec<(String, Trigger)> {
    let mut found = Vec::new();
    for (at, one) in stated.iter().enumerate() {
        let api = described.get(one.api.as_str());
        let is_same = |other: &&Stated| {
            (other.kind, &other.api, &other.route) == (one.kind, &one.api, &one.route)
        };
        let before = stated[..at].iter().find(is_same);
        let fault = match (api, before) {
            (Some(api), before) => in_description(one, api, known).or_else(|| {
                let taken = before.filter(|it| api.is_filled && it.function != one.function)?;
                Some(RouteFault::Taken(taken.function.to_owned()))
            }),
            (None, Some(other)) => Some(RouteFault::Same(other.function.to_owned())),
            (None, None) => None,
        };
        if let Some(fault) = fault {
            found.push((one.function.to_owned(), Trigger::Route(one.shown(), fault)));
        }
    }
    found
}

/// What the description of its API makes of an event's route.
fn in_description(one: &Stated, api: &Description, known: &Known) -> Option<RouteFault> {
    let (path, method) = &one.route;
    let is_it = |route: &&Described| route.path == *path && route.method == *method;
    if let Some(Integration::Stated(stated)) = api
        .routes
        .iter()
        .find(is_it)
        .map(|route| &route.integration)
    {
        let functions = known.functions_in(stated.get("uri")?);
        let is_others = !functions.is_empty() && !functions.contains(one.function);
        return is_others
            .then(move || RouteFault::Taken(functions.into_iter().collect::<Vec<_>>().join(", ")));
    }
    let mut routes = api.routes.iter();
    let is_lost = !api.is_open && !api.is_filled && !routes.any(|route| route.serves(path, method));
    is_lost.then(|| RouteFault::NotDescribed(one.event.to_owned(), one.api.clone()))
}

/// Methods and routes of CloudFormation that two resources declare alike. Those under a condition may never be there together.
fn one_by_one(known: &Known) -> Vec<(String, Trigger)> {
    let mut seen: Vec<(Vec<&Node>, &str)> = Vec::new();
    let mut found = Vec::new();
    for (name, resource) in known.resources() {
        let (keys, shown): (&[&str], _) = match known.kind(name) {
            Some("AWS::ApiGateway::Method") => {
                (&["RestApiId", "ResourceId", "HttpMethod"], "HttpMethod")
            }
            Some("AWS::ApiGatewayV2::Route") => (&["ApiId", "RouteKey"], "RouteKey"),
            _ => continue,
        };
        let Some(properties) = resource.get("Properties") else {
            continue;
        };
        let route: Option<Vec<&Node>> = keys.iter().map(|key| properties.get(key)).collect();
        let (Some(route), None) = (route, resource.get("Condition")) else {
            continue;
        };
        match seen.iter().find(|(known, _)| *known == route) {
            Some((_, other)) => {
                let shown = properties.get(shown).and_then(Node::text);
                let shown = shown.unwrap_or(name).to_owned();
                let told = Trigger::Route(shown, RouteFault::Same((*other).to_owned()));
                found.push((name.to_owned(), told));
            }
            None => seen.push((route, name)),
        }
    }
    found
}

/// What is wrong with the routes of a description. `is_filled` says whether an event gives a route its integration.
fn of_description(
    api: &Description,
    is_filled: &dyn Fn(&Described) -> bool,
    known: &Known,
    allowed: &Allowed,
) -> Vec<Trigger> {
    let mut found = Vec::new();
    for route in &api.routes {
        let told = match &route.integration {
            Integration::Open => Vec::new(),
            Integration::Nothing if is_filled(route) => Vec::new(),
            Integration::Nothing => vec![RouteFault::NoIntegration],
            Integration::Stated(stated) if api.is_evaluated => {
                of_integration(stated, known, allowed)
            }
            Integration::Stated(stated) => {
                let is_computed = stated.get("uri").is_some_and(|it| it.function().is_some());
                is_computed
                    .then_some(RouteFault::NotEvaluated)
                    .into_iter()
                    .collect()
            }
        };
        let told = told.into_iter();
        found.extend(told.map(|fault| Trigger::Route(route.shown(), fault)));
    }
    found
}

/// What is wrong with what a route is handed to.
fn of_integration(stated: &Node, known: &Known, allowed: &Allowed) -> Vec<RouteFault> {
    let Some(uri) = stated.get("uri") else {
        return Vec::new();
    };
    let lacking = known.lacking(uri).into_iter();
    let mut found: Vec<RouteFault> = lacking.map(RouteFault::ToNothing).collect();
    if !is_of_a_function(uri) {
        return found;
    }
    for name in referred(uri) {
        if let Some(kind) = known.kind(&name).filter(|kind| is_no_function(kind)) {
            found.push(RouteFault::NotAFunction(name, kind.to_owned()));
        }
    }
    if stated.get("credentials").is_none() {
        found.extend(refused(uri, known, allowed));
    }
    found
}

/// The functions behind an integration's address that nothing allows an API to call.
fn refused(uri: &Node, known: &Known, allowed: &Allowed) -> Vec<RouteFault> {
    let functions = known.functions_in(uri).into_iter();
    let refused = functions.filter(|function| !allowed.has(function));
    refused
        .map(|function| RouteFault::NotAllowed(function.to_owned()))
        .collect()
}

/// Integrations that CloudFormation has one by one, whose function nothing allows an API to call.
fn refused_one_by_one(known: &Known, allowed: &Allowed) -> Vec<(String, Trigger)> {
    let mut found = Vec::new();
    for (name, resource) in known.resources() {
        let properties = resource.get("Properties");
        let get = |key: &str| properties.and_then(|it| it.get(key));
        let (uri, credentials) = match known.kind(name) {
            Some("AWS::ApiGateway::Method") => {
                let of = |key: &str| get("Integration").and_then(|it| it.get(key));
                (of("Uri"), of("Credentials"))
            }
            Some("AWS::ApiGatewayV2::Integration") => {
                (get("IntegrationUri"), get("CredentialsArn"))
            }
            _ => continue,
        };
        let Some(uri) = uri.filter(|uri| credentials.is_none() && is_of_a_function(uri)) else {
            continue;
        };
        let method = get("HttpMethod").and_then(Node::text).unwrap_or(name);
        let told = refused(uri, known, allowed).into_iter();
        found.extend(told.map(|it| (name.to_owned(), Trigger::Route(method.to_owned(), it))));
    }
    found
}

/// Whether an integration's address is that of a function: one for calls of functions, or nothing but a function's own name (the API Gateway guide,
/// "x-amazon-apigateway-integration").
fn is_of_a_function(uri: &Node) -> bool {
    match uri.function() {
        Some(("Fn::Sub" | "Fn::Join", argument)) => has_text(argument, ":lambda:path/"),
        Some(("Fn::GetAtt", argument)) => {
            argument.items().get(1).and_then(Node::text) == Some("Arn")
        }
        _ => false,
    }
}

fn has_text(node: &Node, part: &str) -> bool {
    match node {
        Node::Text(text) => text.contains(part),
        Node::List(items) => items.iter().any(|item| has_text(item, part)),
        Node::Map(entries) => entries.iter().any(|(_, value)| has_text(value, part)),
        Node::Open => false,
    }
}

/// Whether nothing of that type can be called as a function.
fn is_no_function(kind: &str) -> bool {
    let may_be = [
        "AWS::Lambda::",
        "AWS::CloudFormation::",
        "AWS::Serverless::Function",
        "AWS::Serverless::Application",
    ];
    kind.starts_with("AWS::") && !may_be.iter().any(|it| kind.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::wrong;
    use crate::template::events::{EventFault, RouteFault, Trigger};
    use crate::template::globals;
    use crate::template::known::Known;
    use crate::template::yaml::{Node, parse};

    fn told(resources: &str) -> Vec<Trigger> {
        let document = parse(&format!(
            "{{Transform: AWS::Serverless-2016-10-31, Resources: {{{resources}}}}}"
        ))
        .unwrap();
        let known = Known::of(&document);
        let functions: Vec<(&str, Node)> = known
            .resources()
            .filter(|(name, _)| known.kind(name) == Some("AWS::Serverless::Function"))
            .map(|(name, resource)| (name, globals::properties(resource, None)))
            .collect();
        let beside = |path: &str| (path == "api.yaml").then(|| BODY.to_owned());
        let found = wrong(&known, &functions, &beside).into_iter();
        found.map(|(_, trigger)| trigger).collect()
    }

    const BODY: &str = "paths: {/a: {get: {x-amazon-apigateway-integration: {uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'}}}}";

    fn function(name: &str, events: &str) -> String {
        format!(
            "{name}: {{Type: AWS::Serverless::Function, Properties: {{Events: {{{events}}}}}}}, "
        )
    }

    fn event(kind: &str, more: &str) -> String {
        format!("{{Type: {kind}, Properties: {{{more}}}}}")
    }

    #[test]
    fn a_route_is_one_functions() {
        let two = |kind: &str, one: &str, other: &str| {
            let one = function("F", &format!("E: {}", event(kind, one)));
            let other = function("G", &format!("E: {}", event(kind, other)));
            told(&format!("{one}{other}"))
        };
        let same = |route: &str| {
            vec![Trigger::Route(
                route.to_owned(),
                RouteFault::Same("F".to_owned()),
            )]
        };
        let get = "Path: /a, Method: get";
        assert_eq!(two("Api", get, "Path: /a, Method: GET"), same("GET /a"));
        let named = "Path: /a, Method: get, RestApiId: !Ref ServerlessRestApi";
        assert_eq!(two("Api", get, named), same("GET /a"));
        assert_eq!(two("HttpApi", get, get), same("GET /a"));
        assert_eq!(two("HttpApi", "", ""), same("ANY $default"));
        assert_eq!(two("Api", get, "Path: /a, Method: any"), []);
        assert_eq!(two("Api", get, "Path: /b, Method: get"), []);
        assert_eq!(
            two("HttpApi", get, "Path: /a, Method: get, ApiId: !Ref Other"),
            []
        );
    }

    #[test]
    fn an_event_names_an_api_that_has_its_route() {
        let of = |kind: &str, key: &str, path: &str, api: &str| {
            let more = format!("Path: {path}, Method: get, {key}: !Ref A");
            let function = function("F", &format!("E: {}", event(kind, &more)));
            told(&format!("{function} A: {api}"))
        };
        let with =
            |kind: &str| format!("{{Type: {kind}, Properties: {{DefinitionBody: {{{BODY}}}}}}}");
        let rest = with("AWS::Serverless::Api");
        assert_eq!(of("Api", "RestApiId", "/a", &rest), []);
        assert!(matches!(
            of("Api", "RestApiId", "/b", &rest)[..],
            [Trigger::Route(_, RouteFault::NotDescribed(..))]
        ));
        assert_eq!(of("HttpApi", "ApiId", "/a", &rest), []);
        let bare = "{Type: AWS::Serverless::Api}";
        assert!(matches!(
            of("HttpApi", "ApiId", "/a", bare)[..],
            [Trigger::Event(EventFault::NotAnApi(..))]
        ));
        let queue = "{Type: AWS::SQS::Queue}";
        let http = with("AWS::Serverless::HttpApi");
        assert_eq!(of("HttpApi", "ApiId", "/a", &http), []);
        assert_eq!(of("HttpApi", "ApiId", "/b", &http), []);
        let others = http.replace("${F.Arn}", "${G.Arn}");
        let taken = of(
            "HttpApi",
            "ApiId",
            "/a",
            &format!("{others}, G: {{Type: AWS::Lambda::Function}}"),
        );
        assert_eq!(
            taken[0],
            Trigger::Route("GET /a".to_owned(), RouteFault::Taken("G".to_owned()))
        );
        assert!(matches!(
            of("Api", "RestApiId", "/a", queue)[..],
            [Trigger::Event(EventFault::NotAnApi(..))]
        ));
        assert_eq!(
            of(
                "Api",
                "RestApiId",
                "/b",
                "{Type: AWS::CloudFormation::Stack}"
            ),
            []
        );
        let merged = rest.replace("Properties: {", "Properties: {MergeDefinitions: true, ");
        assert_eq!(of("Api", "RestApiId", "/b", &merged), []);
    }

    #[test]
    fn a_described_route_leads_to_a_function_that_may_be_called() {
        let api = format!(
            "A: {{Type: AWS::Serverless::Api, Properties: {{DefinitionBody: {{{BODY}}}}}}}"
        );
        let plain = function("F", "");
        assert!(matches!(
            told(&format!("{plain}{api}"))[..],
            [Trigger::Route(_, RouteFault::NotAllowed(_))]
        ));
        let permission = "P: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref F}}, ";
        assert_eq!(told(&format!("{plain}{permission}{api}")), []);
        assert!(matches!(
            told(&api)[..],
            [Trigger::Route(_, RouteFault::ToNothing(_))]
        ));
        let queue = "F: {Type: AWS::SQS::Queue}, ";
        assert!(matches!(
            told(&format!("{queue}{api}"))[..],
            [Trigger::Route(_, RouteFault::NotAFunction(..))]
        ));
        let bare = "A: {Type: AWS::Serverless::Api, Properties: {DefinitionBody: {paths: {/a: {get: {}}}}}}";
        assert_eq!(
            told(bare),
            [Trigger::Route(
                "GET /a".to_owned(),
                RouteFault::NoIntegration
            )]
        );
        let named = "A: {Type: AWS::Serverless::Api, Properties: {DefinitionUri: api.yaml}}";
        assert_eq!(
            told(named),
            [Trigger::Route(
                "GET /a".to_owned(),
                RouteFault::NotEvaluated
            )]
        );
    }

    #[test]
    fn methods_of_cloudformation_are_compared_one_by_one() {
        let of = |name: &str, more: &str| {
            format!(
                "{name}: {{Type: AWS::ApiGateway::Method, {more}Properties: {{RestApiId: !Ref A, ResourceId: !Ref R, HttpMethod: GET}}}}, "
            )
        };
        let two = |more: &str| told(&format!("{}{}", of("M", ""), of("N", more)));
        assert_eq!(
            two(""),
            [Trigger::Route(
                "GET".to_owned(),
                RouteFault::Same("M".to_owned())
            )]
        );
        assert_eq!(two("Condition: C, "), []);
        let integration = "I: {Type: AWS::ApiGatewayV2::Integration, Properties: {IntegrationUri: !GetAtt F.Arn}}, F: {Type: AWS::Lambda::Function}, ";
        assert!(matches!(
            told(integration)[..],
            [Trigger::Route(_, RouteFault::NotAllowed(_))]
        ));
        let permission = "P: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref F}}";
        assert_eq!(told(&format!("{integration}{permission}")), []);
    }
}
