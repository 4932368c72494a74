//! The object model: classes, their MRO, attributes and descriptors.

mod abstracts;
pub mod answers;
pub mod attribute;
mod builtin;
pub mod class;
pub mod created;
pub mod fields;
pub mod filled;
pub mod given;
mod initialized;
pub mod inner;
pub mod kept;
pub mod library_class;
mod listed_bases;
pub mod made;
pub mod members;
pub mod mro;
pub mod outside;
pub mod own;
mod parted_attribute;
pub mod plain;
pub mod plain_metaclass;
mod put_there;
pub mod refused;
pub mod replaced;
pub mod special;
pub mod stored;
