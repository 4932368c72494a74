//! `coship routes`.

use crate::analysis;
use crate::cli::{Global, Routes, RoutesFormat};
use crate::commands::output::{Output, warn};
use crate::commands::setup::Setup;
use crate::commands::{Error, Exit};
use crate::config::Options;
use crate::facts::RouteStatus;
use crate::report::routes;
use crate::source::Texts;

/// Lists a tree's routes.
pub(super) fn run(arguments: &Routes, global: &Global) -> Result<Exit, Error> {
    let setup = Setup::new(&arguments.tree, global, Options::default())?;
    let format = setup
        .format(arguments.output_format)?
        .unwrap_or(RoutesFormat::Full);
    let tree = setup
        .candidate
        .read(&setup.settings.selection, &mut Texts::default())?;
    let pool = analysis::pool()?;
    let analysed = pool.install(|| analysis::analyse_one(&tree, &setup.settings));
    let routes = routes::Routes {
        tree: &tree,
        facts: &analysed.facts,
        quiet: global.quiet,
    };

    let drawing = (format == RoutesFormat::Mermaid).then(|| routes::mermaid(&routes));
    if let Some((_, Some(instead))) = &drawing {
        warn(instead);
    }
    let output = Output::new(arguments.output.output_file.as_deref())?;
    let look = output.look(global.color);
    output.write(|out| match (&drawing, format) {
        (Some((drawing, _)), _) => out.write_all(drawing.as_bytes()),
        (None, RoutesFormat::Concise) => routes::concise(&routes, out),
        (None, RoutesFormat::Json) => routes::json(&routes, out),
        (None, RoutesFormat::Dot) => routes::dot(&routes, out),
        (None, _) => routes::table(&routes, look, out),
    })?;
    let missing = analysed
        .facts
        .routes
        .iter()
        .any(|route| route.status == RouteStatus::Missing);
    Ok(if arguments.exit_code && missing {
        Exit::Findings
    } else {
        Exit::Clean
    })
}
