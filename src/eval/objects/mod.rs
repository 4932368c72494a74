//! The object model: classes, their MRO, attributes and descriptors.

mod abstracts;
pub mod attribute;
mod builtin;
pub mod class;
pub mod created;
pub mod fields;
pub mod filled;
pub mod mro;
pub mod plain;
pub mod stored;
