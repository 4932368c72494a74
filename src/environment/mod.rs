//! What an import meets outside the tree: the runtime's own packages, installed distributions, and what files of the project declare (DESIGN 5a).
//!
//! ```text
//! requirements, pyproject.toml, lock files ──> declared ──┐
//! a virtual environment, --packages ──> installed ────────┼──> Environment::standing("yaml")
//! the template's Runtime ──> runtime ─────────────────────┘
//! ```
//!
//! Nothing of it is run, and nothing on the disk is walked before an import asks for it.

mod answers;
mod built;
mod compiled;
mod declared;
mod distribution;
mod generated;
mod installed;
mod moved;
mod project;
mod record;
mod requirements;
mod runtime;
mod standing;

pub use built::BuildFiles;
pub use declared::{Declarations, FILES as DECLARING_FILES, LARGEST, Problem, beside};
pub use distribution::{Namesakes, adds_to, admits, is_namesake, normalised};
pub use generated::is_source;
pub use installed::{Installed, NoEnvironment, PackagesFrom};
pub use moved::Moved;
pub use record::{Recorded, recorded};
pub use runtime::Runtime;
pub use standing::{BrokenImport, Environment, Past, Provider, Removal, Standing};
