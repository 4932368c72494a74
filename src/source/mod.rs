//! A tree at one version, and the text of its files.
//!
//! First it is found out which versions are meant, then they are read; in between, the configuration is, since it may name the
//! deployed version and say which files count:
//!
//! ```no_run
//! use coship::config::Settings;
//! use coship::source::{Context, Located, Pair};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let context = Context::of_process()?;
//! let candidate = Located::candidate(".", false, &context)?;
//! let options = candidate.configuration(&context)?.map(|found| found.options);
//! let settings = Settings::resolve(&options.unwrap_or_default())?;
//! let choice = candidate.against(None, settings.against.as_ref(), &context)?;
//! let pair = Pair::read(&candidate, &choice, &settings.selection)?;
//! # Ok(())
//! # }
//! ```

mod align;
mod archive;
mod around;
mod built_from;
mod bundle;
mod codec;
mod commit_heads;
mod commits;
mod configuration;
mod context;
mod declared;
mod decode;
mod deflated;
mod error;
mod files;
mod folder;
mod git;
mod history;
mod index;
mod installed;
mod itself;
mod load;
mod locate;
mod newest;
mod next;
mod opening;
mod origins;
mod overlay;
mod recorded;
mod revision_files;
mod spec;
mod stamp;
mod surroundings;
mod text;
mod tree;
mod unread;
mod unsaved;
mod unzip;
mod utf8;
mod version;
mod walk;

pub use around::{commit_of, hooks_directory};
pub use built_from::BuiltFrom;
pub use bundle::{Beside, Bundle, Content, Member, MemberKind, Storage, blob_id};
pub use commits::{Commit, Commits};
pub use context::Context;
pub use declared::Template;
pub use decode::UNKNOWN_ENCODING;
pub use error::SourceError;
pub use files::{Files, TreeFile};
pub use installed::{INSTALLED, Shelf};
pub use load::{Pair, Unlike};
pub use locate::{Choice, Located};
pub use opening::Opening;
pub use origins::{Answer, Change, Origin, Replaced};
pub use overlay::{Replacement, rewritten};
pub use recorded::{Recorded, record_deployed, recorded};
pub use surroundings::Asked;
pub use text::{Position, Refusal, Text, TextProblem};
pub use tree::{Alignment, BlobId, File, Kind, Problem, Texts, Tree};
pub use unread::{Unread, is_dynamic};
pub use unsaved::Overlay;
