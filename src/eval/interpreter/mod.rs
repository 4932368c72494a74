//! The semantics of statements and expressions: one body at a time.

pub mod absent;
pub mod annotation;
pub mod assignment;
pub mod by_name;
pub mod comprehension;
pub mod cycle;
pub mod exports;
pub mod exposed;
pub mod expression;
pub mod fallback;
pub mod frame;
pub mod given_names;
pub mod import;
pub mod loops;
pub mod module;
pub mod narrowing;
pub mod operation;
pub mod operator;
pub mod pattern;
pub mod place;
pub mod refinement;
pub mod star;
pub mod statement;
pub mod target;
pub mod unbound;
pub mod unpacking;
mod written_out;
