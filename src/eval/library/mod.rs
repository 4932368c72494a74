//! What is known of builtins and the standard library: one table, the methods of builtin types, and how both apply.

pub mod apply;
pub mod ask;
mod asked;
pub mod awaited;
pub mod binary;
pub mod callbacks;
pub mod compilers;
pub mod convert;
mod counted;
pub mod deferred;
mod drained;
pub mod entry;
pub mod format;
pub mod formatted;
pub mod framed;
pub mod frameworks;
pub mod listed;
pub mod method;
mod parsed;
pub mod queued;
pub mod sequence;
pub mod signature;
mod spelled;
pub mod table;
mod tables;
pub mod text;
