//! The calls of an evaluation, with what they pass.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bind::Shape;
use crate::eval::Evaluator;
use crate::eval::calls::arguments::shape;
use crate::eval::calls::call::Site;
use crate::eval::domain::value::ContextId;
use crate::eval::interpreter::frame::{Callee, Frame};
use crate::facts::Place;
use crate::syntax::ir;
use crate::syntax::ir::{ExprKind, Range, StmtKind};
use crate::syntax::visit;

use super::functions::length;
use super::{Access, Call, Contract, OpenRecord};

/// The calls of functions and classes of the tree, in the order of evaluation.
#[derive(Debug, Default)]
pub struct Record<'p> {
    /// The calls, each once.
    pub calls: Vec<Recorded<'p>>,
    known: FxHashSet<(ContextId, Range, Callee, Option<ContextId>, Shape)>,
    /// For each evaluation, its calls.
    by_caller: FxHashMap<ContextId, Vec<usize>>,
    /// What was not followed.
    pub(super) open: OpenRecord<'p>,
}

/// A call.
#[derive(Clone, Debug)]
pub struct Recorded<'p> {
    /// The evaluation that calls.
    pub caller: ContextId,
    /// The call expression, if it is one.
    pub call: Option<&'p ir::Call>,
    /// What calls.
    pub range: Range,
    /// What is called.
    pub callee: Callee,
    /// The evaluation of that; none if the call was refused or not followed.
    pub context: Option<ContextId>,
    /// What is passed, an instance or class that comes by itself included.
    pub shape: Shape,
    /// Positionals put before those of the call expression.
    pub shift: u32,
}

impl<'p> Record<'p> {
    /// Notes a call.
    pub fn note(
        &mut self,
        frame: &Frame<'p>,
        site: &Site<'p>,
        callee: Callee,
        context: Option<ContextId>,
        shape: Shape,
    ) {
        let key = (frame.context, site.range, callee, context, shape.clone());
        if !self.known.insert(key) {
            return;
        }
        self.by_caller
            .entry(frame.context)
            .or_default()
            .push(self.calls.len());
        self.calls.push(Recorded {
            caller: frame.context,
            call: site.call,
            range: site.range,
            callee,
            context,
            shape,
            shift: site.shift,
        });
    }

    /// The calls that an evaluation makes.
    pub fn of(&self, caller: ContextId) -> impl Iterator<Item = &Recorded<'p>> {
        let indices = self.by_caller.get(&caller).into_iter().flatten();
        indices.map(|&index| &self.calls[index])
    }
}

impl<'p> Evaluator<'p> {
    /// Notes a call, if calls are recorded.
    pub fn record_call(
        &mut self,
        frame: &Frame<'p>,
        site: &Site<'p>,
        callee: Callee,
        context: Option<ContextId>,
        actual: &crate::eval::calls::arguments::Actual,
    ) {
        if let Some(record) = &mut self.record {
            record.note(frame, site, callee, context, shape(actual));
        }
    }

    /// The dotted name of what is called.
    pub fn callee_name(&self, callee: Callee) -> String {
        match callee {
            Callee::Function(function) => self.function_name(function),
            Callee::Class(class) => {
                let class = &self.classes[class.0 as usize];
                format!(
                    "{}.{}",
                    self.program.module(class.module).name,
                    class.definition.qualname
                )
            }
        }
    }

    /// Adds to each function the calls that reach it.
    pub(super) fn contract_calls(&self, contract: &mut Contract, record: &Record<'_>) {
        let mut index: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (at, function) in contract.functions.iter().enumerate() {
            index.entry(function.name.clone()).or_default().push(at);
        }
        let uses = self.result_uses();
        for recorded in &record.calls {
            let found = index.get(&self.callee_name(recorded.callee));
            let Some(&at) = found
                .into_iter()
                .flatten()
                .find(|&&at| self.is_definition(recorded.callee, contract.functions[at].place))
            else {
                continue;
            };
            let function = &mut contract.functions[at];
            let is_bound = is_bound(function.access, recorded);
            let call = Call {
                function: self.owner_name(recorded.caller),
                place: self.place(recorded.caller, recorded.range),
                is_awaited: uses
                    .awaited
                    .contains(&self.place(recorded.caller, recorded.range)),
                is_returned: uses
                    .returned
                    .contains(&self.place(recorded.caller, recorded.range)),
                unpacked: uses
                    .unpacked
                    .get(&self.place(recorded.caller, recorded.range))
                    .copied(),
                shape: without_receiver(&recorded.shape, is_bound),
                is_bound,
            };
            if !function.calls.contains(&call) {
                function.calls.push(call);
            }
        }
        for function in &mut contract.functions {
            function
                .calls
                .sort_by(|a, b| (a.place, &a.function).cmp(&(b.place, &b.function)));
        }
    }

    /// What is done with what calls give, by the calls' places.
    fn result_uses(&self) -> ResultUses {
        let mut uses = ResultUses::default();
        for module in self.program.modules() {
            let file = module.file;
            let bodies = [&module.ir.body]
                .into_iter()
                .chain(module.ir.functions.iter().map(|function| &function.body))
                .chain(module.ir.classes.iter().map(|class| &class.body));
            for body in bodies {
                visit::statements(body, &mut |stmt| match &stmt.kind {
                    StmtKind::Return(Some(value)) => {
                        let range = value.range;
                        uses.returned.insert(Place { file, range });
                    }
                    StmtKind::Assign { targets, value } => {
                        let range = awaited(value).range;
                        let count = targets.iter().find_map(length);
                        let place = Place { file, range };
                        uses.unpacked.extend(count.map(|count| (place, count)));
                    }
                    _ => {}
                });
                visit::all_expressions(body, &mut |expr| match &expr.kind {
                    ExprKind::Await(inner) => {
                        let range = inner.range;
                        uses.awaited.insert(Place { file, range });
                    }
                    ExprKind::Call(call) if awaits(&call.function) => {
                        let ranges = call.arguments.iter().map(|argument| argument.value.range);
                        uses.awaited
                            .extend(ranges.map(|range| Place { file, range }));
                    }
                    _ => {}
                });
            }
        }
        uses
    }

    /// Whether a definition at this place is what is called: names may be defined more than once.
    fn is_definition(&self, callee: Callee, place: Place) -> bool {
        match callee {
            Callee::Function(function) => self.symbol(function).place == place,
            Callee::Class(class) => {
                self.classes[class.0 as usize].definition.name_range == place.range
            }
        }
    }
}

/// What is done with what calls give.
#[derive(Default)]
struct ResultUses {
    awaited: FxHashSet<Place>,
    returned: FxHashSet<Place>,
    unpacked: FxHashMap<Place, usize>,
}

/// What is awaited, or the expression itself.
fn awaited(expr: &ir::Expr) -> &ir::Expr {
    match &expr.kind {
        ExprKind::Await(inner) => inner,
        _ => expr,
    }
}

/// Whether a function takes coroutines to run them.
fn awaits(function: &ir::Expr) -> bool {
    let (ExprKind::Attribute {
        attribute: name, ..
    }
    | ExprKind::Name(name, _)) = &function.kind
    else {
        return false;
    };
    matches!(
        name.as_str(),
        "run"
            | "run_until_complete"
            | "create_task"
            | "ensure_future"
            | "gather"
            | "wait_for"
            | "wait"
            | "shield"
            | "run_coroutine_threadsafe"
    )
}

/// Whether the first positional came by itself.
pub fn is_bound(access: Access, recorded: &Recorded<'_>) -> bool {
    match access {
        Access::Constructor => true,
        Access::Instance | Access::Class => recorded.shift > 0 && recorded.shape.positionals > 0,
        Access::Plain | Access::Static | Access::Property => false,
    }
}

/// A shape as the call site has it.
pub fn without_receiver(shape: &Shape, is_bound: bool) -> Shape {
    Shape {
        positionals: shape.positionals.saturating_sub(u32::from(is_bound)),
        ..shape.clone()
    }
}
