//! Attributes of the standard library's classes and of what they make (the library reference; `python/classes.txt` has them).

use crate::eval::Evaluator;
use crate::eval::domain::attributes::has_attribute;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::interpreter::target::mentions;
use crate::eval::library::instances::LOGGER;
use crate::eval::objects::attribute::{OF_TYPE, is_special};
use crate::eval::objects::mro::{Ancestor, is_transparent};
use crate::name::Name;
use crate::python::classes;

/// What goes by the name of a class here, and may be of another one that derives from it: a loop, what an executor is, a task.
const LOOSE: &[&str] = &[
    "asyncio.AbstractEventLoop()",
    "asyncio.Future()",
    "concurrent.futures.Executor()",
    "multiprocessing.pool.Pool()",
];

/// Classes that make objects of another one, by platform, and what that is called everywhere but on Windows (the library reference, "pathlib").
const PORTABLE: &[(&str, &str)] = &[
    ("pathlib.Path", "PosixPath"),
    ("pathlib.PurePath", "PurePosixPath"),
];

/// Functions, and the class of what they give for certain (the library reference, "datetime", "pathlib").
const GIVEN: &[(&str, &str)] = &[
    ("datetime.date.fromisoformat", "datetime.date()"),
    ("datetime.date.fromtimestamp", "datetime.date()"),
    ("datetime.date.today", "datetime.date()"),
    ("datetime.datetime.combine", "datetime.datetime()"),
    ("datetime.datetime.fromisoformat", "datetime.datetime()"),
    ("datetime.datetime.fromtimestamp", "datetime.datetime()"),
    ("datetime.datetime.now", "datetime.datetime()"),
    ("datetime.datetime.strptime", "datetime.datetime()"),
    ("datetime.datetime.today", "datetime.datetime()"),
    ("datetime.datetime.utcfromtimestamp", "datetime.datetime()"),
    ("datetime.datetime.utcnow", "datetime.datetime()"),
    ("datetime.datetime().date", "datetime.date()"),
    ("datetime.datetime().time", "datetime.time()"),
];

/// The object of the library that a function or class makes, if all that it may have as an attribute is known.
#[must_use]
pub fn made_by(name: &str) -> Option<Name> {
    if let Some(given) = GIVEN.iter().find(|given| given.0 == name) {
        return Some(Name::new(given.1));
    }
    classes::is_closed(name).then(|| Name::new(&format!("{name}()")))
}

/// Whether something is a method of such an object that gives another one.
#[must_use]
pub fn gives(dotted: &str) -> bool {
    GIVEN.iter().any(|given| given.0 == dotted)
}

/// The class that something outside the tree is, or is an instance of; none: it is not known what it has.
#[must_use]
pub fn class_of(path: &str) -> Option<&str> {
    match path.strip_suffix("()") {
        None => classes::is_known(path).then_some(path),
        _ if LOOSE.contains(&path) => None,
        _ if path == LOGGER => Some("logging.Logger"),
        Some(class) => classes::is_closed(class).then_some(class),
    }
}

/// The name of a builtin type all whose attributes are known, if that is what something outside the tree is.
fn builtin_type(path: &str) -> Option<&'static str> {
    Kind::of_type(path).and_then(Kind::name)
}

/// Whether a builtin type has no attribute of a name: neither do its instances, nor does `type` give it one. Nothing can be put there.
fn is_lacked_by_builtin(path: &str, name: &str) -> bool {
    let of_instances = Kind::of_type(path).and_then(|kind| has_attribute(kind, name));
    builtin_type(path).is_some()
        && of_instances == Some(false)
        && !is_special(Name::new(name))
        && name != OF_TYPE
}

/// CPython's words for an attribute that such a class or object lacks.
#[must_use]
pub fn missing_text(path: &str, name: Name) -> Option<String> {
    if let Some(shown) = builtin_type(path) {
        return Some(format!("type object '{shown}' has no attribute '{name}'"));
    }
    let shown = classes::shown(class_of(path)?)?;
    Some(if path.ends_with("()") {
        let made = PORTABLE
            .iter()
            .find(|made| path.strip_suffix("()") == Some(made.0));
        let shown = made.map_or(shown, |made| made.1);
        format!("'{shown}' object has no attribute '{name}'")
    } else {
        format!("type object '{shown}' has no attribute '{name}'")
    })
}

impl<'p> Evaluator<'p> {
    /// Whether a class of the library, or what it makes, certainly has no such attribute.
    pub(super) fn library_lacks(&mut self, frame: &Frame<'p>, path: Name, name: Name) -> bool {
        let targets = self.program.targets();
        let is_alone = self.program.is_self_contained();
        let known = self.lacking_in_classes.entry((path, name));
        let lacks = *known.or_insert_with(|| {
            // To a class of Python, packages add methods: `Path.ls`, `Logger.trace`.
            let is_told =
                |class: &str| classes::is_fixed(class) || is_alone || classes::had(class, &name);
            is_lacked_by_builtin(&path, &name)
                || class_of(&path)
                    .is_some_and(|class| is_told(class) && classes::lacks(class, &name, targets))
        });
        lacks
            && frame.ir.errors.is_empty()
            && !self.is_of_dialect(frame.module)
            // To a builtin type nothing can be added.
            && (builtin_type(&path).is_some() || !self.is_stored_elsewhere(name))
            && !frame.guards.iter().any(|test| mentions(test, name))
            && !self.may_extend_loggers(&path)
    }

    /// Whether what a class of the tree derives from outside the tree is known as a whole, and gives instances no such attribute.
    pub(super) fn library_bases_lack(&self, class: ClassRef, name: Name) -> bool {
        self.class(class).mro.iter().all(|ancestor| match ancestor {
            // One of the tree may stand behind one of the library: `class Text(Sequence, Shown)`.
            Ancestor::Tree(own) => {
                let own = self.class(*own);
                !own.is_open && !own.namespace.contains_key(&name)
            }
            Ancestor::External(base) if is_transparent(*base) => {
                matches!(
                    base.as_str(),
                    "builtins.object" | "abc.ABC" | "typing.Generic"
                )
            }
            Ancestor::External(base) => {
                let targets = self.program.targets();
                classes::is_closed(base)
                    && classes::lacks(base, &name, targets)
                    && !self.may_extend_loggers(base)
            }
            Ancestor::Unknown => false,
        })
    }

    /// What a call of something of the library makes, if all attributes of that are known.
    pub fn made_by_library(&mut self, made: Option<Name>) -> Option<Value> {
        let made = made.filter(|_| !self.is_graph())?;
        Some(self.values.intern(Data::External(made)))
    }
}
