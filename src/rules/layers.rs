//! CS6: imports that the layers do not allow. Off unless `[layers]` says which directions are allowed.

use crate::facts::{Breach, BreachKind, LayerModule};
use crate::rules::baseline::{Basis, Broken};
use crate::rules::fingerprint::Fnv;
use crate::rules::judge::about_file;
use crate::rules::{Finding, Related, Rule};

super::rule::declare_rules! {
    /// ## What it finds
    ///
    /// An import that goes further in than the importing layer may: past the gateway, or from the gateway past the interface. Only where `[layers]` in the
    /// configuration says which layer may import which.
    ///
    /// Imports in functions count, `import_module` with a literal name does, and so does a table that leads a call there. Imports under
    /// `if TYPE_CHECKING:` do not run and do not count, unless `type-checking-imports = true`. A file in no layer is looked through. Tests are not judged.
    ///
    /// ## Why it matters
    ///
    /// What the skipped layer does for every call (checks, metrics, one place where a signature changes) does not happen for this one, and the next
    /// change of the core breaks a caller that nobody thought of. Nothing raises: hence a warning. `[rules] layer-skipped = "error"` makes it a gate.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [layers]
    /// profile = "suga"
    /// ```
    ///
    /// ```python
    /// # gateway.py
    /// import interface_cache
    ///
    /// def cache_get(key):
    ///     return interface_cache.execute('get', key=key)
    /// # interface_cache.py
    /// import cache_core
    ///
    /// def execute(operation, key):
    ///     return cache_core.get(key)
    /// # cache_core.py
    /// def get(key):
    ///     return key
    /// # lambda_function.py
    /// import cache_core
    ///
    /// def lambda_handler(event, context):
    ///     return cache_core.get(event['key'])
    /// ```
    ///
    /// Go through the layers:
    ///
    /// ```python
    /// # gateway.py
    /// import interface_cache
    ///
    /// def cache_get(key):
    ///     return interface_cache.execute('get', key=key)
    /// # interface_cache.py
    /// import cache_core
    ///
    /// def execute(operation, key):
    ///     return cache_core.get(key)
    /// # cache_core.py
    /// def get(key):
    ///     return key
    /// # lambda_function.py
    /// import gateway
    ///
    /// def lambda_handler(event, context):
    ///     return gateway.cache_get(event['key'])
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The layer that offers the operation first, then the file that now goes through it.
    LAYER_SKIPPED = "CS601", "layer-skipped", Warning, "An import goes past the layer that lies between";

    /// ## What it finds
    ///
    /// An import that goes outwards: of an interface by a core, say. Only where `[layers]` in the configuration says which layer may import which; what
    /// counts as an import is what `layer-skipped` says.
    ///
    /// ## Why it matters
    ///
    /// What lies further in is to work without knowing who uses it. Once it imports outwards, neither can ship or be tested without the other, and an
    /// import cycle is one line away. Nothing raises: hence a warning.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [layers]
    /// profile = "suga"
    /// ```
    ///
    /// ```python
    /// # gateway.py
    /// def cache_get(key):
    ///     from interface_cache import execute
    ///     return execute('get', key=key)
    /// # interface_cache.py
    /// def execute(operation, key):
    ///     from cache_core import get
    ///     return get(key)
    /// # cache_core.py
    /// from interface_cache import execute
    ///
    /// def get(key):
    ///     return key or execute('get', key='default')
    /// ```
    ///
    /// Call what is beside it, or ask the gateway:
    ///
    /// ```python
    /// # gateway.py
    /// def cache_get(key):
    ///     from interface_cache import execute
    ///     return execute('get', key=key)
    /// # interface_cache.py
    /// def execute(operation, key):
    ///     from cache_core import get
    ///     return get(key)
    /// # cache_core.py
    /// def get(key):
    ///     return key or get('default')
    /// ```
    ///
    /// ## How to ship it
    ///
    /// That file alone, unless it now calls something that is new.
    LAYER_REVERSED = "CS602", "layer-reversed", Warning, "An import goes outwards, against the direction of the layers";

    /// ## What it finds
    ///
    /// An import of what is private to another part: the core of one interface, imported by another interface or its core. Only where `[layers]` in the
    /// configuration names private layers and parts; what counts as an import is what `layer-skipped` says.
    ///
    /// ## Why it matters
    ///
    /// The parts can no longer ship apart from each other, and the owner of the core does not know that somebody else rests on its functions. Nothing
    /// raises: hence a warning.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [layers]
    /// profile = "suga"
    /// ```
    ///
    /// ```python
    /// # gateway.py
    /// def metrics_record(name):
    ///     from interface_metrics import execute
    ///     return execute('record', name=name)
    /// # interface_metrics.py
    /// def execute(operation, name):
    ///     from metrics_core import record
    ///     return record(name)
    /// # metrics_core.py
    /// def record(name):
    ///     return name
    /// # interface_cache.py
    /// def execute(operation, key):
    ///     from metrics_core import record
    ///     return record(key)
    /// ```
    ///
    /// Ask the gateway for what another part offers:
    ///
    /// ```python
    /// # gateway.py
    /// def metrics_record(name):
    ///     from interface_metrics import execute
    ///     return execute('record', name=name)
    /// # interface_metrics.py
    /// def execute(operation, name):
    ///     from metrics_core import record
    ///     return record(name)
    /// # metrics_core.py
    /// def record(name):
    ///     return name
    /// # interface_cache.py
    /// def execute(operation, key):
    ///     from gateway import metrics_record
    ///     return metrics_record(key)
    /// ```
    ///
    /// ## How to ship it
    ///
    /// The gateway's function first, if it is new; then the file that now goes through it.
    CROSS_INTERFACE_IMPORT = "CS603", "cross-interface-import", Warning, "An import of what is private to another part";
}

fn rule(kind: BreachKind) -> &'static Rule {
    match kind {
        BreachKind::Skipped => &LAYER_SKIPPED,
        BreachKind::Reversed => &LAYER_REVERSED,
        BreachKind::Foreign => &CROSS_INTERFACE_IMPORT,
    }
}

/// Whether a rule is about layers: nothing fails at run time then, whatever the severity that it was given.
#[must_use]
pub fn is_of(rule: &Rule) -> bool {
    RULES.contains(&rule)
}

/// The finding for an import that the layers do not allow.
pub(super) fn finding(breach: &Breach) -> Finding {
    let Breach {
        kind,
        importer,
        imported,
        places,
        chain,
        ..
    } = breach;
    let rule = rule(*kind);
    let atom = Fnv::new()
        .field(rule.name)
        .field(&importer.name)
        .field(&imported.name)
        .finish();
    let steps = chain.iter().skip(1).map(|frame| Related {
        place: frame.place,
        message: frame.note.clone(),
        aside: false,
    });
    let others = places.iter().skip(1).map(|&place| Related {
        place,
        message: String::from("and here"),
        aside: true,
    });
    let place = places.first().copied();
    let about = about_file(rule, &importer.path, place, message(breach), &help(breach));
    Finding {
        chain: chain.clone(),
        related: steps.chain(others).collect(),
        atoms: vec![atom],
        basis: Basis {
            // The module as a callee: it may be moved, and the entry stays.
            breaks: vec![Broken {
                callee: (imported.path.clone(), String::new()),
                route: String::new(),
            }],
            ..Basis::default()
        },
        ..about
    }
}

fn message(breach: &Breach) -> String {
    let Breach {
        kind,
        importer,
        imported,
        ..
    } = breach;
    let (from, to) = (&importer.name, &imported.name);
    let through: Vec<&str> = breach.through.iter().map(|name| name.as_str()).collect();
    let way = match through.as_slice() {
        [] => String::new(),
        through => format!(" through {}", through.join(", ")),
    };
    let layer = |module: &LayerModule| match &module.layer {
        Some(layer) => format!("layer '{layer}'"),
        None => String::from("no layer"),
    };
    let (of, into) = (layer(importer), layer(imported));
    let part = |module: &LayerModule| module.part.clone().unwrap_or_default();
    match kind {
        BreachKind::Skipped => {
            format!(
                "{from}, in {of}, imports {to}{way}, in {into}, past {}",
                past(breach)
            )
        }
        BreachKind::Reversed => {
            format!("{from}, in {of}, imports {to}{way}, further out in {into}")
        }
        BreachKind::Foreign => format!(
            "{from}, of part '{}', imports {to}{way}, which is private to part '{}'",
            part(importer),
            part(imported)
        ),
    }
}

/// What is skipped, in words.
fn past(breach: &Breach) -> String {
    match breach.allowed.as_slice() {
        [] => String::from("the rule that it imports no other layer"),
        allowed => listed(allowed, "or"),
    }
}

fn listed(layers: &[String], word: &str) -> String {
    let quoted: Vec<String> = layers.iter().map(|layer| format!("'{layer}'")).collect();
    quoted.join(&format!(" {word} "))
}

fn help(breach: &Breach) -> String {
    let to = &breach.imported.name;
    let target = breach.imported.layer.as_ref();
    // What it may import of its own part is no way to another one.
    let ways: Vec<String> = breach
        .allowed
        .iter()
        .filter(|layer| breach.kind != BreachKind::Foreign || Some(*layer) != target)
        .cloned()
        .collect();
    match ways.as_slice() {
        [] => format!("move what is needed of {to} to where it may be imported from"),
        ways => format!(
            "reach {to} through {}, which may be imported here",
            listed(ways, "or")
        ),
    }
}
