//! Functions evaluated for all callers: with parameters of which nothing is known, and once more for each key that one is looked up by.

use std::rc::Rc;

use crate::facts::May;
use crate::name::Name;
use crate::syntax::ir::{
    Expr, ExprKind, Function, FunctionId, Module, ParameterKind, Parent, Slot, StmtKind,
};
use crate::syntax::visit;

use crate::eval::domain::state::{Dict, Object};
use crate::eval::domain::value::{
    ContextId, Data, FunctionObject, FunctionRef, Kind, LocalId, Value,
};
use crate::eval::reuse::file_set::FileSet;
use crate::eval::summaries::case::PARAMETERS;
use crate::eval::summaries::context::{Arguments, DistinctCall, Key, has_decorator};
use crate::eval::{Evaluator, Root};

/// How many keys of a function's parameters are taken one by one, whatever that takes.
const RUNS: u32 = 512;

/// How many more keys of a function may be taken one by one: past the number, those that fit into the work.
struct Budget {
    runs: u32,
    until: u64,
}

impl Evaluator<'_> {
    /// Evaluates a function for all callers; then once more for each key that a parameter was looked up by.
    pub fn run_root(&mut self, root: &Root) {
        self.effects.own = self.shared.len();
        let mut budget = Budget {
            runs: RUNS,
            until: self.steps + self.step_limit / crate::eval::SHARE_OF_KEYS,
        };
        let overriding = self.overriding(root);
        self.run_splits(&mut root.clone(), &mut budget, overriding.looked);
        self.run_hinted(root);
        self.run_for_overriding(root, overriding);
    }

    /// `looked`: what was read to learn for which other classes the function is evaluated.
    fn run_splits(&mut self, root: &mut Root, budget: &mut Budget, looked: FileSet) {
        self.begin_root(root.function.function.module);
        let run = self.runs;
        self.runs += 1;
        let before = self.looked.take();
        let arguments = self.unknown_arguments(&root.function, run, &root.chosen);
        let looked = self.looked.replace(before).union(looked);
        self.is_trying_keys = !root.chosen.is_empty();
        self.run_for_all(root, arguments, looked, None);
        self.is_trying_keys = false;
        let definition = self.definition(root.function.function);
        let parameters = u32::try_from(definition.params.len()).unwrap_or(u32::MAX);
        for parameter in 0..parameters {
            let Some(keys) = self.splits.remove(&(run, parameter)) else {
                continue;
            };
            self.split.insert((run, parameter));
            if root.chosen.len() >= PARAMETERS {
                return;
            }
            for (at, &key) in keys.iter().enumerate() {
                let is_spent = budget.runs == 0 && self.steps > budget.until;
                if is_spent || self.steps > self.step_limit {
                    self.keys_left(root.function.function, keys.len() - at);
                    return;
                }
                budget.runs = budget.runs.saturating_sub(1);
                let case = root.case;
                // A key that has no name in other trees, and all below it, belongs to what it is chosen for.
                let is_told = case.count() == root.chosen.len();
                root.chosen.push((parameter, key));
                match self.digest(key).filter(|_| is_told) {
                    Some(digest) => {
                        root.case = case.with(parameter, digest);
                        if self.is_needed(root) {
                            self.run_splits(root, budget, FileSet::NONE);
                        }
                    }
                    None => self.run_splits(root, budget, FileSet::NONE),
                }
                root.case = case;
                root.chosen.pop();
            }
            // Further parameters are split in the runs for the first one's keys.
            return;
        }
    }

    /// Arguments for all callers: nothing is known, but a value that decides something can be told from others.
    pub fn unknown_arguments(
        &mut self,
        function: &FunctionObject,
        run: u32,
        chosen: &[(u32, Value)],
    ) -> Arguments {
        let definition = self.definition(function.function);
        let forwards = definition
            .params
            .last()
            .is_some_and(|last| last.kind == ParameterKind::VarKeyword);
        let receiver = self.receiver_parameter(function);
        let mut values = Vec::with_capacity(definition.params.len());
        for (index, parameter) in definition.params.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let value = if let Some(&(_, key)) = chosen.iter().find(|(at, _)| *at == index) {
                key
            } else if index == 0 && receiver.is_some() {
                receiver.unwrap_or(Value::UNKNOWN)
            } else if parameter.kind == ParameterKind::VarPositional {
                self.values.of(Kind::Tuple)
            } else if forwards
                && parameter.kind != ParameterKind::VarKeyword
                && self.is_deciding(parameter.name)
            {
                self.values.intern(Data::Symbol {
                    run,
                    parameter: index,
                })
            } else {
                Value::UNKNOWN
            };
            values.push(value);
        }
        let own = definition.params.iter().map(|own| (own.name, own.kind));
        let own = self.own_keywords(own);
        Arguments {
            values,
            keywords: forwards.then(|| Dict::of_others(Value::UNKNOWN, own)),
        }
    }

    /// The keywords that a function's parameters take, so that its `**kwargs` never holds them, as keys of a dict.
    pub fn own_keywords(
        &mut self,
        parameters: impl Iterator<Item = (Name, ParameterKind)>,
    ) -> Vec<Value> {
        let by_keyword = |kind| {
            matches!(
                kind,
                ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly
            )
        };
        parameters
            .filter(|&(_, kind)| by_keyword(kind))
            .map(|(name, _)| self.values.str(name))
            .collect()
    }

    /// What the first parameter of a method is: an instance (or the class) of whatever class inherits it.
    pub fn receiver_parameter(&mut self, function: &FunctionObject) -> Option<Value> {
        let definition = self.definition(function.function);
        let class = self.defining_class(function)?;
        definition.params.first()?;
        let ir = &self.program.module(function.function.module).ir;
        let first_is_class = definition.name.as_str() == "__new__"
            || matches!(
                definition.name.as_str(),
                "__init_subclass__" | "__class_getitem__"
            )
            || has_decorator(definition, "classmethod")
            || is_handed_in_class_body(ir, definition, "classmethod");
        if has_decorator(definition, "staticmethod")
            || is_handed_in_class_body(ir, definition, "staticmethod")
            || is_used_in_class_body(ir, definition)
        {
            return None;
        }
        // `def fit(samples)`, for `Normal.fit(samples)`: by its name, it is no instance that is passed (PEP 8).
        if !first_is_class && !is_named_as_receiver(definition.params[0].name) {
            return None;
        }
        if definition.is_lambda() && !is_lambda_for_instances(ir, function.function.id, definition)
        {
            return None;
        }
        // `@parsed("bool") def from_text(cls, ..)`: what decorates it may make it a method of the class.
        let is_of_class = definition.params[0].name.as_str() == "cls";
        if is_of_class && !first_is_class && !definition.decorators.is_empty() {
            return None;
        }
        Some(if first_is_class {
            self.values.intern(Data::Class {
                class,
                exact: false,
            })
        } else if self.class(class).is_metaclass() {
            Value::UNKNOWN
        } else {
            self.values.intern(Data::Instance {
                class,
                exact: false,
                data: None,
                given: None,
            })
        })
    }

    /// Evaluates a function with arguments for all callers, that are these because of what the files `looked` say.
    ///
    /// `hinted`: they are no more than likely, for this reason; an evaluation that is known already is a caller's, or says the same.
    pub fn run_for_all(
        &mut self,
        root: &Root,
        arguments: Arguments,
        looked: FileSet,
        hinted: Option<May>,
    ) {
        let function = &root.function;
        let mut heap = Vec::new();
        let mut values = arguments.values;
        if let (Some(keywords), Some(last)) = (arguments.keywords, values.last_mut()) {
            heap.push(Rc::new(Object::Dict(keywords)));
            *last = self.values.intern(Data::Local(LocalId(0)));
        }
        let key = Key::of(DistinctCall {
            function: function.function,
            closure: function.closure,
            arguments: values.into(),
            heap: heap.into(),
            is_early: self.is_early(function.function.module),
        });
        let known = self.memo.get(&key).copied();
        if hinted.is_some() && known.is_some() {
            return;
        }
        let context = known.unwrap_or_else(|| self.run_context(function, key, false));
        let context = &mut self.contexts[context.0 as usize];
        context.is_root = true;
        context.hinted = hinted;
        context.case = root.case;
        context.looked = context.looked.union(looked);
        context.is_split |= !root.chosen.is_empty();
    }

    /// Evaluates a function for a caller of whom only this is known: its dict, the parameter `slot`, has these keys and no others.
    pub fn evaluate_with_keys(
        &mut self,
        function: FunctionRef,
        closure: Option<ContextId>,
        slot: Slot,
        keys: &[Name],
    ) -> ContextId {
        let object = FunctionObject {
            function,
            closure,
            defaults: Rc::from([]),
        };
        let run = self.runs;
        self.runs += 1;
        let arguments = self.unknown_arguments(&object, run, &[]);
        let mut dict = Dict {
            entries: Vec::with_capacity(keys.len()),
            ..Dict::default()
        };
        for &key in keys {
            let key = self.values.intern(Data::Str(key));
            dict.set(key, Value::UNKNOWN);
        }
        let mut values = arguments.values;
        let mut heap = vec![Rc::new(Object::Dict(dict))];
        let given = slot.0 as usize;
        values[given] = self.values.intern(Data::Local(LocalId(0)));
        if let (Some(keywords), Some(last)) = (arguments.keywords, values.len().checked_sub(1))
            && last != given
        {
            heap.push(Rc::new(Object::Dict(keywords)));
            values[last] = self.values.intern(Data::Local(LocalId(1)));
        }
        let key = Key::of(DistinctCall {
            function,
            closure,
            arguments: values.into(),
            heap: heap.into(),
            is_early: self.is_early(function.module),
        });
        // Even where it is known already: the facts have taken out what was found.
        self.run_context(&object, key, false)
    }
}

/// Whether a method is a decorator of others of its class, or called while the class is made: it is a plain function then, which gets what it decorates.
fn is_used_in_class_body(ir: &Module, method: &Function) -> bool {
    let Parent::Class(class) = method.parent else {
        return false;
    };
    let is_it = |expr: &Expr| matches!(expr.kind, ExprKind::Name(name, _) if name == method.name);
    let is_called = |expr: &Expr| match &expr.kind {
        ExprKind::Call(call) => is_it(&call.function),
        _ => false,
    };
    let mut is_used = false;
    visit::statements(&ir[class].body, &mut |stmt| match &stmt.kind {
        StmtKind::FunctionDef { function, .. } => {
            let mut decorators = ir[*function].decorators.iter();
            is_used |= decorators.any(|decorator| is_it(decorator) || is_called(decorator));
        }
        _ => visit::direct_expressions(stmt, &mut |direct| {
            visit::expressions(direct, &mut |expr| is_used |= is_called(expr));
        }),
    });
    is_used
}

/// Whether the body of a method's class hands it to a builtin by name, as was done before there were decorators: `create = classmethod(create)`.
fn is_handed_in_class_body(ir: &Module, method: &Function, builtin: &str) -> bool {
    let Parent::Class(class) = method.parent else {
        return false;
    };
    let is_named = |expr: &Expr, wanted: &str| matches!(&expr.kind, ExprKind::Name(name, _) if name.as_str() == wanted);
    let mut is_handed = false;
    visit::statements(&ir[class].body, &mut |stmt| {
        if let StmtKind::Assign { value, .. } = &stmt.kind
            && let ExprKind::Call(call) = &value.kind
            && is_named(&call.function, builtin)
        {
            let mut given = call.arguments.iter();
            is_handed |= given.any(|argument| is_named(&argument.value, method.name.as_str()));
        }
    });
    is_handed
}

/// Whether a lambda in a class body is called with an instance: it is the attribute's own value (`area = lambda s: s.width * 2`), or is handed to something and
/// says by its parameter that it is a method, `property(lambda self: ..)`. What else is called with it, such as `Column(lambda s: s.lower())`, nothing tells.
fn is_lambda_for_instances(ir: &Module, id: FunctionId, lambda: &Function) -> bool {
    let Parent::Class(class) = lambda.parent else {
        return false;
    };
    let is_it = |value: &Expr| matches!(value.kind, ExprKind::Lambda(found) if found == id);
    let mut is_value = false;
    visit::statements(&ir[class].body, &mut |stmt| match &stmt.kind {
        StmtKind::Assign { value, .. }
        | StmtKind::AnnAssign {
            value: Some(value), ..
        } => is_value |= is_it(value),
        _ => {}
    });
    let first = lambda.params.first();
    is_value || first.is_some_and(|first| first.name.contains("self"))
}

/// Whether a first parameter is called as those are that get the instance, or the class.
fn is_named_as_receiver(name: Name) -> bool {
    let name = name.trim_start_matches('_');
    name.is_empty()
        || [
            "self", "cls", "mcs", "mcls", "klass", "this", "instance", "obj", "s",
        ]
        .contains(&name)
        || name.contains("self")
}
