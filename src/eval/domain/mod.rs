//! The lattice: what a value, a container and a point of a body may be, and how two of them join.

pub(in crate::eval) mod compare;
pub mod state;
pub(in crate::eval) mod truth;
pub mod value;
pub(in crate::eval) mod written;
