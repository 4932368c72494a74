//! `coship server`.

use std::io;
use std::path::Path;

use clap::Parser;

use crate::cli::{Check, Cli, Command, Global, Server};
use crate::commands::check::{Kept, Round, Run};
use crate::commands::{Error, Exit, watch};
use crate::report;
use crate::server::{Checker, End, Snapshot, serve};
use crate::source::{Context, Overlay};

/// Serves the editor that started this process.
pub(super) fn run(arguments: &Server, global: &Global) -> Result<Exit, Error> {
    // A check as it is without further flags, but for those that the server was started with.
    let mut words = vec!["coship".to_owned(), "check".to_owned()];
    words.extend(
        arguments
            .against
            .iter()
            .map(|spec| format!("--against={spec}")),
    );
    words.extend(
        global
            .config
            .iter()
            .map(|option| format!("--config={option}")),
    );
    if global.isolated {
        words.push("--isolated".to_owned());
    }
    let cli = Cli::try_parse_from(words).ok();
    let Some((Command::Check(check), global)) = cli.map(|cli| (cli.command, cli.global)) else {
        return Ok(Exit::Failed);
    };
    let checker = move || Folders {
        arguments: check,
        global,
        kept: Kept {
            wants_deployed: true,
            ..Kept::default()
        },
    };
    let end = serve(io::stdin(), io::stdout().lock(), checker);
    match end.map_err(|error| Error::Server { error })? {
        End::Asked => Ok(Exit::Clean),
        // LSP 3.18, "Exit Notification": the status is 1 then.
        End::Abrupt => Ok(Exit::Findings),
    }
}

/// `check` in the editor's folders.
struct Folders {
    arguments: Box<Check>,
    global: Global,
    kept: Kept,
}

impl Folders {
    fn round(&mut self, folder: &Path, overlay: Overlay) -> Result<Round, Error> {
        let context = Context::new(folder, None)?;
        self.kept.overlay = overlay;
        let (arguments, kept) = (&self.arguments, &mut self.kept);
        Run::new(arguments, &self.global, kept).round(&arguments.tree, context)
    }
}

impl Checker for Folders {
    fn check(&mut self, folder: &Path, overlay: Overlay) -> Result<Snapshot, String> {
        let round = self
            .round(folder, overlay)
            .map_err(|error| error.to_string())?;
        let root = round.setup.candidate.on_disk().unwrap_or(folder).to_owned();
        let against = match &round.pair.against {
            Ok(tree) => Ok(report::name(tree)),
            Err(why) => Err(why.clone()),
        };
        self.kept.memory.end_round();
        self.kept.texts.forget_unused();
        Ok(Snapshot {
            root,
            tree: round.pair.candidate,
            modules: round.modules,
            facts: round.facts,
            program: round.program,
            findings: round.findings,
            against,
            deployed_tree: round.pair.against.ok(),
            deployed: round.deployed,
            selection: round.selection,
        })
    }

    fn stamp(&mut self, folder: &Path) -> Option<u64> {
        watch::stamp(
            &self.arguments,
            &self.global,
            Context::new(folder, None).ok()?,
        )
    }
}
