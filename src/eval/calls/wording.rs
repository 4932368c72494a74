//! The exceptions of binding in the words of the declared version: what it calls a function, and what it suggests.

use std::borrow::Cow;

use crate::bind::{Fault, Shape, Signature};
use crate::name::Name;
use crate::python::Version;
use crate::syntax::ir::{ArgumentKind, ExprKind, Var};

use crate::eval::Evaluator;
use crate::eval::domain::value::{Data, FunctionObject, FunctionRef};

/// How many functions are looked through that each wrap another one.
const DEPTH: usize = 8;

impl Evaluator<'_> {
    /// The exception for a call that does not bind, with its class. `signature` is the one that was bound, under the function's qualified name.
    pub fn refused_text(&self, signature: &Signature, shape: &Shape, fault: &Fault) -> String {
        let version = self.program.targets().wording();
        let called = Signature {
            function: Name::new(&called(&signature.function, version)),
            parameters: signature.parameters.clone(),
        };
        let message = fault.message(&called, shape);
        let hint = fault.hint(signature).filter(|_| version >= Version(13));
        format!("TypeError: {message}{}", hint.unwrap_or_default())
    }

    /// The qualified name of a function: `functools.wraps` gives it that of another one. Up to 3.9 its code is asked, which keeps the name it was written with.
    pub(super) fn qualified_name(&self, object: &FunctionObject) -> Name {
        let mut object = object.clone();
        let depth = if self.program.targets().wording() < Version(10) {
            0
        } else {
            DEPTH
        };
        for _ in 0..depth {
            let Some(wrapped) = self.named_after(&object) else {
                break;
            };
            object = wrapped;
        }
        self.definition(object.function).qualname
    }

    /// The function of which `@functools.wraps(function)` gives another one the name.
    fn named_after(&self, object: &FunctionObject) -> Option<FunctionObject> {
        let FunctionRef { module, .. } = object.function;
        let decorators = &self.definition(object.function).decorators;
        let decorator = decorators
            .iter()
            .find(|decorator| self.is_wraps(module, decorator))?;
        let ExprKind::Call(call) = &decorator.kind else {
            return None;
        };
        let first = call.arguments.first()?;
        let (ArgumentKind::Positional, ExprKind::Name(_, Var::Local(slot))) =
            (first.kind, &first.value.kind)
        else {
            return None;
        };
        let cells = &self.contexts[object.closure?.0 as usize].cells;
        let (_, value) = cells.iter().find(|(known, _)| known == slot)?;
        match self.data(*value) {
            Data::Function(function) => Some(function.clone()),
            _ => None,
        }
    }
}

/// What a version calls a function of this qualified name: its plain name up to 3.9; from 3.12 on comprehensions are no functions (PEP 709).
fn called(qualname: &str, version: Version) -> Cow<'_, str> {
    if version < Version(10) {
        return qualname.rsplit('.').next().unwrap_or(qualname).into();
    }
    if version < Version(12) {
        return qualname.into();
    }
    let inlined = ["<listcomp>", "<setcomp>", "<dictcomp>"];
    let parts: Vec<&str> = qualname
        .split('.')
        .filter(|part| !inlined.contains(part))
        .collect();
    parts.join(".").into()
}

#[cfg(test)]
mod tests {
    use super::called;
    use crate::python::Version;

    #[test]
    fn each_version_has_its_name_for_a_function() {
        let lambda = "Box.pick.<locals>.<listcomp>.<lambda>";
        for (qualname, minor, expected) in [
            ("Box.pick", 9, "pick"),
            ("Box.pick", 10, "Box.pick"),
            (lambda, 9, "<lambda>"),
            (lambda, 11, lambda),
            (lambda, 12, "Box.pick.<locals>.<lambda>"),
            ("<genexpr>.<lambda>", 12, "<genexpr>.<lambda>"),
        ] {
            assert_eq!(called(qualname, Version(minor)), expected, "3.{minor}");
        }
    }
}
