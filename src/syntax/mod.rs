//! From text to the intermediate form. The only place that names the parser's crate.

pub mod ir;
