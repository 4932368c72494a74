//! coship tells Python teams what must ship together.
//!
//! A gateway system routes every call through one function and tables of names, so that almost no defect is visible where it is written.
//! coship runs the program on abstract values: the routes fall out, every call is bound as `CPython` would bind it, and what certainly
//! fails is reported with the exception that proves it.
//!
//! Data flows in one direction, and every stage's output is plain data:
//!
//! | stage | from | to |
//! |---|---|---|
//! | [`source`] | a directory, work tree, index, revision or zip | [`source::Tree`]: decoded texts |
//! | [`syntax`] | a text | [`syntax::ir::Module`]: the intermediate form |
//! | [`program`] | modules | [`program::Program`]: the modules linked |
//! | [`eval`] | a program | [`facts::Facts`]: broken obligations and routes |
//! | [`change`] | the facts of two trees | [`change::Change`]s |
//! | [`rules`] | facts | [`rules::Finding`]s |
//! | [`skew`] | two trees | mixed states, and why some must not be |
//! | [`plan`] | what [`skew`] learnt | the steps in which the changes may ship |
//! | [`graph`] | [`facts::CallGraph`] | the part of it that is asked for |
//! | [`fix`] | findings | edits that mend them, each tried before it counts |
//! | [`history`] | findings of commits | when each came and went |
//! | [`report`] | findings, steps | bytes in some format |
//!
//! [`environment`] knows what surrounds a tree: what its imports may find outside of it. [`analysis`] runs the stages over one tree, two, or a mixed state of two; [`commands`] is one file per command, and nothing below it prints.
//! [`server`] answers an editor from what a check found.
//! [`bind`] matches calls with signatures, [`cache`] keeps what is worth it from run to run,
//! [`config`] resolves options, [`name`] interns strings.

pub mod analysis;
pub mod bind;
pub mod cache;
pub mod change;
pub mod cli;
pub mod commands;
pub mod config;
pub mod environment;
pub mod eval;
pub mod facts;
pub mod fix;
pub mod graph;
pub mod history;
pub mod name;
pub mod names;
pub mod package;
pub mod plan;
pub mod program;
pub mod python;
pub mod report;
pub mod rules;
pub mod server;
pub mod skew;
pub mod source;
pub mod syntax;
pub mod template;
