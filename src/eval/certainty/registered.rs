//! Whether what is called out of a register, a list that code fills while modules are imported, is in it by then (DESIGN 3a.3 and 3a.7).
//!
//! An addition is certain for a chain of calls if one of the modules that the chain runs in imports the module that makes it. Where nothing in the tree imports that module, it is
//! whoever calls the chain's first function who does.

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::blame::trace::Node;
use crate::eval::domain::value::{ClassRef, ContextId, Data, FunctionRef, SharedId, Value};
use crate::eval::heap::register::Addition;
use crate::eval::interpreter::frame::{Callee, LocalFailure, Owner};
use crate::eval::objects::mro::Ancestor;
use crate::eval::summaries::context::Context;
use crate::program::ModuleId;
use crate::syntax::ir::{Expr, ExprKind, Parent, Slot, Var};

/// How many evaluations are searched for what a chain of calls read.
const SEARCH: usize = 4000;

/// How deep values are searched for a function.
const DEPTH: u32 = 4;

/// What it says of a failure that something which was added to a register is called on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByRegister {
    /// Nothing: it is there, or nothing of the kind is called.
    Sure,
    /// It is there if whoever calls the outermost function imports a module that nothing in the tree imports.
    IfImported,
    /// It need not be there.
    Perhaps,
}

impl<'p> Evaluator<'p> {
    /// What it says of a failure that something which was added to a register is called on its way. `chain`: from the outermost frame down.
    pub fn by_register(&self, chain: &[&Node], failure: &LocalFailure<'p>) -> ByRegister {
        let is_added = |called: Callee| {
            let added = |id: &SharedId| &self.shared[id.0 as usize].added;
            let mut added = self.registers.iter().flat_map(added);
            added.any(|addition| self.mentions(addition.item, called, DEPTH))
        };
        let nodes = chain.iter();
        let called: Vec<Callee> = nodes
            .filter_map(|node| self.looked_up(node, failure))
            .filter(|&called| is_added(called))
            .collect();
        if called.is_empty() {
            return ByRegister::Sure;
        }
        let read = self.registers_read(chain);
        let mut result = ByRegister::Sure;
        for called in called {
            let found = read.iter().flat_map(|&id| {
                let shared = &self.shared[id.0 as usize];
                let added = shared.added.iter();
                let is_register = self.is_register(id);
                added
                    .filter(|addition| self.mentions(addition.item, called, DEPTH))
                    .map(move |addition| (addition, is_register))
            });
            let mut best = None;
            for (addition, is_register) in found {
                let says = if is_register {
                    self.is_there(addition, chain, failure)
                } else {
                    ByRegister::Perhaps
                };
                best = Some(best.map_or(says, |best: ByRegister| best.or(says)));
            }
            match best {
                Some(ByRegister::Perhaps) => return ByRegister::Perhaps,
                Some(ByRegister::IfImported) => result = ByRegister::IfImported,
                Some(ByRegister::Sure) | None => {}
            }
        }
        result
    }

    /// What a frame of a chain calls, unless it says by itself what that is.
    fn looked_up(&self, node: &Node, failure: &LocalFailure<'p>) -> Option<Callee> {
        let context = &self.contexts[node.context.0 as usize];
        let (call, called) = match node.edge {
            Some(edge) => {
                let edge = &context.edges[edge];
                let function = self.contexts[edge.callee.0 as usize].function?;
                (edge.call, Callee::Function(function))
            }
            None => (failure.call, failure.callee?),
        };
        let is_named = call.is_some_and(|call| self.names_callee(context, &call.function));
        (!is_named).then_some(called)
    }

    /// Whether an expression names a function, a class or a method of the frame's own object or of the class above it: nothing has to be looked up in a
    /// container.
    fn names_callee(&self, context: &Context<'p>, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(name, var) => {
                let is_of_module = match (context.owner, var) {
                    (Owner::Function(_), var) => matches!(var, Var::Global(_)),
                    _ => true,
                };
                let value = self.variable_at_end(context.module, *name);
                is_of_module && value.is_some_and(|value| self.defines_code(value))
            }
            ExprKind::Attribute { value, .. } => match (&value.kind, context.owner) {
                (ExprKind::Call(call), _) => {
                    matches!(call.function.kind, ExprKind::Name(name, _) if name.as_str() == "super")
                }
                (ExprKind::Name(_, Var::Local(Slot(0))), Owner::Function(function)) => {
                    matches!(function.parent, Parent::Class(_))
                }
                _ => self.names_callee(context, value),
            },
            _ => false,
        }
    }

    fn defines_code(&self, value: Value) -> bool {
        matches!(
            self.data(value),
            Data::Function(_)
                | Data::Class { .. }
                | Data::Module(_)
                | Data::Namespace(_)
                | Data::Import { .. }
                | Data::External(_)
        )
    }

    /// The registers that the frames of a chain read, or what they call.
    fn registers_read(&self, chain: &[&Node]) -> FxHashSet<SharedId> {
        let mut pending: Vec<ContextId> = chain.iter().map(|node| node.context).collect();
        let mut met: FxHashSet<ContextId> = pending.iter().copied().collect();
        let mut read = FxHashSet::default();
        while let Some(context) = pending.pop() {
            let context = &self.contexts[context.0 as usize];
            let reads = context.log_reads.iter().map(|read| read.asked().0);
            read.extend(reads.filter(|id| !self.shared[id.0 as usize].added.is_empty()));
            for edge in &context.edges {
                if met.len() < SEARCH && met.insert(edge.callee) {
                    pending.push(edge.callee);
                }
            }
        }
        read
    }

    /// Whether an addition was made before the calls of a chain.
    fn is_there(
        &self,
        addition: &Addition,
        chain: &[&Node],
        failure: &LocalFailure<'p>,
    ) -> ByRegister {
        let start = chain[0];
        let context = &self.contexts[start.context.0 as usize];
        if !matches!(context.owner, Owner::Function(_)) {
            let at = match start.edge {
                Some(edge) => context.edges[edge].range.start,
                None => failure.range.start,
            };
            let is_before = if addition.module == context.module {
                addition.at < at
            } else {
                let before = self.program.imported_before(context.module, at);
                before.contains(&addition.module)
            };
            return if is_before {
                ByRegister::Sure
            } else {
                ByRegister::Perhaps
            };
        }
        let mut modules = chain
            .iter()
            .map(|node| self.contexts[node.context.0 as usize].module);
        let is_loaded = |module: ModuleId| {
            module == addition.module
                || self
                    .program
                    .imported_before(module, u32::MAX)
                    .contains(&addition.module)
        };
        if modules.any(is_loaded) {
            ByRegister::Sure
        } else if self.is_for_others_to_import(addition.module) {
            ByRegister::IfImported
        } else {
            ByRegister::Perhaps
        }
    }

    /// Whether a module is there to be imported, and nothing in the tree imports it.
    fn is_for_others_to_import(&self, module: ModuleId) -> bool {
        !self.program.is_imported(module)
            && !self.survey.tests.contains(&module)
            && !self.program.is_script(module)
    }

    /// Whether a value is something that is called when this is, or holds it.
    fn mentions(&self, value: Value, called: Callee, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return true;
        };
        let inside = |value: Value| self.mentions(value, called, depth);
        match self.data(value) {
            Data::Function(object) => called == Callee::Function(object.function),
            Data::Class { class, .. } => self.has_part(*class, called),
            Data::Instance { class, given, .. } => {
                self.has_part(*class, called) || given.is_some_and(inside)
            }
            Data::Bound { function, receiver } => inside(*function) || inside(*receiver),
            Data::Partial(partial) => {
                let keywords = partial.keywords.iter().map(|&(_, value)| value);
                let values = partial.positionals.iter().copied().chain(keywords);
                inside(partial.function) || values.into_iter().any(inside)
            }
            Data::Tuple(items) | Data::Union(items) => items.iter().any(|&item| inside(item)),
            &Data::Wrapped(inner) | &Data::Static(inner) | &Data::ClassMethod(inner) => {
                inside(inner)
            }
            &Data::Shared(id) => {
                let shared = &self.shared[id.0 as usize];
                let mut found = shared.added.iter().any(|added| inside(added.item));
                shared.object.for_each(|item| found |= inside(item));
                found
            }
            _ => false,
        }
    }

    /// Whether this is a class, one that it derives from, or a method of one of them.
    fn has_part(&self, class: ClassRef, called: Callee) -> bool {
        let defines = |ancestor: ClassRef| match called {
            Callee::Class(called) => ancestor == called,
            Callee::Function(FunctionRef { module, id }) => {
                let object = &self.classes[ancestor.0 as usize];
                let parent = self.program.module(module).ir[id].parent;
                object.module == module
                    && matches!(parent, Parent::Class(parent) if parent == object.id)
            }
        };
        let ancestors = self.classes[class.0 as usize].mro.iter();
        let mut ancestors = ancestors.filter_map(|ancestor| match ancestor {
            Ancestor::Tree(ancestor) => Some(*ancestor),
            Ancestor::External(_) | Ancestor::Unknown => None,
        });
        defines(class) || ancestors.any(defines)
    }
}

impl ByRegister {
    /// The better of what two additions of the same thing say.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Sure, _) | (_, Self::Sure) => Self::Sure,
            (Self::IfImported, _) | (_, Self::IfImported) => Self::IfImported,
            (Self::Perhaps, Self::Perhaps) => Self::Perhaps,
        }
    }
}
