//! Whether variables are bound where they are read: the flow of binding and unbinding through each scope.
//!
//! CPython raises `UnboundLocalError` or `NameError` for a variable that nothing bound on the way to where it is read. Which ways there are is a
//! matter of the file alone, whatever values it works on, so this stage needs neither the tree nor evaluation, and is worked out once for each file.
//!
//! The domain: on the ways that lead to a point a variable may be unbound, may be bound, or both. A point that no way leads to has neither. Loops
//! run to a fixpoint. What raises a certain failure ends the way *for that variable*: in `for x in items: total += x` no pass of the loop ever
//! comes to bind `total`.

mod bits;
mod decided;
mod ending;
mod expression;
mod flags;
mod flow;
mod late;
mod statement;
#[cfg(test)]
mod tests;
mod unheeded;
mod ways;

use std::rc::Rc;

use self::bits::Bits;
use self::ending::Endings;
use self::flow::Flow;
pub use self::unheeded::Unheeded;
use crate::syntax::ir::{ClassId, FunctionId, Module, Parent, Range, Slot};

/// A place where a variable is read that may not be bound there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// The first byte of the name that is read.
    pub at: u32,
    /// Whether it is unbound on every way that leads there.
    pub is_certain: bool,
    /// Whether it is a variable of a function around, and not of the scope that reads it.
    pub is_free: bool,
    /// Whether a comprehension reads it, which is a function of its own up to 3.11 (PEP 709).
    pub in_comprehension: bool,
    /// The statement of which one way binds it and another one does not, if what reads it is run whichever was taken: see `ways`. Or the statement that sets
    /// it, if that is the only value it ever gets: see `flags`.
    pub parting: Option<Range>,
}

/// The doubts of one file's scopes.
#[derive(Debug)]
pub struct Doubts {
    module: Vec<Doubt>,
    /// Of the module's variables: those that its code may bind at any point.
    ever_bound: Bits,
    functions: Vec<Vec<Doubt>>,
    classes: Vec<Vec<Doubt>>,
    unheeded: Vec<Unheeded>,
}

impl Doubts {
    /// Those of a file; kept with it.
    #[must_use]
    pub fn of(ir: &Module) -> &Self {
        ir.doubts.get_or_work_out(|| {
            let mut work = Work {
                ir,
                ever_bound: Vec::with_capacity(ir.functions.len()),
                classes: ir.classes.iter().map(|_| Vec::new()).collect(),
                endings: Rc::new(Endings::of(ir)),
            };
            let (module, ever_bound) = work.scope(Scoped::Module);
            // A function comes after those around it.
            let ids = (0..ir.functions.len()).map(function_id);
            let functions = ids.map(|id| {
                let (doubts, ever_bound) = work.scope(Scoped::Function(id));
                work.ever_bound.push(ever_bound);
                doubts
            });
            let functions = functions.collect();
            for id in (0..ir.classes.len()).map(class_id) {
                let (doubts, _) = work.scope(Scoped::Class(id));
                work.classes[id.0 as usize].extend(doubts);
            }
            for doubts in &mut work.classes {
                in_order(doubts);
            }
            Self {
                module,
                ever_bound,
                functions,
                classes: work.classes,
                unheeded: unheeded::unheeded_in(ir, &work.endings),
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

    /// Whether there are such attributes at all.
    #[must_use]
    pub fn has_unheeded(&self) -> bool {
        !self.unheeded.is_empty()
    }

    /// The attribute that an expression reads although a test before asked whether there is anything to read it of.
    #[must_use]
    pub fn unheeded_at(&self, at: u32) -> Option<Unheeded> {
        let found = self.unheeded.binary_search_by_key(&at, |one| one.at);
        found.ok().map(|index| self.unheeded[index])
    }

    /// Whether something in the file may bind a variable of the module.
    #[must_use]
    pub fn is_ever_bound(&self, slot: Slot) -> bool {
        self.ever_bound.has(slot.0)
    }
}

/// A scope of the file.
#[derive(Clone, Copy)]
enum Scoped {
    Module,
    Function(FunctionId),
    Class(ClassId),
}

/// What is known while the scopes are gone through.
struct Work<'m> {
    ir: &'m Module,
    /// What each function so far may bind at any point.
    ever_bound: Vec<Bits>,
    /// The doubts about what class bodies read.
    classes: Vec<Vec<Doubt>>,
    /// Its functions that never come back.
    endings: Rc<Endings>,
}

impl Work<'_> {
    /// The doubts of a scope, in order, and what it may bind.
    fn scope(&mut self, scoped: Scoped) -> (Vec<Doubt>, Bits) {
        let ir = self.ir;
        let (scope, body) = match scoped {
            Scoped::Module => (&ir.scope, &ir.body),
            Scoped::Function(id) => (&ir[id].scope, &ir[id].body),
            Scoped::Class(id) => (&ir[id].scope, &ir[id].body),
        };
        let mut flow = Flow::new(ir, scope, scoped, &self.endings);
        if let Scoped::Function(id) = scoped {
            flow.bind_parameters(ir[id].params.len());
        }
        flow.block(body);
        for (class, doubt) in flow.in_classes.drain(..) {
            self.classes[class.0 as usize].push(doubt);
        }
        let mut doubts = std::mem::take(&mut flow.doubts);
        for (up, slot, at) in flow.free_reads.drain(..) {
            let owner = around(ir, scoped, up);
            if owner.is_some_and(|owner| !self.ever_bound[owner.0 as usize].has(slot.0)) {
                doubts.push(Doubt {
                    at,
                    is_certain: true,
                    is_free: true,
                    in_comprehension: false,
                    parting: None,
                });
            }
        }
        in_order(&mut doubts);
        (doubts, flow.ever_bound)
    }
}

/// The function around a scope, `up` functions out.
fn around(ir: &Module, scoped: Scoped, up: u32) -> Option<FunctionId> {
    let mut parent = match scoped {
        Scoped::Module => return None,
        Scoped::Function(id) => ir[id].parent,
        Scoped::Class(id) => ir[id].parent,
    };
    let mut left = up;
    loop {
        match parent {
            Parent::Module => return None,
            Parent::Class(id) => parent = ir[id].parent,
            Parent::Function(id) => {
                left -= 1;
                if left == 0 {
                    return Some(id);
                }
                parent = ir[id].parent;
            }
        }
    }
}

/// Puts doubts in order, one for each place. Of several at one place one that is not certain stays.
fn in_order(doubts: &mut Vec<Doubt>) {
    doubts.sort_unstable();
    doubts.dedup_by_key(|doubt| doubt.at);
}

fn function_id(index: usize) -> FunctionId {
    FunctionId(u32::try_from(index).unwrap_or(u32::MAX))
}

fn class_id(index: usize) -> ClassId {
    ClassId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// The doubt about the variable that is read at a byte, if there is one.
#[must_use]
pub fn doubt_at(doubts: &[Doubt], at: u32) -> Option<Doubt> {
    let first = doubts.partition_point(|doubt| doubt.at < at);
    doubts.get(first).copied().filter(|doubt| doubt.at == at)
}
