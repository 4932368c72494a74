//! Signatures of functions of the tree, and whether they read what they collect.

use std::rc::Rc;

use crate::bind::{Parameter, Signature};
use crate::syntax::ir::{Function, ParameterKind, Stmt, StmtKind};

use crate::eval::Evaluator;
use crate::eval::domain::value::FunctionRef;

/// What binding needs to know of a function.
#[derive(Debug)]
pub struct Callable {
    /// Its signature.
    pub signature: Signature,
    /// Whether its `**kwargs` is there and its body never looks at it.
    pub ignores_keywords: bool,
}

impl Evaluator<'_> {
    /// What binding needs to know of a function, worked out once.
    pub fn callable(&mut self, function: FunctionRef) -> Rc<Callable> {
        self.look_into(function.module);
        if let Some(known) = self.callables.get(&function) {
            return known.clone();
        }
        let definition = self.definition(function);
        let callable = Rc::new(Callable {
            signature: signature(definition),
            ignores_keywords: ignores_keywords(definition),
        });
        self.callables.insert(function, callable.clone());
        callable
    }
}

fn signature(function: &Function) -> Signature {
    Signature {
        function: function.qualname,
        parameters: function
            .params
            .iter()
            .map(|parameter| Parameter {
                name: parameter.name,
                kind: parameter.kind,
                has_default: parameter.default.is_some(),
            })
            .collect(),
    }
}

fn ignores_keywords(function: &Function) -> bool {
    let Some(last) = function.params.last() else {
        return false;
    };
    last.kind == ParameterKind::VarKeyword
        && function.ignores(function.params.len() - 1)
        && !is_unwritten(&function.body)
}

/// A body that does nothing yet: what it ignores means nothing.
fn is_unwritten(body: &[Stmt]) -> bool {
    match body {
        [] => true,
        [only] => matches!(only.kind, StmtKind::Pass | StmtKind::Raise { .. }),
        _ => false,
    }
}
