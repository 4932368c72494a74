//! What the parser's crate refuses in an annotation, and CPython takes, for a scope inside it is meant.
//!
//! Where annotations are postponed, one may neither bind a name nor yield (PEP 563, PEP 649). The body of a lambda in it does so for itself; and what a
//! comprehension binds is bound in the scope around the annotation (PEP 572). What it goes through may bind nothing anywhere.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::ir::SyntaxError;
use super::range;

/// What the crate says of such an expression, at its end.
const IN_ANNOTATION: &str = "within a type annotation";

/// Leaves out the refusals that mean an inner scope. Most files have none, and are not walked through.
pub(super) fn take_back(errors: &mut Vec<SyntaxError>, suite: &[ast::Stmt]) {
    let is_meant = |error: &SyntaxError| error.message.ends_with(IN_ANNOTATION);
    if !errors.iter().any(is_meant) {
        return;
    }
    let mut scopes = Scopes(Vec::new());
    scopes.visit_body(suite);
    let is_inside = |error: &SyntaxError| {
        let mut all = scopes.0.iter();
        all.any(|&scope| range(scope).contains(error.range))
    };
    errors.retain(|error| !(is_meant(error) && is_inside(error)));
}

/// Where the code of inner scopes stands.
struct Scopes(Vec<TextRange>);

impl Scopes {
    fn add_comprehension<'a>(
        &mut self,
        parts: impl IntoIterator<Item = &'a Expr>,
        generators: &'a [ast::Comprehension],
    ) {
        self.0.extend(parts.into_iter().map(Ranged::range));
        let tests = generators.iter().flat_map(|generator| &generator.ifs);
        self.0.extend(tests.map(Ranged::range));
    }
}

impl<'a> Visitor<'a> for Scopes {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Lambda(lambda) => self.0.push(lambda.body.range()),
            Expr::ListComp(made) => self.add_comprehension([&*made.elt], &made.generators),
            Expr::SetComp(made) => self.add_comprehension([&*made.elt], &made.generators),
            Expr::Generator(made) => self.add_comprehension([&*made.elt], &made.generators),
            Expr::DictComp(made) => {
                self.add_comprehension([&*made.value], &made.generators);
                self.0.extend(made.key.as_deref().map(Ranged::range));
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}
