//! Tests of parsing and lowering.

mod cpython;
mod depth;
mod dump;
