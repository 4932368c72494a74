//! Whether a failure is certain: the only place that says must, may or unknown.
//!
//! [`control`] reads which tests lead around a place, [`flow`] and [`looks`] what these look at, [`chain`] carries both up the calls that lead to a failure
//! and says what makes it a *may*. [`guard`] and [`decide`] judge while a body is evaluated.

pub mod chain;
pub mod control;
pub mod decide;
pub mod features;
pub mod flow;
pub mod guard;
pub mod looks;
pub mod reached;
