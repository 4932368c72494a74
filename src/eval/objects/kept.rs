//! What a container holds that is kept in an attribute: what the code puts there that reaches it by this attribute.
//!
//! `self.plans = {}` in `__init__`, `self.plans[name] = Plan(name)` in one method: `self.plans[key]` in another is a `Plan`, whichever method ran before. That holds as
//! long as the container is made where it is assigned, and no code hands it on (`survey/contents.rs`). As with what attributes themselves hold (`objects/stored.rs`), what
//! the tree puts there counts, and one item that is not known makes all of them unknown.

use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{ClassId, Expr, ExprKind, Function, Parent, Range, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::state::{Form, Object};
use crate::eval::domain::value::{ClassRef, Data, FunctionRef, Kind, SharedId, Value};
use crate::eval::objects::mro::Ancestor;
use crate::eval::reuse::file_set::FileSet;
use crate::eval::survey::contents::{Contents, Put};
use crate::eval::survey::is_static;

/// How many local variables are followed from one to the next.
const LOCALS: u32 = 3;

/// The attribute that a container was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeper {
    /// The class whose own code makes it.
    pub class: ClassRef,
    /// The attribute.
    pub name: Name,
    /// Whether it is an attribute of the class, and not of its instances.
    pub is_of_class: bool,
}

impl<'p> Evaluator<'p> {
    /// Notes that containers, which `made` gives, are those of an attribute, if they are made right there.
    pub fn keep(&mut self, containers: Value, made: &Expr, keeper: Keeper) {
        if !makes_container(made) {
            return;
        }
        for container in self.values.alternatives(containers) {
            if let Data::Shared(id) = *self.data(container) {
                self.shared[id.0 as usize].keeper.get_or_insert(keeper);
            }
        }
    }

    /// The same for an attribute of a class, whose body assigned `value` to a name.
    pub fn keep_of_class(&mut self, class: ClassRef, name: Name, value: Value) {
        if !matches!(self.data(value), Data::Shared(_)) {
            return;
        }
        let object = self.class(class);
        let (ir, definition) = (&self.program.module(object.module).ir, object.definition);
        let mut made = definition.body.iter().filter_map(|stmt| match &stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] if is_name(target, name) => Some(value),
                _ => None,
            },
            StmtKind::AnnAssign { target, value, .. } if is_name(target, name) => value.as_ref(),
            _ => None,
        });
        let (Some(made), None) = (made.next(), made.next()) else {
            return;
        };
        let mut mentions = 0_u32;
        let mut count = |expr: &Expr| mentions += u32::from(is_name(expr, name));
        visit::all_expressions(&definition.body, &mut count);
        for function in &ir.functions {
            if function.parent == Parent::Class(object.id) {
                let defaults = function.params.iter().filter_map(|p| p.default.as_ref());
                for expr in function.decorators.iter().chain(defaults) {
                    visit::expressions(expr, &mut count);
                }
            }
        }
        // Else the class's own body has it by its plain name.
        if mentions == 1 {
            let keeper = Keeper {
                class,
                name,
                is_of_class: true,
            };
            self.keep(value, made, keeper);
        }
    }

    /// Any item that code puts into a shared container besides those that it was made with; none: anything.
    pub fn kept_items(&mut self, id: SharedId) -> Option<Value> {
        let shared = &self.shared[id.0 as usize];
        let keeper = shared.keeper?;
        let is_followed = shared.names.len() < 2 && !shared.is_of_package;
        if !is_followed || self.is_importing || self.is_graph() {
            return None;
        }
        if self.changes.compares() {
            // Any file may say something of the attribute.
            self.look(FileSet::ALL);
        }
        let Keeper { class, name, .. } = keeper;
        if let Some(&(known, looked)) = self.kept.get(&(class, name)) {
            self.look(looked);
            return known;
        }
        self.kept.insert((class, name), (None, FileSet::NONE));
        let (before, acts) = (
            self.begin_looking(self.class(class).module),
            self.effects.acts.len(),
        );
        let items = self.items_put(keeper);
        self.effects.acts.truncate(acts);
        let looked = self.end_looking(before);
        self.kept.insert((class, name), (items, looked));
        items
    }

    fn items_put(&mut self, keeper: Keeper) -> Option<Value> {
        let object = self.class(keeper.class);
        if object.has_foreign_ancestor()
            || object.is_open
            || keeper.is_of_class && object.has_metaclass
        {
            return None;
        }
        let program = self.program;
        let mut all: Option<Value> = None;
        for module in program.module_ids() {
            let contents = Contents::of(&program.module(module).ir);
            if !self.survey.tests.contains(&module) && self.leaks(keeper, module, contents) {
                return None;
            }
            for &put in contents.puts(keeper.name) {
                let is_other = put
                    .owner
                    .is_some_and(|owner| !self.shares_attribute(keeper, module, owner));
                if is_other {
                    continue;
                }
                let item = self.item_put(module, put)?;
                all = Some(all.map_or(item, |all| self.values.join(all, item)));
            }
        }
        // `None` alone holds a place for something else.
        all.filter(|&all| all != Value::NONE && !self.values.is_open(all))
    }

    /// Whether code of a module hands the container on.
    fn leaks(&self, keeper: Keeper, module: ModuleId, contents: &Contents) -> bool {
        contents.leaks(keeper.name, None)
            || contents
                .leaking(keeper.name)
                .any(|owner| self.shares_attribute(keeper, module, owner))
    }

    /// Whether an object may be an instance of the class with the container and of this one.
    fn shares_attribute(&self, keeper: Keeper, module: ModuleId, other: ClassId) -> bool {
        let Some(&other) = self.class_index.get(&(module, other, None)) else {
            return true;
        };
        if keeper.is_of_class || self.class(other).mro.contains(&Ancestor::Unknown) {
            return true;
        }
        let mut pending = vec![keeper.class];
        let mut known = pending.clone();
        while let Some(class) = pending.pop() {
            if self.class(class).mro.contains(&Ancestor::Tree(other)) {
                return true;
            }
            for &derived in self.subclasses.get(&class).into_iter().flatten() {
                if !known.contains(&derived) {
                    known.push(derived);
                    pending.push(derived);
                }
            }
        }
        false
    }

    /// What one place puts there, whoever calls the function around it; none: anything.
    fn item_put(&mut self, module: ModuleId, put: Put) -> Option<Value> {
        let function = FunctionRef {
            module,
            id: put.function?,
        };
        let definition = self.definition(function);
        let item = expression_at(definition, put.item?)?;
        let receiver = match definition.parent {
            Parent::Module => None,
            Parent::Function(_) => return None,
            Parent::Class(class) => {
                let &class = self.class_index.get(&(module, class, None))?;
                (!is_static(definition)).then(|| self.any_receiver(function, class))
            }
        };
        let mut locals = Vec::new();
        self.follow_locals(function, receiver, item, LOCALS, &mut locals);
        let value = self.probe_with(function, None, receiver, item, &locals);
        self.as_item(value)
    }

    /// The first argument of a method of a class, whoever calls it.
    fn any_receiver(&mut self, method: FunctionRef, class: ClassRef) -> Value {
        let exact = false;
        let data = if self.is_given_class(method.module, method.id) {
            Data::Class { class, exact }
        } else {
            Data::Instance {
                class,
                exact,
                data: None,
                given: None,
            }
        };
        self.values.intern(data)
    }

    /// Works out the local variables that an expression names, as far as one assignment alone binds them.
    fn follow_locals(
        &mut self,
        function: FunctionRef,
        receiver: Option<Value>,
        expr: &'p Expr,
        depth: u32,
        known: &mut Vec<(Slot, Value)>,
    ) {
        let definition = self.definition(function);
        let mut slots = Vec::new();
        visit::expressions(expr, &mut |expr| {
            if let ExprKind::Name(_, Var::Local(slot)) = expr.kind
                && slot.0 as usize >= definition.params.len()
            {
                slots.push(slot);
            }
        });
        for slot in slots {
            if known.iter().any(|&(other, _)| other == slot) {
                continue;
            }
            let at = known.len();
            known.push((slot, Value::UNKNOWN));
            if let Some(value) = assigned_once(definition, slot).filter(|_| depth > 0) {
                self.follow_locals(function, receiver, value, depth - 1, known);
                let value = self.probe_with(function, None, receiver, value, known);
                known[at].1 = value;
            }
        }
    }

    /// A value as an item of a container that any code may have read: what it is, and not what is in it. None: anything.
    fn as_item(&mut self, value: Value) -> Option<Value> {
        let kind = match self.data(value).clone() {
            Data::None
            | Data::Function(_)
            | Data::Class { .. }
            | Data::Member { .. }
            | Data::Module(_)
            | Data::External(_) => return Some(value),
            Data::Bound { function, receiver } => {
                let receiver = self.as_item(receiver)?;
                return Some(self.values.intern(Data::Bound { function, receiver }));
            }
            Data::Instance { class, exact, .. } => {
                return Some(self.values.intern(Data::Instance {
                    class,
                    exact,
                    data: None,
                    given: None,
                }));
            }
            Data::Union(members) => {
                let members: Option<Vec<Value>> =
                    members.iter().map(|&member| self.as_item(member)).collect();
                return members.map(|members| self.values.union(members));
            }
            Data::Tuple(items) => {
                let items = items.iter();
                let items = items.map(|&item| self.as_item(item).unwrap_or(Value::UNKNOWN));
                let items: Vec<Value> = items.collect();
                return Some(self.values.tuple(items));
            }
            Data::Shared(id) => match &*self.shared[id.0 as usize].object {
                Object::Dict(dict) if !dict.is_subtype => Kind::Dict,
                Object::List(items) if items.form == Form::Plain => Kind::List,
                Object::Set(items) if items.form == Form::Plain => Kind::Set,
                _ => return None,
            },
            Data::Of(kind) | Data::Truthy(kind) => kind,
            Data::Bool(_) => Kind::Bool,
            Data::Int(_) | Data::BigInt(_) => Kind::Int,
            Data::Float(_) => Kind::Float,
            Data::Complex(..) => Kind::Complex,
            Data::Str(_) => Kind::Str,
            Data::Bytes(_) => Kind::Bytes,
            Data::Range { .. } => Kind::Range,
            _ => return None,
        };
        Some(self.values.of(kind))
    }
}

fn is_name(expr: &Expr, wanted: Name) -> bool {
    matches!(expr.kind, ExprKind::Name(name, _) if name == wanted)
}

/// Whether an expression makes a new list, set or dict, which nothing else has.
fn makes_container(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::List(_)
        | ExprKind::Set(_)
        | ExprKind::Dict(_)
        | ExprKind::Comprehension(_) => true,
        ExprKind::Call(call) => match call.function.kind {
            ExprKind::Name(name, Var::Global(_)) | ExprKind::Attribute { attribute: name, .. } => {
                matches!(
                    name.as_str(),
                    "list" | "set" | "dict" | "defaultdict" | "OrderedDict"
                )
            }
            _ => false,
        },
        _ => false,
    }
}

/// The expression of a function's body that stands there.
fn expression_at(function: &Function, range: Range) -> Option<&Expr> {
    let mut found = None;
    visit::all_expressions(&function.body, &mut |expr| {
        if found.is_none() && expr.range == range {
            found = Some(expr);
        }
    });
    found
}

/// What a local variable is assigned, if one plain assignment alone binds it.
fn assigned_once(function: &Function, slot: Slot) -> Option<&Expr> {
    if function.scope.slots.get(slot.0 as usize)?.captured {
        return None;
    }
    let is_it = |expr: &Expr| matches!(expr.kind, ExprKind::Name(_, Var::Local(found)) if found == slot);
    let mut found = Vec::new();
    visit::statements(&function.body, &mut |stmt| match &stmt.kind {
        StmtKind::Assign { targets, value } if targets.iter().any(is_it) => {
            found.push(Some(value));
        }
        _ if binds(stmt, slot) => found.push(None),
        _ => {}
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
            found = handlers.iter().any(|handler| handler.var.as_ref().is_some_and(is_var));
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
    matches!(target.kind, ExprKind::Tuple(_) | ExprKind::List(_) | ExprKind::Starred(_))
}
