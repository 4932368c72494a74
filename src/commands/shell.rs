//! `coship completions` and `coship man`: for whoever packages coship, and for shells. Both are made of the command line itself.

use clap::CommandFactory;
use clap_complete::generate;
use clap_mangen::Man;

use crate::cli::{Cli, Completions};
use crate::commands::output::Output;
use crate::commands::{Error, Exit};

/// Prints the completions of a shell.
pub(super) fn completions(arguments: &Completions) -> Result<Exit, Error> {
    let mut text = Vec::new();
    generate(arguments.shell, &mut Cli::command(), "coship", &mut text);
    Output::new(None)?.write(|out| out.write_all(&text))?;
    Ok(Exit::Clean)
}

/// Prints the manual page, in roff.
pub(super) fn man() -> Result<Exit, Error> {
    let page = Man::new(Cli::command());
    Output::new(None)?.write(|out| page.render(out))?;
    Ok(Exit::Clean)
}
