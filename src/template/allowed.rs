//! Which functions the APIs of a template may call.

use std::collections::BTreeSet;

use super::events::events;
use super::known::Known;
use super::yaml::Node;

/// Which functions APIs may call.
pub(super) struct Allowed<'n> {
    functions: BTreeSet<&'n str>,
    /// Whether a permission does not show whose it is.
    is_open: bool,
}

impl<'n> Allowed<'n> {
    /// SAM makes the permissions for events; other functions need theirs.
    pub(super) fn of(known: &Known<'n>, functions: &[(&'n str, Node)]) -> Self {
        let mut found = Self {
            functions: BTreeSet::new(),
            is_open: known.is_open,
        };
        for (name, properties) in functions {
            let is_api = |node: &Node| match node.get("Type") {
                Some(kind) => matches!(kind.text(), None | Some("Api" | "HttpApi")),
                None => true,
            };
            let all = properties.get("Events");
            if all.is_some_and(|it| it.function().is_some())
                || events(properties).iter().any(|(_, event)| is_api(event))
            {
                found.functions.insert(name);
            }
        }
        for (name, _) in known.resources() {
            match known.kind(name) {
                Some("AWS::Lambda::Permission") => {
                    let of = known.properties(name).and_then(|it| it.get("FunctionName"));
                    let functions = of.map(|of| known.functions_in(of)).unwrap_or_default();
                    found.is_open |= functions.is_empty();
                    found.functions.extend(functions);
                }
                // Makes permissions for what it connects.
                Some("AWS::Serverless::Connector") => found.is_open = true,
                _ => {}
            }
        }
        found
    }

    /// Whether APIs may call a function, or nobody knows.
    pub(super) fn has(&self, function: &str) -> bool {
        self.is_open || self.functions.contains(function)
    }
}
