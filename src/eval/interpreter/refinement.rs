//! What is known of values once a test has come out one way: alternatives that would have answered otherwise are left out.
//!
//! Where no alternative is left, there is more to the value than is known, and it is unknown from there on: not the place that cannot be reached. What the
//! tests of a type said of a value for which they could not be decided makes it uncertain, too.

use crate::name::Name;
use crate::syntax::ir::{Call, Comparison, Constant, Expr, ExprKind, Slot, Var};

use crate::eval::Evaluator;
use crate::eval::domain::compare::is_singular_data;
use crate::eval::domain::state::{Dict, Object, Sequence, State};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Kind, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::interpreter::place::Place;

/// What a test makes of one alternative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refined {
    /// It stays.
    Keep,
    /// It would have answered otherwise.
    Drop,
    /// It is this.
    Is(Value),
    /// It is this, or something else.
    Perhaps(Value),
    /// It stays, but it may be something else as well.
    Unsure,
}

impl Refined {
    /// An alternative for which a test is `truth` where it came out as `outcome`.
    fn by(truth: Truth, outcome: bool) -> Self {
        if truth == Truth::of(!outcome) {
            Self::Drop
        } else {
            Self::Keep
        }
    }
}

/// How many alternatives a test is asked again for.
const ALTERNATIVES: usize = 16;

impl<'p> Evaluator<'p> {
    /// Narrows what is known to the case that `test` came out as `outcome`.
    pub fn assume(&mut self, frame: &mut Frame<'p>, test: &'p Expr, outcome: bool) {
        match &test.kind {
            ExprKind::Not(inner) => self.assume(frame, inner, !outcome),
            ExprKind::Bool { is_and, values } => {
                if *is_and == outcome {
                    for value in values {
                        self.assume(frame, value, outcome);
                    }
                } else {
                    self.assume_one_of(frame, test, values, outcome);
                }
            }
            ExprKind::Name(..) | ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => {
                self.refine_truth(frame, test, outcome);
            }
            ExprKind::Walrus { value, .. } => {
                self.refine_truth(frame, test, outcome);
                self.assume(frame, value, outcome);
            }
            ExprKind::Compare { left, rest } => {
                if let [(op, right)] = rest.as_slice() {
                    self.assume_comparison(frame, test, (left, *op, right), outcome);
                } else {
                    self.ask_again(frame, test, left, outcome);
                }
            }
            ExprKind::Call(call) => self.assume_call(frame, test, call, outcome),
            _ => {}
        }
    }

    /// `a or b` holds, or `a and b` does not: what each alternative of what the parts ask about says of the whole.
    fn assume_one_of(
        &mut self,
        frame: &mut Frame<'p>,
        test: &'p Expr,
        values: &'p [Expr],
        outcome: bool,
    ) {
        let mut subjects: Vec<&'p Expr> = Vec::new();
        for value in values {
            if let Some(subject) = subject_of(value)
                && let ExprKind::Name(_, var) = &subject.kind
                && !subjects
                    .iter()
                    .any(|known| matches!(&known.kind, ExprKind::Name(_, other) if other == var))
            {
                subjects.push(subject);
            }
        }
        for subject in subjects {
            self.ask_again(frame, test, subject, outcome);
        }
    }

    fn assume_comparison(
        &mut self,
        frame: &mut Frame<'p>,
        test: &'p Expr,
        (left, op, right): (&'p Expr, Comparison, &'p Expr),
        outcome: bool,
    ) {
        match op {
            Comparison::Is | Comparison::IsNot | Comparison::Eq | Comparison::NotEq => {
                let identical = matches!(op, Comparison::Is | Comparison::IsNot);
                let same = matches!(op, Comparison::Is | Comparison::Eq) == outcome;
                for (subject, other) in [(left, right), (right, left)] {
                    if let Some(of) = type_asked(subject) {
                        self.ask_type(frame, test, of, outcome);
                    } else if is_test(subject) {
                        // `(a is None) == (b is None)`, where one of them is known: the other one holds, or it does not.
                        if let Some(known) = self.peek_truth(frame, other) {
                            self.assume(frame, subject, known == same);
                        }
                    } else if !matches!(subject.kind, ExprKind::Constant(_)) {
                        let known = self.peek(frame, other);
                        self.refine_equal(frame, subject, known, same, identical);
                        // `entry["kind"] == "wool"` picks among the entries that it may be.
                        if let ExprKind::Subscript { value, .. } = &subject.kind
                            && let Some(of) = subject_of(value)
                        {
                            self.ask_again(frame, test, of, outcome);
                        }
                    }
                }
            }
            Comparison::In | Comparison::NotIn => {
                let present = (op == Comparison::In) == outcome;
                let key = self.peek(frame, left);
                if self.values.as_str(key).is_some() || self.is_singular(key) {
                    let container = self.peek(frame, right);
                    self.narrow_key(frame, container, key, present);
                }
                match type_asked(left) {
                    Some(of) => self.ask_type(frame, test, of, outcome),
                    None => self.ask_again(frame, test, left, outcome),
                }
            }
            _ => {
                for side in [left, right] {
                    if let Some(subject) = subject_of(side) {
                        self.ask_again(frame, test, subject, outcome);
                    }
                }
            }
        }
    }

    /// How a test on names and constants comes out, where that is known without evaluating calls; it gives `True` or `False` itself.
    fn peek_truth(&mut self, frame: &mut Frame<'p>, test: &'p Expr) -> Option<bool> {
        let truth = match &test.kind {
            ExprKind::Constant(Constant::Bool(value)) => return Some(*value),
            ExprKind::Not(inner) => return self.peek_truth(frame, inner).map(|truth| !truth),
            ExprKind::Compare { left, rest } => match rest.as_slice() {
                [(op @ (Comparison::Is | Comparison::IsNot), right)] => {
                    let (left, right) = (self.peek(frame, left), self.peek(frame, right));
                    self.compare(frame, left, *op, right)
                }
                _ => return None,
            },
            _ => return None,
        };
        match truth {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unknown => None,
        }
    }

    fn assume_call(
        &mut self,
        frame: &mut Frame<'p>,
        test: &'p Expr,
        call: &'p Call,
        outcome: bool,
    ) {
        match &call.function.kind {
            ExprKind::Name(name, Var::Global(_)) => {
                let Some(first) = call.arguments.first() else {
                    return;
                };
                match name.as_str() {
                    "callable" | "isinstance" | "issubclass" | "hasattr" => {
                        self.ask_type(frame, test, &first.value, outcome);
                    }
                    "bool" => self.assume(frame, &first.value, outcome),
                    _ => self.ask_again(frame, test, &first.value, outcome),
                }
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                let asks = attribute.starts_with("is");
                match call.arguments.first() {
                    // `inspect.isclass(x)`
                    Some(first) if asks && is_name(value, "inspect") => {
                        self.ask_type(frame, test, &first.value, outcome);
                    }
                    _ => self.ask_again(frame, test, value, outcome),
                }
            }
            _ => {}
        }
    }

    /// Replaces the alternatives of what an expression names by what `refine` makes of each.
    fn refine(
        &mut self,
        frame: &mut Frame<'p>,
        subject: &'p Expr,
        refine: &mut dyn FnMut(&mut Self, &mut Frame<'p>, Value) -> Refined,
    ) {
        let Some(place) = self.place_of(frame, subject) else {
            return;
        };
        let value = self.value_at(frame, subject, &place);
        let members = self.values.alternatives(value);
        let mut kept = Vec::with_capacity(members.len());
        let mut is_changed = false;
        for member in members {
            match refine(self, frame, member) {
                Refined::Keep => kept.push(member),
                Refined::Drop => is_changed = true,
                Refined::Is(value) => {
                    is_changed |= value != member;
                    kept.push(value);
                }
                Refined::Perhaps(value) => {
                    is_changed = true;
                    kept.push(value);
                    kept.push(Value::UNKNOWN);
                }
                Refined::Unsure => {
                    is_changed = true;
                    kept.push(member);
                    kept.push(Value::UNKNOWN);
                }
            }
        }
        if is_changed {
            let mut refined = Value::UNKNOWN;
            for (index, &member) in kept.iter().enumerate() {
                refined = if index == 0 {
                    member
                } else {
                    self.values.join(refined, member)
                };
            }
            self.set_refined(frame, place, refined);
        }
    }

    /// What `match` looks at is known to be this.
    pub fn refine_subject(&mut self, frame: &mut Frame<'p>, subject: &'p Expr, value: Value) {
        if let Some(place) = self.place_of(frame, subject)
            && self.value_at(frame, subject, &place) != value
        {
            self.set_refined(frame, place, value);
        }
    }

    /// A value counts as true, or does not.
    fn refine_truth(&mut self, frame: &mut Frame<'p>, subject: &'p Expr, outcome: bool) {
        self.refine(
            frame,
            subject,
            &mut |evaluator, frame, member| match evaluator.truth(frame, member) {
                Truth::Unknown => match *evaluator.data(member) {
                    Data::Of(kind) if outcome => Refined::Is(evaluator.values.truthy(kind)),
                    Data::Of(kind) => evaluator.falsy(kind).map_or(Refined::Keep, Refined::Is),
                    Data::Local(id) if !outcome => {
                        evaluator.empty(frame, id);
                        Refined::Keep
                    }
                    _ => Refined::Keep,
                },
                truth => Refined::by(truth, outcome),
            },
        );
    }

    /// The one instance of a type that does not count as true; none if there are more, as 0.0 and -0.0.
    fn falsy(&mut self, kind: Kind) -> Option<Value> {
        Some(match kind {
            Kind::Bool => Value::FALSE,
            Kind::Int => self.values.int(0),
            Kind::Str => self.values.text(""),
            Kind::Bytes => self.values.bytes(""),
            Kind::Tuple => self.values.tuple(Vec::new()),
            _ => return None,
        })
    }

    /// A list, set or dict of this function body turned out to be empty.
    fn empty(&mut self, frame: &mut Frame<'p>, id: crate::eval::domain::value::LocalId) {
        let empty = match frame.state.object(id) {
            Object::Dict(dict) if !dict.is_subtype => Object::Dict(Dict::default()),
            Object::List(list) => Object::List(Sequence::default().in_form(list.form)),
            Object::Set(set) => Object::Set(Sequence::default().in_form(set.form)),
            _ => return,
        };
        *frame.state.object_mut(id) = empty;
    }

    /// `subject == known` or `subject is known` holds (`same`), or does not.
    fn refine_equal(
        &mut self,
        frame: &mut Frame<'p>,
        subject: &'p Expr,
        known: Value,
        same: bool,
        identical: bool,
    ) {
        if !is_singular_data(self.data(known)) {
            return;
        }
        // What equals a number may be one of another type.
        let is_one = identical
            || matches!(
                self.data(known),
                Data::None
                    | Data::Str(_)
                    | Data::Member { .. }
                    | Data::Function(_)
                    | Data::Class { .. }
            );
        let kind = self.values.plain_kind(known);
        self.refine(frame, subject, &mut |evaluator, frame, member| {
            if evaluator.values.is_open(member) {
                let is_parameter = matches!(evaluator.data(member), Data::Symbol { .. });
                return match (same && is_one, identical || is_parameter) {
                    (true, true) => Refined::Is(known),
                    // What equals a text may be of a class that says so itself, such as a text with attributes of its own.
                    (true, false) => Refined::Perhaps(known),
                    (false, _) => Refined::Keep,
                };
            }
            match evaluator.equal(frame, member, known, identical) {
                Truth::Unknown => match *evaluator.data(member) {
                    Data::Of(found) | Data::Truthy(found) if Some(found) == kind => {
                        match (same, known) {
                            (true, _) => Refined::Is(known),
                            (false, Value::TRUE) => Refined::Is(Value::FALSE),
                            (false, Value::FALSE) => Refined::Is(Value::TRUE),
                            _ => Refined::Keep,
                        }
                    }
                    _ => Refined::Keep,
                },
                truth => Refined::by(truth, same),
            }
        });
    }

    /// `'key' in kwargs` held, or did not.
    fn narrow_key(&mut self, frame: &mut Frame<'p>, container: Value, key: Value, present: bool) {
        let Data::Local(id) = *self.data(container) else {
            return;
        };
        if let Object::Dict(dict) = frame.state.object_mut(id) {
            if present {
                match dict.entries.iter_mut().find(|entry| entry.key == key) {
                    Some(entry) => entry.certain = true,
                    None => {
                        if let Some(rest) = dict.other(key) {
                            dict.set(key, rest);
                        }
                    }
                }
            } else {
                dict.remove(key);
            }
        }
    }

    /// After a test of the type of `subject`: what cannot be one is left out, and what it could not be decided for is uncertain.
    fn ask_type(
        &mut self,
        frame: &mut Frame<'p>,
        test: &'p Expr,
        subject: &'p Expr,
        outcome: bool,
    ) {
        self.ask_of(frame, test, subject, outcome, true);
    }

    /// Asks a test again for each alternative of `subject`, if that does nothing else.
    fn ask_again(
        &mut self,
        frame: &mut Frame<'p>,
        test: &'p Expr,
        subject: &'p Expr,
        outcome: bool,
    ) {
        self.ask_of(frame, test, subject, outcome, false);
    }

    fn ask_of(
        &mut self,
        frame: &mut Frame<'p>,
        test: &'p Expr,
        subject: &'p Expr,
        outcome: bool,
        is_of_type: bool,
    ) {
        let Some(place) = self.place_of(frame, subject) else {
            return;
        };
        let value = self.value_at(frame, subject, &place);
        let members = self.values.alternatives(value);
        let is_single = members.len() < 2;
        if members.len() > ALTERNATIVES
            || is_single && (!is_of_type || self.values.is_open(value))
            || !is_pure(test)
        {
            return;
        }
        self.refine(frame, subject, &mut |evaluator, frame, member| {
            if evaluator.values.is_open(member) {
                return Refined::Keep;
            }
            match evaluator.answer_for(frame, test, &place, member) {
                Truth::Unknown if is_of_type => Refined::Unsure,
                truth => Refined::by(truth, outcome),
            }
        });
    }

    /// How a test comes out if what stands at a place is `member`. Whatever is found on the way is forgotten.
    fn answer_for(
        &mut self,
        frame: &mut Frame<'p>,
        test: &'p Expr,
        place: &Place,
        member: Value,
    ) -> Truth {
        let state = frame.state.clone();
        let answered = self.answers.as_ref().and_then(|answers| {
            let is_same = |answer: &&Answered| answer.is_for(test, place, member, &state);
            answers.iter().find(is_same).map(|answer| answer.truth)
        });
        if let Some(truth) = answered {
            return truth;
        }
        let tries = std::mem::take(&mut frame.tries);
        let marks = (
            frame.failures.len(),
            frame.edges.len(),
            frame.refused.len(),
            frame.lookups.len(),
        );
        self.set_refined(frame, place.clone(), member);
        // What is called on the way has states of its own.
        let answers = self.answers.take();
        let truth = self.test(frame, test);
        self.answers = answers;
        frame.failures.truncate(marks.0);
        frame.edges.truncate(marks.1);
        frame.refused.truncate(marks.2);
        frame.lookups.truncate(marks.3);
        frame.tries = tries;
        if let Some(answers) = &mut self.answers {
            answers.push(Answered {
                test,
                place: place.clone(),
                member,
                state: state.clone(),
                truth,
            });
        }
        frame.state = state;
        truth
    }

    /// Narrows what is known to either case of a test: to the one where it holds in the frame, to the other one in the result. Both ask how the test comes out
    /// for the same alternatives, and it is asked once.
    pub fn assume_either(&mut self, frame: &mut Frame<'p>, test: &'p Expr) -> State {
        let before = frame.state.clone();
        let around = self.answers.replace(Vec::new());
        self.assume(frame, test, true);
        let holds = std::mem::replace(&mut frame.state, before);
        self.assume(frame, test, false);
        self.answers = around;
        std::mem::replace(&mut frame.state, holds)
    }
}

/// How a test came out for one alternative of what it asks about.
#[derive(Debug)]
pub struct Answered {
    test: *const Expr,
    place: Place,
    member: Value,
    /// Where it was asked. It is held, so that nothing else can be where its parts are.
    state: State,
    truth: Truth,
}

impl Answered {
    /// Whether this is the answer to a question: the very same test, asked in the very same state.
    fn is_for(&self, test: *const Expr, place: &Place, member: Value, state: &State) -> bool {
        std::ptr::eq(self.test, test)
            && self.member == member
            && self.place == *place
            && self.state.is_very_same(state)
    }
}

/// The variable or the like that a part of a test asks about.
fn subject_of(test: &Expr) -> Option<&Expr> {
    match &test.kind {
        ExprKind::Name(..) => Some(test),
        ExprKind::Not(inner) => subject_of(inner),
        ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => subject_of(value),
        ExprKind::Compare { left, .. } => subject_of(left),
        ExprKind::Call(call) => match &call.function.kind {
            ExprKind::Attribute { value, .. } if !is_name(value, "inspect") => subject_of(value),
            _ => subject_of(&call.arguments.first()?.value),
        },
        _ => None,
    }
}

/// What `type(x)`, `x.__class__` and `type(x).__name__` ask about.
fn type_asked(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Call(call) if call.arguments.len() == 1 && is_name(&call.function, "type") => {
            Some(&call.arguments[0].value)
        }
        ExprKind::Attribute {
            value, attribute, ..
        } => match attribute.as_str() {
            "__class__" => Some(value),
            "__name__" => type_asked(value),
            _ => None,
        },
        _ => None,
    }
}

fn is_name(expr: &Expr, wanted: &str) -> bool {
    matches!(&expr.kind, ExprKind::Name(name, _) if name.as_str() == wanted)
}

/// Whether evaluating a test does nothing but read: no code of the tree is called, but for properties.
fn is_pure(test: &Expr) -> bool {
    match &test.kind {
        ExprKind::Constant(_) | ExprKind::Name(..) => true,
        ExprKind::Attribute { value, .. } => is_pure(value),
        ExprKind::Subscript { value, index } => is_pure(value) && is_pure(index),
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            items.iter().all(is_pure)
        }
        ExprKind::Bool { values, .. } => values.iter().all(is_pure),
        ExprKind::Not(inner) | ExprKind::Unary { operand: inner, .. } => is_pure(inner),
        ExprKind::Compare { left, rest } => {
            is_pure(left) && rest.iter().all(|(_, right)| is_pure(right))
        }
        ExprKind::Call(call) => {
            is_harmless(&call.function)
                && call
                    .arguments
                    .iter()
                    .all(|argument| is_pure(&argument.value))
        }
        _ => false,
    }
}

/// Functions that only look at what they get, by the names that they usually go by.
fn is_harmless(function: &Expr) -> bool {
    match &function.kind {
        ExprKind::Name(name, Var::Global(_)) => matches!(
            name.as_str(),
            "isinstance"
                | "issubclass"
                | "callable"
                | "hasattr"
                | "getattr"
                | "len"
                | "type"
                | "bool"
                | "str"
                | "int"
        ),
        ExprKind::Attribute {
            value, attribute, ..
        } => {
            let asks = attribute.starts_with("is") && is_name(value, "inspect");
            asks || is_pure(value) && is_text_method(*attribute)
        }
        _ => false,
    }
}

fn is_text_method(name: Name) -> bool {
    matches!(
        name.as_str(),
        "startswith"
            | "endswith"
            | "lower"
            | "upper"
            | "strip"
            | "lstrip"
            | "rstrip"
            | "isdigit"
            | "isidentifier"
            | "get"
            | "keys"
            | "values"
    )
}

/// Whether a function inside assigns a variable: what a test says of it goes beyond what this code assigned.
#[must_use]
pub fn is_assigned_inside(frame: &Frame<'_>, slot: Slot) -> bool {
    frame.scope.slots[slot.0 as usize].assigned_inside
}

/// Whether an expression is a test that gives `True` or `False` and nothing else.
fn is_test(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Not(_) => true,
        ExprKind::Compare { rest, .. } => {
            let is_identity = |op: Comparison| matches!(op, Comparison::Is | Comparison::IsNot);
            rest.iter().all(|(op, _)| is_identity(*op))
        }
        _ => false,
    }
}
