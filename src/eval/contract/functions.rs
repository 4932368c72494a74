//! What functions and constructors accept, and what classes hold.

use crate::bind::{self, Signature};
use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, Data, FunctionRef, Value};
use crate::eval::objects::class::Generated;
use crate::eval::objects::mro::Ancestor;
use crate::eval::summaries::context::has_decorator;
use crate::facts::Place;
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{
    self, ArgumentKind, ClassId, Comparison, Constant, Expr, ExprKind, FunctionId, ParameterKind,
    Parent, Range, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

use super::{Access, Class, Effect, Function, Gives, Member, Shim};

impl Evaluator<'_> {
    pub(super) fn contract_functions(&mut self) -> Vec<Function> {
        let mut found = Vec::new();
        for module in self.program.module_ids() {
            let count = self.program.module(module).ir.functions.len();
            for index in 0..count {
                let id = FunctionId(u32::try_from(index).unwrap_or(u32::MAX));
                let function = FunctionRef { module, id };
                if !self.definition(function).is_lambda() {
                    found.push(self.contract_function(function));
                }
            }
        }
        for index in 0..self.classes.len() {
            let class = ClassRef(u32::try_from(index).unwrap_or(u32::MAX));
            found.extend(self.generated_function(class));
        }
        found.sort_by(|a, b| (a.place, &a.name).cmp(&(b.place, &b.name)));
        found
    }

    fn contract_function(&mut self, function: FunctionRef) -> Function {
        let callable = self.callable(function);
        let module = self.program.module(function.module);
        let definition = self.definition(function);
        let (access, effect) = self.reached(function);
        Function {
            name: self.function_name(function),
            module: module.name,
            qualname: definition.qualname,
            place: Place {
                file: module.file,
                range: definition.header,
            },
            range: definition.range,
            is_half_written: module.ir.has_error_in(definition.range),
            decorators: definition
                .decorators
                .iter()
                .map(|decorator| decorator.range)
                .collect(),
            signature: callable.signature.clone(),
            defaults: definition
                .params
                .iter()
                .map(|parameter| parameter.default.as_ref().map(|default| default.range))
                .collect(),
            effect,
            access,
            gives: match (definition.is_async, definition.is_generator) {
                (false, false) => Gives::Value,
                (true, false) => Gives::Coroutine,
                (false, true) => Gives::Generator,
                (true, true) => Gives::AsyncGenerator,
            },
            ignores_keywords: callable.ignores_keywords,
            returns: returned_values(definition),
            shims: shims(definition),
            calls: Vec::new(),
            sends: Vec::new(),
            overrides: self.overridden(function),
            keys: Vec::new(),
        }
    }

    /// The method that one stands in for: the next of its name in the order of resolution, as long as only classes of the tree come before it.
    fn overridden(&self, function: FunctionRef) -> Option<String> {
        let definition = self.definition(function);
        let Parent::Class(class) = definition.parent else {
            return None;
        };
        let name = definition.name;
        let is_own = name.starts_with("__") && !name.ends_with("__")
            || matches!(
                name.as_str(),
                "__init__"
                    | "__new__"
                    | "__init_subclass__"
                    | "__class_getitem__"
                    | "__post_init__"
            );
        if is_own {
            return None;
        }
        let class = *self.class_index.get(&(function.module, class, None))?;
        for ancestor in &self.class(class).mro {
            let Ancestor::Tree(base) = *ancestor else {
                return None;
            };
            let base = (base != class).then(|| self.class(base));
            if let Some(base) = base.filter(|base| base.namespace.contains_key(&name)) {
                let module = self.program.module(base.module).name;
                return Some(format!("{module}.{}.{name}", base.definition.qualname));
            }
        }
        None
    }

    /// How a function is reached, and what its decorators made of it.
    fn reached(&mut self, function: FunctionRef) -> (Access, Effect) {
        let definition = self.definition(function);
        let by_name = match definition.parent {
            Parent::Class(_) => match definition.name.as_str() {
                "__init__" | "__new__" => Access::Constructor,
                "__init_subclass__" | "__class_getitem__" => Access::Class,
                _ if has_decorator(definition, "staticmethod") => Access::Static,
                _ if has_decorator(definition, "classmethod") => Access::Class,
                _ if has_decorator(definition, "property") => Access::Property,
                _ => Access::Instance,
            },
            _ => Access::Plain,
        };
        if definition.decorators.is_empty() {
            return (by_name, Effect::Written);
        }
        let Some(value) = self.named_value(function) else {
            let plain = definition.decorators.iter().all(|decorator| {
                matches!(&decorator.kind, ExprKind::Name(name, _)
                    if matches!(name.as_str(), "staticmethod" | "classmethod" | "property"))
            });
            let effect = if plain {
                Effect::Written
            } else {
                Effect::Unknown
            };
            return (by_name, effect);
        };
        match *self.data(value) {
            Data::Static(inner) => (Access::Static, self.effect(function, inner)),
            Data::ClassMethod(inner) => (Access::Class, self.effect(function, inner)),
            Data::Property(..) | Data::CachedProperty(_) => (Access::Property, Effect::Written),
            _ => (by_name, self.effect(function, value)),
        }
    }

    /// What the name of a function holds after its definition; none where that cannot be told.
    fn named_value(&mut self, function: FunctionRef) -> Option<Value> {
        let definition = self.definition(function);
        match definition.parent {
            Parent::Module => Some(self.variable(function.module, definition.name)),
            Parent::Class(class) => {
                let class = *self.class_index.get(&(function.module, class, None))?;
                self.classes[class.0 as usize]
                    .namespace
                    .get(&definition.name)
                    .copied()
            }
            Parent::Function(_) => None,
        }
    }

    fn effect(&mut self, function: FunctionRef, value: Value) -> Effect {
        match self.data(value).clone() {
            Data::Function(object) if object.function == function => Effect::Written,
            Data::Function(object) => self.wrapped(function, object.function),
            Data::Wrapped(inner) => self.effect(function, inner),
            // A fallback or an overload beside it: what is written counts for each.
            Data::Union(members) => {
                let own = members.iter().any(|&member| {
                    matches!(self.data(member), Data::Function(object) if object.function == function)
                });
                if own {
                    Effect::Written
                } else {
                    Effect::Unknown
                }
            }
            _ => Effect::Unknown,
        }
    }

    /// What a wrapper takes that hands its `*args` and `**kwargs` on to `function`, or else what the wrapper takes.
    fn wrapped(&mut self, function: FunctionRef, wrapper: FunctionRef) -> Effect {
        let own = self.callable(function).signature.clone();
        let outer = self.callable(wrapper).signature.clone();
        let definition = self.definition(wrapper);
        let is_open = [ParameterKind::VarPositional, ParameterKind::VarKeyword]
            .iter()
            .all(|kind| {
                outer
                    .parameters
                    .iter()
                    .any(|parameter| parameter.kind == *kind)
            });
        if !is_open {
            return Effect::Takes(outer);
        }
        let mut handed: Option<&ir::Call> = None;
        visit::all_expressions(&definition.body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind
                && hands_on(call, &definition.params)
            {
                handed = handed.or(Some(&**call));
            }
        });
        let Some(call) = handed else {
            return Effect::Takes(outer);
        };
        // What the wrapper fills in by itself cannot be passed any more.
        let mut parameters = own.parameters.clone();
        let named = |expr: &Expr| match expr.kind {
            ExprKind::Name(_, Var::Local(slot)) => (slot.0 as usize) < definition.params.len(),
            _ => false,
        };
        let injected = call.arguments.iter().filter(|argument| {
            argument.kind == ArgumentKind::Positional && !named(&argument.value)
        });
        let injected = injected.count().min(parameters.len());
        parameters.drain(..injected);
        for argument in &call.arguments {
            if let ArgumentKind::Keyword(name) = argument.kind
                && !named(&argument.value)
            {
                parameters.retain(|parameter| parameter.name != name);
            }
        }
        if parameters == own.parameters {
            Effect::Written
        } else {
            Effect::Takes(Signature {
                function: own.function,
                parameters,
            })
        }
    }

    /// The constructor that a dataclass or a named tuple gets.
    fn generated_function(&self, class: ClassRef) -> Option<Function> {
        let object = &self.classes[class.0 as usize];
        let has_own = ["__init__", "__new__"]
            .iter()
            .any(|name| object.namespace.contains_key(&Name::new(name)));
        if has_own || object.closure.is_some() {
            return None;
        }
        let parameters = match self.constructor_kind(class) {
            Generated::Dataclass { init: true, .. } => self.dataclass_parameters(class)?,
            Generated::NamedTuple => self.named_tuple_parameters(class)?,
            _ => return None,
        };
        let definition = object.definition;
        let module = self.program.module(object.module);
        let written = |parameter: &bind::Parameter| {
            definition.body.iter().find_map(|stmt| match &stmt.kind {
                StmtKind::AnnAssign { target, value, .. }
                    if matches!(target.kind, ExprKind::Name(name, _) if name == parameter.name) =>
                {
                    value.as_ref().map(|value| value.range)
                }
                _ => None,
            })
        };
        Some(Function {
            name: format!("{}.{}", module.name, definition.qualname),
            module: module.name,
            qualname: definition.qualname,
            place: Place {
                file: module.file,
                range: definition.name_range,
            },
            range: definition.range,
            is_half_written: module.ir.has_error_in(definition.range),
            decorators: Vec::new(),
            defaults: parameters.iter().map(written).collect(),
            signature: Signature {
                function: definition.qualname,
                parameters,
            },
            effect: Effect::Written,
            access: Access::Constructor,
            gives: Gives::Value,
            ignores_keywords: false,
            returns: None,
            shims: Vec::new(),
            calls: Vec::new(),
            sends: Vec::new(),
            overrides: None,
            keys: Vec::new(),
        })
    }

    pub(super) fn contract_classes(&self) -> Vec<Class> {
        let mut found = Vec::new();
        for module in self.program.module_ids() {
            let file = self.program.module(module).file;
            let name = self.program.module(module).name;
            for (index, class) in self.program.module(module).ir.classes.iter().enumerate() {
                let id = ClassId(u32::try_from(index).unwrap_or(u32::MAX));
                found.push(Class {
                    name: format!("{name}.{}", class.qualname),
                    module: name,
                    qualname: class.qualname,
                    place: Place {
                        file,
                        range: class.name_range,
                    },
                    range: class.range,
                    has_bases: !class.arguments.is_empty(),
                    members: self.enum_contract(module, id, class),
                });
            }
        }
        found
    }

    fn enum_contract(
        &self,
        module: ModuleId,
        id: ClassId,
        class: &ir::Class,
    ) -> Option<Vec<Member>> {
        let reference = *self.class_index.get(&(module, id, None))?;
        let object = &self.classes[reference.0 as usize];
        if !object.is_enum {
            return None;
        }
        let is_member = |name: Name| {
            let value = object.namespace.get(&name);
            value.is_some_and(|&value| {
                matches!(self.data(value), Data::Member { class, .. } if *class == reference)
            })
        };
        let file = self.program.module(module).file;
        let member = |stmt: &Stmt| {
            let (target, value) = match &stmt.kind {
                StmtKind::Assign { targets, value } => (targets.first()?, value),
                StmtKind::AnnAssign { target, value, .. } => (target, value.as_ref()?),
                _ => return None,
            };
            match target.kind {
                ExprKind::Name(name, _) if is_member(name) => Some(Member {
                    name,
                    place: Place {
                        file,
                        range: Range::new(target.range.start, value.range.end),
                    },
                    value: value.range,
                }),
                _ => None,
            }
        };
        Some(class.body.iter().filter_map(member).collect())
    }
}

/// Whether a call passes both `*args` and `**kwargs` of the function on.
fn hands_on(call: &ir::Call, params: &[ir::Parameter]) -> bool {
    let passes = |kind: ArgumentKind, of: ParameterKind| {
        call.arguments.iter().any(|argument| {
            argument.kind == kind
                && matches!(argument.value.kind, ExprKind::Name(_, Var::Local(slot))
                    if params.get(slot.0 as usize).is_some_and(|parameter| parameter.kind == of))
        })
    };
    passes(ArgumentKind::Star, ParameterKind::VarPositional)
        && passes(ArgumentKind::DoubleStar, ParameterKind::VarKeyword)
}

/// How many values a function returns, if each `return` writes out a tuple of as many.
fn returned_values(function: &ir::Function) -> Option<usize> {
    if function.is_generator || function.is_lambda() {
        return None;
    }
    let mut lengths = Vec::new();
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::Return(value) = &stmt.kind {
            lengths.push(value.as_ref().and_then(length));
        }
    });
    let (first, rest) = lengths.split_first()?;
    rest.iter().all(|other| other == first).then_some(*first)?
}

/// How many items a tuple or list has that is written out without a star.
pub(super) fn length(expr: &Expr) -> Option<usize> {
    let (ExprKind::Tuple(items) | ExprKind::List(items)) = &expr.kind else {
        return None;
    };
    let mut items_of = items.iter();
    let is_open = items_of.any(|item| matches!(item.kind, ExprKind::Starred(_)));
    (!is_open).then_some(items.len())
}

/// The parameters about which a body warns if they are passed, or if they are not.
fn shims(function: &ir::Function) -> Vec<Shim> {
    let mut found: Vec<Shim> = Vec::new();
    visit::statements(&function.body, &mut |stmt| {
        let StmtKind::If { branches, .. } = &stmt.kind else {
            return;
        };
        for branch in branches {
            if !warns(&branch.body) {
                continue;
            }
            if let Some((parameter, when_passed)) = tested(&branch.test, function)
                && !found.iter().any(|known| known.parameter == parameter)
            {
                found.push(Shim {
                    parameter,
                    when_passed,
                });
            }
        }
    });
    found
}

/// `warnings.warn(..)` or `warn(..)` among the statements.
fn warns(body: &[Stmt]) -> bool {
    let mut found = false;
    visit::all_expressions(body, &mut |expr| {
        if let ExprKind::Call(call) = &expr.kind {
            found |= match &call.function.kind {
                ExprKind::Attribute {
                    value, attribute, ..
                } => {
                    attribute.as_str() == "warn"
                        && matches!(value.kind, ExprKind::Name(name, _) if name.as_str() == "warnings")
                }
                ExprKind::Name(name, _) => name.as_str() == "warn",
                _ => false,
            };
        }
    });
    found
}

/// The parameter that a test asks for, and whether it holds when that is passed.
fn tested(test: &Expr, function: &ir::Function) -> Option<(Name, bool)> {
    let parameter = |expr: &Expr| match expr.kind {
        ExprKind::Name(name, Var::Local(slot)) => {
            let parameter = function.params.get(slot.0 as usize)?;
            let is_star = matches!(
                parameter.kind,
                ParameterKind::VarPositional | ParameterKind::VarKeyword
            );
            (!is_star).then_some(name)
        }
        _ => None,
    };
    match &test.kind {
        ExprKind::Name(..) => Some((parameter(test)?, true)),
        ExprKind::Not(inner) => tested(inner, function).map(|(name, passed)| (name, !passed)),
        ExprKind::Bool { values, .. } => values.iter().find_map(|value| tested(value, function)),
        ExprKind::Compare { left, rest } => {
            let [(comparison, right)] = rest.as_slice() else {
                return None;
            };
            // `'timeout' in kwargs` asks for a keyword by its name.
            if let (ExprKind::Constant(Constant::Str(name)), Comparison::In | Comparison::NotIn) =
                (&left.kind, comparison)
            {
                return Some((*name, *comparison == Comparison::In));
            }
            let name = parameter(left)?;
            match comparison {
                Comparison::IsNot | Comparison::NotEq => Some((name, true)),
                Comparison::Is | Comparison::Eq => Some((name, false)),
                _ => {
                    let _ = right;
                    None
                }
            }
        }
        _ => None,
    }
}
