//! What a container holds that is kept in an attribute: what the code puts there that reaches it by this attribute.
//!
//! `self.plans = {}` in `__init__`, `self.plans[name] = Plan(name)` in one method: `self.plans[key]` in another is a `Plan`, whichever method ran before. That holds as
//! long as the container is made where it is assigned, and no code hands it on (`survey/contents.rs`). As with what attributes themselves hold (`objects/stored.rs`), what
//! the tree puts there counts, and one item that is not known makes all of them unknown.

use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{ClassId, Expr, ExprKind, Parent, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::state::{Dict, Form, Object, Sequence};
use crate::eval::domain::value::{ClassRef, Data, FunctionRef, Kind, SharedId, Value};
use crate::eval::objects::mro::Ancestor;
use crate::eval::objects::passed::{Place, expression_at};
use crate::eval::survey::contents::{Contents, Put};
use crate::eval::survey::is_static;

/// How many variables are followed from one to the next.
const STEPS: u32 = 3;

/// The attribute that a container was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Keeper {
    /// The class whose own code makes it.
    pub class: ClassRef,
    /// The attribute.
    pub name: Name,
    /// Whether it is an attribute of the class, and not of its instances.
    pub is_of_class: bool,
    /// Whether the container is a dict.
    pub is_dict: bool,
}

impl Evaluator<'_> {
    /// Notes that containers, which `made` gives, are those of an attribute, if they are made right there.
    pub fn keep(&mut self, containers: Value, made: &Expr, keeper: Keeper) {
        if !makes_container(made) {
            return;
        }
        for container in self.values.alternatives(containers) {
            if let Data::Shared(id) = *self.data(container) {
                let shared = &mut self.shared[id.0 as usize];
                shared.keeper.get_or_insert(Keeper {
                    is_dict: matches!(*shared.object, Object::Dict(_)),
                    ..keeper
                });
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
                is_dict: false,
            };
            self.keep(value, made, keeper);
        }
    }

    /// Whether a value is a container of which it is known what code puts there.
    pub fn is_kept(&mut self, value: Value) -> bool {
        match *self.data(value) {
            Data::Shared(_) if self.is_summary(value) => true,
            Data::Shared(id) => self.kept_items(id).is_some(),
            _ => false,
        }
    }

    /// Any item that code puts into a shared container besides those that it was made with; none: anything.
    pub fn kept_items(&mut self, id: SharedId) -> Option<Value> {
        let shared = &self.shared[id.0 as usize];
        let keeper = shared.keeper?;
        let is_followed = shared.names.len() < 2 && !shared.is_of_package;
        // Any file may say something of the attribute: where programs are compared, each mixture of them would have to be evaluated as a whole for it.
        if !is_followed || self.is_importing || self.is_graph() || self.changes.compares() {
            return None;
        }
        if let Some(&known) = self.kept.get(&keeper) {
            return known;
        }
        self.kept.insert(keeper, None);
        let acts = self.effects.acts.len();
        let items = self.items_put(keeper);
        self.effects.acts.truncate(acts);
        self.kept.insert(keeper, items);
        items
    }

    fn items_put(&mut self, keeper: Keeper) -> Option<Value> {
        let object = self.class(keeper.class);
        if object.has_foreign_ancestor()
            || object.is_open
            || keeper.is_of_class && object.has_metaclass
            || self.leaks(keeper, false)
        {
            return None;
        }
        let mut inner = None;
        let mut all: Option<Value> = None;
        for (module, put) in self.puts(keeper) {
            let item = if put.is_inner {
                match inner {
                    Some(inner) => inner,
                    None => *inner.insert(self.inner_list(keeper)?),
                }
            } else {
                self.item_put(keeper, module, put)?
            };
            all = Some(all.map_or(item, |all| self.values.join(all, item)));
        }
        let list = self.values.of(Kind::List);
        if inner.is_some() && all.is_some() {
            // Lists are put there to be filled.
            all = all.and_then(|all| self.values.filter(all, |_, item| item != list));
        }
        // `None` alone holds a place for something else.
        all.filter(|&all| all != Value::NONE && !self.values.is_open(all))
    }

    /// What code puts into the container, and into what is under its keys.
    fn puts(&self, keeper: Keeper) -> Vec<(ModuleId, Put)> {
        let mut all = Vec::new();
        for module in self.program.module_ids() {
            let contents = Contents::of(&self.program.module(module).ir);
            let puts = contents.puts(keeper.name).iter();
            let puts = puts.filter(|put| {
                put.owner
                    .is_none_or(|owner| self.shares_attribute(keeper, module, owner))
            });
            all.extend(puts.map(|&put| (module, put)));
        }
        all
    }

    /// A list under a key of the container, with what code puts into any of these; it is never changed. None: what is there cannot be told, or they are no lists.
    fn inner_list(&mut self, keeper: Keeper) -> Option<Value> {
        if !keeper.is_dict || self.leaks(keeper, true) {
            return None;
        }
        let mut all: Option<Value> = None;
        for (module, put) in self.puts(keeper) {
            let item = if put.is_inner {
                self.item_put(keeper, module, put)?
            } else if self.is_list_display(module, put)? {
                continue;
            } else {
                return None;
            };
            all = Some(all.map_or(item, |all| self.values.join(all, item)));
        }
        let items = all.filter(|&all| all != Value::NONE && !self.values.is_open(all))?;
        let list = self.share(Object::List(Sequence::of_any(items)));
        self.shared[list.0 as usize].is_summary = true;
        Some(self.values.intern(Data::Shared(list)))
    }

    /// Whether an empty list is put there.
    fn is_list_display(&self, module: ModuleId, put: Put) -> Option<bool> {
        let function = FunctionRef {
            module,
            id: put.function?,
        };
        let item = expression_at(self.definition(function), put.item?)?;
        Some(matches!(&item.kind, ExprKind::List(items) if items.is_empty()))
    }

    /// Whether code hands the container on, or what is under its keys. Tests look at what they like.
    fn leaks(&self, keeper: Keeper, is_inner: bool) -> bool {
        self.program.module_ids().any(|module| {
            let contents = Contents::of(&self.program.module(module).ir);
            !self.survey.tests.contains(&module)
                && contents.leaks(keeper.name, is_inner, |owner| {
                    self.shares_attribute(keeper, module, owner)
                })
        })
    }

    /// Whether an object may be an instance of the class with the container and of this one.
    pub fn shares_attribute(&self, keeper: Keeper, module: ModuleId, other: ClassId) -> bool {
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
    fn item_put(&mut self, keeper: Keeper, module: ModuleId, put: Put) -> Option<Value> {
        let function = FunctionRef {
            module,
            id: put.function?,
        };
        let item = expression_at(self.definition(function), put.item?)?;
        let place = self.place_in(function, keeper)?;
        let value = self.value_for_callers(place, item, STEPS);
        self.as_item(value)
    }

    /// A place in the body of a function or method, whoever calls it; none: it stands in another function, which knows more.
    pub fn place_in(&mut self, function: FunctionRef, keeper: Keeper) -> Option<Place> {
        let definition = self.definition(function);
        let receiver = match definition.parent {
            Parent::Module => None,
            Parent::Function(_) => return None,
            Parent::Class(class) => {
                let &class = self.class_index.get(&(function.module, class, None))?;
                (!is_static(definition)).then(|| self.any_receiver(function, class))
            }
        };
        Some(Place {
            function,
            receiver,
            keeper,
        })
    }

    /// The first argument of a method of a class, whoever calls it.
    pub fn any_receiver(&mut self, method: FunctionRef, class: ClassRef) -> Value {
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

    /// What further keys of a dict lead to, into which code puts such items besides.
    pub fn rest_with(&mut self, dict: &Dict, item: Value) -> Value {
        let makes_lists = dict.makes_keys && dict.rest == Some(self.values.of(Kind::List));
        match dict.rest {
            // What `defaultdict(list)` makes is what is put there to be filled.
            Some(_) if makes_lists && self.is_summary(item) => item,
            Some(rest) => {
                let rest = self.as_item(rest).unwrap_or(Value::UNKNOWN);
                self.values.join(rest, item)
            }
            None => item,
        }
    }

    fn is_summary(&self, value: Value) -> bool {
        matches!(*self.data(value), Data::Shared(id) if self.shared[id.0 as usize].is_summary)
    }

    /// A value as an item of a container that any code may have read: what it is, and not what is in it. None: anything.
    pub fn as_item(&mut self, value: Value) -> Option<Value> {
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
            _ => self
                .values
                .plain_kind(value)
                .filter(|kind| kind.is_data())?,
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
        ExprKind::List(_) | ExprKind::Set(_) | ExprKind::Dict(_) | ExprKind::Comprehension(_) => {
            true
        }
        ExprKind::Call(call) => match call.function.kind {
            ExprKind::Name(name, Var::Global(_))
            | ExprKind::Attribute {
                attribute: name, ..
            } => {
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
