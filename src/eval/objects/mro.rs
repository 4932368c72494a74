//! What a class has by inheritance, and what its metaclass may make of that.

use rustc_hash::FxHashSet;

use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{ExprKind, FunctionId, Parent};

use crate::eval::Evaluator;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{ClassRef, Data, FunctionRef, Value};
use crate::eval::objects::class::{ClassObject, Generated};
use crate::eval::objects::fields::is_of_library;
use crate::eval::objects::outside::external_has;

/// One place in the order of resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ancestor {
    /// A class of the tree.
    Tree(ClassRef),
    /// A class outside the tree.
    External(Name),
    /// Anything.
    Unknown,
}

/// What the order of resolution says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InMro {
    /// It is there, in the namespace of this class.
    Found(Value, ClassRef),
    /// An ancestor may have it that is not known.
    Unknown,
    /// It is not.
    Missing,
}

/// External classes that add nothing that ordinary code asks for.
pub fn is_transparent(name: Name) -> bool {
    matches!(
        name.as_str(),
        "builtins.object"
            | "abc.ABC"
            | "typing.Generic"
            | "typing.Protocol"
            | "enum.Enum"
            | "typing.NamedTuple"
    )
}

/// Those of them whose methods are `object`'s as well.
fn adds_no_method(name: Name) -> bool {
    is_transparent(name) && name.as_str() != "typing.NamedTuple"
}

/// Whether a value of a class body is code: what it may be wrapped in takes what it takes.
const fn is_code(data: &Data) -> bool {
    matches!(
        data,
        Data::Function(_)
            | Data::Static(_)
            | Data::ClassMethod(_)
            | Data::Property(..)
            | Data::CachedProperty(_)
            | Data::Wrapped(_)
            | Data::Class { .. }
            | Data::Module(_)
            | Data::Member { .. }
    )
}

/// How many ancestors of a class are known; what is behind them is not. Each class has a list of its own, so that a chain of classes takes the square of its length.
const MOST_ANCESTORS: usize = 512;

/// Whether an order of resolution is what one of a class with just this base goes on with: it begins with the base, and nothing that is not known stands in it twice. What
/// is known never does.
fn is_settled(order: &[Ancestor], base: Ancestor) -> bool {
    let unknown = order.iter().filter(|&&own| own == Ancestor::Unknown);
    order.first() == Some(&base) && unknown.count() <= 1
}

impl<'p> Evaluator<'p> {
    pub fn ancestor(&self, base: Value) -> Ancestor {
        match *self.data(base) {
            Data::Class { class, .. } => Ancestor::Tree(class),
            Data::External(name) => Ancestor::External(name),
            _ => Ancestor::Unknown,
        }
    }

    /// C3: the bases' own orders merged (the language's "method resolution order").
    ///
    /// A base that is not known may derive from whatever the bases before it derive from: it stands in front of all but these bases themselves.
    pub fn linearized(&self, bases: &[Ancestor]) -> Vec<Ancestor> {
        let mut order = self.merged(bases);
        if order.len() > MOST_ANCESTORS {
            order.truncate(MOST_ANCESTORS);
            order.push(Ancestor::Unknown);
        }
        order
    }

    fn merged<'e>(&'e self, bases: &'e [Ancestor]) -> Vec<Ancestor> {
        let order_of = |base: &'e Ancestor| match base {
            Ancestor::Tree(class) => self.class(*class).mro.as_slice(),
            other => std::slice::from_ref(other),
        };
        if let [only] = bases
            && is_settled(order_of(only), *only)
        {
            return order_of(only).to_vec();
        }
        let mut lists: Vec<&[Ancestor]> = bases.iter().map(order_of).collect();
        lists.push(bases);
        let mut order = Vec::new();
        loop {
            lists.retain(|list| !list.is_empty());
            let mut pending = lists.iter().map(|list| list[0]);
            let is_unknown_left = pending.any(|head| head == Ancestor::Unknown);
            let is_next = |&head: &Ancestor| {
                !lists.iter().any(|list| list[1..].contains(&head))
                    && (!is_unknown_left || head == Ancestor::Unknown || bases.contains(&head))
            };
            let Some(next) = lists.iter().map(|list| list[0]).find(is_next) else {
                if !lists.is_empty() {
                    order.push(Ancestor::Unknown);
                }
                return order;
            };
            order.push(next);
            for list in &mut lists {
                if list[0] == next {
                    *list = &list[1..];
                }
            }
        }
    }

    /// Finds an attribute along the order of resolution.
    pub fn in_mro(&self, class: ClassRef, name: Name) -> InMro {
        let object = self.class(class);
        match self.in_ancestors(&object.mro, name) {
            // A metaclass may have given each class a value of its own.
            InMro::Found(value, owner) if !is_code(self.data(value)) => {
                let is_inherited = owner != class
                    && (object.has_metaclass || object.has_unknown_ancestor())
                    && crate::eval::domain::compare::is_singular_data(self.data(value));
                if is_inherited || self.is_made_elsewhere(object) {
                    InMro::Unknown
                } else {
                    InMro::Found(value, owner)
                }
            }
            found => found,
        }
    }

    /// Whether code that is not read makes the class from what its body holds: a metaclass of a foreign base, or one of the tree with a `__new__` or
    /// `__prepare__` of its own. What stands in the body may be a descriptor's or a member's beginning then (the data model, "Customizing class creation").
    pub fn is_made_elsewhere(&self, object: &ClassObject<'p>) -> bool {
        if object.is_enum {
            return false;
        }
        let makes = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(class) => {
                let namespace = &self.class(*class).namespace;
                ["__new__", "__prepare__"]
                    .iter()
                    .any(|name| namespace.contains_key(&Name::new(name)))
            }
            Ancestor::External(name) => !is_of_library(*name),
            Ancestor::Unknown => true,
        };
        let is_made_by_metaclass = match object.metaclass {
            Some(metaclass) => self.class(metaclass).mro.iter().any(makes),
            None => object.has_metaclass,
        };
        is_made_by_metaclass || object.has_foreign_ancestor()
    }

    /// The same for a part of the order.
    pub fn in_ancestors(&self, ancestors: &[Ancestor], name: Name) -> InMro {
        for ancestor in ancestors {
            match ancestor {
                Ancestor::Tree(class) => {
                    let object = self.class(*class);
                    if let Some(&value) = object.namespace.get(&name) {
                        return if self.may_be_replaced(object, name, value) {
                            InMro::Unknown
                        } else {
                            InMro::Found(value, *class)
                        };
                    }
                    if object.is_open {
                        return InMro::Unknown;
                    }
                }
                Ancestor::External(external) if is_transparent(*external) => {}
                Ancestor::External(_) | Ancestor::Unknown => return InMro::Unknown,
            }
        }
        InMro::Missing
    }

    /// Whether the first of these classes that has an `__init__` has one that `dataclass` or the like wrote: it goes before those that are written out further on (the library
    /// reference, `dataclasses.dataclass`).
    pub fn is_init_generated(&self, ancestors: &[Ancestor], name: Name) -> bool {
        if name.as_str() != "__init__" {
            return false;
        }
        for ancestor in ancestors {
            let Ancestor::Tree(class) = ancestor else {
                return false;
            };
            let object = self.class(*class);
            if object.namespace.contains_key(&name) {
                return false;
            }
            match object.generated {
                Generated::No | Generated::Dataclass { init: false, .. } => {}
                Generated::Dataclass { .. } | Generated::NamedTuple | Generated::Unknown => {
                    return true;
                }
            }
        }
        false
    }

    /// Whether methods of a class set attributes of their first parameter whose names are not known: of its instances, or of its classes where it is a metaclass.
    pub fn rewrites(&self, metaclass: ClassRef) -> bool {
        self.class(metaclass)
            .mro
            .iter()
            .any(|ancestor| match ancestor {
                Ancestor::Tree(class) => {
                    let class = self.class(*class);
                    self.survey.rewriting.contains(&(class.module, class.id))
                }
                _ => false,
            })
    }

    /// Whether an attribute of a class body may have been replaced by its metaclass or a decorator. Methods are not: what
    /// they are wrapped in takes what they take.
    pub fn may_be_replaced(&self, object: &ClassObject<'p>, name: Name, value: Value) -> bool {
        if !object.is_rewritten && object.metaclass.is_none() {
            return false;
        }
        let is_method = matches!(
            self.data(value),
            Data::Function(_)
                | Data::Static(_)
                | Data::ClassMethod(_)
                | Data::Property(..)
                | Data::CachedProperty(_)
                | Data::Wrapped(_)
        );
        if is_method {
            return object.has_new_methods;
        }
        object.is_rewritten
            || object
                .metaclass
                .is_some_and(|metaclass| self.sets_on_classes(metaclass, name))
    }

    /// Whether a metaclass has something of this name that may come before the class's own attribute: a property or another
    /// data descriptor does, a method does not (the data model, "Invoking descriptors").
    pub fn is_answered_by_metaclass(&self, class: ClassRef, name: Name) -> bool {
        self.class(class)
            .metaclass
            .is_some_and(|metaclass| match self.in_mro(metaclass, name) {
                InMro::Found(value, _) => !matches!(self.data(value), Data::Function(_)),
                _ => false,
            })
    }

    /// Whether nothing but `__init__` assigns an attribute of a class's instances: it is settled when the object is made.
    pub fn is_settled(&self, class: ClassRef, name: Name) -> bool {
        if self.survey.stored_attributes.contains(&name) {
            return false;
        }
        let mut is_assigned = false;
        for ancestor in &self.class(class).mro {
            let Ancestor::Tree(own) = ancestor else {
                continue;
            };
            let object = self.class(*own);
            let stores = self.survey.self_stores.get(&(object.module, object.id));
            for store in stores
                .and_then(|stores| stores.get(&name))
                .into_iter()
                .flatten()
            {
                let function = FunctionRef {
                    module: object.module,
                    id: store.function,
                };
                if self.definition(function).name.as_str() != "__init__" {
                    return false;
                }
                is_assigned = true;
            }
        }
        is_assigned
    }

    /// Whether an `__init__` or `__new__` of a class, or of an ancestor in the tree, assigns an attribute.
    pub fn is_made_with(&self, class: ClassRef, name: Name) -> bool {
        self.class(class).mro.iter().any(|ancestor| {
            let Ancestor::Tree(own) = ancestor else {
                return false;
            };
            let object = self.class(*own);
            let stores = self.survey.self_stores.get(&(object.module, object.id));
            let mut stores = stores
                .and_then(|stores| stores.get(&name))
                .into_iter()
                .flatten();
            stores.any(|store| {
                let function = FunctionRef {
                    module: object.module,
                    id: store.function,
                };
                matches!(
                    self.definition(function).name.as_str(),
                    "__init__" | "__new__" | "__init_subclass__" | "__post_init__"
                )
            })
        })
    }

    /// Whether methods of a metaclass assign this attribute of the classes that it makes.
    fn sets_on_classes(&self, metaclass: ClassRef, name: Name) -> bool {
        self.class(metaclass)
            .mro
            .iter()
            .any(|ancestor| match ancestor {
                Ancestor::Tree(class) => {
                    let class = self.class(*class);
                    self.survey
                        .self_stores
                        .get(&(class.module, class.id))
                        .is_some_and(|stores| stores.contains_key(&name))
                }
                _ => false,
            })
    }

    /// Whether the first parameter of a method is the class: of a class method, and of `__init_subclass__`, which is one without being declared (the data model,
    /// "Customizing class creation").
    pub fn is_given_class(&self, module: ModuleId, function: FunctionId) -> bool {
        let function = &self.program.module(module).ir[function];
        let is_declared = function.decorators.iter().any(|decorator| {
            matches!(&decorator.kind, ExprKind::Name(name, _) if name.as_str() == "classmethod")
        });
        is_declared || function.name.as_str() == "__init_subclass__"
    }

    /// Whether class methods of a class or its ancestors assign this attribute of their `cls`.
    pub fn is_stored_by_class_methods(&self, class: ClassRef, name: Name) -> bool {
        let mut mro = self.class(class).mro.iter();
        mro.any(|ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                let object = self.class(*ancestor);
                let stores = self.survey.self_stores.get(&(object.module, object.id));
                let stores = stores.and_then(|stores| stores.get(&name));
                stores.is_some_and(|stores| {
                    let mut stores = stores.iter();
                    stores.any(|store| self.is_given_class(object.module, store.function))
                })
            }
            _ => false,
        })
    }

    /// Whether instances of `found` (or of a subclass, if not exact) are instances of `wanted`.
    pub fn instance_of_class(&self, found: ClassRef, exact: bool, wanted: ClassRef) -> Truth {
        let object = self.class(found);
        if object.mro.contains(&Ancestor::Tree(wanted)) {
            Truth::True
        } else if exact
            && !object.mro.contains(&Ancestor::Unknown)
            && !self.class(wanted).has_metaclass
        {
            Truth::False
        } else {
            Truth::Unknown
        }
    }

    /// Whether a class, or what it inherits from, may have one of these attributes.
    pub fn class_may_define(&self, class: ClassRef, names: &[Name]) -> bool {
        let object = self.class(class);
        if object.is_open || object.has_metaclass {
            return true;
        }
        object.mro.iter().any(|ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                let ancestor = self.class(*ancestor);
                ancestor.is_open
                    || names
                        .iter()
                        .any(|name| ancestor.namespace.contains_key(name))
            }
            // What every object has is asked about as far as classes define it anew.
            Ancestor::External(base) if adds_no_method(*base) => false,
            Ancestor::External(base) => names
                .iter()
                .any(|name| external_has(base, name) != Some(false)),
            Ancestor::Unknown => true,
        }) || names.iter().any(|&name| self.is_stored_elsewhere(name))
    }

    /// Whether instances of derived classes have something else under a name: a subclass in the tree says so, or it is a class within the class, as `Meta` is,
    /// which is there to be written anew.
    pub fn may_be_overridden(&self, class: ClassRef, name: Name, found: Value) -> bool {
        let is_inner = match *self.data(found) {
            Data::Class { class, .. } => {
                let object = self.class(class);
                matches!(object.definition.parent, Parent::Class(_)) && !object.is_enum
            }
            _ => false,
        };
        is_inner || self.is_overridden(class, name)
    }

    /// Whether a subclass in the tree has its own attribute of this name.
    pub fn is_overridden(&self, class: ClassRef, name: Name) -> bool {
        let mut pending = self.subclasses.get(&class).cloned().unwrap_or_default();
        let mut seen = FxHashSet::default();
        while let Some(subclass) = pending.pop() {
            if !seen.insert(subclass) {
                continue;
            }
            let object = self.class(subclass);
            if object.namespace.contains_key(&name) || object.is_open {
                return true;
            }
            pending.extend(self.subclasses.get(&subclass).into_iter().flatten());
        }
        false
    }
}
