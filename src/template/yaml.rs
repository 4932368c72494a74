//! A YAML document (JSON is one) as a tree.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, Tag};

/// How deep a document may be nested.
const DEPTH: usize = 100;

/// How many nodes a document may have, what its aliases repeat included.
const NODES: usize = 200_000;

/// A node. A template's short tag is what it stands for: `!Ref Name` is the mapping `{Ref: Name}` (the CloudFormation guide, "Intrinsic functions").
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A scalar.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping whose keys are scalars, in order.
    Map(Vec<(String, Node)>),
    /// What is not known here: an alias of nothing.
    Open,
}

impl Node {
    /// The value of a key; of several the last. A function that only the deployment evaluates has none.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) if self.function().is_none() => {
                let found = entries.iter().rev().find(|(name, _)| name == key);
                found.map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The text of a scalar that is known before the deployment.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.contains("${") => Some(text),
            _ => None,
        }
    }

    /// The entries of a mapping. A function that only the deployment evaluates has none.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) if self.function().is_none() => entries,
            _ => &[],
        }
    }

    /// The items of a sequence.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The function that only the deployment evaluates, with its argument: `Ref`, `Condition`, or what begins with `Fn::` (aws-sam-translator 1.115.0,
    /// `is_intrinsic`).
    pub(super) fn function(&self) -> Option<(&str, &Self)> {
        match self {
            Self::Map(entries) => match entries.as_slice() {
                [(name, argument)]
                    if name == "Ref" || name == "Condition" || name.starts_with("Fn::") =>
                {
                    Some((name, argument))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// A collection that is being read.
struct Open {
    node: Node,
    /// The key that waits for its value; of a mapping alone.
    key: Option<String>,
    anchor: usize,
    tag: Option<String>,
}

/// The first document of a text; none if it is no YAML, or too large.
pub(super) fn parse(text: &str) -> Option<Node> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, Node> = HashMap::new();
    let mut nodes = 0;
    for event in Parser::new_from_str(text) {
        let (event, _) = event.ok()?;
        nodes += 1;
        let (node, anchor) = match event {
            Event::Scalar(text, _, anchor, tag) => {
                let node = Node::Text(text.into_owned());
                (applied(local(tag.as_deref()), node), anchor)
            }
            Event::Alias(anchor) => {
                let node = anchors.get(&anchor).cloned().unwrap_or(Node::Open);
                nodes += size(&node);
                (node, 0)
            }
            Event::SequenceStart(anchor, ref tag) => {
                open.push(begun(Node::List(Vec::new()), anchor, tag.as_deref()));
                continue;
            }
            Event::MappingStart(anchor, ref tag) => {
                open.push(begun(Node::Map(Vec::new()), anchor, tag.as_deref()));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let done = open.pop()?;
                (applied(done.tag, done.node), done.anchor)
            }
            _ => continue,
        };
        if nodes > NODES || open.len() > DEPTH {
            return None;
        }
        if anchor > 0 {
            anchors.insert(anchor, node.clone());
        }
        match open.last_mut() {
            Some(around) => put(around, node),
            None => return Some(node),
        }
    }
    None
}

fn begun(node: Node, anchor: usize, tag: Option<&Tag>) -> Open {
    Open {
        node,
        key: None,
        anchor,
        tag: local(tag),
    }
}

/// Puts a node into the collection around it. `<<` is followed, where what it names is a mapping.
fn put(around: &mut Open, node: Node) {
    match &mut around.node {
        Node::List(items) => items.push(node),
        Node::Map(entries) => match (around.key.take(), node) {
            (None, Node::Text(key)) => around.key = Some(key),
            (None, _) => around.key = Some(String::new()),
            (Some(key), Node::Map(merged)) if key == "<<" => {
                entries.splice(0..0, merged);
            }
            (Some(key), value) => entries.push((key, value)),
        },
        Node::Text(_) | Node::Open => {}
    }
}

/// A template's own tag without its `!`; none for those of YAML (`!!str`).
fn local(tag: Option<&Tag>) -> Option<String> {
    let tag = tag.filter(|tag| !tag.is_yaml_core_schema())?;
    Some(tag.suffix.clone())
}

/// What a template's own tag on a node stands for.
fn applied(tag: Option<String>, node: Node) -> Node {
    let Some(tag) = tag else { return node };
    let (name, argument) = match (tag.as_str(), node) {
        ("Ref" | "Condition", node) => (tag, node),
        ("GetAtt", Node::Text(path)) => {
            let parts = path.split('.').map(|part| Node::Text(part.to_owned()));
            ("Fn::GetAtt".to_owned(), Node::List(parts.collect()))
        }
        (_, node) => (format!("Fn::{tag}"), node),
    };
    Node::Map(vec![(name, argument)])
}

fn size(node: &Node) -> usize {
    match node {
        Node::List(items) => items.iter().map(size).sum::<usize>() + 1,
        Node::Map(entries) => entries.iter().map(|(_, value)| size(value)).sum::<usize>() + 1,
        Node::Text(_) | Node::Open => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn short_tags_are_what_they_stand_for() {
        let document = parse("a: !Ref B\nb: {c: [1, !Sub '${x}']}\nd: !GetAtt\n  - e\n").unwrap();
        let long = parse("a: {Ref: B}\nb: {c: [1, {'Fn::Sub': '${x}'}]}\nd: {'Fn::GetAtt': [e]}\n");
        assert_eq!(Some(document), long);
        let document = parse("a: !GetAtt B.Arn").unwrap();
        let (name, argument) = document.get("a").unwrap().function().unwrap();
        assert_eq!((name, argument.items().len()), ("Fn::GetAtt", 2));
        assert_eq!(document.get("a").unwrap().text(), None);
    }

    #[test]
    fn anchors_and_merges_are_followed() {
        let document = parse("a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3\nc: *x\n").unwrap();
        assert_eq!(
            document.get("b").unwrap().get("k").unwrap().text(),
            Some("3")
        );
        assert_eq!(
            document.get("b").unwrap().get("l").unwrap().text(),
            Some("2")
        );
        assert_eq!(
            document.get("c").unwrap().get("k").unwrap().text(),
            Some("1")
        );
    }

    #[test]
    fn what_is_no_yaml_says_nothing() {
        assert_eq!(parse("a: [1"), None);
        assert_eq!(parse(""), None);
        assert_eq!(parse(&"[".repeat(5000)), None);
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n";
        assert_eq!(parse(bomb), None);
    }

    #[test]
    fn json_is_yaml() {
        let document = parse(r#"{"Resources": {"F": {"Type": "x"}}}"#).unwrap();
        let function = document.get("Resources").unwrap().get("F").unwrap();
        assert_eq!(function.get("Type").unwrap().text(), Some("x"));
    }
}
