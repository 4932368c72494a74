//! Where execution starts in a tree.

use crate::config::Settings;
use crate::name::Name;
use crate::program::{CUSTOMARY, EntryPoint, ModuleId, Program};
use crate::source::Tree;
use crate::template::Handler;

/// The functions that templates and the configuration name; without any the one that custom names.
pub(super) fn entry_points(program: &Program, tree: &Tree, settings: &Settings) -> Vec<EntryPoint> {
    let named = settings.handlers.iter();
    let mut found: Vec<EntryPoint> = named
        .filter(|handler| is_judged(handler, tree))
        .map(|handler| {
            let paths = [
                format!("{}.py", handler.stem),
                format!("{}/__init__.py", handler.stem),
            ];
            let module = paths.iter().find_map(|path| at(program, tree, path));
            let [path, _] = paths;
            EntryPoint {
                module,
                module_name: Name::new(&handler.module),
                function: Name::new(&handler.function),
                path,
                named_by: Some(format!("{}: {}", handler.template, handler.resource)),
                is_deployed: false,
            }
        })
        .collect();
    let configured = settings.entry_points.functions.iter();
    found.extend(configured.map(|(module, function)| {
        let module_name = Name::new(module);
        let module = program.by_name(module_name);
        entry_point(
            program,
            tree,
            (module_name, module),
            Name::new(function),
            Some("entry-points".to_owned()),
        )
    }));
    if found.is_empty() {
        let (module_name, function) = (Name::new(CUSTOMARY.0), Name::new(CUSTOMARY.1));
        let module = program.top_module(module_name);
        found.push(entry_point(
            program,
            tree,
            (module_name, module),
            function,
            None,
        ));
    }
    found
}

fn entry_point(
    program: &Program,
    tree: &Tree,
    (module_name, module): (Name, Option<ModuleId>),
    function: Name,
    named_by: Option<String>,
) -> EntryPoint {
    let path = match module {
        Some(module) => tree.file(program.module(module).file).path.to_string(),
        None => format!("{}.py", module_name.replace('.', "/")),
    };
    EntryPoint {
        module,
        module_name,
        function,
        path,
        named_by,
        is_deployed: false,
    }
}

/// Whether the tree has the code that a template means: Python files in its directory, and no layer that may bring the module along; nor a module of that
/// name without source.
fn is_judged(handler: &Handler, tree: &Tree) -> bool {
    let is_below = |path: &str| {
        handler.directory.is_empty()
            || path
                .strip_prefix(handler.directory.as_str())
                .is_some_and(|rest| rest.starts_with('/'))
    };
    let is_compiled = |path: &str| {
        path.strip_prefix(handler.stem.as_str())
            .is_some_and(|rest| rest.starts_with('.'))
    };
    let has_module = tree.find(&format!("{}.py", handler.stem)).is_some();
    let has_code = tree.files.iter().any(|file| is_below(&file.path));
    has_module
        || has_code && !handler.has_layers && !tree.others.iter().any(|path| is_compiled(path))
}

fn at(program: &Program, tree: &Tree, path: &str) -> Option<ModuleId> {
    program.module_of(tree.find(path)?)
}
