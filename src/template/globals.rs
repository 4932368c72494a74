//! What SAM's `Globals` make of a function's own properties.
//!
//! As aws-sam-translator 1.115.0 merges (`GlobalProperties`): by the shape of both values. `tests/templates.py` holds it against that.

use super::yaml::Node;

/// The properties of a resource with the `Globals` under them. `IgnoreGlobals` names those that do not count.
pub(super) fn properties(resource: &Node, globals: Option<&Node>) -> Node {
    let empty = Node::Map(Vec::new());
    let own = resource.get("Properties").unwrap_or(&empty);
    let Some(globals) = globals else {
        return own.clone();
    };
    let ignored = resource.get("IgnoreGlobals");
    if ignored.and_then(Node::text) == Some("*") {
        return own.clone();
    }
    let is_ignored = |key: &str| {
        let mut ignored = ignored.map(Node::items).unwrap_or_default().iter();
        ignored.any(|it| it.text() == Some(key))
    };
    let counting = globals.entries().iter();
    let counting = counting.filter(|(key, _)| !is_ignored(key)).cloned();
    merged(&Node::Map(counting.collect()), own)
}

/// Two mappings are merged key by key, two sequences put one after the other; else the own value counts, as it does for what only the deployment knows.
fn merged(global: &Node, own: &Node) -> Node {
    match (global, own) {
        (Node::Map(globals), Node::Map(entries))
            if global.function().is_none() && own.function().is_none() =>
        {
            let mut all = globals.clone();
            for (key, value) in entries {
                match all.iter_mut().find(|(known, _)| known == key) {
                    Some((_, known)) => *known = merged(known, value),
                    None => all.push((key.clone(), value.clone())),
                }
            }
            Node::Map(all)
        }
        (Node::List(globals), Node::List(items)) => {
            Node::List(globals.iter().chain(items).cloned().collect())
        }
        _ => own.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::properties;
    use crate::template::yaml::{Node, parse};

    fn merge(globals: &str, resource: &str) -> Node {
        properties(&parse(resource).unwrap(), parse(globals).as_ref())
    }

    #[test]
    fn values_merge_by_their_shape() {
        let globals =
            "{Layers: [a], CodeUri: {Bucket: b, Version: 1}, Runtime: python3.9, Timeout: 3}";
        let found = merge(
            globals,
            "Properties: {Layers: [b], CodeUri: {Bucket: c}, Runtime: !Ref R}",
        );
        let wanted =
            "{Layers: [a, b], CodeUri: {Bucket: c, Version: 1}, Runtime: {Ref: R}, Timeout: 3}";
        assert_eq!(Some(found), parse(wanted));
        let found = merge(globals, "Properties: {Layers: !If [A, [b], []]}");
        assert!(found.get("Layers").unwrap().function().is_some());
    }

    #[test]
    fn globals_can_be_ignored() {
        let globals = "{Runtime: python3.9, Timeout: 3}";
        let all = merge(globals, "{Properties: {Handler: a.b}, IgnoreGlobals: '*'}");
        assert_eq!(Some(all), parse("{Handler: a.b}"));
        let one = merge(globals, "{Properties: {}, IgnoreGlobals: [Timeout]}");
        assert_eq!(Some(one), parse("{Runtime: python3.9}"));
    }
}
