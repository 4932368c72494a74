//! Whether a test came out as it did because of what the caller passed: the interface, the operation, which keywords are there.
//!
//! Only then is a `raise` behind it a broken obligation. A function that refuses a value, or that is switched off by a flag
//! of its module, is not ours to judge.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::name::Name;
use crate::syntax::ir::{
    Call, Comparison, Comprehension, Expr, ExprKind, Parameter, ParameterKind, Slot, Stmt,
    StmtKind, Var,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::state::Object;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::{Blame, Decision, Frame, Lookup};

/// How many assignments back a variable is followed.
const DEPTH: u32 = 4;

/// The variables that were followed for one question, each with the fewest assignments back at which it was. All that is found is added up: what was seen once from
/// there tells nothing more.
#[derive(Default)]
struct Walk {
    depth: u32,
    followed: FxHashMap<Slot, u32>,
}

impl Walk {
    /// Whether a variable is still to be followed from here.
    fn enters(&mut self, slot: Slot) -> bool {
        let known = self.followed.entry(slot).or_insert(u32::MAX);
        let is_new = self.depth < *known;
        *known = self.depth.min(*known);
        is_new
    }
}

/// What a look at an expression says.
enum Verdict {
    /// Nothing the caller passed takes part.
    Nothing,
    /// This does.
    Decided(Decision),
    /// A value that the caller passed does, not a name or a keyword's presence.
    Refuses,
    /// That a key is there does, which nobody lacks.
    Passed,
}

impl Verdict {
    /// Adds what a look at a further part says: that a value is refused outweighs all, and the first thing that decided is the one.
    fn add(&mut self, further: Self) {
        match (&*self, further) {
            (Self::Refuses, _) | (_, Self::Nothing) => {}
            (_, Self::Refuses) => *self = Self::Refuses,
            (Self::Nothing | Self::Passed, Self::Decided(decision)) => {
                *self = Self::Decided(decision);
            }
            (Self::Nothing, Self::Passed) => *self = Self::Passed,
            _ => {}
        }
    }
}

impl<'p> Evaluator<'p> {
    /// Remembers what decided a test with only one outcome.
    pub fn note_decision(&mut self, frame: &mut Frame<'p>, test: &'p Expr) {
        // Only a `raise` asks what decided, and most bodies have none.
        if !self.raises_somewhere(frame) {
            return;
        }
        match self.decided_by(frame, test, &mut Walk::default()) {
            Verdict::Decided(decision) => frame.decision = Some(decision),
            Verdict::Refuses | Verdict::Passed => frame.decision = None,
            Verdict::Nothing => {}
        }
    }

    /// Whether the frame is a function's and has a `raise` of its own.
    fn raises_somewhere(&mut self, frame: &Frame<'p>) -> bool {
        let Some(function) = frame.function() else {
            return false;
        };
        let known = self.raising.entry(std::ptr::from_ref(function));
        *known.or_insert_with(|| {
            let mut found = false;
            visit::statements(&function.body, &mut |stmt| {
                found |= matches!(stmt.kind, StmtKind::Raise { .. });
            });
            found
        })
    }

    /// The same for `match operation:`.
    pub fn note_match(&mut self, frame: &mut Frame<'p>, subject: &'p Expr, value: Value) {
        if frame.function().is_none()
            || !matches!(self.data(value), Data::Str(_) | Data::Member { .. })
        {
            return;
        }
        self.note_lookup(frame, value, true);
        if self.raises_somewhere(frame)
            && let Verdict::Decided(decision) =
                self.decided_by(frame, subject, &mut Walk::default())
        {
            frame.decision = Some(decision);
        }
    }

    /// Remembers a look-up, if its key is one of the parameters (or a tuple of them).
    pub fn note_lookup(&mut self, frame: &mut Frame<'p>, key: Value, found: bool) {
        let parts = match self.data(key) {
            Data::Str(_) | Data::Member { .. } => &[key][..],
            Data::Tuple(items) => items,
            _ => return,
        };
        let arguments = &self.contexts[frame.context.0 as usize].arguments;
        for (index, &argument) in arguments.iter().enumerate() {
            let same = |part: &Value| match (self.values.get(argument), self.values.get(*part)) {
                // `operation.upper()` is still the operation.
                (Data::Str(argument), Data::Str(part)) => argument.eq_ignore_ascii_case(part),
                (Data::Member { .. }, _) => argument == *part,
                _ => false,
            };
            if parts.iter().any(same) {
                let lookup = Lookup {
                    parameter: Slot(u32::try_from(index).unwrap_or(u32::MAX)),
                    found,
                };
                if !frame.lookups.contains(&lookup) {
                    frame.lookups.push(lookup);
                }
            }
        }
    }

    /// Remembers a look-up by a name that is made of a parameter: `f'interface_{interface.value}'`.
    pub fn note_made_name(&mut self, frame: &mut Frame<'p>, text: Name, found: bool) {
        for index in 0..self.contexts[frame.context.0 as usize].arguments.len() {
            let argument = self.contexts[frame.context.0 as usize].arguments[index];
            let part = match *self.data(argument) {
                Data::Str(part) => Some(part),
                Data::Member { class, name } => self
                    .member_values
                    .get(&(class, name))
                    .and_then(|&value| self.values.as_str(value)),
                _ => None,
            };
            if part
                .is_some_and(|part| part.len() > 2 && part != text && text.contains(part.as_str()))
            {
                self.note_lookup(frame, argument, found);
            }
        }
    }

    fn decided_by(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, walk: &mut Walk) -> Verdict {
        if walk.depth > DEPTH {
            return Verdict::Nothing;
        }
        match &expr.kind {
            ExprKind::Name(_, Var::Local(slot)) => self.variable_decides(frame, *slot, walk),
            ExprKind::Constant(_) | ExprKind::Name(..) => Verdict::Nothing,
            ExprKind::Compare { left, rest } => {
                if let [(Comparison::In | Comparison::NotIn, right)] = rest.as_slice()
                    && let Some(parameter) = self.dict_parameter(frame, right)
                {
                    let key = self.peek(frame, left);
                    return match self.values.as_str(key) {
                        Some(_) if self.was_passed(frame, parameter, key) => Verdict::Passed,
                        Some(name) => Verdict::Decided(Decision::Key(parameter, name)),
                        None => Verdict::Nothing,
                    };
                }
                let rest = rest.iter().map(|(_, right)| right);
                self.any_decides(frame, std::iter::once(&**left).chain(rest), walk)
            }
            ExprKind::Call(call) => self.call_decides(frame, call, walk),
            ExprKind::Subscript { value, index } => {
                if self.dict_parameter(frame, value).is_some() {
                    return Verdict::Refuses;
                }
                self.any_decides(frame, [&**index, &**value], walk)
            }
            ExprKind::Comprehension(comprehension) => {
                self.comprehension_decides(frame, comprehension)
            }
            // `(interface, operation)`: the operation is what the interface does not have.
            ExprKind::Tuple(items) => {
                let key = self.peek(frame, expr);
                let part = self.deciding_part(frame, key);
                match self.parameter_with(frame, part) {
                    Some(slot) => Verdict::Decided(Decision::Parameter(slot)),
                    None => self.any_decides(frame, items, walk),
                }
            }
            _ => {
                let mut found = Verdict::Nothing;
                visit::children(expr, &mut |child| {
                    if !matches!(found, Verdict::Refuses) {
                        found.add(self.decided_by(frame, child, walk));
                    }
                });
                found
            }
        }
    }

    fn any_decides(
        &mut self,
        frame: &mut Frame<'p>,
        parts: impl IntoIterator<Item = &'p Expr>,
        walk: &mut Walk,
    ) -> Verdict {
        let mut found = Verdict::Nothing;
        for part in parts {
            found.add(self.decided_by(frame, part, walk));
            if matches!(found, Verdict::Refuses) {
                break;
            }
        }
        found
    }

    fn variable_decides(&mut self, frame: &mut Frame<'p>, slot: Slot, walk: &mut Walk) -> Verdict {
        let Some(function) = frame.function() else {
            return Verdict::Nothing;
        };
        if (slot.0 as usize) < function.params.len() {
            let argument = self.contexts[frame.context.0 as usize].arguments[slot.0 as usize];
            return match self.data(argument) {
                Data::Str(_) | Data::Member { .. } => Verdict::Decided(Decision::Parameter(slot)),
                Data::Local(_) => Verdict::Nothing,
                _ => Verdict::Refuses,
            };
        }
        let asked = (function.body.as_ptr().addr(), slot);
        let sources = self.sources.entry(asked);
        let sources = Rc::clone(sources.or_insert_with(|| sources_of(&function.body, slot)));
        if !walk.enters(slot) {
            return Verdict::Nothing;
        }
        walk.depth += 1;
        let found = self.any_decides(frame, sources.iter().copied(), walk);
        walk.depth -= 1;
        found
    }

    fn call_decides(&mut self, frame: &mut Frame<'p>, call: &'p Call, walk: &mut Walk) -> Verdict {
        if let ExprKind::Name(name, _) = &call.function.kind
            && matches!(
                name.as_str(),
                "isinstance" | "len" | "type" | "callable" | "issubclass"
            )
        {
            return Verdict::Refuses;
        }
        if let ExprKind::Attribute {
            value, attribute, ..
        } = &call.function.kind
            && matches!(attribute.as_str(), "get" | "pop" | "setdefault")
            && let Some(parameter) = self.dict_parameter(frame, value)
        {
            let Some(first) = call.arguments.first() else {
                return Verdict::Nothing;
            };
            let key = self.peek(frame, &first.value);
            let Some(name) = self.values.as_str(key) else {
                return Verdict::Nothing;
            };
            return if self.was_passed(frame, parameter, key) {
                Verdict::Refuses
            } else {
                Verdict::Decided(Decision::Key(parameter, name))
            };
        }
        let arguments = call.arguments.iter().map(|argument| &argument.value);
        self.any_decides(
            frame,
            std::iter::once(&call.function).chain(arguments),
            walk,
        )
    }

    /// `[k for k in required if k not in kwargs]`: the first key that is missing.
    fn comprehension_decides(
        &mut self,
        frame: &mut Frame<'p>,
        comprehension: &'p Comprehension,
    ) -> Verdict {
        for clause in &comprehension.clauses {
            let tests = clause.conditions.iter().chain([&comprehension.element]);
            for condition in tests {
                let ExprKind::Compare { rest, .. } = &condition.kind else {
                    continue;
                };
                let [(Comparison::NotIn | Comparison::In, right)] = rest.as_slice() else {
                    continue;
                };
                let Some(parameter) = self.dict_parameter(frame, right) else {
                    continue;
                };
                let iterable = match &clause.iter.kind {
                    ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items) => {
                        items.iter().map(|item| self.peek(frame, item)).collect()
                    }
                    _ => {
                        let iterable = self.peek(frame, &clause.iter);
                        self.known_items(frame, iterable).unwrap_or_default()
                    }
                };
                for key in iterable {
                    if let Some(name) = self.values.as_str(key)
                        && !self.was_passed(frame, parameter, key)
                    {
                        return Verdict::Decided(Decision::Key(parameter, name));
                    }
                }
            }
        }
        Verdict::Nothing
    }

    /// The parameter that `expr` names, if the caller handed a dict (or keywords) over in it.
    fn dict_parameter(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Option<Slot> {
        let expr = match &expr.kind {
            // `kwargs.keys()`
            ExprKind::Call(call) => match &call.function.kind {
                ExprKind::Attribute {
                    value, attribute, ..
                } if attribute.as_str() == "keys" => value,
                _ => return None,
            },
            _ => expr,
        };
        let ExprKind::Name(_, Var::Local(slot)) = expr.kind else {
            return None;
        };
        let context = &self.contexts[frame.context.0 as usize];
        let argument = *context.arguments.get(slot.0 as usize)?;
        match *self.values.get(argument) {
            Data::Local(id) => {
                matches!(**context.heap.get(id.0 as usize)?, Object::Dict(_)).then_some(slot)
            }
            _ => None,
        }
    }

    /// Whether the caller may have passed `key` in the dict that a parameter is.
    fn was_passed(&self, frame: &Frame<'p>, parameter: Slot, key: Value) -> bool {
        let context = &self.contexts[frame.context.0 as usize];
        let Some(&argument) = context.arguments.get(parameter.0 as usize) else {
            return true;
        };
        match *self.values.get(argument) {
            Data::Local(id) => match context.heap.get(id.0 as usize).map(AsRef::as_ref) {
                Some(Object::Dict(dict)) => dict.other(key).is_some() || dict.find(key).is_some(),
                _ => true,
            },
            _ => true,
        }
    }

    /// What leads to the cause of a failure that a decision led to. A key that a parameter takes is not in the function's `**kwargs`, whatever the
    /// caller passes: then it is the code that looks for it there.
    pub fn blame_of(frame: &Frame<'p>, decision: Decision) -> Blame {
        let Decision::Key(slot, key) = decision else {
            return Blame::Decision(decision);
        };
        let parameters = frame
            .function()
            .map_or(&[][..], |function| &function.params);
        let is_var_keyword = |parameter: &Parameter| parameter.kind == ParameterKind::VarKeyword;
        let takes = |parameter: &Parameter| {
            let by_keyword = ParameterKind::PositionalOrKeyword == parameter.kind
                || ParameterKind::KeywordOnly == parameter.kind;
            by_keyword && parameter.name == key
        };
        if parameters.get(slot.0 as usize).is_some_and(is_var_keyword)
            && parameters.iter().any(takes)
        {
            Blame::Here
        } else {
            Blame::Decision(decision)
        }
    }

    /// Whether a dict is one that the caller handed over as keywords or as a parameter.
    pub fn handed_over(&self, frame: &Frame<'p>, value: Value) -> Option<Slot> {
        let Data::Local(id) = *self.data(value) else {
            return None;
        };
        let context = &self.contexts[frame.context.0 as usize];
        context
            .arguments
            .iter()
            .position(|&argument| *self.values.get(argument) == Data::Local(id))
            .map(|index| Slot(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// The parameter whose value is this key.
    pub fn parameter_with(&self, frame: &Frame<'p>, key: Value) -> Option<Slot> {
        if !matches!(self.data(key), Data::Str(_) | Data::Member { .. }) {
            return None;
        }
        let context = &self.contexts[frame.context.0 as usize];
        context
            .arguments
            .iter()
            .position(|&argument| argument == key)
            .map(|index| Slot(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// What a key is told by: of several parts the last text that is a parameter's.
    pub fn deciding_part(&self, frame: &Frame<'p>, key: Value) -> Value {
        let Data::Tuple(items) = self.data(key) else {
            return key;
        };
        let is_text = |item: &&Value| matches!(self.data(**item), Data::Str(_));
        let mut texts = items.iter().rev().filter(is_text);
        let part = texts.find(|&&item| self.parameter_with(frame, item).is_some());
        part.copied().unwrap_or(key)
    }

    /// The text of a known key.
    pub fn key_name(&self, key: Value) -> Option<Name> {
        match self.data(key) {
            Data::Str(text) => Some(*text),
            Data::Member { name, .. } => Some(*name),
            _ => None,
        }
    }
}

/// What a body assigns to a variable, or takes it from.
fn sources_of(body: &[Stmt], slot: Slot) -> Rc<[&Expr]> {
    let mut sources: Vec<&Expr> = Vec::new();
    visit::statements(body, &mut |stmt| match &stmt.kind {
        StmtKind::Assign { targets, value } if targets.iter().any(|target| binds(target, slot)) => {
            sources.push(value);
        }
        StmtKind::AnnAssign {
            target,
            value: Some(value),
            ..
        } if binds(target, slot) => sources.push(value),
        StmtKind::For { target, iter, .. } if binds(target, slot) => sources.push(iter),
        _ => {}
    });
    sources.into()
}

fn binds(target: &Expr, slot: Slot) -> bool {
    match &target.kind {
        ExprKind::Name(_, Var::Local(found)) => *found == slot,
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().any(|item| binds(item, slot))
        }
        ExprKind::Starred(inner) => binds(inner, slot),
        _ => false,
    }
}
