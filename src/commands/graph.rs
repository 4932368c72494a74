//! `coship graph`.

use crate::analysis;
use crate::cli::{Global, Graph, GraphFormat};
use crate::commands::output::{Output, warn};
use crate::commands::setup::Setup;
use crate::commands::{Error, Exit};
use crate::config::Options;
use crate::graph::{self, LayerGraph};
use crate::report::graph as report;
use crate::source::Texts;

/// How many edges Mermaid draws at most (`maxEdges`), which a diagram cannot change for itself.
const MERMAID: usize = 500;

/// Shows who calls whom in a tree.
pub(super) fn run(arguments: &Graph, global: &Global) -> Result<Exit, Error> {
    let setup = Setup::new(&arguments.tree, global, Options::default())?;
    let format = setup
        .format(arguments.output_format)?
        .unwrap_or(GraphFormat::Full);
    let tree = setup
        .candidate
        .read(&setup.settings.selection, &mut Texts::default())?;
    let pool = analysis::pool()?;
    let whole = pool.install(|| analysis::call_graph(&tree, &setup.settings));
    let mut graph = graph::cut(&whole, &arguments.from, &arguments.to)?;
    let leads_nowhere = graph.nodes.is_empty() && !whole.nodes.is_empty();
    let is_drawn = format == GraphFormat::Mermaid && !arguments.layers;
    if arguments.collapse.is_some() {
        graph = graph::modules(&graph);
    } else if is_drawn && graph.edges.len() > MERMAID {
        warn(&format!(
            "{} calls are more than the {MERMAID} that Mermaid draws: the modules are shown; --from and --to show a part",
            graph.edges.len()
        ));
        graph = graph::modules(&graph);
    }
    if is_drawn && graph.edges.len() > MERMAID {
        return Err(Error::TooLarge {
            edges: graph.edges.len(),
            most: MERMAID,
        });
    }
    let graph = report::Graph {
        tree: &tree,
        graph: &graph,
        layers: arguments
            .layers
            .then(|| LayerGraph::new(&graph, &tree, &setup.settings.layers)),
        quiet: global.quiet,
    };

    let output = Output::new(arguments.output.output_file.as_deref())?;
    let look = output.look(global.color);
    output.write(|out| match format {
        GraphFormat::Full => report::full(&graph, look, out),
        GraphFormat::Json => report::json(&graph, out),
        GraphFormat::Dot => report::dot(&graph, out),
        GraphFormat::Mermaid => report::mermaid(&graph, out),
    })?;
    Ok(if arguments.exit_code && leads_nowhere {
        Exit::Findings
    } else {
        Exit::Clean
    })
}
