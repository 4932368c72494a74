//! Statements of which one way binds a variable and another one goes on without.
//!
//! A variable that may be unbound is mostly bound all the same where it is read: `if debug: log = open(..)`, and `if debug: log.write(..)`. It is worth a warning only
//! where nothing in between asks again: the statement and what reads the variable stand in one block, neither under a further test, and no test leaves in between.
//! Nor may it have been decided before which way is taken: see `decided`. In a loop it is the first pass that counts, before which no pass can have bound it.

use super::bits::Bits;
use super::flow::{Flow, State};
use super::statement::may_raise;
use crate::syntax::ir::{Branch, Expr, ExprKind, Range, Slot, Stmt, StmtKind, Var};

/// The ways through a statement of a function; elsewhere nobody asks for them.
pub(super) struct Ways(Option<Ends>);

/// A variable that a statement of a `try` binds.
pub(super) struct Opened {
    pub(super) slot: Slot,
    /// The statement.
    range: Range,
    /// Whether nothing goes wrong before it, so that only the statement itself may.
    is_first: bool,
    /// Whether nothing goes wrong behind it.
    pub(super) is_last: bool,
}

impl Opened {
    /// Whether what goes wrong in the block does so behind it, most often: a handler for all exceptions is there for what follows.
    pub(super) const fn mostly_comes_back(&self) -> bool {
        self.is_first && !self.is_last
    }
}

/// How the ways through a statement end.
struct Ends {
    /// What may be bound before it.
    before: Bits,
    /// What is bound for certain at the end of some way.
    binding: Bits,
    /// What may be bound at the end of some way.
    perhaps: Bits,
    /// What is unbound for certain at the end of some way.
    lacking: Bits,
    /// Whether a way goes elsewhere.
    leaves: bool,
    /// Whether further ways bind nothing that counts.
    is_over: bool,
}

impl Ways {
    /// At the beginning of a statement.
    pub(super) fn before(flow: &Flow<'_>) -> Self {
        let nothing = || Bits::new(flow.scope.slots.len());
        Self(flow.is_function().then(|| Ends {
            before: flow.state.bound.clone(),
            binding: nothing(),
            perhaps: nothing(),
            lacking: nothing(),
            leaves: false,
            is_over: false,
        }))
    }

    /// One way ends with a state.
    pub(super) fn end(&mut self, state: &State) {
        let Some(ends) = &mut self.0 else {
            return;
        };
        if !state.live {
            ends.leaves = true;
            return;
        }
        if !ends.is_over {
            ends.binding.add_without(&state.bound, &state.unbound);
            ends.perhaps.add(&state.bound);
        }
        ends.lacking.add_without(&state.unbound, &state.bound);
    }

    /// All ways are written out (`if` and `else`): what one of them may bind is as good as bound where the other one certainly does not.
    pub(super) fn are_all_written(&mut self) {
        if let Some(ends) = &mut self.0 {
            ends.perhaps.keep(&ends.lacking);
            ends.binding.add(&ends.perhaps);
        }
    }

    /// The ways that follow are there for what goes wrong: what they alone bind says that nothing else is expected (`except E as error: caught = error`).
    pub(super) fn goes_on_without_binding(&mut self) {
        if let Some(ends) = &mut self.0 {
            ends.is_over = true;
            ends.lacking.clear();
        }
    }
}

impl<'m> Flow<'m> {
    /// What `run` goes through is run for some answers of a test only.
    pub(super) fn aside<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        let parted = std::mem::take(&mut self.parted);
        let settled = self.settled.len();
        let result = run(self);
        self.parted = parted;
        self.settled.truncate(settled);
        result
    }

    /// One way through a statement is over, whose code is `body`.
    pub(super) fn end_way(&self, ways: &mut Ways, body: &[Stmt]) {
        match &mut ways.0 {
            Some(ends) if self.state.live && !self.goes_on(body) => ends.leaves = true,
            _ => ways.end(&self.state),
        }
    }

    /// Tests were asked. Where one way leaves, it may be what an earlier test asked; and tests that bind one variable one after the other mostly name all there is.
    pub(super) fn ask_again(&mut self, ways: &Ways, branches: &'m [Branch]) {
        let Some(ends) = &ways.0 else {
            return;
        };
        if ends.leaves {
            self.parted.clear();
            self.settled
                .extend(branches.iter().map(|branch| &branch.test));
        }
        self.parted.retain(|(slot, _)| !ends.binding.has(slot.0));
    }

    /// A statement is over: its ways part for variables that one of them binds and another one does not. `is_decided`: it was decided before which way is taken.
    pub(super) fn part(
        &mut self,
        ways: Ways,
        range: Range,
        is_decided: impl FnOnce(&Self) -> bool,
    ) {
        let Some(mut ends) = ways.0 else {
            return;
        };
        ends.lacking.keep(&ends.binding);
        ends.lacking.remove(&ends.before);
        let parted: Vec<u32> = ends.lacking.numbers().collect();
        if !parted.is_empty() && !is_decided(self) {
            let parted = parted.into_iter().map(|slot| (Slot(slot), range));
            self.parted.extend(parted);
        }
    }

    /// Goes through a handler, or a `finally`, of a `try` whose block binds `opened`: what goes wrong there may leave these variables as they were.
    pub(super) fn with_opened<'o, R>(
        &mut self,
        opened: impl Iterator<Item = &'o Opened>,
        run: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let opened = opened.map(|one| (one.slot, one.range)).collect();
        let parted = std::mem::replace(&mut self.parted, opened);
        let result = run(self);
        self.parted = parted;
        result
    }

    /// The variables that the statements of a `try` bind where something may have gone wrong before, and that nothing before it in the function, or in the pass of a loop, may
    /// have bound.
    pub(super) fn opened_by(&self, body: &[Stmt]) -> Vec<Opened> {
        let mut opened = Vec::new();
        if !self.is_function() {
            return opened;
        }
        let last = body.iter().rposition(may_raise);
        for (at, stmt) in body.iter().enumerate() {
            if !body[..=at].iter().any(may_raise) {
                continue;
            }
            for slot in bound_at_once(stmt) {
                if !self.state.bound.has(slot.0) {
                    opened.push(Opened {
                        slot,
                        range: stmt.range,
                        is_first: !body[..at].iter().any(may_raise),
                        is_last: last == Some(at) && matches!(stmt.kind, StmtKind::Assign { .. }),
                    });
                }
            }
        }
        opened
    }

    /// What is bound for certain here.
    pub(super) fn certain(&self) -> Bits {
        let mut certain = Bits::new(self.scope.slots.len());
        certain.add_without(&self.state.bound, &self.state.unbound);
        certain
    }

    /// Whether what follows a block is come to behind it, which is over here.
    pub(super) fn goes_on(&self, body: &[Stmt]) -> bool {
        let mut stmts = body.iter();
        self.state.live && !stmts.any(|stmt| seems_to_leave(stmt) || self.calls_ending(stmt))
    }

    /// The variables for which a statement of a block parts, if the block's end was come to.
    pub(super) fn parted_inside(&self, body: &[Stmt]) -> Vec<(Slot, Range)> {
        let holds =
            |outer: Range, range: Range| outer.start <= range.start && range.end <= outer.end;
        let is_inside = |range: Range| body.iter().any(|stmt| holds(stmt.range, range));
        let parted = self.parted.iter().copied();
        parted
            .filter(|&(_, range)| self.goes_on(body) && is_inside(range))
            .collect()
    }

    /// The variables for which a `try` of a block parts, if the block's end was come to.
    pub(super) fn parted_by_try(&self, body: &[Stmt]) -> Vec<(Slot, Range)> {
        let is_try = |range: Range| {
            let mut stmts = body.iter();
            stmts.any(|stmt| stmt.range == range && matches!(stmt.kind, StmtKind::Try { .. }))
        };
        let parted = self.parted.iter().copied();
        parted
            .filter(|&(_, range)| self.state.live && is_try(range))
            .collect()
    }

    /// The statement whose ways part for a variable, if what is read here is read whichever was taken.
    pub(super) fn parting_of(&self, slot: Slot) -> Option<Range> {
        let known = self.parted.iter().rev();
        known
            .copied()
            .find_map(|(parted, range)| (parted == slot).then_some(range))
    }
}

/// What the branches of a statement leave behind.
#[derive(Default)]
pub(super) struct Within {
    /// For each that is come to the end of: what is bound for certain, and the variables for which a statement of it parts.
    ends: Vec<(Bits, Vec<(Slot, Range)>)>,
}

impl Within {
    /// A branch is over.
    pub(super) fn end(&mut self, flow: &Flow<'_>, body: &[Stmt]) {
        if flow.is_function() && flow.goes_on(body) {
            self.ends.push((flow.certain(), flow.parted_inside(body)));
        }
    }

    /// The variables for which a statement of one branch parts, while every other branch binds them: what follows the whole reads them whichever way was taken.
    pub(super) fn parted_for_all(self) -> Vec<(Slot, Range)> {
        let Self { ends } = self;
        let is_known = |slot: Slot| {
            ends.iter().all(|(certain, parted)| {
                certain.has(slot.0) || parted.iter().any(|one| one.0 == slot)
            })
        };
        let parted = ends.iter().flat_map(|(_, parted)| parted.iter().copied());
        parted.filter(|&(slot, _)| is_known(slot)).collect()
    }
}

/// The variables that a statement binds to what it works out, as a whole: `x = make()`, `with make() as x:`.
fn bound_at_once(stmt: &Stmt) -> Vec<Slot> {
    let slot_of = |target: &Expr| match target.kind {
        ExprKind::Name(_, Var::Local(slot)) => Some(slot),
        _ => None,
    };
    match &stmt.kind {
        StmtKind::Assign { targets, .. } => match targets.as_slice() {
            [target] => slot_of(target).into_iter().collect(),
            _ => Vec::new(),
        },
        StmtKind::With { items, .. } => {
            let targets = items.iter().filter_map(|item| item.target.as_ref());
            targets.filter_map(slot_of).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a statement seems to end the program, or the test: it calls something whose name says so, and that nothing here can look into.
pub(super) fn seems_to_leave(stmt: &Stmt) -> bool {
    let StmtKind::Expr(Expr {
        kind: ExprKind::Call(call),
        ..
    }) = &stmt.kind
    else {
        return false;
    };
    let (ExprKind::Name(name, _)
    | ExprKind::Attribute {
        attribute: name, ..
    }) = &call.function.kind
    else {
        return false;
    };
    let words = || name.split('_');
    // `raise_for_status`, `fail_if_empty`: only sometimes.
    let is_sometimes = words().any(|word| matches!(word, "if" | "for" | "not" | "on" | "unless"));
    is_error_of_parser(&call.function)
        || !is_sometimes
            && words().any(|word| {
                matches!(
                    word,
                    "exit"
                        | "quit"
                        | "abort"
                        | "fail"
                        | "die"
                        | "skip"
                        | "skipTest"
                        | "usage"
                        | "fatal"
                        | "raise"
                        | "throw"
                )
            })
}

/// `parser.error(..)`, which ends the program (the library reference, "argparse", "optparse").
fn is_error_of_parser(function: &Expr) -> bool {
    match &function.kind {
        ExprKind::Attribute {
            value, attribute, ..
        } if attribute.as_str() == "error" => {
            matches!(value.kind, ExprKind::Name(name, _) if name.ends_with("parser"))
        }
        _ => false,
    }
}
