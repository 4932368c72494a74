//! Values that an option can have: what a parser of command lines refuses comes to no test. After `if args.command == "build"` for each command that the parser knows,
//! nothing is left for the `else` (library reference, `argparse`, "Sub-commands" and "choices"; `getopt`).

use crate::name::Name;
use crate::syntax::ir::{
    Argument, ArgumentKind, Call, Constant, Expr, ExprKind, Module, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

/// The texts that an expression can be, if a parser of command lines says so; true: or None.
pub(super) fn choices_of(ir: &Module, body: &[Stmt], subject: &Expr) -> Option<(Vec<Name>, bool)> {
    match &subject.kind {
        ExprKind::Attribute { attribute, .. } => parsed(ir, *attribute),
        ExprKind::Name(_, var) => letters(body, *var).map(|letters| (letters, false)),
        _ => None,
    }
}

/// The commands that go under an attribute of what `argparse` gives, all of them in this module and written out.
fn parsed(ir: &Module, attribute: Name) -> Option<(Vec<Name>, bool)> {
    let mut commands = Some(Vec::new());
    let mut groups = 0;
    let mut is_this = false;
    let mut is_required = false;
    let mut choices = None;
    each_call(ir, &mut |call| {
        let ExprKind::Attribute {
            attribute: called, ..
        } = &call.function.kind
        else {
            return;
        };
        match called.as_str() {
            "add_subparsers" => {
                groups += 1;
                is_this |= text(keyword(call, "dest")) == Some(attribute);
                is_required |= keyword(call, "required").is_some_and(is_true);
            }
            "add_parser" => match (text(positional(call)), keyword(call, "aliases")) {
                (Some(name), None) => commands.iter_mut().for_each(|all| all.push(name)),
                _ => commands = None,
            },
            "add_argument" => {
                // A positional that takes one of some, and is always there.
                if text(positional(call)) == Some(attribute)
                    && keyword(call, "nargs").is_none()
                    && let Some(given) = keyword(call, "choices")
                {
                    choices = texts(given);
                }
            }
            _ => {}
        }
    });
    if let Some(choices) = choices {
        return Some((choices, false));
    }
    let commands = commands.filter(|commands| is_this && groups == 1 && !commands.is_empty());
    commands.map(|commands| (commands, !is_required))
}

/// The options that `for opt, value in opts` goes through, where `opts, rest = getopt.getopt(arguments, "ho:", ["help"])`.
fn letters(body: &[Stmt], var: Var) -> Option<Vec<Name>> {
    let mut source = None;
    let mut found = None;
    visit::statements(body, &mut |stmt| {
        if let StmtKind::For { target, iter, .. } = &stmt.kind
            && let ExprKind::Tuple(items) = &target.kind
            && let Some(ExprKind::Name(_, bound)) = items.first().map(|item| &item.kind)
            && *bound == var
            && let ExprKind::Name(_, options) = &iter.kind
        {
            source = Some(*options);
        }
    });
    let source = source?;
    visit::statements(body, &mut |stmt| {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && let [target] = targets.as_slice()
            && let ExprKind::Tuple(items) = &target.kind
            && let Some(ExprKind::Name(_, bound)) = items.first().map(|item| &item.kind)
            && *bound == source
            && let ExprKind::Call(call) = &value.kind
        {
            found = options_of(call);
        }
    });
    found
}

/// What `getopt.getopt` takes, with the dashes that it gives them.
fn options_of(call: &Call) -> Option<Vec<Name>> {
    let called = match &call.function.kind {
        ExprKind::Attribute { attribute, .. } => *attribute,
        ExprKind::Name(name, _) => *name,
        _ => return None,
    };
    if !matches!(called.as_str(), "getopt" | "gnu_getopt") {
        return None;
    }
    let [_, short, rest @ ..] = call.arguments.as_slice() else {
        return None;
    };
    let short = text(Some(&short.value))?;
    let long = match rest {
        [] => Vec::new(),
        [long] if long.kind == ArgumentKind::Positional => texts(&long.value)?,
        _ => return None,
    };
    let short = short.as_str().chars().filter(|&letter| letter != ':');
    let short = short.map(|letter| Name::new(&format!("-{letter}")));
    let long = long
        .iter()
        .map(|name| Name::new(&format!("--{}", name.trim_end_matches('='))));
    Some(short.chain(long).collect())
}

fn each_call(ir: &Module, visit: &mut dyn FnMut(&Call)) {
    let bodies = ir.functions.iter().map(|function| &function.body);
    for body in std::iter::once(&ir.body).chain(bodies) {
        visit::all_expressions(body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind {
                visit(call);
            }
        });
    }
}

fn positional(call: &Call) -> Option<&Expr> {
    let first = call.arguments.first()?;
    (first.kind == ArgumentKind::Positional).then_some(&first.value)
}

fn keyword<'a>(call: &'a Call, name: &str) -> Option<&'a Expr> {
    let is_it = |argument: &&Argument| matches!(argument.kind, ArgumentKind::Keyword(written) if written.as_str() == name);
    call.arguments
        .iter()
        .find(is_it)
        .map(|argument| &argument.value)
}

fn text(expr: Option<&Expr>) -> Option<Name> {
    match expr?.kind {
        ExprKind::Constant(Constant::Str(text)) => Some(text),
        _ => None,
    }
}

fn texts(expr: &Expr) -> Option<Vec<Name>> {
    let (ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items)) = &expr.kind else {
        return None;
    };
    items.iter().map(|item| text(Some(item))).collect()
}

const fn is_true(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Constant(Constant::Bool(true)))
}
