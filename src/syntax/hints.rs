//! Names in type hints that nothing in the file binds: in annotations, in the texts that stand for types, and in what a `type` statement means.
//!
//! Most of these nothing evaluates while the program runs (PEP 484, "Forward references"; PEP 563; PEP 649; PEP 695, "Lazy evaluation"). What resolves them does:
//! `typing.get_type_hints`, libraries for data and for command lines, `__value__` of an alias.

use ruff_python_ast::{self as ast, StringFlags as _};
use ruff_python_parser::parse_string_annotation;
use ruff_text_size::TextRange;
use rustc_hash::{FxHashMap, FxHashSet};

use super::ir::{HintName, Slot};
use super::lower::Lowering;
use super::range;
use super::scope::Frames;
use crate::name::Name;
use crate::python::builtins::builtin;

/// How deeply a hint is looked into.
const DEEPEST: u32 = 32;

/// How long a text may be that is read as a type: longer ones are no types, and the parser's recursion is bounded with them.
const LONGEST: usize = 200;

/// What a file says in hints, and what it took from `typing` to say so.
#[derive(Default)]
pub(super) struct Hints {
    /// What the file calls the things of [`MODULES`]: `Opt` for `from typing import Optional as Opt`.
    special: FxHashMap<Box<str>, Name>,
    /// What it calls the modules themselves, with dots where it goes through the package around one: `collections.abc`.
    modules: FxHashSet<Box<str>>,
    /// The names that nothing binds, as far as the file was read.
    pub(super) names: Vec<HintName>,
    /// Whether a hint is being lowered, which was looked at as a whole.
    pub(super) is_inside: bool,
}

/// The modules whose things take types in brackets.
const MODULES: [&str; 5] = [
    "typing",
    "typing.re",
    "typing_extensions",
    "collections.abc",
    "mypy_extensions",
];

/// How `mypy_extensions` says what kind of argument a callable takes ("Extended Callable types" of mypy's documentation).
const ARGUMENTS: [&str; 6] = [
    "Arg",
    "DefaultArg",
    "DefaultNamedArg",
    "KwArg",
    "NamedArg",
    "VarArg",
];

/// The builtin classes that take types in brackets (PEP 585).
const GENERIC: [&str; 6] = ["dict", "frozenset", "list", "set", "tuple", "type"];

impl Hints {
    /// Notes what an import brings.
    pub(super) fn import(&mut self, module: &str, bound: Name) {
        if MODULES.contains(&module) {
            let is_around = module.split('.').next() == Some(bound.as_str());
            let called = if is_around { module } else { bound.as_str() };
            self.modules.insert(called.into());
        }
    }

    /// Notes what `from module import taken as bound` brings.
    pub(super) fn import_from(&mut self, module: &str, taken: Name, bound: Name) {
        if MODULES.contains(&module) {
            self.special.insert(bound.as_str().into(), taken);
        }
        let is_module = |known: &&str| {
            let rest = known.strip_prefix(module);
            rest.and_then(|rest| rest.strip_prefix('.')) == Some(taken.as_str())
        };
        if MODULES.iter().any(is_module) {
            self.modules.insert(bound.as_str().into());
        }
    }

    /// The thing of `typing` that an expression is, or the builtin class that takes types.
    fn special(&self, frames: &Frames, expr: &ast::Expr) -> Option<&'static str> {
        match expr {
            ast::Expr::Name(name) => {
                let found = self.special.get(&*name.id).map(|taken| taken.as_str());
                found.or_else(|| {
                    let generic = GENERIC.into_iter().find(|generic| **generic == *name.id);
                    generic.filter(|generic| !frames.is_bound(Name::new(generic)))
                })
            }
            ast::Expr::Attribute(attribute) => {
                let is_module = dotted(&attribute.value)
                    .is_some_and(|module| self.modules.contains(module.as_str()));
                is_module.then(|| Name::new(&attribute.attr.id).as_str())
            }
            _ => None,
        }
    }
}

/// A name, or one after another with dots between them.
fn dotted(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::Name(name) => Some(name.id.to_string()),
        ast::Expr::Attribute(attribute) => match &*attribute.value {
            ast::Expr::Name(name) => Some(format!("{}.{}", name.id, attribute.attr.id)),
            _ => None,
        },
        _ => None,
    }
}

/// One walk through a hint.
struct Walk<'w, 'a> {
    hints: &'w Hints,
    frames: &'w Frames,
    text: &'a str,
    depth: u32,
    found: Vec<HintName>,
}

impl Walk<'_, '_> {
    /// Looks into an expression; `is_type`: a text there stands for a type.
    fn expr(&mut self, expr: &ast::Expr, is_type: bool) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        match expr {
            ast::Expr::Name(name) => self.name(&name.id, name.range),
            ast::Expr::Attribute(attribute) => self.expr(&attribute.value, false),
            ast::Expr::StringLiteral(string) if is_type => self.string(string),
            ast::Expr::Subscript(subscript) => {
                self.expr(&subscript.value, false);
                self.index(&subscript.value, &subscript.slice);
            }
            ast::Expr::Tuple(tuple) => self.all(&tuple.elts, is_type),
            ast::Expr::List(list) => self.all(&list.elts, is_type),
            ast::Expr::Dict(dict) => {
                for item in &dict.items {
                    self.expr(&item.value, is_type);
                }
            }
            ast::Expr::BinOp(binary) => {
                self.expr(&binary.left, is_type);
                self.expr(&binary.right, is_type);
            }
            ast::Expr::Starred(starred) => self.expr(&starred.value, is_type),
            ast::Expr::Slice(slice) => {
                // `Fields["name": int]`: what stands behind the colon.
                if let Some(upper) = &slice.upper {
                    self.expr(upper, is_type);
                }
            }
            ast::Expr::Call(call) => {
                self.expr(&call.func, false);
                self.call(call);
            }
            _ => {}
        }
        self.depth -= 1;
    }

    fn all(&mut self, exprs: &[ast::Expr], is_type: bool) {
        for expr in exprs {
            self.expr(expr, is_type);
        }
    }

    /// What stands in the brackets: types after a thing of `typing`, and whatever the class likes after others.
    fn index(&mut self, value: &ast::Expr, index: &ast::Expr) {
        let special = self.hints.special(self.frames, value);
        match special {
            Some("Literal") => {}
            Some("Annotated") => {
                let first = index.as_tuple_expr().and_then(|tuple| tuple.elts.first());
                self.expr(first.unwrap_or(index), true);
            }
            Some(_) => self.expr(index, true),
            None => self.expr(index, false),
        }
    }

    /// The types among the arguments of what `typing` has functions for.
    fn call(&mut self, call: &ast::ExprCall) {
        let Some(special) = self.hints.special(self.frames, &call.func) else {
            return;
        };
        let arguments = &call.arguments;
        let keyword = |name: &str| arguments.find_keyword(name).map(|found| &found.value);
        match special {
            "cast" | "assert_type" => {
                let at = usize::from(special == "assert_type");
                if let Some(typ) = arguments.args.get(at).or_else(|| keyword("typ")) {
                    self.expr(typ, true);
                }
            }
            argument if ARGUMENTS.contains(&argument) => {
                if let Some(typ) = arguments.args.first().or_else(|| keyword("type")) {
                    self.expr(typ, true);
                }
            }
            "TypeVar" => {
                let constraints = arguments.args.iter().skip(1);
                for typ in constraints
                    .chain(keyword("bound"))
                    .chain(keyword("default"))
                {
                    self.expr(typ, true);
                }
            }
            "NewType" | "TypeAliasType" => {
                if let Some(typ) = arguments.args.get(1) {
                    self.expr(typ, true);
                }
            }
            "NamedTuple" | "TypedDict" => {
                let is_dict = special == "TypedDict";
                for fields in arguments.args.iter().skip(1) {
                    self.fields(fields);
                }
                for field in &arguments.keywords {
                    let is_option = is_dict
                        && field
                            .arg
                            .as_ref()
                            .is_some_and(|name| matches!(&*name.id, "total" | "closed"));
                    if !is_option {
                        self.expr(&field.value, true);
                    }
                }
            }
            _ => {}
        }
    }

    /// `[("name", type)]` and `{"name": type}`.
    fn fields(&mut self, fields: &ast::Expr) {
        let pairs = match fields {
            ast::Expr::List(list) => &list.elts,
            ast::Expr::Tuple(tuple) => &tuple.elts,
            _ => return self.expr(fields, true),
        };
        let pairs = pairs.iter().filter_map(ast::Expr::as_tuple_expr);
        for typ in pairs.filter_map(|pair| pair.elts.get(1)) {
            self.expr(typ, true);
        }
    }

    /// A text that stands for a type, where the file has it as it is.
    fn string(&mut self, string: &ast::ExprStringLiteral) {
        let Some(literal) = string.as_single_part_string() else {
            return;
        };
        if literal.value.len() > LONGEST
            || self.text.get(literal_content(literal)) != Some(&literal.value)
        {
            return;
        }
        if let Ok(parsed) = parse_string_annotation(self.text, literal) {
            self.expr(parsed.expr(), true);
        }
    }

    fn name(&mut self, id: &str, at: TextRange) {
        if id.is_empty() || id.starts_with("__") || builtin(id).is_some() {
            return;
        }
        let name = Name::new(id);
        if !self.frames.is_bound(name) {
            self.found.push(HintName {
                name,
                range: range(at),
            });
        }
    }
}

/// Where a literal's text stands, without prefix and quotes.
fn literal_content(literal: &ast::StringLiteral) -> std::ops::Range<usize> {
    let start = literal.range.start() + literal.flags.opener_len();
    let end = literal.range.end() - literal.flags.closer_len();
    start.to_usize()..end.to_usize()
}

impl<'a> Lowering<'a> {
    /// An annotation.
    pub(super) fn annotation(&mut self, annotation: &'a ast::Expr) -> super::ir::Expr {
        self.note_hint(annotation);
        let was_inside = std::mem::replace(&mut self.hints.is_inside, true);
        let lowered = self.expr(annotation);
        self.hints.is_inside = was_inside;
        lowered
    }

    /// Notes what nothing binds in an expression that is a type.
    pub(super) fn note_hint(&mut self, hint: &ast::Expr) {
        let mut walk = self.walk();
        walk.expr(hint, true);
        let found = walk.found;
        self.hints.names.extend(found);
    }

    /// Notes the same in the brackets, or the arguments, of what takes types wherever it stands.
    pub(super) fn note_types(&mut self, expr: &ast::Expr) {
        if self.hints.is_inside || self.hints.special.is_empty() && self.hints.modules.is_empty() {
            return;
        }
        let mut walk = self.walk();
        match expr {
            ast::Expr::Subscript(subscript)
                if walk.hints.special(walk.frames, &subscript.value).is_some() =>
            {
                walk.index(&subscript.value, &subscript.slice);
            }
            ast::Expr::Call(call) => walk.call(call),
            _ => {}
        }
        let found = walk.found;
        self.hints.names.extend(found);
    }

    /// Notes the same in what `type X[T] = ...` means, and in the bounds and defaults of type parameters.
    pub(super) fn note_alias(&mut self, params: Option<&ast::TypeParams>, value: &ast::Expr) {
        let own = params.map_or(&[][..], |params| &params.type_params);
        let hidden = own
            .iter()
            .map(|param| (Name::new(&param.name().id), Slot(0)));
        let top = self.frames.top_mut();
        let before = top.hidden.len();
        // They are only looked for while the value is walked through.
        top.hidden.extend(hidden);
        self.note_bounds(params);
        self.note_hint(value);
        self.frames.top_mut().hidden.truncate(before);
    }

    /// Notes the same in the bounds and defaults of type parameters, which have been declared.
    pub(super) fn note_bounds(&mut self, params: Option<&ast::TypeParams>) {
        for param in params.iter().flat_map(|params| &params.type_params) {
            let (bound, default) = match param {
                ast::TypeParam::TypeVar(param) => (param.bound.as_deref(), &param.default),
                ast::TypeParam::TypeVarTuple(param) => (None, &param.default),
                ast::TypeParam::ParamSpec(param) => (None, &param.default),
            };
            for hint in bound.into_iter().chain(default.as_deref()) {
                self.note_hint(hint);
            }
        }
    }

    const fn walk(&self) -> Walk<'_, 'a> {
        Walk {
            hints: &self.hints,
            frames: &self.frames,
            text: self.text,
            depth: 0,
            found: Vec::new(),
        }
    }
}
