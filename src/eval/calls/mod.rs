//! Calls: from arguments as written, by way of binding, to the evaluation of what is called.

pub mod arguments;
mod by_prefix;
pub mod call;
pub mod construct;
pub mod entry;
mod overridden;
pub mod refusal;
mod replaced_result;
pub mod signature;
mod wording;
