//! A compact text form of the intermediate form, for tests: Python-like, one statement a line, every variable with its
//! place: `x.0` a slot of this scope, `x^1.0` of the first function around, `x~m.0` and `x~c2.0` a hidden slot of the
//! module and of class 2, plain `x` a global.

use std::fmt::Write as _;

use crate::name::Name;
use crate::syntax::ir::{
    Argument, ArgumentKind, Class, Constant, Expr, ExprKind, Function, ImportFrom, JoinedPart,
    Module, ParameterKind, Parent, Pattern, Stmt, StmtKind, Var,
};

/// The whole module.
pub(super) fn dump(module: &Module) -> String {
    let mut dump = Dump::new(module);
    dump.body(&module.body);
    dump.out
}

/// Every use of a variable, with the scope whose code uses it. Annotations that stay text (PEP 563) use nothing.
pub(super) fn uses(module: &Module) -> Vec<(Parent, Var)> {
    let mut dump = Dump::new(module);
    dump.body(&module.body);
    dump.uses
}

/// The name of a variable that the code of `owner` uses; checks that it exists.
pub(super) fn name_of(module: &Module, owner: Parent, var: Var) -> Name {
    let slots = |owner| match owner {
        Parent::Module => &module.scope.slots,
        Parent::Function(id) => &module[id].scope.slots,
        Parent::Class(id) => &module[id].scope.slots,
    };
    match var {
        Var::Local(slot) => slots(owner)[slot.0 as usize].name,
        Var::Free { up, slot } => {
            let mut scope = owner;
            let mut left = up;
            while left > 0 {
                scope = match scope {
                    Parent::Module => panic!("no {up} functions around"),
                    Parent::Function(id) => module[id].parent,
                    Parent::Class(id) => module[id].parent,
                };
                left -= u32::from(matches!(scope, Parent::Function(_)));
            }
            let variable = &slots(scope)[slot.0 as usize];
            assert!(variable.captured, "{} is captured", variable.name);
            variable.name
        }
        Var::Hidden { owner, slot } => {
            let variable = &slots(owner)[slot.0 as usize];
            assert!(variable.captured && variable.hidden);
            variable.name
        }
        Var::Global(name) => name,
    }
}

fn is_future_annotations(stmt: &Stmt) -> bool {
    let StmtKind::ImportFrom(import) = &stmt.kind else {
        return false;
    };
    import.module == Some(Name::new("__future__"))
        && import
            .names
            .iter()
            .any(|name| name.name.as_str() == "annotations")
}

struct Dump<'m> {
    module: &'m Module,
    out: String,
    indent: usize,
    owner: Parent,
    uses: Vec<(Parent, Var)>,
    annotations: bool,
}

impl<'m> Dump<'m> {
    fn new(module: &'m Module) -> Self {
        Self {
            module,
            out: String::new(),
            indent: 0,
            owner: Parent::Module,
            uses: Vec::new(),
            annotations: !module.body.iter().any(is_future_annotations),
        }
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{:1$}{text}", "", self.indent * 2);
    }

    fn body(&mut self, body: &'m [Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn block(&mut self, head: &str, body: &'m [Stmt]) {
        self.line(head);
        self.indent += 1;
        self.body(body);
        self.indent -= 1;
    }

    fn var(&mut self, var: Var) -> String {
        self.uses.push((self.owner, var));
        let name = name_of(self.module, self.owner, var);
        match var {
            Var::Local(slot) => format!("{name}.{}", slot.0),
            Var::Free { up, slot } => format!("{name}^{up}.{}", slot.0),
            Var::Hidden { owner, slot } => match owner {
                Parent::Class(id) => format!("{name}~c{}.{}", id.0, slot.0),
                _ => format!("{name}~m.{}", slot.0),
            },
            Var::Global(name) => name.to_string(),
        }
    }

    fn stmt(&mut self, stmt: &'m Stmt) {
        match &stmt.kind {
            StmtKind::Expr(value) => {
                let text = self.expr(value);
                self.line(&text);
            }
            StmtKind::Assign { targets, value } => {
                let value = self.expr(value);
                let targets = self.join(targets, " = ");
                self.line(&format!("{targets} = {value}"));
            }
            StmtKind::AugAssign { target, op, value } => {
                let text = format!("{} {op:?}= {}", self.expr(target), self.expr(value));
                self.line(&text);
            }
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
            } => {
                let mut text = format!("{}: {}", self.expr(target), self.annotation(annotation));
                if let Some(value) = value {
                    let _ = write!(text, " = {}", self.expr(value));
                }
                self.line(&text);
            }
            StmtKind::Return(value) => {
                let text = format!("return {}", self.maybe(value.as_ref()));
                self.line(text.trim_end());
            }
            StmtKind::Delete(targets) => {
                let text = format!("del {}", self.join(targets, ", "));
                self.line(&text);
            }
            StmtKind::Raise { exception, cause } => {
                let mut text = format!("raise {}", self.maybe(exception.as_ref()));
                if let Some(cause) = cause {
                    let _ = write!(text, " from {}", self.expr(cause));
                }
                self.line(text.trim_end());
            }
            StmtKind::Assert { test, message } => {
                let mut text = format!("assert {}", self.expr(test));
                if let Some(message) = message {
                    let _ = write!(text, ", {}", self.expr(message));
                }
                self.line(&text);
            }
            StmtKind::Import(import) => {
                let alias = if import.has_alias { " as" } else { "" };
                let text = format!(
                    "import {}{alias} -> {}",
                    import.module,
                    self.var(import.var)
                );
                self.line(&text);
            }
            StmtKind::ImportFrom(import) => self.import_from(import),
            StmtKind::FunctionDef { function, var } => {
                let var = self.var(*var);
                self.function(&self.module[*function], &var, Parent::Function(*function));
            }
            StmtKind::ClassDef { class, var } => {
                let var = self.var(*var);
                self.class(&self.module[*class], &var, Parent::Class(*class));
            }
            StmtKind::Pass => self.line("pass"),
            StmtKind::Break => self.line("break"),
            StmtKind::Continue => self.line("continue"),
            _ => self.compound(stmt),
        }
    }

    fn compound(&mut self, stmt: &'m Stmt) {
        match &stmt.kind {
            StmtKind::If { branches, orelse } => {
                for (index, branch) in branches.iter().enumerate() {
                    let word = if index == 0 { "if" } else { "elif" };
                    let head = format!("{word} {}", self.expr(&branch.test));
                    self.block(&head, &branch.body);
                }
                self.optional("else", orelse);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                is_async,
            } => {
                let word = if *is_async { "async for" } else { "for" };
                let head = format!("{word} {} in {}", self.expr(target), self.expr(iter));
                self.block(&head, body);
                self.optional("else", orelse);
            }
            StmtKind::While { test, body, orelse } => {
                let head = format!("while {}", self.expr(test));
                self.block(&head, body);
                self.optional("else", orelse);
            }
            StmtKind::With {
                items,
                body,
                is_async,
            } => {
                let mut head = String::from(if *is_async { "async with" } else { "with" });
                for item in items {
                    let _ = write!(head, " {}", self.expr(&item.context));
                    if let Some(target) = &item.target {
                        let _ = write!(head, " as {}", self.expr(target));
                    }
                }
                self.block(&head, body);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                self.block("try", body);
                for handler in handlers {
                    let mut head = format!("except {}", self.maybe(handler.exception.as_ref()));
                    if let Some(var) = handler.var {
                        let _ = write!(head, " as {}", self.var(var));
                    }
                    self.block(head.trim_end(), &handler.body);
                }
                self.optional("else", orelse);
                self.optional("finally", finally);
            }
            StmtKind::Match { subject, cases } => {
                let head = format!("match {}", self.expr(subject));
                self.line(&head);
                self.indent += 1;
                for case in cases {
                    let mut head = format!("case {}", self.pattern(&case.pattern));
                    if let Some(guard) = &case.guard {
                        let _ = write!(head, " if {}", self.expr(guard));
                    }
                    self.block(&head, &case.body);
                }
                self.indent -= 1;
            }
            _ => unreachable!("a simple statement"),
        }
    }

    fn optional(&mut self, head: &str, body: &'m [Stmt]) {
        if !body.is_empty() {
            self.block(head, body);
        }
    }

    fn import_from(&mut self, import: &ImportFrom) {
        let mut text = format!(
            "from {}{} import",
            ".".repeat(import.level as usize),
            import.module.map_or("", Name::as_str)
        );
        if import.star {
            text.push_str(" *");
        }
        for name in &import.names {
            let _ = write!(text, " {} -> {}", name.name, self.var(name.var));
        }
        self.line(&text);
    }

    fn function(&mut self, function: &'m Function, var: &str, id: Parent) {
        for decorator in &function.decorators {
            let text = format!("@{}", self.expr(decorator));
            self.line(&text);
        }
        let signature = self.signature(function);
        let mut head = format!("def {var} {}({signature})", function.qualname);
        if function.is_async {
            head.insert_str(0, "async ");
        }
        if function.is_generator {
            head.push_str(" generator");
        }
        if function.scope.dynamic {
            head.push_str(" dynamic");
        }
        if let Some(returns) = &function.returns {
            let _ = write!(head, " -> {}", self.annotation(returns));
        }
        let around = std::mem::replace(&mut self.owner, id);
        self.block(&head, &function.body);
        self.owner = around;
    }

    fn signature(&mut self, function: &'m Function) -> String {
        let mut texts = Vec::new();
        for param in &function.params {
            let sign = match param.kind {
                ParameterKind::PositionalOnly => "/",
                ParameterKind::PositionalOrKeyword => "",
                ParameterKind::VarPositional => "*",
                ParameterKind::KeywordOnly => "!",
                ParameterKind::VarKeyword => "**",
            };
            let mut text = format!("{sign}{}", param.name);
            if let Some(annotation) = &param.annotation {
                let _ = write!(text, ": {}", self.annotation(annotation));
            }
            if let Some(default) = &param.default {
                let _ = write!(text, "={}", self.expr(default));
            }
            texts.push(text);
        }
        texts.join(", ")
    }

    fn class(&mut self, class: &'m Class, var: &str, id: Parent) {
        for decorator in &class.decorators {
            let text = format!("@{}", self.expr(decorator));
            self.line(&text);
        }
        let arguments = self.arguments(&class.arguments);
        let head = format!("class {var} {}({arguments})", class.qualname);
        let around = std::mem::replace(&mut self.owner, id);
        self.block(&head, &class.body);
        self.owner = around;
    }

    fn arguments(&mut self, arguments: &'m [Argument]) -> String {
        let mut texts = Vec::new();
        for argument in arguments {
            let value = self.expr(&argument.value);
            texts.push(match argument.kind {
                ArgumentKind::Positional => value,
                ArgumentKind::Star => format!("*{value}"),
                ArgumentKind::Keyword(name) => format!("{name}={value}"),
                ArgumentKind::DoubleStar => format!("**{value}"),
            });
        }
        texts.join(", ")
    }

    fn pattern(&mut self, pattern: &'m Pattern) -> String {
        match pattern {
            Pattern::Value(value) => self.expr(value),
            Pattern::Singleton(constant) => text_of(*constant),
            Pattern::Sequence(patterns) => format!("[{}]", self.patterns(patterns, ", ")),
            Pattern::Or(patterns) => self.patterns(patterns, " | "),
            Pattern::Star(var) => format!("*{}", self.capture(*var)),
            Pattern::Mapping { items, rest } => {
                let mut texts = Vec::new();
                for (key, pattern) in items {
                    texts.push(format!("{}: {}", self.expr(key), self.pattern(pattern)));
                }
                if rest.is_some() {
                    texts.push(format!("**{}", self.capture(*rest)));
                }
                format!("{{{}}}", texts.join(", "))
            }
            Pattern::Class {
                class,
                positional,
                keywords,
            } => {
                let class = self.expr(class);
                let mut texts: Vec<String> = positional.iter().map(|p| self.pattern(p)).collect();
                for (name, pattern) in keywords {
                    texts.push(format!("{name}={}", self.pattern(pattern)));
                }
                format!("{class}({})", texts.join(", "))
            }
            Pattern::As { pattern, var } => match pattern {
                Some(pattern) => format!("{} as {}", self.pattern(pattern), self.capture(*var)),
                None => self.capture(*var),
            },
        }
    }

    fn patterns(&mut self, patterns: &'m [Pattern], between: &str) -> String {
        let texts: Vec<String> = patterns.iter().map(|p| self.pattern(p)).collect();
        texts.join(between)
    }

    fn capture(&mut self, var: Option<Var>) -> String {
        var.map_or_else(|| "_".to_owned(), |var| self.var(var))
    }

    fn maybe(&mut self, expr: Option<&'m Expr>) -> String {
        expr.map_or_else(String::new, |expr| self.expr(expr))
    }

    fn annotation(&mut self, annotation: &'m Expr) -> String {
        let before = self.uses.len();
        let text = self.expr(annotation);
        if !self.annotations {
            self.uses.truncate(before);
        }
        text
    }

    fn join<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>, between: &str) -> String
    where
        'm: 'e,
        'e: 'm,
    {
        let texts: Vec<String> = exprs.into_iter().map(|expr| self.expr(expr)).collect();
        texts.join(between)
    }

    fn expr(&mut self, expr: &'m Expr) -> String {
        match &expr.kind {
            ExprKind::Constant(constant) => text_of(*constant),
            ExprKind::Name(name, var) => {
                assert_eq!(*name, name_of(self.module, self.owner, *var));
                self.var(*var)
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => format!("{}.{attribute}", self.expr(value)),
            ExprKind::Subscript { value, index } => {
                format!("{}[{}]", self.expr(value), self.expr(index))
            }
            ExprKind::Slice { parts } => {
                let parts = parts.iter().flatten().map(|part| self.expr(part));
                format!("slice({})", parts.collect::<Vec<_>>().join(", "))
            }
            ExprKind::Call(call) => format!(
                "{}({})",
                self.expr(&call.function),
                self.arguments(&call.arguments)
            ),
            ExprKind::Tuple(elements) => format!("({},)", self.join(elements, ", ")),
            ExprKind::List(elements) => format!("[{}]", self.join(elements, ", ")),
            ExprKind::Set(elements) => format!("{{{}}}", self.join(elements, ", ")),
            ExprKind::Dict(items) => {
                let mut texts = Vec::new();
                for item in items {
                    let value = self.expr(&item.value);
                    texts.push(match &item.key {
                        Some(key) => format!("{}: {value}", self.expr(key)),
                        None => format!("**{value}"),
                    });
                }
                format!("{{{}}}", texts.join(", "))
            }
            ExprKind::Lambda(id) => {
                let function = &self.module[*id];
                let signature = self.signature(function);
                let around = std::mem::replace(&mut self.owner, Parent::Function(*id));
                let StmtKind::Return(Some(value)) = &function.body[0].kind else {
                    panic!("a lambda returns");
                };
                let value = self.expr(value);
                self.owner = around;
                format!("<{}({signature}): {value}>", function.qualname)
            }
            ExprKind::Joined(parts) => {
                let mut text = String::from("f'");
                for part in parts {
                    match part {
                        JoinedPart::Literal(literal) => text.push_str(literal),
                        JoinedPart::Value { value, plain, .. } => {
                            let sign = if *plain { "" } else { "!" };
                            let _ = write!(text, "{{{}{sign}}}", self.expr(value));
                        }
                    }
                }
                text + "'"
            }
            ExprKind::Comprehension(comprehension) => {
                let mut text = String::new();
                for clause in &comprehension.clauses {
                    let sign = if clause.is_async { " async" } else { "" };
                    let iter = self.expr(&clause.iter);
                    let target = self.expr(&clause.target);
                    let _ = write!(text, "{sign} for {target} in {iter}");
                    for condition in &clause.conditions {
                        let _ = write!(text, " if {}", self.expr(condition));
                    }
                }
                let mut element = self.expr(&comprehension.element);
                if let Some(value) = &comprehension.value {
                    let _ = write!(element, ": {}", self.expr(value));
                }
                format!("{:?}({element}{text})", comprehension.kind)
            }
            _ => self.operation(expr),
        }
    }

    fn operation(&mut self, expr: &'m Expr) -> String {
        match &expr.kind {
            ExprKind::Bool { is_and, values } => {
                let word = if *is_and { " and " } else { " or " };
                format!("({})", self.join(values, word))
            }
            ExprKind::Not(operand) => format!("(not {})", self.expr(operand)),
            ExprKind::Unary { op, operand } => format!("({op:?} {})", self.expr(operand)),
            ExprKind::Binary { left, op, right } => {
                format!("({} {op:?} {})", self.expr(left), self.expr(right))
            }
            ExprKind::Compare { left, rest } => {
                let mut text = format!("({}", self.expr(left));
                for (op, right) in rest {
                    let _ = write!(text, " {op:?} {}", self.expr(right));
                }
                text + ")"
            }
            ExprKind::If { test, body, orelse } => format!(
                "({} if {} else {})",
                self.expr(body),
                self.expr(test),
                self.expr(orelse)
            ),
            ExprKind::Await(value) => format!("(await {})", self.expr(value)),
            ExprKind::Yield(None) => "(yield)".to_owned(),
            ExprKind::Yield(Some(value)) => format!("(yield {})", self.expr(value)),
            ExprKind::YieldFrom(value) => format!("(yield from {})", self.expr(value)),
            ExprKind::Starred(value) => format!("*{}", self.expr(value)),
            ExprKind::Walrus { var, value } => {
                let value = self.expr(value);
                format!("({} := {value})", self.var(*var))
            }
            _ => "?".to_owned(),
        }
    }
}

fn text_of(constant: Constant) -> String {
    match constant {
        Constant::None => "None".to_owned(),
        Constant::Bool(value) => if value { "True" } else { "False" }.to_owned(),
        Constant::Ellipsis => "...".to_owned(),
        Constant::Int(value) => value.to_string(),
        Constant::BigInt(_) => "<big>".to_owned(),
        Constant::Float(value) => format!("{value:?}"),
        Constant::Complex(_) => "<complex>".to_owned(),
        Constant::Str(text) => format!("{text:?}"),
        Constant::Bytes(_) => "<bytes>".to_owned(),
    }
}
