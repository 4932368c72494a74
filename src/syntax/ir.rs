//! The intermediate form: what the later stages know of a Python file.
//!
//! It is a tree like the parser's, but smaller: names are interned and resolved to slots, docstrings and type
//! comments are gone, f-strings are reduced to their parts, comprehension variables are slots of the scope around them.
//! All positions are byte offsets into the decoded text.

use std::any::Any;
use std::hash::{Hash, Hasher};
use std::ops::Index;
use std::sync::OnceLock;

use super::vouched::Vouched;
use crate::name::Name;

/// Bytes `start..end` of one file's decoded text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Hash for Range {
    /// As one number of a width that nothing else in the intermediate form has: [`super::alike`] tells positions from the rest by it.
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(u128::from(self.start) | u128::from(self.end) << 64);
    }
}

impl Range {
    /// The range from `start` to `end`, in bytes.
    #[must_use]
    #[inline]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Whether `other` lies within this range.
    #[must_use]
    #[inline]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two overlap, or one ends where the other begins.
    #[must_use]
    pub const fn touches(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

/// One file.
#[derive(Debug, Default, Hash)]
pub struct Module {
    /// The statements at the top level.
    pub body: Vec<Stmt>,
    /// The module's own names.
    pub scope: Scope,
    /// Every function and lambda, an outer one before those in it; [`FunctionId`] counts along here.
    pub functions: Vec<Function>,
    /// Every class, an outer one before those in it; [`ClassId`] counts along here.
    pub classes: Vec<Class>,
    /// What the parser refused, in source order. The rest of the file is lowered all the same.
    pub errors: Vec<SyntaxError>,
    /// What only newer versions of Python take, in source order.
    pub newer: Vec<NewSyntax>,
    /// The comments that speak to coship (`# coship: ...`), in source order.
    pub directives: Vec<Directive>,
    /// The files that the comments at the top say that this one was generated from, without their directories: `cart.py`.
    pub made_from: Vec<Name>,
    /// The names that comments tell other checkers are defined.
    pub vouched: Vouched,
    /// Whether its first line says what runs it as a program: `#!/usr/bin/env python3` (POSIX, "Shell Introduction").
    pub is_program: bool,
    /// Whether that is Python 2: `#!/usr/bin/env python2.7`. Nothing else runs it as it stands.
    pub is_for_python_2: bool,
    /// The names in type hints that nothing in the file binds, in source order.
    pub hints: Vec<HintName>,
    /// Whether the file names `__path__`, `sys.modules` or `sys.meta_path`, or the like: it may give itself submodules
    /// that are no files beside it.
    pub rewires_imports: bool,
    /// What a later stage worked out of this file alone.
    pub aside: Aside,
    /// The same for another stage.
    pub doubts: Aside,
    /// The same for [`super::alike`].
    pub shape: Aside,
}

/// A name that a type hint mentions and that no scope of the file around it binds; none of the builtins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HintName {
    /// The name.
    pub name: Name,
    /// Where it stands; in a text, if the hint is one.
    pub range: Range,
}

/// Room for one thing that a later stage works out of a file alone, whatever that is: it is kept with the file, and worked out once.
#[derive(Debug, Default)]
pub struct Aside(OnceLock<Box<dyn Any + Send + Sync>>);

impl Hash for Aside {
    /// What is worked out of a file says nothing that the file does not say.
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Aside {
    /// What is there; worked out if nothing is.
    ///
    /// # Panics
    ///
    /// If something of another type is there: there is room for one stage.
    pub fn get_or_work_out<T: Any + Send + Sync>(&self, work_out: impl FnOnce() -> T) -> &T {
        let kept = self.0.get_or_init(|| Box::new(work_out()));
        // One stage uses it, with one type.
        kept.downcast_ref().expect("room for one stage")
    }
}

impl Module {
    /// Whether something in a range does not parse, or right after it.
    #[must_use]
    pub fn has_error_in(&self, range: Range) -> bool {
        self.errors.iter().any(|error| range.touches(error.range))
    }

    /// Visits every statement of the file, those in functions and classes included.
    pub fn each_statement<'m>(&'m self, mut visit: impl FnMut(&'m Stmt)) {
        each_statement(&self.body, &mut visit);
        for function in &self.functions {
            each_statement(&function.body, &mut visit);
        }
        for class in &self.classes {
            each_statement(&class.body, &mut visit);
        }
    }
}

impl Module {
    /// Visits every `import` and `from` of the file, in the order of [`Self::each_statement`].
    pub fn each_import<'m>(&'m self, mut visit: impl FnMut(&'m Stmt)) {
        let mut visit = |stmt: &'m Stmt| {
            if stmt.is_import() {
                visit(stmt);
            }
        };
        each_statement(&self.body, &mut visit);
        for function in self.functions.iter().filter(|own| own.has_imports) {
            each_statement(&function.body, &mut visit);
        }
        for class in &self.classes {
            each_statement(&class.body, &mut visit);
        }
    }

    /// The expressions that stand outside of all bodies: decorators, defaults, annotations, base classes.
    pub fn heads(&self) -> impl Iterator<Item = &Expr> {
        let functions = self.functions.iter().flat_map(Function::heads);
        let classes = self.classes.iter().flat_map(Class::heads);
        functions.chain(classes)
    }
}

impl Function {
    /// What a `def` evaluates, or a version of Python may: defaults, annotations, decorators.
    pub fn heads(&self) -> impl Iterator<Item = &Expr> {
        let of_parameters = self.params.iter().flat_map(|parameter| {
            let default = parameter.default.iter();
            default.chain(&parameter.annotation)
        });
        of_parameters.chain(&self.decorators).chain(&self.returns)
    }
}

impl Class {
    /// What a `class` statement evaluates before the body: base classes, keywords, decorators.
    pub fn heads(&self) -> impl Iterator<Item = &Expr> {
        let arguments = self.arguments.iter().map(|argument| &argument.value);
        arguments.chain(&self.decorators)
    }
}

impl Stmt {
    /// Whether it is an `import` or a `from`.
    #[must_use]
    pub const fn is_import(&self) -> bool {
        matches!(self.kind, StmtKind::Import(_) | StmtKind::ImportFrom(_))
    }
}

/// Visits the statements of a body and those in their blocks, functions and classes left aside.
pub fn each_statement<'m>(body: &'m [Stmt], visit: &mut impl FnMut(&'m Stmt)) {
    for stmt in body {
        visit(stmt);
        match &stmt.kind {
            StmtKind::If { branches, orelse } => {
                for branch in branches {
                    each_statement(&branch.body, visit);
                }
                each_statement(orelse, visit);
            }
            StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                each_statement(body, visit);
                each_statement(orelse, visit);
            }
            StmtKind::With { body, .. } => each_statement(body, visit),
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                each_statement(body, visit);
                for handler in handlers {
                    each_statement(&handler.body, visit);
                }
                each_statement(orelse, visit);
                each_statement(finally, visit);
            }
            StmtKind::Match { cases, .. } => {
                for case in cases {
                    each_statement(&case.body, visit);
                }
            }
            _ => {}
        }
    }
}

/// A place where the file is not Python.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SyntaxError {
    /// What the parser says, without position.
    pub message: String,
    /// Where.
    pub range: Range,
}

impl SyntaxError {
    /// Whether a statement only stands outside of a function that belongs into one: `return` at the top level. Wrapped into a function it would compile.
    #[must_use]
    pub fn is_outside_function(&self) -> bool {
        self.message.ends_with("outside of a function")
    }

    /// Whether it is an `await` at the top level of a module: what reads code piece by piece inside an event loop may take it (a notebook, Pyodide, `python -m asyncio`;
    /// `ast.PyCF_ALLOW_TOP_LEVEL_AWAIT`), and Python itself does not.
    #[must_use]
    pub fn is_await_at_top(&self) -> bool {
        self.message.starts_with("`await`") && self.is_outside_function()
    }
}

/// A place where the file is Python of a certain version on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewSyntax {
    /// What the parser says: `cannot use t-strings`.
    pub message: String,
    /// The minor version of Python 3 that brought it.
    pub since: u8,
    /// Where.
    pub range: Range,
}

/// A comment that speaks to coship: `# coship: ...`, alone or behind another tool's (`# noqa # coship: ...`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Directive {
    /// The comment's text after `coship:`, trimmed.
    pub text: String,
    /// The comment from its `#` on.
    pub range: Range,
    /// Whether nothing else is on its line: then it is about what comes next.
    pub is_alone: bool,
    /// The logical line that it is in or behind: a simple statement, or the header of a compound one. If it stands between two of them, the next one.
    pub statement: Range,
}

/// Which function of its module; counts along [`Module::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u32);

/// Which class of its module; counts along [`Module::classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u32);

/// Which variable of its scope; counts along [`Scope::slots`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

impl Index<FunctionId> for Module {
    type Output = Function;

    #[inline]
    fn index(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }
}

impl Index<ClassId> for Module {
    type Output = Class;

    #[inline]
    fn index(&self, id: ClassId) -> &Class {
        &self.classes[id.0 as usize]
    }
}

/// The variables of a module, a class body or a function (the comprehensions in it included).
#[derive(Debug, Default, Hash)]
pub struct Scope {
    /// One entry per variable. In a function the parameters come first, in the order of [`Function::params`].
    pub slots: Vec<Variable>,
    /// Whether the scope calls `locals`, `exec`, `eval` or `vars` by these names, so that variables may change unseen.
    pub dynamic: bool,
}

/// One variable of a scope.
#[derive(Debug, Hash)]
pub struct Variable {
    /// Its name.
    pub name: Name,
    /// How many places bind it: parameters, assignments, `for`, `import`, `def`, `del`, `:=` and so on.
    pub bindings: u32,
    /// Whether a function inside reads or writes it by slot: a closure cell. In modules and classes hidden slots only.
    pub captured: bool,
    /// Whether a function inside assigns it, by `nonlocal` (functions) or `global` (modules).
    pub assigned_inside: bool,
    /// Whether a name in the code means it, wherever that stands: in its own scope, or in a function inside. What only binds it is no such name.
    pub named: bool,
    /// Whether a `def` of this scope binds it.
    pub defined: bool,
    /// Whether it belongs to a comprehension (or is a type parameter), and is not visible as a name of the scope itself.
    pub hidden: bool,
}

impl Variable {
    /// Whether it holds what the code of its own scope assigned last, and no `def` of it.
    #[must_use]
    #[inline]
    pub const fn is_plain(&self) -> bool {
        !self.defined && !self.assigned_inside
    }
}

/// Who owns the scope around something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parent {
    /// The module's top level.
    Module,
    /// A function's body.
    Function(FunctionId),
    /// A class body.
    Class(ClassId),
}

/// A function, a method or a lambda.
#[derive(Debug, Hash)]
pub struct Function {
    /// `__name__`: `<lambda>` for a lambda.
    pub name: Name,
    /// `__qualname__` (PEP 3155), as CPython's error texts show it: `Class.method`, `outer.<locals>.inner`.
    pub qualname: Name,
    /// The scope it stands in.
    pub parent: Parent,
    /// The parameters in the order positional-only, positional-or-keyword, var-positional, keyword-only, var-keyword.
    pub params: Vec<Parameter>,
    /// The decorators from top to bottom, without `@`.
    pub decorators: Vec<Expr>,
    /// The return annotation.
    pub returns: Option<Expr>,
    /// The body; a lambda's is one `return`.
    pub body: Vec<Stmt>,
    /// Its variables.
    pub scope: Scope,
    /// `async def`.
    pub is_async: bool,
    /// Whether the body (not the functions in it) has `yield` or `yield from`.
    pub is_generator: bool,
    /// Whether an import stands in the body (not in the functions in it). Few have one.
    pub has_imports: bool,
    /// Whether the block that it stands in binds its name again before anything asks for it.
    pub is_superseded: bool,
    /// From `def` or `lambda` (decorators excluded) to the end.
    pub range: Range,
    /// From `def` (`async`, `lambda`) to before the colon that begins the body: what shows the signature.
    pub header: Range,
    /// The name alone; for a lambda the word `lambda`.
    pub name_range: Range,
}

impl Function {
    /// Whether this is a lambda expression.
    #[must_use]
    pub fn is_lambda(&self) -> bool {
        self.name.as_str() == "<lambda>"
    }

    /// Whether nothing in the function can look at what a parameter was given: no name means it, `locals()` does not show it, and it is none that `super()` takes
    /// by itself.
    #[must_use]
    pub fn ignores(&self, parameter: usize) -> bool {
        let is_receiver = parameter == 0 && !matches!(self.parent, Parent::Module);
        let variable = self.scope.slots.get(parameter);
        let is_unnamed = variable.is_some_and(|variable| !variable.named && !variable.captured);
        is_unnamed && !is_receiver && !self.scope.dynamic
    }

    /// Whether its annotation says that a call of it never comes back: `NoReturn` or `Never` of `typing` (PEP 484). The call of a coroutine
    /// function or a generator does, whatever becomes of the body.
    #[must_use]
    pub fn is_said_never_to_return(&self) -> bool {
        let says = |name: &Name| matches!(name.as_str(), "NoReturn" | "Never");
        let is_said = match self.returns.as_ref().map(|returns| &returns.kind) {
            Some(ExprKind::Name(name, _) | ExprKind::Constant(Constant::Str(name))) => says(name),
            Some(ExprKind::Attribute { attribute, .. }) => says(attribute),
            _ => false,
        };
        is_said && !self.is_async && !self.is_generator
    }
}

/// A class definition.
#[derive(Debug, Hash)]
pub struct Class {
    /// `__name__`.
    pub name: Name,
    /// `__qualname__`.
    pub qualname: Name,
    /// The scope it stands in.
    pub parent: Parent,
    /// Base classes and class keywords (`metaclass=...`), as written.
    pub arguments: Vec<Argument>,
    /// The decorators from top to bottom, without `@`.
    pub decorators: Vec<Expr>,
    /// The body.
    pub body: Vec<Stmt>,
    /// The names of the body.
    pub scope: Scope,
    /// From `class` (decorators excluded) to the end.
    pub range: Range,
    /// The name alone.
    pub name_range: Range,
}

/// PEP 362's kinds of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ParameterKind {
    /// Before `/`.
    PositionalOnly,
    /// The ordinary kind.
    PositionalOrKeyword,
    /// `*args`.
    VarPositional,
    /// After `*` or `*args`.
    KeywordOnly,
    /// `**kwargs`.
    VarKeyword,
}

/// One parameter.
#[derive(Debug, Hash)]
pub struct Parameter {
    /// Its name, without stars. Private names of class bodies (`__x`) are mangled as the compiler does it.
    pub name: Name,
    /// Its kind.
    pub kind: ParameterKind,
    /// The default's expression.
    pub default: Option<Expr>,
    /// The annotation.
    pub annotation: Option<Expr>,
    /// The parameter as written, stars, annotation and default included.
    pub range: Range,
}

impl Parameter {
    /// Whether it is `*args` or `**kwargs`.
    #[must_use]
    pub fn is_variadic(&self) -> bool {
        matches!(
            self.kind,
            ParameterKind::VarPositional | ParameterKind::VarKeyword
        )
    }

    /// Whether a call may fill it by position, it alone.
    #[must_use]
    pub fn is_positional(&self) -> bool {
        matches!(
            self.kind,
            ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword
        )
    }
}

/// A statement.
#[derive(Debug, Hash)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// Where it stands.
    pub range: Range,
}

/// The kinds of statements. `global` and `nonlocal` are gone: names are resolved.
#[allow(missing_docs, reason = "each variant's comment explains its fields")]
#[derive(Debug, Hash)]
pub enum StmtKind {
    /// An expression whose value is dropped. Docstrings and other bare constants are left out.
    Expr(Expr),
    /// `a = b = value`: targets from left to right.
    Assign { targets: Vec<Expr>, value: Expr },
    /// `target op= value`.
    AugAssign {
        target: Expr,
        op: Operator,
        value: Expr,
    },
    /// `target: annotation [= value]`.
    AnnAssign {
        target: Expr,
        annotation: Expr,
        value: Option<Expr>,
    },
    /// `return [value]`.
    Return(Option<Expr>),
    /// `del a, b`.
    Delete(Vec<Expr>),
    /// `if`, its `elif`s in order, and `else`.
    If {
        branches: Vec<Branch>,
        orelse: Vec<Stmt>,
    },
    /// `for`, also `async for`.
    For {
        target: Expr,
        iter: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
        is_async: bool,
    },
    /// `while`.
    While {
        test: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    /// `with`, also `async with`.
    With {
        items: Vec<WithItem>,
        body: Vec<Stmt>,
        is_async: bool,
    },
    /// `try`, also with `except*`.
    Try {
        body: Vec<Stmt>,
        handlers: Vec<Handler>,
        orelse: Vec<Stmt>,
        finally: Vec<Stmt>,
    },
    /// `raise [exception [from cause]]`.
    Raise {
        exception: Option<Expr>,
        cause: Option<Expr>,
    },
    /// `assert test[, message]`.
    Assert { test: Expr, message: Option<Expr> },
    /// One clause of `import a.b as c`; several are several statements.
    Import(Import),
    /// `from module import names`.
    ImportFrom(ImportFrom),
    /// `match`.
    Match { subject: Expr, cases: Vec<Case> },
    /// `def`, with the variable that it binds.
    FunctionDef { function: FunctionId, var: Var },
    /// `class`, with the variable that it binds.
    ClassDef { class: ClassId, var: Var },
    /// `pass` and statements that bind and do nothing.
    Pass,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
}

/// One arm of an `if`.
#[derive(Debug, Hash)]
pub struct Branch {
    /// The condition.
    pub test: Expr,
    /// What runs when it holds.
    pub body: Vec<Stmt>,
}

/// One manager of a `with`.
#[derive(Debug, Hash)]
pub struct WithItem {
    /// The manager's expression.
    pub context: Expr,
    /// The target after `as`.
    pub target: Option<Expr>,
}

/// One `except`.
#[derive(Debug, Hash)]
pub struct Handler {
    /// The exception's expression; none for a bare `except:`.
    pub exception: Option<Expr>,
    /// The variable after `as`.
    pub var: Option<Var>,
    /// What runs.
    pub body: Vec<Stmt>,
    /// The clause.
    pub range: Range,
}

/// `import module [as var]`.
#[derive(Debug, Hash)]
pub struct Import {
    /// The dotted name as written.
    pub module: Name,
    /// The variable bound: the `as` name, else the first component.
    pub var: Var,
    /// Whether `as` was written: then the variable is the module itself, else the outermost package.
    pub has_alias: bool,
    /// The dotted name.
    pub range: Range,
}

/// `from ..module import names`.
#[derive(Debug, Hash)]
pub struct ImportFrom {
    /// The dotted name after the dots; none for `from . import x`.
    pub module: Option<Name>,
    /// How many dots.
    pub level: u32,
    /// The names; empty for `*`.
    pub names: Vec<ImportedName>,
    /// `from m import *`.
    pub star: bool,
    /// The module part, dots included.
    pub module_range: Range,
}

impl ImportFrom {
    /// Whether it names a package's own file: `from .__init__ import f`. The import system knows that by another name than the package, and runs it once more for a
    /// module of its own (reference, 5.3.1).
    #[must_use]
    pub fn names_package_file(&self) -> bool {
        let last = |written: Name| written.rsplit('.').next() == Some("__init__");
        self.module.is_some_and(last)
    }
}

/// One name of a `from` import.
#[derive(Debug, Hash)]
pub struct ImportedName {
    /// The name in the module.
    pub name: Name,
    /// The variable bound.
    pub var: Var,
    /// The name as written (without `as`).
    pub range: Range,
}

/// One `case`.
#[derive(Debug, Hash)]
pub struct Case {
    /// What it matches.
    pub pattern: Pattern,
    /// The `if` after it.
    pub guard: Option<Expr>,
    /// What runs.
    pub body: Vec<Stmt>,
}

/// A pattern (PEP 634).
#[allow(missing_docs, reason = "each variant's comment explains its fields")]
#[derive(Debug, Hash)]
pub enum Pattern {
    /// Equal to this expression.
    Value(Expr),
    /// Is `None`, `True` or `False`.
    Singleton(Constant),
    /// A sequence; a star pattern stands for any number.
    Sequence(Vec<Pattern>),
    /// `*rest` in a sequence.
    Star(Option<Var>),
    /// A mapping with these keys, the rest bound to a variable.
    Mapping {
        items: Vec<(Expr, Pattern)>,
        rest: Option<Var>,
    },
    /// `Class(patterns, name=pattern)`.
    Class {
        class: Expr,
        positional: Vec<Pattern>,
        keywords: Vec<(Name, Pattern)>,
    },
    /// `pattern as name`, a bare name (no pattern), or `_` (neither).
    As {
        pattern: Option<Box<Pattern>>,
        var: Option<Var>,
    },
    /// `a | b`.
    Or(Vec<Pattern>),
}

/// A variable, resolved by the rules of the language reference, section 4.2.
#[allow(missing_docs, reason = "each variant's comment explains its fields")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Var {
    /// A slot of the scope whose code this is (module, class body or function).
    ///
    /// In a class body an unbound slot falls back to the global of the same name, in a module to the builtin.
    Local(Slot),
    /// A slot of a function around this one: `up` counts function scopes outwards, from 1.
    Free { up: u32, slot: Slot },
    /// A hidden slot of the module or of a class body around this function (never a function's: that is `Free`):
    /// a comprehension's variable, as a lambda in the comprehension uses it, or a type parameter.
    Hidden { owner: Parent, slot: Slot },
    /// A name of the module, or else a builtin. A module's own top-level code uses `Local` for names that it binds.
    Global(Name),
}

/// An expression.
#[derive(Debug, Hash)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// Where it stands, without surrounding brackets.
    pub range: Range,
}

/// The kinds of expressions. In targets, `Name`, `Attribute`, `Subscript`, `Tuple`, `List` and `Starred` are stores.
#[allow(missing_docs, reason = "each variant's comment explains its fields")]
#[derive(Debug, Hash)]
pub enum ExprKind {
    /// A literal.
    Constant(Constant),
    /// A variable.
    Name(Name, Var),
    /// `value.attribute`, with the attribute's own range. Private names are mangled.
    Attribute {
        value: Box<Expr>,
        attribute: Name,
        attribute_range: Range,
    },
    /// `value[index]`.
    Subscript { value: Box<Expr>, index: Box<Expr> },
    /// `lower:upper:step` inside a subscript; each may be left out.
    Slice { parts: Box<[Option<Expr>; 3]> },
    /// A call.
    Call(Box<Call>),
    /// `(a, b)`.
    Tuple(Vec<Expr>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{a, b}`.
    Set(Vec<Expr>),
    /// `{k: v, **rest}`; an entry without key is `**rest`.
    Dict(Vec<DictItem>),
    /// A lambda.
    Lambda(FunctionId),
    /// A comprehension or generator expression.
    Comprehension(Box<Comprehension>),
    /// `a and b and c`, `a or b`.
    Bool { is_and: bool, values: Vec<Expr> },
    /// `not a`.
    Not(Box<Expr>),
    /// `-a`, `+a`, `~a`.
    Unary {
        op: UnaryOperator,
        operand: Box<Expr>,
    },
    /// `a op b`.
    Binary {
        left: Box<Expr>,
        op: Operator,
        right: Box<Expr>,
    },
    /// `a < b <= c`.
    Compare {
        left: Box<Expr>,
        rest: Vec<(Comparison, Expr)>,
    },
    /// `body if test else orelse`.
    If {
        test: Box<Expr>,
        body: Box<Expr>,
        orelse: Box<Expr>,
    },
    /// `await value`.
    Await(Box<Expr>),
    /// `yield [value]`.
    Yield(Option<Box<Expr>>),
    /// `yield from value`.
    YieldFrom(Box<Expr>),
    /// `*value` in a display, a subscript or a target.
    Starred(Box<Expr>),
    /// An f-string: its parts in order.
    Joined(Vec<JoinedPart>),
    /// `(var := value)`.
    Walrus { var: Var, value: Box<Expr> },
    /// What was nested too deeply to look into, or what the parser could not read.
    Unknown,
}

/// A literal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Constant {
    /// `None`.
    None,
    /// `True` and `False`.
    Bool(bool),
    /// `...`.
    Ellipsis,
    /// An integer that fits.
    Int(i64),
    /// An integer that does not fit, in decimal digits, unless it is too long for that.
    BigInt(Option<Name>),
    /// A float.
    Float(f64),
    /// An imaginary number.
    Complex(f64),
    /// A string, adjacent ones joined.
    Str(Name),
    /// A bytes literal, adjacent ones joined, each byte as the character of that number; none if it is long.
    Bytes(Option<Name>),
}

impl Hash for Constant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::None | Self::Ellipsis => {}
            Self::Bool(value) => value.hash(state),
            Self::Int(value) => value.hash(state),
            Self::BigInt(text) | Self::Bytes(text) => text.hash(state),
            Self::Float(value) | Self::Complex(value) => value.to_bits().hash(state),
            Self::Str(text) => text.hash(state),
        }
    }
}

/// A call.
#[derive(Debug, Hash)]
pub struct Call {
    /// What is called.
    pub function: Expr,
    /// The arguments in source order.
    pub arguments: Vec<Argument>,
}

/// One argument of a call or a class definition.
#[derive(Debug, Hash)]
pub struct Argument {
    /// How it is passed.
    pub kind: ArgumentKind,
    /// The value (for `*x` and `**x`: x).
    pub value: Expr,
    /// The argument as written: `timeout=timeout`, `**kwargs`.
    pub range: Range,
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArgumentKind {
    /// By position.
    Positional,
    /// `*x`.
    Star,
    /// `name=x`.
    Keyword(Name),
    /// `**x`.
    DoubleStar,
}

/// One item of a dict display.
#[derive(Debug, Hash)]
pub struct DictItem {
    /// The key; none for `**value`.
    pub key: Option<Expr>,
    /// The value.
    pub value: Expr,
}

/// A comprehension.
#[derive(Debug, Hash)]
pub struct Comprehension {
    /// What it builds.
    pub kind: ComprehensionKind,
    /// The element, or a dict comprehension's key.
    pub element: Expr,
    /// A dict comprehension's value.
    pub value: Option<Expr>,
    /// The `for` clauses in order.
    pub clauses: Vec<ForClause>,
}

/// What a comprehension builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ComprehensionKind {
    /// `[...]`.
    List,
    /// `{...}`.
    Set,
    /// `{k: v ...}`.
    Dict,
    /// `(...)`.
    Generator,
}

/// `for target in iter if ...`.
#[derive(Debug, Hash)]
pub struct ForClause {
    /// What is bound: hidden slots of the scope around.
    pub target: Expr,
    /// What is iterated over.
    pub iter: Expr,
    /// The conditions.
    pub conditions: Vec<Expr>,
    /// `async for`.
    pub is_async: bool,
}

/// A piece of an f-string.
#[allow(missing_docs, reason = "each variant's comment explains its fields")]
#[derive(Debug, Hash)]
pub enum JoinedPart {
    /// Text as it is.
    Literal(Name),
    /// `{value}`; `plain` if neither conversion nor format follows it. `format`: the text behind the colon, if the value itself is formatted by nothing else.
    Value {
        value: Expr,
        plain: bool,
        format: Option<Name>,
    },
}

/// `not`, which yields a bool, is [`ExprKind::Not`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOperator {
    /// `-`
    Negative,
    /// `+`
    Positive,
    /// `~`
    Invert,
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `@`
    MatMul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `**`
    Pow,
    /// `<<`
    LShift,
    /// `>>`
    RShift,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
    /// `&`
    BitAnd,
    /// `//`
    FloorDiv,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `==`
    Eq,
    /// `!=`
    NotEq,
    /// `<`
    Lt,
    /// `<=`
    LtE,
    /// `>`
    Gt,
    /// `>=`
    GtE,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `in`
    In,
    /// `not in`
    NotIn,
}
