//! From a failure back to the text that has to change, and to the routes that it is on.

pub(in crate::eval) mod callers;
pub(in crate::eval) mod cause;
mod earlier;
pub(in crate::eval) mod impact;
mod left_alone;
pub(in crate::eval) mod names;
pub(in crate::eval) mod origin;
pub(in crate::eval) mod routes;
mod skipped;
mod swallowed;
pub(in crate::eval) mod trace;
pub mod traced;
pub(in crate::eval) mod ways;
mod within;
