//! Where something was written that reaches a place: the display that a key stands in, the text that a table holds.
//!
//! Equal displays are objects of their own, so it is not asked where a key is written somewhere, but where it is written in what reaches the
//! call: through variables, merges, module constants and what functions of the tree return. What an unknown call makes is not followed.

use crate::facts::Place;
use crate::name::Name;
use crate::syntax::ir::{
    ArgumentKind, Call, Constant, Expr, ExprKind, Operator, Range, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::state::Object;
use crate::eval::domain::value::{ContextId, Data};
use crate::eval::interpreter::frame::Owner;

/// How many steps back something is followed.
const DEPTH: u32 = 12;

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is written here, in the code of this evaluation.
    Written(Place, ContextId),
    /// The caller passes it.
    Caller,
}

/// Code that is looked at: an evaluation of a body, and the place in it before which something was written.
#[derive(Clone, Copy)]
struct At {
    context: ContextId,
    before: u32,
    depth: u32,
}

impl At {
    /// The same, one step further back; none if that is too far.
    fn back(self, context: ContextId, before: u32) -> Option<Self> {
        let depth = self.depth.checked_sub(1)?;
        Some(Self {
            context,
            before,
            depth,
        })
    }
}

impl<'p> Evaluator<'p> {
    /// Where a key was written that a call gets by its `**` arguments; none if that cannot be followed.
    pub fn origin_of_key(&self, context: ContextId, call: &Call, key: Name) -> Option<Origin> {
        let spread = call.arguments.iter();
        let spread = spread.filter(|argument| argument.kind == ArgumentKind::DoubleStar);
        spread.rev().find_map(|argument| {
            let at = At {
                context,
                before: argument.range.start,
                depth: DEPTH,
            };
            self.key_in(at, &argument.value, key)
        })
    }

    /// Where a text was written that the value of an expression is made of: what a table names.
    pub fn origin_of_text(&self, context: ContextId, range: Range, text: Name) -> Option<Place> {
        let mut whole = None;
        visit::all_expressions(self.body(context), &mut |expr| {
            if expr.range == range {
                whole = whole.or(Some(expr));
            }
        });
        let at = At {
            context,
            before: range.start,
            depth: DEPTH,
        };
        self.text_in(at, whole?, text)
    }

    /// The statements of an evaluation.
    pub fn body(&self, context: ContextId) -> &'p [Stmt] {
        let context = &self.contexts[context.0 as usize];
        match context.owner {
            Owner::Function(function) => &function.body,
            Owner::Module => &self.program.module(context.module).ir.body,
            Owner::Class(class) => &class.body,
        }
    }

    /// Where the dict that an expression gives has a key from. Of several, the one that comes last decides.
    fn key_in(&self, at: At, expr: &Expr, key: Name) -> Option<Origin> {
        let written = |range: Range| {
            let place = self.place(at.context, range);
            Some(Origin::Written(place, at.context))
        };
        let inner = |expr: &Expr| self.key_in(at.back(at.context, at.before)?, expr, key);
        match &expr.kind {
            ExprKind::Dict(items) => items.iter().rev().find_map(|item| match &item.key {
                Some(text) if is_text(text, key) => {
                    written(Range::new(text.range.start, item.value.range.end))
                }
                Some(_) => None,
                None => inner(&item.value),
            }),
            ExprKind::Call(call) => self.key_in_call(at, call, expr.range, key),
            ExprKind::Binary {
                left,
                op: Operator::BitOr,
                right,
            } => inner(right).or_else(|| inner(left)),
            ExprKind::If { body, orelse, .. } => inner(body).or_else(|| inner(orelse)),
            ExprKind::Bool { values, .. } => values.iter().find_map(inner),
            ExprKind::Walrus { value, .. } | ExprKind::Await(value) => inner(value),
            // The item of a table of dicts: of that key, if it is known.
            ExprKind::Subscript { value, index } => {
                let name = match index.kind {
                    ExprKind::Constant(Constant::Str(name)) => Some(name),
                    _ => None,
                };
                self.item_in(at, value, name, key)
            }
            ExprKind::Name(_, var) => {
                let found = self.stores(at, *var, &mut |at, store| match store {
                    Store::Value(value) => self.key_in(at, value, key),
                    Store::Item(text, range) if is_text(text, key) => {
                        let place = self.place(at.context, range);
                        Some(Origin::Written(place, at.context))
                    }
                    Store::Item(..) => None,
                    Store::Update(call, range) => self.key_in_call(at, call, range, key),
                });
                found.or_else(|| match var {
                    Var::Local(slot) if self.brings(at.context, *slot, key) => Some(Origin::Caller),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    /// The same for what a call gives, or a method adds: by its own keywords, by what it is handed, or by what the function returns.
    fn key_in_call(&self, at: At, call: &Call, range: Range, key: Name) -> Option<Origin> {
        let written = |range: Range| {
            let place = self.place(at.context, range);
            Some(Origin::Written(place, at.context))
        };
        let name = match &call.function.kind {
            ExprKind::Attribute { attribute, .. } => *attribute,
            ExprKind::Name(name, _) => *name,
            _ => return None,
        };
        if let Some(returned) = self.key_returned(at, call, key) {
            return Some(returned);
        }
        let first = call.arguments.first();
        if name.as_str() == "setdefault" {
            return match first {
                Some(first) if is_text(&first.value, key) => written(range),
                _ => None,
            };
        }
        if matches!(name.as_str(), "update" | "dict" | "partial") {
            let keyword = call.arguments.iter();
            let mut keyword =
                keyword.filter(|argument| argument.kind == ArgumentKind::Keyword(key));
            if let Some(keyword) = keyword.next() {
                return written(keyword.range);
            }
        }
        // `dict(options)`, `options.copy()`, `merged(defaults, options)`.
        let receiver = match &call.function.kind {
            ExprKind::Attribute { value, .. } => Some(&**value),
            _ => None,
        };
        let at = at.back(at.context, at.before)?;
        let handed = call.arguments.iter().rev().map(|argument| &argument.value);
        handed
            .chain(receiver.filter(|_| name.as_str() != "update"))
            .find_map(|value| self.key_in(at, value, key))
    }

    /// The same for what a function of the tree returns that is called here.
    fn key_returned(&self, at: At, call: &Call, key: Name) -> Option<Origin> {
        let edges = &self.contexts[at.context.0 as usize].edges;
        let mut edges = edges.iter().filter(|edge| {
            let made = edge.call.map(|made| &raw const *made);
            made == Some(&raw const *call)
        });
        edges.find_map(|edge| {
            let mut found = None;
            visit::statements(self.body(edge.callee), &mut |stmt| {
                if let StmtKind::Return(Some(value)) = &stmt.kind
                    && found.is_none()
                    && let Some(at) = at.back(edge.callee, stmt.range.end)
                {
                    found = self.key_in(at, value, key);
                }
            });
            // What it got from here is found among the arguments.
            found.filter(|origin| *origin != Origin::Caller)
        })
    }

    /// Where an item of a table of dicts has a key from; of any item, if none is named.
    fn item_in(&self, at: At, table: &Expr, name: Option<Name>, key: Name) -> Option<Origin> {
        match &table.kind {
            ExprKind::Dict(items) => items.iter().find_map(|item| {
                let is_meant = match (&item.key, name) {
                    (Some(text), Some(name)) => is_text(text, name),
                    (Some(_), None) => true,
                    (None, _) => false,
                };
                let at = at.back(at.context, at.before)?;
                is_meant
                    .then(|| self.key_in(at, &item.value, key))
                    .flatten()
            }),
            ExprKind::Name(_, var) => self.stores(at, *var, &mut |at, store| match store {
                Store::Value(value) => self.item_in(at, value, name, key),
                Store::Item(..) | Store::Update(..) => None,
            }),
            _ => None,
        }
    }

    fn text_in(&self, at: At, expr: &Expr, text: Name) -> Option<Place> {
        if is_text(expr, text) {
            return Some(self.place(at.context, expr.range));
        }
        if let ExprKind::Name(_, var) = expr.kind {
            return self.stores(at, var, &mut |at, store| match store {
                Store::Value(value) => self.text_in(at, value, text),
                Store::Item(..) => None,
                Store::Update(call, _) => call
                    .arguments
                    .iter()
                    .find_map(|argument| self.text_in(at, &argument.value, text)),
            });
        }
        let at = at.back(at.context, at.before)?;
        let mut found = None;
        visit::children(expr, &mut |child| {
            if found.is_none() {
                found = self.text_in(at, child, text);
            }
        });
        found
    }

    /// Asks the stores to a variable for something, the latest before the place first, then those that only a loop brings there.
    fn stores<T>(
        &self,
        at: At,
        var: Var,
        ask: &mut dyn FnMut(At, Store<'_>) -> Option<T>,
    ) -> Option<T> {
        let (context, before, slot) = self.owner_of(at, var)?;
        let mut stores: Vec<(u32, Store<'_>)> = Vec::new();
        let mut imported = None;
        visit::statements(self.body(context), &mut |stmt| {
            collect_stores(stmt, slot, &mut stores);
            if let StmtKind::ImportFrom(import) = &stmt.kind
                && let Some(name) = import
                    .names
                    .iter()
                    .find(|name| name.var == Var::Local(slot))
            {
                imported = Some((import, name.name));
            }
        });
        let (earlier, later): (Vec<_>, Vec<_>) =
            stores.into_iter().partition(|(start, _)| *start < before);
        for (start, store) in earlier.into_iter().rev().chain(later) {
            if let Some(found) = ask(at.back(context, start)?, store) {
                return Some(found);
            }
        }
        let (import, name) = imported?;
        let importer = self.contexts[context.0 as usize].module;
        let module = self.program.imported_from(importer, import)?;
        let owner = self.modules[module.0 as usize].context?;
        let var = Var::Global(name);
        self.stores(at.back(owner, u32::MAX)?, var, ask)
    }

    /// The evaluation whose variable this is, the place in its code before which it counts, and the slot.
    fn owner_of(&self, at: At, var: Var) -> Option<(ContextId, u32, Slot)> {
        let context = &self.contexts[at.context.0 as usize];
        match var {
            Var::Local(slot) => Some((at.context, at.before, slot)),
            Var::Free { up, slot } => {
                let owner = self.free_owner(context.closure, up)?;
                Some((owner, u32::MAX, slot))
            }
            Var::Global(name) => {
                let module = &self.modules[context.module.0 as usize];
                Some((module.context?, u32::MAX, *module.by_name.get(&name)?))
            }
            Var::Hidden { .. } => None,
        }
    }

    /// Whether the caller of an evaluation may have passed a key in the dict that a parameter is.
    fn brings(&self, context: ContextId, parameter: Slot, key: Name) -> bool {
        let context = &self.contexts[context.0 as usize];
        let Some(&argument) = context.arguments.get(parameter.0 as usize) else {
            return false;
        };
        let Data::Local(id) = *self.data(argument) else {
            return true;
        };
        match context.heap.get(id.0 as usize).map(AsRef::as_ref) {
            Some(Object::Dict(dict)) => {
                let has = |value| self.values.as_str(value) == Some(key);
                dict.entries.iter().any(|entry| has(entry.key))
                    || (dict.rest.is_some() && !dict.absent.iter().any(|&key| has(key)))
            }
            _ => true,
        }
    }
}

/// How a variable, or the dict that it holds, gets something.
#[derive(Clone, Copy)]
enum Store<'p> {
    /// It is assigned, or holds a part of this.
    Value(&'p Expr),
    /// `variable[key] = ..`, with the statement.
    Item(&'p Expr, Range),
    /// `variable.update(..)` or `variable.setdefault(..)`, with the whole call.
    Update(&'p Call, Range),
}

/// Collects what a statement does to a variable, blocks left aside.
fn collect_stores<'p>(stmt: &'p Stmt, slot: Slot, stores: &mut Vec<(u32, Store<'p>)>) {
    let start = stmt.range.start;
    let is_meant =
        |expr: &Expr| matches!(expr.kind, ExprKind::Name(_, Var::Local(at)) if at == slot);
    match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            for target in targets {
                if let ExprKind::Subscript { value: base, index } = &target.kind
                    && is_meant(base)
                {
                    stores.push((start, Store::Item(index, stmt.range)));
                } else if binds(target, slot) {
                    stores.push((start, Store::Value(value)));
                }
            }
        }
        StmtKind::AugAssign { target, value, .. } if is_meant(target) => {
            stores.push((start, Store::Value(value)));
        }
        StmtKind::AnnAssign {
            target,
            value: Some(value),
            ..
        } if is_meant(target) => stores.push((start, Store::Value(value))),
        StmtKind::For { target, iter, .. } if binds(target, slot) => {
            stores.push((start, Store::Value(iter)));
        }
        _ => {}
    }
    visit::direct_expressions(stmt, &mut |expr| {
        visit::expressions(expr, &mut |expr| match &expr.kind {
            ExprKind::Walrus { var, value } if *var == Var::Local(slot) => {
                stores.push((start, Store::Value(value)));
            }
            ExprKind::Comprehension(comprehension) => {
                let clauses = comprehension.clauses.iter();
                let clauses = clauses.filter(|clause| binds(&clause.target, slot));
                stores.extend(clauses.map(|clause| (start, Store::Value(&clause.iter))));
            }
            ExprKind::Call(call) => {
                if let ExprKind::Attribute {
                    value, attribute, ..
                } = &call.function.kind
                    && is_meant(value)
                    && matches!(attribute.as_str(), "update" | "setdefault")
                {
                    stores.push((start, Store::Update(call, expr.range)));
                }
            }
            _ => {}
        });
    });
}

/// Whether an assignment to a target binds a variable.
fn binds(target: &Expr, slot: Slot) -> bool {
    match &target.kind {
        ExprKind::Name(_, Var::Local(at)) => *at == slot,
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().any(|item| binds(item, slot))
        }
        ExprKind::Starred(inner) => binds(inner, slot),
        _ => false,
    }
}

fn is_text(expr: &Expr, text: Name) -> bool {
    matches!(expr.kind, ExprKind::Constant(Constant::Str(written)) if written == text)
}
