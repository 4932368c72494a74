//! Tests of parsing and lowering.

mod constructs;
mod cpython;
mod depth;
mod dump;
mod errors;
