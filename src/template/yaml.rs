//! A YAML document (JSON is one) as a tree.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, Tag};

/// How deep a document may be nested.
const DEPTH: usize = 100;

/// How many nodes a document may have, what its aliases repeat included.
const NODES: usize = 200_000;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A scalar.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping whose keys are scalars, in order.
    Map(Vec<(String, Node)>),
    /// What only the deployment knows: `!Ref Name`, `!Sub "..."`.
    Open,
}

impl Node {
    /// The value of a key; of several the last.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => {
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

    /// The entries of a mapping.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }
}

/// A collection that is being read.
struct Open {
    node: Node,
    /// The key that waits for its value; of a mapping alone.
    key: Option<String>,
    anchor: usize,
    is_tagged: bool,
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
                let is_tagged = is_local(tag.as_deref());
                let node = if is_tagged {
                    Node::Open
                } else {
                    Node::Text(text.into_owned())
                };
                (node, anchor)
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
                let node = if done.is_tagged {
                    Node::Open
                } else {
                    done.node
                };
                (node, done.anchor)
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
        is_tagged: is_local(tag),
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

/// Whether a tag is a template's own (`!Ref`), and none of YAML's (`!!str`).
fn is_local(tag: Option<&Tag>) -> bool {
    tag.is_some_and(|tag| !tag.is_yaml_core_schema())
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
    use super::{Node, parse};

    #[test]
    fn short_tags_are_open() {
        let document = parse("a: !Ref B\nb: {c: [1, !Sub '${x}']}\nd: !GetAtt\n  - e\n").unwrap();
        assert_eq!(document.get("a"), Some(&Node::Open));
        let list = Node::List(vec![Node::Text("1".to_owned()), Node::Open]);
        assert_eq!(document.get("b").unwrap().get("c"), Some(&list));
        assert_eq!(document.get("d"), Some(&Node::Open));
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
