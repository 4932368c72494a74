//! Who calls whom: what `coship graph` shows. Recorded only where it is asked for.

mod expand;
mod learn;
mod library;
mod names;
mod protocol;

use rustc_hash::FxHashMap;

use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::FunctionId;

use crate::eval::domain::value::{ClassRef, Data, FunctionObject, FunctionRef, Kind, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::{Evaluator, FxIndexSet};

/// How many alternatives a value may have where the call graph is asked for: a table's handlers are all to be seen.
pub const UNION_LIMIT: usize = 128;

/// How many distinct calls of one function are followed for it.
pub const CONTEXTS_PER_FUNCTION: u32 = 96;

/// Steps that are granted to a tree of any size, and for each of its statements.
pub const STEPS: (u64, u64) = (300_000, 30);

/// Whose code calls: a function, or a module's own code. The code of a class body, and of a comprehension, is that of what they stand in.
type Caller = (ModuleId, Option<FunctionId>);

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Target {
    /// This function.
    Function(FunctionRef),
    /// The attribute of this name, of an instance of this class or of one that derives from it.
    Method { class: ClassRef, name: Name },
    /// Something outside the tree, by its dotted name.
    External(Name),
    /// A method of a builtin type, by the type's name in the graph.
    Builtin(&'static str, Name),
}

/// What has attributes that code assigns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A class, or its instances.
    Class(ClassRef),
    /// A module.
    Module(ModuleId),
    /// A function.
    Function(FunctionRef),
}

/// A way of values in or out of a generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// What `yield` gives to whoever iterates.
    Yields,
    /// What `send` gives to the `yield`.
    Sent,
    /// What `return` gives to the `yield from`.
    Returns,
}

/// The calls of an evaluation, and what it learnt on the way.
#[derive(Debug, Default)]
pub struct Calls {
    edges: FxIndexSet<(Caller, Target)>,
    /// The classes of which an instance is made.
    instantiated: FxIndexSet<ClassRef>,
    /// What code assigns to attributes, by name.
    stored: FxHashMap<Name, Vec<(Holder, Value)>>,
    /// What goes in and out of generators.
    flows: FxHashMap<(Flow, FunctionRef), Vec<Value>>,
    /// The setters of properties, by their getters.
    setters: FxHashMap<Value, Value>,
    /// The metaclasses, as class statements name them.
    metaclasses: FxHashMap<ClassRef, Value>,
    /// What is being iterated over, the outermost first: an iterator of an iterator may be the first again.
    iterating: Vec<Value>,
    /// How often everything was evaluated before.
    round: usize,
    /// Whether something was learnt in this round.
    news: bool,
}

impl<'p> Evaluator<'p> {
    /// Whether the call graph is asked for: then values are followed that no verdict may rest on.
    #[inline]
    pub fn is_graph(&self) -> bool {
        self.calls.is_some()
    }

    fn caller(&self, frame: &Frame<'p>) -> Caller {
        let function = self.contexts[frame.context.0 as usize].function;
        (frame.module, function.map(|function| function.id))
    }

    fn note(&mut self, frame: &Frame<'p>, target: Target) {
        let caller = self.caller(frame);
        if let Some(calls) = &mut self.calls {
            calls.edges.insert((caller, target));
        }
    }

    /// Notes a call of a function of the tree. `receiver`: what comes first by itself.
    pub fn note_function_call(
        &mut self,
        frame: &Frame<'p>,
        object: &FunctionObject,
        receiver: Option<Value>,
    ) {
        if self.calls.is_none() {
            return;
        }
        let target = receiver
            .and_then(|receiver| self.inherited(receiver, object.function))
            .unwrap_or(Target::Function(object.function));
        self.note(frame, target);
    }

    /// A method, called on an instance whose class may be one that derives from the known one and has another method of this name.
    fn inherited(&self, receiver: Value, function: FunctionRef) -> Option<Target> {
        let (Data::Instance { class, exact, .. } | Data::Class { class, exact }) =
            *self.data(receiver)
        else {
            return None;
        };
        if exact {
            return None;
        }
        let name = self.definition(function).name;
        match self.in_mro(class, name) {
            crate::eval::objects::mro::InMro::Found(value, _)
                if self
                    .function_behind(value)
                    .is_some_and(|found| found.function == function) =>
            {
                Some(Target::Method { class, name })
            }
            _ => None,
        }
    }

    /// Notes a call of something outside the tree.
    pub fn note_external_call(&mut self, frame: &Frame<'p>, name: Name) {
        let is_ours = name.starts_with('<') && !name.starts_with("<**");
        if self.calls.is_some() && !is_ours {
            self.note(frame, Target::External(name));
        }
    }

    /// Notes a call of a method of a builtin type.
    pub fn note_method_call(&mut self, frame: &Frame<'p>, receiver: Value, name: Name) {
        if self.calls.is_none() {
            return;
        }
        if let Some(kind) = self.builtin_type(frame, receiver) {
            self.note(frame, Target::Builtin(kind, name));
        }
    }

    /// The name in the graph of the builtin type that a value is of.
    fn builtin_type(&mut self, frame: &Frame<'p>, value: Value) -> Option<&'static str> {
        use crate::eval::domain::state::Object;
        Some(match self.data(value) {
            Data::Str(_) | Data::Of(Kind::Str) => "<**PyStr**>",
            Data::Int(_)
            | Data::Bool(_)
            | Data::Of(Kind::Int | Kind::Float | Kind::Bool | Kind::Complex) => "<**PyNum**>",
            Data::Of(Kind::Bytes) => "<**PyBytes**>",
            Data::Tuple(_) | Data::Of(Kind::Tuple) => "<**PyTuple**>",
            Data::Of(Kind::List) => "<**PyList**>",
            Data::Of(Kind::Dict) => "<**PyDict**>",
            Data::Of(Kind::Set) => "<**PySet**>",
            Data::Local(_) | Data::Shared(_) => match self.object_of(frame, value).as_deref() {
                Some(Object::Dict(_)) => "<**PyDict**>",
                Some(Object::List(_)) => "<**PyList**>",
                Some(Object::Set(_)) => "<**PySet**>",
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Notes that a class has instances.
    pub fn note_instance(&mut self, class: ClassRef) {
        if let Some(calls) = &mut self.calls {
            calls.instantiated.insert(class);
        }
    }
}
