//! A tree at one version, and the text of its files.

mod archive;
mod decode;
mod error;
mod git;
mod index;
mod newest;
mod text;
mod tree;
mod version;
mod walk;

pub use error::SourceError;
pub use text::{Position, Refusal, Text, TextProblem};
pub use tree::{Alignment, BlobId, File, Kind, Problem, Texts, Tree};
