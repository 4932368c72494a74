//! `match` patterns (PEP 634).

use crate::syntax::ir::Pattern;

use crate::eval::Evaluator;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::state::{Object, Sequence};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::attribute::Attribute;

impl<'p> Evaluator<'p> {
    /// Whether `value` matches. Nothing is bound.
    pub fn matches(&mut self, frame: &mut Frame<'p>, pattern: &'p Pattern, value: Value) -> Truth {
        let marks = frame.failures.len();
        let truth = self.matches_part(frame, pattern, value);
        // What does not hold in it is found where its variables are bound.
        frame.failures.truncate(marks);
        truth
    }

    fn matches_part(&mut self, frame: &mut Frame<'p>, pattern: &'p Pattern, value: Value) -> Truth {
        if let Some(members) = self.values.union_of(value) {
            let mut result: Option<Truth> = None;
            for &member in members.iter() {
                let truth = self.matches(frame, pattern, member);
                result = Some(result.map_or(truth, |known| known.merge(truth)));
            }
            return result.unwrap_or(Truth::Unknown);
        }
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
                    match self.matches(frame, alternative, value) {
                        Truth::True => return Truth::True,
                        Truth::Unknown => result = Truth::Unknown,
                        Truth::False => {}
                    }
                }
                result
            }
            Pattern::As { pattern, .. } => match pattern {
                Some(pattern) => self.matches(frame, pattern, value),
                None => Truth::True,
            },
            Pattern::Star(_) => Truth::True,
            Pattern::Sequence(parts) => self.matches_sequence(frame, parts, value),
            Pattern::Mapping { items, .. } => {
                let found = self.kind_of(frame, value);
                let mut result = match found {
                    Some(found) => Truth::of(found.kind == Kind::Dict),
                    None => Truth::Unknown,
                };
                for (key, part) in items {
                    if result == Truth::False {
                        break;
                    }
                    let key = self.expression(frame, key);
                    let found = self.item_of_mapping(frame, value, key);
                    result = result.and(match found {
                        Some(Some(item)) => self.matches(frame, part, item),
                        Some(None) => Truth::False,
                        None => Truth::Unknown,
                    });
                }
                result
            }
            Pattern::Class {
                class,
                positional,
                keywords,
            } => {
                let class = self.expression(frame, class);
                let mut result = self.is_instance(frame, value, class);
                for (index, part) in positional.iter().enumerate() {
                    if result == Truth::False {
                        break;
                    }
                    result = result.and(match self.positional_of(class, value, index) {
                        Some(item) => self.matches(frame, part, item),
                        None => Truth::Unknown,
                    });
                }
                for (name, part) in keywords {
                    if result == Truth::False {
                        break;
                    }
                    result = result.and(match self.get_attribute(frame, value, *name) {
                        Attribute::Found(item) => self.matches(frame, part, item),
                        Attribute::Missing => Truth::False,
                        Attribute::Unknown => Truth::Unknown,
                    });
                }
                result
            }
        }
    }

    /// Binds a pattern's variables, where `value` has matched.
    pub fn bind_pattern(&mut self, frame: &mut Frame<'p>, pattern: &'p Pattern, value: Value) {
        match pattern {
            Pattern::Value(expr) => {
                self.expression(frame, expr);
            }
            Pattern::Singleton(_) => {}
            Pattern::Or(alternatives) => {
                for alternative in alternatives {
                    self.bind_pattern(frame, alternative, value);
                }
            }
            Pattern::As { pattern, var } => {
                if let Some(pattern) = pattern {
                    self.bind_pattern(frame, pattern, value);
                }
                if let Some(var) = var {
                    self.assign_var(frame, *var, value);
                }
            }
            Pattern::Star(var) => {
                if let Some(var) = var {
                    self.assign_var(frame, *var, Value::UNKNOWN);
                }
            }
            Pattern::Sequence(parts) => self.bind_sequence(frame, parts, value),
            Pattern::Mapping { items, rest } => {
                for (key, part) in items {
                    let key = self.expression(frame, key);
                    let item = self.item_of_mapping(frame, value, key).flatten();
                    self.bind_pattern(frame, part, item.unwrap_or(Value::UNKNOWN));
                }
                if let Some(rest) = rest {
                    self.assign_var(frame, *rest, Value::UNKNOWN);
                }
            }
            Pattern::Class {
                class,
                positional,
                keywords,
            } => {
                let class = self.expression(frame, class);
                for (index, part) in positional.iter().enumerate() {
                    let item = self.positional_of(class, value, index);
                    self.bind_pattern(frame, part, item.unwrap_or(Value::UNKNOWN));
                }
                for (name, part) in keywords {
                    let item = self.get_attribute(frame, value, *name).value();
                    self.bind_pattern(frame, part, item);
                }
            }
        }
    }

    /// What a positional pattern of a class looks at: of some builtin types, the value itself (PEP 634, "Class Patterns").
    fn positional_of(&mut self, class: Value, value: Value, index: usize) -> Option<Value> {
        let Data::External(name) = self.data(class) else {
            return None;
        };
        let is_itself = matches!(
            Kind::of_type(name),
            Some(
                Kind::Bool
                    | Kind::Bytes
                    | Kind::Dict
                    | Kind::Float
                    | Kind::FrozenSet
                    | Kind::Int
                    | Kind::List
                    | Kind::Set
                    | Kind::Str
                    | Kind::Tuple
            )
        );
        (is_itself && index == 0).then_some(value)
    }

    /// What a mapping has under a key: outer none if that is not known, inner none if there is no such key.
    fn item_of_mapping(
        &mut self,
        frame: &Frame<'p>,
        value: Value,
        key: Value,
    ) -> Option<Option<Value>> {
        match &*self.object_for(frame, value, Some(key))? {
            Object::Dict(dict) if is_key(&self.values, key) => match dict.find(key) {
                Some(entry) if entry.certain => Some(Some(entry.value)),
                None if self.equal_key(frame, value, dict, key).is_some() => None,
                None if dict.other(key).is_none() => Some(None),
                _ => None,
            },
            _ => None,
        }
    }

    fn matches_sequence(
        &mut self,
        frame: &mut Frame<'p>,
        parts: &'p [Pattern],
        value: Value,
    ) -> Truth {
        // Neither texts nor sets, dicts or iterators are sequences here (PEP 634, "Sequence Patterns").
        let kind = self.kind_of(frame, value).map(|found| found.kind);
        if kind.is_some_and(|kind| !matches!(kind, Kind::Tuple | Kind::List | Kind::Range)) {
            return Truth::False;
        }
        let Some(items) = self.known_items(frame, value).filter(|_| kind.is_some()) else {
            return Truth::Unknown;
        };
        let star = star_of(parts);
        let fits = match star {
            Some(_) => items.len() + 1 >= parts.len(),
            None => items.len() == parts.len(),
        };
        if !fits {
            return Truth::False;
        }
        let mut result = Truth::True;
        for (part, item) in aligned(parts, star, &items) {
            result = result.and(self.matches(frame, part, item));
        }
        result
    }

    fn bind_sequence(&mut self, frame: &mut Frame<'p>, parts: &'p [Pattern], value: Value) {
        let star = star_of(parts);
        let fits = |items: &Vec<Value>| match star {
            Some(_) => items.len() + 1 >= parts.len(),
            None => items.len() == parts.len(),
        };
        let Some(items) = self.known_items(frame, value).filter(fits) else {
            for part in parts {
                self.bind_pattern(frame, part, Value::UNKNOWN);
            }
            return;
        };
        for (part, item) in aligned(parts, star, &items) {
            self.bind_pattern(frame, part, item);
        }
        if let Some(at) = star
            && let Pattern::Star(Some(var)) = &parts[at]
        {
            let middle = items[at..items.len() - (parts.len() - at - 1)].to_vec();
            let list = self.new_list(frame, Sequence::of(middle));
            self.assign_var(frame, *var, list);
        }
    }
}

fn star_of(parts: &[Pattern]) -> Option<usize> {
    parts
        .iter()
        .position(|part| matches!(part, Pattern::Star(_)))
}

/// The parts but the star, each with its item.
fn aligned<'p>(
    parts: &'p [Pattern],
    star: Option<usize>,
    items: &[Value],
) -> Vec<(&'p Pattern, Value)> {
    let Some(star) = star else {
        return parts.iter().zip(items.iter().copied()).collect();
    };
    let (before, after) = (&parts[..star], &parts[star + 1..]);
    let last = items.len() - after.len();
    let first = before.iter().zip(items.iter().copied());
    first
        .chain(after.iter().zip(items[last..].iter().copied()))
        .collect()
}
