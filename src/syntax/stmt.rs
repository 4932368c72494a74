//! Statements.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::collect::bound_by_import;
use super::expr::operator;
use super::ir::{
    Branch, Case, Handler, Import, ImportFrom, ImportedName, Stmt, StmtKind, Var, WithItem,
};
use super::lower::Lowering;
use super::range;

impl<'a> Lowering<'a> {
    /// Statements in order, without those that do nothing.
    pub(super) fn body(&mut self, body: &'a [ast::Stmt]) -> Vec<Stmt> {
        let mut out = Vec::with_capacity(body.len());
        for stmt in body {
            self.descend(|this| this.statement(stmt, &mut out));
        }
        out
    }

    fn loop_body(&mut self, body: &'a [ast::Stmt]) -> Vec<Stmt> {
        self.frames.top_mut().loops += 1;
        let body = self.body(body);
        self.frames.top_mut().loops -= 1;
        body
    }

    /// One statement, which may become several or none.
    fn statement(&mut self, stmt: &'a ast::Stmt, out: &mut Vec<Stmt>) {
        self.check_stmt(stmt);
        let kind = match stmt {
            ast::Stmt::FunctionDef(def) => return self.function_statement(def, out),
            ast::Stmt::ClassDef(def) => return self.class_statement(def, out),
            ast::Stmt::TypeAlias(alias) => return self.type_alias(alias, out),
            ast::Stmt::Import(import) => return self.import(import, out),
            ast::Stmt::Global(_) | ast::Stmt::Nonlocal(_) => return,
            ast::Stmt::Expr(stmt) if stmt.value.is_literal_expr() => return,
            ast::Stmt::ImportFrom(import) => self.import_from(import),
            ast::Stmt::Expr(stmt) => StmtKind::Expr(self.expr(&stmt.value)),
            ast::Stmt::Return(stmt) => StmtKind::Return(self.maybe(stmt.value.as_deref())),
            ast::Stmt::Delete(stmt) => StmtKind::Delete(self.exprs(&stmt.targets)),
            ast::Stmt::Assign(stmt) => StmtKind::Assign {
                value: self.expr(&stmt.value),
                targets: self.exprs(&stmt.targets),
            },
            ast::Stmt::AugAssign(stmt) => StmtKind::AugAssign {
                target: self.expr(&stmt.target),
                op: operator(stmt.op),
                value: self.expr(&stmt.value),
            },
            ast::Stmt::AnnAssign(stmt) => StmtKind::AnnAssign {
                target: self.expr(&stmt.target),
                annotation: self.annotation(&stmt.annotation),
                value: self.maybe(stmt.value.as_deref()),
            },
            ast::Stmt::If(stmt) => self.if_statement(stmt),
            ast::Stmt::For(stmt) => StmtKind::For {
                target: self.expr(&stmt.target),
                iter: self.expr(&stmt.iter),
                body: self.loop_body(&stmt.body),
                orelse: self.body(&stmt.orelse),
                is_async: stmt.is_async,
            },
            ast::Stmt::While(stmt) => StmtKind::While {
                test: self.expr(&stmt.test),
                body: self.loop_body(&stmt.body),
                orelse: self.body(&stmt.orelse),
            },
            ast::Stmt::With(stmt) => self.with(stmt),
            ast::Stmt::Match(stmt) => self.match_statement(stmt),
            ast::Stmt::Try(stmt) => self.try_statement(stmt),
            ast::Stmt::Raise(stmt) => StmtKind::Raise {
                exception: self.maybe(stmt.exc.as_deref()),
                cause: self.maybe(stmt.cause.as_deref()),
            },
            ast::Stmt::Assert(stmt) => StmtKind::Assert {
                test: self.expr(&stmt.test),
                message: self.maybe(stmt.msg.as_deref()),
            },
            ast::Stmt::Pass(_) | ast::Stmt::IpyEscapeCommand(_) => StmtKind::Pass,
            ast::Stmt::Break(_) => StmtKind::Break,
            ast::Stmt::Continue(_) => StmtKind::Continue,
        };
        out.push(Stmt {
            kind,
            range: range(stmt.range()),
        });
    }

    fn function_statement(&mut self, def: &'a ast::StmtFunctionDef, out: &mut Vec<Stmt>) {
        let opened = self.open_type_params(def.type_params.as_deref(), out);
        let function = self.function_def(def, opened);
        self.close_type_params(opened);
        let var = self.variable(&def.name.id);
        if let Var::Local(slot) = var {
            self.frames.top_mut().scope.slots[slot.0 as usize].defined = true;
        }
        out.push(Stmt {
            kind: StmtKind::FunctionDef { function, var },
            range: self.functions[function.0 as usize].range,
        });
    }

    fn class_statement(&mut self, def: &'a ast::StmtClassDef, out: &mut Vec<Stmt>) {
        let opened = self.open_type_params(def.type_params.as_deref(), out);
        let class = self.class_def(def, opened);
        self.close_type_params(opened);
        let var = self.variable(&def.name.id);
        out.push(Stmt {
            kind: StmtKind::ClassDef { class, var },
            range: self.classes[class.0 as usize].range,
        });
    }

    /// `type X = ...` binds an object whose value is computed when somebody asks for it: not known here.
    fn type_alias(&mut self, alias: &'a ast::StmtTypeAlias, out: &mut Vec<Stmt>) {
        let target = self.expr(&alias.name);
        self.note_alias(alias.type_params.as_deref(), &alias.value);
        let value = super::ir::Expr {
            kind: super::ir::ExprKind::Unknown,
            range: range(alias.value.range()),
        };
        out.push(Stmt {
            kind: StmtKind::Assign {
                targets: vec![target],
                value,
            },
            range: range(alias.range),
        });
    }

    fn import(&mut self, import: &'a ast::StmtImport, out: &mut Vec<Stmt>) {
        for alias in &import.names {
            let bound = self.name(bound_by_import(alias));
            self.hints.import(&alias.name.id, bound);
            let kind = StmtKind::Import(Import {
                module: self.name(&alias.name.id),
                var: self.variable(bound_by_import(alias)),
                has_alias: alias.asname.is_some(),
                range: range(alias.name.range),
            });
            out.push(Stmt {
                kind,
                range: range(import.range),
            });
        }
    }

    fn import_from(&mut self, import: &'a ast::StmtImportFrom) -> StmtKind {
        let star = import.names.iter().any(|alias| &*alias.name.id == "*");
        let names = import.names.iter().filter(|_| !star).map(|alias| {
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            ImportedName {
                name: self.name(&alias.name.id),
                var: self.variable(&bound.id),
                range: range(alias.name.range),
            }
        });
        let names = names.collect();
        let module = import.module.as_ref().map(|module| self.name(&module.id));
        if let (Some(module), 0) = (&module, import.level) {
            for alias in &import.names {
                let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                let (taken, bound) = (self.plain(&alias.name.id), self.plain(&bound.id));
                self.hints.import_from(module, taken, bound);
            }
        }
        let takes = |name: &str| import.names.iter().any(|alias| &*alias.name.id == name);
        if module.is_some_and(|module| module.as_str() == "sys") && (star || takes("modules")) {
            self.modules_named += 1;
        }
        StmtKind::ImportFrom(ImportFrom {
            module,
            level: import.level,
            names,
            star,
            module_range: self.module_range(import),
        })
    }

    /// The module part of `from ..module import`, dots included.
    fn module_range(&self, import: &ast::StmtImportFrom) -> super::ir::Range {
        let whole = range(import.range);
        let after_from = whole.start as usize + "from".len();
        let text = self.text.get(after_from..).unwrap_or_default();
        let blank = text.len()
            - text
                .trim_start_matches(|c: char| c.is_whitespace() || c == '\\')
                .len();
        let start = super::scope::index(after_from + blank);
        let end = if let Some(module) = &import.module {
            range(module.range).end
        } else {
            // Dots may stand apart.
            let dots = text[blank..]
                .char_indices()
                .take_while(|(_, c)| *c == '.' || c.is_whitespace() || *c == '\\')
                .filter(|(_, c)| *c == '.')
                .last();
            dots.map_or(start, |(at, _)| start + super::scope::index(at) + 1)
        };
        super::ir::Range::new(start.min(whole.end), end.clamp(start, whole.end.max(start)))
    }

    fn if_statement(&mut self, stmt: &'a ast::StmtIf) -> StmtKind {
        let mut branches = Vec::with_capacity(1 + stmt.elif_else_clauses.len());
        branches.push(Branch {
            test: self.expr(&stmt.test),
            body: self.body(&stmt.body),
        });
        let mut orelse = Vec::new();
        for clause in &stmt.elif_else_clauses {
            match &clause.test {
                Some(test) => branches.push(Branch {
                    test: self.expr(test),
                    body: self.body(&clause.body),
                }),
                None => orelse = self.body(&clause.body),
            }
        }
        StmtKind::If { branches, orelse }
    }

    fn with(&mut self, stmt: &'a ast::StmtWith) -> StmtKind {
        let items = stmt.items.iter().map(|item| WithItem {
            context: self.expr(&item.context_expr),
            target: self.maybe(item.optional_vars.as_deref()),
        });
        StmtKind::With {
            items: items.collect(),
            body: self.body(&stmt.body),
            is_async: stmt.is_async,
        }
    }

    fn match_statement(&mut self, stmt: &'a ast::StmtMatch) -> StmtKind {
        let subject = self.expr(&stmt.subject);
        let cases = stmt.cases.iter().map(|case| Case {
            pattern: self.pattern(&case.pattern),
            guard: self.maybe(case.guard.as_deref()),
            body: self.body(&case.body),
        });
        StmtKind::Match {
            subject,
            cases: cases.collect(),
        }
    }

    fn try_statement(&mut self, stmt: &'a ast::StmtTry) -> StmtKind {
        let body = self.body(&stmt.body);
        let handlers = stmt.handlers.iter().map(|handler| {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            self.check_handler(handler);
            Handler {
                exception: self.maybe(handler.type_.as_deref()),
                var: handler.name.as_ref().map(|name| self.variable(&name.id)),
                body: self.body(&handler.body),
                range: range(handler.range),
            }
        });
        StmtKind::Try {
            body,
            handlers: handlers.collect(),
            orelse: self.body(&stmt.orelse),
            finally: self.body(&stmt.finalbody),
        }
    }

    /// Refuses Python 2's `except A, e:`. Python 3.14 reads this as two exceptions (PEP 758) and older ones refuse it,
    /// but where nothing binds the second name, it can only be the old form.
    fn check_handler(&mut self, handler: &'a ast::ExceptHandlerExceptHandler) {
        if let Some(ast::Expr::Tuple(tuple)) = handler.type_.as_deref()
            && !tuple.parenthesized
            && let Some(ast::Expr::Name(last)) = tuple.elts.last()
            && last.id.starts_with(char::is_lowercase)
            && let Var::Global(name) = self.variable(&last.id)
            && !self.frames.module_may_have(name)
        {
            self.refuse(
                "multiple exception types must be parenthesized",
                tuple.range,
            );
        }
    }
}
