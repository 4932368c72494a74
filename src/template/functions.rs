//! The functions that a template deploys.

use std::collections::BTreeSet;

use super::events::{self, Trigger};
use super::known::Known;
use super::yaml::{Node, parse};
use super::{globals, orphans, routes, serverless};
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

/// Where a function's code is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// A path, seen from the template's directory.
    Local(String),
    /// In the template itself; a path that is stated besides counts for nothing.
    Inline(Option<String>),
    /// In a bucket, an image, or wherever a parameter says.
    Elsewhere,
    /// Nothing says where. `sam build` takes the template's own directory (aws-sam-cli 1.150, `DEFAULT_CODEURI`); a deployment without it is refused.
    Nowhere,
}

/// A function in Python that a template deploys, or one whose language a parameter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name in the template.
    pub name: String,
    /// Where its code is.
    pub code: Code,
    /// Whether the path is only a note of where the object came from that is deployed: it need not be there.
    pub is_only_noted: bool,
    /// `Handler`, as written: `module.function`, with dots or slashes in the module; none where a parameter says it, or nothing.
    pub handler: Option<String>,
    /// `Runtime`, as written; likewise.
    pub runtime: Option<String>,
    /// The processor: `x86_64` or `arm64`; none where it is not known.
    pub processor: Option<&'static str>,
    /// Whether more code is laid beside it from elsewhere.
    pub has_layers: bool,
    /// The environment variables that are set; none where not all of them are known.
    pub variables: Option<BTreeSet<String>>,
    /// The uploaded object that its code is, where the template writes it out: `s3://bucket/key`, with `?versionId=` and the version if that is stated.
    pub object: Option<String>,
    /// `AutoPublishCodeSha256`, as written: what SAM holds to be the code's digest.
    pub publishes: Option<String>,
}

impl Function {
    /// The directory of its code, seen from the template's; none where the template does not say it.
    #[must_use]
    pub fn directory(&self) -> Option<&str> {
        match &self.code {
            Code::Local(path) => Some(path),
            Code::Nowhere => Some(""),
            Code::Inline(_) | Code::Elsewhere => None,
        }
    }

    /// The Python that runs it, if the template says it.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        let version = self.runtime.as_deref()?.strip_prefix("python")?;
        Version::parse(version).filter(|version| *version >= Version::OLDEST)
    }
}

/// What a template deploys in Python.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployed {
    /// The functions, in order.
    pub functions: Vec<Function>,
    /// What is wrong with what starts functions, each with the name of a function or resource.
    pub triggers: Vec<(String, Trigger)>,
}

/// Reads a file beside a template; none if there is no such text.
pub type Beside<'b> = &'b dyn Fn(&str) -> Option<String>;

/// What a template deploys. `name` is the file's, which tells whose template it is; `beside` reads files that it takes parts from. What is no template
/// deploys nothing.
#[must_use]
pub fn deployed(name: &str, text: &str, beside: Beside) -> Deployed {
    let Some(document) = parse(text) else {
        return Deployed::default();
    };
    if name.starts_with("serverless.") {
        return serverless::deployed(&document, beside);
    }
    let assets = name.strip_suffix(".template.json").and_then(|stack| {
        let text = beside(&format!("{stack}.assets.json"))?;
        parse(&text)
    });
    of_cloudformation(&document, assets.as_ref(), beside)
}

/// The functions alone, from the template's own text.
#[must_use]
pub fn functions(name: &str, text: &str) -> Vec<Function> {
    deployed(name, text, &|_| None).functions
}

/// The resources of SAM, CloudFormation, and what the CDK synthesizes. `Globals` stand under each SAM function's own properties.
fn of_cloudformation(document: &Node, assets: Option<&Node>, beside: Beside) -> Deployed {
    let globals = document
        .get("Globals")
        .and_then(|globals| globals.get("Function"));
    let resources = document.get("Resources").map(Node::entries);
    let mut functions = Vec::new();
    let mut serverless: Vec<(&str, Node)> = Vec::new();
    for (name, resource) in resources.unwrap_or_default() {
        match resource.get("Type").and_then(Node::text) {
            Some("AWS::Serverless::Function") => {
                let properties = globals::properties(resource, globals);
                functions.extend(of_properties(
                    name,
                    &properties,
                    ("CodeUri", resource),
                    None,
                ));
                serverless.push((name, properties));
            }
            Some("AWS::Lambda::Function") => {
                let properties = globals::properties(resource, None);
                functions.extend(of_properties(name, &properties, ("Code", resource), assets));
            }
            _ => {}
        }
    }
    let mut triggers = Vec::new();
    if !functions.is_empty() {
        let known = Known::of(document);
        triggers.extend(events::wrong(&known, &serverless));
        triggers.extend(routes::wrong(&known, &serverless, beside));
        for function in &functions {
            let name = &function.name;
            let merged = serverless.iter().find(|(known, _)| known == name);
            let properties = merged.map(|(_, it)| it).or_else(|| known.properties(name));
            if properties.is_some_and(|it| orphans::is_orphan(name, it, document, &known)) {
                triggers.push((name.clone(), Trigger::Orphan));
            }
        }
    }
    Deployed {
        functions,
        triggers,
    }
}

fn of_properties(
    name: &str,
    properties: &Node,
    (code_key, resource): (&str, &Node),
    assets: Option<&Node>,
) -> Option<Function> {
    let runtime = properties
        .get("Runtime")
        .and_then(Node::text)
        .map(str::trim);
    if runtime.is_some_and(|runtime| !runtime.starts_with("python")) {
        return None;
    }
    let is_image = |it: &Node| it.text() != Some("Zip");
    if properties.get("PackageType").is_some_and(is_image) || properties.get("ImageUri").is_some() {
        return None;
    }
    let stated = properties.get(code_key);
    let local = asset(resource, code_key)
        .or_else(|| stated.and_then(Node::text))
        .or_else(|| built(assets?, stated?));
    let is_inline = properties.get("InlineCode").is_some() && code_key == "CodeUri"
        || stated.is_some_and(|it| it.get("ZipFile").is_some());
    let code = match local.map(str::to_owned) {
        local if is_inline => Code::Inline(local),
        Some(path) if path.contains("://") => Code::Elsewhere,
        Some(path) => Code::Local(path),
        None if stated.is_some() => Code::Elsewhere,
        None => Code::Nowhere,
    };
    // Without a list of what is uploaded the CDK's note only says where the object was made from, on whatever machine that was.
    let is_object = stated.is_some_and(|it| it.get("S3Key").is_some());
    let is_only_noted = asset(resource, code_key).is_some() && is_object && assets.is_none();
    Some(Function {
        name: name.to_owned(),
        code,
        is_only_noted,
        runtime: runtime.map(str::to_owned),
        handler: properties
            .get("Handler")
            .and_then(Node::text)
            .map(str::to_owned),
        processor: processor(properties),
        has_layers: properties.get("Layers").is_some(),
        variables: variables(properties),
        object: object(properties.get(code_key)),
        publishes: properties
            .get("AutoPublishCodeSha256")
            .and_then(Node::text)
            .map(str::to_owned),
    })
}

/// The object in a bucket that a function's code is, if it is written out: CloudFormation's `Code`, or SAM's `CodeUri` as a text or an object.
fn object(code: Option<&Node>) -> Option<String> {
    let code = code?;
    if let Some(uri) = code.text() {
        return uri.starts_with("s3://").then(|| uri.to_owned());
    }
    // None if the key is not there, an error if only the deployment knows it.
    let part = |names: [&str; 2]| {
        let found = names.iter().find_map(|name| code.get(name));
        found.map(|node| node.text().ok_or(())).transpose()
    };
    let bucket = part(["S3Bucket", "Bucket"]).ok()??;
    let key = part(["S3Key", "Key"]).ok()??;
    let version = part(["S3ObjectVersion", "Version"]).ok()?;
    let version = version.map(|version| format!("?versionId={version}"));
    Some(format!(
        "s3://{bucket}/{key}{}",
        version.unwrap_or_default()
    ))
}

/// Where the CDK noted that a resource's code lies: seen from the template's directory (its documentation, "Asset metadata"; aws-sam-cli reads it likewise).
fn asset<'n>(resource: &'n Node, code: &str) -> Option<&'n str> {
    let metadata = resource.get("Metadata")?;
    let property = metadata.get("aws:asset:property")?.text()?;
    if property != code {
        return None;
    }
    metadata.get("aws:asset:path")?.text()
}

/// Where the code lies that the CDK uploads as the object that a function names: its list of assets says it, seen from the template's directory.
fn built<'n>(assets: &'n Node, code: &Node) -> Option<&'n str> {
    let key = code.get("S3Key")?.text()?;
    let uploads = |file: &Node| {
        let destinations = file.get("destinations").map(Node::entries);
        let mut destinations = destinations.unwrap_or_default().iter();
        destinations.any(|(_, it)| it.get("objectKey").and_then(Node::text) == Some(key))
    };
    let mut files = assets.get("files")?.entries().iter();
    let (_, file) = files.find(|(_, file)| uploads(file))?;
    file.get("source")?.get("path")?.text()
}

fn processor(properties: &Node) -> Option<&'static str> {
    match properties.get("Architectures") {
        Some(Node::List(all)) => match all.first().and_then(Node::text) {
            Some("arm64") => Some("arm64"),
            Some("x86_64") => Some("x86_64"),
            _ => None,
        },
        Some(_) => None,
        None => Some("x86_64"),
    }
}

/// The environment variables of a function; none where something that only the deployment knows may set more.
fn variables(properties: &Node) -> Option<BTreeSet<String>> {
    let Some(environment) = properties.get("Environment") else {
        return Some(BTreeSet::new());
    };
    let variables = match environment.get("Variables") {
        Some(variables) => variables,
        None if environment.function().is_some() => return None,
        None => return Some(BTreeSet::new()),
    };
    names(variables)
}

/// The keys of a mapping; none if only the deployment knows them.
pub(super) fn names(node: &Node) -> Option<BTreeSet<String>> {
    match node {
        Node::Map(entries) if node.function().is_none() => {
            Some(entries.iter().map(|(name, _)| name.clone()).collect())
        }
        // `Variables:` with nothing under it.
        Node::Text(text) if text.is_empty() => Some(BTreeSet::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Code, Function, deployed, functions};
    use crate::python::Version;
    use crate::template::Fault;

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
            code: Code::Local("src/".to_owned()),
            is_only_noted: false,
            handler: Some("app.handler".to_owned()),
            runtime: Some("python3.12".to_owned()),
            processor: Some("x86_64"),
            has_layers: false,
            variables: Some(BTreeSet::new()),
            object: None,
            publishes: None,
        };
        assert_eq!(found[0], api);
        assert_eq!(found[1].directory(), None);
        assert_eq!(found[1].handler, None);
        assert!(found[1].has_layers);
        assert_eq!(found[2].directory(), None);
    }

    #[test]
    fn cloudformation_in_json() {
        let text = r#"{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {
            "Handler": "app.handler", "Runtime": "python3.13", "Code": {"S3Bucket": "b", "S3Key": "k"}}}}}"#;
        let found = functions("template.json", text);
        assert_eq!(found[0].version(), Some(Version(13)));
        assert_eq!(found[0].directory(), None);
    }

    #[test]
    fn environment_variables_are_known_or_not() {
        let found = |environment: &str| {
            let text = format!(
                "Resources: {{F: {{Type: AWS::Lambda::Function, Properties: {{Runtime: python3.13, Environment: {environment}}}}}}}"
            );
            let names = functions("template.yaml", &text)[0].variables.clone();
            names.map(|names| names.into_iter().collect::<Vec<_>>().join(" "))
        };
        assert_eq!(
            found("{Variables: {A: 1, B: !Ref C}}").as_deref(),
            Some("A B")
        );
        assert_eq!(found("{Variables: !If [X, {A: 1}, {}]}"), None);
        assert_eq!(found("!Ref X"), None);
    }

    #[test]
    fn the_cdk_notes_where_code_lies() {
        let text = r#"{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Bucket": "b", "S3Key": "k.zip"},
            "Handler": "app.handler", "Runtime": "python3.13"}, "Metadata": {"aws:asset:path": "asset.1", "aws:asset:property": "Code"}}}}"#;
        let found = functions("Shop.template.json", text);
        assert_eq!(found[0].directory(), Some("asset.1"));
        // A template that was copied elsewhere is deployed from the bucket; beside the list of what is uploaded the code has to be there.
        assert!(found[0].faults(|_| false).is_empty());
        let list = |_: &str| Some(r#"{"files": {}}"#.to_owned());
        let found = deployed("Shop.template.json", text, &list).functions;
        let faults = found[0].faults(|_| false);
        assert_eq!(faults, [Fault::NoSuchCode("asset.1".to_owned())]);
        let text = text.replace("Metadata", "Other");
        let assets = r#"{"files": {"1": {"source": {"path": "asset.2"}, "destinations": {"d": {"objectKey": "k.zip"}}}}}"#;
        let beside = |name: &str| (name == "Shop.assets.json").then(|| assets.to_owned());
        let found = deployed("Shop.template.json", &text, &beside).functions;
        assert_eq!(found[0].directory(), Some("asset.2"));
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
        assert_eq!(found[0].version(), Some(Version(11)));
        assert_eq!(found[1].version(), Some(Version(9)));
    }

    #[test]
    fn what_is_no_template_has_no_functions() {
        assert_eq!(functions("template.yaml", "a: [1, 2"), []);
        assert_eq!(functions("template.yaml", "just text"), []);
        assert_eq!(functions("serverless.yml", "functions: []"), []);
    }
}
