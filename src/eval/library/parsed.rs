//! Arguments that a parser of command lines does not take, and functions that it keeps for its result: `parser.set_defaults(func=run)`, then `args.func(args)` (the library reference, `argparse`,
//! "Parser defaults").

use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, ActualKeyword};
use crate::eval::calls::call::Site;
use crate::eval::calls::refusal::Refusal;
use crate::eval::certainty::control::detours;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::{Blame, Frame};
use crate::facts::FailureKind;
use crate::name::Name;
use crate::syntax::ir::{
    ArgumentKind, Call, Constant, Expr, ExprKind, Module, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

/// Whether a function may be one that is looked at here.
#[must_use]
pub fn is_listed(name: &str) -> bool {
    name.ends_with(".set_defaults") || adds_argument(name) || parses(name)
}

/// Whether a function is a method of a parser that reads arguments.
fn parses(name: &str) -> bool {
    let is_method = |method: &str| {
        method
            .strip_suffix("_args")
            .is_some_and(|kind| kind.starts_with("parse"))
    };
    name.starts_with("argparse.")
        && name
            .rsplit_once("().")
            .is_some_and(|(_, method)| is_method(method))
}

/// Whether a function is the method of a parser that adds an argument.
fn adds_argument(name: &str) -> bool {
    name.starts_with("argparse.") && name.ends_with("().add_argument")
}

impl<'p> Evaluator<'p> {
    /// `parser.add_argument("name", required=False)`: what is told by its place cannot be left out, and whether it is required is no question.
    pub fn refuses_argument(&self, name: &str, actual: &Actual) -> Option<Refusal> {
        if !adds_argument(name) || actual.more_positionals {
            return None;
        }
        let &[only] = actual.positionals.as_slice() else {
            return None;
        };
        let Data::Str(flag) = *self.data(only) else {
            return None;
        };
        // A parser may take other characters than `-` for the first of an option.
        let is_positional = flag.starts_with(char::is_alphanumeric);
        let required = Name::new("required");
        let is_said = actual
            .keywords
            .iter()
            .any(|keyword| keyword.name == required && keyword.certain);
        (is_positional && is_said).then(|| Refusal {
            kind: FailureKind::UnexpectedKeyword,
            subject: required,
            exception: String::from("TypeError: 'required' is an invalid argument for positionals"),
            callee: None,
            blame: Blame::Keyword(required),
        })
    }

    /// `parser.parse_args(namespace=self)`: each argument becomes an attribute of that object.
    pub fn fill_namespace(&mut self, name: &str, actual: &Actual) {
        if parses(name)
            && let Some(namespace) = actual.get(1, "namespace")
        {
            self.fill(namespace);
        }
    }

    /// `parser.set_defaults(func=run)`: a failure, if each call that this module makes of such an attribute is refused by the function, and one of them certainly is of
    /// what a parser gave. The defaults of a parser that has commands may be replaced by those of the command that is asked for.
    pub fn check_defaults(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        name: &str,
        actual: &Actual,
    ) {
        let ir = &self.program.module(frame.module).ir;
        let may_be_replaced = match name {
            "argparse.ArgumentParser().set_defaults" => commands_in(ir) > 0,
            "argparse._SubParsersAction().add_parser().set_defaults" => commands_in(ir) > 1,
            _ => return,
        };
        if may_be_replaced || self.is_graph() || site.alternative {
            return;
        }
        // Who takes the exception may do something else then.
        if self.names_any(frame, &["TypeError"]) {
            return;
        }
        for keyword in actual.keywords.iter().filter(|keyword| keyword.certain) {
            let calls = calls_of_parsed(ir, keyword.name);
            let mut refusals = calls
                .into_iter()
                .flatten()
                .map(|sent| self.refusal_of(frame, site, keyword.value, &sent));
            let first = refusals.next().flatten();
            if refusals.all(|refusal| refusal.is_some())
                && let Some(refusal) = first
            {
                self.refuse_elsewhere(frame, &site, refusal);
            }
        }
    }
}

/// How many sets of commands a module gives to parsers.
fn commands_in(ir: &Module) -> usize {
    let mut count = 0;
    let bodies = ir.functions.iter().map(|function| &function.body);
    for body in bodies.chain([&ir.body]) {
        visit::all_expressions(body, &mut |expr| {
            count += usize::from(matches!(expr.kind,
                ExprKind::Attribute { attribute, .. } if attribute.as_str() == "add_subparsers"));
        });
    }
    count
}

/// What the calls `x.name(..)` of a module pass; none if a star leaves one open, a test on `x` decides whether it is made, or no `x` certainly is what a parser gave.
fn calls_of_parsed(ir: &Module, name: Name) -> Option<Vec<Actual>> {
    let bodies = ir.functions.iter().map(|function| &function.body);
    let mut is_parsed = false;
    let mut calls = Some(Vec::new());
    for body in bodies.chain([&ir.body]) {
        let parsed = parsed_in(body);
        visit::all_expressions(body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind
                && let ExprKind::Attribute {
                    value, attribute, ..
                } = &call.function.kind
                && *attribute == name
            {
                is_parsed |= matches!(value.kind, ExprKind::Name(_, var) if parsed.contains(&var))
                    || is_parsing(value);
                let sent = sent_by(call).filter(|_| !is_asked(ir, body, (expr, value), name));
                match (calls.as_mut(), sent) {
                    (Some(calls), Some(sent)) => calls.push(sent),
                    _ => calls = None,
                }
            }
        });
    }
    calls.filter(|_| is_parsed)
}

/// The variables that a body assigns what a parser gives.
fn parsed_in(body: &[Stmt]) -> Vec<Var> {
    let mut found = Vec::new();
    visit::statements(body, &mut |stmt| {
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return;
        };
        for target in targets.iter().filter(|_| is_parsing(value)) {
            if let ExprKind::Name(_, var) = target.kind {
                found.push(var);
            }
        }
    });
    found
}

/// Whether an expression is `parser.parse_args(..)`.
fn is_parsing(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(call) => matches!(&call.function.kind,
            ExprKind::Attribute { attribute, .. } if attribute.as_str() == "parse_args"),
        _ => false,
    }
}

/// Whether a test on the way to a call asks for the object that it is made of: what it was given may be another one then. That it has the attribute says no such thing.
fn is_asked(ir: &Module, body: &[Stmt], (call, object): (&Expr, &Expr), name: Name) -> bool {
    let ExprKind::Name(_, var) = object.kind else {
        return false;
    };
    let is_it = |expr: &Expr| matches!(expr.kind, ExprKind::Name(_, found) if found == var);
    detours(ir, body, call.range).iter().any(|detour| {
        detour.asked.iter().any(|test| {
            let (mut mentions, mut presence) = (0, 0);
            visit::expressions(test, &mut |part| {
                mentions += usize::from(is_it(part));
                presence += usize::from(is_presence(part, &is_it, name));
            });
            mentions > presence
        })
    })
}

/// Whether an expression is `hasattr(x, "name")`.
fn is_presence(expr: &Expr, is_it: &dyn Fn(&Expr) -> bool, name: Name) -> bool {
    let ExprKind::Call(call) = &expr.kind else {
        return false;
    };
    let is_hasattr = matches!(&call.function.kind, ExprKind::Name(function, _) if function.as_str() == "hasattr");
    matches!(call.arguments.as_slice(), [object, asked] if is_hasattr && is_it(&object.value)
        && matches!(asked.value.kind, ExprKind::Constant(Constant::Str(text)) if text == name))
}

/// How many positionals a call passes, and which keywords; none if a star leaves that open.
fn sent_by(call: &Call) -> Option<Actual> {
    let mut sent = Actual::default();
    for argument in &call.arguments {
        match argument.kind {
            ArgumentKind::Positional => sent.positionals.push(Value::UNKNOWN),
            ArgumentKind::Keyword(name) => sent.keywords.push(ActualKeyword {
                name,
                value: Value::UNKNOWN,
                certain: true,
                forwarded: false,
            }),
            ArgumentKind::Star | ArgumentKind::DoubleStar => return None,
        }
    }
    Some(sent)
}
