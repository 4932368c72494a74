//! Functions, lambdas and classes.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::ir::{
    Argument, ArgumentKind, Class, ClassId, Expr, ExprKind, Function, FunctionId, Parameter,
    ParameterKind, Parent, Range, Scope, Stmt, StmtKind, Var, each_statement,
};
use super::lower::Lowering;
use super::range;
use super::scope::{class_id, function_id};
use crate::name::Name;

/// What a function or lambda starts with, before its body is lowered.
struct Head<'a> {
    name: Name,
    qualname: Name,
    parameters: Option<&'a ast::Parameters>,
    decorators: Vec<Expr>,
    returns: Option<Expr>,
    is_async: bool,
    range: Range,
    header: Range,
    name_range: Range,
}

impl<'a> Lowering<'a> {
    /// Lowers a `def`; the type parameters, of which there are `opened`, have been declared.
    pub(super) fn function_def(
        &mut self,
        def: &'a ast::StmtFunctionDef,
        opened: usize,
    ) -> FunctionId {
        let decorators =
            self.outside_type_params(opened, |this| this.decorators(&def.decorator_list));
        let returns = def
            .returns
            .as_deref()
            .map(|returns| self.annotation(returns));
        let start = self.after_decorators(def.range, &def.decorator_list);
        let signature_end = def
            .returns
            .as_ref()
            .map_or(def.parameters.end(), |returns| returns.end());
        let name = self.plain(&def.name.id);
        let head = Head {
            name,
            qualname: self.frames.qualify(name),
            parameters: Some(&def.parameters),
            decorators,
            returns,
            is_async: def.is_async,
            range: range(TextRange::new(start, def.end())),
            header: range(TextRange::new(
                start,
                self.before_colon(signature_end, def.end()),
            )),
            name_range: range(def.name.range),
        };
        let id = self.begin_function(head, opened);
        self.collect(&def.body);
        let body = self.body(&def.body);
        self.end_function(id, body);
        id
    }

    /// Lowers a lambda.
    pub(super) fn lambda(&mut self, lambda: &'a ast::ExprLambda) -> FunctionId {
        let keyword = TextRange::at(lambda.start(), TextSize::of("lambda"));
        let signature_end = lambda
            .parameters
            .as_ref()
            .map_or(keyword.end(), |parameters| parameters.end());
        let name = Name::new("<lambda>");
        let head = Head {
            name,
            qualname: self.frames.qualify(name),
            parameters: lambda.parameters.as_deref(),
            decorators: Vec::new(),
            returns: None,
            is_async: false,
            range: range(lambda.range),
            header: range(TextRange::new(
                lambda.start(),
                self.before_colon(signature_end, lambda.body.start()),
            )),
            name_range: range(keyword),
        };
        let id = self.begin_function(head, 0);
        self.collect_lambda(&lambda.body);
        let value = self.expr(&lambda.body);
        let result = Stmt {
            range: value.range,
            kind: StmtKind::Return(Some(value)),
        };
        self.end_function(id, vec![result]);
        id
    }

    /// Enters the function in the list, opens its scope and binds its parameters.
    fn begin_function(&mut self, head: Head<'a>, opened: usize) -> FunctionId {
        let params = head
            .parameters
            .map_or_else(Vec::new, |parameters| self.parameters(parameters, opened));
        let id = function_id(self.functions.len());
        let private = self.frames.top().private;
        let mut prefix = String::with_capacity(head.qualname.len() + 10);
        prefix.push_str(&head.qualname);
        prefix.push_str(".<locals>.");
        let parent = self.here();
        self.frames.push(Parent::Function(id), private, prefix);
        for parameter in &params {
            self.bind_parameter(parameter);
        }
        let top = self.frames.top_mut();
        top.parameters = params.len();
        top.is_async = head.is_async;
        self.functions.push(Function {
            name: head.name,
            qualname: head.qualname,
            parent,
            params,
            decorators: head.decorators,
            returns: head.returns,
            body: Vec::new(),
            scope: Scope::default(),
            is_async: head.is_async,
            is_generator: false,
            has_imports: false,
            is_superseded: false,
            range: head.range,
            header: head.header,
            name_range: head.name_range,
        });
        id
    }

    fn end_function(&mut self, id: FunctionId, body: Vec<Stmt>) {
        let (scope, is_generator) = self.frames.pop();
        let function = &mut self.functions[id.0 as usize];
        each_statement(&body, &mut |stmt| function.has_imports |= stmt.is_import());
        function.body = body;
        function.scope = scope;
        function.is_generator = is_generator;
    }

    fn bind_parameter(&mut self, parameter: &Parameter) {
        let top = self.frames.top_mut();
        if top.table.contains_key(&parameter.name) {
            // The slots go along with the parameters, so the second one needs its own.
            top.declare_hidden(parameter.name);
        } else {
            self.frames.bind(parameter.name);
        }
    }

    fn parameters(&mut self, parameters: &'a ast::Parameters, opened: usize) -> Vec<Parameter> {
        use ParameterKind::{
            KeywordOnly, PositionalOnly, PositionalOrKeyword, VarKeyword, VarPositional,
        };
        let mut params = Vec::with_capacity(parameters.len());
        for parameter in &parameters.posonlyargs {
            params.push(self.parameter(parameter, PositionalOnly, opened));
        }
        for parameter in &parameters.args {
            params.push(self.parameter(parameter, PositionalOrKeyword, opened));
        }
        if let Some(parameter) = &parameters.vararg {
            params.push(self.variadic(parameter, VarPositional));
        }
        for parameter in &parameters.kwonlyargs {
            params.push(self.parameter(parameter, KeywordOnly, opened));
        }
        if let Some(parameter) = &parameters.kwarg {
            params.push(self.variadic(parameter, VarKeyword));
        }
        params
    }

    fn parameter(
        &mut self,
        parameter: &'a ast::ParameterWithDefault,
        kind: ParameterKind,
        opened: usize,
    ) -> Parameter {
        let default = parameter.default.as_deref();
        Parameter {
            default: self.outside_type_params(opened, |this| this.maybe(default)),
            range: range(parameter.range),
            ..self.variadic(&parameter.parameter, kind)
        }
    }

    fn variadic(&mut self, parameter: &'a ast::Parameter, kind: ParameterKind) -> Parameter {
        Parameter {
            name: self.name(&parameter.name.id),
            kind,
            default: None,
            annotation: parameter
                .annotation
                .as_deref()
                .map(|annotation| self.annotation(annotation)),
            range: range(parameter.range),
        }
    }

    fn decorators(&mut self, decorators: &'a [ast::Decorator]) -> Vec<Expr> {
        decorators
            .iter()
            .map(|decorator| self.expr(&decorator.expression))
            .collect()
    }

    /// Lowers a class; the type parameters, of which there are `opened`, have been declared.
    pub(super) fn class_def(&mut self, def: &'a ast::StmtClassDef, opened: usize) -> ClassId {
        let decorators =
            self.outside_type_params(opened, |this| this.decorators(&def.decorator_list));
        let arguments = def
            .arguments
            .as_ref()
            .map_or_else(Vec::new, |arguments| self.arguments(arguments));
        let name = self.plain(&def.name.id);
        let qualname = self.frames.qualify(name);
        let start = self.after_decorators(def.range, &def.decorator_list);
        let id = class_id(self.classes.len());
        self.classes.push(Class {
            name,
            qualname,
            parent: self.here(),
            arguments,
            decorators,
            body: Vec::new(),
            scope: Scope::default(),
            range: range(TextRange::new(start, def.end())),
            name_range: range(def.name.range),
        });

        let private = self.private(&def.name.id);
        self.frames
            .push(Parent::Class(id), private, format!("{qualname}."));
        self.collect(&def.body);
        let body = self.body(&def.body);
        let (scope, _) = self.frames.pop();
        let class = &mut self.classes[id.0 as usize];
        class.body = body;
        class.scope = scope;
        id
    }

    /// What a class's private names are mangled with; none for a class called `_`.
    fn private(&mut self, class: &'a str) -> Option<Name> {
        let stripped = class.trim_start_matches('_');
        (!stripped.is_empty()).then(|| self.plain(stripped))
    }

    /// A name mangled for `class`, without its scope being open.
    pub(super) fn private_to(&mut self, class: &'a str, name: &'a str) -> Name {
        let private = self.private(class);
        let around = std::mem::replace(&mut self.frames.top_mut().private, private);
        let name = self.name(name);
        self.frames.top_mut().private = around;
        name
    }

    /// The arguments of a call or a class, in source order.
    pub(super) fn arguments(&mut self, arguments: &'a ast::Arguments) -> Vec<Argument> {
        let mut lowered = Vec::with_capacity(arguments.len());
        for argument in arguments.iter_source_order() {
            lowered.push(match argument {
                ast::ArgOrKeyword::Arg(ast::Expr::Starred(starred)) => Argument {
                    kind: ArgumentKind::Star,
                    value: self.expr(&starred.value),
                    range: range(starred.range),
                },
                ast::ArgOrKeyword::Arg(value) => Argument {
                    kind: ArgumentKind::Positional,
                    value: self.expr(value),
                    range: range(value.range()),
                },
                ast::ArgOrKeyword::Keyword(keyword) => Argument {
                    // Unlike parameters, keywords are not mangled.
                    kind: match &keyword.arg {
                        Some(name) => ArgumentKind::Keyword(self.plain(&name.id)),
                        None => ArgumentKind::DoubleStar,
                    },
                    value: self.expr(&keyword.value),
                    range: range(keyword.range),
                },
            });
        }
        lowered
    }

    /// Gives each type parameter (PEP 695) a hidden slot of the scope around, bound to what is not known. This sees more
    /// of the program than the language does only where the name is used outside, which resolves as ever.
    pub(super) fn open_type_params(
        &mut self,
        params: Option<&'a ast::TypeParams>,
        out: &mut Vec<Stmt>,
    ) -> usize {
        let Some(params) = params else { return 0 };
        for param in &params.type_params {
            let identifier = match param {
                ast::TypeParam::TypeVar(param) => &param.name,
                ast::TypeParam::TypeVarTuple(param) => &param.name,
                ast::TypeParam::ParamSpec(param) => &param.name,
            };
            let name = self.name(&identifier.id);
            let top = self.frames.top_mut();
            let slot = top.declare_hidden(name);
            top.hidden.push((name, slot));
            let at = range(identifier.range);
            out.push(Stmt {
                kind: StmtKind::Assign {
                    targets: vec![Expr {
                        kind: ExprKind::Name(name, Var::Local(slot)),
                        range: at,
                    }],
                    value: Expr {
                        kind: ExprKind::Unknown,
                        range: at,
                    },
                },
                range: at,
            });
        }
        self.note_bounds(Some(params));
        params.type_params.len()
    }

    /// Lowers what stands in a definition and is evaluated before its type parameters are there: decorators and defaults.
    fn outside_type_params<T>(&mut self, opened: usize, lower: impl FnOnce(&mut Self) -> T) -> T {
        let hidden = &mut self.frames.top_mut().hidden;
        let own = hidden.split_off(hidden.len() - opened);
        let lowered = lower(self);
        self.frames.top_mut().hidden.extend(own);
        lowered
    }

    /// Forgets the names that [`Self::open_type_params`] made visible.
    pub(super) fn close_type_params(&mut self, count: usize) {
        let hidden = &mut self.frames.top_mut().hidden;
        hidden.truncate(hidden.len() - count);
    }

    /// Where the `def` or `class` itself starts, which the parser's range begins with the decorators.
    fn after_decorators(&self, whole: TextRange, decorators: &[ast::Decorator]) -> TextSize {
        let Some(last) = decorators.last() else {
            return whole.start();
        };
        let end = whole.end().to_usize();
        let at = skip_blank(self.text, last.end().to_usize(), end);
        TextSize::try_from(at).unwrap_or(whole.start())
    }

    /// Where a signature ends that is followed, from `from` on and before `limit`, by closing brackets and a colon.
    fn before_colon(&self, from: TextSize, limit: TextSize) -> TextSize {
        let bytes = self.text.as_bytes();
        let limit = limit.to_usize();
        let mut end = from.to_usize();
        let mut at = end;
        loop {
            at = skip_blank(self.text, at, limit);
            if at >= limit || bytes[at] != b')' {
                break;
            }
            at += 1;
            end = at;
        }
        TextSize::try_from(end).unwrap_or(from)
    }
}

/// The first byte from `at` on and before `limit` that is neither blank, comment nor line continuation.
fn skip_blank(text: &str, mut at: usize, limit: usize) -> usize {
    let bytes = text.as_bytes();
    while at < limit {
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'\\' => at += 1,
            b'#' => {
                while at < limit && !matches!(bytes[at], b'\n' | b'\r') {
                    at += 1;
                }
            }
            _ => break,
        }
    }
    at.min(limit)
}
