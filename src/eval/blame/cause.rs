//! Where the cause of a failure is written: the keyword, the name, the call, looked for in one frame after the other.

use crate::facts::Place;
use crate::name::Name;
use crate::syntax::ir::{
    ArgumentKind, Call, Constant, Expr, ExprKind, ParameterKind, Range, Slot, StmtKind, Var,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::blame::origin::Origin;
use crate::eval::blame::trace::{Node, Search, has_double_star, literal_in};
use crate::eval::domain::value::{ContextId, FunctionRef};
use crate::eval::interpreter::frame::{Edge, Owner};

impl<'p> Evaluator<'p> {
    pub fn search_in_caller(&self, node: &Node, caller: ContextId, edge: &Edge<'p>) -> Search {
        let here = || Search::Found(self.place(caller, edge.range), caller);
        let Some(call) = edge.call else {
            return if matches!(node.search, Search::Found(..)) {
                node.search
            } else {
                here()
            };
        };
        match node.search {
            Search::Found(..) => node.search,
            Search::Keyword(keyword) => self.find_keyword(caller, call, keyword, edge.range),
            Search::Shape => self.find_shape(caller, call, edge.range),
            Search::Parameter(slot) => match self.passed(node.context, slot, edge, call) {
                Some(argument) => self.find_value(caller, argument),
                None => match self.parameter_name(node.context, slot) {
                    Some(name) if has_double_star(call) => {
                        self.find_keyword(caller, call, name, edge.range)
                    }
                    _ => here(),
                },
            },
            Search::Dict(slot) => {
                if self.is_var_keyword(node.context, slot) {
                    return self.find_shape(caller, call, edge.range);
                }
                match self
                    .passed(node.context, slot, edge, call)
                    .map(|argument| &argument.kind)
                {
                    Some(ExprKind::Name(_, Var::Local(slot)))
                        if self.is_parameter(caller, *slot) =>
                    {
                        Search::Dict(*slot)
                    }
                    _ => here(),
                }
            }
        }
    }

    /// Where a keyword comes from that a call passes on.
    pub fn find_keyword(
        &self,
        context: ContextId,
        call: &Call,
        keyword: Name,
        range: Range,
    ) -> Search {
        for argument in &call.arguments {
            if argument.kind == ArgumentKind::Keyword(keyword) {
                return Search::Found(self.place(context, argument.range), context);
            }
        }
        match self.origin_of_key(context, call, keyword) {
            Some(Origin::Written(place, owner)) => return Search::Found(place, owner),
            Some(Origin::Caller) => return Search::Keyword(keyword),
            None => {}
        }
        // What reaches the call could not be followed. It is no guess where only one place of the body writes the key.
        if let Some(found) = self.written_key(context, keyword) {
            return Search::Found(self.place(context, found), context);
        }
        let passes_on = call.arguments.iter().any(|argument| {
            argument.kind == ArgumentKind::DoubleStar
                && self.comes_from_caller(context, &argument.value)
        });
        if passes_on {
            Search::Keyword(keyword)
        } else {
            Search::Found(self.place(context, range), context)
        }
    }

    /// Where a call is written whose arguments are too few or too many.
    pub fn find_shape(&self, context: ContextId, call: &Call, range: Range) -> Search {
        let passes_on = call.arguments.iter().any(|argument| {
            matches!(argument.kind, ArgumentKind::DoubleStar | ArgumentKind::Star)
                && self.comes_from_caller(context, &argument.value)
        });
        if passes_on {
            Search::Shape
        } else {
            Search::Found(self.place(context, range), context)
        }
    }

    pub fn find_value(&self, context: ContextId, argument: &Expr) -> Search {
        match argument.kind {
            ExprKind::Name(_, Var::Local(slot)) if self.is_parameter(context, slot) => {
                Search::Parameter(slot)
            }
            _ => Search::Found(self.place(context, argument.range), context),
        }
    }

    /// Whether an expression gives what the caller passed: a parameter, or something made of one.
    pub fn comes_from_caller(&self, context: ContextId, expr: &Expr) -> bool {
        let mut found = false;
        let Owner::Function(function) = self.contexts[context.0 as usize].owner else {
            return false;
        };
        let mut ask = |expr: &Expr| {
            if let ExprKind::Name(_, Var::Local(slot)) = expr.kind {
                found |= (slot.0 as usize) < function.params.len();
            }
        };
        visit::expressions(expr, &mut ask);
        if found {
            return true;
        }
        // `merged = {**kwargs}`, then `f(**merged)`.
        if let ExprKind::Name(_, Var::Local(slot)) = expr.kind {
            visit::statements(&function.body, &mut |stmt| {
                if let StmtKind::Assign { targets, value } = &stmt.kind
                    && targets.iter().any(|target| matches!(target.kind, ExprKind::Name(_, Var::Local(at)) if at == slot))
                {
                    visit::expressions(value, &mut |expr| {
                        if let ExprKind::Name(_, Var::Local(slot)) = expr.kind {
                            found |= (slot.0 as usize) < function.params.len();
                        }
                    });
                }
            });
        }
        found
    }

    /// The argument that fills a parameter of the callee.
    pub fn passed<'c>(
        &self,
        callee: ContextId,
        slot: Slot,
        edge: &Edge<'p>,
        call: &'c Call,
    ) -> Option<&'c Expr> {
        let name = self.parameter_name(callee, slot)?;
        if let Some(argument) = call
            .arguments
            .iter()
            .find(|argument| argument.kind == ArgumentKind::Keyword(name))
        {
            return Some(&argument.value);
        }
        let index = slot.0.checked_sub(edge.shift)? as usize;
        let positionals = call
            .arguments
            .iter()
            .take_while(|argument| argument.kind != ArgumentKind::Star);
        let mut positionals =
            positionals.filter(|argument| argument.kind == ArgumentKind::Positional);
        positionals.nth(index).map(|argument| &argument.value)
    }

    pub fn parameter_name(&self, context: ContextId, slot: Slot) -> Option<Name> {
        match self.contexts[context.0 as usize].owner {
            Owner::Function(function) => function
                .params
                .get(slot.0 as usize)
                .map(|parameter| parameter.name),
            _ => None,
        }
    }

    /// Whether a function takes `**kwargs`, as what dispatches does, even where no registry leads to it.
    pub fn takes_keywords(&self, function: FunctionRef) -> bool {
        let last = self.definition(function).params.last();
        last.is_some_and(|last| last.kind == ParameterKind::VarKeyword)
    }

    pub fn has_parameter(&self, context: ContextId, name: Name) -> bool {
        match self.contexts[context.0 as usize].owner {
            Owner::Function(function) => function.params.iter().any(|parameter| {
                parameter.name == name && parameter.kind != ParameterKind::VarKeyword
            }),
            _ => false,
        }
    }

    pub fn is_parameter(&self, context: ContextId, slot: Slot) -> bool {
        self.parameter_name(context, slot).is_some()
    }

    pub fn is_var_keyword(&self, context: ContextId, slot: Slot) -> bool {
        match self.contexts[context.0 as usize].owner {
            Owner::Function(function) => function
                .params
                .get(slot.0 as usize)
                .is_some_and(|parameter| parameter.kind == ParameterKind::VarKeyword),
            _ => false,
        }
    }

    /// The one place where a body writes `key` into some dict: as an item, in a display, by `update` or `setdefault`. None if there are several.
    pub fn written_key(&self, context: ContextId, key: Name) -> Option<Range> {
        let body = self.body(context);
        let mut found = Vec::new();
        let is_key = |expr: &Expr| matches!(expr.kind, ExprKind::Constant(Constant::Str(text)) if text == key);
        visit::statements(body, &mut |stmt| {
            if let StmtKind::Assign { targets, .. } = &stmt.kind {
                for target in targets {
                    if let ExprKind::Subscript { index, .. } = &target.kind
                        && is_key(index)
                    {
                        found.push(stmt.range);
                    }
                }
            }
        });
        visit::all_expressions(body, &mut |expr| match &expr.kind {
            ExprKind::Dict(items) => {
                for item in items {
                    if let Some(written) = item.key.as_ref().filter(|written| is_key(written)) {
                        found.push(Range::new(written.range.start, item.value.range.end));
                    }
                }
            }
            ExprKind::Call(call) => {
                let name = match &call.function.kind {
                    ExprKind::Attribute { attribute, .. } => attribute.as_str(),
                    ExprKind::Name(name, _) => name.as_str(),
                    _ => return,
                };
                let first = call.arguments.first();
                if name == "setdefault" && first.is_some_and(|argument| is_key(&argument.value)) {
                    found.push(expr.range);
                }
                if matches!(name, "update" | "dict" | "partial") {
                    for argument in &call.arguments {
                        if argument.kind == ArgumentKind::Keyword(key) {
                            found.push(argument.range);
                        }
                    }
                }
            }
            _ => {}
        });
        match found.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// Where a text is written that a table holds: in what reaches the look-up, or in the module whose code looks it up, or else anywhere.
    pub fn written(&self, context: ContextId, text: Name, otherwise: Range) -> Place {
        if let Some(place) = self.origin_of_text(context, otherwise, text) {
            return place;
        }
        let own = self.contexts[context.0 as usize].module;
        let mut found = literal_in(&self.program.module(own).ir, text).map(|range| Place {
            file: self.program.module(own).file,
            range,
        });
        if found.is_none() {
            found = self.program.modules().iter().find_map(|module| {
                literal_in(&module.ir, text).map(|range| Place {
                    file: module.file,
                    range,
                })
            });
        }
        found.unwrap_or_else(|| self.place(context, otherwise))
    }
}
