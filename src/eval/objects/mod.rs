//! The object model: classes, their MRO, attributes and descriptors.

pub mod attribute;
mod builtin;
pub mod class;
pub mod fields;
pub mod mro;
