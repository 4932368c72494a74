//! How long a whole check takes, from arguments to report, and how that grows.
//!
//! `cargo bench --bench check` times trees of several sizes; the ratios at the end are what to watch, since they do not depend on the machine:
//! a tree of four times the size should take about four times as long, and a comparison less than twice what one tree takes.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use clap::Parser;
use coship::cli::Cli;
use coship::commands::{self, Exit};
use tempfile::TempDir;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Operations of each interface.
const OPERATIONS: usize = 20;

const GATEWAY: &str = "\
import importlib
_ROUTERS = {TABLE}
def execute_operation(interface, operation, **kwargs):
    if interface not in _ROUTERS:
        raise ValueError(f'Unknown interface: {interface}')
    module, function = _ROUTERS[interface]
    return getattr(importlib.import_module(module), function)(operation, **kwargs)
";

const CORE: &str = "\
def _OPERATION(key, value=None):
    return key
";

const WRAPPER: &str = "\
def INTERFACE_OPERATION(key):
    return execute_operation('INTERFACE', 'OPERATION', key=key)
";

/// Writes a gateway system of that many interfaces.
fn lay_out(interfaces: usize, root: &Path) {
    let name = |number: usize| format!("i{number}");
    let routers: Vec<String> = (0..interfaces)
        .map(|number| format!("'{0}': ('interface_{0}', 'execute')", name(number)))
        .collect();
    let gateway = GATEWAY.replace("TABLE", &routers.join(", "));
    fs::write(root.join("gateway_core.py"), gateway).expect("the directory is ours");
    for interface in (0..interfaces).map(name) {
        let mut core = String::new();
        let mut wrappers = "from gateway_core import execute_operation\n".to_owned();
        let mut table = Vec::new();
        for operation in (0..OPERATIONS).map(|number| format!("op{number}")) {
            core += &CORE.replace("OPERATION", &operation);
            wrappers += &WRAPPER
                .replace("INTERFACE", &interface)
                .replace("OPERATION", &operation);
            table.push(format!("'{operation}': {interface}_core._{operation}"));
        }
        let router = format!(
            "import {interface}_core\n_DISPATCH = {{{}}}\ndef execute(operation, **kwargs):\n    \
             if operation not in _DISPATCH:\n        raise ValueError(operation)\n    return _DISPATCH[operation](**kwargs)\n",
            table.join(", ")
        );
        for (file, text) in [
            (format!("{interface}_core.py"), core),
            (format!("gateway_wrappers_{interface}.py"), wrappers),
            (format!("interface_{interface}.py"), router),
        ] {
            fs::write(root.join(file), text).expect("the directory is ours");
        }
    }
}

fn system(interfaces: usize) -> TempDir {
    let directory = tempfile::tempdir().expect("there is a temporary directory");
    lay_out(interfaces, directory.path());
    directory
}

fn check(tree: &Path, against: &Path) {
    let report = tree.join("report");
    let arguments = ["coship", "check", "--isolated", "--output-file"].map(Into::into);
    let places = [
        report.as_os_str(),
        tree.as_os_str(),
        "--against".as_ref(),
        against.as_os_str(),
    ];
    let cli = Cli::parse_from(
        arguments
            .into_iter()
            .chain(places.map(Into::into))
            .collect::<Vec<std::ffi::OsString>>(),
    );
    assert_eq!(commands::run(&cli), Exit::Clean);
}

#[divan::bench(args = [5, 20, 80])]
fn alone(bencher: divan::Bencher, interfaces: usize) {
    let tree = system(interfaces);
    bencher.bench_local(|| check(tree.path(), "none".as_ref()));
}

#[divan::bench(args = [5, 20, 80])]
fn against_another(bencher: divan::Bencher, interfaces: usize) {
    let (tree, deployed) = (system(interfaces), system(interfaces));
    bencher.bench_local(|| check(tree.path(), deployed.path()));
}

/// The shortest of several runs.
fn shortest(run: impl Fn()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..5).map(time).min().unwrap_or_default()
}

fn main() {
    divan::main();
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let (small, large, deployed) = (system(20), system(80), system(80));
    let alone = shortest(|| check(large.path(), "none".as_ref()));
    let quarter = shortest(|| check(small.path(), "none".as_ref()));
    let both = shortest(|| check(large.path(), deployed.path()));
    let ratio = |long: Duration, short: Duration| long.as_secs_f64() / short.as_secs_f64();
    println!(
        "four times the size: {:.1} times as long",
        ratio(alone, quarter)
    );
    println!(
        "with a comparison:   {:.1} times as long",
        ratio(both, alone)
    );
}
