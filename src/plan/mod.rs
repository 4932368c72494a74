//! From clauses to steps: the finest order in which the changed units may ship.
//!
//! ```text
//! Oracle ──> search ──> clauses ──> finest(clauses) ──> steps ──> every state after a step is asked for ──> more clauses, or done
//! ```
//!
//! Neither knows of trees or evaluation: [`finest`] is a function of clauses, [`search`] asks an [`crate::skew::Oracle`].

mod finest;
mod order;
mod search;
#[cfg(test)]
mod tests;

pub use finest::{Steps, finest};
pub use order::{Place, order};
pub use search::{Plan, search};
