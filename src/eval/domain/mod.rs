//! The lattice: what a value, a container and a point of a body may be, and how two of them join.

pub(in crate::eval) mod alternatives;
pub(in crate::eval) mod attributes;
pub(in crate::eval) mod compare;
pub(in crate::eval) mod fold;
pub(in crate::eval) mod instance;
pub mod kind;
pub(in crate::eval) mod number;
pub(in crate::eval) mod places;
pub mod state;
pub(in crate::eval) mod truth;
pub(in crate::eval) mod types;
pub mod value;
pub(in crate::eval) mod written;
