//! The Python that runs a tree: its versions, and what each of them has.
//!
//! The tables beside this file are data: `generate.py` writes them by asking interpreters.

pub mod builtins;
pub mod classes;
pub mod dialect;
pub mod ending;
pub mod library;
pub mod mutators;
mod table;
pub mod version;

pub use table::Span;
pub use version::{Declared, Targets, Version, lower_bound};
