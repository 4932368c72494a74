//! Whether a failure is certain: the only place that says must, may or unknown.

pub mod decide;
pub mod guard;
