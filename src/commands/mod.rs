//! The commands: each wires the stages together, and holds no logic of its own.

mod baseline;
mod check;
mod clock;
mod cold_start;
mod config;
mod deployed;
mod diff;
mod digest;
mod environment;
mod error;
mod fix;
mod graph;
mod history;
mod hook;
mod init;
mod install;
mod only;
mod output;
mod pack;
mod plan;
mod progress;
mod report;
mod routes;
mod rule;
mod running;
mod schema;
mod server;
mod setup;
mod shell;
mod template;
mod timings;
mod verdict;
mod verify;
mod watch;

pub use error::Error;

use crate::cli::{Cli, Command};

/// How a run ended, as the exit status says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: nothing to report, or nothing that the user asked to fail on.
    Clean,
    /// 1: findings.
    Findings,
    /// 2: could not check.
    Failed,
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Failed => 2,
        }
    }
}

/// Runs the command. Errors are told on stderr; a reader that closed the pipe is none, see `output`.
#[must_use]
pub fn run(cli: &Cli) -> Exit {
    let global = &cli.global;
    let result = match &cli.command {
        Command::Check(arguments) => check::run(arguments, global),
        Command::Verify(arguments) => verify::run(arguments, global),
        Command::Pack(arguments) => pack::run(arguments, global),
        Command::Plan(arguments) => plan::run(arguments, global),
        Command::Diff(arguments) => diff::run(arguments, global),
        Command::Routes(arguments) => routes::run(arguments, global),
        Command::Environment(arguments) => environment::run(arguments, global),
        Command::ColdStart(arguments) => cold_start::run(arguments, global),
        Command::Graph(arguments) => graph::run(arguments, global),
        Command::Server(arguments) => server::run(arguments, global),
        Command::History(arguments) => history::run(arguments, global),
        Command::Report(arguments) => report::run(arguments, global),
        Command::Rule(arguments) => rule::run(arguments, global),
        Command::Init(arguments) => init::run(arguments, global),
        Command::Config(arguments) => config::run(arguments, global),
        Command::Schema(arguments) => schema::run(arguments),
        Command::Hook(arguments) => install::run(arguments, global),
        Command::Deployed(arguments) => deployed::run(arguments, global),
        Command::Completions(arguments) => shell::completions(arguments),
        Command::Man => shell::man(),
    };
    match result {
        Ok(exit) => exit,
        Err(error) => {
            output::tell_error(&error, global.color);
            Exit::Failed
        }
    }
}
