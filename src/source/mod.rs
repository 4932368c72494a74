//! A tree at one version, and the text of its files.

mod decode;
mod text;

pub use text::{Position, Refusal, Text, TextProblem};
