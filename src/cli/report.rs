//! `coship report`.

use std::path::PathBuf;

use clap::{Args, Parser};

use super::{Check, Cli, Command, RuleArgs, TreeArgs};

/// `coship report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The tree.
    #[command(flatten)]
    pub tree: TreeArgs,
    /// The page to write: one file that loads nothing; `-` for stdout
    #[arg(long, value_name = "FILE")]
    pub html: PathBuf,
    /// What is deployed now, as for `check`
    #[arg(long, value_name = "SPEC")]
    pub against: Option<String>,
    /// Which rules count.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Exit with 1 if there is an error
    #[arg(long, help_heading = "Exit status")]
    pub exit_code: bool,
}

impl Report {
    /// The check that the page shows: `coship check` with the same tree, deployed version and rules. None only if `check` had come to need an argument.
    #[must_use]
    pub fn check(&self) -> Option<Box<Check>> {
        let cli = Cli::try_parse_from(["coship", "check"]).ok()?;
        let Command::Check(mut check) = cli.command else {
            return None;
        };
        check.tree = self.tree.clone();
        check.against.clone_from(&self.against);
        check.rules = self.rules.clone();
        Some(check)
    }
}
