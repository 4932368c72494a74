//! The semantics of statements and expressions: one body at a time.

pub mod absent;
mod annotated;
pub mod annotation;
pub mod assignment;
pub mod by_name;
pub mod comprehension;
pub mod cycle;
pub mod exports;
pub mod exposed;
pub mod expression;
pub mod failed_value;
pub mod fallback;
mod filled_module;
pub mod frame;
pub mod given_names;
pub mod hashed;
pub mod hint_names;
pub mod import;
pub mod likely;
pub mod loops;
pub mod module;
mod namesake;
pub mod narrowing;
pub mod operation;
pub mod operator;
pub mod pattern;
pub mod place;
mod rebuilt;
pub mod refinement;

pub mod star;
pub mod statement;
pub mod superseded_names;
pub mod target;
pub mod unbound;
pub mod unpacking;
mod written_out;
