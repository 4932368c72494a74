//! Abstract classes: which methods of a class are still abstract, so that `object.__new__` refuses to make an instance (PEP 3119, "The abc Module").

use crate::facts::FailureKind;
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{ArgumentKind, Constant, Expr, ExprKind, Stmt, StmtKind};

use crate::eval::Evaluator;
use crate::eval::calls::refusal::Refusal;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::{Blame, Callee};
use crate::eval::objects::attribute::is_special;
use crate::eval::objects::class::Generated;
use crate::eval::objects::mro::{Ancestor, InMro};

impl Evaluator<'_> {
    /// Why no instance of exactly this class can be made, if it certainly has abstract methods.
    pub fn refuses_instances(&mut self, class: ClassRef) -> Option<Refusal> {
        let mut methods = self.abstract_methods(class);
        methods.sort_unstable();
        methods.dedup();
        let first = *methods.first()?;
        let name = self.class(class).definition.name;
        let plural = if methods.len() == 1 { "" } else { "s" };
        let listed: Vec<&str> = methods.iter().map(|name| name.as_str()).collect();
        let listed = listed.join(", ");
        Some(Refusal::new(
            FailureKind::AbstractClass,
            first,
            format!(
                "TypeError: Can't instantiate abstract class {name} with abstract method{plural} {listed}"
            ),
            Callee::Class(class),
            Blame::Here,
        ))
    }

    /// Whether a class certainly has methods that are still to be written.
    pub fn is_still_abstract(&mut self, class: ClassRef) -> bool {
        !self.abstract_methods(class).is_empty()
    }

    /// The names that certainly are in a class's `__abstractmethods__`.
    fn abstract_methods(&mut self, class: ClassRef) -> Vec<Name> {
        let object = self.class(class);
        let is_known = object.is_abstract_base
            && !object.has_metaclass
            && !object.is_open
            && !object.has_unknown_ancestor()
            && object.generated != Generated::Unknown;
        if !is_known || self.is_stored_elsewhere(Name::new("__abstractmethods__")) {
            return Vec::new();
        }
        // A decorator may have added comparisons and the like.
        let is_decorated = !object.definition.decorators.is_empty();
        let mut candidates: Vec<Name> = Vec::new();
        for ancestor in object.mro.clone() {
            // What `ABCMeta` did not make has no list of abstract methods that a class could inherit.
            if let Ancestor::Tree(ancestor) = ancestor
                && self.class(ancestor).is_abstract_base
            {
                let namespace: Vec<(Name, Value)> = {
                    let namespace = &self.class(ancestor).namespace;
                    namespace
                        .iter()
                        .map(|(&name, &value)| (name, value))
                        .collect()
                };
                for (name, value) in namespace {
                    if !(is_decorated && is_special(name)) && self.is_abstract(value) {
                        candidates.push(name);
                    }
                }
            }
        }
        candidates.retain(|&name| match self.in_mro(class, name) {
            InMro::Found(value, _) => {
                self.is_abstract(value)
                    && !self.is_slot(class, name)
                    && !self.is_slot_field(class, name)
            }
            _ => false,
        });
        candidates
    }

    /// Whether the class body binds a name by listing it in `__slots__`: the descriptor that stands for it then is not abstract (the data model, 3.3.2.4). One whose
    /// content is not known may hold any name.
    fn is_slot(&self, class: ClassRef, name: Name) -> bool {
        let slots = Name::new("__slots__");
        let ancestors = self.class(class).mro.iter();
        let mut listed = ancestors.filter_map(|ancestor| match ancestor {
            Ancestor::Tree(ancestor) => self.class(*ancestor).namespace.get(&slots),
            _ => None,
        });
        let is_it = |value: &Value| matches!(self.data(*value), Data::Str(text) if *text == name);
        listed.any(|value| match self.data(*value) {
            Data::Str(_) => is_it(value),
            Data::Tuple(names) => names.iter().any(is_it),
            _ => true,
        })
    }

    /// Whether a name is a field of a class that `@dataclass(slots=True)` makes anew, with a slot for each of its fields.
    fn is_slot_field(&self, class: ClassRef, name: Name) -> bool {
        let makes_slots = |decorator: &Expr| match &decorator.kind {
            ExprKind::Call(call) => call.arguments.iter().any(|argument| match argument.kind {
                ArgumentKind::Keyword(keyword) => {
                    let is_off = matches!(
                        argument.value.kind,
                        ExprKind::Constant(Constant::Bool(false))
                    );
                    keyword.as_str() == "slots" && !is_off
                }
                kind => kind == ArgumentKind::DoubleStar,
            }),
            _ => false,
        };
        let declares = |stmt: &Stmt| {
            matches!(&stmt.kind, StmtKind::AnnAssign { target, .. }
                if matches!(target.kind, ExprKind::Name(found, _) if found == name))
        };
        self.class(class).mro.iter().any(|ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                let definition = self.class(*ancestor).definition;
                definition.decorators.iter().any(makes_slots)
                    && definition.body.iter().any(declares)
            }
            Ancestor::External(_) | Ancestor::Unknown => false,
        })
    }

    /// Whether a value in a class body certainly has a true `__isabstractmethod__`.
    fn is_abstract(&mut self, value: Value) -> bool {
        let value = match *self.data(value) {
            Data::Property(getter, _) => getter,
            _ => value,
        };
        let Some(object) = self.function_behind(value) else {
            return false;
        };
        let module = object.function.module;
        let mut is_abstract = false;
        for decorator in &self.definition(object.function).decorators {
            match self.dotted_name(module, decorator).as_deref() {
                Some("abc.abstractmethod") => is_abstract = true,
                Some(
                    "builtins.property"
                    | "builtins.classmethod"
                    | "builtins.staticmethod"
                    | "typing.final"
                    | "typing.override"
                    | "typing_extensions.final"
                    | "typing_extensions.override",
                ) => {}
                _ => return false,
            }
        }
        is_abstract
    }

    /// The dotted name of something outside the tree that an expression at a module's top level means.
    pub fn dotted_name(&mut self, module: ModuleId, expr: &Expr) -> Option<Name> {
        match &expr.kind {
            ExprKind::Name(name, _) => {
                let value = self.global(module, *name);
                match self.data(value) {
                    Data::External(dotted) => Some(*dotted),
                    _ => None,
                }
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                let base = self.dotted_name(module, value)?;
                Some(Name::new(&format!("{base}.{attribute}")))
            }
            _ => None,
        }
    }
}
