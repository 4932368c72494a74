//! A tree at one version, and the text of its files.

mod align;
mod archive;
mod configuration;
mod decode;
mod error;
mod git;
mod index;
mod load;
mod locate;
mod newest;
mod text;
mod tree;
mod version;
mod walk;

pub use error::SourceError;
pub use load::Pair;
pub use locate::{Choice, Context, Located};
pub use text::{Position, Refusal, Text, TextProblem};
pub use tree::{Alignment, BlobId, File, Kind, Problem, Texts, Tree};
