//! The state of lowering one file, from the parser's tree to the intermediate form.

use std::cell::RefCell;

use ruff_python_ast as ast;
use ruff_python_parser::semantic_errors::SemanticSyntaxChecker;
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

use super::check::Context;
use super::hints::Hints;
use super::ir::{Class, Expr, ExprKind, Function, Module, Parent, SyntaxError, Var};
use super::itself;
use super::range;
use super::scope::Frames;
use super::tokens::Survey;
use super::vouched::Vouched;
use crate::name::Name;

/// How many statements and expressions may lie within one another. What is nested more deeply is left out, so that
/// neither lowering nor any later recursion over the intermediate form can overflow the stack. CPython refuses
/// brackets and indentation long before; a sum of that many terms it does take.
const MAX_DEPTH: u32 = 400;

/// A lowered file.
pub(super) struct Lowered {
    /// All but the directives and the parser's errors.
    pub(super) module: Module,
    /// Whether something was nested too deeply and was left out.
    pub(super) cut: bool,
}

/// Lowers a file's statements.
pub(super) fn lower(text: &str, body: &[ast::Stmt], survey: &Survey) -> Lowered {
    let mut lowering = Lowering {
        text,
        has_walrus: survey.has_walrus,
        names: FxHashMap::default(),
        frames: Frames::new(),
        functions: Vec::new(),
        classes: Vec::new(),
        checker: SemanticSyntaxChecker::new(),
        checked: !survey.deep,
        postpones_annotations: postpones_annotations(body),
        errors: RefCell::default(),
        depth: 0,
        cut: false,
        modules_named: 0,
        modules_read: 0,
        looks_itself_up: false,
        hints: Hints::default(),
    };
    if survey.has_global {
        lowering.collect_globals(body);
    }
    lowering.collect(body);
    let body = lowering.body(body);
    let (scope, _) = lowering.frames.pop();
    let rewires_imports = lowering.rewires_imports();
    let looks_itself_up = lowering.looks_itself_up && lowering.names.contains_key("sys");
    let mut hints = lowering.hints.names;
    hints.sort_by_key(|hint| hint.range.start);
    hints.dedup();
    let mut module = Module {
        body,
        scope,
        functions: lowering.functions,
        classes: lowering.classes,
        errors: lowering.errors.into_inner(),
        newer: Vec::new(),
        directives: Vec::new(),
        made_from: Vec::new(),
        vouched: Vouched::default(),
        is_program: false,
        is_for_python_2: false,
        hints,
        rewires_imports,
        aside: super::ir::Aside::default(),
        doubts: super::ir::Aside::default(),
        shape: super::ir::Aside::default(),
    };
    module.rewires_imports |= looks_itself_up && !itself::is_only_looked_at(&module);
    Lowered {
        module,
        cut: lowering.cut,
    }
}

/// Whether a file begins with `from __future__ import annotations` (PEP 563); before it, only a docstring and others of its kind may stand.
fn postpones_annotations(body: &[ast::Stmt]) -> bool {
    let says = |import: &ast::StmtImportFrom| {
        let mut names = import.names.iter();
        names.any(|alias| alias.name.as_str() == "annotations")
    };
    body.iter()
        .skip_while(|stmt| stmt.is_expr_stmt())
        .map_while(|stmt| stmt.as_import_from_stmt())
        .take_while(|import| import.module.as_deref() == Some("__future__"))
        .any(says)
}

/// The state.
pub(super) struct Lowering<'a> {
    /// The file's text.
    pub(super) text: &'a str,
    /// Whether the file has a `:=` anywhere.
    pub(super) has_walrus: bool,
    /// The identifiers met so far: the shared table is asked once for each.
    names: FxHashMap<&'a str, Name>,
    /// The scopes around.
    pub(super) frames: Frames,
    /// The functions so far.
    pub(super) functions: Vec<Function>,
    /// The classes so far.
    pub(super) classes: Vec<Class>,
    /// Knows what CPython's compiler refuses and the parser does not.
    checker: SemanticSyntaxChecker,
    /// Whether the checker is asked: it knows no bound on recursion.
    checked: bool,
    /// Whether the file begins with `from __future__ import annotations`.
    postpones_annotations: bool,
    /// What it refused.
    errors: RefCell<Vec<SyntaxError>>,
    /// How many statements and expressions are around.
    depth: u32,
    /// Whether [`MAX_DEPTH`] was reached.
    cut: bool,
    /// How often `sys.modules` is named.
    pub(super) modules_named: u32,
    /// How often it is only looked at, or asked for one module.
    pub(super) modules_read: u32,
    /// Whether it is asked for the module itself, which may go on to change what it finds; see [`itself`].
    pub(super) looks_itself_up: bool,
    /// What type hints name.
    pub(super) hints: Hints,
}

impl<'a> Lowering<'a> {
    /// Goes one level down, unless that would be too deep.
    pub(super) fn descend<T>(&mut self, go: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.cut = true;
            return None;
        }
        self.depth += 1;
        let result = go(self);
        self.depth -= 1;
        Some(result)
    }

    /// See [`Module::rewires_imports`].
    fn rewires_imports(&self) -> bool {
        let says = |name| self.names.contains_key(name);
        says("__path__")
            || says("path_hooks")
            || says("meta_path")
            || says("declare_namespace")
            // It links modules to a place where imports find them.
            || says("symlink_to")
            || says("symlink")
            // `globals().update(other.__dict__)` takes the other one's `__path__` along.
            || says("globals") && says("update") && (says("__dict__") || says("vars"))
            || (says("sys") && self.modules_named > self.modules_read)
    }

    /// The interned identifier, as written.
    pub(super) fn plain(&mut self, text: &'a str) -> Name {
        *self.names.entry(text).or_insert_with(|| Name::new(text))
    }

    /// The interned identifier, mangled where the compiler does so.
    pub(super) fn name(&mut self, text: &'a str) -> Name {
        let name = self.plain(text);
        if text.starts_with("__") {
            self.frames.mangle(name)
        } else {
            name
        }
    }

    /// What an identifier means here.
    pub(super) fn variable(&mut self, text: &'a str) -> Var {
        let name = self.name(text);
        self.frames.resolve(name)
    }

    /// Checks a statement before it is lowered.
    pub(super) fn check_stmt(&mut self, stmt: &ast::Stmt) {
        if self.checked {
            let context = Context {
                text: self.text,
                postpones_annotations: self.postpones_annotations,
                frames: &self.frames,
                errors: &self.errors,
            };
            self.checker.visit_stmt(stmt, &context);
        }
        if let ast::Stmt::Expr(stmt) = stmt
            && stmt.value.is_starred_expr()
        {
            self.refuse("can't use starred expression here", stmt.range);
        }
    }

    /// Checks an expression before it is lowered.
    pub(super) fn check_expr(&mut self, expr: &ast::Expr) {
        if self.checked {
            let context = Context {
                text: self.text,
                postpones_annotations: self.postpones_annotations,
                frames: &self.frames,
                errors: &self.errors,
            };
            self.checker.visit_expr(expr, &context);
        }
    }

    /// Notes what the compiler refuses.
    pub(super) fn refuse(&mut self, message: &str, at: TextRange) {
        self.errors.get_mut().push(SyntaxError {
            message: message.to_owned(),
            range: range(at),
        });
    }

    /// The scope being lowered.
    pub(super) fn here(&self) -> Parent {
        self.frames.top().owner
    }

    /// An expression.
    pub(super) fn expr(&mut self, expr: &'a ast::Expr) -> Expr {
        let kind = self.descend(|this| this.expr_kind(expr));
        Expr {
            kind: kind.unwrap_or(ExprKind::Unknown),
            range: range(expr.range()),
        }
    }

    /// An expression in a box.
    pub(super) fn boxed(&mut self, expr: &'a ast::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    /// An expression that may be absent.
    pub(super) fn maybe(&mut self, expr: Option<&'a ast::Expr>) -> Option<Expr> {
        expr.map(|expr| self.expr(expr))
    }

    /// Expressions in order.
    pub(super) fn exprs(&mut self, exprs: &'a [ast::Expr]) -> Vec<Expr> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }
}
