//! coship tells Python teams what must ship together.

pub mod bind;
pub mod facts;
pub mod name;
pub mod program;
pub mod syntax;
