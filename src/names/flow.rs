//! The state of the analysis of one scope.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::bits::Bits;
use super::ending::Endings;
use super::flags::flag_set_by;
use super::{Doubt, Scoped, Slot};
use crate::name::Name;
use crate::python::builtins::builtin;
use crate::syntax::ir::{ClassId, Expr, Module, Range, Scope, Stmt, Var};

/// What is known of all variables of the scope at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Those that may be unbound.
    pub(super) unbound: Bits,
    /// Those that may be bound.
    pub(super) bound: Bits,
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

/// A loop around the point.
pub(super) struct Loop<'m> {
    /// What each pass runs.
    pub(super) body: &'m [Stmt],
    /// What is bound for certain when the first pass begins.
    pub(super) entered: Bits,
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
    pub(super) kind: Scoped,
    pub(super) state: State,
    pub(super) loops: Vec<Loop<'m>>,
    pub(super) tries: Vec<Try>,
    /// How many pieces of code are around that run later, if ever.
    pub(super) later: u32,
    /// How many comprehensions are around.
    pub(super) comprehensions: u32,
    /// How many blocks are around that were gone through before, for their doubts.
    pub(super) quiet: u32,
    /// How many `finally` blocks are around.
    pub(super) finals: u32,
    pub(super) doubts: Vec<Doubt>,
    /// Reads of functions' variables further out: how many functions out, which variable, and where.
    pub(super) free_reads: Vec<(u32, Slot, u32)>,
    /// Doubts about what the bodies of classes in the scope read of it.
    pub(super) in_classes: Vec<(ClassId, Doubt)>,
    /// What may be bound at any point.
    pub(super) ever_bound: Bits,
    /// See [`Self::slot`].
    by_name: FxHashMap<Name, Slot>,
    /// Which statement before left which variable bound on one way and unbound on another, where nothing has been asked since. See [`super::ways`].
    pub(super) parted: Vec<(Slot, Range)>,
    /// The tests before of which one answer leads elsewhere, so that the other one holds here.
    pub(super) settled: Vec<&'m Expr>,
    /// How many loops are around of which a further pass is gone through.
    pub(super) further_passes: u32,
    /// What the first passes of loops left in `parted` for the variables that they read, by where they read them (bytes).
    parted_at: FxHashMap<u32, Option<Range>>,
    /// The variables in which loops around count from 0.
    pub(super) counters: Vec<Slot>,
    /// The functions of the file that never come back.
    pub(super) endings: Rc<Endings>,
}

impl<'m> Flow<'m> {
    /// Before a scope's first statement.
    pub(super) fn new(
        ir: &'m Module,
        scope: &'m Scope,
        kind: Scoped,
        endings: &Rc<Endings>,
    ) -> Self {
        let mut state = State::dead(scope.slots.len());
        state.live = true;
        let mut ever_bound = Bits::new(scope.slots.len());
        for (index, variable) in (0..).zip(&scope.slots) {
            state.unbound.set(index, true);
            // A function inside may bind it at any time. What is hidden is bound by what hides it.
            if variable.assigned_inside || variable.hidden {
                state.bound.set(index, true);
                ever_bound.set(index, true);
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
            comprehensions: 0,
            quiet: 0,
            finals: 0,
            doubts: Vec::new(),
            free_reads: Vec::new(),
            in_classes: Vec::new(),
            ever_bound,
            by_name: FxHashMap::default(),
            parted: Vec::new(),
            settled: Vec::new(),
            further_passes: 0,
            parted_at: FxHashMap::default(),
            counters: Vec::new(),
            endings: Rc::clone(endings),
        }
    }

    /// The parameters, which come first, are bound.
    pub(super) fn bind_parameters(&mut self, count: usize) {
        for index in 0..count {
            self.bind_slot(Slot(u32::try_from(index).unwrap_or(u32::MAX)));
        }
    }

    /// Whether the scope is a function's.
    pub(super) fn is_function(&self) -> bool {
        matches!(self.kind, Scoped::Function(_))
    }

    /// Whether the scope is the module's.
    pub(super) fn is_module(&self) -> bool {
        matches!(self.kind, Scoped::Module)
    }

    /// The module's variable of a name, if there is one.
    pub(super) fn slot(&mut self, name: Name) -> Option<Slot> {
        if self.by_name.is_empty() {
            let visible = (0..).zip(&self.scope.slots);
            let visible = visible.filter(|(_, variable)| !variable.hidden);
            self.by_name = visible
                .map(|(index, variable)| (variable.name, Slot(index)))
                .collect();
        }
        self.by_name.get(&name).copied()
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
        if self.state.live {
            self.ever_bound.set(slot.0, true);
        }
    }

    /// A variable is deleted.
    pub(super) fn unbind(&mut self, var: Var) {
        if let Var::Local(slot) = var
            && self.state.bound.has(slot.0)
        {
            self.parted.retain(|(parted, _)| *parted != slot);
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
        let slot = match var {
            Var::Local(slot) => slot,
            Var::Free { up, slot } => {
                if self.state.live {
                    self.free_reads.push((up, slot, range.start));
                }
                return;
            }
            Var::Hidden { .. } | Var::Global(_) => return,
        };
        if !self.state.unbound.has(slot.0) || self.stays(slot) {
            return;
        }
        let is_certain = !self.state.bound.has(slot.0);
        if self.quiet == 0 {
            let parting = self.parting_at(slot, range.start);
            self.doubts.push(Doubt {
                at: range.start,
                is_certain: is_certain && self.later == 0,
                is_free: false,
                in_comprehension: self.comprehensions > 0,
                parting: parting.or_else(|| self.flag(slot)).filter(|_| !is_certain),
            });
        }
        if self.later == 0 && self.raises_if_unbound(slot) {
            self.state.unbound.set(slot.0, false);
        }
    }

    /// The statement whose ways part for a variable that is read: in a loop, in the first pass.
    fn parting_at(&mut self, slot: Slot, at: u32) -> Option<Range> {
        if self.further_passes > 0 {
            return self.parted_at.get(&at).copied().flatten();
        }
        let parting = self.parting_of(slot);
        if !self.loops.is_empty() {
            self.parted_at.insert(at, parting);
        }
        parting
    }

    /// The statement that sets a variable of a function to the only value that it ever gets, if that is a truth value.
    fn flag(&self, slot: Slot) -> Option<Range> {
        match self.kind {
            Scoped::Function(id) => flag_set_by(&self.ir[id].body, slot),
            _ => None,
        }
    }

    /// The body of a class in the scope, which runs at once, reads one of its variables.
    pub(super) fn read_in_class(&mut self, class: ClassId, slot: Slot, range: Range) {
        let is_unbound = self.state.unbound.has(slot.0) && !self.state.bound.has(slot.0);
        if is_unbound && !self.stays(slot) && self.quiet == 0 {
            let doubt = Doubt {
                at: range.start,
                is_certain: true,
                is_free: self.is_function(),
                in_comprehension: false,
                parting: None,
            };
            self.in_classes.push((class, doubt));
        }
    }

    /// Whether reading an unbound variable raises here: in a class body or a module there may be another one of the same name further out.
    fn raises_if_unbound(&self, slot: Slot) -> bool {
        match self.kind {
            Scoped::Function(_) => true,
            Scoped::Class(_) => false,
            Scoped::Module => builtin(&self.scope.slots[slot.0 as usize].name).is_none(),
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
