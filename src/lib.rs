//! coship tells Python teams what must ship together.

pub mod bind;
pub mod config;
pub mod facts;
pub mod name;
pub mod report;
pub mod rules;
pub mod source;
pub mod syntax;
