//! Whether what a call makes is gone through where it is made: `list(map(f, items))`, `for x in filter(f, items)`.
//!
//! `map` and its like call their function only as somebody asks for the items. Where the call stands right inside of something that asks for one, that is certain; an iterator that is
//! kept in a variable or returned may never be gone through. Only asked where such a call fails, so that it may take its time.

use crate::eval::Evaluator;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::library::table::builtin;
use crate::program::ModuleId;
use crate::syntax::ir::{
    ArgumentKind, Call, ComprehensionKind, Constant, Expr, ExprKind, Range, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

/// What asks its first argument for an item as soon as it is called.
const DRAINS: &[&str] = &[
    "builtins.all",
    "builtins.any",
    "builtins.bytearray",
    "builtins.bytes",
    "builtins.dict",
    "builtins.frozenset",
    "builtins.list",
    "builtins.max",
    "builtins.min",
    "builtins.next",
    "builtins.set",
    "builtins.sorted",
    "builtins.sum",
    "builtins.tuple",
    "collections.Counter",
    "collections.OrderedDict",
    "collections.deque",
];

/// What asks the parameter with this number for an item when it is asked for one itself.
const PASSES_ON: &[(&str, usize)] = &[
    ("builtins.enumerate", 0),
    ("builtins.filter", 1),
    ("builtins.iter", 0),
    ("builtins.map", 1),
    ("builtins.zip", 0),
    ("itertools.chain", 0),
];

/// What becomes of the value of an expression.
enum Use {
    /// It is asked for an item at once.
    Drained,
    /// It is asked when the value of this expression is.
    PassedOn(Range),
}

impl<'p> Evaluator<'p> {
    /// Whether the iterator that the expression at `range` makes is asked for an item as soon as it is there.
    pub fn is_drained(&mut self, frame: &Frame<'p>, range: Range) -> bool {
        let mut range = range;
        loop {
            match self.use_of(frame.module, range) {
                Some(Use::Drained) => return true,
                // It stands further out each time.
                Some(Use::PassedOn(outer)) => range = outer,
                None => return false,
            }
        }
    }

    /// What is done with the value of the expression at `range`; none if that cannot be told.
    fn use_of(&mut self, module: ModuleId, range: Range) -> Option<Use> {
        let mut around: Option<&'p Expr> = None;
        let mut is_drained = false;
        self.program.module(module).ir.each_statement(|stmt| {
            is_drained |= drains_by_itself(stmt, range);
            visit::direct_expressions(stmt, &mut |expr| {
                visit::expressions(expr, &mut |expr| {
                    let mut is_inside = false;
                    each_operand(expr, &mut |operand| is_inside |= operand.range == range);
                    if is_inside {
                        around = Some(expr);
                    }
                });
            });
        });
        if is_drained {
            return Some(Use::Drained);
        }
        let around = around?;
        match &around.kind {
            ExprKind::Starred(_) => Some(Use::Drained),
            ExprKind::Comprehension(comprehension) => match comprehension.kind {
                ComprehensionKind::Generator => Some(Use::PassedOn(around.range)),
                _ => Some(Use::Drained),
            },
            ExprKind::Call(call) => self.use_as_argument(module, around, call, range),
            _ => None,
        }
    }

    fn use_as_argument(
        &mut self,
        module: ModuleId,
        around: &Expr,
        call: &Call,
        range: Range,
    ) -> Option<Use> {
        let mut arguments = call.arguments.iter();
        let at = arguments.position(|argument| argument.value.range == range)?;
        match call.arguments[at].kind {
            ArgumentKind::Star => return Some(Use::Drained),
            ArgumentKind::Positional => {}
            ArgumentKind::Keyword(_) | ArgumentKind::DoubleStar => return None,
        }
        if let ExprKind::Attribute {
            value, attribute, ..
        } = &call.function.kind
            && matches!(value.kind, ExprKind::Constant(Constant::Str(_)))
            && attribute.as_str() == "join"
        {
            return Some(Use::Drained);
        }
        let ExprKind::Name(name, Var::Global(_)) = call.function.kind else {
            return None;
        };
        let value = match self.variable(module, name) {
            Value::UNBOUND => self.values.intern(Data::External(builtin(name)?)),
            value => value,
        };
        let Data::External(name) = self.data(value) else {
            return None;
        };
        if at == 0 && DRAINS.contains(&name.as_str()) {
            return Some(Use::Drained);
        }
        let passes = PASSES_ON.contains(&(name.as_str(), at));
        passes.then_some(Use::PassedOn(around.range))
    }
}

/// Whether a statement asks the value of the expression at `range` for an item.
fn drains_by_itself(stmt: &Stmt, range: Range) -> bool {
    match &stmt.kind {
        StmtKind::For { iter, .. } => iter.range == range,
        StmtKind::Assign { targets, value } => {
            let unpacks =
                |target: &Expr| matches!(target.kind, ExprKind::Tuple(_) | ExprKind::List(_));
            value.range == range && targets.iter().any(unpacks)
        }
        _ => false,
    }
}

/// The expressions that an expression asks for items, or hands to what it calls.
fn each_operand<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    match &expr.kind {
        ExprKind::Call(call) => {
            for argument in &call.arguments {
                visit(&argument.value);
            }
        }
        ExprKind::Comprehension(comprehension) => {
            // A clause behind the first one may have no turn.
            if let Some(first) = comprehension.clauses.first() {
                visit(&first.iter);
            }
        }
        ExprKind::Starred(inner) => visit(inner),
        _ => {}
    }
}
