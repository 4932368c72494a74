//! The contract of a tree: what every function accepts, which calls reach it, and what it sends on.
//!
//! It is worked out on demand only, from an evaluation that recorded its calls ([`Record`]).

mod functions;
mod keys;
pub(in crate::eval) mod open;
mod record;
mod sends;
mod tables;
mod uses;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bind::{Shape, Signature};
use crate::facts::{FileId, Place, RouteKey};
use crate::name::Name;
use crate::syntax::ir::Range;

use crate::eval::Evaluator;

pub use open::{Escape, OpenCall, OpenRecord};
pub use record::Record;

/// What a tree's functions, classes and tables promise to each other.
#[derive(Debug, Default)]
pub struct Contract {
    /// Functions, methods and generated constructors, in source order.
    pub functions: Vec<Function>,
    /// The functions by dotted name; the last definition of each.
    pub by_name: FxHashMap<String, usize>,
    /// Classes, in source order.
    pub classes: Vec<Class>,
    /// Dicts that lead to functions, in source order.
    pub tables: Vec<Table>,
    /// The modules, by dotted name.
    pub modules: FxHashMap<Name, FileId>,
    /// The dotted names that modules have at their top level.
    pub names: FxHashSet<String>,
    /// Where code names something of another module, by the dotted name: imports, attributes of modules, registry strings.
    pub uses: FxHashMap<String, Vec<Use>>,
    /// Where code names a member of an enum, by the class's own name and the member.
    pub members: FxHashMap<(Name, Name), Vec<Use>>,
    /// The calls of something unknown, by place.
    pub open_calls: Vec<OpenCall>,
    /// The functions that something unknown is given, by place.
    pub escapes: Vec<Escape>,
    /// Where code has the dotted name of something as a text.
    pub texts: FxHashMap<String, Vec<Use>>,
    /// Where an attribute of something unknown is named.
    pub attributes: FxHashMap<Name, Vec<Use>>,
}

/// A place where something is named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The function whose code it is, dotted; a module's name for its top-level code.
    pub function: String,
    /// Where.
    pub place: Place,
}

/// How a function is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// By its name.
    Plain,
    /// As a method of an instance: the first parameter is the instance.
    Instance,
    /// As a static method.
    Static,
    /// As a class method: the first parameter is the class.
    Class,
    /// As an attribute that is read.
    Property,
    /// By calling the class: the first parameter is the instance.
    Constructor,
}

/// What the decorators made of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It takes what is written.
    Written,
    /// It takes this.
    Takes(Signature),
    /// That cannot be told.
    Unknown,
}

/// What a call gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gives {
    /// The value that it returns.
    Value,
    /// A coroutine.
    Coroutine,
    /// A generator.
    Generator,
    /// An asynchronous generator.
    AsyncGenerator,
}

/// A function, a method, or a constructor that is made from annotations.
#[derive(Clone, Debug)]
pub struct Function {
    /// Dotted from the import root.
    pub name: String,
    /// The module's part of it.
    pub module: Name,
    /// The rest.
    pub qualname: Name,
    /// Its header, or a class's name.
    pub place: Place,
    /// The whole definition.
    pub range: Range,
    /// Whether something in it does not parse.
    pub is_half_written: bool,
    /// The decorators, as written.
    pub decorators: Vec<Range>,
    /// The parameters as written, the first of a method included.
    pub signature: Signature,
    /// Along the parameters: the default as written.
    pub defaults: Vec<Option<Range>>,
    /// What the decorators make of that.
    pub effect: Effect,
    /// How it is reached.
    pub access: Access,
    /// What a call gives.
    pub gives: Gives,
    /// Whether its `**kwargs` is there and never looked at.
    pub ignores_keywords: bool,
    /// How many values it returns, where each `return` writes as many out.
    pub returns: Option<usize>,
    /// Parameters about which it warns.
    pub shims: Vec<Shim>,
    /// The calls that reach it, by place.
    pub calls: Vec<Call>,
    /// What it sends on, by call site.
    pub sends: Vec<Sent>,
    /// The method of a class of the tree that it stands in for in its own, dotted.
    pub overrides: Option<String>,
    /// The keys that it insists on in dicts that it is given.
    pub keys: Vec<RequiredKey>,
}

/// A key without which a function raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredKey {
    /// The key.
    pub name: Name,
    /// The parameter that is the dict.
    pub parameter: Name,
    /// Whether that is `**kwargs`, so that callers pass the key as a keyword.
    pub is_keyword: bool,
    /// Where it raises.
    pub place: Place,
    /// What it raises, as far as that is known.
    pub exception: Option<String>,
}

/// `if x is None: warnings.warn(..)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shim {
    /// The parameter.
    pub parameter: Name,
    /// Whether it warns when the parameter is passed, or else when it is omitted.
    pub when_passed: bool,
}

/// A call that reaches a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function that calls, dotted; a module's name for its top-level code.
    pub function: String,
    /// The call.
    pub place: Place,
    /// Whether what it gives is awaited there, or handed to what awaits it.
    pub is_awaited: bool,
    /// Whether the calling function returns what it gives.
    pub is_returned: bool,
    /// Into how many targets what it gives is unpacked there.
    pub unpacked: Option<usize>,
    /// What it passes, without an instance or class that comes by itself.
    pub shape: Shape,
    /// Whether an instance or class came by itself.
    pub is_bound: bool,
}

/// What a call site of a function sends on.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What tells it from the function's other call sites: the callee as written, and the names that choose a route.
    pub key: String,
    /// The call.
    pub place: Place,
    /// Keywords that this code adds: the name, and where it is written.
    pub adds: Vec<(Name, Place)>,
    /// Whether it hands on what came in by a `**x`.
    pub spreads: bool,
    /// Keywords that came in and do not go on.
    pub drops: Vec<Name>,
    /// How many positionals it writes; none if a `*x` is among them, or several sites differ.
    pub positionals: Option<u32>,
    /// The calls of the tree's functions that any of this arrives at.
    pub reaches: Vec<Reach>,
}

/// A call that something sent arrives at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The callee, dotted.
    pub function: String,
    /// The file that the callee stands in.
    pub file: FileId,
    /// What is passed.
    pub shape: Shape,
    /// Whether an instance or class came by itself.
    pub is_bound: bool,
    /// The sender's own keywords among that.
    pub keywords: Vec<Name>,
    /// Whether this is the first hop.
    pub is_first: bool,
    /// The route on which that happens.
    pub route: Option<RouteKey>,
}

/// A class.
#[derive(Clone, Debug)]
pub struct Class {
    /// Dotted from the import root.
    pub name: String,
    /// The module's part of it.
    pub module: Name,
    /// The rest.
    pub qualname: Name,
    /// Its name in the source.
    pub place: Place,
    /// The whole definition.
    pub range: Range,
    /// Whether it derives from anything, or has a metaclass.
    pub has_bases: bool,
    /// The members, if it is an enum.
    pub members: Option<Vec<Member>>,
}

/// A member of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: Name,
    /// Its line in the class.
    pub place: Place,
    /// The value as written.
    pub value: Range,
}

/// A dict that leads to functions.
#[derive(Clone, Debug)]
pub struct Table {
    /// The variable, dotted; a function's name with `()` for a dict that it returns.
    pub name: String,
    /// The module's part of it.
    pub module: Name,
    /// The variable or the dict.
    pub place: Place,
    /// The entries, those of dicts in it included.
    pub entries: Vec<TableEntry>,
}

/// An entry of a [`Table`].
#[derive(Clone, Debug)]
pub struct TableEntry {
    /// The keys on the way to it, as text.
    pub key: Vec<String>,
    /// The key and the value.
    pub place: Place,
    /// The value.
    pub value: Range,
    /// The function that it leads to, dotted, if that can be told.
    pub target: Option<String>,
    /// Whether the value is a lambda.
    pub is_lambda: bool,
}

impl<'p> Evaluator<'p> {
    /// States the contract, but for the keys that functions insist on. Run it before the facts are taken.
    pub fn contract(&mut self, record: &Record<'p>) -> Contract {
        let mut contract = Contract {
            functions: self.contract_functions(),
            classes: self.contract_classes(),
            tables: self.contract_tables(),
            ..Contract::default()
        };
        let names = contract.functions.iter().enumerate();
        contract.by_name = names
            .map(|(at, function)| (function.name.clone(), at))
            .collect();
        self.contract_names(&mut contract);
        self.contract_uses(&mut contract);
        self.contract_calls(&mut contract, record);
        self.contract_sends(&mut contract, record);
        self.contract_open(&mut contract, record);
        contract
    }
}
