//! Loops: iterations that are known are followed one by one, all others are evaluated to a fixpoint.
//!
//! The state at a loop's head has to hold for each iteration. It begins as the state before the loop; a pass over the body says what an iteration makes
//! of it, and what is new is widened into it, until a pass brings nothing new. What an earlier pass found is forgotten: the last one reports.
//!
//! It ends: a pass after which another one is needed makes at least one variable, or one object, hold anything, so that it holds whatever later passes
//! put there; and after [`PASSES`] of them all variables and objects are made to hold anything, which one more pass cannot add to. What a variable holds
//! at the head matters only if an iteration may read it before it assigns it.

use std::rc::Rc;

use crate::syntax::ir::{Constant, Expr, ExprKind, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::state::{Dict, Entry, Object, Sequence, State};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{ClassRef, Data, LocalId, Value};
use crate::eval::interpreter::exposed::First;
use crate::eval::interpreter::frame::{Frame, LoopExit, Owner};
use crate::eval::interpreter::unpacking::Reached;
use crate::eval::library::table;

/// How many items of a known list a loop is followed for one by one.
const UNROLL_LIMIT: usize = 48;

/// How many iterations of a `while` are followed one by one, as long as its test is decided; in other loops fewer.
const WHILE_LIMIT: [usize; 2] = [24, 4];

/// How deep loops within loops are followed; deeper ones are evaluated once for any iteration.
const LOOP_DEPTH: usize = 3;

/// How many passes may bring something new before all is taken for unknown. Most loops are stable after the second.
const PASSES: usize = 5;

/// For how many rounds a loop counts whose rounds are not followed one by one.
const USUAL_PASSES: usize = 3;

/// How deep containers within containers are compared.
const NESTING: u32 = 4;

impl<'p> Evaluator<'p> {
    /// `for target in iter`.
    pub fn for_loop(
        &mut self,
        frame: &mut Frame<'p>,
        (target, iter, is_async): (&'p Expr, &'p Expr, bool),
        body: &'p [Stmt],
        orelse: &'p [Stmt],
    ) {
        let iterable = self.expression(frame, iter);
        if !frame.state.live {
            return;
        }
        self.check_iterated(frame, iter, iterable, is_async);
        let item = self.iterated(frame, iterable);
        let items = self
            .items_to_loop_over(frame, iterable)
            .filter(|items| item.is_none() && items.len() <= UNROLL_LIMIT);
        // The iterator may be code of the tree.
        self.forget_facts(frame);
        frame.loops.push(LoopExit::beginning(&frame.state));
        let followed = items.and_then(|items| {
            let around = (frame.loops.len() <= LOOP_DEPTH)
                .then(|| frame.follow_rounds(items.len()))
                .flatten()?;
            Some((items, around))
        });
        match followed {
            Some((items, around)) => {
                for (round, item) in items.into_iter().enumerate() {
                    if !frame.state.live {
                        break;
                    }
                    // An earlier round may leave the loop.
                    let reached = Reached::first(round == 0);
                    self.check_unpacking(frame, target, item, (iter, reached));
                    self.assign(frame, target, item);
                    self.block(frame, body);
                    self.go_round(frame);
                }
                frame.rounds = around;
            }
            None => {
                let is_registered = item.is_none()
                    && frame.loops.len() <= LOOP_DEPTH
                    && !leaves_loop(body)
                    && self.registered_rounds(frame, (target, iter), iterable, body);
                let item = item.unwrap_or_else(|| self.any_item(frame, iterable));
                if !is_registered {
                    frame.note_test(iter);
                }
                // Whatever was put into such a container is what the loop fails for.
                let reached = Reached::first(self.is_kept(iterable));
                let exposed = self.exposed_in(First::Assigns(target), body);
                self.repeat(frame, &exposed, &mut |evaluator, frame| {
                    evaluator.check_unpacking(frame, target, item, (iter, reached));
                    evaluator.assign(frame, target, item);
                    evaluator.block(frame, body);
                });
            }
        }
        if frame.state.live {
            self.block(frame, orelse);
        }
        self.leave_loop(frame);
    }

    /// Follows the rounds of a loop for the items that a register has for certain: each gets its turn, in whatever order. False: there are none.
    fn registered_rounds(
        &mut self,
        frame: &mut Frame<'p>,
        (target, iter): (&'p Expr, &'p Expr),
        iterable: Value,
        body: &'p [Stmt],
    ) -> bool {
        let Some(items) = self.registered_items(frame, iterable) else {
            return false;
        };
        for item in items.into_iter().take(UNROLL_LIMIT) {
            let before = frame.state.clone();
            self.check_unpacking(frame, target, item, (iter, Reached::Perhaps));
            self.assign(frame, target, item);
            self.block(frame, body);
            self.go_round(frame);
            // Another one may come first, or what is not known.
            frame.state.live = true;
            frame.state.join(&before, &mut self.values);
        }
        true
    }

    /// `while test`.
    pub fn while_loop(
        &mut self,
        frame: &mut Frame<'p>,
        test: &'p Expr,
        body: &'p [Stmt],
        orelse: &'p [Stmt],
    ) {
        frame.loops.push(LoopExit::beginning(&frame.state));
        let endless = is_true_literal(test);
        // What a function answers the first time need not be what it answers the next.
        let is_plain = !calls_something(test);
        if !endless && is_plain {
            self.known_iterations(frame, test, body);
        }
        if frame.state.live {
            let exposed = self.exposed_in(First::Tests(test), body);
            self.repeat(frame, &exposed, &mut |evaluator, frame| {
                if !endless {
                    match evaluator.test(frame, test) {
                        Truth::False if is_plain => frame.state.live = false,
                        Truth::True if is_plain => {}
                        _ => frame.note_test(test),
                    }
                    evaluator.assume(frame, test, true);
                }
                evaluator.block(frame, body);
            });
        }
        if endless {
            frame.state.live = false;
        } else if frame.state.live {
            match self.test(frame, test) {
                Truth::True if is_plain => frame.state.live = false,
                _ => self.assume(frame, test, false),
            }
        }
        if frame.state.live {
            self.block(frame, orelse);
        }
        self.leave_loop(frame);
    }

    /// Follows the iterations of a `while` whose test is known to hold. What follows them goes on from the state after the last one.
    fn known_iterations(&mut self, frame: &mut Frame<'p>, test: &'p Expr, body: &'p [Stmt]) {
        let depth = frame.loops.len();
        let limit = match depth {
            1 => WHILE_LIMIT[0],
            2..=LOOP_DEPTH => WHILE_LIMIT[1],
            _ => 0,
        };
        for _ in 0..limit {
            if !frame.state.live {
                return;
            }
            let before = frame.state.clone();
            let marks = Marks::of(frame);
            if self.test(frame, test) != Truth::True || !frame.state.live {
                frame.state = before;
                marks.forget(frame);
                return;
            }
            self.assume(frame, test, true);
            self.block(frame, body);
            self.go_round(frame);
        }
    }

    /// Evaluates a loop's body for any number of iterations. `exposed`: the variables that an iteration may read before it assigns them.
    pub fn repeat(
        &mut self,
        frame: &mut Frame<'p>,
        exposed: &[Slot],
        body: &mut dyn FnMut(&mut Self, &mut Frame<'p>),
    ) {
        self.forget_facts(frame);
        frame.uncertain += 1;
        let (decision, returned) = (frame.decision, frame.returned);
        let before = frame.state.clone();
        let around = (frame.loops.len() <= LOOP_DEPTH)
            .then(|| frame.follow_rounds(USUAL_PASSES))
            .flatten();
        if let Some(around) = around {
            let marks = Marks::of(frame);
            let mut head = before;
            let mut pass = 0;
            loop {
                pass += 1;
                body(self, frame);
                self.go_round(frame);
                let is_changed = self.widen_changed(frame);
                let mut joined = head.clone();
                joined.join(&frame.state, &mut self.values);
                let is_stable = !is_changed && self.is_stable(frame, exposed, &head, &joined);
                if pass > PASSES || is_stable {
                    frame.state = joined;
                    break;
                }
                marks.forget(frame);
                head = if pass == PASSES {
                    self.forget_variables(exposed, joined)
                } else {
                    self.widen(exposed, &head, joined, pass > 1)
                };
                frame.state = head.clone();
                self.forget_facts(frame);
            }
            frame.rounds = around;
        } else {
            let head = self.forget_variables(exposed, before);
            frame.state = head.clone();
            body(self, frame);
            self.go_round(frame);
            // What a comprehension collected may be among the objects that were made.
            let made = frame.state.heap.iter().skip(head.heap.len()).cloned();
            let made: Vec<Rc<Object>> = made.collect();
            frame.state = head;
            Rc::make_mut(&mut frame.state.heap).extend(made);
        }
        frame.decision = if frame.returned == returned {
            decision
        } else {
            None
        };
        frame.uncertain -= 1;
        self.publish(frame);
    }

    /// Widens what the iteration changed of containers that functions can reach too. The result says whether any of them is another one now.
    fn widen_changed(&mut self, frame: &mut Frame<'p>) -> bool {
        let Some(innermost) = frame.loops.last_mut() else {
            return false;
        };
        let changed = std::mem::take(&mut innermost.changed);
        let mut is_changed = false;
        for (id, before) in changed {
            is_changed |= self.widen_shared(id, &before);
            if let Some(outer) = frame.loops.iter_mut().nth_back(1) {
                outer.note_changed(id, before);
            }
        }
        is_changed
    }

    /// Whether an iteration brings nothing new to the state at a loop's head.
    fn is_stable(&self, frame: &Frame<'p>, exposed: &[Slot], head: &State, joined: &State) -> bool {
        let is_covered = |index: usize| {
            let (known, now) = (head.slots[index], joined.slots[index]);
            known == now || self.covers_value((known, now), joined, head.heap.len(), NESTING)
        };
        let slots_are_covered = if matches!(frame.owner, Owner::Function(_)) {
            exposed.iter().all(|slot| is_covered(slot.0 as usize))
        } else {
            // Functions see a module's variables in between.
            (0..head.slots.len()).all(is_covered)
        };
        slots_are_covered
            && head
                .heap
                .iter()
                .zip(joined.heap.iter())
                .all(|(known, now)| {
                    Rc::ptr_eq(known, now)
                        || known == now
                        || self.covers_object((known, now), joined, head.heap.len(), NESTING)
                })
    }

    /// Whether what is `known` says all that is the case `now`. Objects from `fresh` on were made by this very pass: they say no more than their like that
    /// was made by one before.
    fn covers_value(
        &self,
        (known, now): (Value, Value),
        state: &State,
        fresh: usize,
        depth: u32,
    ) -> bool {
        if known == now || self.values.is_open(known) {
            return true;
        }
        if depth == 0 {
            return false;
        }
        let known = self.values.alternatives(known);
        let now = self.values.alternatives(now);
        now.iter().all(|value| {
            if known.contains(value) {
                return true;
            }
            let Some((class, made)) = self.body_object(*value) else {
                return false;
            };
            if (made.0 as usize) < fresh {
                return false;
            }
            let content = state.object_rc(made);
            known.iter().any(|known| match self.body_object(*known) {
                Some((of, known)) if of == class => {
                    let known = state.object_rc(known);
                    self.covers_object((&known, &content), state, fresh, depth - 1)
                }
                _ => false,
            })
        })
    }

    /// The object of this body that a value is, or that an instance has its attributes in; and the class of that instance.
    fn body_object(&self, value: Value) -> Option<(Option<ClassRef>, LocalId)> {
        match *self.data(value) {
            Data::Local(id) => Some((None, id)),
            Data::Instance {
                class,
                given: Some(given),
                ..
            } => match self.data(given) {
                Data::Tuple(items) => match *self.data(*items.first()?) {
                    Data::Local(id) => Some((Some(class), id)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// The same for the content of a container.
    fn covers_object(
        &self,
        (known, now): (&Rc<Object>, &Rc<Object>),
        state: &State,
        fresh: usize,
        depth: u32,
    ) -> bool {
        let value = |known: Value, now: Value| self.covers_value((known, now), state, fresh, depth);
        match (&**known, &**now) {
            (known, now) if known == now => true,
            (Object::Anything, _) => true,
            (Object::Dict(known), Object::Dict(now)) => Self::covers_dict(known, now, &value),
            (Object::List(known), Object::List(now)) | (Object::Set(known), Object::Set(now)) => {
                Self::covers_sequence(known, now, &value)
            }
            _ => false,
        }
    }

    fn covers_dict(known: &Dict, now: &Dict, value: &dyn Fn(Value, Value) -> bool) -> bool {
        let rest = match (known.rest, now.rest) {
            (_, None) => true,
            (Some(known), Some(now)) => value(known, now),
            (None, Some(_)) => false,
        };
        rest && known.makes_keys == now.makes_keys
            && known
                .absent
                .iter()
                .all(|key| now.find(*key).is_none() && now.other(*key).is_none())
            && known.entries.iter().all(|entry| match now.find(entry.key) {
                Some(twin) => value(entry.value, twin.value) && (twin.certain || !entry.certain),
                None => !entry.certain,
            })
            && now.entries.iter().all(|entry| {
                known.find(entry.key).is_some()
                    || known
                        .other(entry.key)
                        .is_some_and(|other| value(other, entry.value))
            })
    }

    fn covers_sequence(
        known: &Sequence,
        now: &Sequence,
        value: &dyn Fn(Value, Value) -> bool,
    ) -> bool {
        if known.items.len() > now.items.len() {
            return false;
        }
        let mut pairs = known.items.iter().zip(&now.items);
        let further = now.items[known.items.len()..].iter().chain(&now.rest);
        pairs.all(|(&known, &now)| value(known, now))
            && further
                .into_iter()
                .all(|&now| known.rest.is_some_and(|rest| value(rest, now)))
    }

    /// What changes from iteration to iteration may be anything in the next. What was not assigned before the loop is only what an iteration assigns,
    /// unless that changes again (`is_late`).
    fn widen(
        &mut self,
        exposed: &[Slot],
        before: &State,
        mut joined: State,
        is_late: bool,
    ) -> State {
        for (index, value) in Rc::make_mut(&mut joined.slots).iter_mut().enumerate() {
            let known = before.slots[index];
            let is_new = known == Value::UNBOUND && !is_late;
            let matters = || exposed.iter().any(|slot| slot.0 as usize == index);
            if known != *value && !is_new && (!is_late || matters()) {
                *value = self.values.join(*value, Value::UNKNOWN);
            }
        }
        for index in 0..before.heap.len() {
            if before.heap[index] != joined.heap[index] {
                let object = joined.heap[index].clone();
                let kept = (!is_late).then(|| self.with_its_keys(&before.heap[index], &object));
                let widened = match kept.flatten() {
                    Some(kept) => Rc::new(kept),
                    None => self.opened_rc(&object),
                };
                Rc::make_mut(&mut joined.heap)[index] = widened;
            }
        }
        joined
    }

    /// A dict whose keys an iteration leaves as they are, with any values: `counts["all"] += 1`. The next pass says whether that holds for each iteration.
    fn with_its_keys(&mut self, before: &Object, joined: &Object) -> Option<Object> {
        let (Object::Dict(before), Object::Dict(joined)) = (before, joined) else {
            return None;
        };
        let is_closed = |dict: &Dict| dict.rest.is_none() && !dict.makes_keys;
        let has_no_more = |entry: &Entry| before.find(entry.key).is_some();
        if !is_closed(before) || !is_closed(joined) || !joined.entries.iter().all(has_no_more) {
            return None;
        }
        let mut dict = joined.clone();
        for entry in &mut dict.entries {
            entry.value = self.values.join(entry.value, Value::UNKNOWN);
        }
        Some(Object::Dict(dict))
    }

    /// Any content of the variables that matter and of all objects.
    fn forget_variables(&mut self, exposed: &[Slot], mut state: State) -> State {
        for (index, value) in Rc::make_mut(&mut state.slots).iter_mut().enumerate() {
            let matters = || exposed.iter().any(|slot| slot.0 as usize == index);
            if *value != Value::UNBOUND || matters() {
                *value = self.values.join(*value, Value::UNKNOWN);
            }
        }
        let opened = state.heap.iter().map(|object| self.opened_rc(object));
        state.heap = Rc::new(opened.collect());
        state
    }

    /// Joins the states at the `continue`s of this iteration.
    fn go_round(&mut self, frame: &mut Frame<'p>) {
        let Some(innermost) = frame.loops.last_mut() else {
            return;
        };
        if let Some(continues) = innermost.continues.take() {
            let made = innermost.made;
            frame.state.join_ways(&continues, made, &mut self.values);
        }
    }

    fn leave_loop(&mut self, frame: &mut Frame<'p>) {
        let exit = frame.loops.pop().unwrap_or_default();
        if let Some(breaks) = exit.breaks {
            frame.state.join_ways(&breaks, exit.made, &mut self.values);
        }
        if let Some(outer) = frame.loops.last_mut() {
            for (id, before) in exit.changed {
                outer.note_changed(id, before);
            }
        }
        self.publish(frame);
    }
}

/// How much had been found at some point.
pub struct Marks {
    failures: usize,
    edges: usize,
    refused: usize,
    guards: usize,
}

impl Marks {
    /// As much as now.
    pub fn of(frame: &Frame<'_>) -> Self {
        Self {
            failures: frame.failures.len(),
            edges: frame.edges.len(),
            refused: frame.refused.len(),
            guards: frame.guards.len(),
        }
    }

    /// Forgets what was found since.
    pub fn forget(&self, frame: &mut Frame<'_>) {
        frame.failures.truncate(self.failures);
        frame.edges.truncate(self.edges);
        frame.refused.truncate(self.refused);
        frame.guards.truncate(self.guards);
    }
}

/// Whether a test calls anything but a builtin that only looks at its argument.
fn calls_something(test: &Expr) -> bool {
    let mut found = false;
    visit::expressions(test, &mut |expr| {
        if let ExprKind::Call(call) = &expr.kind {
            found |= !matches!(call.function.kind, ExprKind::Name(name, Var::Global(_))
                if table::builtin(name).is_some_and(table::only_looks));
        }
    });
    found
}

/// Whether a loop's body can end the loop before its last round.
fn leaves_loop(body: &[Stmt]) -> bool {
    let mut found = false;
    visit::statements(body, &mut |stmt| {
        found |= matches!(stmt.kind, StmtKind::Break | StmtKind::Return(..));
    });
    found
}

fn is_true_literal(test: &Expr) -> bool {
    matches!(
        test.kind,
        ExprKind::Constant(Constant::Bool(true) | Constant::Int(1))
    )
}
