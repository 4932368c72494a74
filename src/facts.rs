//! What evaluation found: plain data between [`crate::eval`], which states it, and [`crate::rules`], which judge it.

use crate::name::Name;
use crate::syntax::ir::{Range, Slot};

/// Which file of its tree; counts along [`crate::source::Tree::files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A piece of a file of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub range: Range,
}

/// A function or class of the tree, as the reader knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol {
    /// Dotted from the import root: `cache_core.Cache.get`.
    pub name: String,
    /// Its header (`def f(a, b)`, without the colon): what shows the signature.
    pub place: Place,
}

/// The two names that choose a handler.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteKey {
    /// The interface as the code writes it: `GatewayInterface.CACHE`, or the string.
    pub interface: String,
    /// The operation: `get`.
    pub operation: String,
}

/// What kind of obligation does not hold. The names are those of the rules that report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureKind {
    /// A keyword that the callee does not take.
    UnexpectedKeyword,
    /// A required parameter that the call does not fill.
    MissingArgument,
    /// More positionals than the callee takes.
    TooManyPositionals,
    /// A parameter filled twice.
    MultipleValues,
    /// A positional-only parameter passed by keyword.
    PositionalOnlyKeyword,
    /// A call of something that is no callable, such as `None`.
    NotCallable,
    /// A key, required on the way, that the call does not send.
    MissingKey,
    /// A coroutine that is dropped, or an await of what is no awaitable.
    NotAwaited,
    /// A keyword that ends in `**kwargs` which nobody reads.
    SwallowedKeyword,
    /// A call of a class that has abstract methods.
    AbstractClass,
    /// What is assigned to several targets has more or fewer items, or none at all.
    UnpackMismatch,
    /// An operation that a value of this type does not have.
    InvalidOperation,
    /// A format that does not fit what is put into it.
    FormatMismatch,
    /// A key that a dict, whose keys the code writes out, does not have.
    AbsentKey,
    /// A member that an enum does not have, by its name or its value.
    UnknownMember,
    /// An operation that the interface's table or ladder does not have.
    UnknownOperation,
    /// An interface that the registry does not have.
    UnknownInterface,
    /// A table names a module or function that does not exist.
    MissingTarget,
    /// An import of a module that does not exist.
    MissingModule,
    /// An import of a name that the module does not have.
    MissingName,
    /// An attribute that the object does not have.
    MissingAttribute,
    /// A missing name or module, whose `ImportError` is caught: the fallback runs, without a sound.
    GuardedImport,
    /// `__all__` lists a name that the module does not have.
    UndefinedExport,
    /// An operation in a table that no call in the tree uses.
    OrphanOperation,
    /// Modules that import each other at the top level.
    ImportCycle,
    /// A name that nothing binds.
    UndefinedName,
    /// A local variable that nothing bound where it is read.
    UnboundLocal,
    /// Syntax that the declared Python does not know.
    UnsupportedSyntax,
    /// A module, a name or a parameter that the declared Python's standard library does not have.
    RemovedFromPython,
    /// A function at which execution starts that is not there, or does not take what it is called with.
    MissingHandler,
    /// An import or a call of an installed package that fails where that calls another one.
    BrokenPackage,
}

/// How sure a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// Fails whenever it is reached.
    Must,
    /// Fails on a value that cannot be excluded.
    May,
}

/// Why a failure is certain, or only possible (DESIGN 3a).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// It fails each time it is evaluated, whatever the parameters hold.
    Site,
    /// It fails for the values of a chain of calls that the program makes.
    Chain,
    /// It need not fail.
    May(May),
}

/// What keeps a failure from being certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum May {
    /// A test around it asks for a version, a platform, a signature or a feature (rule 5).
    Version,
    /// A test around it asks about a value that makes it fail (rule 1).
    Needed,
    /// Another way gives the same to something that takes it (rule 2a).
    Taken,
    /// A test on the way looks at what the calls passed or made (rule 2c).
    Depends,
    /// Two tests on the way answer differently about one value (rule 2).
    Contradicts,
    /// Something before fails for the same value, which never comes there (rule 2).
    Earlier,
    /// No call of the tree that leads there leaves it standing (rule 2d).
    Callers,
    /// A handler or a context manager may end it (rule 8).
    Caught,
    /// A function tries a value of a builtin type that it was given, and catches what comes of it (rule 8).
    Tried,
    /// Something else may be called, or another value be there (rules 3, 7 and 11).
    Value,
    /// Only an annotation says what a value is.
    Hint,
    /// It holds for instances of the class itself, and those of a class derived from it may have what lacks.
    Derived,
    /// It holds for instances of a class whose own method does not take what an inherited one calls it with, and the tree does not show that one called on them.
    Overridden,
    /// What is called was added to a list by code that need not have run (rules 3 and 7).
    Added,
    /// A test around it asks about the value that makes it fail, but nothing that tells it from one that works.
    Unasked,
    /// A test on the way, in a function that was given the value that makes it fail, asks about something else: the two may go together (`if mode == "cut": region.area`).
    Apart,
    /// One way of a statement before binds what is read, or puts the key or the attribute there, another one goes on without, and nothing asks which.
    Parted,
    /// Other code gets such objects, and might put there what no code of the tree does (rule 11).
    HandedOn,
    /// Something may put names into the module that are written out nowhere (rule 3).
    Filled,
    /// Something may put names into the module, but others have the name for their own: functions of the same file as a variable, files of the tree as an import.
    Forgotten,
    /// Code of the tree makes functions anew, and may give this one the name (rule 11).
    Rebuilt,
    /// It stands in a test that is skipped each time.
    Skipped,
    /// A comment tells another checker that the name is defined: `# noqa: F821`.
    Vouched,
    /// It stands in the message of an assertion, which is evaluated only where that does not hold.
    Asserted,
    /// The library prints the failure, and the program goes on.
    Printed,
    /// A class outside the tree that it derives from has no such attribute as far as a list of them says.
    Listed,
    /// Only the name of what is called says that it gives a coroutine.
    Named,
    /// Other calls of a method of that name, on something of the same name, are awaited.
    Elsewhere,
    /// What fails is written out where it stands, and what may keep it away asks about something else, or another value is possible.
    WrittenOut,
    /// A class outside the tree that it derives from may be called in another way than others.
    Foreign,
    /// A test before asks whether the value is None and goes on where it is, and what fails is run all the same.
    Unheeded,
    /// A test behind asks whether the value is None, which what fails did not.
    Late,
    /// It stands in a type hint, and only what resolves that fails.
    Resolved,
    /// It stands in a function whose name is bound again before anything calls it (rule 7).
    Superseded,
}

impl May {
    /// What two doubts make: that no test tells the value apart says less than any other.
    #[must_use]
    pub fn of_both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(Self::Unasked), Some(other)) => Some(other),
            _ => one.or(other),
        }
    }
}

impl Certainty {
    /// What `--explain-certainty` says, for people. The numbers are those of the rules in `ARCHITECTURE.md`.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Site => {
                "rule 1: it fails each time it is evaluated, whatever the parameters hold"
            }
            Self::Chain => {
                "rule 2: it fails for the values that these calls pass, and no test on the way leads around it"
            }
            Self::May(May::Version) => {
                "perhaps, rule 5: a test around it asks for a version, a platform, a signature or a feature"
            }
            Self::May(May::Needed) => {
                "perhaps, rule 1: a test around it asks about the value that makes it fail"
            }
            Self::May(May::Taken) => {
                "perhaps, rule 2a: another way gives the same to something that takes it"
            }
            Self::May(May::Depends) => {
                "perhaps, rule 2c: a test on the way looks at what the calls passed or made"
            }
            Self::May(May::Contradicts) => {
                "perhaps, rule 2: two tests on the way want different answers of one value"
            }
            Self::May(May::Earlier) => {
                "perhaps, rule 2: something before fails for the value that these calls pass, which never comes here"
            }
            Self::May(May::Callers) => "perhaps, rule 2d: calls as they are made avoid it",
            Self::May(May::Caught) => "perhaps, rule 8: a handler or a context manager may end it",
            Self::May(May::Tried) => {
                "perhaps, rule 8: what is given is tried, and a handler takes what does not fit"
            }
            Self::May(May::Hint) => {
                "perhaps: only an annotation, or the name of a parameter, says what it is given"
            }
            Self::May(May::Derived) => {
                "perhaps: it fails for instances of the class itself, and those of a class derived from it may have what lacks"
            }
            Self::May(May::Overridden) => {
                "perhaps: it fails for instances of a class that overrides what is called, and no call of it on one of them is seen"
            }
            Self::May(May::Unasked) => {
                "perhaps: the tests around it ask about the value that makes it fail, and none tells it from one that works"
            }
            Self::May(May::Apart) => {
                "perhaps: it fails for the values that these calls pass, and a test on the way that asks about something else may keep these away"
            }
            Self::May(May::Parted) => {
                "perhaps: one way of a statement before binds it or puts it there, another one goes on without, and nothing asks which it was"
            }
            Self::May(May::HandedOn) => {
                "perhaps, rule 11: nothing in the tree puts it there, and other code gets such objects"
            }
            Self::May(May::Filled) => {
                "perhaps, rule 3: something may put names into the module, but nothing in the tree writes this one out"
            }
            Self::May(May::Forgotten) => {
                "perhaps, rule 3: something may put names into the module, but other functions of the file have a variable of that name, or other files import the module of that name"
            }
            Self::May(May::Rebuilt) => {
                "perhaps, rule 11: code of the tree makes functions anew, and may give this one the name"
            }
            Self::May(May::Skipped) => "perhaps, rule 7: the test that it stands in is skipped",
            Self::May(May::Vouched) => {
                "perhaps: a comment tells another checker that the name is defined"
            }
            Self::May(May::Asserted) => {
                "perhaps: it is evaluated only where an assertion does not hold, which is then not what is raised"
            }
            Self::May(May::Named) => {
                "perhaps: all functions of that name in the tree are coroutines, and what the object is cannot be told"
            }
            Self::May(May::Elsewhere) => {
                "perhaps: the other calls of that name on something of the same name are awaited, and what the object is cannot be told"
            }
            Self::May(May::Foreign) => {
                "perhaps: the class's own constructor refuses the call, and a class outside the tree that it derives from may have made another way of calling it"
            }
            Self::May(May::Unheeded) => {
                "perhaps: a test before asks whether the value is None and goes on where it is, and this is run all the same"
            }
            Self::May(May::Late) => {
                "perhaps: a test behind asks whether the value is None, which this did not"
            }
            Self::May(May::WrittenOut) => {
                "perhaps: what fails is written out there, and only a test that asks about something else, or another value, could keep it away"
            }
            Self::May(May::Resolved) => {
                "perhaps: it stands in a type hint, and only what resolves the hint fails"
            }
            Self::May(May::Superseded) => {
                "perhaps, rule 7: the function's name is bound again before anything calls it"
            }
            Self::May(May::Listed) => {
                "perhaps: of a base outside the tree only a list says what it has"
            }
            Self::May(May::Printed) => {
                "perhaps: the library prints the failure and goes on, and what was to be said is lost"
            }
            Self::May(May::Value) => {
                "perhaps, rules 3, 7 and 11: something else may be called, or another value be there"
            }
            Self::May(May::Added) => {
                "perhaps, rules 3 and 7: what is called was added to a list by code that need not have run by then"
            }
        }
    }

    /// The name that the JSON output uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Chain => "chain",
            Self::May(May::Version) => "may: version",
            Self::May(May::Needed) => "may: needed value is tested",
            Self::May(May::Taken) => "may: another way takes it",
            Self::May(May::Depends) => "may: a test depends on the call",
            Self::May(May::Earlier) => "may: fails before",
            Self::May(May::Contradicts) => "may: tests contradict",
            Self::May(May::Callers) => "may: every call avoids it",
            Self::May(May::Caught) => "may: a handler may end it",
            Self::May(May::Tried) => "may: it is tried and caught",
            Self::May(May::Value) => "may: another value is possible",
            Self::May(May::Hint) => "may: an annotation says so",
            Self::May(May::Derived) => "may: a derived class may have it",
            Self::May(May::Overridden) => "may: an overriding method does not take it",
            Self::May(May::Added) => "may: it need not have been added",
            Self::May(May::Unasked) => "may: no test tells the value",
            Self::May(May::Apart) => "may: a test asks about something else",
            Self::May(May::Parted) => "may: one way does not bind it",
            Self::May(May::HandedOn) => "may: other code might put it there",
            Self::May(May::Filled) => "may: something may fill the module",
            Self::May(May::Forgotten) => "may: others have the name",
            Self::May(May::Late) => "may: a test behind asks for None",
            Self::May(May::Elsewhere) => "may: other calls are awaited",
            Self::May(May::Rebuilt) => "may: the function may be made anew",
            Self::May(May::Skipped) => "may: the test is skipped",
            Self::May(May::Vouched) => "may: a comment vouches for the name",
            Self::May(May::Asserted) => "may: an assertion has to fail first",
            Self::May(May::Printed) => "may: the library prints it",
            Self::May(May::Named) => "may: its name says so",
            Self::May(May::WrittenOut) => "may: it is written out there",
            Self::May(May::Foreign) => "may: a base outside the tree may take other calls",
            Self::May(May::Unheeded) => "may: a test before asks for None and goes on",
            Self::May(May::Resolved) => "may: something has to resolve the hint",
            Self::May(May::Superseded) => "may: nothing calls the function",
            Self::May(May::Listed) => "may: a base outside the tree may have it",
        }
    }
}

/// What comes of it where an obligation does not hold. The order is that of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Impact {
    /// Nothing, as the tree stands: it is worth knowing.
    Notable,
    /// Something that was hardly meant, or that fails only when the program is entered in a certain way.
    Suspicious,
    /// The code fails, or a feature is off, wherever it runs.
    Breaks,
}

/// What is known against a module that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// In words: `it was deleted in 4f2c1e0 (2025-11-02)`.
    pub text: String,
    /// Whether it is only about what surrounds the tree, so that it is the same for all imports of the module.
    pub is_of_environment: bool,
}

/// One frame on the way to a failure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// The call (or, in the last frame, what raises).
    pub place: Place,
    /// The function whose body that is, dotted; a module's name for its top-level code.
    pub function: String,
    /// What happens there, in a few words: `calls cache_core.get(key, timeout)`.
    pub note: String,
}

/// An obligation that does not hold, on one way through the program.
///
/// Several failures may have one cause; the rules group them by `(kind, cause, subject)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why.
    pub certainty: Certainty,
    /// What comes of it.
    pub impact: Impact,
    /// The exception in CPython's words, with its class: `TypeError: f() got an unexpected keyword argument 'x'`.
    /// None for what raises nothing (a swallowed keyword, an orphan).
    pub exception: Option<String>,
    /// Of a module that is not there: what is known against it, in words.
    pub evidence: Option<Evidence>,
    /// What it is about: the keyword, parameter, operation, attribute or module. Of a list of exports and of modules that import each other: all
    /// the names, with `, ` between them.
    pub subject: Name,
    /// Where it is written what has to change: the keyword, the call, the import.
    pub cause: Place,
    /// The function whose code `cause` stands in, dotted; a module's name for its top-level code.
    pub cause_function: String,
    /// The callee that refuses, where there is one.
    pub callee: Option<Symbol>,
    /// The callee's parameter list as written, `(key, ttl=None)`, one line; empty without callee. Of a broken package: where it fails, `helper/core.py:12`.
    pub signature: String,
    /// From the outermost call to the frame that raises; never empty.
    pub chain: Vec<Frame>,
    /// The route that was followed, if this is about one.
    pub route: Option<RouteKey>,
    /// The broad `except` that hides the failure, if one does.
    pub hidden_by: Option<Place>,
}

impl Failure {
    /// Whether its exception ends the import of a module, if that module's own code leads to it.
    #[must_use]
    pub fn ends_import(&self) -> bool {
        self.confidence == Confidence::Must
            && self.exception.is_some()
            && self.impact == Impact::Breaks
            && self.hidden_by.is_none()
            && !matches!(
                self.kind,
                FailureKind::GuardedImport | FailureKind::NotAwaited
            )
    }
}

/// Whether a route arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RouteStatus {
    /// A handler was found.
    Resolved,
    /// The interface, the operation, the module or the function does not exist.
    Missing,
    /// The way could not be followed to its end.
    Unresolved,
}

/// A route, as far as it could be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its names; what is written nowhere is `?`.
    pub key: RouteKey,
    /// Whether it arrives.
    pub status: RouteStatus,
    /// The function that looks the interface up: `gateway_core.execute_operation`.
    pub executor: Symbol,
    /// Which of its parameters are the interface and the operation.
    pub chosen_by: [Slot; 2],
    /// The functions that call the executor for this route, sorted.
    pub wrappers: Vec<Symbol>,
    /// The function that the registry leads to.
    pub router: Option<Symbol>,
    /// The function that the route ends in.
    pub handler: Option<Symbol>,
    /// The keywords that arrive at the router from the wrappers, sorted; `**` stands for more that is unknown.
    pub sends: Vec<String>,
    /// The handler's parameter list as written, `(key, ttl=None)`; empty without handler.
    pub accepts: String,
}

/// What makes a dispatcher of [`Listed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DispatcherKind {
    /// A Celery application, or any of them: tasks by name.
    Celery,
    /// A group of commands of Click, or none.
    Click,
    /// A Flask application or blueprint: views by method and rule.
    Flask,
    /// Routes of another framework: by method and path.
    Web,
    /// A dict of functions that code calls by a key.
    Table,
}

/// A function that is registered with a dispatcher under a name, by which something looks it up at run time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Listed {
    /// The dispatcher's kind.
    pub kind: DispatcherKind,
    /// The dispatcher: `app.app`, `tables.COMMANDS`; the library where it is none in particular.
    pub dispatcher: String,
    /// The name, as the dispatcher itself lists it: `GET /items/<int:id>`, `tasks.add`; none if it cannot be told.
    pub key: Option<String>,
    /// The function.
    pub handler: Symbol,
    /// Its parameter list as written.
    pub accepts: String,
}

/// A function at which execution starts, whose module is not there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LostEntry {
    /// The module's name, as it is asked for.
    pub module: Name,
    /// The function's name in it.
    pub function: Name,
    /// Where the module's file would be, from the tree's top.
    pub path: String,
    /// Who names it, for people; none for what only custom says.
    pub named_by: Option<String>,
    /// Whether the tree that is deployed now has it.
    pub is_deployed: bool,
}

/// What limits how far calls are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// How deep calls go into calls.
    Depth,
    /// How often a function calls itself, each time with other arguments.
    Recursion,
    /// How much work all calls of one function may make.
    Function,
    /// How much work one function may make that is evaluated for all callers.
    Caller,
    /// How much work the whole tree may make.
    Tree,
    /// How many keys are taken one by one for the parameters of a function.
    Keys,
}

/// Calls of a function that were not looked into for what they pass.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cut {
    /// The function.
    pub function: Symbol,
    /// What they ran into.
    pub bound: Bound,
    /// How many there are; of [`Bound::Keys`] the keys.
    pub calls: usize,
}

impl Cut {
    /// How many calls it is; none if it is about keys.
    #[must_use]
    pub fn of_calls(&self) -> Option<usize> {
        (self.bound != Bound::Keys).then_some(self.calls)
    }
}

/// All that one tree's evaluation found.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// What dispatchers other than gateways lead to, in order.
    pub listed: Vec<Listed>,
    /// What was not looked into, by function.
    pub cuts: Vec<Cut>,
    /// Broken obligations, in a fixed order.
    pub failures: Vec<Failure>,
    /// Routes, sorted by key and executor.
    pub routes: Vec<Route>,
    /// How many functions and lambdas the tree has.
    pub functions: usize,
    /// Where execution starts and nothing is, in the order of the declarations.
    pub lost: Vec<LostEntry>,
    /// Imports that the configured layers do not allow, by importing and imported file.
    pub breaches: Vec<Breach>,
    /// The files that their first line leaves to Python 2, and that nothing imports, in order.
    pub left_to_python_2: Vec<FileId>,
    /// The files that do not parse and that no import reaches: all that name them stand behind tests that no Python meets which is known, in order.
    pub unreached: Vec<FileId>,
    /// The files in an encoding that Python does not know of itself, and that a declared distribution is called after: it may tell Python of it as it starts.
    pub in_declared_encodings: Vec<FileId>,
}

/// In which way an import breaks the rules of the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BreachKind {
    /// It goes further in than the importing layer may, past what lies between.
    Skipped,
    /// It goes outwards, against the direction.
    Reversed,
    /// It takes what is private to another part.
    Foreign,
}

/// A module that an import rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LayerModule {
    /// Its dotted name.
    pub name: Name,
    /// Its file, relative to TREE.
    pub path: String,
    /// Its layer; none if it is in none.
    pub layer: Option<String>,
    /// Its part; none if it is of none.
    pub part: Option<String>,
}

/// An import that the configured layers do not allow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Breach {
    /// In which way.
    pub kind: BreachKind,
    /// Who imports.
    pub importer: LayerModule,
    /// What is reached.
    pub imported: LayerModule,
    /// All places where the importer makes the first step, in order.
    pub places: Vec<Place>,
    /// The imports from the importer to what is reached; what lies between is in no layer.
    pub chain: Vec<Frame>,
    /// The modules between the two, in order.
    pub through: Vec<Name>,
    /// The layers that the importer may import.
    pub allowed: Vec<String>,
}

/// What a node of a [`CallGraph`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallNodeKind {
    /// A module's own code.
    Module,
    /// A function, a method or a lambda.
    Function,
    /// Something outside the tree.
    External,
}

/// Something that calls or is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallNode {
    /// Dotted from the import root: `cache_core.Cache.get`, `cache_core.run.<lambda1>`; `<builtin>.print`, `os.path.join`.
    pub name: String,
    /// What it is.
    pub kind: CallNodeKind,
    /// A function's header; a module's beginning. None outside the tree.
    pub place: Option<Place>,
}

/// Who calls whom in a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallGraph {
    /// All modules and functions of the tree, and what they call outside; sorted by name, each name once.
    pub nodes: Vec<CallNode>,
    /// Caller and callee, counting along `nodes`; sorted, each pair once.
    pub edges: Vec<(u32, u32)>,
}
