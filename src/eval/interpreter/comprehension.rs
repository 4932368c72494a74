//! Comprehensions and generator expressions (the language reference, "Displays for lists, sets and dictionaries").

use crate::eval::Evaluator;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::state::{Dict, Entry, Form, Object, Sequence};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::Value;
use crate::eval::interpreter::frame::{Frame, LoopExit};
use crate::eval::interpreter::unpacking::Reached;
use crate::syntax::ir::{Comprehension, ComprehensionKind, Expr, ExprKind, ForClause};
use crate::syntax::visit;

/// How many items of known iterables a comprehension is followed for.
const COMPREHENSION_LIMIT: usize = 64;

/// What a comprehension has built so far.
#[derive(Default)]
pub struct Collected {
    dict: Dict,
    sequence: Sequence,
    /// How many clauses around stand for any number of items.
    many: u32,
}

impl<'p> Evaluator<'p> {
    /// The list, set, dict or generator that a comprehension makes.
    pub fn comprehension(
        &mut self,
        frame: &mut Frame<'p>,
        comprehension: &'p Comprehension,
    ) -> Value {
        let mut result = Collected::default();
        let uncertain = frame.uncertain;
        self.clauses(frame, comprehension, &comprehension.clauses, &mut result);
        frame.uncertain = uncertain;
        match comprehension.kind {
            ComprehensionKind::Dict => self.new_dict(frame, result.dict),
            ComprehensionKind::Set => self.new_set(frame, result.sequence),
            ComprehensionKind::List => self.new_list(frame, result.sequence),
            ComprehensionKind::Generator => {
                let form = if is_async(comprehension) {
                    Form::Iterator("async_generator")
                } else {
                    Form::Generator
                };
                let sequence = result.sequence.in_form(form);
                self.new_list(frame, sequence)
            }
        }
    }

    /// Follows the `for` and `if` clauses from the first of `clauses` on, and adds what the element gives to `result`.
    pub fn clauses(
        &mut self,
        frame: &mut Frame<'p>,
        comprehension: &'p Comprehension,
        clauses: &'p [ForClause],
        result: &mut Collected,
    ) {
        let Some((clause, rest)) = clauses.split_first() else {
            self.collect(frame, comprehension, result);
            return;
        };
        let iterable = self.expression(frame, &clause.iter);
        self.check_iterated(frame, &clause.iter, iterable, clause.is_async);
        let item = self.iterated(frame, iterable);
        let items = self.partial_items(frame, iterable).filter(|items| {
            items.len() <= COMPREHENSION_LIMIT
                && item.is_none()
                && !self.may_stop_early(frame, comprehension, iterable)
        });
        let followed = items.and_then(|items| {
            let around = frame.follow_rounds(items.len())?;
            Some((items, around))
        });
        match followed {
            Some((items, around)) => {
                for (round, (item, certain)) in items.into_iter().enumerate() {
                    let before = frame.state.clone();
                    let uncertain = frame.uncertain;
                    let source = (&clause.iter, Reached::first(round == 0 && certain));
                    self.check_unpacking(frame, &clause.target, item, source);
                    self.assign(frame, &clause.target, item);
                    let open = item == Value::UNKNOWN && !certain;
                    let mut kept = if certain { Truth::True } else { Truth::Unknown };
                    for condition in &clause.conditions {
                        let truth = self.test(frame, condition);
                        if truth == Truth::Unknown {
                            frame.note_test(condition);
                        }
                        kept = kept.and(truth);
                        if kept == Truth::False {
                            break;
                        }
                        self.assume(frame, condition, true);
                        if !frame.state.live {
                            kept = Truth::False;
                            break;
                        }
                    }
                    if kept != Truth::False {
                        if kept == Truth::Unknown {
                            frame.uncertain += 1;
                        }
                        result.many += u32::from(open);
                        self.clauses(frame, comprehension, rest, result);
                        result.many -= u32::from(open);
                    }
                    frame.uncertain = uncertain;
                    if !frame.state.live || kept == Truth::Unknown {
                        let mut joined = before;
                        joined.join(&frame.state, &mut self.values);
                        frame.state = joined;
                    }
                }
                frame.rounds = around;
            }
            None => {
                let item = item.unwrap_or_else(|| self.any_item(frame, iterable));
                let exposed = self.exposed_in_comprehension(comprehension, clauses);
                frame.loops.push(LoopExit::beginning(&frame.state));
                result.many += 1;
                frame.note_test(&clause.iter);
                self.repeat(frame, &exposed, &mut |evaluator, frame| {
                    let source = (&clause.iter, Reached::Perhaps);
                    evaluator.check_unpacking(frame, &clause.target, item, source);
                    evaluator.assign(frame, &clause.target, item);
                    for condition in &clause.conditions {
                        if evaluator.test(frame, condition) == Truth::Unknown {
                            frame.note_test(condition);
                        }
                        evaluator.assume(frame, condition, true);
                    }
                    if frame.state.live {
                        evaluator.clauses(frame, comprehension, rest, result);
                    }
                });
                result.many -= 1;
                frame.loops.pop();
            }
        }
    }

    /// Whether whoever goes through a generator may stop before it comes to an item of a register, which has them in whatever order.
    fn may_stop_early(
        &mut self,
        frame: &Frame<'p>,
        comprehension: &Comprehension,
        iterable: Value,
    ) -> bool {
        matches!(comprehension.kind, ComprehensionKind::Generator)
            && self.registered_items(frame, iterable).is_some()
    }

    /// The items of an iterable with their certainty; what stands for any number of further ones comes last, unknown.
    pub fn partial_items(
        &mut self,
        frame: &Frame<'p>,
        iterable: Value,
    ) -> Option<Vec<(Value, bool)>> {
        if let Some(items) = self.items_to_loop_over(frame, iterable) {
            return Some(items.into_iter().map(|item| (item, true)).collect());
        }
        match self.object_of(frame, iterable).as_deref() {
            Some(Object::List(sequence) | Object::Set(sequence))
                if !sequence.items.is_empty() && sequence.rest.is_some() =>
            {
                let mut items: Vec<(Value, bool)> =
                    sequence.items.iter().map(|&item| (item, true)).collect();
                items.push((Value::UNKNOWN, false));
                Some(items)
            }
            _ => None,
        }
    }

    /// One element of a comprehension.
    pub fn collect(
        &mut self,
        frame: &mut Frame<'p>,
        comprehension: &'p Comprehension,
        result: &mut Collected,
    ) {
        let element = self.expression(frame, &comprehension.element);
        let certain = frame.uncertain == 0 && result.many == 0;
        if let Some(value) = &comprehension.value {
            let value = self.expression(frame, value);
            if !is_key(&self.values, element) {
                result.dict.set_unknown(&mut self.values, value);
            } else if result.many == 0 && result.dict.find(element).is_none() {
                result.dict.entries.push(Entry {
                    key: element,
                    value,
                    certain,
                });
            } else {
                result.dict.set_perhaps(&mut self.values, element, value);
            }
            return;
        }
        if certain && result.sequence.rest.is_none() {
            result.sequence.items.push(element);
        } else {
            let rest = result.sequence.rest;
            result.sequence.rest =
                Some(rest.map_or(element, |rest| self.values.join(rest, element)));
        }
    }
}

/// Whether a generator expression makes an asynchronous generator: one with `async for`, or an `await` behind its first iterable (PEP 530).
fn is_async(comprehension: &Comprehension) -> bool {
    let mut found = false;
    let mut look = |expr: &Expr| {
        visit::expressions(expr, &mut |expr| {
            found |= matches!(expr.kind, ExprKind::Await(_));
        });
    };
    look(&comprehension.element);
    for (index, clause) in comprehension.clauses.iter().enumerate() {
        if index > 0 {
            look(&clause.iter);
        }
        clause.conditions.iter().for_each(&mut look);
    }
    found || comprehension.clauses.iter().any(|clause| clause.is_async)
}
