//! Patterns.

use ruff_python_ast as ast;

use super::ir::{Constant, Pattern};
use super::lower::Lowering;

impl<'a> Lowering<'a> {
    /// A pattern. One that is nested too deeply becomes a wildcard.
    pub(super) fn pattern(&mut self, pattern: &'a ast::Pattern) -> Pattern {
        self.descend(|this| this.pattern_kind(pattern))
            .unwrap_or(Pattern::As {
                pattern: None,
                var: None,
            })
    }

    fn patterns(&mut self, patterns: &'a [ast::Pattern]) -> Vec<Pattern> {
        patterns
            .iter()
            .map(|pattern| self.pattern(pattern))
            .collect()
    }

    fn pattern_kind(&mut self, pattern: &'a ast::Pattern) -> Pattern {
        match pattern {
            ast::Pattern::MatchValue(value) => Pattern::Value(self.expr(&value.value)),
            ast::Pattern::MatchSingleton(singleton) => Pattern::Singleton(match singleton.value {
                ast::Singleton::None => Constant::None,
                ast::Singleton::True => Constant::Bool(true),
                ast::Singleton::False => Constant::Bool(false),
            }),
            ast::Pattern::MatchSequence(sequence) => {
                Pattern::Sequence(self.patterns(&sequence.patterns))
            }
            ast::Pattern::MatchOr(or) => Pattern::Or(self.patterns(&or.patterns)),
            ast::Pattern::MatchStar(star) => Pattern::Star(self.capture(star.name.as_ref())),
            ast::Pattern::MatchMapping(mapping) => {
                let items = mapping
                    .keys
                    .iter()
                    .zip(&mapping.patterns)
                    .map(|(key, pattern)| (self.expr(key), self.pattern(pattern)))
                    .collect();
                Pattern::Mapping {
                    items,
                    rest: self.capture(mapping.rest.as_ref()),
                }
            }
            ast::Pattern::MatchClass(class) => Pattern::Class {
                class: self.expr(&class.cls),
                positional: self.patterns(&class.arguments.patterns),
                // The attributes are not mangled.
                keywords: class
                    .arguments
                    .keywords
                    .iter()
                    .map(|keyword| (self.plain(&keyword.attr.id), self.pattern(&keyword.pattern)))
                    .collect(),
            },
            ast::Pattern::MatchAs(alias) => Pattern::As {
                pattern: alias
                    .pattern
                    .as_ref()
                    .map(|pattern| Box::new(self.pattern(pattern))),
                var: self.capture(alias.name.as_ref()),
            },
        }
    }

    fn capture(&mut self, name: Option<&'a ast::Identifier>) -> Option<super::ir::Var> {
        name.map(|name| self.variable(&name.id))
    }
}
