//! Raising and catching: what leaves a body, and what a handler means for it.

pub mod exception;
pub mod handlers;
