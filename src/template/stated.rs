//! What a template states about its functions in Python that can be judged before a deployment: code, runtime, handler.
//!
//! What it leaves to a parameter or a condition is not judged.

use super::yaml::{Node, parse};

/// Where a function's code is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// A path, seen from the template's directory.
    Local(String),
    /// In the template itself; a path that is stated besides counts for nothing.
    Inline(Option<String>),
    /// In a bucket, an image, or wherever a parameter says.
    Elsewhere,
    /// Nothing says where.
    Nowhere,
}

/// What a template states about a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Its name in the template.
    pub function: String,
    /// Its code.
    pub code: Code,
    /// `Runtime`, as written; none where a parameter says it, or nothing.
    pub runtime: Option<String>,
    /// `Handler`, as written; likewise.
    pub handler: Option<String>,
    /// The processor: `x86_64` or `arm64`; none where it is not known.
    pub processor: Option<&'static str>,
}

/// What is wrong with what a template states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The path of the code does not exist.
    NoSuchCode(String),
    /// Nothing says where the code is.
    NoCode,
    /// A path of the code counts for nothing, since the code is written out in the template.
    CodeBesideInline(String),
    /// There is no such runtime.
    NoSuchRuntime(String),
    /// The runtime cannot be deployed any more.
    OldRuntime(String),
    /// The handler cannot be used: what the runtime's client says, and why.
    Handler(String, &'static str),
}

/// The runtimes for Python that exist (the developer guide, "Lambda runtimes"; this table is of 2026-11).
const RUNTIMES: [&str; 6] = [
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
];

/// The one that is next: it may be there by now.
const NEXT: &str = "python3.15";

/// Those that existed and in which no function can be made any more.
const OLD: [&str; 4] = ["python2.7", "python3.6", "python3.7", "python3.8"];

/// Modules that are built into the interpreter and that the runtime's client refuses as handlers (awslambdaric 4.2.2, `bootstrap._get_handler`).
const BUILTIN: [&str; 5] = ["time", "sys", "gc", "marshal", "posix"];

/// What a SAM or CloudFormation template states about its functions in Python, in order.
#[must_use]
pub fn stated(text: &str) -> Vec<Stated> {
    let Some(document) = parse(text) else {
        return Vec::new();
    };
    let globals = document.get("Globals").and_then(|it| it.get("Function"));
    let resources = document
        .get("Resources")
        .map(Node::entries)
        .unwrap_or_default();
    let found = resources.iter().filter_map(|(name, resource)| {
        let empty = Node::Map(Vec::new());
        let properties = resource.get("Properties").unwrap_or(&empty);
        match resource.get("Type")?.text()? {
            "AWS::Serverless::Function" => {
                let property = |key: &str| properties.get(key).or_else(|| globals?.get(key));
                function(name, &property, ("CodeUri", "InlineCode"))
            }
            "AWS::Lambda::Function" => {
                function(name, &|key: &str| properties.get(key), ("Code", ""))
            }
            _ => None,
        }
    });
    found.collect()
}

fn function<'n>(
    name: &str,
    property: &dyn Fn(&str) -> Option<&'n Node>,
    (code, inline): (&str, &str),
) -> Option<Stated> {
    let runtime = property("Runtime").and_then(Node::text).map(str::trim);
    if runtime.is_some_and(|runtime| !runtime.starts_with("python")) {
        return None;
    }
    let is_image = property("PackageType").is_some_and(|it| it.text() != Some("Zip"));
    let stated = property(code);
    let local = stated.and_then(Node::text).map(str::to_owned);
    let is_inline =
        property(inline).is_some() || stated.is_some_and(|it| it.get("ZipFile").is_some());
    let code = match local {
        _ if is_image || property("ImageUri").is_some() => Code::Elsewhere,
        local if is_inline => Code::Inline(local),
        Some(path) if path.contains("://") => Code::Elsewhere,
        Some(path) => Code::Local(path),
        None if stated.is_some() => Code::Elsewhere,
        None => Code::Nowhere,
    };
    if is_image {
        return None;
    }
    let processor = match property("Architectures") {
        Some(Node::List(all)) => match all.first().and_then(Node::text) {
            Some("arm64") => Some("arm64"),
            Some("x86_64") => Some("x86_64"),
            _ => None,
        },
        Some(_) => None,
        None => Some("x86_64"),
    };
    Some(Stated {
        function: name.to_owned(),
        code,
        runtime: runtime.map(str::to_owned),
        handler: property("Handler").and_then(Node::text).map(str::to_owned),
        processor,
    })
}

impl Stated {
    /// What is wrong with it. `exists` says whether a path, seen from the template's directory, is there.
    pub fn faults(&self, exists: impl Fn(&str) -> bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        match &self.code {
            Code::Local(path) if !exists(path) => faults.push(Fault::NoSuchCode(path.clone())),
            Code::Nowhere => faults.push(Fault::NoCode),
            Code::Inline(Some(path)) => faults.push(Fault::CodeBesideInline(path.clone())),
            _ => {}
        }
        if let Some(runtime) = &self.runtime {
            if OLD.contains(&runtime.as_str()) {
                faults.push(Fault::OldRuntime(runtime.clone()));
            } else if !RUNTIMES.contains(&runtime.as_str()) && runtime != NEXT {
                faults.push(Fault::NoSuchRuntime(runtime.clone()));
            }
        }
        if let Some(handler) = &self.handler
            && let Some(why) = unusable(handler)
        {
            faults.push(Fault::Handler(handler.clone(), why));
        }
        faults
    }
}

/// Why no handler of that name can be loaded, whatever the code has (awslambdaric 4.2.2).
fn unusable(handler: &str) -> Option<&'static str> {
    let Some((module, function)) = handler.rsplit_once('.') else {
        return Some("there is no dot: it is 'module.function'");
    };
    if function.is_empty() || module.is_empty() {
        return Some("it is 'module.function', and one of them is empty");
    }
    if handler.starts_with(['.', '/']) {
        return Some("it begins with '.' or '/': the runtime takes that for a relative import");
    }
    if module.contains("//") {
        return Some("it has an empty part");
    }
    BUILTIN
        .contains(&module)
        .then_some("a module of that name is built into Python")
}

#[cfg(test)]
mod tests {
    use super::{Code, Fault, stated};

    const TEMPLATE: &str = "
Globals:
  Function:
    Runtime: python3.12
Resources:
  Good:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src/, Handler: src/app.handler}
  Lost:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: gone/, Handler: app, Runtime: python3.99}
  Nowhere:
    Type: AWS::Serverless::Function
    Properties: {Handler: ./src/app.handler, Runtime: python3.8, Architectures: [arm64]}
  Both:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: 'x', CodeUri: src/, Handler: index.handler}
  Open:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: !Ref Where, Handler: !Sub '${A}.b', Runtime: !Ref Which}
  Bucket:
    Type: AWS::Lambda::Function
    Properties: {Code: {S3Bucket: b, S3Key: k}, Handler: time.handler, Runtime: python3.13}
  Other:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs20.x}
";

    #[test]
    fn what_is_stated_is_judged_and_what_is_open_is_not() {
        let found = stated(TEMPLATE);
        let names: Vec<&str> = found.iter().map(|it| it.function.as_str()).collect();
        assert_eq!(names, ["Good", "Lost", "Nowhere", "Both", "Open", "Bucket"]);
        let faults: Vec<Vec<Fault>> = found
            .iter()
            .map(|it| it.faults(|path| path == "src/"))
            .collect();
        assert_eq!(faults[0], []);
        assert_eq!(faults[1].len(), 3);
        assert_eq!(faults[1][0], Fault::NoSuchCode("gone/".to_owned()));
        assert_eq!(faults[2].len(), 3);
        assert_eq!(found[2].processor, Some("arm64"));
        assert_eq!(faults[3], [Fault::CodeBesideInline("src/".to_owned())]);
        assert_eq!(found[4].code, Code::Elsewhere);
        assert_eq!(faults[4], []);
        assert_eq!(faults[5].len(), 1);
    }
}
