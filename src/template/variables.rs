//! Variables of the Serverless Framework: `${self:a.b}`, `${file(./x.yml):a}`, with fallbacks, as far as the files alone decide them.
//!
//! Held against what `serverless print` of version 3.40.0 says. What a command line, an environment or a service says (`opt`, `env`, `ssm`, ...) stays as it is written, and is not judged.

use super::functions::Beside;
use super::yaml::{Node, parse};

/// How deep variables may lead to each other.
const DEPTH: usize = 24;

/// A document with the files beside it.
pub(super) struct Variables<'v> {
    pub document: &'v Node,
    pub beside: Beside<'v>,
}

/// What a source says.
enum Said {
    Known(Node),
    /// It has no such value: the next source is asked.
    Nothing,
    /// Only the deployment knows.
    Open,
}

impl Variables<'_> {
    /// A node with all its variables.
    pub(super) fn resolve(&self, node: &Node) -> Node {
        self.at(node, 0)
    }

    fn at(&self, node: &Node, depth: usize) -> Node {
        if depth > DEPTH {
            return Node::Open;
        }
        match node {
            Node::Text(text) if text.contains("${") => self.text(text, depth + 1),
            Node::Text(_) | Node::Open => node.clone(),
            Node::List(items) => {
                Node::List(items.iter().map(|item| self.at(item, depth + 1)).collect())
            }
            Node::Map(entries) => {
                let entries = entries.iter();
                let resolved = entries.map(|(key, value)| (key.clone(), self.at(value, depth + 1)));
                Node::Map(resolved.collect())
            }
        }
    }

    /// A text with its variables. One that is nothing but a variable may be more than a text. What is left open stays as it was.
    fn text(&self, text: &str, depth: usize) -> Node {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(end) = closing(&rest[start + 2..]) else {
                return Node::Text(text.to_owned());
            };
            let inner = &rest[start + 2..start + 2 + end];
            let after = &rest[start + 3 + end..];
            let said = self.variable(inner, depth);
            if let (true, true, true, Said::Known(node)) =
                (out.is_empty(), start == 0, after.is_empty(), &said)
            {
                return node.clone();
            }
            let Said::Known(Node::Text(value)) = said else {
                return Node::Text(text.to_owned());
            };
            out.push_str(&rest[..start]);
            out.push_str(&value);
            rest = after;
        }
        out.push_str(rest);
        Node::Text(out)
    }

    /// What stands between `${` and `}`: sources, of which the first that has a value counts.
    fn variable(&self, inner: &str, depth: usize) -> Said {
        if depth > DEPTH {
            return Said::Open;
        }
        // A variable in a variable, with the same rules.
        let Some(inner) = self.text_if_needed(inner, depth + 1) else {
            return Said::Open;
        };
        for source in split(&inner) {
            match self.source(source.trim(), depth) {
                Said::Nothing => {}
                said => return said,
            }
        }
        Said::Nothing
    }

    fn text_if_needed(&self, inner: &str, depth: usize) -> Option<String> {
        if !inner.contains("${") {
            return Some(inner.to_owned());
        }
        match self.text(inner, depth) {
            Node::Text(text) if !text.contains("${") => Some(text),
            _ => None,
        }
    }

    fn source(&self, source: &str, depth: usize) -> Said {
        let literal = source
            .strip_prefix(['\'', '"'])
            .and_then(|it| it.strip_suffix(['\'', '"']));
        if let Some(text) = literal {
            return Said::Known(Node::Text(text.to_owned()));
        }
        if let Some(path) = source.strip_prefix("self:") {
            return self.within(self.document, path, depth);
        }
        if let Some(rest) = source.strip_prefix("file(")
            && let Some((path, address)) = rest.split_once(')')
        {
            let address = address.strip_prefix(':').unwrap_or(address);
            return self.file(path.trim(), address, depth);
        }
        let is_plain = matches!(source, "true" | "false" | "null") || source.parse::<f64>().is_ok();
        if is_plain {
            return Said::Known(Node::Text(source.to_owned()));
        }
        Said::Open
    }

    fn file(&self, path: &str, address: &str, depth: usize) -> Said {
        let is_data = [".yml", ".yaml", ".json"]
            .iter()
            .any(|it| path.ends_with(it));
        if !is_data {
            return Said::Open;
        }
        let Some(text) = (self.beside)(path) else {
            return Said::Nothing;
        };
        match parse(&text) {
            Some(document) => self.within(&document, address, depth),
            None => Said::Open,
        }
    }

    /// What stands at a path of names with dots. On the way a value may be a variable itself.
    fn within(&self, document: &Node, path: &str, depth: usize) -> Said {
        let mut node = document.clone();
        for name in path.split('.').filter(|name| !name.is_empty()) {
            if matches!(&node, Node::Text(text) if text.contains("${")) {
                node = self.at(&node, depth + 1);
            }
            if matches!(&node, Node::Text(text) if text.contains("${")) || node == Node::Open {
                return Said::Open;
            }
            let item = name.parse().ok().and_then(|at: usize| node.items().get(at));
            let Some(found) = item.or_else(|| node.get(name)) else {
                return Said::Nothing;
            };
            node = found.clone();
        }
        match self.at(&node, depth + 1) {
            Node::Text(text) if text.contains("${") => Said::Open,
            Node::Open => Said::Open,
            node => Said::Known(node),
        }
    }
}

/// Where the `}` is that ends a variable.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The sources of a variable: what commas separate that stand neither in quotes nor in brackets.
fn split(inner: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut depth, mut quote) = (0, 0, None);
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, ',') if depth == 0 => {
                found.push(&inner[start..at]);
                start = at + 1;
            }
            (None, _) => {}
        }
    }
    found.push(&inner[start..]);
    found
}

#[cfg(test)]
mod tests {
    use super::Variables;
    use crate::template::yaml::{Node, parse};

    fn resolved(text: &str) -> Option<Node> {
        let document = "custom: {a: {b: x, c: '${self:custom.a.b}-y'}, l: [p, q], loop: '${self:custom.loop}', open: '${opt:stage}'}";
        let document = parse(document).unwrap();
        let beside =
            |path: &str| (path == "./f.yml").then(|| "k: {m: n}\nv: ${self:custom.a.b}".to_owned());
        let variables = Variables {
            document: &document,
            beside: &beside,
        };
        let node = variables.resolve(&Node::Text(text.to_owned()));
        (node != Node::Text(text.to_owned())).then_some(node)
    }

    #[test]
    fn what_files_decide_is_decided() {
        let text = |text: &str| Some(Node::Text(text.to_owned()));
        assert_eq!(resolved("${self:custom.a.b}"), text("x"));
        assert_eq!(resolved("src/${self:custom.a.c}.run"), text("src/x-y.run"));
        assert_eq!(resolved("${self:custom.l.1}"), text("q"));
        assert_eq!(
            resolved("${self:custom.none, 'other, value'}"),
            text("other, value")
        );
        assert_eq!(
            resolved("${self:custom.${self:custom.none, 'a'}.b}"),
            text("x")
        );
        assert_eq!(resolved("${file(./f.yml):k}"), parse("{m: n}"));
        assert_eq!(resolved("${file(./f.yml):v}"), text("x"));
        assert_eq!(resolved("${file(./none.yml):v, 3}"), text("3"));
    }

    #[test]
    fn what_they_do_not_decide_stays_open() {
        assert_eq!(resolved("${opt:stage, 'dev'}"), None);
        assert_eq!(resolved("a-${self:custom.open}"), None);
        assert_eq!(resolved("${file(./f.js):k}"), None);
        assert_eq!(resolved("${self:custom.loop}"), None);
        assert_eq!(resolved("${self:custom.a"), None);
        assert_eq!(resolved("${AWS::Region}"), None);
    }
}
