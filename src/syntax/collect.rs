//! Which names a scope's code binds: this has to be known before any name in it can be resolved.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{self, Visitor};

use super::lower::Lowering;

impl<'a> Lowering<'a> {
    /// Declares the module variables that functions and classes create by `global`.
    pub(super) fn collect_globals(&mut self, body: &'a [ast::Stmt]) {
        let mut finder = GlobalFinder::default();
        finder.visit_body(body);
        for (class, name) in finder.found {
            let name = match class {
                Some(class) => self.private_to(class, name),
                None => self.plain(name),
            };
            self.frames.top_mut().declare(name);
        }
    }

    /// Declares what a scope's body binds in the innermost scope, functions and classes in it left aside.
    pub(super) fn collect(&mut self, body: &'a [ast::Stmt]) {
        self.collect_statements(body);
        if self.has_walrus {
            let mut finder = WalrusFinder::default();
            finder.visit_body(body);
            self.bind_all(finder.found);
        }
    }

    /// Declares what a lambda's body binds.
    pub(super) fn collect_lambda(&mut self, body: &'a ast::Expr) {
        if self.has_walrus {
            let mut finder = WalrusFinder::default();
            finder.visit_expr(body);
            self.bind_all(finder.found);
        }
    }

    fn bind_all(&mut self, names: Vec<&'a str>) {
        for name in names {
            self.bind(name);
        }
    }

    fn bind(&mut self, text: &'a str) {
        let name = self.name(text);
        self.frames.bind(name);
    }

    fn collect_statements(&mut self, body: &'a [ast::Stmt]) {
        for stmt in body {
            self.descend(|this| this.collect_statement(stmt));
        }
    }

    fn collect_statement(&mut self, stmt: &'a ast::Stmt) {
        match stmt {
            ast::Stmt::FunctionDef(def) => self.bind(&def.name.id),
            ast::Stmt::ClassDef(def) => self.bind(&def.name.id),
            ast::Stmt::TypeAlias(alias) => self.collect_target(&alias.name),
            ast::Stmt::Assign(assign) => self.collect_targets(&assign.targets),
            ast::Stmt::AugAssign(assign) => self.collect_target(&assign.target),
            ast::Stmt::AnnAssign(assign) => self.collect_annotated(assign),
            ast::Stmt::Delete(delete) => self.collect_targets(&delete.targets),
            ast::Stmt::For(stmt) => {
                self.collect_target(&stmt.target);
                self.collect_statements(&stmt.body);
                self.collect_statements(&stmt.orelse);
            }
            ast::Stmt::While(stmt) => {
                self.collect_statements(&stmt.body);
                self.collect_statements(&stmt.orelse);
            }
            ast::Stmt::If(stmt) => {
                self.collect_statements(&stmt.body);
                for clause in &stmt.elif_else_clauses {
                    self.collect_statements(&clause.body);
                }
            }
            ast::Stmt::With(stmt) => {
                for target in stmt.items.iter().filter_map(|i| i.optional_vars.as_deref()) {
                    self.collect_target(target);
                }
                self.collect_statements(&stmt.body);
            }
            ast::Stmt::Match(stmt) => {
                for case in &stmt.cases {
                    self.collect_pattern(&case.pattern);
                    self.collect_statements(&case.body);
                }
            }
            ast::Stmt::Try(stmt) => self.collect_try(stmt),
            ast::Stmt::Import(import) => {
                for alias in &import.names {
                    self.bind(bound_by_import(alias));
                }
            }
            ast::Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    if &*alias.name == "*" {
                        self.frames.has_star = true;
                    } else {
                        self.bind(&alias.asname.as_ref().unwrap_or(&alias.name).id);
                    }
                }
            }
            ast::Stmt::Global(stmt) => {
                for name in &stmt.names {
                    let name = self.name(&name.id);
                    let declared = stmt.range.start().to_u32();
                    self.frames.declare_global(name, declared);
                }
            }
            ast::Stmt::Nonlocal(stmt) => {
                for name in &stmt.names {
                    let name = self.name(&name.id);
                    self.frames.declare_nonlocal(name);
                }
            }
            ast::Stmt::Return(_)
            | ast::Stmt::Raise(_)
            | ast::Stmt::Assert(_)
            | ast::Stmt::Expr(_)
            | ast::Stmt::Pass(_)
            | ast::Stmt::Break(_)
            | ast::Stmt::Continue(_)
            | ast::Stmt::IpyEscapeCommand(_) => {}
        }
    }

    /// `x: int` makes `x` local, although it binds nothing.
    fn collect_annotated(&mut self, assign: &'a ast::StmtAnnAssign) {
        if assign.value.is_some() {
            self.collect_target(&assign.target);
        } else if let (true, ast::Expr::Name(target)) = (assign.simple, &*assign.target) {
            let name = self.name(&target.id);
            let top = self.frames.top_mut();
            if !top.table.contains_key(&name) {
                top.declare(name);
            }
        }
    }

    fn collect_try(&mut self, stmt: &'a ast::StmtTry) {
        self.collect_statements(&stmt.body);
        for ast::ExceptHandler::ExceptHandler(handler) in &stmt.handlers {
            if let Some(name) = &handler.name {
                self.bind(&name.id);
            }
            self.collect_statements(&handler.body);
        }
        self.collect_statements(&stmt.orelse);
        self.collect_statements(&stmt.finalbody);
    }

    fn collect_targets(&mut self, targets: &'a [ast::Expr]) {
        for target in targets {
            self.collect_target(target);
        }
    }

    fn collect_target(&mut self, target: &'a ast::Expr) {
        match target {
            ast::Expr::Name(name) => self.bind(&name.id),
            ast::Expr::Starred(starred) => {
                self.descend(|this| this.collect_target(&starred.value));
            }
            ast::Expr::Tuple(tuple) => self.collect_nested(&tuple.elts),
            ast::Expr::List(list) => self.collect_nested(&list.elts),
            _ => {}
        }
    }

    fn collect_nested(&mut self, targets: &'a [ast::Expr]) {
        self.descend(|this| this.collect_targets(targets));
    }

    fn collect_pattern(&mut self, pattern: &'a ast::Pattern) {
        self.descend(|this| match pattern {
            ast::Pattern::MatchValue(_) | ast::Pattern::MatchSingleton(_) => {}
            ast::Pattern::MatchSequence(sequence) => this.collect_patterns(&sequence.patterns),
            ast::Pattern::MatchOr(or) => this.collect_patterns(&or.patterns),
            ast::Pattern::MatchMapping(mapping) => {
                this.collect_patterns(&mapping.patterns);
                this.bind_optional(mapping.rest.as_ref());
            }
            ast::Pattern::MatchClass(class) => {
                this.collect_patterns(&class.arguments.patterns);
                for keyword in &class.arguments.keywords {
                    this.collect_pattern(&keyword.pattern);
                }
            }
            ast::Pattern::MatchStar(star) => this.bind_optional(star.name.as_ref()),
            ast::Pattern::MatchAs(alias) => {
                if let Some(pattern) = &alias.pattern {
                    this.collect_pattern(pattern);
                }
                this.bind_optional(alias.name.as_ref());
            }
        });
    }

    fn collect_patterns(&mut self, patterns: &'a [ast::Pattern]) {
        for pattern in patterns {
            self.collect_pattern(pattern);
        }
    }

    fn bind_optional(&mut self, name: Option<&'a ast::Identifier>) {
        if let Some(name) = name {
            self.bind(&name.id);
        }
    }
}

/// The name that one clause of an `import` statement binds, as written.
pub(super) fn bound_by_import(alias: &ast::Alias) -> &str {
    match &alias.asname {
        Some(name) => &name.id,
        None => alias.name.id.split('.').next().unwrap_or_default(),
    }
}

/// How deep the two searches below go; see [`super::lower`].
const MAX_DEPTH: u32 = 400;

/// Finds the targets of `:=` that belong to the scope whose code is visited, those in comprehensions included.
#[derive(Default)]
struct WalrusFinder<'a> {
    found: Vec<&'a str>,
    depth: u32,
}

impl<'a> Visitor<'a> for WalrusFinder<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        match stmt {
            ast::Stmt::FunctionDef(def) => {
                for decorator in &def.decorator_list {
                    self.visit_decorator(decorator);
                }
                self.visit_parameters(&def.parameters);
                if let Some(returns) = &def.returns {
                    self.visit_expr(returns);
                }
            }
            ast::Stmt::ClassDef(def) => {
                for decorator in &def.decorator_list {
                    self.visit_decorator(decorator);
                }
                if let Some(arguments) = &def.arguments {
                    self.visit_arguments(arguments);
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
        self.depth -= 1;
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        if let ast::Expr::Lambda(lambda) = expr {
            if let Some(parameters) = &lambda.parameters {
                self.visit_parameters(parameters);
            }
        } else {
            if let ast::Expr::Named(named) = expr
                && let ast::Expr::Name(target) = &*named.target
            {
                self.found.push(&target.id);
            }
            visitor::walk_expr(self, expr);
        }
        self.depth -= 1;
    }
}

/// Finds the names in the `global` statements of a whole file, each with the class that mangles it.
#[derive(Default)]
struct GlobalFinder<'a> {
    found: Vec<(Option<&'a str>, &'a str)>,
    class: Option<&'a str>,
    depth: u32,
}

impl<'a> Visitor<'a> for GlobalFinder<'a> {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        match stmt {
            ast::Stmt::Global(global) => {
                let class = self.class;
                self.found
                    .extend(global.names.iter().map(|name| (class, &*name.id)));
            }
            ast::Stmt::ClassDef(def) => {
                let around = self.class.replace(&def.name.id);
                self.visit_body(&def.body);
                self.class = around;
            }
            _ => visitor::walk_stmt(self, stmt),
        }
        self.depth -= 1;
    }

    /// `global` is a statement: no need to look into expressions.
    fn visit_expr(&mut self, _: &'a ast::Expr) {}
}
