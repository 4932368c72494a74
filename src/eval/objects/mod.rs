//! The object model: classes, their MRO, attributes and descriptors.

pub mod attribute;
pub mod class;
pub mod mro;
