//! Which parameters decide something: how functions hand what they are passed on, by name.

use rustc_hash::FxHashMap;

use crate::name::Name;
use crate::syntax::ir::{
    ArgumentKind, Call, Comparison, Constant, Expr, ExprKind, Function, JoinedPart, Module,
    ParameterKind, Parent, Slot, StmtKind, Var,
};
use crate::syntax::visit::{self, Parts};

use crate::eval::survey::Survey;

/// How a function hands one of its parameters (or keywords) on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    /// The parameter or keyword.
    pub from: Name,
    /// Where to.
    pub to: Target,
}

/// Where a function hands something on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// It decides something here.
    Decides,
    /// As this keyword.
    Keyword(Name),
    /// As positional number `.1` to a function called by this bare name.
    Positional(Name, usize),
}

/// The bare name that a function of a module is called by.
pub fn called(ir: &Module, function: &Function) -> Name {
    match function.parent {
        Parent::Class(class) if function.name.as_str() == "__init__" => ir[class].name,
        _ => function.name,
    }
}

impl Survey {
    /// Closes the set of deciding names over the calls that hand values on.
    pub fn settle_flows(&mut self, flows: &[&Flow], parameters: &FxHashMap<Name, Vec<&Function>>) {
        loop {
            let before = self.deciding.len();
            for flow in flows {
                if self.deciding.contains(&flow.from) {
                    continue;
                }
                let decides = match &flow.to {
                    Target::Decides => true,
                    Target::Keyword(keyword) => self.deciding.contains(keyword),
                    Target::Positional(callee, index) => match parameters.get(callee) {
                        None => false,
                        Some(functions) => functions.iter().any(|function| {
                            let is_method = matches!(function.parent, Parent::Class(_));
                            let index = index + usize::from(is_method);
                            // One that takes less is not what is called, unless it takes any number.
                            let mut taken = function.params.iter().enumerate();
                            taken.any(|(position, p)| match p.kind {
                                ParameterKind::VarPositional => position <= index,
                                _ => position == index && self.deciding.contains(&p.name),
                            })
                        }),
                    },
                };
                if decides {
                    self.deciding.insert(flow.from);
                }
            }
            if self.deciding.len() == before {
                break;
            }
        }
    }
}

/// Finds which parameters and keywords of one function decide something, or are handed on to where they may.
pub fn collect_flows(function: &Function, parts: &Parts<'_>, flows: &mut Vec<Flow>) {
    let mut sources: FxHashMap<Slot, Vec<Name>> = FxHashMap::default();
    for (index, parameter) in function.params.iter().enumerate() {
        let slot = Slot(u32::try_from(index).unwrap_or(u32::MAX));
        sources.entry(slot).or_default().push(parameter.name);
    }
    // A variable carries what the variables and keywords in its assignments carry.
    for _ in 0..2 {
        let mut is_settled = true;
        parts.statements.iter().for_each(|stmt| {
            let (targets, value) = match &stmt.kind {
                StmtKind::Assign { targets, value } => (targets.as_slice(), value),
                StmtKind::AnnAssign {
                    target,
                    value: Some(value),
                    ..
                } => (std::slice::from_ref(target), value),
                _ => return,
            };
            let carried = carried(value, &sources);
            if carried.is_empty() {
                return;
            }
            for target in targets {
                visit::expressions(target, &mut |expr| {
                    if let ExprKind::Name(_, Var::Local(slot)) = expr.kind {
                        let known = sources.entry(slot).or_default();
                        for &name in &carried {
                            if known.len() < 8 && !known.contains(&name) {
                                known.push(name);
                                is_settled = false;
                            }
                        }
                    }
                });
            }
        });
        if is_settled {
            break;
        }
    }
    let mut add = |expr: &Expr, to: &dyn Fn() -> Target| {
        for from in carried(expr, &sources) {
            flows.push(Flow { from, to: to() });
        }
    };
    let mut free = Vec::new();
    parts.statements.iter().for_each(|stmt| {
        if let StmtKind::Match { subject, .. } = &stmt.kind {
            add(subject, &|| Target::Decides);
        }
    });
    parts.expressions.iter().for_each(|expr| match &expr.kind {
        ExprKind::Subscript { index, .. } => {
            add(index, &|| Target::Decides);
            // `def operation(name): def register(func): TABLE[name] = func`.
            if let ExprKind::Name(name, Var::Free { .. }) = index.kind {
                free.push(name);
            }
        }
        ExprKind::Compare { left, rest } => {
            for (op, right) in rest {
                match op {
                    Comparison::Eq | Comparison::NotEq => {
                        add(left, &|| Target::Decides);
                        add(right, &|| Target::Decides);
                    }
                    // What a text contains is no route's name.
                    Comparison::In | Comparison::NotIn => add(left, &|| Target::Decides),
                    _ => {}
                }
            }
        }
        ExprKind::Call(call) => call_flows(call, &mut add),
        _ => {}
    });
    flows.extend(free.into_iter().map(|from| Flow {
        from,
        to: Target::Decides,
    }));
}

fn call_flows(call: &Call, add: &mut dyn FnMut(&Expr, &dyn Fn() -> Target)) {
    let callee = match &call.function.kind {
        ExprKind::Name(name, Var::Global(_)) => Some(*name),
        ExprKind::Attribute { attribute, .. } => Some(*attribute),
        _ => None,
    };
    let looks_up = callee.is_some_and(|name| {
        matches!(
            name.as_str(),
            "getattr"
                | "hasattr"
                | "import_module"
                | "__import__"
                | "get"
                | "pop"
                | "setdefault"
                | "startswith"
                | "endswith"
        )
    });
    let mut position = 0;
    for argument in &call.arguments {
        match argument.kind {
            ArgumentKind::Keyword(name) => add(&argument.value, &|| Target::Keyword(name)),
            ArgumentKind::Positional => {
                let index = position;
                position += 1;
                match callee {
                    Some(name) if !looks_up => {
                        add(&argument.value, &|| Target::Positional(name, index));
                    }
                    _ => add(&argument.value, &|| Target::Decides),
                }
            }
            ArgumentKind::Star | ArgumentKind::DoubleStar => {}
        }
    }
}

/// The parameters and keywords whose text `expr` carries.
fn carried(expr: &Expr, sources: &FxHashMap<Slot, Vec<Name>>) -> Vec<Name> {
    let mut found = Vec::new();
    collect_carried(expr, sources, &mut found);
    found
}

fn collect_carried(expr: &Expr, sources: &FxHashMap<Slot, Vec<Name>>, found: &mut Vec<Name>) {
    match &expr.kind {
        ExprKind::Name(_, Var::Local(slot)) => {
            found.extend(sources.get(slot).into_iter().flatten());
        }
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            for item in items {
                collect_carried(item, sources, found);
            }
        }
        ExprKind::Joined(parts) => {
            for part in parts {
                if let JoinedPart::Value { value, .. } = part {
                    collect_carried(value, sources, found);
                }
            }
        }
        ExprKind::Binary { left, right, .. } => {
            collect_carried(left, sources, found);
            collect_carried(right, sources, found);
        }
        ExprKind::Bool { values, .. } => values
            .iter()
            .for_each(|value| collect_carried(value, sources, found)),
        ExprKind::If { body, orelse, .. } => {
            collect_carried(body, sources, found);
            collect_carried(orelse, sources, found);
        }
        ExprKind::Attribute {
            value, attribute, ..
        } if matches!(attribute.as_str(), "value" | "name") => {
            collect_carried(value, sources, found);
        }
        // `operation.upper()`, `str(operation)`, `kwargs.get('operation')`, `'do_{}'.format(operation)`.
        ExprKind::Call(call) => {
            if let ExprKind::Attribute {
                value, attribute, ..
            } = &call.function.kind
            {
                if matches!(attribute.as_str(), "get" | "pop" | "setdefault") {
                    if let Some(ExprKind::Constant(Constant::Str(key))) =
                        call.arguments.first().map(|argument| &argument.value.kind)
                    {
                        found.push(*key);
                    }
                } else {
                    collect_carried(value, sources, found);
                }
            }
            let is_made_of_arguments = match &call.function.kind {
                ExprKind::Name(name, _) => name.as_str() == "str",
                // `"cmd_{}".format(operation)`, `"_".join(parts)`.
                ExprKind::Attribute { value, .. } => {
                    matches!(value.kind, ExprKind::Constant(Constant::Str(_)))
                }
                _ => false,
            };
            if is_made_of_arguments {
                call.arguments
                    .iter()
                    .for_each(|argument| collect_carried(&argument.value, sources, found));
            }
        }
        ExprKind::Subscript { index, .. } => {
            if let ExprKind::Constant(Constant::Str(key)) = index.kind {
                found.push(key);
            }
        }
        ExprKind::Walrus { value, .. } => collect_carried(value, sources, found),
        _ => {}
    }
}
