//! Places, functions and parameters as facts name them.

use crate::eval::Evaluator;
use crate::eval::domain::value::{ContextId, FunctionRef};
use crate::facts::{FileId, Place, Symbol};
use crate::name::Name;
use crate::syntax::ir::{Constant, Expr, ExprKind, Range};

impl Evaluator<'_> {
    /// A range in the file of an evaluation's code.
    pub fn place(&self, context: ContextId, range: Range) -> Place {
        let module = self.contexts[context.0 as usize].module;
        Place {
            file: self.program.module(module).file,
            range,
        }
    }

    /// The dotted name of the code of an evaluation.
    pub fn owner_name(&self, context: ContextId) -> String {
        let context = &self.contexts[context.0 as usize];
        match context.function {
            Some(function) => self.function_name(function),
            None => self.program.module(context.module).name.to_string(),
        }
    }

    /// A function's dotted name.
    pub fn function_name(&self, function: FunctionRef) -> String {
        dotted(
            self.program.module(function.module).name,
            self.definition(function).qualname,
        )
    }

    /// A function as a symbol.
    pub fn symbol(&self, function: FunctionRef) -> Symbol {
        Symbol {
            name: self.function_name(function),
            place: self.function_place(function),
        }
    }

    /// The place of a function's header.
    pub fn function_place(&self, function: FunctionRef) -> Place {
        let file: FileId = self.program.module(function.module).file;
        Place {
            file,
            range: self.definition(function).header,
        }
    }

    /// A function's parameter list, `(key, ttl=None)`.
    pub fn parameters_text(&self, function: FunctionRef) -> String {
        let definition = self.definition(function);
        let signature = crate::bind::Signature {
            function: definition.qualname,
            parameters: definition
                .params
                .iter()
                .map(|parameter| crate::bind::Parameter {
                    name: parameter.name,
                    kind: parameter.kind,
                    has_default: parameter.default.is_some(),
                })
                .collect(),
        };
        let defaults: Vec<Option<String>> = definition
            .params
            .iter()
            .map(|parameter| parameter.default.as_ref().and_then(default_text))
            .collect();
        crate::bind::render(&signature, &defaults)
    }
}

/// The name of something in a module, as CPython writes it: `module.qualname`.
pub fn dotted(module: Name, qualname: Name) -> String {
    [module.as_str(), ".", qualname.as_str()].concat()
}

/// A default as written, if it is short and simple.
pub fn default_text(expr: &Expr) -> Option<String> {
    Some(match &expr.kind {
        ExprKind::Constant(Constant::None) => String::from("None"),
        ExprKind::Constant(Constant::Bool(value)) => {
            String::from(if *value { "True" } else { "False" })
        }
        ExprKind::Constant(Constant::Int(value)) => value.to_string(),
        ExprKind::Constant(Constant::Float(value)) => format!("{value:?}"),
        ExprKind::Constant(Constant::Str(text)) if text.len() <= 24 => {
            crate::eval::exceptions::exception::repr(text)
        }
        ExprKind::Name(name, _) => name.to_string(),
        ExprKind::Attribute {
            value, attribute, ..
        } => format!("{}.{attribute}", default_text(value)?),
        _ => return None,
    })
}
