//! Evaluations of bodies, kept by what they were given: contexts, their cases, and the functions that are evaluated for all callers.

pub mod case;
pub(in crate::eval) mod context;
pub(in crate::eval) mod hints;
pub(in crate::eval) mod named;
mod overriding;
pub(in crate::eval) mod roots;
