//! What the tables of this folder say of a function outside the tree: looked up once, and not at each of its calls.

use crate::bind::Signature;
use crate::eval::Evaluator;
use crate::eval::domain::kind::Kind;
use crate::eval::library::counted::{self, Counted};
use crate::eval::library::keyed::{self, Keyed};
use crate::eval::library::table::{BY_NAME, Known};
use crate::eval::library::{
    asked, awaited, binary, callbacks, framed, instances, listed, logged, parsed, spelled,
};
use crate::eval::objects::library_class::made_by;
use crate::eval::objects::special;
use crate::name::Name;

/// What the tables say of one name.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// How many arguments it takes, if it is written in C.
    pub counted: Option<Counted>,
    /// Which keywords it takes, if it is written in C.
    pub keyed: Option<Keyed>,
    /// Its type, if it is no function, and cannot be called.
    pub instance: Option<&'static str>,
    /// What it takes, if it is written in Python.
    pub signature: Option<&'static Signature>,
    /// Whether it asks something of its arguments.
    pub asks: bool,
    /// Whether it runs special methods of its arguments.
    pub runs: bool,
    /// Whether it calls what it is handed.
    pub calls_back: bool,
    /// Whether one of the tables has it that few names are in; see `call_particular`.
    pub is_particular: bool,
    /// Its meaning.
    pub known: Option<Known>,
    /// What it makes, if that is of the library and its attributes are known.
    pub made: Option<Name>,
    /// `builtins.str.upper`: the type, and the method that is taken from it.
    pub method: Option<(Kind, Name)>,
}

impl Entry {
    fn of(name: Name) -> Self {
        let is_particular = parsed::is_listed(&name)
            || awaited::is_listed(&name)
            || binary::is_listed(&name)
            || callbacks::makes(&name)
            || framed::is_listed(&name)
            || listed::may_register(&name)
            || logged::is_listed(&name)
            || name.as_str() == "dataclasses.replace"
            || name.ends_with(".__new__");
        let method = name.as_str().rsplit_once('.').and_then(|(class, method)| {
            let kind = Kind::of_type(class).filter(|_| class.starts_with("builtins."))?;
            Some((kind, Name::new(method)))
        });
        Self {
            counted: counted::of_function(name),
            keyed: keyed::of_function(name),
            instance: instances::type_of(&name),
            signature: spelled::signature_of(name),
            asks: asked::is_listed(name),
            runs: special::is_listed(name),
            calls_back: callbacks::is_listed(&name),
            is_particular,
            known: BY_NAME.get(&name).copied(),
            made: made_by(&name),
            method,
        }
    }
}

/// Whether one of the tables makes such an object for what its methods do.
#[must_use]
pub fn is_made_for_its_methods(object: &str) -> bool {
    callbacks::is_made(object) || awaited::is_made(object)
}

impl Evaluator<'_> {
    /// What the tables say of a function outside the tree.
    pub fn in_tables(&mut self, name: Name) -> Entry {
        *self.entries.entry(name).or_insert_with(|| Entry::of(name))
    }
}
