//! `coship graph`.

use crate::analysis;
use crate::cli::{Collapse, Global, Graph, GraphFormat};
use crate::commands::output::{Output, warn};
use crate::commands::setup::Setup;
use crate::commands::{Error, Exit};
use crate::config::Options;
use crate::facts::CallGraph;
use crate::graph::{self, LayerGraph};
use crate::report::graph as report;
use crate::report::mermaid::refuses;
use crate::source::{Texts, Tree};

/// What is shown of a graph, from all of it to the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    Functions,
    Files,
    Modules,
    Layers,
}

impl Detail {
    /// What the arguments ask for.
    fn asked(arguments: &Graph) -> Self {
        match arguments.collapse {
            Some(Collapse::Layer) => Self::Layers,
            Some(Collapse::Module) => Self::Modules,
            None if arguments.layers => Self::Files,
            None => Self::Functions,
        }
    }

    /// The next one that shows less.
    const fn coarser(self) -> Option<Self> {
        match self {
            Self::Functions => Some(Self::Modules),
            Self::Files | Self::Modules => Some(Self::Layers),
            Self::Layers => None,
        }
    }

    const fn plural(self) -> &'static str {
        match self {
            Self::Functions => "functions",
            Self::Files => "files",
            Self::Modules => "modules",
            Self::Layers => "layers",
        }
    }
}

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
    let graph = graph::cut(&whole, &arguments.from, &arguments.to, arguments.depth)?;
    let leads_nowhere = graph.nodes.is_empty() && !whole.nodes.is_empty();
    let layers = LayerGraph::new(&graph, &tree, &setup.settings.layers);
    let shown = Shown {
        tree: &tree,
        whole: &whole,
        graph: &graph,
        layers: &layers,
        quiet: global.quiet,
    };

    let asked = Detail::asked(arguments);
    let output = Output::new(arguments.output.output_file.as_deref())?;
    let look = output.look(global.color);
    let drawing = (format == GraphFormat::Mermaid).then(|| shown.mermaid(asked));
    output.write(|out| match (&drawing, format) {
        (Some(drawing), _) => out.write_all(drawing),
        (None, GraphFormat::Json) => shown.at(asked, None, |graph| report::json(graph, out)),
        (None, GraphFormat::Dot) => shown.at(asked, None, |graph| report::dot(graph, out)),
        (None, _) => shown.at(asked, None, |graph| report::full(graph, look, out)),
    })?;
    Ok(if arguments.exit_code && leads_nowhere {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// The graph that was asked for.
struct Shown<'a> {
    tree: &'a Tree,
    /// The graph that it is a part of.
    whole: &'a CallGraph,
    graph: &'a CallGraph,
    layers: &'a LayerGraph,
    quiet: bool,
}

impl Shown<'_> {
    /// Hands the graph to `tell` in as much detail as `detail` says.
    fn at<R>(
        &self,
        detail: Detail,
        instead: Option<&str>,
        tell: impl FnOnce(&report::Graph) -> R,
    ) -> R {
        let (graph, calls) = match detail {
            Detail::Functions | Detail::Files => (None, Vec::new()),
            Detail::Modules => (Some(graph::modules(self.graph, self.whole)), Vec::new()),
            Detail::Layers => {
                let (graph, calls) = graph::layers(self.layers);
                (Some(graph), calls)
            }
        };
        tell(&report::Graph {
            tree: self.tree,
            graph: graph.as_ref().unwrap_or(self.graph),
            calls: &calls,
            layers: (detail == Detail::Files).then_some(self.layers),
            instead,
            quiet: self.quiet,
        })
    }

    /// The Mermaid drawing in the most detail that Mermaid takes. If that is less than `asked`, stderr and a comment in the drawing say so.
    fn mermaid(&self, asked: Detail) -> Vec<u8> {
        let mut detail = asked;
        let mut instead: Option<String> = None;
        loop {
            let mut text = Vec::new();
            let edges = self.at(detail, instead.as_deref(), |graph| {
                // Writing to a vector does not fail.
                let _ = report::mermaid(graph, &mut text);
                report::edges(graph)
            });
            let refused = refuses(&String::from_utf8_lossy(&text), edges, "calls");
            let Some((coarser, why)) = detail.coarser().zip(refused) else {
                if let Some(instead) = &instead {
                    warn(instead);
                }
                return text;
            };
            instead = Some(format!(
                "{why}: the {} are shown instead of the {}; --from, --to and --depth show a part, --output-format dot all",
                coarser.plural(),
                asked.plural()
            ));
            detail = coarser;
        }
    }
}
