//! Mixed states: some changed units at their candidate version, the rest as deployed.
//!
//! ```text
//! deployed, candidate ──> Changes ──> mixed(state): Tree     what a state consists of
//! Judge(state) ──> Oracle ──> explain(state, problem) ──> Clauses     why it must not be
//! ```

mod changes;
mod clause;
mod needs;
mod oracle;
mod queue;
mod set;

pub use changes::{Change, ChangedFile, Changes, Unit};
pub use clause::{Clause, asked_first, explain, prove};
pub use needs::{Needs, needs};
pub use oracle::{Judge, Oracle, Problem, Turn};
pub use set::{UnitId, UnitSet};
