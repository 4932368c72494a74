//! The Serverless Framework's `functions`, under what `provider` says of all.

use std::collections::BTreeSet;

use super::functions::{Beside, Code, Deployed, Function, names};
use super::serverless_events;
use super::variables::Variables;
use super::yaml::{Node, parse};

/// What a `serverless.yml` deploys in Python, in order.
pub(super) fn deployed(document: &Node, beside: Beside) -> Deployed {
    let variables = Variables { document, beside };
    let section = |name: &str| {
        let found = document.get(name).map(|node| variables.resolve(node));
        found.unwrap_or(Node::Open)
    };
    let (stated, provider, package) = (
        section("functions"),
        section("provider"),
        section("package"),
    );
    // Other clouds call handlers in other ways.
    let cloud = provider.get("name").and_then(Node::text);
    if cloud.is_some_and(|cloud| cloud != "aws") {
        return Deployed::default();
    }
    let plugins = section("plugins");
    let is_individual = package.get("individually").and_then(Node::text) == Some("true");
    // A sequence of mappings stands for one.
    let groups = match &stated {
        Node::List(groups) => groups.as_slice(),
        one => std::slice::from_ref(one),
    };
    let all = groups.iter().flat_map(Node::entries);
    let all: Vec<(&str, &Node)> = all.map(|(name, it)| (name.as_str(), it)).collect();
    let functions: Vec<Function> = all
        .iter()
        .filter_map(|(name, function)| of_one(name, function, &provider, is_individual))
        .map(|function| Function {
            has_layers: function.has_layers || is_brought_along(&function, &plugins),
            ..function
        })
        .collect();
    let others = document.entries().iter();
    let others = others.filter(|(name, _)| name != "functions");
    let others: Vec<Node> = others.map(|(_, it)| variables.resolve(it)).collect();
    let mut triggers = serverless_events::wrong(&all, &others);
    triggers.retain(|(name, _)| functions.iter().any(|it| it.name == *name));
    Deployed {
        functions,
        triggers,
    }
}

/// Whether a plugin puts the handler's module beside the code when it packs: `wsgi_handler.py` for web frameworks (serverless-wsgi 3, "Features").
fn is_brought_along(function: &Function, plugins: &Node) -> bool {
    let plugins = plugins.get("modules").unwrap_or(plugins);
    let has_plugin = match plugins {
        Node::List(plugins) => plugins
            .iter()
            .any(|it| it.text() == Some("serverless-wsgi")),
        _ => false,
    };
    let module = function
        .handler
        .as_deref()
        .and_then(|it| it.split('.').next());
    has_plugin && module == Some("wsgi_handler")
}

fn of_one(name: &str, function: &Node, provider: &Node, is_individual: bool) -> Option<Function> {
    let handler = function.get("handler")?;
    let runtime = function.get("runtime").or_else(|| provider.get("runtime"));
    let runtime = runtime.and_then(Node::text).map(str::trim);
    if runtime.is_some_and(|runtime| !runtime.starts_with("python")) {
        return None;
    }
    let artifact = function.get("package").and_then(|it| it.get("artifact"));
    // The plugin for Python packages a function from its `module` where each is packaged by itself (serverless-python-requirements 6, "Per-function requirements").
    let module = function.get("module").filter(|_| is_individual);
    let code = match (artifact, module.map(Node::text)) {
        (Some(_), _) | (None, Some(None)) => Code::Elsewhere,
        (None, Some(Some(module))) => Code::Local(module.to_owned()),
        (None, None) => Code::Local(String::new()),
    };
    let processor = function
        .get("architecture")
        .or_else(|| provider.get("architecture"));
    Some(Function {
        name: name.to_owned(),
        code,
        handler: handler.text().map(str::to_owned),
        runtime: runtime.map(str::to_owned),
        processor: match processor.map(Node::text) {
            None | Some(Some("x86_64")) => Some("x86_64"),
            Some(Some("arm64")) => Some("arm64"),
            Some(_) => None,
        },
        has_layers: function
            .get("layers")
            .or_else(|| provider.get("layers"))
            .is_some(),
        variables: variables(function, provider),
        object: None,
        publishes: None,
        is_only_noted: false,
    })
}

/// The patterns of `package` by which the framework packs files, in the order in which they hold: a list for each function with patterns of its own, after those of the
/// service, or those of the service alone. One with `!` leaves out what it matches. `exclude` and `include` are the older form: what they say comes first, in this order
/// (Serverless Framework 3, `resolveFilePathsFromPatterns` of its plugin `package`).
#[must_use]
pub fn packaging(text: &str, beside: Beside) -> Vec<Vec<String>> {
    let Some(document) = parse(text) else {
        return Vec::new();
    };
    let variables = Variables {
        document: &document,
        beside,
    };
    let section = |name: &str| {
        let found = document.get(name).map(|node| variables.resolve(node));
        found.unwrap_or(Node::Open)
    };
    let (service, functions) = (section("package"), section("functions"));
    let groups = match &functions {
        Node::List(groups) => groups.as_slice(),
        one => std::slice::from_ref(one),
    };
    let own = groups.iter().flat_map(Node::entries);
    let own = own.filter_map(|(_, function)| function.get("package"));
    let mut found: Vec<Vec<String>> = own.map(|own| patterns(&[&service, own])).collect();
    found.push(patterns(&[&service]));
    found.retain(|list| !list.is_empty());
    found.dedup();
    found
}

/// What several `package` sections say together.
fn patterns(sections: &[&Node]) -> Vec<String> {
    let listed = |key: &'static str| {
        let lists = sections.iter().filter_map(move |section| section.get(key));
        let items = lists.flat_map(Node::items);
        items.filter_map(Node::text).map(str::trim)
    };
    let turned = listed("exclude").map(|it| match it.strip_prefix('!') {
        Some(kept) => kept.to_owned(),
        None => format!("!{it}"),
    });
    let kept = listed("include").chain(listed("patterns"));
    turned.chain(kept.map(str::to_owned)).collect()
}

/// The environment variables that are set for all functions and for this one.
fn variables(function: &Node, provider: &Node) -> Option<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    let parts = [provider.get("environment"), function.get("environment")];
    for part in parts.into_iter().flatten() {
        all.extend(names(part)?);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::{deployed, packaging};
    use crate::template::yaml::parse;

    #[test]
    fn patterns_of_a_function_follow_those_of_the_service() {
        let text = "
package: {exclude: ['tests/**', '!tests/data/**'], patterns: ['!docs/**']}
functions:
  a: {handler: a.run, package: {patterns: ['docs/a.txt']}}
  b: {handler: b.run}
";
        let service = ["!tests/**", "tests/data/**", "!docs/**"];
        let with = |more: &[&str]| {
            let all = service.iter().chain(more);
            all.map(|it| (*it).to_owned()).collect::<Vec<String>>()
        };
        assert_eq!(
            packaging(text, &|_| None),
            [with(&["docs/a.txt"]), with(&[])]
        );
        assert_eq!(
            packaging("service: x", &|_| None),
            Vec::<Vec<String>>::new()
        );
    }

    #[test]
    fn functions_come_from_files_and_variables() {
        let text = "
provider: {name: aws, runtime: '${self:custom.python}', environment: {A: 1}}
package: {individually: true}
custom: {python: python3.13}
functions:
  - ${file(./more.yml)}
  - own: {handler: 'src/app.${self:custom.none, ''run''}', module: own, environment: {B: '${env:X}'}}
";
        let beside = |path: &str| {
            (path == "./more.yml")
                .then(|| "other: {handler: other.run, environment: '${file(x.js)}'}".to_owned())
        };
        let found = deployed(&parse(text).unwrap(), &beside).functions;
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].handler.as_deref(), Some("other.run"));
        assert_eq!(found[0].variables, None);
        assert_eq!(found[1].handler.as_deref(), Some("src/app.run"));
        assert_eq!(found[1].runtime.as_deref(), Some("python3.13"));
        assert_eq!(found[1].directory(), Some("own"));
        assert_eq!(found[1].variables.as_ref().unwrap().len(), 2);
    }
}
