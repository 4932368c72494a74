//! What an expression in a method is, whoever calls the method: its local variables are followed to what they are assigned, and its parameters to what the tree's
//! calls of a method of that name pass.

use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{
    ArgumentKind, Call, Constant, Expr, ExprKind, Function, Parameter, ParameterKind, Parent,
    Range, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::value::{Data, FunctionRef, Value};
use crate::eval::objects::kept::Keeper;
use crate::eval::objects::mro::Ancestor;
use crate::eval::survey::contents::{CallSite, Contents};

/// Calls of a method beyond this many are not followed: so common a name means many things.
const CALLS: usize = 64;

/// Where an expression stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The function.
    pub function: FunctionRef,
    /// What its first parameter is, if it is a method.
    pub receiver: Option<Value>,
    /// The attribute for whose sake it is asked.
    pub keeper: Keeper,
}

impl<'p> Evaluator<'p> {
    /// What an expression is, following variables `steps` times.
    pub fn value_for_callers(&mut self, place: Place, expr: &'p Expr, steps: u32) -> Value {
        let mut known = Vec::new();
        self.follow(place, expr, steps, &mut known);
        self.probe_with(place.function, None, place.receiver, expr, &known)
    }

    /// Works out the variables that an expression names, as far as one assignment alone binds them.
    fn follow(&mut self, place: Place, expr: &'p Expr, steps: u32, known: &mut Vec<(Slot, Value)>) {
        let definition = self.definition(place.function);
        let mut slots = Vec::new();
        visit::expressions(expr, &mut |expr| {
            if let ExprKind::Name(_, Var::Local(slot)) = expr.kind {
                slots.push(slot);
            }
        });
        for slot in slots {
            let is_receiver = slot == Slot(0) && place.receiver.is_some();
            if is_receiver || known.iter().any(|&(other, _)| other == slot) {
                continue;
            }
            let at = known.len();
            known.push((slot, Value::UNKNOWN));
            if steps == 0 {
                continue;
            }
            known[at].1 = match (
                definition.params.get(slot.0 as usize),
                assigned_once(definition, slot),
            ) {
                (None, Some(value)) => {
                    self.follow(place, value, steps - 1, known);
                    self.probe_with(place.function, None, place.receiver, value, known)
                }
                (Some(parameter), None) if !is_bound(definition, slot) => self
                    .passed_by_all(place, (slot, parameter), steps - 1)
                    .unwrap_or(Value::UNKNOWN),
                _ => Value::UNKNOWN,
            };
        }
    }

    /// What all calls of a method of that name pass for a parameter; none: anything.
    fn passed_by_all(
        &mut self,
        place: Place,
        (slot, parameter): (Slot, &'p Parameter),
        steps: u32,
    ) -> Option<Value> {
        let definition = self.definition(place.function);
        let method = definition.name;
        let is_method = matches!(definition.parent, Parent::Class(_)) && place.receiver.is_some();
        // Special methods are called by what has no name.
        let is_plain = definition.decorators.is_empty() && !method.as_str().starts_with("__");
        if parameter.kind != ParameterKind::PositionalOrKeyword || !is_method || !is_plain {
            return None;
        }
        if self.may_be_called_outside(place.keeper) {
            return None;
        }
        let sites = self.calls_of(place.keeper, method)?;
        let (mut all, mut is_met): (Option<Value>, bool) = (None, false);
        for (module, site) in sites {
            let call = self.call_at(module, site)?;
            match self.callee_of(place.keeper, (module, site), call, steps) {
                Callee::Other => continue,
                Callee::This => is_met = true,
                Callee::Unknown => {}
            }
            let value = match given(call, slot.0 as usize, parameter)? {
                Given::Nothing => continue,
                Given::Default => default_of(parameter)?,
                Given::Argument(value) => {
                    self.value_in_caller(place.keeper, (module, site), value, steps)?
                }
            };
            if self.values.is_open(value) {
                return None;
            }
            all = Some(all.map_or(value, |all| self.values.join(all, value)));
        }
        // Else they may all be calls of something else that is called so, and others call this.
        all.filter(|_| is_met)
    }

    /// Whether code outside the tree may call methods of a class: it derives from what is there.
    fn may_be_called_outside(&self, keeper: Keeper) -> bool {
        let mut mro = self.class(keeper.class).mro.iter();
        mro.any(|ancestor| match ancestor {
            Ancestor::Tree(_) => false,
            Ancestor::External(name) => name.as_str() != "builtins.object",
            Ancestor::Unknown => true,
        })
    }

    /// Whose method a call calls.
    fn callee_of(
        &mut self,
        keeper: Keeper,
        (module, site): (ModuleId, CallSite),
        call: &'p Call,
        steps: u32,
    ) -> Callee {
        let ExprKind::Attribute { value, .. } = &call.function.kind else {
            return Callee::Unknown;
        };
        if site.owner.is_some() {
            return Callee::This;
        }
        let Some(receiver) = self.value_in_caller(keeper, (module, site), value, steps) else {
            return Callee::Unknown;
        };
        let mut found = Callee::Other;
        for receiver in self.values.alternatives(receiver) {
            match *self.data(receiver) {
                Data::Instance { class, .. } | Data::Class { class, .. } => {
                    let (module, id) = (self.class(class).module, self.class(class).id);
                    if self.shares_attribute(keeper, module, id) {
                        return Callee::This;
                    }
                }
                Data::None
                | Data::Shared(_)
                | Data::Of(_)
                | Data::Str(_)
                | Data::Module(_)
                | Data::External(_) => {}
                _ => found = Callee::Unknown,
            }
        }
        found
    }

    /// The calls in the tree of a method that is called so, on what may be an object with the attribute; none: it may be called in other ways.
    fn calls_of(&self, keeper: Keeper, method: Name) -> Option<Vec<(ModuleId, CallSite)>> {
        let mut sites = Vec::new();
        for module in self.program.module_ids() {
            let contents = Contents::of(&self.program.module(module).ir);
            if contents.leaks(method, false, |_| true) {
                return None;
            }
            let calls = contents.calls(method).iter().copied();
            sites.extend(
                calls
                    .filter(|site| {
                        site.owner
                            .is_none_or(|owner| self.shares_attribute(keeper, module, owner))
                    })
                    .map(|site| (module, site)),
            );
            if sites.len() > CALLS {
                return None;
            }
        }
        (!sites.is_empty()).then_some(sites)
    }

    /// The call that stands there.
    fn call_at(&self, module: ModuleId, site: CallSite) -> Option<&'p Call> {
        let ir = &self.program.module(module).ir;
        let body = match site.function {
            Some(function) => &ir[function].body,
            None => &ir.body,
        };
        match &expression_in(body, site.call)?.kind {
            ExprKind::Call(call) => Some(call),
            _ => None,
        }
    }

    /// What an argument is where a call stands.
    fn value_in_caller(
        &mut self,
        keeper: Keeper,
        (module, site): (ModuleId, CallSite),
        expr: &'p Expr,
        steps: u32,
    ) -> Option<Value> {
        let Some(id) = site.function else {
            // Code that runs once: what a name of the module means does not change, as far as that is known.
            return match expr.kind {
                ExprKind::Name(name, _) => Some(self.variable(module, name)),
                _ => None,
            };
        };
        let function = FunctionRef { module, id };
        let place = self.place_in(function, keeper)?;
        Some(self.value_for_callers(place, expr, steps))
    }
}

/// Whose method a call calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Callee {
    /// One of an object that may have the attribute.
    This,
    /// One of something else.
    Other,
    /// That cannot be told.
    Unknown,
}

/// What a call gives for a parameter.
enum Given<'p> {
    /// It does not fit the method: it is one of another class.
    Nothing,
    /// Nothing, so that it has its default.
    Default,
    /// This.
    Argument(&'p Expr),
}

/// What a call gives for the parameter of a method at this place, `self` being the first; none: that cannot be told.
fn given<'p>(call: &'p Call, at: usize, parameter: &Parameter) -> Option<Given<'p>> {
    let mut positionals = Vec::new();
    for argument in &call.arguments {
        match argument.kind {
            ArgumentKind::Positional => positionals.push(&argument.value),
            ArgumentKind::Keyword(name) if name == parameter.name => {
                return Some(Given::Argument(&argument.value));
            }
            ArgumentKind::Keyword(_) => {}
            ArgumentKind::Star | ArgumentKind::DoubleStar => return None,
        }
    }
    Some(match positionals.get(at.checked_sub(1)?) {
        Some(value) => Given::Argument(value),
        None if parameter.default.is_some() => Given::Default,
        None => Given::Nothing,
    })
}

/// The default of a parameter, if it is `None`.
fn default_of(parameter: &Parameter) -> Option<Value> {
    match parameter.default.as_ref()?.kind {
        ExprKind::Constant(Constant::None) => Some(Value::NONE),
        _ => None,
    }
}

/// The expression of a function's body that stands there.
pub fn expression_at(function: &Function, range: Range) -> Option<&Expr> {
    expression_in(&function.body, range)
}

fn expression_in(body: &[Stmt], range: Range) -> Option<&Expr> {
    let mut found = None;
    visit::all_expressions(body, &mut |expr| {
        if found.is_none() && expr.range == range {
            found = Some(expr);
        }
    });
    found
}

/// Whether a function binds a parameter of its own anew.
fn is_bound(function: &Function, slot: Slot) -> bool {
    let mut found = false;
    visit::statements(&function.body, &mut |stmt| {
        found |= binds(stmt, slot) || assigns(stmt, slot).is_some();
    });
    found
}

/// The value that a statement plainly assigns to a local variable.
fn assigns(stmt: &Stmt, slot: Slot) -> Option<&Expr> {
    match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            let mut targets = targets.iter();
            targets
                .any(|target| matches!(target.kind, ExprKind::Name(_, Var::Local(found)) if found == slot))
                .then_some(value)
        }
        _ => None,
    }
}

/// What a local variable is assigned, if one plain assignment alone binds it.
fn assigned_once(function: &Function, slot: Slot) -> Option<&Expr> {
    if function.scope.slots.get(slot.0 as usize)?.captured {
        return None;
    }
    let mut found = Vec::new();
    visit::statements(&function.body, &mut |stmt| match assigns(stmt, slot) {
        Some(value) => found.push(Some(value)),
        None if binds(stmt, slot) => found.push(None),
        None => {}
    });
    visit::all_expressions(&function.body, &mut |expr| {
        if let ExprKind::Walrus { var, .. } = expr.kind
            && var == Var::Local(slot)
        {
            found.push(None);
        }
    });
    match found.as_slice() {
        [only] => *only,
        _ => None,
    }
}

/// Whether a statement binds a local variable, or unbinds it.
fn binds(stmt: &Stmt, slot: Slot) -> bool {
    let is_var = |var: &Var| *var == Var::Local(slot);
    let mut found = false;
    let mut target = |target: &Expr| {
        visit::expressions(target, &mut |expr| {
            found |= matches!(&expr.kind, ExprKind::Name(_, var) if is_var(var));
        });
    };
    match &stmt.kind {
        StmtKind::Assign { targets, .. } => {
            for each in targets.iter().filter(|each| takes_apart(each)) {
                target(each);
            }
        }
        StmtKind::Delete(targets) => targets.iter().for_each(target),
        StmtKind::AugAssign { target: each, .. }
        | StmtKind::AnnAssign { target: each, .. }
        | StmtKind::For { target: each, .. } => target(each),
        StmtKind::With { items, .. } => {
            for each in items.iter().filter_map(|item| item.target.as_ref()) {
                target(each);
            }
        }
        StmtKind::Try { handlers, .. } => {
            found = handlers
                .iter()
                .any(|handler| handler.var.as_ref().is_some_and(is_var));
        }
        StmtKind::FunctionDef { var, .. } | StmtKind::ClassDef { var, .. } => found = is_var(var),
        StmtKind::Import(import) => found = is_var(&import.var),
        StmtKind::ImportFrom(import) => found = import.names.iter().any(|name| is_var(&name.var)),
        StmtKind::Match { cases, .. } => {
            for case in cases {
                visit::captures(&case.pattern, &mut |var| found |= is_var(&var));
            }
        }
        _ => {}
    }
    found
}

const fn takes_apart(target: &Expr) -> bool {
    matches!(
        target.kind,
        ExprKind::Tuple(_) | ExprKind::List(_) | ExprKind::Starred(_)
    )
}
