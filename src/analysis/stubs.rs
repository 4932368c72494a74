//! Names in stubs that nothing defines. A stub is read by type checkers alone: nothing runs it, and it may name what comes further down.

use std::sync::Arc;

use crate::facts::{
    Certainty, Confidence, Facts, Failure, FailureKind, FileId, Frame, Impact, May, Place,
};
use crate::source::Tree;
use crate::syntax::ir::{HintName, Module, StmtKind};

/// Adds what the stubs of a tree lack.
pub(super) fn with_names(mut facts: Facts, tree: &Tree, modules: &[Arc<Module>]) -> Facts {
    for ((file, content), module) in tree.iter().zip(modules) {
        let Some(path) = content.path.strip_suffix(".pyi") else {
            continue;
        };
        if tree.is_installed(file) || !module.errors.is_empty() || takes_all(module) {
            continue;
        }
        let dotted = path.replace('/', ".");
        let lacking = module.hints.iter().filter(|hint| {
            let mut variables = module.scope.slots.iter();
            !variables.any(|variable| variable.name == hint.name)
        });
        facts
            .failures
            .extend(lacking.map(|hint| failure(file, &dotted, hint)));
    }
    facts
}

/// Whether a star import may bring any name.
fn takes_all(module: &Module) -> bool {
    let mut found = false;
    module.each_import(|stmt| {
        found |= matches!(&stmt.kind, StmtKind::ImportFrom(import) if import.star);
    });
    found
}

fn failure(file: FileId, dotted: &str, hint: &HintName) -> Failure {
    let place = Place {
        file,
        range: hint.range,
    };
    Failure {
        kind: FailureKind::UndefinedName,
        confidence: Confidence::May,
        certainty: Certainty::May(May::Resolved),
        impact: Impact::Breaks,
        exception: Some(format!("NameError: name '{}' is not defined", hint.name)),
        evidence: None,
        subject: hint.name,
        cause: place,
        cause_function: dotted.to_owned(),
        callee: None,
        signature: String::new(),
        chain: vec![Frame {
            place,
            function: dotted.to_owned(),
            note: String::from("names it in a type hint"),
        }],
        route: None,
        hidden_by: None,
    }
}
