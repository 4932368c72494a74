//! Abstract values: what an expression may be when the program runs.
//!
//! Values are interned, so that they are one word wide, and comparing, hashing and joining them costs little.

use std::rc::Rc;

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::eval::domain::alternatives::Alternatives;
pub use crate::eval::domain::kind::Kind;
use crate::name::Name;
use crate::program::{ModuleId, NamespaceId};
use crate::syntax::ir::{Constant, FunctionId};

/// An interned abstract value; see [`Data`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value(u32);

impl Value {
    /// Anything at all.
    pub const UNKNOWN: Self = Self(0);
    /// A variable that was not assigned. Only variables hold it, never the result of an expression.
    pub const UNBOUND: Self = Self(1);
    /// `None`.
    pub const NONE: Self = Self(2);
    /// `True`.
    pub const TRUE: Self = Self(3);
    /// `False`.
    pub const FALSE: Self = Self(4);
    /// What an operation failed for: behind it nothing is told of the value again. Only variables hold it; an expression reads anything.
    pub const FAILED: Self = Self(5);

    /// `True` or `False`.
    #[must_use]
    pub const fn bool(value: bool) -> Self {
        if value { Self::TRUE } else { Self::FALSE }
    }
}

/// An evaluation of one function body with given arguments; see [`Data`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContextId(pub u32);

/// A class object; counts along the evaluator's classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassRef(pub u32);

/// A list, set or dict that more than one function body can reach; counts along the evaluator's shared objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SharedId(pub u32);

/// A list, set or dict of one function body; counts along [`crate::eval::domain::state::State::heap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

/// A function of the tree, by its definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionRef {
    /// The module that it stands in.
    pub module: ModuleId,
    /// Which function of it.
    pub id: FunctionId,
}

/// A function object: a definition with what was evaluated when `def` ran.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunctionObject {
    /// The definition.
    pub function: FunctionRef,
    /// The function body around it, whose variables it can see.
    pub closure: Option<ContextId>,
    /// One entry per parameter.
    pub defaults: Rc<[Option<Value>]>,
}

/// What a [`Value`] stands for.
#[allow(missing_docs, reason = "each variant's comment explains its fields")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Data {
    /// Anything.
    Unknown,
    /// No value: an unassigned variable.
    Unbound,
    /// No value that is told of: an operation failed for it; see [`Value::FAILED`].
    Failed,
    /// `None`.
    None,
    /// A bool.
    Bool(bool),
    /// An int that fits.
    Int(i64),
    /// An int that does not, in decimal digits.
    BigInt(Name),
    /// A float, by its bits.
    Float(u64),
    /// A complex number, by the bits of its parts.
    Complex(u64, u64),
    /// A str.
    Str(Name),
    /// Bytes, each as the character of that number.
    Bytes(Name),
    /// A range.
    Range { start: i64, stop: i64, step: i64 },
    /// What stands between the brackets of `x[lower:upper:step]`; `None` for what is left out.
    Slice(Rc<[Value; 3]>),
    /// Some instance of a builtin type.
    Of(Kind),
    /// Some instance of a builtin type that counts as true: a text that is not empty, a number that is not zero.
    Truthy(Kind),
    /// The object that this `object()` made, which ran once: by its module and place.
    Sentinel { module: ModuleId, at: u32 },
    /// Anything, but the same thing wherever it is met: the parameter of a function evaluated for all callers.
    Symbol { run: u32, parameter: u32 },
    /// A function or lambda of the tree.
    Function(FunctionObject),
    /// A class of the tree; inexact: it or a subclass.
    Class { class: ClassRef, exact: bool },
    /// An instance of a class of the tree; inexact: of it or a subclass. `data`: the value of a builtin type that it is besides, as far as that is known:
    /// the text of an instance of `class Text(str)`, the items of a named tuple. `given`: the tuple of what its `__init__` was passed, by parameter, as far
    /// as that is code; its first item, which stands for the instance itself, is the dict of its own attributes, if they are followed (`objects/own.rs`). That
    /// alone may be an object of a function body.
    Instance {
        class: ClassRef,
        exact: bool,
        data: Option<Value>,
        given: Option<Value>,
    },
    /// An instance of a class outside the tree, by the tuple that it was made of: the arguments of an exception, the items of a named tuple. It mentions
    /// no object of a function body.
    Made { class: Value, data: Value },
    /// A class that `collections.namedtuple` made.
    NamedTuple(Rc<NamedTuple>),
    /// An enum member, by its class and name.
    Member { class: ClassRef, name: Name },
    /// A function with its first argument.
    Bound { function: Value, receiver: Value },
    /// `super()` in a method of `class`, for this receiver.
    Super { class: ClassRef, receiver: Value },
    /// A module of the tree.
    Module(ModuleId),
    /// A package directory of the tree without a file.
    Namespace(NamespaceId),
    /// A name imported from a module that was not ready yet. Only variables hold it, never the result of an expression.
    Import { module: ModuleId, name: Name },
    /// Something outside the tree, by its dotted name: `os.path.join`, `builtins.len`.
    External(Name),
    /// A method of something that is not a class of the tree: `kwargs.get`, `'x'.upper`.
    Method { receiver: Value, name: Name },
    /// `functools.partial`.
    Partial(Partial),
    /// A tuple of known length.
    Tuple(Rc<[Value]>),
    /// A list, set or dict of this function body.
    Local(LocalId),
    /// A list, set or dict that outlives the function body.
    Shared(SharedId),
    /// A function with the signature of this one, and a result of its own: what `contextmanager` makes.
    Wrapped(Value),
    /// `staticmethod(f)`, as it stands in a class.
    Static(Value),
    /// `classmethod(f)`, as it stands in a class.
    ClassMethod(Value),
    /// `property(f)`, as it stands in a class, and what else than to be read it may be asked for.
    Property(Value, Accessors),
    /// `functools.cached_property(f)`, as it stands in a class: unlike a `property` it gives way to an attribute of the instance.
    CachedProperty(Value),
    /// What calling this `async def` function gives, and what awaiting that gives.
    Coroutine {
        function: FunctionRef,
        result: Value,
    },
    /// What calling this generator function gives.
    Generator(FunctionRef),
    /// What calls a function later on: a thread with its target, what `asyncio.to_thread` gives. `call`: the function with its arguments.
    Deferred { call: Value, starts: Starts },
    /// A context manager of which it is known what it does to the exceptions of its block.
    Manager(Manager),
    /// `int | str`, `Union[int, str]`: a type that stands for several.
    Either(Rc<[Value]>),
    /// `inspect.signature` of a function.
    Signature(Value),
    /// One parameter of a function, as `inspect.signature` shows it.
    Parameter { function: FunctionRef, index: u32 },
    /// One of these; sorted, at least two, no union among them.
    Union(Rc<[Value]>),
}

/// A class that `collections.namedtuple` makes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NamedTuple {
    /// Its `__name__`.
    pub name: Name,
    /// Its fields, in order.
    pub fields: Rc<[Name]>,
    /// The defaults of the last of them.
    pub defaults: Rc<[Value]>,
    /// Where the call stands that made it.
    pub module: ModuleId,
    /// The same within the module.
    pub at: u32,
    /// Whether the call is made once only, so that there is one such class.
    pub is_one: bool,
}

/// What a property has besides the function that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Accessors {
    /// Whether it may have a function that sets it.
    pub set: bool,
    /// Whether it may have one that deletes it.
    pub delete: bool,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Starts {
    /// That something awaits it.
    Awaited,
    /// That its `start` is called.
    Started,
    /// The same, and then for some time.
    Later,
    /// That a worker takes it from a queue: a task of Celery's.
    Queued,
    /// That it is sent to such a queue: the signature of a task.
    Signed,
    /// That a command line names it: a function with the parameters that Click hands it.
    Named,
}

/// What a context manager does to the exceptions of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Manager {
    /// It ends those of this class, or tuple of classes: `contextlib.suppress`, `pytest.raises`.
    Ends(Value),
    /// What the generator does in this evaluation (`contextlib.contextmanager`).
    Generator(ContextId),
    /// None, and entering it gives this: `contextlib.nullcontext`.
    Enters(Value),
    /// What the managers do that it is handed: `contextlib.ExitStack`.
    Stack,
}

/// A call with some of its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Partial {
    /// What is called in the end.
    pub function: Value,
    /// Positionals passed first.
    pub positionals: Rc<[Value]>,
    /// Keywords, which later ones override.
    pub keywords: Rc<[(Name, Value)]>,
}

/// How many alternatives a union may have, unless it is told otherwise.
pub const UNION_LIMIT: usize = 24;

/// How often objects of a function body may be met in one value; past that it is unknown.
///
/// Values share their parts, so that the way through all of them can be exponentially longer than what they are made of.
const LOCALS_LIMIT: u32 = 4096;

/// How many values of objects of function bodies are found by their number.
const KEPT_LOCALS: usize = 1024;

/// The interner.
#[derive(Debug)]
pub struct Values {
    /// What each value stands for, by its number: read at every step.
    data: Vec<Data>,
    /// The value of each.
    known: FxHashMap<Data, Value>,
    /// How many alternatives a union may have; past that it is unknown.
    union_limit: usize,
    /// Whether texts and numbers are kept beside what is not known.
    keeps_plain: bool,
    /// For each value, how often objects of a function body are met in it.
    locals: Vec<u32>,
    /// What joining two values gave: it is asked for again and again.
    joined: FxHashMap<(Value, Value), Value>,
    /// The values of texts, which are asked for most.
    texts: FxHashMap<Name, Value>,
    /// The values of builtin types of which nothing else is known, by type; unbound: not asked for yet.
    kinds: Vec<Value>,
    /// The names of builtin types, by type; none: not asked for yet.
    kind_names: Vec<Option<Name>>,
    /// The values of objects of function bodies, by their number; unbound: not asked for yet.
    objects: Vec<Value>,
}

impl Default for Values {
    fn default() -> Self {
        let mut values = Self {
            data: Vec::with_capacity(4096),
            known: FxHashMap::with_capacity_and_hasher(4096, FxBuildHasher),
            union_limit: UNION_LIMIT,
            keeps_plain: false,
            locals: Vec::with_capacity(4096),
            joined: FxHashMap::default(),
            texts: FxHashMap::default(),
            kinds: Vec::new(),
            kind_names: Vec::new(),
            objects: Vec::new(),
        };
        for data in [
            Data::Unknown,
            Data::Unbound,
            Data::None,
            Data::Bool(true),
            Data::Bool(false),
            Data::Failed,
        ] {
            values.intern(data);
        }
        values
    }
}

impl Values {
    /// The value for `data`.
    pub fn intern(&mut self, data: Data) -> Value {
        if let Some(&known) = self.known.get(&data) {
            return known;
        }
        let locals = self.count_locals(&data);
        if locals > LOCALS_LIMIT {
            return Value::UNKNOWN;
        }
        self.locals.push(locals);
        // A run that makes four thousand million values has run out of memory long before.
        let value = Value(u32::try_from(self.data.len()).unwrap_or(0));
        self.data.push(data.clone());
        self.known.insert(data, value);
        value
    }

    /// Lets unions have more alternatives from now on, and of any kind.
    pub fn widen_unions(&mut self, limit: usize) {
        self.union_limit = limit;
        self.keeps_plain = true;
        self.joined.clear();
    }

    /// Whether `value` mentions an object of a function body.
    #[must_use]
    #[inline]
    pub fn mentions_local(&self, value: Value) -> bool {
        self.locals[value.0 as usize] > 0
    }

    fn count_locals(&self, data: &Data) -> u32 {
        let of = |value: &Value| self.locals[value.0 as usize];
        let sum = |values: &mut dyn Iterator<Item = &Value>| {
            values.fold(0, |sum: u32, value| sum.saturating_add(of(value)))
        };
        match data {
            Data::Local(_) => 1,
            Data::Tuple(items) | Data::Union(items) | Data::Either(items) => sum(&mut items.iter()),
            Data::Slice(parts) => sum(&mut parts.iter()),
            Data::Bound { function, receiver } => sum(&mut [function, receiver].into_iter()),
            Data::Method { receiver, .. } | Data::Super { receiver, .. } => of(receiver),
            Data::Instance {
                given: Some(given), ..
            } => of(given),
            Data::Partial(partial) => sum(&mut partial
                .positionals
                .iter()
                .chain(partial.keywords.iter().map(|(_, item)| item))
                .chain([&partial.function])),
            Data::Static(inner)
            | Data::ClassMethod(inner)
            | Data::Property(inner, _)
            | Data::CachedProperty(inner)
            | Data::Wrapped(inner)
            | Data::Deferred { call: inner, .. }
            | Data::Manager(Manager::Ends(inner) | Manager::Enters(inner)) => of(inner),
            _ => 0,
        }
    }

    /// What `value` stands for.
    #[must_use]
    #[inline]
    pub fn get(&self, value: Value) -> &Data {
        &self.data[value.0 as usize]
    }

    /// Some instance of a builtin type.
    #[inline]
    pub fn of(&mut self, kind: Kind) -> Value {
        let at = kind as usize;
        if self.kinds.len() <= at {
            self.kinds.resize(at + 1, Value::UNBOUND);
        }
        if self.kinds[at] == Value::UNBOUND {
            self.kinds[at] = self.intern(Data::Of(kind));
        }
        self.kinds[at]
    }

    /// The name of a builtin type, if it is one and not one of several.
    pub fn name_of(&mut self, kind: Kind) -> Option<Name> {
        let at = kind as usize;
        if let Some(&Some(known)) = self.kind_names.get(at) {
            return Some(known);
        }
        let name = Name::new(kind.name()?);
        if self.kind_names.len() <= at {
            self.kind_names.resize(at + 1, None);
        }
        self.kind_names[at] = Some(name);
        Some(name)
    }

    /// An object of a function body.
    #[inline]
    pub fn local(&mut self, id: LocalId) -> Value {
        match self.objects.get(id.0 as usize) {
            Some(&known) if known != Value::UNBOUND => known,
            _ => self.first_local(id),
        }
    }

    fn first_local(&mut self, id: LocalId) -> Value {
        let value = self.intern(Data::Local(id));
        let at = id.0 as usize;
        // Few bodies have more of them.
        if at < KEPT_LOCALS {
            if self.objects.len() <= at {
                self.objects.resize(at + 1, Value::UNBOUND);
            }
            self.objects[at] = value;
        }
        value
    }

    /// A known float.
    pub fn float(&mut self, number: f64) -> Value {
        self.intern(Data::Float(number.to_bits()))
    }

    /// A known int.
    pub fn int(&mut self, number: i128) -> Value {
        match i64::try_from(number) {
            Ok(number) => self.intern(Data::Int(number)),
            Err(_) => self.intern(Data::BigInt(Name::new(&number.to_string()))),
        }
    }

    /// A known string.
    #[inline]
    pub fn str(&mut self, text: Name) -> Value {
        if let Some(&known) = self.texts.get(&text) {
            return known;
        }
        let value = self.intern(Data::Str(text));
        self.texts.insert(text, value);
        value
    }

    /// The value of a literal.
    #[inline]
    pub fn constant(&mut self, constant: Constant) -> Value {
        match constant {
            Constant::None => Value::NONE,
            Constant::Bool(value) => Value::bool(value),
            Constant::Int(value) => self.intern(Data::Int(value)),
            Constant::Str(text) => self.str(text),
            Constant::BigInt(Some(digits)) => self.intern(Data::BigInt(digits)),
            Constant::BigInt(None) => self.intern(Data::Truthy(Kind::Int)),
            Constant::Float(number) => self.float(number),
            Constant::Complex(imaginary) => self.intern(Data::Complex(0, imaginary.to_bits())),
            Constant::Bytes(Some(bytes)) => self.intern(Data::Bytes(bytes)),
            Constant::Bytes(None) => self.intern(Data::Truthy(Kind::Bytes)),
            Constant::Ellipsis => self.of(Kind::Ellipsis),
        }
    }

    /// The alternatives of `value`: itself, unless it is a union.
    #[must_use]
    #[inline]
    pub fn alternatives(&self, value: Value) -> Alternatives {
        match self.get(value) {
            Data::Union(members) => Alternatives::Many(Rc::clone(members)),
            _ => Alternatives::One([value]),
        }
    }

    /// The alternatives of a union; none for any other value.
    #[must_use]
    #[inline]
    pub fn union_of(&self, value: Value) -> Option<Rc<[Value]>> {
        match self.get(value) {
            Data::Union(members) => Some(Rc::clone(members)),
            _ => None,
        }
    }

    /// Whether `value` may be anything.
    #[must_use]
    #[inline]
    pub fn is_open(&self, value: Value) -> bool {
        match self.get(value) {
            Data::Unknown | Data::Symbol { .. } => true,
            Data::Union(members) => members
                .iter()
                .any(|&member| matches!(self.get(member), Data::Unknown | Data::Symbol { .. })),
            _ => false,
        }
    }

    /// Either of two values.
    #[inline]
    pub fn join(&mut self, a: Value, b: Value) -> Value {
        if a == b {
            return a;
        }
        // Nothing is learnt from "anything or a piece of text".
        if a == Value::UNKNOWN && !self.keeps_plain && self.is_plain(b) {
            return a;
        }
        if b == Value::UNKNOWN && !self.keeps_plain && self.is_plain(a) {
            return b;
        }
        if let Some(&joined) = self.joined.get(&(a, b)) {
            return joined;
        }
        let mut members = self.alternatives(a).to_vec();
        members.extend(self.alternatives(b));
        let joined = self.union(members);
        self.joined.insert((a, b), joined);
        joined
    }

    /// One of `members`, of which there may be any number.
    pub fn union(&mut self, mut members: Vec<Value>) -> Value {
        if self.keeps_plain {
            members = members
                .into_iter()
                .flat_map(|member| self.alternatives(member))
                .collect();
        }
        self.merge_given(&mut members);
        members.sort_unstable();
        members.dedup();
        if members.len() > UNION_LIMIT {
            members = self.coarsen(members);
        }
        match members.as_slice() {
            [] => Value::UNKNOWN,
            [only] => *only,
            many if many.len() > self.union_limit => Value::UNKNOWN,
            _ => self.intern(Data::Union(members.into())),
        }
    }

    /// Makes one of instances that differ only in what they were given: a union of what they hold says no more.
    fn merge_given(&mut self, members: &mut [Value]) {
        let has_given =
            |value: &Value| matches!(self.get(*value), Data::Instance { given: Some(_), .. });
        if members.len() < 2 || !members.iter().any(has_given) {
            return;
        }
        let without: Vec<Value> = members
            .iter()
            .map(|&member| self.without_given(member))
            .collect();
        for (index, &plain) in without.iter().enumerate() {
            let differs =
                |(at, other): (usize, &Value)| *other == plain && members[at] != members[index];
            if without.iter().enumerate().any(differs) {
                members[index] = plain;
            }
        }
    }

    /// An instance of which it is not known what it was given.
    fn without_given(&mut self, value: Value) -> Value {
        match *self.get(value) {
            Data::Instance {
                class,
                exact,
                data,
                given: Some(given),
            } if !self.mentions_local(given) => self.intern(Data::Instance {
                class,
                exact,
                data,
                given: None,
            }),
            _ => value,
        }
    }

    /// Forgets texts and numbers in a union that is too large.
    fn coarsen(&mut self, members: Vec<Value>) -> Vec<Value> {
        let mut result: Vec<Value> = members
            .into_iter()
            .map(|member| match self.get(member) {
                Data::Str(_) => self.of(Kind::Str),
                Data::Bytes(_) => self.of(Kind::Bytes),
                Data::Int(_) | Data::BigInt(_) => self.of(Kind::Int),
                Data::Float(_) => self.of(Kind::Float),
                &Data::Instance { class, exact, .. } => self.intern(Data::Instance {
                    class,
                    exact,
                    data: None,
                    given: None,
                }),
                &Data::Made { class, .. } => self.intern(Data::Made {
                    class,
                    data: Value::UNKNOWN,
                }),
                _ => member,
            })
            .collect();
        result.sort_unstable();
        result.dedup();
        result
    }

    /// Whether a value carries nothing that a call or a look-up could depend on.
    fn is_plain(&self, value: Value) -> bool {
        matches!(
            self.get(value),
            Data::None
                | Data::Bool(_)
                | Data::Int(_)
                | Data::BigInt(_)
                | Data::Float(_)
                | Data::Complex(..)
                | Data::Str(_)
                | Data::Bytes(_)
                | Data::Range { .. }
                | Data::Of(_)
                | Data::Truthy(_)
                | Data::Sentinel { .. }
                | Data::Unbound
        )
    }

    /// `value` without the alternatives that `keep` refuses; none if nothing is left.
    pub fn filter(
        &mut self,
        value: Value,
        mut keep: impl FnMut(&Self, Value) -> bool,
    ) -> Option<Value> {
        let members = self.alternatives(value);
        let before = members.len();
        let kept: Vec<Value> = members
            .into_iter()
            .filter(|&member| keep(self, member))
            .collect();
        match kept.len() {
            0 => None,
            n if n == before => Some(value),
            _ => Some(self.union(kept)),
        }
    }

    /// The text, if `value` is one known string.
    #[must_use]
    #[inline]
    pub fn as_str(&self, value: Value) -> Option<Name> {
        match self.get(value) {
            Data::Str(text) => Some(*text),
            _ => None,
        }
    }
}
