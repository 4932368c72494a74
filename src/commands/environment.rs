//! `coship environment`.

use crate::analysis;
use crate::cli::{Environment, EnvironmentFormat, Global};
use crate::commands::output::Output;
use crate::commands::setup::Setup;
use crate::commands::{Error, Exit};
use crate::config::Options;
use crate::report::environment::{self, Surroundings};
use crate::source::Texts;

/// Says what was taken from where, and which imports are explained by what.
pub(super) fn run(arguments: &Environment, global: &Global) -> Result<Exit, Error> {
    let mut setup = Setup::new(&arguments.tree, global, Options::default())?;
    let format = setup
        .format(arguments.output_format)?
        .unwrap_or(EnvironmentFormat::Full);
    let tree = setup
        .candidate
        .read(&setup.settings.selection, &mut Texts::default())?;
    setup.look_around(&tree, None)?;
    let settings = &setup.settings;
    let pool = analysis::pool()?;
    let imports = pool.install(|| analysis::outside_imports(&tree, settings));
    let surroundings = Surroundings {
        tree: &tree,
        python: &settings.python,
        environment: &settings.environment,
        imports: &imports,
        quiet: global.quiet,
    };
    let output = Output::new(arguments.output.output_file.as_deref())?;
    output.write(|out| match format {
        EnvironmentFormat::Full => environment::table(&surroundings, out),
        EnvironmentFormat::Json => environment::json(&surroundings, out),
    })?;
    Ok(
        if arguments.exit_code && environment::unexplained(&imports) > 0 {
            Exit::Findings
        } else {
            Exit::Clean
        },
    )
}
