//! Raising and catching: what leaves a body, and what a handler means for it.

pub mod class;
pub mod exception;
pub mod handlers;
pub mod hierarchy;
pub mod manager;
pub mod recovery;
pub mod trap;
