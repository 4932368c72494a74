//! The code that is to be mended: texts, parsed when they are looked at, and what lies where in them.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::facts::{FailureKind, FileId, Place, Symbol};
use crate::fix::Edit;
use crate::name::Name;
use crate::rules::{Broken, Finding, Matter};
use crate::source::Tree;
use crate::syntax;
use crate::syntax::ir::{
    ArgumentKind, Call, Expr, ExprKind, Function, Module, Parameter, Range, Stmt,
};
use crate::syntax::visit;

/// A tree whose files are parsed when they are looked at.
pub(super) struct Parsed<'a> {
    pub tree: &'a Tree,
    modules: RefCell<FxHashMap<FileId, Rc<Module>>>,
}

impl<'a> Parsed<'a> {
    fn new(tree: &'a Tree) -> Self {
        Self {
            tree,
            modules: RefCell::default(),
        }
    }

    pub fn text(&self, file: FileId) -> &'a str {
        self.tree.file(file).text.content()
    }

    pub fn module(&self, file: FileId) -> Rc<Module> {
        let mut modules = self.modules.borrow_mut();
        let module = modules
            .entry(file)
            .or_insert_with(|| Rc::new(syntax::parse(self.text(file))));
        Rc::clone(module)
    }

    pub fn written(&self, file: FileId, range: Range) -> &'a str {
        let range = range.start as usize..range.end as usize;
        self.text(file).get(range).unwrap_or_default()
    }
}

/// The tree that is to be mended, with all that is known about it.
pub struct Code<'a> {
    pub(super) now: Parsed<'a>,
    pub(super) deployed: Option<Parsed<'a>>,
    /// What the modules of the tree are called in imports.
    pub(super) modules: &'a FxHashMap<FileId, Name>,
    findings: &'a [Finding],
}

/// A function of the tree.
pub(super) struct Found {
    pub file: FileId,
    pub module: Rc<Module>,
    pub index: usize,
}

impl Found {
    pub fn function(&self) -> &Function {
        &self.module.functions[self.index]
    }

    /// The parameter that a keyword of that name fills.
    pub fn keyword(&self, name: &str) -> Option<&Parameter> {
        let mut parameters = self.function().params.iter();
        parameters.find(|parameter| takes_keyword(parameter) && parameter.name.as_str() == name)
    }
}

impl<'a> Code<'a> {
    /// The tree with its findings, the names of its modules, and the deployed version if there is one.
    #[must_use]
    pub fn new(
        tree: &'a Tree,
        deployed: Option<&'a Tree>,
        modules: &'a FxHashMap<FileId, Name>,
        findings: &'a [Finding],
    ) -> Self {
        Self {
            now: Parsed::new(tree),
            deployed: deployed.map(Parsed::new),
            modules,
            findings,
        }
    }

    pub(super) fn text(&self, file: FileId) -> &'a str {
        self.now.text(file)
    }

    pub(super) fn written(&self, place: Place) -> &'a str {
        self.now.written(place.file, place.range)
    }

    /// The function that a callee is; none for what is none of the tree's, such as a class without `__init__`.
    pub(super) fn function_of(&self, callee: &Symbol) -> Option<Found> {
        let Place { file, range } = callee.place;
        let module = self.now.module(file);
        let index = module
            .functions
            .iter()
            .position(|function| function.header == range)?;
        Some(Found {
            file,
            module,
            index,
        })
    }

    /// The functions that refuse; none if one of them is none of the tree's.
    pub(super) fn callees(&self, broken: &Broken) -> Option<Vec<Found>> {
        let callees = broken.callees.iter();
        let callees: Option<Vec<Found>> = callees.map(|callee| self.function_of(callee)).collect();
        callees.filter(|callees| !callees.is_empty())
    }

    /// The innermost function that a place is in.
    pub(super) fn function_around(&self, place: Place) -> Option<Found> {
        let module = self.now.module(place.file);
        let index = around(&module, place.range)?;
        Some(Found {
            file: place.file,
            module,
            index,
        })
    }

    /// The names that a function's body reads and nothing binds.
    pub(super) fn undefined_in(&self, found: &Found) -> Vec<Name> {
        let range = found.function().range;
        let is_in = |place: &Place| place.file == found.file && range.contains(place.range);
        let mut names: Vec<Name> = self
            .findings
            .iter()
            .filter_map(|finding| match &finding.matter {
                Matter::Broken(broken) if broken.kind == FailureKind::UndefinedName => Some(broken),
                _ => None,
            })
            .filter(|broken| broken.places.iter().any(is_in))
            .map(|broken| broken.subject)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn edit(file: FileId, range: Range, text: impl Into<String>) -> Edit {
        Edit {
            file,
            range: (range.start, range.end),
            text: text.into(),
        }
    }

    pub(super) fn insert(file: FileId, at: usize, text: impl Into<String>) -> Edit {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        Self::edit(file, Range::new(at, at), text)
    }
}

/// Whether a keyword may fill a parameter, it alone.
pub(super) fn takes_keyword(parameter: &Parameter) -> bool {
    use crate::syntax::ir::ParameterKind::{KeywordOnly, PositionalOrKeyword};
    matches!(parameter.kind, PositionalOrKeyword | KeywordOnly)
}

/// Whether a call passes that keyword.
pub(super) fn passes(call: &Call, name: &str) -> bool {
    let is_it =
        |kind: &ArgumentKind| matches!(kind, ArgumentKind::Keyword(it) if it.as_str() == name);
    call.arguments.iter().any(|argument| is_it(&argument.kind))
}

/// The innermost function of a module that a range is in.
pub(super) fn around(module: &Module, range: Range) -> Option<usize> {
    let functions = module.functions.iter().enumerate();
    functions
        .filter(|(_, function)| function.range.contains(range))
        .min_by_key(|(_, function)| function.range.end - function.range.start)
        .map(|(index, _)| index)
}

/// Visits every expression of a module, those in functions, classes, decorators and defaults too.
pub(super) fn every_expression<'m>(module: &'m Module, visit: &mut dyn FnMut(&'m Expr)) {
    visit::all_expressions(&module.body, visit);
    for function in &module.functions {
        visit::all_expressions(&function.body, visit);
    }
    for class in &module.classes {
        visit::all_expressions(&class.body, visit);
    }
    for head in module.heads() {
        visit::expressions(head, visit);
    }
}

/// Visits every statement of a module.
pub(super) fn every_statement<'m>(module: &'m Module, mut visit: impl FnMut(&'m Stmt)) {
    module.each_statement(&mut visit);
}

/// The innermost call that a range is in, with its own range.
pub(super) fn call_around(module: &Module, range: Range) -> Option<(&Call, Range)> {
    let mut found: Option<(&Call, Range)> = None;
    every_expression(module, &mut |expr| {
        if let ExprKind::Call(call) = &expr.kind
            && expr.range.contains(range)
            && found.is_none_or(|(_, outer)| outer.contains(expr.range))
        {
            found = Some((call, expr.range));
        }
    });
    found
}

/// The expression with that very range.
pub(super) fn expression_at(module: &Module, range: Range) -> Option<&Expr> {
    let mut found = None;
    every_expression(module, &mut |expr| {
        if expr.range == range {
            found = found.or(Some(expr));
        }
    });
    found
}
