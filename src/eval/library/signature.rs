//! `inspect.signature`: what a function takes, as an object (the library reference, "Introspecting callables with the Signature object").

use crate::name::Name;
use crate::syntax::ir::ParameterKind;

use crate::eval::Evaluator;
use crate::eval::domain::state::{Dict, Entry};
use crate::eval::domain::value::{Data, FunctionRef, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::attribute::Attribute;

/// Where the kinds of parameters go by.
pub const KINDS: &str = "inspect.Parameter.";

impl<'p> Evaluator<'p> {
    /// `inspect.signature(value)`.
    pub fn signature_call(&mut self, value: Value) -> Value {
        match self.signature_of(value) {
            Some(_) => self.values.intern(Data::Signature(value)),
            None => Value::UNKNOWN,
        }
    }

    /// An attribute of a signature: its parameters by their names.
    pub fn signature_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        function: Value,
        name: Name,
    ) -> Attribute {
        if name.as_str() != "parameters" {
            return Attribute::Unknown;
        }
        let Some((object, is_bound)) = self.signature_of(function) else {
            return Attribute::Unknown;
        };
        let definition = self.definition(object.function);
        let mut dict = Dict {
            // It is a mapping that cannot be changed.
            is_subtype: true,
            is_namespace: false,
            ..Dict::default()
        };
        let parameters = definition.params.iter().enumerate();
        for (index, parameter) in parameters.skip(usize::from(is_bound)) {
            let key = self.values.str(parameter.name);
            let value = self.values.intern(Data::Parameter {
                function: object.function,
                index: u32::try_from(index).unwrap_or(u32::MAX),
            });
            dict.entries.push(Entry {
                key,
                value,
                certain: true,
            });
        }
        Attribute::Found(self.new_dict(frame, dict))
    }

    /// An attribute of one of its parameters.
    pub fn parameter_attribute(
        &mut self,
        function: FunctionRef,
        index: u32,
        name: Name,
    ) -> Attribute {
        let parameter = &self.definition(function).params[index as usize];
        let kind = match name.as_str() {
            "name" => return Attribute::Found(self.values.str(parameter.name)),
            "kind" => match parameter.kind {
                ParameterKind::PositionalOnly => "POSITIONAL_ONLY",
                ParameterKind::PositionalOrKeyword => "POSITIONAL_OR_KEYWORD",
                ParameterKind::VarPositional => "VAR_POSITIONAL",
                ParameterKind::KeywordOnly => "KEYWORD_ONLY",
                ParameterKind::VarKeyword => "VAR_KEYWORD",
            },
            "default" if parameter.default.is_none() => "empty",
            "POSITIONAL_ONLY"
            | "POSITIONAL_OR_KEYWORD"
            | "VAR_POSITIONAL"
            | "KEYWORD_ONLY"
            | "VAR_KEYWORD"
            | "empty" => name.as_str(),
            _ => return Attribute::Unknown,
        };
        let name = Name::new(&format!("{KINDS}{kind}"));
        Attribute::Found(self.values.intern(Data::External(name)))
    }
}
