//! `match` patterns (PEP 634).

use crate::syntax::ir::Pattern;

use crate::eval::Evaluator;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Kind, Value};
use crate::eval::interpreter::frame::Frame;

impl<'p> Evaluator<'p> {
    /// Whether `value` matches, binding the pattern's variables.
    pub fn pattern(&mut self, frame: &mut Frame<'p>, pattern: &'p Pattern, value: Value) -> Truth {
        match pattern {
            Pattern::Value(expr) => {
                let wanted = self.expression(frame, expr);
                self.equal(frame, value, wanted, false)
            }
            Pattern::Singleton(constant) => {
                let wanted = self.values.constant(*constant);
                self.equal(frame, value, wanted, true)
            }
            Pattern::Or(alternatives) => {
                let mut result = Truth::False;
                for alternative in alternatives {
                    match self.pattern(frame, alternative, value) {
                        Truth::True => {
                            return if result == Truth::False {
                                Truth::True
                            } else {
                                Truth::Unknown
                            };
                        }
                        Truth::Unknown => result = Truth::Unknown,
                        Truth::False => {}
                    }
                }
                result
            }
            Pattern::As { pattern, var } => {
                let truth = match pattern {
                    Some(pattern) => self.pattern(frame, pattern, value),
                    None => Truth::True,
                };
                if let Some(var) = var {
                    self.assign_var(frame, *var, value);
                }
                truth
            }
            Pattern::Sequence(parts) => self.sequence_pattern(frame, parts, value),
            Pattern::Star(var) => {
                if let Some(var) = var {
                    self.assign_var(frame, *var, Value::UNKNOWN);
                }
                Truth::Unknown
            }
            Pattern::Mapping { items, rest } => {
                for (key, part) in items {
                    self.expression(frame, key);
                    self.pattern(frame, part, Value::UNKNOWN);
                }
                if let Some(rest) = rest {
                    self.assign_var(frame, *rest, Value::UNKNOWN);
                }
                Truth::Unknown
            }
            Pattern::Class {
                class,
                positional,
                keywords,
            } => {
                let class = self.expression(frame, class);
                let truth = self.is_instance(frame, value, class);
                for part in positional
                    .iter()
                    .chain(keywords.iter().map(|(_, part)| part))
                {
                    self.pattern(frame, part, Value::UNKNOWN);
                }
                if positional.is_empty() && keywords.is_empty() || truth == Truth::False {
                    truth
                } else {
                    Truth::Unknown
                }
            }
        }
    }

    fn sequence_pattern(
        &mut self,
        frame: &mut Frame<'p>,
        parts: &'p [Pattern],
        value: Value,
    ) -> Truth {
        let star = parts.iter().any(|part| matches!(part, Pattern::Star(_)));
        // Neither texts nor sets, dicts or iterators are sequences here (PEP 634, "Sequence Patterns").
        if let Some(found) = self.kind_of(frame, value)
            && !matches!(found.kind, Kind::Tuple | Kind::List | Kind::Range)
        {
            return Truth::False;
        }
        match self.known_items(frame, value) {
            Some(items) if !star && items.len() == parts.len() => {
                let mut result = Truth::True;
                for (part, item) in parts.iter().zip(items) {
                    result = result.and(self.pattern(frame, part, item));
                }
                result
            }
            Some(_) if !star => Truth::False,
            _ => {
                for part in parts {
                    self.pattern(frame, part, Value::UNKNOWN);
                }
                Truth::Unknown
            }
        }
    }
}
