//! The OpenAPI description of an API in a template: its routes, and what API Gateway hands each of them to.

use super::functions::Beside;
use super::yaml::Node;

/// The types of resources that may have a description, as a whole.
const KINDS: [&str; 4] = [
    "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
];

/// The keys of a path that are methods (OpenAPI 3.0, "Path Item Object"; the API Gateway guide, "x-amazon-apigateway-any-method").
const METHODS: [&str; 9] = [
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "trace",
    "x-amazon-apigateway-any-method",
];

/// The route of an HTTP API that takes what no other takes.
pub(super) const DEFAULT: &str = "$default";

const INTEGRATION: &str = "x-amazon-apigateway-integration";

/// The description of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Description {
    /// The routes that it has, in order.
    pub routes: Vec<Described>,
    /// Whether it may have more of them: something in it is known to the deployment alone.
    pub is_open: bool,
    /// Whether the deployment evaluates functions (`Fn::Sub`) in it. It does in a template and in what `AWS::Include` takes in, not in a file that `DefinitionUri` names (SAM's
    /// reference, "DefinitionUri").
    pub is_evaluated: bool,
    /// Whether SAM adds to it what events state and it lacks: to that of an `HttpApi` which stands in the template, and to no other (aws-sam-translator 1.115.0).
    pub is_filled: bool,
}

/// A route of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Described {
    /// With `{parameters}`.
    pub path: String,
    /// In capitals, or `ANY`.
    pub method: String,
    /// What it is handed to.
    pub integration: Integration,
}

/// What API Gateway hands the requests of a route to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Integration {
    /// The description does not say.
    Nothing,
    /// Only the deployment knows.
    Open,
    /// As it is described.
    Stated(Node),
}

impl Described {
    /// The route, for people.
    pub(super) fn shown(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether some of the requests for a path and a method come here.
    pub(super) fn serves(&self, path: &str, method: &str) -> bool {
        if self.path.trim_start_matches('/') == DEFAULT {
            return true;
        }
        let (mut own, mut asked) = (self.path.split('/'), path.split('/'));
        let is_path = loop {
            match (own.next(), asked.next()) {
                (None, None) => break true,
                (Some(own), Some(_)) if own.starts_with('{') && own.ends_with("+}") => break true,
                (Some(own), Some(_)) if own.starts_with('{') && own.ends_with('}') => {}
                (Some(own), Some(asked)) if own == asked => {}
                _ => break false,
            }
        };
        is_path && (self.method == method || self.method == "ANY" || method == "ANY")
    }
}

/// A method as it is compared: in capitals, with one name for all of them.
pub(super) fn method(stated: &str) -> String {
    match stated.to_uppercase() {
        any if any == "X-AMAZON-APIGATEWAY-ANY-METHOD" || any == "*" => "ANY".to_owned(),
        one => one,
    }
}

/// The description of an API that a resource is; none if it is no API, or has none.
pub(super) fn description(resource: &Node, beside: Beside) -> Option<Description> {
    let kind = resource.get("Type")?.text()?;
    let properties = resource.get("Properties")?;
    if !KINDS.contains(&kind) {
        return None;
    }
    let stated = properties
        .get("DefinitionBody")
        .or_else(|| properties.get("Body"));
    let (body, is_evaluated) = match stated {
        Some(node) => (body(node, beside), true),
        None => {
            let elsewhere = properties
                .get("DefinitionUri")
                .or_else(|| properties.get("BodyS3Location"))?;
            (file(elsewhere, beside), false)
        }
    };
    // SAM adds the routes of events to a description only if it is asked for (aws-sam-translator 1.115.0, `MergeDefinitions`).
    let is_merged = properties.get("MergeDefinitions").is_some();
    let mut found = body.as_ref().map_or_else(
        || Description {
            is_open: true,
            ..Description::default()
        },
        routes,
    );
    found.is_open |= is_merged;
    found.is_evaluated = is_evaluated;
    found.is_filled = is_evaluated && kind == "AWS::Serverless::HttpApi";
    Some(found)
}

/// What a `DefinitionBody` is, once `AWS::Include` has taken in its file; none where that is not known.
fn body(node: &Node, beside: Beside) -> Option<Node> {
    let Some((name, argument)) = node.function() else {
        return Some(node.clone());
    };
    let is_include = name == "Fn::Transform"
        && argument.get("Name").and_then(Node::text) == Some("AWS::Include");
    if !is_include {
        return None;
    }
    file(argument.get("Parameters")?.get("Location")?, beside)
}

/// The file beside the template that a node names, as a document.
fn file(node: &Node, beside: Beside) -> Option<Node> {
    let path = node.text().filter(|path| !path.contains("://"))?;
    super::yaml::parse(&beside(path)?)
}

fn routes(body: &Node) -> Description {
    let mut found = Description::default();
    let paths = body.get("paths");
    let is_open = |node: &Node| node.function().is_some() || *node == Node::Open;
    let has_functions = |node: &Node| {
        node.entries()
            .iter()
            .any(|(key, _)| key.starts_with("Fn::"))
    };
    found.is_open = is_open(body) || has_functions(body) || paths.is_none_or(is_open);
    for (path, item) in paths.map(Node::entries).unwrap_or_default() {
        if path.starts_with("Fn::") || is_open(item) || item.get("$ref").is_some() {
            found.is_open = true;
            continue;
        }
        for (key, operation) in item.entries() {
            if !METHODS.contains(&key.to_lowercase().as_str()) {
                found.is_open |= key.starts_with("Fn::");
                continue;
            }
            found.routes.push(Described {
                path: path.clone(),
                method: method(key),
                integration: integration(operation, body),
            });
        }
    }
    found
}

/// What an operation is handed to. A reference leads to what the description has once for several routes.
fn integration(operation: &Node, body: &Node) -> Integration {
    let has_functions = operation
        .entries()
        .iter()
        .any(|(key, _)| key.starts_with("Fn::"));
    if operation.function().is_some() || *operation == Node::Open || has_functions {
        return Integration::Open;
    }
    let Some(mut stated) = operation.get(INTEGRATION) else {
        return Integration::Nothing;
    };
    if let Some(reference) = stated.get("$ref") {
        let path = reference.text().and_then(|it| it.strip_prefix("#/"));
        let mut parts = path.unwrap_or_default().split('/');
        match parts.try_fold(body, |node, part| node.get(part)) {
            Some(found) => stated = found,
            None => return Integration::Open,
        }
    }
    match stated {
        stated if stated.function().is_some() => Integration::Open,
        stated => Integration::Stated(stated.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Integration, description};
    use crate::template::yaml::parse;

    #[test]
    fn routes_come_from_the_template_or_from_a_file_beside_it() {
        let body = "paths: {/a: {get: {x-amazon-apigateway-integration: {uri: x}}, parameters: []}, '/b/{id}': {x-amazon-apigateway-any-method: }, /c: !Ref X}";
        let beside = |path: &str| (path == "api.yaml").then(|| body.to_owned());
        let of = |properties: &str| {
            let text = format!("{{Type: AWS::Serverless::Api, Properties: {{{properties}}}}}");
            description(&parse(&text).unwrap(), &beside)
        };
        let found = of(&format!("DefinitionBody: {{{body}}}")).unwrap();
        let shown: Vec<String> = found.routes.iter().map(super::Described::shown).collect();
        assert_eq!(shown, ["GET /a", "ANY /b/{id}"]);
        assert!(found.is_open && found.is_evaluated);
        assert!(matches!(
            found.routes[0].integration,
            Integration::Stated(_)
        ));
        assert_eq!(found.routes[1].integration, Integration::Nothing);
        assert!(found.routes[1].serves("/b/7", "PUT") && !found.routes[0].serves("/a/b", "GET"));
        let include = "DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}}";
        assert_eq!(of(include).unwrap(), found);
        let named = of("DefinitionUri: api.yaml").unwrap();
        assert!(!named.is_evaluated && named.routes == found.routes);
        assert!(of("DefinitionUri: s3://b/k").unwrap().is_open);
        assert_eq!(of("StageName: x"), None);
    }

    #[test]
    fn an_integration_may_stand_once_for_several_routes() {
        let text = "{Type: AWS::Serverless::HttpApi, Properties: {DefinitionBody: {paths: {/a: {get: {x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/one'}}}}, \
                    components: {x-amazon-apigateway-integrations: {one: {uri: y}}}}}}";
        let found = description(&parse(text).unwrap(), &|_| None).unwrap();
        let Integration::Stated(node) = &found.routes[0].integration else {
            panic!("{found:?}");
        };
        assert_eq!(node.get("uri").unwrap().text(), Some("y"));
    }
}
