//! `coship schema`: the published JSON schemas.

use crate::cli::Schema;
use crate::commands::output::Output;
use crate::commands::{Error, Exit};
use crate::report::schemas::PUBLISHED;

/// Prints one schema, or lists them.
pub(super) fn run(arguments: &Schema) -> Result<Exit, Error> {
    let output = Output::new(None)?;
    let Some(name) = &arguments.name else {
        output.write(|out| {
            PUBLISHED
                .iter()
                .try_for_each(|it| writeln!(out, "{:<12}  {}", it.name, it.about))
        })?;
        return Ok(Exit::Clean);
    };
    // The command line takes no other names.
    let text = PUBLISHED.iter().find(|it| it.name == name);
    let text = text.map_or("", |published| published.text);
    output.write(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Clean)
}
