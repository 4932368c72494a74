//! Attributes of what is no object of the tree's classes: functions, values of builtin types, the library.

use crate::eval::Evaluator;
use crate::eval::domain::attributes::has_attribute;
use crate::eval::domain::kind::{self, Kind};
use crate::eval::domain::types::is_class_name;
use crate::eval::domain::value::{Data, FunctionObject, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::library::entry::is_made_for_its_methods;
use crate::eval::library::spelled;
use crate::eval::objects::attribute::Attribute;
use crate::eval::objects::library_class::{class_of, gives};
use crate::name::Name;

impl<'p> Evaluator<'p> {
    /// An attribute of something outside the tree.
    pub fn external_attribute(&mut self, frame: &Frame<'p>, path: Name, name: Name) -> Attribute {
        if self.library_lacks(frame, path, name) {
            return Attribute::Missing;
        }
        let value = match (path.as_str(), name.as_str()) {
            ("sys.version_info", "major") => self.values.int(3),
            // What is told here is what CPython does.
            ("sys.implementation", "name") => self.values.str(Name::new("cpython")),
            // What it is called depends on the version.
            ("enum.EnumMeta" | "enum.EnumType", "__name__" | "__qualname__") => Value::UNKNOWN,
            (_, "__name__" | "__qualname__") if is_class_name(&path) => {
                let class = kind::canonical(&path);
                let class = class.rsplit('.').next().unwrap_or_default();
                let known = Kind::of_type(&path).and_then(Kind::name);
                self.values.str(Name::new(known.unwrap_or(class)))
            }
            _ => {
                if let Some(&known) = self.dotted.get(&(path, name)) {
                    return Attribute::Found(known);
                }
                if goes_round(&path, &name) {
                    return Attribute::Found(Value::UNKNOWN);
                }
                let dotted = Name::new(&format!("{path}.{name}"));
                // An attribute of what a class made is another one for each, and may be None.
                if path.ends_with("()")
                    && class_of(&path).is_some()
                    && !is_made_for_its_methods(&path)
                    && !gives(&dotted)
                    && spelled::signature_of(dotted).is_none()
                {
                    self.dotted.insert((path, name), Value::UNKNOWN);
                    return Attribute::Found(Value::UNKNOWN);
                }
                let value = self.values.intern(Data::External(dotted));
                self.dotted.insert((path, name), value);
                value
            }
        };
        Attribute::Found(value)
    }

    /// `function.__name__`, where nothing gives the function another.
    pub fn name_of_function(&mut self, function: &FunctionObject) -> Attribute {
        let name = self.definition(function.function).name;
        if self.renamed.contains(&function.function)
            || self.disguised.contains(&function.function)
            || self.is_stored_elsewhere(Name::new("__name__"))
        {
            return Attribute::Unknown;
        }
        Attribute::Found(self.values.str(name))
    }

    /// An attribute of an instance of a builtin type.
    pub fn builtin_attribute(&mut self, frame: &Frame<'p>, base: Value, name: Name) -> Attribute {
        let is_container = matches!(self.data(base), Data::Local(_) | Data::Shared(_));
        let Some(found) = self.kind_of(frame, base) else {
            if is_container {
                return Attribute::Found(self.values.intern(Data::Method {
                    receiver: base,
                    name,
                }));
            }
            return Attribute::Unknown;
        };
        // These may have attributes of their own, or stand for more types than one.
        let is_open = !found.is_exact
            || matches!(
                found.kind,
                Kind::Function
                    | Kind::Method
                    | Kind::BuiltinFunction
                    | Kind::Module
                    | Kind::Type
                    | Kind::Partial
                    | Kind::Iterator
                    | Kind::View
            );
        let has = has_attribute(found.kind, &name);
        match has {
            Some(false)
                if !is_open
                    || found.is_exact
                        && matches!(
                            found.kind,
                            Kind::BuiltinFunction | Kind::Iterator | Kind::View
                        ) =>
            {
                Attribute::Missing
            }
            _ if name.as_str() == "__class__" => Attribute::Found(self.type_of(frame, base)),
            Some(true) if !is_open => self.data_attribute(base, name),
            // An iterator's type is not known.
            None if is_open && is_container && !self.is_graph() => Attribute::Unknown,
            _ if is_container => self.data_attribute(base, name),
            None if !is_open => Attribute::Unknown,
            _ if matches!(self.data(base), Data::Of(_)) => {
                Attribute::Found(self.values.intern(Data::Method {
                    receiver: base,
                    name,
                }))
            }
            _ => Attribute::Unknown,
        }
    }

    /// An attribute that is there: a method, unless it is one of the few that are data.
    pub fn data_attribute(&mut self, base: Value, name: Name) -> Attribute {
        let value = match (name.as_str(), self.data(base).clone()) {
            ("real" | "numerator", Data::Int(_) | Data::BigInt(_) | Data::Float(_)) => base,
            ("real" | "numerator", Data::Bool(value)) => self.values.int(i128::from(value)),
            ("imag", Data::Int(_) | Data::Bool(_) | Data::BigInt(_)) => self.values.int(0),
            ("denominator", Data::Int(_) | Data::Bool(_) | Data::BigInt(_)) => self.values.int(1),
            ("imag", Data::Float(_)) => self.values.float(0.0),
            ("real", Data::Complex(real, _)) => self.values.float(f64::from_bits(real)),
            ("imag", Data::Complex(_, imaginary)) => self.values.float(f64::from_bits(imaginary)),
            ("start", Data::Range { start, .. }) => self.values.int(i128::from(start)),
            ("stop", Data::Range { stop, .. }) => self.values.int(i128::from(stop)),
            ("step", Data::Range { step, .. }) => self.values.int(i128::from(step)),
            ("start", Data::Slice(parts)) => parts[0],
            ("stop", Data::Slice(parts)) => parts[1],
            ("step", Data::Slice(parts)) => parts[2],
            ("real" | "imag" | "numerator" | "denominator" | "start" | "stop" | "step", _) => {
                Value::UNKNOWN
            }
            ("__doc__" | "__dict__" | "__hash__", _) => Value::UNKNOWN,
            _ => self.values.intern(Data::Method {
                receiver: base,
                name,
            }),
        };
        Attribute::Found(value)
    }
}

/// Whether an attribute of something outside the tree is one that was asked for twice on the way there: code that follows `node.next` from one to the other, or a type's
/// `__origin__`, would name ever new things. `datetime.datetime` has one name twice.
fn goes_round(path: &str, name: &str) -> bool {
    path.split('.').filter(|&part| part == name).count() > 1
}
