//! Whether a keyword that ends in `**kwargs` which nobody reads is likely lost by mistake.
//!
//! Much code collects keywords to ignore them: hooks and plug-ins that are all called alike, cooperative `__init__`s, options that are shared
//! among several callees. A keyword is likely lost where it was written for a call that is dispatched, by an operation or by a table, and nobody
//! that it reaches takes it by its name.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use crate::facts::{Impact, Place};
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{
    ArgumentKind, Call, ClassId, Constant, Expr, ExprKind, Function, Parameter, ParameterKind,
    Parent, Slot, StmtKind, Var,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::blame::trace::{Node, has_double_star};
use crate::eval::blame::ways::Ways;
use crate::eval::domain::value::{ContextId, FunctionRef};
use crate::eval::interpreter::frame::{Callee, Edge, LocalFailure};
use crate::eval::objects::mro::{Ancestor, is_transparent};

/// How many evaluations are looked at for one that reads a keyword.
const VISITS: usize = 4000;

impl<'p> Evaluator<'p> {
    /// What comes of a keyword that ends unread. `way` are the frames from the one that passes it to the one that is told first; `cause` is where it
    /// is written, in the code of `owner`.
    pub fn impact_of_swallowed(
        &self,
        ways: &Ways<'p>,
        failure: &LocalFailure<'p>,
        way: &[Node],
        (cause, owner): (Place, ContextId),
    ) -> Impact {
        let (Some(Callee::Function(swallows)), Some(call)) = (failure.callee, failure.call) else {
            return Impact::Notable;
        };
        let is_dispatched =
            way.iter().any(|node| node.route.is_some()) || self.is_dispatched(way, call, swallows);
        let is_meant = !is_dispatched
            || way
                .last()
                .is_none_or(|node| self.collects_for_others(swallows, node.context, call))
            || ways.is_read(self, owner, cause, failure.subject);
        if is_meant {
            Impact::Notable
        } else {
            Impact::Suspicious
        }
    }

    /// Whether what runs is chosen on the way by a name that was passed: in a table, or by a ladder of comparisons.
    fn is_dispatched(&self, way: &[Node], call: &Call, swallows: FunctionRef) -> bool {
        let is_call =
            |edge: &Edge<'p>, call: &Call| edge.call.is_some_and(|made| std::ptr::eq(made, call));
        way.iter().any(|node| {
            let context = &self.contexts[node.context.0 as usize];
            let mut edges = context.edges.iter().enumerate();
            let is_dynamic = edges.any(|(index, edge)| {
                let is_on_way = node.edge.map_or_else(
                    || {
                        is_call(edge, call)
                            && self.contexts[edge.callee.0 as usize].function == Some(swallows)
                    },
                    |leads| leads == index,
                );
                edge.dynamic && is_on_way
            });
            let chooses = context.lookups.iter().any(|lookup| lookup.found);
            is_dynamic || (chooses && context.function.is_some())
        })
    }

    /// Whether a function collects keywords because others like it are called alike: it answers for a class hierarchy, is a step of making an
    /// instance, was handed over as a callback, or says by the parameter's name that it ignores them.
    fn collects_for_others(&self, function: FunctionRef, caller: ContextId, call: &Call) -> bool {
        let definition = self.definition(function);
        let is_callback = match call.function.kind {
            ExprKind::Name(_, Var::Local(slot)) => self.is_parameter(caller, slot),
            _ => false,
        };
        if definition.is_lambda() || is_callback || is_super(&call.function) {
            return true;
        }
        if ignores_on_purpose(definition) {
            return true;
        }
        let Parent::Class(class) = definition.parent else {
            return false;
        };
        definition.name.as_str() == "__new__"
            || gives_a_constant(definition)
            || self.is_one_of_several(function.module, class, definition.name)
    }

    /// Whether a method of a class overrides another one or is overridden, as far as is known.
    fn is_one_of_several(&self, module: ModuleId, class: ClassId, name: Name) -> bool {
        let is_own = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(other) => {
                let other = &self.classes[other.0 as usize];
                other.module == module && other.id == class
            }
            _ => false,
        };
        let has_another = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(other) => {
                !is_own(ancestor) && self.classes[other.0 as usize].namespace.contains_key(&name)
            }
            Ancestor::External(base) => !is_transparent(*base),
            Ancestor::Unknown => true,
        };
        self.classes
            .iter()
            .any(|other| other.mro.iter().any(is_own) && other.mro.iter().any(has_another))
    }

    /// Whether something takes or reads a keyword by its name that gets it from where it is written, be it in another case than the one that
    /// fails to.
    fn reaches_reader(&self, owner: ContextId, cause: Place, key: Name) -> bool {
        let function = self.contexts[owner.0 as usize].function;
        let mut seen: FxHashSet<ContextId> = FxHashSet::default();
        let mut queue: VecDeque<(ContextId, bool)> = VecDeque::new();
        for index in 0..self.contexts.len() {
            let id = ContextId(u32::try_from(index).unwrap_or(u32::MAX));
            let is_same = function.is_some() && self.contexts[index].function == function;
            if (is_same || id == owner) && seen.insert(id) {
                queue.push_back((id, true));
            }
        }
        while let Some((id, is_first)) = queue.pop_front() {
            let edges = &self.contexts[id.0 as usize].edges;
            let writes = |edge: &&Edge<'p>| {
                let is_written = |call| is_first && passes(call, cause);
                edge.call.is_some_and(is_written)
            };
            let is_at_call = edges.iter().any(|edge| writes(&edge));
            let carries = |edge: &&Edge<'p>| match edge.call {
                Some(_) if is_at_call => writes(edge),
                Some(call) => has_double_star(call),
                None => false,
            };
            for edge in edges.iter().filter(carries) {
                let callee = &self.contexts[edge.callee.0 as usize];
                let Some(function) = callee.function else {
                    continue;
                };
                if reads(self.definition(function), key) || self.hands_to_reader(edge.callee, key) {
                    return true;
                }
                if seen.len() < VISITS && seen.insert(edge.callee) {
                    queue.push_back((edge.callee, false));
                }
            }
        }
        false
    }

    /// Whether a function hands its keywords, as one dict, to one that knows the key.
    fn hands_to_reader(&self, context: ContextId, key: Name) -> bool {
        let context = &self.contexts[context.0 as usize];
        let Some(slot) = context
            .function
            .and_then(|function| collected(self.definition(function)))
        else {
            return false;
        };
        context.edges.iter().any(|edge| {
            let is_handed = edge.call.is_some_and(|call| {
                call.arguments.iter().any(|argument| {
                    argument.kind != ArgumentKind::DoubleStar && is_local(&argument.value, slot)
                })
            });
            let callee = self.contexts[edge.callee.0 as usize].function;
            is_handed && callee.is_some_and(|callee| knows(self.definition(callee), key))
        })
    }
}

impl<'p> Ways<'p> {
    /// Whether a keyword that is written at a place, in the code of an evaluation, is read by something that it reaches; asked once for each.
    fn is_read(
        &self,
        evaluator: &Evaluator<'p>,
        owner: ContextId,
        cause: Place,
        key: Name,
    ) -> bool {
        let known = self.read.borrow().get(&(cause, key)).copied();
        known.unwrap_or_else(|| {
            let is_read = evaluator.reaches_reader(owner, cause, key);
            self.read.borrow_mut().insert((cause, key), is_read);
            is_read
        })
    }
}

/// Whether a call passes what is written at a place: as an argument, or in a display that it spreads.
fn passes(call: &Call, cause: Place) -> bool {
    call.arguments.iter().any(|argument| match argument.kind {
        ArgumentKind::Keyword(_) => argument.range == cause.range,
        ArgumentKind::DoubleStar => argument.range.contains(cause.range),
        _ => false,
    })
}

/// The variable of `**kwargs`.
fn collected(function: &Function) -> Option<Slot> {
    let last = function.params.last()?;
    let slot = u32::try_from(function.params.len() - 1).ok()?;
    (last.kind == ParameterKind::VarKeyword).then_some(Slot(slot))
}

/// Whether a function takes a keyword by its name, or looks for it in what it collects.
fn reads(function: &Function, key: Name) -> bool {
    let takes = |parameter: &Parameter| {
        parameter.name == key
            && matches!(
                parameter.kind,
                ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly
            )
    };
    if function.params.iter().any(takes) {
        return true;
    }
    let Some(slot) = collected(function) else {
        return false;
    };
    let mut is_used = false;
    visit::all_expressions(&function.body, &mut |expr| match &expr.kind {
        ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => {
            is_used |= is_local(value, slot);
        }
        ExprKind::Compare { rest, .. } => {
            is_used |= rest.iter().any(|(_, right)| is_local(right, slot));
        }
        _ => {}
    });
    is_used && knows(function, key)
}

/// Whether a function's own code has a key as a text.
fn knows(function: &Function, key: Name) -> bool {
    let mut found = false;
    visit::all_expressions(&function.body, &mut |expr| {
        found |= matches!(expr.kind, ExprKind::Constant(Constant::Str(text)) if text == key);
    });
    found
}

fn is_local(expr: &Expr, slot: Slot) -> bool {
    matches!(expr.kind, ExprKind::Name(_, Var::Local(found)) if found == slot)
}

/// `super().method`, `super(Class, self).method`.
fn is_super(function: &Expr) -> bool {
    let ExprKind::Attribute { value, .. } = &function.kind else {
        return false;
    };
    matches!(&value.kind, ExprKind::Call(call)
        if matches!(&call.function.kind, ExprKind::Name(name, _) if name.as_str() == "super"))
}

/// Whether the name of what collects keywords says that they are not wanted, as checkers for unused arguments have it (pylint's
/// `ignored-argument-names`).
fn ignores_on_purpose(function: &Function) -> bool {
    let name = function.params.last().map(|last| last.name);
    name.is_some_and(|name| {
        let prefixes = ["_", "ignore", "unused"];
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// Whether all that a body does is to give a constant: it is there to be overridden.
fn gives_a_constant(function: &Function) -> bool {
    match function.body.as_slice() {
        [only] => match &only.kind {
            StmtKind::Return(value) => value
                .as_ref()
                .is_none_or(|value| matches!(value.kind, ExprKind::Constant(_))),
            _ => false,
        },
        _ => false,
    }
}
