//! Scopes while they are lowered, and the look-up of names (language reference, section 4.2).

use rustc_hash::FxHashMap;

use super::ir::{ClassId, FunctionId, Parent, Scope, Slot, Var, Variable};
use crate::name::Name;

/// What a scope's own code means by a name.
#[derive(Clone, Copy)]
pub(super) enum Binding {
    /// The scope's own variable.
    Slot(Slot),
    /// The module's, because a `global` statement at this byte says so.
    Global { declared: u32 },
    /// An enclosing function's, because a `nonlocal` statement says so.
    Nonlocal,
}

/// One scope around the code being lowered.
pub(super) struct Frame {
    /// Whose scope it is.
    pub(super) owner: Parent,
    /// The variables so far.
    pub(super) scope: Scope,
    /// What its names mean.
    pub(super) table: FxHashMap<Name, Binding>,
    /// The comprehension variables that can be seen from here, the innermost last.
    pub(super) hidden: Vec<(Name, Slot)>,
    /// How many comprehensions are around.
    pub(super) comprehensions: u32,
    /// The innermost class around, without leading underscores: what private names are mangled with.
    pub(super) private: Option<Name>,
    /// What goes before the names of functions and classes that stand here.
    pub(super) prefix: String,
    /// How many of those are generator expressions.
    pub(super) generators: u32,
    /// How many loops of the scope are around.
    pub(super) loops: u32,
    /// How many of a function's slots are parameters.
    pub(super) parameters: usize,
    /// Whether there is a `global` statement.
    pub(super) has_globals: bool,
    /// `async def`.
    pub(super) is_async: bool,
    /// Whether a `yield` was seen.
    pub(super) is_generator: bool,
}

/// The stack of scopes, the module's first. It is never empty.
pub(super) struct Frames {
    stack: Vec<Frame>,
    /// Whether the module has a `from x import *`.
    pub(super) has_star: bool,
    /// Emptied tables, so that a function does not cost an allocation.
    spare: Vec<FxHashMap<Name, Binding>>,
}

impl Frames {
    /// The stack with the module's scope.
    pub(super) fn new() -> Self {
        let mut frames = Self {
            stack: Vec::new(),
            has_star: false,
            spare: Vec::new(),
        };
        frames.push(Parent::Module, None, String::new());
        frames
    }

    /// Enters a scope.
    pub(super) fn push(&mut self, owner: Parent, private: Option<Name>, prefix: String) {
        self.stack.push(Frame {
            owner,
            scope: Scope::default(),
            table: self.spare.pop().unwrap_or_default(),
            hidden: Vec::new(),
            comprehensions: 0,
            private,
            prefix,
            generators: 0,
            loops: 0,
            parameters: 0,
            has_globals: false,
            is_async: false,
            is_generator: false,
        });
    }

    /// Leaves the innermost scope: its variables, and whether it is a generator.
    pub(super) fn pop(&mut self) -> (Scope, bool) {
        let Some(mut frame) = self.stack.pop() else {
            return (Scope::default(), false);
        };
        frame.table.clear();
        self.spare.push(frame.table);
        (frame.scope, frame.is_generator)
    }

    /// The innermost scope.
    pub(super) fn top(&self) -> &Frame {
        &self.stack[self.stack.len() - 1]
    }

    /// The innermost scope.
    pub(super) fn top_mut(&mut self) -> &mut Frame {
        let last = self.stack.len() - 1;
        &mut self.stack[last]
    }

    /// Notes that the innermost scope's code binds `name`.
    pub(super) fn bind(&mut self, name: Name) {
        match self.top().table.get(&name) {
            Some(&Binding::Slot(slot)) => self.top_mut().scope.slots[slot.0 as usize].bindings += 1,
            Some(Binding::Global { .. }) => {
                let module = &mut self.stack[0];
                let slot = module.declare(name);
                let variable = &mut module.scope.slots[slot.0 as usize];
                variable.bindings += 1;
                variable.assigned_inside = true;
            }
            Some(Binding::Nonlocal) => {
                if let Some((owner, slot)) = self.nonlocal(name) {
                    let variable = &mut self.stack[owner].scope.slots[slot.0 as usize];
                    variable.bindings += 1;
                    variable.captured = true;
                    variable.assigned_inside = true;
                }
            }
            None => {
                let slot = self.top_mut().declare(name);
                self.top_mut().scope.slots[slot.0 as usize].bindings += 1;
            }
        }
    }

    /// Gives a comprehension of the innermost scope a variable of its own, visible from here on. The comprehension's
    /// first variable is at `first` in [`Frame::hidden`]; a name that several of its targets bind is one variable.
    pub(super) fn hide(&mut self, name: Name, first: usize) {
        let top = self.top_mut();
        if let Some(&(_, slot)) = top.hidden[first..].iter().find(|(known, _)| *known == name) {
            top.scope.slots[slot.0 as usize].bindings += 1;
            return;
        }
        let slot = top.declare_hidden(name);
        top.hidden.push((name, slot));
    }

    /// Obeys `global name`, written at byte `declared`. At the top level it says nothing new.
    pub(super) fn declare_global(&mut self, name: Name, declared: u32) {
        let top = self.top_mut();
        if top.owner != Parent::Module {
            top.table.insert(name, Binding::Global { declared });
            top.has_globals = true;
        }
    }

    /// Obeys `nonlocal name`. Where no function around has such a variable, which is an error, the name stays local.
    pub(super) fn declare_nonlocal(&mut self, name: Name) {
        if self.nonlocal(name).is_some() {
            self.top_mut().table.insert(name, Binding::Nonlocal);
        }
    }

    /// The scope (as index of the stack) and the slot that `nonlocal name` in the innermost scope means, if there is one.
    pub(super) fn nonlocal(&self, name: Name) -> Option<(usize, Slot)> {
        let around = self.stack.len() - 1;
        for (index, frame) in self.stack[..around].iter().enumerate().rev() {
            if let Parent::Function(_) = frame.owner {
                match frame.table.get(&name) {
                    Some(&Binding::Slot(slot)) => return Some((index, slot)),
                    Some(Binding::Global { .. }) => return None,
                    Some(Binding::Nonlocal) | None => {}
                }
            }
        }
        None
    }

    /// Whether the module binds a name, or may do so by a star import.
    pub(super) fn module_may_have(&self, name: Name) -> bool {
        self.has_star || self.stack[0].table.contains_key(&name)
    }

    /// Whether a scope that the innermost one's code sees binds a name, the module's included.
    pub(super) fn is_bound(&self, name: Name) -> bool {
        let last = self.stack.len() - 1;
        self.stack.iter().enumerate().any(|(index, frame)| {
            let is_seen = index == last || !matches!(frame.owner, Parent::Class(_));
            is_seen && frame.table.contains_key(&name)
                || frame.hidden.iter().any(|(known, _)| *known == name)
        })
    }

    /// What `name` means in the innermost scope's code.
    pub(super) fn resolve(&mut self, name: Name) -> Var {
        let last = self.stack.len() - 1;
        let mut up = 0;
        for index in (0..=last).rev() {
            let frame = &self.stack[index];
            let own = index == last;
            if !own && matches!(frame.owner, Parent::Function(_)) {
                up += 1;
            }
            if let Some(&(_, slot)) = frame.hidden.iter().rev().find(|(known, _)| *known == name) {
                return self.reach(index, slot, up);
            }
            let visible = match frame.owner {
                // The names of a class are there for the statements of its body alone, not for the functions and
                // comprehensions in it; those of the module are reached by name.
                Parent::Class(_) => own && frame.comprehensions == 0,
                Parent::Module => own,
                Parent::Function(_) => true,
            };
            if visible {
                match frame.table.get(&name) {
                    Some(&Binding::Slot(slot)) => return self.reach(index, slot, up),
                    Some(Binding::Global { .. }) => return Var::Global(name),
                    Some(Binding::Nonlocal) | None => {}
                }
            }
        }
        Var::Global(name)
    }

    /// How the innermost scope's code reaches a slot of the scope at `index`, `up` functions out.
    fn reach(&mut self, index: usize, slot: Slot, up: u32) -> Var {
        let is_own = index + 1 == self.stack.len();
        let frame = &mut self.stack[index];
        let variable = &mut frame.scope.slots[slot.0 as usize];
        variable.named = true;
        if is_own {
            return Var::Local(slot);
        }
        variable.captured = true;
        match frame.owner {
            Parent::Function(_) => Var::Free { up, slot },
            owner => Var::Hidden { owner, slot },
        }
    }

    /// `name` as the compiler sees it here: private names of a class body get the class's name
    /// (`_Py_Mangle` in CPython's compile.c).
    pub(super) fn mangle(&self, name: Name) -> Name {
        let text = name.as_str();
        if !text.starts_with("__") || text.ends_with("__") || text.contains('.') {
            return name;
        }
        match self.top().private {
            Some(class) => Name::new(&format!("_{class}{text}")),
            None => name,
        }
    }

    /// `__qualname__` of what is called `name` here (PEP 3155).
    pub(super) fn qualify(&self, name: Name) -> Name {
        let top = self.top();
        let is_global = top.comprehensions == 0
            && matches!(
                top.table.get(&self.mangle(name)),
                Some(Binding::Global { .. })
            );
        if top.prefix.is_empty() || is_global {
            return name;
        }
        let mut text = String::with_capacity(top.prefix.len() + name.len());
        text.push_str(&top.prefix);
        text.push_str(&name);
        Name::new(&text)
    }
}

impl Frame {
    /// The slot of `name`, made if there is none.
    pub(super) fn declare(&mut self, name: Name) -> Slot {
        if let Some(&Binding::Slot(slot)) = self.table.get(&name) {
            return slot;
        }
        let slot = self.new_slot(name, false);
        self.table.insert(name, Binding::Slot(slot));
        slot
    }

    /// A new slot that no name leads to until it is entered in [`Frame::hidden`].
    pub(super) fn declare_hidden(&mut self, name: Name) -> Slot {
        let slot = self.new_slot(name, true);
        self.scope.slots[slot.0 as usize].bindings = 1;
        slot
    }

    fn new_slot(&mut self, name: Name, hidden: bool) -> Slot {
        let slot = Slot(index(self.scope.slots.len()));
        self.scope.slots.push(Variable {
            name,
            bindings: 0,
            captured: false,
            assigned_inside: false,
            named: false,
            defined: false,
            hidden,
        });
        slot
    }
}

/// An index as we store it. A file has under 4 GiB of text (the parser's ranges say so), hence fewer things than that.
pub(super) fn index(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The next function's id.
pub(super) fn function_id(count: usize) -> FunctionId {
    FunctionId(index(count))
}

/// The next class's id.
pub(super) fn class_id(count: usize) -> ClassId {
    ClassId(index(count))
}
