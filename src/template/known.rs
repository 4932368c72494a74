//! The names that a SAM or CloudFormation template declares, and those that it refers to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::yaml::Node;

/// What a template declares.
pub(super) struct Known<'n> {
    resources: BTreeMap<&'n str, &'n Node>,
    names: BTreeSet<&'n str>,
    /// Whether something may declare more of them: a macro that is not SAM's own, or a loop.
    pub is_open: bool,
}

impl<'n> Known<'n> {
    pub(super) fn of(document: &'n Node) -> Self {
        let section = |name: &str| document.get(name).map(Node::entries).unwrap_or_default();
        let resources = section("Resources").iter();
        let resources: BTreeMap<&str, &Node> = resources.map(|(n, it)| (n.as_str(), it)).collect();
        let others = ["Parameters", "Conditions"];
        let others = others.iter().flat_map(|it| section(it));
        let others = others.map(|(name, _)| name.as_str());
        let names: BTreeSet<&str> = resources.keys().copied().chain(others).collect();
        let is_sam = |it: &Node| {
            it.text()
                .is_some_and(|it| it.starts_with("AWS::Serverless-"))
        };
        let has_macro = match document.get("Transform") {
            None => false,
            Some(Node::List(all)) => !all.iter().all(is_sam),
            Some(one) => !is_sam(one),
        };
        let has_loop = names.iter().any(|name| name.starts_with("Fn::"));
        Self {
            resources,
            names,
            is_open: has_macro || has_loop,
        }
    }

    /// The resources, by name.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&'n str, &'n Node)> {
        self.resources.iter().map(|(name, it)| (*name, *it))
    }

    /// The type of a resource that is declared under this very name.
    pub(super) fn kind(&self, name: &str) -> Option<&'n str> {
        self.resources.get(name)?.get("Type")?.text()
    }

    /// The properties of a resource that is declared under this very name.
    pub(super) fn properties(&self, name: &str) -> Option<&'n Node> {
        self.resources.get(name)?.get("Properties")
    }

    /// What a node refers to and the template does not declare.
    pub(super) fn lacking(&self, node: &Node) -> BTreeSet<String> {
        if self.is_open {
            return BTreeSet::new();
        }
        let mut found = referred(node);
        found.retain(|name| !self.has(name));
        found
    }

    /// Whether a name is declared, or SAM makes it: it derives names from those of resources, and has `ServerlessRestApi` and the like.
    pub(super) fn has(&self, name: &str) -> bool {
        name.contains("::") || name.starts_with("Serverless") || self.declared(name).is_some()
    }

    /// The declared name that a name is, or that SAM derives it from.
    fn declared(&self, name: &str) -> Option<&'n str> {
        let up_to = (Bound::Unbounded, Bound::Included(name));
        let mut known = self.names.range::<str, _>(up_to).rev();
        known.find(|known| name.starts_with(**known)).copied()
    }

    /// The functions, of any language, that a node refers to: by their names, by ones that SAM derives from these, by their versions and aliases.
    pub(super) fn functions_in(&self, node: &Node) -> BTreeSet<&'n str> {
        let mut found = BTreeSet::new();
        for name in referred(node) {
            let Some(name) = self.declared(&name) else {
                continue;
            };
            match self.kind(name) {
                Some("AWS::Serverless::Function" | "AWS::Lambda::Function") => {
                    found.insert(name);
                }
                Some("AWS::Lambda::Alias" | "AWS::Lambda::Version") => {
                    let of = self.properties(name).and_then(|it| it.get("FunctionName"));
                    let names = of.map(referred).unwrap_or_default();
                    let mut resources = self.resources.keys();
                    found.extend(resources.find(|it| names.contains(**it)));
                }
                _ => {}
            }
        }
        found
    }
}

/// The names that `Ref`, `Fn::GetAtt` and `Fn::Sub` refer to in a node.
pub(super) fn referred(node: &Node) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    refer(node, &mut found);
    found
}

fn refer(node: &Node, found: &mut BTreeSet<String>) {
    let first = |path: &str| path.split('.').next().unwrap_or(path).to_owned();
    match (node.function(), node) {
        (Some(("Ref", Node::Text(name))), _) => {
            found.insert(first(name));
        }
        (Some(("Fn::GetAtt", argument)), _) => {
            let name = argument.items().first().unwrap_or(argument).text();
            found.extend(name.map(first));
        }
        (Some(("Fn::Sub", Node::Text(text))), _) => refer_in(text, &[], found),
        // With names of its own.
        (Some(("Fn::Sub", Node::List(items))), _) => {
            let own = items.get(1).map(Node::entries).unwrap_or_default();
            if let Some(Node::Text(text)) = items.first()
                && items.get(1).is_some_and(|it| it.function().is_none())
            {
                let own: Vec<&str> = own.iter().map(|(name, _)| name.as_str()).collect();
                refer_in(text, &own, found);
            }
            for (_, value) in own {
                refer(value, found);
            }
        }
        (Some(("Fn::Transform", _)), _) => {}
        (Some((_, argument)), _) => refer(argument, found),
        (None, Node::Map(entries)) => {
            for (_, value) in entries {
                refer(value, found);
            }
        }
        (None, Node::List(items)) => {
            for item in items {
                refer(item, found);
            }
        }
        (None, Node::Text(_) | Node::Open) => {}
    }
}

/// The names in the text of an `Fn::Sub`, without those that it declares itself.
fn refer_in(text: &str, own: &[&str], found: &mut BTreeSet<String>) {
    for part in text.split("${").skip(1) {
        if let Some((name, _)) = part.split_once('}')
            && !name.starts_with('!')
            && !own.contains(&name.trim())
        {
            let name = name.trim();
            found.insert(name.split('.').next().unwrap_or(name).to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, referred};
    use crate::template::yaml::parse;

    #[test]
    fn names_in_texts_are_references_unless_the_text_declares_them() {
        let node =
            parse("[!Sub '${A.Arn} ${!B}', !Sub ['${C} ${D}', {C: !Ref E}], {F: !GetAtt G.H}]");
        let found: Vec<String> = referred(&node.unwrap()).into_iter().collect();
        assert_eq!(found, ["A", "D", "E", "G"]);
    }

    #[test]
    fn functions_are_found_behind_aliases_and_derived_names() {
        let document = parse(
            "{Resources: {F: {Type: AWS::Serverless::Function}, G: {Type: AWS::Lambda::Function}, \
             L: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref G}}, Q: {Type: AWS::SQS::Queue}}}",
        )
        .unwrap();
        let known = Known::of(&document);
        let node = parse("[!Ref FAliaslive, !Ref L, !Ref Q, !Ref Absent]").unwrap();
        let found: Vec<&str> = known.functions_in(&node).into_iter().collect();
        assert_eq!(found, ["F", "G"]);
        assert_eq!(
            known.lacking(&node).into_iter().collect::<Vec<_>>(),
            ["Absent"]
        );
    }
}
