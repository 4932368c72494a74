//! Expressions.

use ruff_python_ast as ast;

use super::ir::{
    Call, Comparison, Comprehension, ComprehensionKind, Constant, DictItem, Expr, ExprKind,
    ForClause, JoinedPart, Operator, UnaryOperator,
};
use super::lower::Lowering;
use super::range;
use crate::name::Name;

impl<'a> Lowering<'a> {
    /// What an expression computes; called by [`Lowering::expr`] only, which watches the depth.
    pub(super) fn expr_kind(&mut self, expr: &'a ast::Expr) -> ExprKind {
        self.check_expr(expr);
        match expr {
            ast::Expr::Name(name) => self.name_expr(name),
            ast::Expr::Attribute(attribute) => {
                self.modules_named += u32::from(is_module_table(expr));
                ExprKind::Attribute {
                    value: self.boxed(&attribute.value),
                    attribute: self.name(&attribute.attr.id),
                    attribute_range: range(attribute.attr.range),
                }
            }
            ast::Expr::Call(call) => {
                self.note_types(expr);
                self.call(call)
            }
            ast::Expr::Subscript(subscript) => {
                self.note_types(expr);
                let reads = !subscript.ctx.is_store() && is_module_table(&subscript.value);
                self.modules_read += u32::from(reads);
                self.looks_itself_up |= reads && is_own_name(&subscript.slice);
                ExprKind::Subscript {
                    value: self.boxed(&subscript.value),
                    index: self.boxed(&subscript.slice),
                }
            }
            ast::Expr::StringLiteral(string) => {
                ExprKind::Constant(Constant::Str(Name::new(string.value.to_str())))
            }
            ast::Expr::FString(string) => self.fstring(string),
            ast::Expr::NumberLiteral(number) => ExprKind::Constant(match &number.value {
                ast::Number::Int(int) => int.as_i64().map_or_else(
                    || Constant::BigInt(decimal(&int.to_string())),
                    Constant::Int,
                ),
                ast::Number::Float(float) => Constant::Float(*float),
                ast::Number::Complex { imag, .. } => Constant::Complex(*imag),
            }),
            ast::Expr::BytesLiteral(literal) => {
                ExprKind::Constant(Constant::Bytes(bytes(literal.value.bytes())))
            }
            ast::Expr::BooleanLiteral(literal) => ExprKind::Constant(Constant::Bool(literal.value)),
            ast::Expr::NoneLiteral(_) => ExprKind::Constant(Constant::None),
            ast::Expr::EllipsisLiteral(_) => ExprKind::Constant(Constant::Ellipsis),
            ast::Expr::Tuple(tuple) => ExprKind::Tuple(self.exprs(&tuple.elts)),
            ast::Expr::List(list) => ExprKind::List(self.exprs(&list.elts)),
            ast::Expr::Set(set) => ExprKind::Set(self.exprs(&set.elts)),
            ast::Expr::Dict(dict) => self.dict(dict),
            ast::Expr::Lambda(lambda) => ExprKind::Lambda(self.lambda(lambda)),
            ast::Expr::ListComp(_)
            | ast::Expr::SetComp(_)
            | ast::Expr::DictComp(_)
            | ast::Expr::Generator(_) => self.comprehension(expr),
            _ => self.operation(expr),
        }
    }

    /// The rarer half of [`Self::expr_kind`].
    fn operation(&mut self, expr: &'a ast::Expr) -> ExprKind {
        match expr {
            ast::Expr::BoolOp(bool_op) => ExprKind::Bool {
                is_and: bool_op.op == ast::BoolOp::And,
                values: self.exprs(&bool_op.values),
            },
            ast::Expr::BinOp(binary) => ExprKind::Binary {
                left: self.boxed(&binary.left),
                op: operator(binary.op),
                right: self.boxed(&binary.right),
            },
            ast::Expr::UnaryOp(unary) => self.unary(unary),
            ast::Expr::Compare(compare) => {
                let read = compare.comparators.iter().filter(|e| is_module_table(e));
                self.modules_read += u32::try_from(read.count()).unwrap_or(0);
                ExprKind::Compare {
                    left: self.boxed(&compare.left),
                    rest: compare
                        .ops
                        .iter()
                        .zip(&compare.comparators)
                        .map(|(op, right)| (comparison(*op), self.expr(right)))
                        .collect(),
                }
            }
            ast::Expr::If(conditional) => ExprKind::If {
                test: self.boxed(&conditional.test),
                body: self.boxed(&conditional.body),
                orelse: self.boxed(&conditional.orelse),
            },
            ast::Expr::Named(named) => {
                let value = self.boxed(&named.value);
                match &*named.target {
                    ast::Expr::Name(target) => ExprKind::Walrus {
                        var: self.variable(&target.id),
                        value,
                    },
                    _ => ExprKind::Unknown,
                }
            }
            ast::Expr::Await(awaited) => ExprKind::Await(self.boxed(&awaited.value)),
            ast::Expr::Yield(yielded) => {
                self.note_yield();
                ExprKind::Yield(yielded.value.as_ref().map(|value| self.boxed(value)))
            }
            ast::Expr::YieldFrom(yielded) => {
                self.note_yield();
                ExprKind::YieldFrom(self.boxed(&yielded.value))
            }
            ast::Expr::Starred(starred) => ExprKind::Starred(self.boxed(&starred.value)),
            ast::Expr::Slice(slice) => ExprKind::Slice {
                parts: Box::new(
                    [&slice.lower, &slice.upper, &slice.step]
                        .map(|part| part.as_ref().map(|part| self.expr(part))),
                ),
            },
            _ => ExprKind::Unknown,
        }
    }

    fn name_expr(&mut self, name: &'a ast::ExprName) -> ExprKind {
        if name.id.is_empty() {
            // What the parser puts where an expression is missing.
            return ExprKind::Unknown;
        }
        let id = self.name(&name.id);
        ExprKind::Name(id, self.frames.resolve(id))
    }

    fn call(&mut self, call: &'a ast::ExprCall) -> ExprKind {
        if let ast::Expr::Name(name) = &*call.func
            && matches!(&*name.id, "locals" | "exec" | "eval" | "vars")
        {
            self.frames.top_mut().scope.dynamic = true;
        }
        self.modules_read += u32::from(reads_module_table(call));
        ExprKind::Call(Box::new(Call {
            function: self.expr(&call.func),
            arguments: self.arguments(&call.arguments),
        }))
    }

    fn dict(&mut self, dict: &'a ast::ExprDict) -> ExprKind {
        let items = dict.items.iter().map(|item| DictItem {
            key: self.maybe(item.key.as_ref()),
            value: self.expr(&item.value),
        });
        ExprKind::Dict(items.collect())
    }

    fn unary(&mut self, unary: &'a ast::ExprUnaryOp) -> ExprKind {
        let operand = self.boxed(&unary.operand);
        let op = match unary.op {
            ast::UnaryOp::Not => return ExprKind::Not(operand),
            ast::UnaryOp::USub => UnaryOperator::Negative,
            ast::UnaryOp::UAdd => UnaryOperator::Positive,
            ast::UnaryOp::Invert => UnaryOperator::Invert,
        };
        ExprKind::Unary { op, operand }
    }

    /// A comprehension's `yield` is an error and would not be the function's.
    fn note_yield(&mut self) {
        let top = self.frames.top_mut();
        if top.comprehensions == 0 {
            top.is_generator = true;
        }
    }

    fn fstring(&mut self, string: &'a ast::ExprFString) -> ExprKind {
        let mut parts = Parts::default();
        for part in &string.value {
            match part {
                ast::FStringPart::Literal(literal) => parts.literal.push_str(literal),
                ast::FStringPart::FString(string) => self.pieces(&string.elements, &mut parts),
            }
        }
        parts.flush();
        match parts.parts.as_slice() {
            [] => ExprKind::Constant(Constant::Str(Name::new(""))),
            [JoinedPart::Literal(text)] => ExprKind::Constant(Constant::Str(*text)),
            _ => ExprKind::Joined(parts.parts),
        }
    }

    fn pieces(&mut self, elements: &'a [ast::InterpolatedStringElement], parts: &mut Parts) {
        for element in elements {
            match element {
                ast::InterpolatedStringElement::Literal(literal) => {
                    parts.literal.push_str(literal);
                }
                ast::InterpolatedStringElement::Interpolation(value) => {
                    self.interpolation(value, parts);
                }
            }
        }
    }

    fn interpolation(&mut self, element: &'a ast::InterpolatedElement, parts: &mut Parts) {
        if let Some(debug) = &element.debug_text {
            parts.literal.push_str(debug.as_str());
        }
        parts.flush();
        let plain = element.conversion == ast::ConversionFlag::None
            && element.format_spec.is_none()
            && element.debug_text.is_none();
        let value = self.expr(&element.expression);
        let format = match &element.format_spec {
            Some(spec)
                if element.conversion == ast::ConversionFlag::None
                    && element.debug_text.is_none() =>
            {
                literal_text(&spec.elements)
            }
            _ => None,
        };
        parts.parts.push(JoinedPart::Value {
            value,
            plain,
            format,
        });
        // `{x:{width}}`: no text of the format reaches the result, but its values are computed.
        let nested = element.format_spec.iter().flat_map(|spec| &spec.elements);
        for element in nested.filter_map(ast::InterpolatedStringElement::as_interpolation) {
            self.descend(|this| {
                let mut format = Parts::default();
                this.interpolation(element, &mut format);
                let values = format.parts.into_iter().filter_map(|part| match part {
                    JoinedPart::Literal(_) => None,
                    JoinedPart::Value { value, .. } => Some(JoinedPart::Value {
                        value,
                        plain: false,
                        format: None,
                    }),
                });
                parts.parts.extend(values);
            });
        }
    }

    fn comprehension(&mut self, expr: &'a ast::Expr) -> ExprKind {
        let (kind, prefix, element, value, generators) = match expr {
            ast::Expr::ListComp(list) => (
                ComprehensionKind::List,
                "<listcomp>.",
                &*list.elt,
                None,
                &list.generators,
            ),
            ast::Expr::SetComp(set) => (
                ComprehensionKind::Set,
                "<setcomp>.",
                &*set.elt,
                None,
                &set.generators,
            ),
            ast::Expr::Generator(generator) => (
                ComprehensionKind::Generator,
                "<genexpr>.",
                &*generator.elt,
                None,
                &generator.generators,
            ),
            ast::Expr::DictComp(dict) => {
                let Some(key) = &dict.key else {
                    return ExprKind::Unknown;
                };
                (
                    ComprehensionKind::Dict,
                    "<dictcomp>.",
                    &**key,
                    Some(&*dict.value),
                    &dict.generators,
                )
            }
            _ => return ExprKind::Unknown,
        };
        let Some((first, others)) = generators.split_first() else {
            return ExprKind::Unknown;
        };

        // The first iterable belongs to the code around, all the rest to the comprehension.
        let first_iter = self.expr(&first.iter);
        let top = self.frames.top_mut();
        let prefix_length = top.prefix.len();
        let hidden_length = top.hidden.len();
        top.prefix.push_str(prefix);
        top.comprehensions += 1;
        let is_generator = u32::from(kind == ComprehensionKind::Generator);
        top.generators += is_generator;
        for clause in generators {
            self.hide_target(&clause.target, hidden_length);
        }
        let mut clauses = Vec::with_capacity(generators.len());
        clauses.push(self.for_clause(first, Some(first_iter)));
        for clause in others {
            clauses.push(self.for_clause(clause, None));
        }
        let element = self.expr(element);
        let value = self.maybe(value);

        let top = self.frames.top_mut();
        top.prefix.truncate(prefix_length);
        top.hidden.truncate(hidden_length);
        top.comprehensions -= 1;
        top.generators -= is_generator;
        ExprKind::Comprehension(Box::new(Comprehension {
            kind,
            element,
            value,
            clauses,
        }))
    }

    fn for_clause(&mut self, clause: &'a ast::Comprehension, iter: Option<Expr>) -> ForClause {
        ForClause {
            iter: iter.unwrap_or_else(|| self.expr(&clause.iter)),
            target: self.expr(&clause.target),
            conditions: self.exprs(&clause.ifs),
            is_async: clause.is_async,
        }
    }

    /// Gives the names in a comprehension's target slots of their own; the comprehension's hidden names begin at `first`.
    fn hide_target(&mut self, target: &'a ast::Expr, first: usize) {
        match target {
            ast::Expr::Name(name) => {
                let name = self.name(&name.id);
                self.frames.hide(name, first);
            }
            ast::Expr::Starred(starred) => {
                self.descend(|this| this.hide_target(&starred.value, first));
            }
            ast::Expr::Tuple(ast::ExprTuple { elts, .. })
            | ast::Expr::List(ast::ExprList { elts, .. }) => {
                self.descend(|this| {
                    for element in elts {
                        this.hide_target(element, first);
                    }
                });
            }
            _ => {}
        }
    }
}

/// An f-string's parts, neighbouring literals joined.
#[derive(Default)]
struct Parts {
    parts: Vec<JoinedPart>,
    literal: String,
}

impl Parts {
    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.parts
                .push(JoinedPart::Literal(Name::new(&self.literal)));
            self.literal.clear();
        }
    }
}

/// Our form of a binary operator.
pub(super) fn operator(op: ast::Operator) -> Operator {
    match op {
        ast::Operator::Add => Operator::Add,
        ast::Operator::Sub => Operator::Sub,
        ast::Operator::Mult => Operator::Mul,
        ast::Operator::MatMult => Operator::MatMul,
        ast::Operator::Div => Operator::Div,
        ast::Operator::Mod => Operator::Mod,
        ast::Operator::Pow => Operator::Pow,
        ast::Operator::LShift => Operator::LShift,
        ast::Operator::RShift => Operator::RShift,
        ast::Operator::BitOr => Operator::BitOr,
        ast::Operator::BitXor => Operator::BitXor,
        ast::Operator::BitAnd => Operator::BitAnd,
        ast::Operator::FloorDiv => Operator::FloorDiv,
    }
}

fn comparison(op: ast::CmpOp) -> Comparison {
    match op {
        ast::CmpOp::Eq => Comparison::Eq,
        ast::CmpOp::NotEq => Comparison::NotEq,
        ast::CmpOp::Lt => Comparison::Lt,
        ast::CmpOp::LtE => Comparison::LtE,
        ast::CmpOp::Gt => Comparison::Gt,
        ast::CmpOp::GtE => Comparison::GtE,
        ast::CmpOp::Is => Comparison::Is,
        ast::CmpOp::IsNot => Comparison::IsNot,
        ast::CmpOp::In => Comparison::In,
        ast::CmpOp::NotIn => Comparison::NotIn,
    }
}

/// `sys.modules`, under any name for `sys`.
fn is_module_table(expr: &ast::Expr) -> bool {
    matches!(expr, ast::Expr::Attribute(attribute)
        if &*attribute.attr.id == "modules" && attribute.value.is_name_expr())
}

/// `__name__`: a module that looks itself up may change itself.
fn is_own_name(expr: &ast::Expr) -> bool {
    matches!(expr, ast::Expr::Name(name) if &*name.id == "__name__")
}

/// `sys.modules.get(x)`, `list(sys.modules)`: the table is looked at, and stays as it is or loses an entry.
fn reads_module_table(call: &ast::ExprCall) -> bool {
    match &*call.func {
        ast::Expr::Attribute(method) => {
            is_module_table(&method.value)
                && matches!(
                    &*method.attr.id,
                    "get" | "keys" | "values" | "items" | "copy" | "pop"
                )
                && !call.arguments.args.iter().any(is_own_name)
        }
        ast::Expr::Name(name) => {
            matches!(
                &*name.id,
                "list" | "tuple" | "set" | "frozenset" | "sorted" | "dict" | "len" | "iter"
            ) && matches!(&*call.arguments.args, [only] if is_module_table(only))
        }
        _ => false,
    }
}

/// Longer literals have no known content.
const LONGEST: usize = 256;

/// An int literal's value in decimal digits.
fn decimal(text: &str) -> Option<Name> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let radix = match text.get(..2) {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => {
            let digits = text.trim_start_matches('0');
            return (digits.len() <= LONGEST).then(|| Name::new(digits));
        }
    };
    let number = u128::from_str_radix(&text[2..], radix).ok()?;
    Some(Name::new(&number.to_string()))
}

/// The content of a bytes literal, each byte as the character of that number.
fn bytes(content: impl Iterator<Item = u8>) -> Option<Name> {
    let text: String = content.take(LONGEST + 1).map(char::from).collect();
    (text.chars().count() <= LONGEST).then(|| Name::new(&text))
}

/// The text of a format in which nothing is computed.
fn literal_text(elements: &[ast::InterpolatedStringElement]) -> Option<Name> {
    let mut text = String::new();
    for element in elements {
        match element {
            ast::InterpolatedStringElement::Literal(literal) => text.push_str(literal),
            ast::InterpolatedStringElement::Interpolation(_) => return None,
        }
    }
    Some(Name::new(&text))
}
