//! What code puts into the containers that attributes hold, and whether any of it hands such a container on.
//!
//! `self.items = []` in one method, `self.items.append((name, size))` in another: whoever reads `self.items` in a third one gets what was put there, as long as nothing
//! else ever has the container. Each place that names the attribute puts something into it, only reads it, or leaks it.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::name::Name;
use crate::syntax::ir::{
    ArgumentKind, Call, ClassId, Constant, Expr, ExprKind, Function, FunctionId, JoinedPart,
    Module, Parent, Range, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

use super::Part;
use super::code::is_static;
use crate::python::mutators::is_mutator;

/// One item that code puts into the container of an attribute.
#[derive(Clone, Copy, Debug)]
pub struct Put {
    /// The class whose method does it to an attribute of its own `self` or `cls`; none: it is an attribute of something else.
    pub owner: Option<ClassId>,
    /// The function that does it; none: code that runs once.
    pub function: Option<FunctionId>,
    /// Where the item stands; none: it cannot be told.
    pub item: Option<Range>,
    /// Whether it is put into what is under a key of the container: `self.handlers[event].append(handler)`.
    pub is_inner: bool,
}

/// A call of a method, found by its name.
#[derive(Clone, Copy, Debug)]
pub struct CallSite {
    /// As [`Put::owner`], of the object whose method it is.
    pub owner: Option<ClassId>,
    /// The function that makes it; none: code that runs once.
    pub function: Option<FunctionId>,
    /// Where it stands.
    pub call: Range,
}

/// What one file does to the containers of attributes, by the names of these.
#[derive(Debug, Default)]
pub struct Contents {
    puts: FxHashMap<Name, Vec<Put>>,
    /// The attributes whose values go elsewhere, each with the class as in [`Put::owner`].
    leaks: FxHashSet<(Name, Option<ClassId>)>,
    /// The classes whose methods hand an attribute of their own on, or what is under a key of it.
    owners: FxHashMap<Name, Vec<ClassId>>,
    /// The attributes of which what is under a key goes elsewhere.
    inner_leaks: FxHashSet<(Name, Option<ClassId>)>,
    /// The calls of methods, by the names of these.
    calls: FxHashMap<Name, Vec<CallSite>>,
}

impl Contents {
    /// What a file does.
    #[must_use]
    pub fn of(ir: &Module) -> &Self {
        Part::of(ir).contents.get_or_init(|| Self::work_out(ir))
    }

    /// What it puts into containers of attributes that are called so.
    #[must_use]
    pub fn puts(&self, name: Name) -> &[Put] {
        self.puts.get(&name).map_or(&[], Vec::as_slice)
    }

    /// Whether it hands one of them on, or what is under a key of one, where `is_same` says of a class whose method does it to an attribute of its own whether that is
    /// the one that is meant.
    pub fn leaks(&self, name: Name, is_inner: bool, is_same: impl Fn(ClassId) -> bool) -> bool {
        let leaks = if is_inner {
            &self.inner_leaks
        } else {
            &self.leaks
        };
        leaks.contains(&(name, None))
            || self.owners.get(&name).is_some_and(|owners| {
                let mut owners = owners.iter();
                owners.any(|&owner| leaks.contains(&(name, Some(owner))) && is_same(owner))
            })
    }

    /// The calls of methods that are called so.
    #[must_use]
    pub fn calls(&self, name: Name) -> &[CallSite] {
        self.calls.get(&name).map_or(&[], Vec::as_slice)
    }

    fn work_out(ir: &Module) -> Self {
        let mut reader = Reader::default();
        reader.body(&ir.body);
        for class in &ir.classes {
            reader.body(&class.body);
            for argument in &class.arguments {
                reader.expressions(&argument.value);
            }
            for decorator in &class.decorators {
                reader.expressions(decorator);
            }
        }
        for function in &ir.functions {
            let defaults = function.params.iter().filter_map(|p| p.default.as_ref());
            for expr in function.decorators.iter().chain(defaults) {
                reader.expressions(expr);
            }
        }
        for (index, function) in ir.functions.iter().enumerate() {
            reader.function = Some(FunctionId(u32::try_from(index).unwrap_or(u32::MAX)));
            reader.class = class_of(function);
            reader.body(&function.body);
        }
        reader.contents
    }
}

/// The class whose objects the first parameter of a function is.
fn class_of(function: &Function) -> Option<ClassId> {
    match function.parent {
        Parent::Class(class) if !is_static(function) && !function.params.is_empty() => Some(class),
        _ => None,
    }
}

/// Goes over the code of a file.
#[derive(Default)]
struct Reader {
    contents: Contents,
    function: Option<FunctionId>,
    class: Option<ClassId>,
    /// The expressions that give a container to something that only reads it, or are no read of it.
    read: FxHashSet<*const Expr>,
}

impl Reader {
    fn body(&mut self, body: &[Stmt]) {
        self.read.clear();
        visit::statements(body, &mut |stmt| {
            self.statement(stmt);
            visit::direct_expressions(stmt, &mut |expr| self.expressions(expr));
        });
    }

    fn expressions(&mut self, expr: &Expr) {
        visit::expressions(expr, &mut |expr| self.expression(expr));
    }

    /// The attribute that an expression reads, and whose it is.
    fn attribute(&self, expr: &Expr) -> Option<(Name, Option<ClassId>)> {
        let ExprKind::Attribute {
            value, attribute, ..
        } = &expr.kind
        else {
            return None;
        };
        let is_own = matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0))));
        Some((*attribute, self.class.filter(|_| is_own)))
    }

    fn leak(&mut self, (name, owner): (Name, Option<ClassId>), is_inner: bool) {
        if let Some(owner) = owner {
            let owners = self.contents.owners.entry(name).or_default();
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        }
        let leaks = if is_inner {
            &mut self.contents.inner_leaks
        } else {
            &mut self.contents.leaks
        };
        leaks.insert((name, owner));
    }

    /// The same of what is under the keys of a container that something gets as a whole.
    fn leaks_inner(&mut self, container: &Expr) {
        if let Some(attribute) = self.attribute(container) {
            self.leak(attribute, true);
        }
    }

    /// Notes that something only reads what an expression gives: an attribute, or what is under a key of one.
    fn reads(&mut self, expr: &Expr) {
        if matches!(
            expr.kind,
            ExprKind::Attribute { .. } | ExprKind::Subscript { .. } | ExprKind::Call(_)
        ) {
            self.read.insert(std::ptr::from_ref(expr));
        }
    }

    /// `container` gets an item, if it is an attribute, or is under a key of one; no item: one that cannot be told.
    fn puts(&mut self, container: &Expr, item: Option<&Expr>) {
        let outer = part_of(container);
        let Some((name, owner)) = self.attribute(outer.unwrap_or(container)) else {
            return;
        };
        self.reads(container);
        let put = Put {
            owner,
            function: self.function,
            item: item.map(|item| item.range),
            is_inner: outer.is_some(),
        };
        self.contents.puts.entry(name).or_default().push(put);
    }

    /// `container` gets the items of a display, or some that cannot be told.
    fn puts_all(&mut self, container: &Expr, items: Option<&Expr>) {
        match items.map(|items| &items.kind) {
            Some(ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items)) => {
                for item in items {
                    let is_one = !matches!(item.kind, ExprKind::Starred(_));
                    self.puts(container, Some(item).filter(|_| is_one));
                }
            }
            Some(ExprKind::Dict(items)) => {
                for item in items {
                    self.puts(container, item.key.as_ref().map(|_| &item.value));
                }
            }
            _ => self.puts(container, None),
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                for target in targets {
                    self.target(target, Some(value));
                }
            }
            StmtKind::AnnAssign { target, value, .. } => self.target(target, value.as_ref()),
            StmtKind::AugAssign { target, value, .. } => match &target.kind {
                ExprKind::Attribute { .. } => self.puts_all(target, Some(value)),
                _ => self.target(target, None),
            },
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.reads(target);
                }
            }
            StmtKind::For { target, iter, .. } => {
                self.reads(iter);
                self.target(target, None);
            }
            StmtKind::With { items, .. } => {
                for target in items.iter().filter_map(|item| item.target.as_ref()) {
                    self.target(target, None);
                }
            }
            StmtKind::If { branches, .. } => {
                for branch in branches {
                    self.test(&branch.test);
                }
            }
            StmtKind::While { test, .. } | StmtKind::Assert { test, .. } => self.test(test),
            StmtKind::Expr(value) => self.reads(value),
            _ => {}
        }
    }

    /// What an assignment of `value`, or of something that cannot be told, does to a target.
    fn target(&mut self, target: &Expr, value: Option<&Expr>) {
        match &target.kind {
            ExprKind::Attribute { .. } => self.reads(target),
            ExprKind::Subscript { value: base, index } => {
                self.reads(target);
                match index.kind {
                    ExprKind::Slice { .. } => self.puts_all(base, value),
                    _ => self.puts(base, value),
                }
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.target(item, None);
                }
            }
            ExprKind::Starred(inner) => self.target(inner, None),
            _ => {}
        }
    }

    /// An expression that is only asked whether it is true.
    fn test(&mut self, test: &Expr) {
        match &test.kind {
            ExprKind::Bool { values, .. } => values.iter().for_each(|value| self.test(value)),
            ExprKind::Not(value) => self.test(value),
            _ => self.reads(test),
        }
    }

    fn expression(&mut self, expr: &Expr) {
        if let Some(outer) = part_of(expr)
            && !self.read.contains(&std::ptr::from_ref(expr))
        {
            self.leaks_inner(outer);
        }
        match &expr.kind {
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                if !self.read.contains(&std::ptr::from_ref(expr))
                    && let Some(leaked) = self.attribute(expr)
                {
                    self.leak(leaked, false);
                }
                // `add = self.items.append` hands on what fills it.
                if !is_mutator(attribute) {
                    self.reads(value);
                }
            }
            ExprKind::Call(call) => {
                if let Some((name, owner)) = self.attribute(&call.function)
                    && !is_mutator(&name)
                {
                    let site = CallSite {
                        owner,
                        function: self.function,
                        call: expr.range,
                    };
                    self.contents.calls.entry(name).or_default().push(site);
                }
                self.call(call);
            }
            ExprKind::Subscript { value, .. }
            | ExprKind::Starred(value)
            | ExprKind::YieldFrom(value) => self.reads(value),
            ExprKind::Compare { left, rest } => {
                self.reads(left);
                rest.iter().for_each(|(_, right)| self.reads(right));
            }
            ExprKind::Binary { left, right, .. } => {
                for operand in [left, right] {
                    self.reads(operand);
                    self.leaks_inner(operand);
                }
            }
            ExprKind::Not(value) => self.test(value),
            ExprKind::If { test, .. } => self.test(test),
            ExprKind::Joined(parts) => {
                for part in parts {
                    if let JoinedPart::Value { value, .. } = part {
                        self.reads(value);
                    }
                }
            }
            ExprKind::Comprehension(comprehension) => {
                for clause in &comprehension.clauses {
                    self.reads(&clause.iter);
                    clause.conditions.iter().for_each(|test| self.test(test));
                }
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &Call) {
        match &call.function.kind {
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                // A container is not called.
                self.reads(&call.function);
                self.method(call, value, *attribute);
            }
            ExprKind::Name(name, Var::Global(_)) if only_reads(name.as_str()) => {
                for argument in &call.arguments {
                    self.reads(&argument.value);
                    if name.as_str() != "len" {
                        self.leaks_inner(&argument.value);
                    }
                }
            }
            ExprKind::Name(name, _) if matches!(name.as_str(), "getattr" | "attrgetter") => {
                for argument in &call.arguments {
                    if let ExprKind::Constant(Constant::Str(text)) = argument.value.kind {
                        self.leak((text, None), false);
                    }
                }
            }
            _ => {}
        }
        for argument in &call.arguments {
            if matches!(argument.kind, ArgumentKind::Star | ArgumentKind::DoubleStar) {
                self.reads(&argument.value);
                self.leaks_inner(&argument.value);
            }
        }
    }

    /// `container.method(..)`
    fn method(&mut self, call: &Call, container: &Expr, method: Name) {
        let plain = call
            .arguments
            .iter()
            .all(|argument| argument.kind == ArgumentKind::Positional);
        let item = |at: usize| {
            let argument = call.arguments.get(at).filter(|_| plain);
            argument.map(|argument| &argument.value)
        };
        match method.as_str() {
            "append" | "add" | "appendleft" => self.puts(container, item(0)),
            "insert" | "setdefault" => self.puts(container, item(1)),
            "extend" | "update" => self.puts_all(container, item(0)),
            "pop"
            | "remove"
            | "discard"
            | "clear"
            | "sort"
            | "reverse"
            | "move_to_end"
            | "difference_update"
            | "intersection_update" => self.reads(container),
            "popitem" => {
                self.reads(container);
                self.leaks_inner(container);
            }
            other if is_mutator(other) || other.starts_with('_') || other == "extendleft" => {
                self.puts(container, None);
            }
            "get" | "keys" => self.reads(container),
            _ => {
                self.reads(container);
                self.leaks_inner(container);
            }
        }
    }
}

/// The container of which an expression gives what is under a key.
fn part_of(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Subscript { value, .. } => Some(value),
        ExprKind::Call(call) => match &call.function.kind {
            ExprKind::Attribute {
                value, attribute, ..
            } if matches!(attribute.as_str(), "get" | "setdefault" | "pop") => Some(value),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a builtin function only reads what it is passed, and keeps no hold of it.
fn only_reads(name: &str) -> bool {
    matches!(
        name,
        "len"
            | "enumerate"
            | "sorted"
            | "list"
            | "tuple"
            | "set"
            | "frozenset"
            | "dict"
            | "all"
            | "any"
            | "sum"
            | "min"
            | "max"
            | "reversed"
            | "zip"
            | "isinstance"
            | "bool"
            | "str"
            | "repr"
            | "print"
            | "id"
            | "type"
    )
}
