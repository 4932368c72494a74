//! What a failing operation needs: what is called, what picked it, the arguments that are refused (DESIGN 3a, "Needed values").

use crate::eval::Evaluator;
use crate::eval::blame::trace::Node;
use crate::eval::certainty::chain::Chain;
use crate::eval::certainty::looks::{Looker, Looks, Source};
use crate::eval::certainty::passing::{Passed, passed, put_into_star};
use crate::eval::domain::state::Object;
use crate::eval::domain::value::{ClassRef, ContextId, Data, Value};
use crate::eval::interpreter::frame::{Blame, Edge, LocalFailure};
use crate::eval::library::convert::gives_one_type;
use crate::eval::summaries::context::Context;
use crate::facts::{FailureKind, May};
use crate::name::Name;
use crate::syntax::ir::{
    Argument, ArgumentKind, Call, Constant, Expr, ExprKind, Operator, Parent, Var,
};

impl<'p> Evaluator<'p> {
    /// What fails: the function of a call, or the expression itself; none where it fails whatever values there are.
    pub(super) fn failing_expression(
        &self,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> Option<&'p Expr> {
        if is_without_values(failure.kind) && !failure.by_value {
            return None;
        }
        match failure.call {
            Some(call) => Some(&call.function),
            None => self.expression_at(context, failure.range),
        }
    }

    /// What the failing operation needs, in terms of its own frame. `expr` is what fails: see [`Self::failing_expression`].
    pub fn needed_by(
        &self,
        looker: &mut Looker<'_, 'p>,
        failure: &LocalFailure<'p>,
        expr: Option<&'p Expr>,
    ) -> Looks {
        let mut needed = Looks::default();
        // What a name, a text or a list says, no value changes.
        let is_said = matches!(
            failure.doubt,
            Some(
                May::Named
                    | May::Elsewhere
                    | May::Printed
                    | May::Listed
                    | May::Unheeded
                    | May::Late
            )
        );
        if is_said || is_without_values(failure.kind) && !failure.by_value {
            return needed;
        }
        match failure.blame {
            Blame::Decision(decision) => needed.add(&decided_by(decision)),
            _ => {
                if let Some(call) = failure.call {
                    needed.add(&typed(looker, failure, &call.function));
                    needed.add(&needed_arguments(looker, call, failure));
                } else if let Some(expr) = expr
                    && !is_method_of_literal(expr)
                    && !is_of_fixed_types(expr)
                {
                    needed.add(&typed(looker, failure, expr));
                }
            }
        }
        needed
    }

    /// What a call of the chain needs, in terms of its frame: what is needed below it, and what picked the function that it calls.
    pub fn needed_above(
        &self,
        looker: &mut Looker<'_, 'p>,
        (node, below): (&Node, &Chain),
        (edge, call): (&Edge<'p>, &'p Call),
        failure: &LocalFailure<'p>,
    ) -> Looks {
        let mut needed = Looks::default();
        for &source in &below.needs {
            for passed in passed(self, call, edge.shift, node.context, source) {
                match passed {
                    // What is passed for a variable whose type fails: its type.
                    Passed::Value(expr)
                        if looker.is_of_data()
                            && node.below.is_none()
                            && is_of_variable(failure) =>
                    {
                        needed.add(&looker.kind_of(expr));
                    }
                    // That the keyword is written is what is needed, whatever it is given.
                    Passed::Value(_) if needs_presence(failure, source) => {}
                    Passed::Value(expr) => needed.add(&looker.looks(expr)),
                    Passed::Item(expr, item) => needed.add(&looker.item_of(expr, item)),
                    // How many there are is what counts, and that is written there.
                    Passed::Made if is_of_binding(failure.kind) => {}
                    Passed::Made => {
                        for expr in put_into_star(self, call, edge.shift, node.context, source) {
                            needed.add(&looker.looks(expr));
                        }
                    }
                    Passed::Default => {}
                }
            }
        }
        needed.add(&looker.looks(&call.function));
        needed
    }

    /// Whether an evaluation was given anything for a parameter that a failure could need.
    pub fn is_told(&self, context: ContextId, source: Source, failure: &LocalFailure<'p>) -> bool {
        let context = &self.contexts[context.0 as usize];
        let Some(&argument) = context.arguments.get(source.slot.0 as usize) else {
            return false;
        };
        match *self.data(argument) {
            Data::Unknown | Data::Symbol { .. } => false,
            Data::Instance { exact, class, .. } => {
                exact || !context.is_root && !self.is_of_own_class(context, class)
            }
            Data::Class { exact, .. } => exact,
            Data::Local(id) => match context.heap.get(id.0 as usize).map(AsRef::as_ref) {
                Some(Object::Dict(dict)) if dict.rest == Some(Value::UNKNOWN) => {
                    let needs_type = source.item.is_none() && is_of_type(failure.kind);
                    needs_type
                        || source.item.is_none_or(|item| {
                            self.has_entry(dict, item) || item == failure.subject
                        }) && !dict.entries.is_empty()
                }
                Some(Object::Anything) | None => false,
                _ => true,
            },
            _ => true,
        }
    }

    /// Whether a class is the one in whose body the function stands: a method has its instances by itself, and those of a derived class by a call.
    fn is_of_own_class(&self, context: &Context<'p>, class: ClassRef) -> bool {
        let own = context.function.and_then(|function| {
            let Parent::Class(id) = self.definition(function).parent else {
                return None;
            };
            self.class_index
                .get(&(function.module, id, context.closure))
        });
        own == Some(&class)
    }

    /// Whether a parameter stands for any instance of a class, or any class derived from one, such as `self` in a method that is evaluated for all callers: what
    /// fails on it fails for each of them, whatever a test on its attributes says.
    pub fn is_any_instance(&self, context: ContextId, source: Source) -> bool {
        let arguments = &self.contexts[context.0 as usize].arguments;
        let argument = arguments.get(source.slot.0 as usize);
        argument.is_some_and(|&argument| {
            matches!(
                self.data(argument),
                Data::Instance { exact: false, .. } | Data::Class { exact: false, .. }
            )
        })
    }

    fn has_entry(&self, dict: &crate::eval::domain::state::Dict, item: Name) -> bool {
        let is_item = |key: Value| matches!(*self.data(key), Data::Str(name) if name == item);
        dict.entries.iter().any(|entry| is_item(entry.key))
    }
}

/// What an expression that fails looks at. What lacks an attribute or a method, refuses a call or cannot be unpacked does so for its type: of what an object is
/// made of nothing is needed.
fn typed<'p>(looker: &mut Looker<'_, 'p>, failure: &LocalFailure<'p>, expr: &'p Expr) -> Looks {
    let part = failure.by_type.unwrap_or(expr);
    if !looker.is_of_data() {
        return (*looker.looks(part)).clone();
    }
    if failure.by_type.is_some() {
        return looker.kind_of(part);
    }
    match (&expr.kind, failure.kind) {
        // How many parts `text.split("/")` has is a matter of the text.
        (ExprKind::Call(call), FailureKind::UnpackMismatch)
            if is_of_count(failure) && looker.is_of_builtin(call) =>
        {
            (*looker.looks(expr)).clone()
        }
        (_, FailureKind::UnpackMismatch) => looker.kind_of(expr),
        (ExprKind::Await(inner), FailureKind::NotAwaited) => looker.kind_of(inner),
        (ExprKind::Attribute { value, .. }, _) => looker.kind_of(value),
        // `f"no {name}"(name)`: a text is no function, whatever is put into it.
        (_, FailureKind::NotCallable) => looker.kind_of(expr),
        _ => (*looker.looks(expr)).clone(),
    }
}

/// Whether what is unpacked has too few or too many items.
fn is_of_count(failure: &LocalFailure<'_>) -> bool {
    let exception = failure.exception.as_deref().unwrap_or_default();
    exception.contains("values to unpack")
}

/// Whether something fails for the type of a variable as it stands.
fn is_of_variable(failure: &LocalFailure<'_>) -> bool {
    let part = failure.by_type.map(|part| &part.kind);
    matches!(part, Some(ExprKind::Name(_, Var::Local(_))))
}

/// Whether a failure needs that a keyword is there or lacks, and not what it is given.
pub fn needs_presence(failure: &LocalFailure<'_>, source: Source) -> bool {
    source.item == Some(failure.subject)
        && matches!(
            failure.kind,
            FailureKind::UnexpectedKeyword
                | FailureKind::MultipleValues
                | FailureKind::PositionalOnlyKeyword
        )
}

/// Whether a failure is that of a call whose arguments do not fit the callee's parameters, whatever they are.
const fn is_of_binding(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::UnexpectedKeyword
            | FailureKind::MissingArgument
            | FailureKind::TooManyPositionals
            | FailureKind::MultipleValues
            | FailureKind::PositionalOnlyKeyword
    )
}

/// Whether failures of a kind need no value: that nothing binds a name, or that Python lacks something, holds whatever there is.
pub const fn is_without_values(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::UndefinedName
            | FailureKind::UnboundLocal
            | FailureKind::UnsupportedSyntax
            | FailureKind::RemovedFromPython
            | FailureKind::MissingHandler
            | FailureKind::BrokenPackage
    )
}

/// Whether what fails is what the value's type cannot do: that it is a dict is enough, whatever it holds.
const fn is_of_type(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::MissingAttribute
            | FailureKind::NotCallable
            | FailureKind::NotAwaited
            | FailureKind::InvalidOperation
    )
}

/// `"".join(parts).decode`: the type of what a method of a literal text gives is the same whatever it is passed.
fn is_method_of_literal(expr: &Expr) -> bool {
    let ExprKind::Attribute { value, .. } = &expr.kind else {
        return false;
    };
    let ExprKind::Call(call) = &value.kind else {
        return false;
    };
    matches!(&call.function.kind, ExprKind::Attribute { value, .. }
        if matches!(value.kind, ExprKind::Constant(Constant::Str(_))))
}

/// `range(len(data) / 12)`, `len(data) + "px"`: whatever the values are, their types are the same, and the operation fails for those.
fn is_of_fixed_types(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Binary { left, right, .. } => has_fixed_type(left) && has_fixed_type(right),
        // A method's answer is a matter of what it is called on as well.
        ExprKind::Call(call) if matches!(call.function.kind, ExprKind::Name(..)) => {
            let mut arguments = call.arguments.iter();
            !call.arguments.is_empty()
                && arguments.all(|argument| {
                    argument.kind == ArgumentKind::Positional && has_fixed_type(&argument.value)
                })
        }
        _ => false,
    }
}

/// Whether an expression gives a value of one type, whatever the values in it are: a display, a text, what builtins such as `len` give, and what is computed of
/// those.
pub fn has_fixed_type(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Constant(_)
        | ExprKind::Joined(_)
        | ExprKind::Not(_)
        | ExprKind::Tuple(_)
        | ExprKind::List(_)
        | ExprKind::Set(_)
        | ExprKind::Dict(_) => true,
        // A text that is formatted is a text.
        ExprKind::Binary {
            op: Operator::Mod,
            left,
            ..
        } if is_text(left) => true,
        ExprKind::Binary { left, right, .. } => has_fixed_type(left) && has_fixed_type(right),
        ExprKind::Call(call) => match &call.function.kind {
            ExprKind::Name(name, Var::Global(_)) => gives_one_type(name),
            // Each method of a text gives values of one type.
            ExprKind::Attribute { value, .. } => is_text(value),
            _ => false,
        },
        _ => false,
    }
}

/// Whether an expression is a text as it stands, or one that is put together there.
const fn is_text(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Constant(Constant::Str(_)) | ExprKind::Joined(_)
    )
}

/// What a decision of a body rests on.
pub fn decided_by(decision: crate::eval::interpreter::frame::Decision) -> Looks {
    use crate::eval::interpreter::frame::Decision;
    let source = match decision {
        Decision::Parameter(slot) => Source { slot, item: None },
        Decision::Key(slot, key) => Source {
            slot,
            item: Some(key),
        },
    };
    Looks {
        sources: vec![source],
        ..Looks::default()
    }
}

/// The arguments that a refused call needs, beside what is called.
pub fn needed_arguments<'p>(
    looker: &mut Looker<'_, 'p>,
    call: &'p Call,
    failure: &LocalFailure<'p>,
) -> Looks {
    let mut needed = Looks::default();
    let is_written = |argument: &Argument| argument.kind == ArgumentKind::Keyword(failure.subject);
    // What is passed twice is written and comes with the stars as well.
    let is_twice = failure.kind == FailureKind::MultipleValues;
    let stars_only = call.arguments.iter().any(is_written);
    for argument in &call.arguments {
        match argument.kind {
            ArgumentKind::DoubleStar if is_twice || !stars_only => {
                needed.add(&looker.item_of(&argument.value, failure.subject));
            }
            ArgumentKind::Star if failure.kind != FailureKind::UnexpectedKeyword => {
                needed.add(&looker.looks(&argument.value));
            }
            _ => {}
        }
    }
    needed
}
