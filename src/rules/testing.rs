//! Hand-made trees and facts for the tests of rules and reports.

use std::sync::Arc;

use crate::facts::{
    Confidence, Facts, Failure, FailureKind, FileId, Frame, Impact, Place, RouteKey, Symbol,
};
use crate::name::Name;
use crate::rules::{Finding, Input, Selection, judge};
use crate::source::{File, Kind, Text, Tree};
use crate::syntax::ir::{Directive, Range};

/// A tree in memory; the files sorted by path.
pub(crate) fn tree(files: &[(&str, &str)]) -> Tree {
    let file = |&(path, text): &(&str, &str)| File {
        path: Arc::from(path),
        blob: None,
        text: Arc::new(Text::decode(text.as_bytes().to_vec())),
    };
    Tree {
        kind: Kind::Directory,
        name: "candidate".to_owned(),
        commit: None,
        chosen_by: None,
        files: files.iter().map(file).collect(),
        others: Vec::new(),
        directories: Vec::new(),
        problems: Vec::new(),
        repositories: Vec::new(),
        alignment: None,
        installed: None,
        unread: Arc::default(),
    }
}

/// The first place where `text` stands in the file.
pub(crate) fn place(tree: &Tree, path: &str, text: &str) -> Place {
    let file = tree.find(path).unwrap();
    let start = tree.file(file).text.content().find(text).unwrap();
    let range = Range::new(
        u32::try_from(start).unwrap(),
        u32::try_from(start + text.len()).unwrap(),
    );
    Place { file, range }
}

const GATEWAY: &str = "\
def execute_operation(interface, operation, timeout=30, **kwargs):
    router = load(interface)
    try:
        return router(operation, timeout=timeout, **kwargs)
    except Exception as error:
        raise RuntimeError(f'Failed: {error}') from error
";

const INTERFACE: &str = "\
from cache_core import _get, _set

_DISPATCH = {'get': _get, 'set': _set}

def execute_cache_operation(operation, **kwargs):
    return _DISPATCH[operation](**kwargs)
";

const CORE: &str = "\
# größe 🙂
def _get(key):
    return key


def _set(key, value,
         ttl=None):
    return (key, value, ttl)
";

const WRAPPERS: &str = "\
def cache_get(key):
    return execute_operation(GatewayInterface.CACHE, 'get', key=key)

def cache_set(key, value):
    return execute_operation(GatewayInterface.CACHE, 'set', key=key, value=value)
";

/// A gateway of four files, in which `timeout=timeout` is sent to handlers that do not take it.
pub(crate) fn outage_tree() -> Tree {
    tree(&[
        ("cache_core.py", CORE),
        ("gateway_core.py", GATEWAY),
        ("interface_cache.py", INTERFACE),
        ("wrappers.py", WRAPPERS),
    ])
}

/// The failure of `timeout` on the route to `operation` (`get` or `set`).
pub(crate) fn outage_failure(tree: &Tree, operation: &str) -> Failure {
    let (header, signature) = match operation {
        "get" => ("def _get(key)", "(key)"),
        _ => (
            "def _set(key, value,\n         ttl=None)",
            "(key, value, ttl=None)",
        ),
    };
    let cause = place(tree, "gateway_core.py", "timeout=timeout");
    let frame = |file: &str, text: &str, function: &str, note: &str| Frame {
        place: place(tree, file, text),
        function: function.to_owned(),
        note: note.to_owned(),
    };
    let chain = vec![
        frame(
            "wrappers.py",
            if operation == "get" {
                "execute_operation(GatewayInterface.CACHE, 'get', key=key)"
            } else {
                "execute_operation(GatewayInterface.CACHE, 'set', key=key, value=value)"
            },
            if operation == "get" {
                "wrappers.cache_get"
            } else {
                "wrappers.cache_set"
            },
            "calls gateway_core.execute_operation",
        ),
        frame(
            "gateway_core.py",
            "router(operation, timeout=timeout, **kwargs)",
            "gateway_core.execute_operation",
            "calls interface_cache.execute_cache_operation",
        ),
        frame(
            "interface_cache.py",
            "_DISPATCH[operation](**kwargs)",
            "interface_cache.execute_cache_operation",
            "calls the handler with key, timeout",
        ),
    ];
    Failure {
        kind: FailureKind::UnexpectedKeyword,
        confidence: Confidence::Must,
        certainty: crate::facts::Certainty::Chain,
        impact: Impact::Breaks,
        evidence: None,
        exception: Some(format!(
            "TypeError: _{operation}() got an unexpected keyword argument 'timeout'"
        )),
        subject: Name::new("timeout"),
        cause,
        cause_function: "gateway_core.execute_operation".to_owned(),
        callee: Some(Symbol {
            name: format!("cache_core._{operation}"),
            place: place(tree, "cache_core.py", header),
        }),
        signature: signature.to_owned(),
        chain,
        route: Some(RouteKey {
            interface: "GatewayInterface.CACHE".to_owned(),
            operation: operation.to_owned(),
        }),
        hidden_by: None,
    }
}

/// The facts of these failures.
pub(crate) fn facts(failures: Vec<Failure>) -> Facts {
    Facts {
        cuts: Vec::new(),
        listed: Vec::new(),
        failures,
        routes: Vec::new(),
        functions: 7,
        lost: Vec::new(),
        breaches: Vec::new(),
        left_to_python_2: Vec::new(),
        unreached: Vec::new(),
        in_declared_encodings: Vec::new(),
    }
}

/// Judges with the default selection, these directives in the file `FileId(1)`.
pub(crate) fn findings(tree: &Tree, facts: &Facts, directives: &[Directive]) -> Vec<Finding> {
    let input = Input {
        facts,
        tree,
        syntax_errors: Vec::new(),
        directives: vec![(FileId(1), directives)],
        is_told: true,
    };
    judge(&input, &Selection::default()).findings
}
