//! Instances that are values of a builtin type besides, or that are made of one: named tuples, instances of `class Text(str)`, exceptions (the library
//! reference, `collections.namedtuple`, `typing.NamedTuple`, "Built-in Exceptions").

use std::rc::Rc;

use crate::bind::{self, FaultKind, Parameter, Signature};
use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, shape};
use crate::eval::calls::call::Site;
use crate::eval::calls::construct::Constructor;
use crate::eval::calls::refusal::Refusal;
use crate::eval::domain::attributes::has_attribute;
use crate::eval::domain::instance::exception_derives;
use crate::eval::domain::kind::{self, Kind};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{ClassRef, Data, NamedTuple, Value};
use crate::eval::interpreter::frame::{Blame, Frame};
use crate::eval::objects::attribute::{Attribute, is_special};
use crate::eval::objects::class::Generated;
use crate::eval::objects::filled::Holder;
use crate::eval::objects::mro::{Ancestor, is_transparent};
use crate::eval::objects::outside::{OF_NAMED_TUPLES, external_has};
use crate::facts::FailureKind;
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::ParameterKind;

/// Special names that a class may define without its instances computing, comparing or counting otherwise than those of its base do.
const HARMLESS: &[&str] = &[
    "__annotations__",
    "__call__",
    "__class_getitem__",
    "__copy__",
    "__deepcopy__",
    "__dir__",
    "__doc__",
    "__enter__",
    "__exit__",
    "__format__",
    "__getnewargs__",
    "__init__",
    "__init_subclass__",
    "__match_args__",
    "__module__",
    "__qualname__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__slots__",
    "__str__",
];

/// Methods that other code may put on a class, after which its instances answer otherwise.
const REPLACED: &[&str] = &[
    "__bool__",
    "__contains__",
    "__eq__",
    "__getitem__",
    "__iter__",
    "__len__",
];

impl<'p> Evaluator<'p> {
    /// Whether a class of the tree leaves alone what the instances of a builtin base do: none of its own classes along the order of resolution has a
    /// special method that would change it.
    pub fn keeps_data(&self, class: ClassRef) -> bool {
        let object = self.class(class);
        !object.has_metaclass
            && object.mro.iter().all(|ancestor| match ancestor {
                Ancestor::Tree(ancestor) => {
                    let object = self.class(*ancestor);
                    let keeps = |name: &Name| !is_special(*name) || HARMLESS.contains(&&**name);
                    !object.is_open && object.namespace.keys().all(keeps)
                }
                Ancestor::External(_) => true,
                Ancestor::Unknown => false,
            })
    }

    /// The value of a builtin type that a new instance is besides. None: it is none, or that is not known.
    pub fn data_made(
        &mut self,
        frame: &mut Frame<'p>,
        class: ClassRef,
        new: Constructor,
        actual: &Actual,
    ) -> Option<Value> {
        let is_plain = !actual.more_positionals && actual.rest.is_none();
        let base = match new {
            Constructor::Generated(_) if self.is_named_tuple(class) => Kind::Tuple,
            Constructor::Unknown => self.only_builtin_base(class)?,
            _ => return None,
        };
        let is_decorated = self.class(class).is_decorated;
        let is_replaced = |name: &&str| self.is_stored_elsewhere(Name::new(name));
        if !is_plain || is_decorated || !self.keeps_data(class) || REPLACED.iter().any(is_replaced)
        {
            return None;
        }
        if let Constructor::Generated(_) = new {
            return self.items_of_named_tuple(class, actual);
        }
        let [] = *actual.keywords else {
            return None;
        };
        self.converted(frame, base, &actual.positionals)
    }

    /// The one builtin type that a class derives from, where all else that it derives from is of the tree or adds nothing.
    pub fn only_builtin_base(&self, class: ClassRef) -> Option<Kind> {
        let mut found = None;
        for ancestor in &self.class(class).mro {
            match ancestor {
                Ancestor::Tree(_) => {}
                Ancestor::External(name) if is_transparent(*name) => {}
                Ancestor::External(name) if found.is_none() => found = Some(Kind::of_type(name)?),
                Ancestor::External(_) | Ancestor::Unknown => return None,
            }
        }
        found
    }

    /// What calling a builtin type gives, if that cannot change.
    fn converted(
        &mut self,
        frame: &mut Frame<'p>,
        kind: Kind,
        arguments: &[Value],
    ) -> Option<Value> {
        let converted = match (kind, arguments) {
            (Kind::Str, []) => self.values.text(""),
            (Kind::Str, &[value]) => match self.text_of(frame, value) {
                Some(text) => self.values.text(&text),
                None => self.values.of(Kind::Str),
            },
            (Kind::Int | Kind::Float | Kind::Bytes | Kind::Complex, [] | [_]) => {
                let actual = Actual::of(arguments.to_vec());
                self.compute(frame, kind.name()?, &actual)
            }
            (Kind::Tuple, []) => self.values.tuple(Vec::new()),
            (Kind::Tuple, &[value]) => match self.known_items(frame, value) {
                Some(items) => self.lasting_tuple(&items),
                None => self.values.of(Kind::Tuple),
            },
            _ => return None,
        };
        (self.values.plain_kind(converted) == Some(kind)).then_some(converted)
    }

    /// A tuple of these; of those that mention an object of this function body nothing is known.
    fn lasting_tuple(&mut self, items: &[Value]) -> Value {
        let lasting = |&item: &Value| {
            if self.values.mentions_local(item) {
                Value::UNKNOWN
            } else {
                item
            }
        };
        let items = items.iter().map(lasting).collect();
        self.values.tuple(items)
    }

    /// The items of a new instance of a class that derives from `typing.NamedTuple`.
    fn items_of_named_tuple(&mut self, class: ClassRef, actual: &Actual) -> Option<Value> {
        let fields = self.named_tuple_fields(class)?;
        let mut items = Vec::with_capacity(fields.len());
        for (index, (&name, &has_default)) in fields.iter().enumerate() {
            items.push(match actual.get(index, &name) {
                Some(item) => item,
                None if has_default => self.default_of_field(class, name),
                None => return None,
            });
        }
        let fits = actual.positionals.len() <= fields.len()
            && actual.keywords.iter().all(|keyword| keyword.certain);
        fits.then(|| self.lasting_tuple(&items))
    }

    /// What a field of a named tuple is if it is left out.
    fn default_of_field(&self, class: ClassRef, name: Name) -> Value {
        let owner = self.class(class).mro.iter().find_map(|ancestor| {
            let Ancestor::Tree(ancestor) = *ancestor else {
                return None;
            };
            self.class(ancestor).namespace.get(&name).copied()
        });
        owner.unwrap_or(Value::UNKNOWN)
    }

    /// A field of a named tuple of the tree whose items are known; none if it is something else.
    pub fn item_of_field(&self, instance: Value, class: ClassRef, name: Name) -> Option<Value> {
        let data = self.data_behind(instance)?;
        let Data::Tuple(items) = self.data(data) else {
            return None;
        };
        let at = self.named_tuple_fields(class)?.get_index_of(&name)?;
        // A class below may have something else under that name.
        let is_other = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                let object = self.class(*ancestor);
                object.generated != crate::eval::objects::class::Generated::NamedTuple
                    && object.namespace.contains_key(&name)
            }
            _ => false,
        };
        if self.class(class).mro.iter().any(is_other) {
            return None;
        }
        items.get(at).copied()
    }

    /// `collections.namedtuple(name, fields)`; unknown, if it is not known what it makes.
    pub fn named_tuple_class(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        actual: &Actual,
    ) -> Value {
        self.may_raise(frame);
        self.described_named_tuple(frame, site, actual)
            .map_or(Value::UNKNOWN, |described| {
                self.values.intern(Data::NamedTuple(Rc::new(described)))
            })
    }

    fn described_named_tuple(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        actual: &Actual,
    ) -> Option<NamedTuple> {
        let takes = |keyword: &Name| {
            matches!(
                keyword.as_str(),
                "typename" | "field_names" | "defaults" | "module"
            )
        };
        let is_known = !actual.more_positionals
            && actual.rest.is_none()
            && actual
                .keywords
                .iter()
                .all(|keyword| keyword.certain && takes(&keyword.name));
        if !is_known || actual.positionals.len() > 2 {
            return None;
        }
        let is_one = self.runs_once(frame, site);
        let name = actual.get(0, "typename")?;
        let name = self.values.as_str(name)?;
        let names = actual.get(1, "field_names")?;
        let fields: Vec<Name> = match self.values.as_str(names) {
            Some(text) => text
                .split(|ch: char| ch == ',' || ch.is_whitespace())
                .filter(|field| !field.is_empty())
                .map(Name::new)
                .collect(),
            None => {
                let items = self.known_items(frame, names)?;
                let texts = items.iter().map(|&item| self.values.as_str(item));
                texts.collect::<Option<_>>()?
            }
        };
        let defaults = match actual.keyword("defaults") {
            None | Some(Value::NONE) => Vec::new(),
            Some(defaults) => self.known_items(frame, defaults)?,
        };
        let may_be_refused = defaults.len() > fields.len()
            || fields
                .iter()
                .enumerate()
                .any(|(index, field)| field.starts_with('_') || fields[..index].contains(field));
        let lasts = |&item: &Value| !self.values.mentions_local(item);
        (!may_be_refused && defaults.iter().all(lasts)).then(|| NamedTuple {
            name,
            fields: fields.into(),
            defaults: defaults.into(),
            module: frame.module,
            at: site.range.start,
            is_one,
        })
    }

    /// Why a call of such a class fails: its `__new__` takes the fields, and nothing else (library reference, `collections.namedtuple`).
    pub fn refuses_named_tuple(
        &self,
        named: &NamedTuple,
        class: Value,
        actual: &Actual,
    ) -> Option<Refusal> {
        let without = named.fields.len() - named.defaults.len();
        let field = |(index, &name): (usize, &Name)| Parameter {
            name,
            kind: ParameterKind::PositionalOrKeyword,
            has_default: index >= without,
        };
        let receiver = Parameter {
            name: Name::new("_cls"),
            kind: ParameterKind::PositionalOrKeyword,
            has_default: false,
        };
        let fields = named.fields.iter().enumerate().map(field);
        let signature = Signature {
            function: Name::new(&format!("{}.__new__", named.name)),
            parameters: std::iter::once(receiver).chain(fields).collect(),
        };
        let shape = shape(&actual.with_first(class));
        let fault = bind::bind(&signature, &shape).err()?;
        let subject = fault.names.first().copied();
        let refusal = Refusal {
            kind: FailureKind::InvalidOperation,
            subject: named.name,
            exception: self.refused_text(&signature, &shape, &fault),
            callee: None,
            blame: match (fault.kind, subject) {
                (FaultKind::UnexpectedKeyword, Some(keyword)) => Blame::Keyword(keyword),
                (FaultKind::MultipleValues, Some(keyword)) => Blame::Duplicate(keyword),
                _ => Blame::Shape,
            },
        };
        // `Point.__new__.__defaults__ = (0, 0)`, or another function in its place.
        let replaced = ["__new__", "__defaults__", "__kwdefaults__", "__code__"];
        let is_replaced = |name: &str| self.is_stored_elsewhere(Name::new(name));
        (!self.is_graph() && !replaced.into_iter().any(is_replaced)).then_some(refusal)
    }

    /// The class that `collections.namedtuple` made of which a value is an instance.
    pub fn named_tuple_of(&self, value: Value) -> Option<&NamedTuple> {
        match *self.data(value) {
            Data::Made { class, .. } => match self.data(class) {
                Data::NamedTuple(named) => Some(named),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether an instance of such a class has no attribute of a name, and nothing gives one to the class: it has no `__dict__`.
    fn lacks_field(&self, named: &NamedTuple, name: Name) -> bool {
        !named.fields.contains(&name)
            && !is_special(name)
            && !OF_NAMED_TUPLES.contains(&name.as_str())
            && has_attribute(Kind::Tuple, &name) == Some(false)
            && !self.is_stored_elsewhere(name)
    }

    /// A new instance of such a class; unknown, if the arguments do not fit.
    pub fn named_tuple_made(
        &mut self,
        frame: &mut Frame<'p>,
        class: Value,
        actual: &Actual,
    ) -> Value {
        let data = self.items_given(class, actual);
        self.unknown_call(frame, actual);
        match data {
            Some(items) => {
                let data = self.lasting_tuple(&items);
                self.values.intern(Data::Made { class, data })
            }
            None => Value::UNKNOWN,
        }
    }

    fn items_given(&self, class: Value, actual: &Actual) -> Option<Vec<Value>> {
        let Data::NamedTuple(named) = self.data(class) else {
            return None;
        };
        let fits = !actual.more_positionals
            && actual.rest.is_none()
            && actual.positionals.len() <= named.fields.len()
            && actual.keywords.iter().all(|keyword| {
                let at = named.fields.iter().position(|field| *field == keyword.name);
                keyword.certain && at.is_some_and(|at| at >= actual.positionals.len())
            });
        let without = named.fields.len() - named.defaults.len();
        let item = |(index, name): (usize, &Name)| {
            let default = index.checked_sub(without).map(|at| named.defaults[at]);
            actual.get(index, name).or(default)
        };
        if !fits {
            return None;
        }
        named.fields.iter().enumerate().map(item).collect()
    }

    /// `ValueError('x')`: an exception of the language, by its arguments. None: the class is none, or its instances may be of another one.
    pub fn exception_made(&mut self, called: Name, actual: &Actual) -> Option<Value> {
        let class = kind::canonical(&called);
        let is_plain =
            actual.keywords.is_empty() && !actual.more_positionals && actual.rest.is_none();
        // These make attributes of two arguments and more, and `OSError` another class (PEP 3151).
        let has_own_new = || {
            let mut bases = ["builtins.OSError", "builtins.SyntaxError"].iter();
            bases.any(|base| class == *base || exception_derives(class, base) == Some(true))
        };
        let takes_any = (actual.positionals.len() < 2 || !has_own_new())
            && !class.starts_with("builtins.Unicode")
            && !class.ends_with("Group");
        if !is_plain || !takes_any || !kind::is_exception(class) {
            return None;
        }
        let data = self.lasting_tuple(&actual.positionals);
        // Most go by the name that they are known by.
        let class = if called.as_str() == class {
            called
        } else {
            Name::new(class)
        };
        let class = self.values.intern(Data::External(class));
        Some(self.values.intern(Data::Made { class, data }))
    }

    /// Whether such an instance counts as true, where its items do not say it.
    pub fn truth_of_made(&self, value: Value) -> Truth {
        let Data::Made { class, .. } = *self.data(value) else {
            return Truth::Unknown;
        };
        match self.data(class) {
            Data::NamedTuple(named) => Truth::of(!named.fields.is_empty()),
            Data::External(_) => Truth::True,
            _ => Truth::Unknown,
        }
    }

    /// An attribute of such an instance.
    pub fn attribute_of_made(&mut self, frame: &Frame<'p>, base: Value, name: Name) -> Attribute {
        let Data::Made { class, data } = *self.data(base) else {
            return Attribute::Unknown;
        };
        if name.as_str() == "__class__" {
            return Attribute::Found(class);
        }
        match self.data(class).clone() {
            Data::NamedTuple(named) => {
                if let Some(at) = named.fields.iter().position(|field| *field == name) {
                    let item = match self.data(data) {
                        Data::Tuple(items) => items.get(at).copied(),
                        _ => None,
                    };
                    return Attribute::Found(item.unwrap_or(Value::UNKNOWN));
                }
                if self.lacks_field(&named, name) {
                    return Attribute::Missing;
                }
                if is_special(name) || self.values.plain_kind(data) != Some(Kind::Tuple) {
                    return Attribute::Unknown;
                }
                found_or_unknown(self.builtin_attribute(frame, data, name))
            }
            _ if name.as_str() == "args" && !self.is_stored_elsewhere(name) => {
                Attribute::Found(data)
            }
            _ => Attribute::Unknown,
        }
    }

    /// An attribute that an instance of a class of the tree has from the builtin type that it derives from.
    pub fn attribute_of_data(
        &mut self,
        frame: &Frame<'p>,
        base: Value,
        class: ClassRef,
        name: Name,
    ) -> Attribute {
        let Some(data) = self.data_behind(base) else {
            return Attribute::Unknown;
        };
        if is_special(name) || self.tree_may_give(class, name) {
            return Attribute::Unknown;
        }
        found_or_unknown(self.builtin_attribute(frame, data, name))
    }

    /// Whether a class of the tree along the order of resolution, or code that is not seen, may give instances an attribute.
    fn tree_may_give(&self, class: ClassRef, name: Name) -> bool {
        let object = self.class(class);
        object.has_metaclass
            || self.is_stored_elsewhere(name)
            || self.is_filled(Holder::Instances(class))
            || self.is_field(class, name)
            || object.mro.iter().any(|ancestor| match ancestor {
                Ancestor::Tree(ancestor) => {
                    let object = self.class(*ancestor);
                    let hooks = ["__getattr__", "__getattribute__", "__slots__"];
                    object.is_open
                        || object.is_decorated
                        || self.sets_any_attribute(object)
                        || object.namespace.contains_key(&name)
                        || hooks
                            .iter()
                            .any(|hook| object.namespace.contains_key(&Name::new(hook)))
                }
                Ancestor::External(_) => false,
                Ancestor::Unknown => true,
            })
    }

    /// Whether `@dataclass` gives a class an attribute by which others know it: `dataclasses.is_dataclass` asks for `__dataclass_fields__` (PEP 557, and PEP 634 for
    /// `__match_args__`).
    fn is_given_by_decorator(&self, class: ClassRef, name: Name) -> bool {
        let is_mark = matches!(
            name.as_str(),
            "__dataclass_fields__" | "__dataclass_params__" | "__match_args__" | "__replace__"
        );
        is_mark
            && self.class(class).mro.iter().any(|ancestor| {
                matches!(ancestor, Ancestor::Tree(own) if self.class(*own).generated != Generated::No)
            })
    }

    /// Whether an instance that derives from something outside the tree certainly lacks an attribute, which code of the module `reader` asks for.
    pub fn lacks_attribute(&mut self, reader: ModuleId, object: Value, name: Name) -> bool {
        match *self.data(object) {
            Data::Made { class, .. } => match self.data(class).clone() {
                Data::NamedTuple(named) => {
                    !named.fields.contains(&name)
                        && !OF_NAMED_TUPLES.contains(&name.as_str())
                        && has_attribute(Kind::Tuple, &name) == Some(false)
                }
                Data::External(class) => {
                    external_has(&class, &name) == Some(false)
                        && !self.is_stored_elsewhere(name)
                        && !self.survey.dynamic_attributes.contains(&reader)
                }
                _ => false,
            },
            Data::Instance {
                class, exact: true, ..
            }
            | Data::Member { class, .. } => {
                !self.tree_may_give(class, name)
                    && !self.is_given_by_decorator(class, name)
                    && self.stored_on_instances(class, true, name).is_none()
                    && self.externals_lack(class, name)
            }
            // What decorates a function may have set attributes on it.
            Data::Function(ref object) => {
                let function = object.function;
                has_attribute(Kind::Function, &name) == Some(false)
                    && !is_special(name)
                    && self.definition(function).decorators.is_empty()
                    && !self.disguised.contains(&function)
                    && !self.renamed.contains(&function)
                    && !self.survey.dynamic_attributes.contains(&function.module)
                    && !self.is_stored_elsewhere(name)
            }
            _ => false,
        }
    }
}

/// What is missing is an error of its own kind, which is left to those who know the whole class.
const fn found_or_unknown(attribute: Attribute) -> Attribute {
    match attribute {
        Attribute::Missing => Attribute::Unknown,
        found => found,
    }
}
