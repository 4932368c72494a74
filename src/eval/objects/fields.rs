//! Fields: what a class body annotates, where that makes a constructor or puts something on the instances.

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use crate::bind::Parameter;
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{
    ArgumentKind, Call, Class, Constant, Expr, ExprKind, ParameterKind, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::value::{ClassRef, Data, FunctionObject};
use crate::eval::objects::class::Generated;
use crate::eval::objects::mro::{Ancestor, InMro};

/// What an annotation makes of a name in the body of a dataclass (PEP 557).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Declared {
    /// A field: a parameter.
    Field,
    /// `InitVar`: a parameter of `__init__`, and of `__post_init__`.
    PassedOn,
    /// `ClassVar`: nothing.
    OfClass,
    /// `KW_ONLY`: the fields after it are passed by keyword.
    KeywordsFollow,
}

/// A field of a dataclass, as its `__init__` takes it.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Whether it may be left out.
    has_default: bool,
    /// Whether that is certain: it may come from a base that is not known, or from a call that makes a field.
    is_certain: bool,
    /// Whether it is passed by keyword alone.
    keyword_only: bool,
    /// Whether it is a parameter at all.
    init: bool,
    /// Whether it is handed to `__post_init__` (`InitVar`).
    is_passed_on: bool,
}

/// The fields that a class body declares, in order; none: they cannot be told.
pub type Fields = Option<IndexMap<Name, Field>>;

/// The names that a class body annotates, wherever in it.
pub fn annotated_names(definition: &Class) -> FxHashSet<Name> {
    let mut names = FxHashSet::default();
    visit::statements(&definition.body, &mut |stmt| {
        if let StmtKind::AnnAssign { target, .. } = &stmt.kind
            && let ExprKind::Name(name, _) = target.kind
        {
            names.insert(name);
        }
    });
    names
}

impl Evaluator<'_> {
    /// Whether instances of a class may have a value of their own under a name because a class body annotates it: as a field of a
    /// dataclass, of a named tuple, or of what a base class, metaclass or decorator that is not known makes of annotations.
    pub fn is_field(&self, class: ClassRef, name: Name) -> bool {
        let object = self.class(class);
        let mut is_machined = object.has_metaclass || object.has_foreign_ancestor();
        object.mro.iter().rev().any(|ancestor| {
            let Ancestor::Tree(ancestor) = ancestor else {
                return false;
            };
            let ancestor = self.class(*ancestor);
            // What a base does to its own annotations it does to those of the classes below it.
            is_machined |= ancestor.is_open || ancestor.generated != Generated::No;
            is_machined && ancestor.annotated.contains(&name)
        })
    }

    /// Whether a dataclass's `__post_init__`, which its `__init__` calls last (the library reference, "Post-init processing"), assigns a field in any case: what was given
    /// for it is nowhere to be seen, but in `__post_init__` itself and in the methods that it names before that. `reader`: the function that reads the field.
    pub fn is_set_after_init(&self, class: ClassRef, name: Name, reader: Option<Name>) -> bool {
        let hook = Name::new("__post_init__");
        let object = self.class(class);
        let is_plain = matches!(object.generated, Generated::Dataclass { init: true, .. })
            && !object.has_metaclass
            && !object.has_foreign_ancestor();
        let Some(&value) = object.namespace.get(&hook).filter(|_| is_plain) else {
            return false;
        };
        let Data::Function(function) = self.data(value) else {
            return false;
        };
        let body = &self.definition(function.function).body;
        let is_own = |expr: &Expr, asked: Name| {
            matches!(&expr.kind, ExprKind::Attribute { value, attribute, .. }
                if *attribute == asked && matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0)))))
        };
        let sets = |stmt: &Stmt| match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().any(|target| is_own(target, name)),
            _ => false,
        };
        let until = body.iter().position(sets).map_or(0, |at| at + 1);
        let mut is_early = reader == Some(hook);
        visit::all_expressions(&body[..until], &mut |expr| {
            is_early |= reader.is_some_and(|reader| is_own(expr, reader));
        });
        if is_early {
            return false;
        }
        let mut returns = false;
        let mut before = body.iter().take_while(|stmt| {
            visit::statements(std::slice::from_ref(*stmt), &mut |stmt| {
                returns |= matches!(stmt.kind, StmtKind::Return(_));
            });
            !returns
        });
        before.any(sets) && !self.is_overridden(class, hook)
    }

    /// The fields of a dataclass: those of its ancestors, then its own (PEP 557). None: they cannot be told.
    fn all_fields(&self, class: ClassRef) -> Fields {
        let mut fields: IndexMap<Name, Field> = IndexMap::new();
        for ancestor in self.class(class).mro.iter().rev() {
            match ancestor {
                Ancestor::Tree(ancestor) => {
                    let object = self.class(*ancestor);
                    match object.generated {
                        Generated::Dataclass { .. } => fields.extend(object.fields.as_ref()?),
                        Generated::Unknown => return None,
                        Generated::No | Generated::NamedTuple => {}
                    }
                }
                // The standard library has no dataclass that is made to be derived from.
                Ancestor::External(name) if is_of_library(*name) => {}
                Ancestor::External(_) | Ancestor::Unknown => return None,
            }
        }
        Some(fields)
    }

    /// Whether a dataclass has a field, be it none that `__init__` takes.
    pub fn has_field(&self, class: ClassRef, name: Name) -> bool {
        self.all_fields(class)
            .is_some_and(|fields| fields.contains_key(&name))
    }

    /// How many fields the `__init__` of a dataclass hands to `__post_init__`.
    pub fn passed_on(&self, class: ClassRef) -> Option<usize> {
        let fields = self.all_fields(class)?;
        Some(fields.values().filter(|field| field.is_passed_on).count())
    }

    /// The first field without a default that stands behind one with a default in the parameters of the `__init__` of a dataclass, which cannot be made then; and
    /// the last field with a default before it.
    pub fn misplaced_field(&self, class: ClassRef) -> Option<(Name, Name)> {
        let fields = self.all_fields(class)?;
        let positional = fields
            .iter()
            .filter(|(_, field)| field.init && !field.keyword_only);
        let mut with_default = None;
        for (&name, field) in positional {
            match with_default {
                _ if field.has_default && field.is_certain => with_default = Some(name),
                _ if field.has_default => {}
                Some(before) => return Some((name, before)),
                None => {}
            }
        }
        None
    }

    /// The parameters of the `__init__` that `@dataclass` gives a class. None: they cannot be told.
    pub fn dataclass_parameters(&self, class: ClassRef) -> Option<Vec<Parameter>> {
        let fields = self.all_fields(class)?;
        // A field that is called so leaves the name to it.
        let own = match fields.get(&Name::new("self")) {
            Some(field) if field.init => "__dataclass_self__",
            _ => "self",
        };
        let mut parameters = vec![plain(own, false)];
        for wanted in [false, true] {
            let wanted = |field: &Field| field.init && field.keyword_only == wanted;
            for (&name, field) in fields.iter().filter(|(_, field)| wanted(field)) {
                parameters.push(Parameter {
                    name,
                    kind: if field.keyword_only {
                        ParameterKind::KeywordOnly
                    } else {
                        ParameterKind::PositionalOrKeyword
                    },
                    has_default: field.has_default,
                });
            }
        }
        Some(parameters)
    }

    /// The fields that a class declares itself.
    fn own_fields(&mut self, class: ClassRef, mut keyword_only: bool) -> Fields {
        let object = self.class(class);
        let (module, definition) = (object.module, object.definition);
        let mut fields = IndexMap::new();
        for stmt in &definition.body {
            let StmtKind::AnnAssign {
                target,
                annotation,
                value,
            } = &stmt.kind
            else {
                if annotates_below(stmt) {
                    return None;
                }
                continue;
            };
            let ExprKind::Name(name, _) = target.kind else {
                continue;
            };
            match self.declared(class, annotation)? {
                Declared::KeywordsFollow => keyword_only = true,
                Declared::OfClass => {}
                declared @ (Declared::Field | Declared::PassedOn) => {
                    // What the class has under that name when it is decorated, be it inherited.
                    let has_default = value.is_some() || self.in_mro(class, name) != InMro::Missing;
                    let plain = Field {
                        has_default,
                        is_certain: !has_default || value.as_ref().is_some_and(is_no_field),
                        keyword_only,
                        init: true,
                        is_passed_on: declared == Declared::PassedOn,
                    };
                    let field = match value.as_ref().map(|value| &value.kind) {
                        Some(ExprKind::Call(call)) if self.makes_field(module, call) => {
                            self.described(module, call, plain)?
                        }
                        Some(ExprKind::Call(call)) if self.gives_field(module, call) => {
                            return None;
                        }
                        _ => plain,
                    };
                    fields.insert(name, field);
                }
            }
        }
        Some(fields)
    }

    /// What an annotation says of its name. None: it cannot be read.
    fn declared(&mut self, class: ClassRef, annotation: &Expr) -> Option<Declared> {
        let module = self.class(class).module;
        let head = match &annotation.kind {
            ExprKind::Unknown => return None,
            ExprKind::Subscript { value, .. } => return self.declared(class, value),
            // A name of the class body is found before one of the module.
            ExprKind::Name(name, _) if self.class(class).namespace.contains_key(name) => {
                let found = self.class(class).namespace[name];
                match self.data(found) {
                    Data::External(dotted) => dotted.rsplit('.').next().map(Name::new),
                    Data::Class { .. } => None,
                    _ => return None,
                }
            }
            ExprKind::Constant(Constant::Str(text)) => self.head_of_text(module, text.as_str()),
            _ => self.meant(module, annotation),
        };
        Some(match head.as_deref() {
            Some("ClassVar") => Declared::OfClass,
            Some("InitVar") => Declared::PassedOn,
            Some("KW_ONLY") => Declared::KeywordsFollow,
            _ => Declared::Field,
        })
    }

    /// The outermost name in an annotation that is a text: `ClassVar` in `'typing.ClassVar[int]'`.
    fn head_of_text(&mut self, module: ModuleId, text: &str) -> Option<Name> {
        let head = text.split('[').next().unwrap_or_default();
        let mut parts = head.split('.').map(str::trim);
        let first = Name::new(parts.next().unwrap_or_default());
        let rest: Vec<&str> = parts.collect();
        match *rest.as_slice() {
            [] => Some(self.meant_by_name(module, first)),
            _ => rest.last().copied().map(Name::new),
        }
    }

    /// Whether a call is one of `dataclasses.field`.
    fn makes_field(&mut self, module: ModuleId, call: &Call) -> bool {
        match &call.function.kind {
            // `Colon.field()` is what the class makes of it, wherever that comes from.
            ExprKind::Attribute {
                value, attribute, ..
            } => match value.kind {
                ExprKind::Name(name, _) if attribute.as_str() == "field" => {
                    let module = self.variable(module, name);
                    matches!(self.data(module), Data::External(dotted) if dotted.rsplit('.').next() == Some("dataclasses"))
                }
                _ => false,
            },
            _ => self.meant(module, &call.function).as_deref() == Some("field"),
        }
    }

    /// Whether a call is one of a function of the tree that makes fields of its own kind: `def hidden(value): return field(default=value, init=False)`.
    fn gives_field(&mut self, module: ModuleId, call: &Call) -> bool {
        let function = match &call.function.kind {
            ExprKind::Name(name, _) => self.variable(module, *name),
            ExprKind::Attribute {
                value, attribute, ..
            } => match value.kind {
                ExprKind::Name(name, _) => {
                    let around = self.variable(module, name);
                    let Data::Module(module) = *self.data(around) else {
                        return false;
                    };
                    self.variable(module, *attribute)
                }
                _ => return false,
            },
            _ => return false,
        };
        let Some(FunctionObject { function, .. }) = self.function_behind(function) else {
            return false;
        };
        let module = function.module;
        let definition = &self.program.module(module).ir[function.id];
        let mut made = Vec::new();
        visit::statements(&definition.body, &mut |stmt| {
            if let StmtKind::Return(Some(value)) = &stmt.kind
                && let ExprKind::Call(call) = &value.kind
            {
                made.push(&**call);
            }
        });
        made.into_iter().any(|call| self.makes_field(module, call))
    }

    /// What `field(..)` says of a field. None: it cannot be told.
    fn described(&mut self, module: ModuleId, call: &Call, plain: Field) -> Option<Field> {
        let mut field = Field {
            has_default: false,
            is_certain: true,
            ..plain
        };
        for argument in &call.arguments {
            let ArgumentKind::Keyword(option) = argument.kind else {
                return None;
            };
            match (option.as_str(), &argument.value.kind) {
                ("default" | "default_factory", _) => {
                    field.has_default |= !self.is_no_default(module, &argument.value);
                }
                ("init", ExprKind::Constant(Constant::Bool(value))) => field.init = *value,
                ("kw_only", ExprKind::Constant(Constant::Bool(value))) => {
                    field.keyword_only = *value;
                }
                ("init" | "kw_only", _) => return None,
                _ => {}
            }
        }
        Some(field)
    }

    /// Whether an expression is `dataclasses.MISSING`, which says that there is no default (the library reference, `dataclasses.field`); a member of an enum that
    /// is called so is a default like any other.
    fn is_no_default(&mut self, module: ModuleId, expr: &Expr) -> bool {
        let (around, last) = match &expr.kind {
            ExprKind::Name(name, _) => (*name, None),
            ExprKind::Attribute {
                value, attribute, ..
            } => match value.kind {
                ExprKind::Name(name, _) => (name, Some(*attribute)),
                _ => return false,
            },
            _ => return false,
        };
        let found = self.variable(module, around);
        let Data::External(dotted) = self.data(found) else {
            return false;
        };
        match last {
            None => dotted.as_str() == "dataclasses.MISSING",
            Some(last) => dotted.as_str() == "dataclasses" && last.as_str() == "MISSING",
        }
    }

    /// The name that something of the library has there, be it called otherwise here (`from typing import ClassVar as CV`); what is not known is
    /// taken for what it is called.
    fn meant(&mut self, module: ModuleId, expr: &Expr) -> Option<Name> {
        match expr.kind {
            ExprKind::Name(name, _) => Some(self.meant_by_name(module, name)),
            ExprKind::Attribute { attribute, .. } => Some(attribute),
            _ => None,
        }
    }

    fn meant_by_name(&mut self, module: ModuleId, name: Name) -> Name {
        let value = self.variable(module, name);
        match self.data(value) {
            Data::External(dotted) => Name::new(dotted.rsplit('.').next().unwrap_or_default()),
            Data::Function(_) | Data::Class { .. } => Name::new(""),
            _ => name,
        }
    }

    /// Whether a class derives from `typing.NamedTuple`.
    pub fn is_named_tuple(&self, class: ClassRef) -> bool {
        let named_tuple = Ancestor::External(Name::new("typing.NamedTuple"));
        self.class(class).mro.contains(&named_tuple)
    }

    /// The fields of a named tuple, in order, each with whether it has a default: what the class body that derives from `NamedTuple` itself annotates.
    pub fn named_tuple_fields(&self, class: ClassRef) -> Option<IndexMap<Name, bool>> {
        let mut ancestors = self.class(class).mro.iter();
        let owner = ancestors.find_map(|ancestor| match ancestor {
            Ancestor::Tree(class) if self.class(*class).generated == Generated::NamedTuple => {
                Some(*class)
            }
            _ => None,
        })?;
        let owner = self.class(owner);
        let mut fields = IndexMap::new();
        for stmt in &owner.definition.body {
            if let StmtKind::AnnAssign { target, .. } = &stmt.kind
                && let ExprKind::Name(name, _) = target.kind
            {
                // Annotated twice, it is one field.
                fields.insert(name, owner.namespace.contains_key(&name));
            } else if annotates_below(stmt) {
                return None;
            }
        }
        Some(fields)
    }

    /// The parameters of a named tuple's `__new__`.
    pub fn named_tuple_parameters(&self, class: ClassRef) -> Option<Vec<Parameter>> {
        let mut parameters = vec![plain("_cls", false)];
        for (name, has_default) in self.named_tuple_fields(class)? {
            parameters.push(plain(&name, has_default));
        }
        Some(parameters)
    }

    /// `@dataclass` on a class.
    pub fn make_dataclass(&mut self, class: ClassRef, actual: &Actual) {
        let flag = |evaluator: &Self, name: &str, default: bool| match actual.keyword(name) {
            None => Some(default),
            Some(value) => match evaluator.data(value) {
                Data::Bool(value) => Some(*value),
                _ => None,
            },
        };
        let generated = match (
            flag(self, "kw_only", false),
            flag(self, "init", true),
            actual.rest,
        ) {
            (Some(keyword_only), Some(init), None) => Generated::Dataclass { keyword_only, init },
            _ => Generated::Unknown,
        };
        let fields = match generated {
            Generated::Dataclass { keyword_only, .. } => self.own_fields(class, keyword_only),
            _ => None,
        };
        let object = &mut self.classes[class.0 as usize];
        object.generated = generated;
        object.fields = fields;
    }
}

fn plain(name: &str, has_default: bool) -> Parameter {
    Parameter {
        name: Name::new(name),
        kind: ParameterKind::PositionalOrKeyword,
        has_default,
    }
}

/// Whether a field's value is certainly its default, and no field that something else made.
fn is_no_field(value: &Expr) -> bool {
    matches!(
        value.kind,
        ExprKind::Constant(_)
            | ExprKind::Tuple(_)
            | ExprKind::Joined(_)
            | ExprKind::Attribute { .. }
    )
}

/// Whether a statement with blocks annotates names in them: which of them is there cannot be told.
fn annotates_below(stmt: &Stmt) -> bool {
    let mut found = false;
    for block in visit::blocks(stmt) {
        visit::statements(block, &mut |stmt| {
            found |= matches!(stmt.kind, StmtKind::AnnAssign { .. });
        });
    }
    found
}

/// Whether something outside the tree is of the standard library, by its dotted name.
pub fn is_of_library(name: Name) -> bool {
    let root = name.split('.').next().unwrap_or_default();
    root == "builtins" || crate::program::stdlib::is_standard(root)
}
