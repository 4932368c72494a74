//! The state of the analysis of one scope.

use super::bits::Bits;
use super::{Doubt, Slot};
use crate::python::builtins::builtin;
use crate::syntax::ir::{Module, Range, Scope, Stmt, Var};

/// What is known of all variables of the scope at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Those that may be unbound.
    unbound: Bits,
    /// Those that may be bound.
    bound: Bits,
    /// Whether any way leads here.
    pub(super) live: bool,
}

impl State {
    /// A point that no way leads to.
    fn dead(count: usize) -> Self {
        Self {
            unbound: Bits::new(count),
            bound: Bits::new(count),
            live: false,
        }
    }

    /// Makes this the state after either of two ways.
    pub(super) fn join(&mut self, other: &Self) {
        if other.live {
            self.unbound.add(&other.unbound);
            self.bound.add(&other.bound);
            self.live = true;
        }
    }

    /// Any variable that some way leads here with may be either.
    pub(super) fn blur(&mut self) {
        self.bound.add(&self.unbound);
        self.unbound = self.bound.clone();
    }

    /// Any variable may be bound.
    pub(super) fn may_bind_all(&mut self) {
        self.bound.add(&self.unbound);
    }

    /// What may be bound in `other` may be so here.
    pub(super) fn may_bind_as(&mut self, other: &Self) {
        self.bound.add(&other.bound);
    }

    /// No way leads on from here.
    pub(super) fn kill(&mut self) {
        self.unbound.clear();
        self.bound.clear();
        self.live = false;
    }
}

/// Whose scope it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The module's.
    Module,
    /// A class body's, where an unbound variable falls back on the module's.
    Class,
    /// A function's.
    Function,
}

/// A loop around the point.
pub(super) struct Loop {
    /// The states at its `break`s.
    pub(super) breaks: State,
    /// The states at its `continue`s.
    pub(super) continues: State,
    /// How many `try` statements are around the loop.
    pub(super) tries: usize,
}

/// A `try` or `with` statement around the point.
pub(super) struct Try {
    /// The states from which an exception may leave its block.
    pub(super) raised: State,
    /// The states in which `return`, `break` and `continue` leave it, where a `finally` sees them.
    pub(super) left: Option<State>,
}

/// The analysis of one scope.
pub(super) struct Flow<'m> {
    pub(super) ir: &'m Module,
    pub(super) scope: &'m Scope,
    pub(super) kind: Kind,
    pub(super) state: State,
    pub(super) loops: Vec<Loop>,
    pub(super) tries: Vec<Try>,
    /// How many pieces of code are around that run later, if ever.
    pub(super) later: u32,
    /// How many blocks are around that were gone through before, for their doubts.
    pub(super) quiet: u32,
    /// How many `finally` blocks are around.
    pub(super) finals: u32,
    pub(super) doubts: Vec<Doubt>,
}

impl<'m> Flow<'m> {
    /// Before a scope's first statement.
    pub(super) fn new(ir: &'m Module, scope: &'m Scope, kind: Kind) -> Self {
        let mut state = State::dead(scope.slots.len());
        state.live = true;
        for (index, variable) in (0..).zip(&scope.slots) {
            state.unbound.set(index, true);
            // A function inside may bind it at any time. What is hidden is bound by what hides it.
            if variable.assigned_inside || variable.hidden {
                state.bound.set(index, true);
            }
        }
        Self {
            ir,
            scope,
            kind,
            state,
            loops: Vec::new(),
            tries: Vec::new(),
            later: 0,
            quiet: 0,
            finals: 0,
            doubts: Vec::new(),
        }
    }

    /// The parameters, which come first, are bound.
    pub(super) fn bind_parameters(&mut self, count: usize) {
        for index in 0..count {
            self.bind_slot(Slot(u32::try_from(index).unwrap_or(u32::MAX)));
        }
    }

    /// Goes through the scope's code.
    pub(super) fn run(&mut self, body: &'m [Stmt]) {
        self.block(body);
    }

    /// What may be bound after it.
    pub(super) fn bound_at_end(&self) -> Bits {
        self.state.bound.clone()
    }

    /// The doubts in order, one for each place.
    pub(super) fn into_doubts(mut self) -> Vec<Doubt> {
        // Of several doubts at one place one that is not certain comes first, and stays.
        self.doubts.sort_unstable();
        self.doubts.dedup_by_key(|doubt| (doubt.at, doubt.slot));
        self.doubts
    }

    /// A point that no way leads to.
    pub(super) fn nowhere(&self) -> State {
        State::dead(self.scope.slots.len())
    }

    /// A variable is assigned.
    pub(super) fn bind(&mut self, var: Var) {
        if let Var::Local(slot) = var {
            self.bind_slot(slot);
        }
    }

    fn bind_slot(&mut self, slot: Slot) {
        if self.state.unbound.has(slot.0) {
            let stays = self.stays(slot);
            self.state.bound.set(slot.0, true);
            self.state.unbound.set(slot.0, stays);
        }
    }

    /// A variable is deleted.
    pub(super) fn unbind(&mut self, var: Var) {
        if let Var::Local(slot) = var
            && self.state.bound.has(slot.0)
        {
            self.state.unbound.set(slot.0, true);
            let stays = self.stays(slot);
            self.state.bound.set(slot.0, stays);
        }
    }

    /// Whether what this scope's code does to a variable is not all that is done to it.
    fn stays(&self, slot: Slot) -> bool {
        let variable = &self.scope.slots[slot.0 as usize];
        variable.assigned_inside || variable.hidden
    }

    /// A variable is read.
    pub(super) fn read(&mut self, var: Var, range: Range) {
        let Var::Local(slot) = var else { return };
        if !self.state.unbound.has(slot.0) || self.stays(slot) {
            return;
        }
        let is_certain = !self.state.bound.has(slot.0);
        if self.quiet == 0 {
            self.doubts.push(Doubt {
                at: range.start,
                slot,
                is_certain: is_certain && self.later == 0,
            });
        }
        if self.later == 0 && self.raises_if_unbound(slot) {
            self.state.unbound.set(slot.0, false);
        }
    }

    /// Whether reading an unbound variable raises here: in a class body or a module there may be another one of the same name further out.
    fn raises_if_unbound(&self, slot: Slot) -> bool {
        match self.kind {
            Kind::Function => true,
            Kind::Class => false,
            Kind::Module => builtin(&self.scope.slots[slot.0 as usize].name).is_none(),
        }
    }

    /// Something may raise here.
    pub(super) fn may_raise(&mut self) {
        if let Some(innermost) = self.tries.last_mut() {
            innermost.raised.join(&self.state);
        }
    }

    /// `return`: what is around sees the state, and no way leads on.
    pub(super) fn leave(&mut self) {
        for left in self.tries.iter_mut().filter_map(|t| t.left.as_mut()) {
            left.join(&self.state);
        }
        self.state.kill();
    }

    /// `break` or `continue`.
    pub(super) fn jump(&mut self, is_break: bool) {
        let Some(innermost) = self.loops.last_mut() else {
            self.state.kill();
            return;
        };
        let mut state = self.state.clone();
        for around in &mut self.tries[innermost.tries..] {
            if let Some(left) = &mut around.left {
                left.join(&self.state);
                // The `finally` runs in between, whatever it binds.
                state.may_bind_all();
            }
        }
        if is_break {
            innermost.breaks.join(&state);
        } else {
            innermost.continues.join(&state);
        }
        self.state.kill();
    }
}
