//! What deployment templates say of functions: where their code is, which Python runs it, and where it starts.
//!
//! AWS SAM, CloudFormation, what the CDK synthesizes, and the Serverless Framework, in YAML or JSON, as far as this needs. What a template leaves to a parameter or a condition
//! (`!Ref`, `Fn::If`, `${...}`) is not judged.

mod allowed;
mod events;
mod functions;
mod globals;
mod known;
mod openapi;
mod orphans;
mod routes;
mod runtimes;
mod serverless;
mod serverless_events;
mod stated;
mod variables;
mod yaml;

pub use events::{EventFault, RouteFault, Trigger};
pub use functions::{Code, Deployed, Function, NAMES, deployed, functions};
pub use runtimes::MADE as RUNTIMES_MADE;
pub use serverless::packaging;
pub use stated::{Fault, is_set_by_the_runtime, other_digest, unchanged};

/// A function's handler, as a template names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// The template, for people.
    pub template: String,
    /// The function's name in it.
    pub resource: String,
    /// The directory of the code, from TREE.
    pub directory: String,
    /// The module's file without `.py`, from TREE.
    pub stem: String,
    /// The module's name, with dots.
    pub module: String,
    /// The function's name in the module.
    pub function: String,
    /// Whether more code is laid beside it from elsewhere.
    pub has_layers: bool,
}

impl Handler {
    /// What a template says of a function, seen from TREE, which is at `prefix` below the template's directory. None where the template does not say it, it
    /// is outside TREE, or no runtime would take it.
    #[must_use]
    pub fn of(function: &Function, template: &str, prefix: &str) -> Option<Self> {
        let handler = function.handler.as_deref()?;
        let (module, name) = handler.rsplit_once('.')?;
        let is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        let path = module.replace('.', "/");
        if module.starts_with(['.', '/']) || name.is_empty() || !path.split('/').all(is_plain) {
            return None;
        }
        let directory = normal(function.directory()?)?;
        let stem = below(&joined(&directory, &path), prefix)?;
        Some(Self {
            template: template.to_owned(),
            resource: function.name.clone(),
            // Code of which TREE is only a part lies in TREE as a whole.
            directory: below(&directory, prefix).unwrap_or_default(),
            stem,
            module: path.replace('/', "."),
            function: name.to_owned(),
            has_layers: function.has_layers,
        })
    }
}

/// A relative path without `.`, `..` and doubled slashes; none if it leads out.
fn normal(path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains("://") {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn joined(directory: &str, path: &str) -> String {
    if directory.is_empty() {
        path.to_owned()
    } else {
        format!("{directory}/{path}")
    }
}

/// A path seen from a directory around it.
fn below(path: &str, directory: &str) -> Option<String> {
    if directory.is_empty() {
        return Some(path.to_owned());
    }
    if path == directory {
        return Some(String::new());
    }
    let rest = path.strip_prefix(directory)?;
    rest.strip_prefix('/').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Code, Function, Handler};

    fn handler(directory: &str, handler: &str, prefix: &str) -> Option<(String, String, String)> {
        let function = Function {
            name: "F".to_owned(),
            code: Code::Local(directory.to_owned()),
            handler: Some(handler.to_owned()),
            runtime: None,
            processor: None,
            has_layers: false,
            variables: None,
            object: None,
            publishes: None,
            is_only_noted: false,
        };
        let handler = Handler::of(&function, "template.yaml", prefix)?;
        Some((handler.directory, handler.stem, handler.function))
    }

    #[test]
    fn handlers_are_seen_from_the_tree() {
        let told = |directory: &str, stem: &str| {
            Some((directory.to_owned(), stem.to_owned(), "run".to_owned()))
        };
        assert_eq!(handler("src/", "app.run", ""), told("src", "src/app"));
        assert_eq!(handler("./src", "app.run", "src"), told("", "app"));
        assert_eq!(handler(".", "src/app.run", "src"), told("", "app"));
        assert_eq!(handler("", "src.app.run", ""), told("", "src/app"));
        assert_eq!(handler("fn", "app.run", "src"), None);
        assert_eq!(handler("../fn", "app.run", ""), None);
        assert_eq!(handler("s3://b/k.zip", "app.run", ""), None);
        assert_eq!(handler("src", "./app.run", ""), None);
        assert_eq!(handler("src", "app", ""), None);
    }
}
