//! Whether variables are bound where they are read: the flow of binding and unbinding through each scope.
//!
//! CPython raises `UnboundLocalError` or `NameError` for a variable that nothing bound on the way to where it is read. Which ways there are is a
//! matter of the file alone, whatever values it works on, so this stage needs neither the tree nor evaluation, and is worked out once for each file.
//!
//! The domain: on the ways that lead to a point a variable may be unbound, may be bound, or both. A point that no way leads to has neither. Loops
//! run to a fixpoint. What raises a certain failure ends the way *for that variable*: in `for x in items: total += x` no pass of the loop ever
//! comes to bind `total`.

mod bits;
mod expression;
mod flow;
mod statement;
#[cfg(test)]
mod tests;

use self::bits::Bits;
use self::flow::{Flow, Kind};
use crate::syntax::ir::{ClassId, FunctionId, Module, Slot};

/// A place where a variable of the scope is read, that may not be bound there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// The first byte of the name that is read.
    pub at: u32,
    /// The variable.
    pub slot: Slot,
    /// Whether it is unbound on every way that leads there.
    pub is_certain: bool,
}

/// The doubts of one file's scopes.
#[derive(Debug)]
pub struct Doubts {
    module: Vec<Doubt>,
    /// Of the module's variables: those that may be bound when its code is over.
    bound_at_end: Bits,
    functions: Vec<Vec<Doubt>>,
    classes: Vec<Vec<Doubt>>,
}

impl Doubts {
    /// Those of a file; kept with it.
    #[must_use]
    pub fn of(ir: &Module) -> &Self {
        ir.doubts.get_or_work_out(|| {
            let mut flow = Flow::new(ir, &ir.scope, Kind::Module);
            flow.run(&ir.body);
            let bound_at_end = flow.bound_at_end();
            let module = flow.into_doubts();
            let functions = ir.functions.iter().map(|function| {
                let mut flow = Flow::new(ir, &function.scope, Kind::Function);
                flow.bind_parameters(function.params.len());
                flow.run(&function.body);
                flow.into_doubts()
            });
            let functions = functions.collect();
            let classes = ir.classes.iter().map(|class| {
                let mut flow = Flow::new(ir, &class.scope, Kind::Class);
                flow.run(&class.body);
                flow.into_doubts()
            });
            Self {
                module,
                bound_at_end,
                functions,
                classes: classes.collect(),
            }
        })
    }

    /// The module's own, in order of their places.
    #[must_use]
    pub fn of_module(&self) -> &[Doubt] {
        &self.module
    }

    /// A function's.
    #[must_use]
    pub fn of_function(&self, id: FunctionId) -> &[Doubt] {
        &self.functions[id.0 as usize]
    }

    /// A class body's.
    #[must_use]
    pub fn of_class(&self, id: ClassId) -> &[Doubt] {
        &self.classes[id.0 as usize]
    }

    /// Whether a variable of the module may be bound when the module's own code has run.
    #[must_use]
    pub fn may_be_bound_at_end(&self, slot: Slot) -> bool {
        self.bound_at_end.has(slot.0)
    }
}

/// The doubt about the variable that is read at a byte, if there is one.
#[must_use]
pub fn doubt_at(doubts: &[Doubt], at: u32) -> Option<Doubt> {
    let first = doubts.partition_point(|doubt| doubt.at < at);
    doubts.get(first).copied().filter(|doubt| doubt.at == at)
}
