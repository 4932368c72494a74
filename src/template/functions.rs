//! The functions that a template deploys.

use super::yaml::{Node, parse};
use crate::python::Version;

/// The names under which templates stand beside the code.
pub const NAMES: [&str; 9] = [
    "template.yaml",
    "template.yml",
    "template.json",
    "serverless.yml",
    "serverless.yaml",
    "serverless.json",
    "cloudformation.yaml",
    "cloudformation.yml",
    "cloudformation.json",
];

/// A function in Python that a template deploys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name in the template.
    pub name: String,
    /// The directory of its code, seen from the template's; none where the template does not say it.
    pub directory: Option<String>,
    /// `module.function`, with dots or slashes in the module; none where the template does not say it.
    pub handler: Option<String>,
    /// The Python that runs it, if the template says it.
    pub runtime: Option<Version>,
    /// Whether more code is laid beside it from elsewhere.
    pub has_layers: bool,
}

/// The functions in Python that a template deploys, in order. `name` is the file's, which tells whose template it is. What is no template has none.
#[must_use]
pub fn functions(name: &str, text: &str) -> Vec<Function> {
    let Some(document) = parse(text) else {
        return Vec::new();
    };
    if name.starts_with("serverless.") {
        of_serverless(&document)
    } else {
        of_cloudformation(&document)
    }
}

/// The Serverless Framework's `functions`, under what `provider` says of all.
fn of_serverless(document: &Node) -> Vec<Function> {
    let Some(functions) = document.get("functions") else {
        return Vec::new();
    };
    let of_all = document
        .get("provider")
        .and_then(|provider| provider.get("runtime"));
    let named = functions.entries().iter().filter_map(|(name, function)| {
        let runtime = function.get("runtime").or(of_all);
        let handler = function.get("handler")?;
        Some(Function {
            name: name.clone(),
            directory: Some(String::new()),
            handler: handler.text().map(str::to_owned),
            runtime: python(runtime)?,
            has_layers: function.get("layers").is_some(),
        })
    });
    named.collect()
}

/// SAM's and CloudFormation's resources. `Globals` stand under each SAM function's own properties.
fn of_cloudformation(document: &Node) -> Vec<Function> {
    let Some(resources) = document.get("Resources") else {
        return Vec::new();
    };
    let globals = document
        .get("Globals")
        .and_then(|globals| globals.get("Function"));
    let functions = resources.entries().iter().filter_map(|(name, resource)| {
        let properties = resource.get("Properties")?;
        match resource.get("Type")?.text()? {
            "AWS::Serverless::Function" => {
                let property = |key: &str| {
                    let own = properties.get(key);
                    own.or_else(|| globals.and_then(|globals| globals.get(key)))
                };
                of_properties(name, &property, "CodeUri")
            }
            "AWS::Lambda::Function" => {
                of_properties(name, &|key: &str| properties.get(key), "Code")
            }
            _ => None,
        }
    });
    functions.collect()
}

fn of_properties<'n>(
    name: &str,
    property: &dyn Fn(&str) -> Option<&'n Node>,
    code: &str,
) -> Option<Function> {
    let runtime = python(property("Runtime"))?;
    // Code that is written out in the template, or comes in an image, is not in the tree.
    let is_elsewhere = property("InlineCode").is_some()
        || property("PackageType")
            .and_then(Node::text)
            .is_some_and(|kind| kind == "Image");
    let directory = property(code).and_then(Node::text).map(str::to_owned);
    Some(Function {
        name: name.to_owned(),
        directory: directory.filter(|_| !is_elsewhere),
        handler: property("Handler").and_then(Node::text).map(str::to_owned),
        runtime,
        has_layers: property("Layers").is_some(),
    })
}

/// The Python of a `Runtime`: none for another language, an inner none where the template does not say it.
fn python(runtime: Option<&Node>) -> Option<Option<Version>> {
    let Some(text) = runtime.and_then(Node::text) else {
        return Some(None);
    };
    let version = text.trim().strip_prefix("python")?;
    let version = Version::parse(version).filter(|version| *version >= Version::OLDEST);
    Some(version)
}

#[cfg(test)]
mod tests {
    use super::{Function, functions};
    use crate::python::Version;

    #[test]
    fn sam_has_globals_under_each_function() {
        let text = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.12
    CodeUri: src/
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
  Other:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs20.x
      Handler: index.handler
  Open:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: !Ref Where
      Handler: !Sub '${Name}.handler'
      Runtime: python3.11
      Layers: [!Ref Common]
  Inline:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: 'def handler(e, c): pass'
      Handler: index.handler
  Bucket:
    Type: AWS::S3::Bucket
";
        let found = functions("template.yaml", text);
        let names: Vec<&str> = found
            .iter()
            .map(|function| function.name.as_str())
            .collect();
        assert_eq!(names, ["Api", "Open", "Inline"]);
        let api = Function {
            name: "Api".to_owned(),
            directory: Some("src/".to_owned()),
            handler: Some("app.handler".to_owned()),
            runtime: Some(Version(12)),
            has_layers: false,
        };
        assert_eq!(found[0], api);
        assert_eq!(found[1].directory, None);
        assert_eq!(found[1].handler, None);
        assert!(found[1].has_layers);
        assert_eq!(found[2].directory, None);
    }

    #[test]
    fn cloudformation_in_json() {
        let text = r#"{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {
            "Handler": "app.handler", "Runtime": "python3.13", "Code": {"S3Bucket": "b", "S3Key": "k"}}}}}"#;
        let found = functions("template.json", text);
        assert_eq!(found[0].runtime, Some(Version(13)));
        assert_eq!(found[0].directory, None);
    }

    #[test]
    fn serverless_has_a_provider() {
        let text = "
service: shop
provider:
  name: aws
  runtime: python3.11
functions:
  api:
    handler: src/app.handler
  old:
    handler: old.main
    runtime: python3.9
  web:
    handler: index.main
    runtime: nodejs20.x
";
        let found = functions("serverless.yml", text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].handler.as_deref(), Some("src/app.handler"));
        assert_eq!(found[0].runtime, Some(Version(11)));
        assert_eq!(found[1].runtime, Some(Version(9)));
    }

    #[test]
    fn what_is_no_template_has_no_functions() {
        assert_eq!(functions("template.yaml", "a: [1, 2"), []);
        assert_eq!(functions("template.yaml", "just text"), []);
        assert_eq!(functions("serverless.yml", "functions: []"), []);
    }
}
