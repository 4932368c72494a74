//! A tree at one version, and the text of its files.

mod decode;
mod error;
mod text;
mod tree;
mod walk;

pub use error::SourceError;
pub use text::{Position, Refusal, Text, TextProblem};
pub use tree::{Alignment, BlobId, File, Kind, Problem, Texts, Tree};
