//! What an expression looks at: the parameters of the function that it stands in, followed through assignments and the tests around them.
//!
//! A test that looks at nothing which the calls of a chain wrote, made or passed answers either way, whatever the chain is (DESIGN 3a.2c). The
//! answer is given in terms of the function's own parameters; [`super::chain`] carries it on to the callers.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::eval::certainty::answers::{Answer, Hole};
use crate::eval::certainty::flow::{Flow, Part, Write};
use crate::eval::certainty::parts::Parts;
use crate::eval::certainty::passing::{Passed, passed};
use crate::eval::domain::value::{ContextId, Value};
use crate::eval::interpreter::frame::Owner;
use crate::name::Name;
use crate::syntax::ir::{Call, Comparison, Constant, Expr, ExprKind, Range, Slot, Stmt, Var};
use crate::syntax::visit;

/// How many callees are followed from a test into what they return.
const CALLS: u32 = 3;

/// How many assignments are followed from a variable to the one that it was made of.
const STEPS: u32 = 4;

/// A variable of a body, or one item of the dict that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// The variable; below the number of parameters it is one.
    pub slot: Slot,
    /// The key, if only that item is looked at.
    pub item: Option<Name>,
}

impl Source {
    /// Whether two may be the same thing.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.slot == other.slot
            && (self.item == other.item || self.item.is_none() || other.item.is_none())
    }
}

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// The variables, sorted.
    pub sources: Vec<Source>,
    /// Whether a value is among it that the function itself wrote or made.
    pub made: bool,
    /// The variables of functions around this one, and how many functions further out these are.
    pub captured: Vec<(u32, Slot)>,
}

impl Looks {
    fn at(source: Source) -> Self {
        Self {
            sources: vec![source],
            ..Self::default()
        }
    }

    fn insert(&mut self, source: Source) {
        if let Err(at) = self.sources.binary_search(&source) {
            self.sources.insert(at, source);
        }
    }

    fn made() -> Self {
        Self {
            made: true,
            ..Self::default()
        }
    }

    /// Adds what another expression looks at.
    pub fn add(&mut self, other: &Self) {
        for &source in &other.sources {
            self.insert(source);
        }
        self.made |= other.made;
        for &captured in &other.captured {
            if !self.captured.contains(&captured) {
                self.captured.push(captured);
            }
        }
    }

    /// Whether no variable is looked at.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.sources.is_empty() && self.captured.is_empty()
    }

    /// Whether two expressions look at the same variable, one of a function around this one or its own.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let meets = |source: &Source| other.sources.iter().any(|other| source.overlaps(*other));
        let is_shared = |captured: &(u32, Slot)| other.captured.contains(captured);
        self.sources.iter().any(meets) || self.captured.iter().any(is_shared)
    }
}

/// What was read of bodies so far.
#[derive(Debug, Default)]
pub struct Flows<'p> {
    by_body: FxHashMap<usize, Rc<Flow<'p>>>,
    /// What the results of evaluations look at, by how many callees could still be entered.
    results: FxHashMap<(ContextId, u32, Parts), Rc<Looks>>,
    /// What expressions look at that were asked for before, by evaluation and address; whether tests, and what objects are made of, were followed.
    asked: FxHashMap<(ContextId, usize, bool, Parts), Rc<Looks>>,
}

impl<'p> Flows<'p> {
    /// The assignments of a body.
    pub fn of(&mut self, body: &'p [Stmt]) -> Rc<Flow<'p>> {
        let flow = self.by_body.entry(body.as_ptr().addr());
        Rc::clone(flow.or_insert_with(|| Rc::new(Flow::of(body))))
    }
}

/// Reads what expressions of one evaluation look at.
pub struct Looker<'e, 'p> {
    pub(super) evaluator: &'e Evaluator<'p>,
    pub(super) flows: &'e RefCell<Flows<'p>>,
    pub(super) context: ContextId,
    pub(super) flow: Rc<Flow<'p>>,
    /// How many variables are parameters.
    parameters: u32,
    /// The variables that were followed for the question that is being answered. All that is found is added up, so that each counts once.
    followed: Vec<Slot>,
    /// How many callees may still be entered.
    calls: u32,
    /// Whether the tests are followed under which a variable is assigned: they pick its value.
    follows_tests: bool,
    /// Which of what an object of the tree is given when it is made is followed.
    pub(super) parts: Parts,
    /// Where the question is asked: what is written later was not there.
    asked_at: Option<Range>,
    /// Whether it is asked what a variable is, and not what is in it.
    skips_parts: bool,
}

impl<'e, 'p> Looker<'e, 'p> {
    /// A reader for the body of an evaluation.
    #[must_use]
    pub fn new(
        evaluator: &'e Evaluator<'p>,
        flows: &'e RefCell<Flows<'p>>,
        context: ContextId,
    ) -> Self {
        let body = evaluator.body_of(context);
        let parameters = match evaluator.contexts[context.0 as usize].owner {
            Owner::Function(function) => function.params.len(),
            _ => 0,
        };
        Self {
            evaluator,
            flows,
            context,
            flow: flows.borrow_mut().of(body),
            parameters: u32::try_from(parameters).unwrap_or(u32::MAX),
            followed: Vec::new(),
            calls: CALLS,
            follows_tests: true,
            parts: Parts::None,
            asked_at: None,
            skips_parts: false,
        }
    }

    /// What is said of a variable that one assignment alone makes of another one, of its attribute or of its item, said of that other one.
    #[must_use]
    pub fn made_of(&self, hole: Hole, answer: Answer) -> (Hole, Answer) {
        let (mut hole, mut answer) = (hole, answer);
        for _ in 0..STEPS {
            let Hole::Local(Source { slot, item: None }) = hole else {
                break;
            };
            let [write] = self.flow.writes(slot) else {
                break;
            };
            let [value] = write.values.as_slice() else {
                break;
            };
            if self.is_parameter(slot) || !write.is_whole {
                break;
            }
            let Some(further) = answer.clone().of_value(value) else {
                break;
            };
            (hole, answer) = further;
        }
        (hole, answer)
    }

    /// What a test, or a value that is needed, looks at.
    pub fn looks(&mut self, expr: &'p Expr) -> Rc<Looks> {
        let key = (
            self.context,
            std::ptr::from_ref(expr).addr(),
            self.follows_tests,
            self.parts,
        );
        if let Some(known) = self.flows.borrow().asked.get(&key) {
            return Rc::clone(known);
        }
        self.followed.clear();
        self.asked_at = Some(expr.range);
        let mut looks = Looks::default();
        self.look(expr, &mut looks);
        let looks = Rc::new(looks);
        let known = &mut self.flows.borrow_mut().asked;
        known.insert(key, Rc::clone(&looks));
        looks
    }

    /// What the parts of a test look at together.
    pub fn all_looks(&mut self, parts: &[&'p Expr]) -> Looks {
        let mut looks = Looks::default();
        for part in parts {
            looks.add(&self.looks(part));
        }
        looks
    }

    /// What a variable of the body is made of, whenever that is asked.
    pub fn kept_in(&mut self, source: Source) -> Looks {
        self.followed.clear();
        self.asked_at = None;
        let mut looks = Looks::default();
        self.variable(source, &mut looks);
        looks
    }

    /// Reads what values are made of, and not what picked them.
    #[must_use]
    pub fn of_data(mut self) -> Self {
        self.follows_tests = false;
        self
    }

    /// Reads what objects of the tree are given when they are made as well, or not.
    #[must_use]
    pub const fn with_parts(mut self, parts: Parts) -> Self {
        self.parts = parts;
        self
    }

    /// Whether only what values are made of is read.
    #[must_use]
    pub const fn is_of_data(&self) -> bool {
        !self.follows_tests
    }

    /// What decides which object a variable holds, whatever is put into that.
    pub(super) fn object_in(&mut self, slot: Slot, asked_at: Range) -> Looks {
        self.followed.clear();
        self.asked_at = Some(asked_at);
        self.skips_parts = true;
        let mut looks = Looks::default();
        self.variable(Source { slot, item: None }, &mut looks);
        looks
    }

    /// Adds what an expression looks at to what was found so far.
    pub(super) fn look(&mut self, expr: &'p Expr, found: &mut Looks) {
        match &expr.kind {
            ExprKind::Name(_, Var::Local(slot)) => {
                let source = Source {
                    slot: *slot,
                    item: None,
                };
                self.variable(source, found);
            }
            ExprKind::Subscript { value, index } => {
                if !self.item(value, index, found) {
                    self.look(value, found);
                    self.look(index, found);
                }
            }
            ExprKind::Compare { left, rest } => {
                let mut left = &**left;
                for (op, right) in rest {
                    self.compared(left, *op, right, found);
                    left = right;
                }
            }
            ExprKind::Name(_, Var::Free { up, slot }) => found.add(&self.captured(*up, *slot)),
            ExprKind::Call(call) => self.called(call, found),
            ExprKind::Lambda(_) => {}
            _ => visit::children(expr, &mut |child| self.look(child, found)),
        }
    }

    /// A variable of a function around this one: what that was given or made when it made this one, unless functions inside it write it later, so that it is state.
    fn captured(&self, up: u32, slot: Slot) -> Looks {
        let closure = self.evaluator.contexts[self.context.0 as usize].closure;
        let owner = self.evaluator.free_owner(closure, up);
        let is_state = owner.is_some_and(|owner| {
            let Owner::Function(function) = self.evaluator.contexts[owner.0 as usize].owner else {
                return false;
            };
            function.scope.slots[slot.0 as usize].assigned_inside
        });
        if is_state {
            return Looks::default();
        }
        Looks {
            captured: vec![(up, slot)],
            ..Looks::made()
        }
    }

    /// Whether a variable of a function around this one holds what a call passed to that one, and that is known: `func` in what `@traced` makes of one function.
    fn is_told_around(&self, up: u32, slot: Slot) -> bool {
        let contexts = &self.evaluator.contexts;
        let closure = contexts[self.context.0 as usize].closure;
        let owner = self.evaluator.free_owner(closure, up);
        let passed = owner.and_then(|owner| {
            let owner = &contexts[owner.0 as usize];
            owner.arguments.get(slot.0 as usize)
        });
        passed.is_some_and(|&value| value != Value::UNKNOWN)
    }

    pub(super) fn is_parameter(&self, slot: Slot) -> bool {
        slot.0 < self.parameters
    }

    /// A variable, and what it is made of.
    fn variable(&mut self, source: Source, found: &mut Looks) {
        if self.followed.contains(&source.slot) {
            found.insert(source);
            return;
        }
        self.followed.push(source.slot);
        let flow = Rc::clone(&self.flow);
        let asked_at = self.asked_at;
        let is_later =
            |value: &&Expr| asked_at.is_some_and(|read| !flow.reaches(value.range, read));
        let skips_parts = std::mem::take(&mut self.skips_parts);
        let there = |write: &&Write<'p>| {
            let is_apart = skips_parts && write.part.is_some()
                || source
                    .item
                    .is_some_and(|item| is_of_other_keys(write, item));
            !is_apart && (write.values.is_empty() || !write.values.iter().all(is_later))
        };
        let writes: Vec<&Write<'p>> = flow.writes(source.slot).iter().filter(there).collect();
        let is_of_world = |write: &&Write<'p>| match write.values.as_slice() {
            [value] => write.is_whole && self.is_read_of_world(value),
            _ => false,
        };
        if !self.is_parameter(source.slot) && !writes.is_empty() && writes.iter().all(is_of_world) {
            return;
        }
        found.insert(source);
        for write in writes {
            found.made |= match write.values.as_slice() {
                [value] => write.is_whole && self.is_own(value),
                _ => false,
            };
            for value in &write.values {
                self.look(value, found);
            }
            if self.follows_tests {
                for test in flow.tests_around(write) {
                    self.look(test, found);
                }
            }
        }
    }

    /// `value[index]`, where that is one known item of a dict. False: it is not.
    fn item(&mut self, value: &'p Expr, index: &'p Expr, found: &mut Looks) -> bool {
        let ExprKind::Constant(Constant::Str(key)) = index.kind else {
            return self.is_world(value);
        };
        let ExprKind::Name(_, Var::Local(slot)) = value.kind else {
            return false;
        };
        let item = Some(key);
        self.variable(Source { slot, item }, found);
        true
    }

    fn compared(&mut self, left: &'p Expr, op: Comparison, right: &'p Expr, found: &mut Looks) {
        if matches!(op, Comparison::In | Comparison::NotIn)
            && (self.is_world(right) || self.item(right, left, found))
        {
            return;
        }
        self.look(left, found);
        self.look(right, found);
    }

    /// Whether a name stands for what a module holds and no function fills: its own variable, or what an import here or in a function around this one bound.
    fn is_table(&self, name: &Expr) -> bool {
        match name.kind {
            ExprKind::Name(_, Var::Global(_)) => !self.is_world(name),
            ExprKind::Name(_, Var::Local(slot)) => {
                !self.is_parameter(slot) && self.flow.writes(slot).is_empty()
            }
            ExprKind::Name(_, Var::Free { up, slot }) => {
                let closure = self.evaluator.contexts[self.context.0 as usize].closure;
                let owner = self.evaluator.free_owner(closure, up);
                owner.is_some_and(|owner| {
                    let body = self.evaluator.body_of(owner);
                    let flow = self.flows.borrow_mut().of(body);
                    !self.evaluator.is_parameter(owner, slot) && flow.writes(slot).is_empty()
                })
            }
            _ => false,
        }
    }

    /// Whether an expression is a container of the module that functions fill: what is in it is the world's business, whatever the key (3a.3).
    fn is_world(&self, expr: &Expr) -> bool {
        let ExprKind::Name(_, Var::Global(name)) = expr.kind else {
            return false;
        };
        let module = self.evaluator.contexts[self.context.0 as usize].module;
        self.evaluator.survey.is_filled(module, name)
    }

    /// Whether an expression takes something out of such a container.
    fn is_read_of_world(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Subscript { value, .. } => self.is_world(value),
            ExprKind::Call(call) => match &call.function.kind {
                ExprKind::Attribute {
                    value, attribute, ..
                } => matches!(attribute.as_str(), "get" | "pop") && self.is_world(value),
                _ => false,
            },
            _ => false,
        }
    }

    fn called(&mut self, call: &'p Call, found: &mut Looks) {
        if let ExprKind::Attribute {
            value, attribute, ..
        } = &call.function.kind
            && matches!(attribute.as_str(), "get" | "pop" | "setdefault")
            && let [first, rest @ ..] = call.arguments.as_slice()
            && self.item(value, &first.value, found)
        {
            for argument in rest {
                self.look(&argument.value, found);
            }
            return;
        }
        if let Some(slot) = receiver_of_super(call) {
            self.variable(Source { slot, item: None }, found);
            return;
        }
        if is_of_all_locals(call) {
            let parameters = (0..self.parameters).map(Slot);
            let slots: Vec<Slot> = parameters.chain(self.flow.slots()).collect();
            for slot in slots {
                self.variable(Source { slot, item: None }, found);
            }
            return;
        }
        let callees = self.callees(call);
        if let ([callee], true) = (callees.as_slice(), self.calls > 0) {
            if self.parts != Parts::None && self.is_construction(call, *callee) {
                // `Writer(port)`: the object is made of what it is given.
                self.constructed(call, *callee, found);
            } else {
                self.returned(call, *callee, found);
            }
            return;
        }
        match &call.function.kind {
            ExprKind::Name(_, Var::Global(_)) => {}
            ExprKind::Attribute { value, .. } => self.look(value, found),
            _ => self.look(&call.function, found),
        }
        for argument in &call.arguments {
            self.look(&argument.value, found);
        }
    }

    /// The evaluations that a call of this body leads to, one of each function.
    pub(super) fn callees(&self, call: &'p Call) -> Vec<usize> {
        let edges = &self.evaluator.contexts[self.context.0 as usize].edges;
        let mut found: Vec<usize> = Vec::new();
        for (at, edge) in edges.iter().enumerate() {
            let is_here = edge.call.is_some_and(|made| std::ptr::eq(made, call));
            let function =
                |at: usize| self.evaluator.contexts[edges[at].callee.0 as usize].function;
            if is_here && !found.iter().any(|&known| function(known) == function(at)) {
                found.push(at);
            }
        }
        found
    }

    /// What the result of a call of a function of the tree looks at: what its `return`s look at, and the tests around these.
    fn returned(&mut self, call: &'p Call, edge: usize, found: &mut Looks) {
        let edge = &self.evaluator.contexts[self.context.0 as usize].edges[edge];
        let callee = edge.callee;
        let results = self.results_of(callee);
        for &source in &results.sources {
            self.argument(call, edge.shift, (callee, source), found);
        }
        // A function inside this one reads this one's own variables.
        let closure = self.evaluator.contexts[callee.0 as usize].closure;
        for &(up, slot) in &results.captured {
            if self.evaluator.free_owner(closure, up) == Some(self.context) {
                self.variable(Source { slot, item: None }, found);
            }
        }
    }

    /// The parameters that the results of an evaluation look at; worked out once.
    fn results_of(&self, callee: ContextId) -> Rc<Looks> {
        let key = (callee, self.calls - 1, self.parts);
        if let Some(known) = self.flows.borrow().results.get(&key) {
            return Rc::clone(known);
        }
        let inner = Looker::new(self.evaluator, self.flows, callee);
        let mut inner = inner.with_parts(self.parts);
        inner.calls = self.calls - 1;
        let mut parts = Vec::new();
        let body = self.evaluator.body_of(callee);
        collect_results(body, &mut Vec::new(), &mut parts);
        let mut looks = Looks::default();
        for part in parts {
            inner.look(part, &mut looks);
        }
        let parameters = inner.parameters;
        looks.sources.retain(|source| source.slot.0 < parameters);
        let looks = Rc::new(looks);
        let known = &mut self.flows.borrow_mut().results;
        known.insert(key, Rc::clone(&looks));
        looks
    }

    /// What a parameter of a callee looks at, in terms of the caller.
    pub(super) fn argument(
        &mut self,
        call: &'p Call,
        shift: u32,
        (callee, source): (ContextId, Source),
        found: &mut Looks,
    ) {
        for passed in passed(self.evaluator, call, shift, callee, source) {
            match passed {
                Passed::Value(expr) => self.look(expr, found),
                Passed::Item(expr, item) => self.look_at_item(expr, item, found),
                Passed::Made | Passed::Default => {}
            }
        }
    }

    /// Where an argument comes from: a parameter that is passed on unchanged is looked at; what the body makes, writes or chooses is its own.
    pub fn origin(&mut self, expr: &'p Expr) -> Looks {
        self.followed.clear();
        self.comes_from(expr)
    }

    fn comes_from(&mut self, expr: &'p Expr) -> Looks {
        match &expr.kind {
            // Which class, member of one, or function is written down here.
            _ if self.is_of_class(expr) || self.is_code(expr) => Looks::made(),
            ExprKind::Name(_, Var::Local(slot)) => self.origin_of(Source {
                slot: *slot,
                item: None,
            }),
            ExprKind::Name(_, Var::Free { up, slot }) if self.is_told_around(*up, *slot) => {
                self.captured(*up, *slot)
            }
            ExprKind::Name(..) => Looks::default(),
            ExprKind::Attribute { value, .. }
            | ExprKind::Starred(value)
            | ExprKind::Await(value) => self.comes_from(value),
            ExprKind::Subscript { value, index } => match (&value.kind, &index.kind) {
                // Which one of a table that nothing fills is what picked it says.
                (ExprKind::Name(..), _) if self.is_table(value) => {
                    let mut looks = self.comes_from(value);
                    looks.add(&self.comes_from(index));
                    looks
                }
                (ExprKind::Name(_, Var::Local(slot)), ExprKind::Constant(Constant::Str(key))) => {
                    self.origin_of(Source {
                        slot: *slot,
                        item: Some(*key),
                    })
                }
                _ => self.comes_from(value),
            },
            ExprKind::Call(call) if let Some(slot) = receiver_of_super(call) => {
                self.origin_of(Source { slot, item: None })
            }
            ExprKind::Call(call) if self.makes(&call.function) => Looks::made(),
            ExprKind::Call(call) => self.origin_of_result(call),
            _ => Looks::made(),
        }
    }

    /// The same of a variable, or of one item in it.
    fn origin_of(&mut self, source: Source) -> Looks {
        let flow = Rc::clone(&self.flow);
        let writes = flow.writes(source.slot);
        let mut looks = if self.is_parameter(source.slot) {
            Looks::at(source)
        } else {
            Looks::default()
        };
        if self.followed.contains(&source.slot) {
            return looks;
        }
        self.followed.push(source.slot);
        for write in writes {
            if write.under.is_nothing() && write.is_whole {
                for value in &write.values {
                    looks.add(&self.comes_from(value));
                }
            } else {
                looks.made = true;
            }
        }
        looks
    }

    /// What one item of a dict looks at.
    pub fn item_of(&mut self, expr: &'p Expr, item: Name) -> Looks {
        self.followed.clear();
        self.asked_at = Some(expr.range);
        let mut looks = Looks::default();
        self.look_at_item(expr, item, &mut looks);
        looks
    }

    fn look_at_item(&mut self, expr: &'p Expr, item: Name, found: &mut Looks) {
        match expr.kind {
            ExprKind::Name(_, Var::Local(slot)) => {
                let item = Some(item);
                self.variable(Source { slot, item }, found);
            }
            _ => self.look(expr, found),
        }
    }

    /// Where one item of a dict comes from.
    pub fn origin_of_item(&mut self, expr: &'p Expr, item: Name) -> Looks {
        self.followed.clear();
        match expr.kind {
            ExprKind::Name(_, Var::Local(slot)) => self.origin_of(Source {
                slot,
                item: Some(item),
            }),
            _ => Looks::made(),
        }
    }

    /// What a call gives is the world's if nothing of this body goes into it.
    fn origin_of_result(&mut self, call: &'p Call) -> Looks {
        if let ExprKind::Attribute {
            value, attribute, ..
        } = &call.function.kind
            && matches!(attribute.as_str(), "get" | "pop")
            && let [first, ..] = call.arguments.as_slice()
            && let (ExprKind::Name(_, Var::Local(slot)), ExprKind::Constant(Constant::Str(key))) =
                (&value.kind, &first.value.kind)
        {
            return self.origin_of(Source {
                slot: *slot,
                item: Some(*key),
            });
        }
        let base = match &call.function.kind {
            ExprKind::Attribute { value, .. } => self.comes_from(value),
            function => match function {
                ExprKind::Name(_, Var::Local(_)) => Looks::made(),
                _ => Looks::default(),
            },
        };
        if call.arguments.is_empty() && base == Looks::default() {
            return base;
        }
        Looks::made()
    }
}

/// The variable that `super()` is another view of: the first parameter, or what is passed second (library reference, `super`). Outside of a method it raises.
#[must_use]
pub fn receiver_of_super(call: &Call) -> Option<Slot> {
    let slot = match call.arguments.as_slice() {
        [] => Slot(0),
        [_, receiver] => match receiver.value.kind {
            ExprKind::Name(_, Var::Local(slot)) => slot,
            _ => return None,
        },
        _ => return None,
    };
    let is_super = matches!(call.function.kind, ExprKind::Name(name, Var::Global(_)) if name.as_str() == "super");
    is_super.then_some(slot)
}

/// Whether a call gives all variables of the function around it: `"size" in locals()` asks whether some branch before has bound it.
fn is_of_all_locals(call: &Call) -> bool {
    let is_name = |name: Name| matches!(name.as_str(), "locals" | "vars" | "dir");
    call.arguments.is_empty()
        && matches!(call.function.kind, ExprKind::Name(name, Var::Global(_)) if is_name(name))
}

/// Whether what is written has nothing under a key: another one is written, or the whole is a dict whose keys are written out.
fn is_of_other_keys(write: &Write<'_>, item: Name) -> bool {
    match (write.part, write.values.as_slice()) {
        (Some(Part::Key(key)), _) => key != item,
        (None, [value]) if write.is_whole => match &value.kind {
            ExprKind::Dict(items) => items.iter().all(|entry| match &entry.key {
                Some(key) => {
                    matches!(key.kind, ExprKind::Constant(Constant::Str(key)) if key != item)
                }
                None => false,
            }),
            _ => false,
        },
        _ => false,
    }
}

/// The values that a body returns, and the tests around its `return`s.
fn collect_results<'p>(body: &'p [Stmt], tests: &mut Vec<&'p Expr>, out: &mut Vec<&'p Expr>) {
    use crate::syntax::ir::StmtKind;
    for stmt in body {
        if let StmtKind::Return(value) = &stmt.kind {
            out.extend(value);
            out.extend(tests.iter());
        }
        let depth = tests.len();
        match &stmt.kind {
            StmtKind::If { branches, .. } => {
                tests.extend(branches.iter().map(|branch| &branch.test));
            }
            StmtKind::For { iter, .. } => tests.push(iter),
            StmtKind::While { test, .. } => tests.push(test),
            StmtKind::Match { subject, .. } => tests.push(subject),
            StmtKind::Try { body, .. } => {
                visit::statements(body, &mut |stmt| {
                    visit::direct_expressions(stmt, &mut |expr| tests.push(expr));
                });
            }
            _ => {}
        }
        for block in visit::blocks(stmt) {
            collect_results(block, tests, out);
        }
        tests.truncate(depth);
    }
}
