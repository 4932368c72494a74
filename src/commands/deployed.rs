//! `coship deployed`: what is recorded as running, and `--record NAME`.

use crate::cli::{Deployed, Global};
use crate::commands::output::{Output, say};
use crate::commands::{Error, Exit};
use crate::report::escape::plain;
use crate::source::{Context, record_deployed, recorded};

/// Records a revision, or lists what is recorded.
pub(super) fn run(arguments: &Deployed, global: &Global) -> Result<Exit, Error> {
    let context = Context::of_process()?;
    let Some(name) = &arguments.record else {
        let all = recorded(&context)?;
        Output::new(None)?.write(|out| {
            for one in &all {
                writeln!(out, "{} {}", one.commit, plain(&one.name))?;
            }
            Ok(())
        })?;
        if all.is_empty() {
            say(
                !global.quiet,
                "nothing is recorded; `coship deployed --record NAME` records HEAD",
            );
        }
        return Ok(Exit::Clean);
    };
    let done = record_deployed(name, &arguments.revision, &context)?;
    let before = done
        .before
        .map(|before| format!(", before that {}", short(&before)))
        .unwrap_or_default();
    let text = format!(
        "wrote refs/deployed/{name}: {}{before}; `git push --force origin refs/deployed/{name}` shares it, `--against deployed:{name}` compares with it",
        short(&done.commit)
    );
    say(!global.quiet, &text);
    Ok(Exit::Clean)
}

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
