//! A tree at one version, and the text of its files.

mod align;
mod archive;
mod codec;
mod configuration;
mod context;
mod decode;
mod error;
mod git;
mod index;
mod load;
mod locate;
mod newest;
mod spec;
mod text;
mod tree;
mod utf8;
mod version;
mod walk;

pub use context::Context;
pub use error::SourceError;
pub use load::Pair;
pub use locate::{Choice, Located};
pub use text::{Position, Refusal, Text, TextProblem};
pub use tree::{Alignment, BlobId, File, Kind, Problem, Texts, Tree};
