//! What an evaluation depends on, and what known states say without evaluating.

pub mod changes;
pub(in crate::eval) mod content;
pub(in crate::eval) mod deciding;
pub mod effect;
pub mod file_set;
