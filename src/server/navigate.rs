//! What stands at a place: a call, an entry of a table or a function, and the routes that it is about.

use crate::facts::{FileId, Place, Route, Symbol};
use crate::server::snapshot::Snapshot;
use crate::syntax::ir::{Call, Constant, DictItem, Expr, ExprKind, Function, Module, Range, Stmt};
use crate::syntax::visit;

/// What stands at a place.
pub(super) struct Found<'s> {
    /// The piece of the file that it is.
    pub range: Range,
    /// The routes that it is about, in their order.
    pub routes: Vec<&'s Route>,
}

/// All code of a file: its own, that of its classes, that of its functions.
pub(super) fn bodies(module: &Module) -> impl Iterator<Item = &[Stmt]> {
    let functions = module.functions.iter().map(|function| &*function.body);
    let classes = module.classes.iter().map(|class| &*class.body);
    std::iter::once(&*module.body)
        .chain(classes)
        .chain(functions)
}

/// Calls `visit` with each expression of a file.
fn each_expression<'m>(module: &'m Module, visit: &mut dyn FnMut(&'m Expr)) {
    for body in bodies(module) {
        visit::all_expressions(body, visit);
    }
}

pub(super) fn holds(range: Range, offset: u32) -> bool {
    range.start <= offset && offset <= range.end
}

/// The constant text that an expression is.
fn text_of(expr: &Expr) -> Option<&'static str> {
    match &expr.kind {
        ExprKind::Constant(Constant::Str(text)) => Some(text.as_str()),
        _ => None,
    }
}

/// The last name of a dotted one.
fn last_name(expr: &Expr) -> Option<&'static str> {
    match &expr.kind {
        ExprKind::Name(name, _) => Some(name.as_str()),
        ExprKind::Attribute { attribute, .. } => Some(attribute.as_str()),
        _ => None,
    }
}

/// Whether a call passes this operation, and this interface as far as it can be told.
fn sends(call: &Call, route: &Route) -> bool {
    let mut arguments = call.arguments.iter();
    arguments.any(|argument| text_of(&argument.value) == Some(route.key.operation.as_str()))
        && sends_interface(call, route)
}

fn sends_interface(call: &Call, route: &Route) -> bool {
    let interface = route.key.interface.as_str();
    let last = interface.rsplit('.').next().unwrap_or(interface);
    let mut names = call.arguments.iter().filter_map(|argument| {
        let value = &argument.value;
        text_of(value).or_else(|| last_name(value))
    });
    // An interface that a variable holds is the caller's secret.
    interface == "?" || names.any(|name| name == last) || !names_other_interface(call, route)
}

/// Whether an argument is a member of the same enum, and another one.
fn names_other_interface(call: &Call, route: &Route) -> bool {
    let owner = route.key.interface.rsplit_once('.').map(|(owner, _)| owner);
    call.arguments
        .iter()
        .any(|argument| match &argument.value.kind {
            ExprKind::Attribute { value, .. } => {
                let name = last_name(value);
                name.is_some() && name == owner.and_then(|owner| owner.rsplit('.').next())
            }
            _ => false,
        })
}

impl Snapshot {
    /// What stands at a byte of a file.
    pub(super) fn at(&self, file: FileId, offset: u32) -> Option<Found<'_>> {
        let module = self.module(file)?;
        self.function_at(module, file, offset)
            .or_else(|| self.call_at(module, file, offset))
            .or_else(|| self.entry_at(module, file, offset))
    }

    /// A function's name, where it is defined.
    fn function_at(&self, module: &Module, file: FileId, offset: u32) -> Option<Found<'_>> {
        let mut functions = module.functions.iter();
        let function = functions.find(|function| {
            holds(function.name_range, offset)
                && function.name_range.start < function.name_range.end
        })?;
        let place = Place {
            file,
            range: function.header,
        };
        let routes = self.routes_through(place);
        (!routes.is_empty()).then_some(Found {
            range: function.name_range,
            routes,
        })
    }

    /// The routes that a function handles; else those that it sends; else those that it routes.
    pub(super) fn routes_through(&self, place: Place) -> Vec<&Route> {
        let is = |symbol: &Option<Symbol>| symbol.as_ref().is_some_and(|it| it.place == place);
        let which: [&dyn Fn(&&Route) -> bool; 4] = [
            &|route| is(&route.handler),
            &|route| route.wrappers.iter().any(|wrapper| wrapper.place == place),
            &|route| is(&route.router),
            &|route| route.executor.place == place,
        ];
        let of = |wanted: &dyn Fn(&&Route) -> bool| {
            self.facts.routes.iter().filter(wanted).collect::<Vec<_>>()
        };
        let mut found = which.into_iter().map(of);
        found.find(|routes| !routes.is_empty()).unwrap_or_default()
    }

    /// The innermost call that sends something along a route.
    fn call_at(&self, module: &Module, file: FileId, offset: u32) -> Option<Found<'_>> {
        let mut calls: Vec<(&Expr, &Call)> = Vec::new();
        each_expression(module, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind
                && holds(expr.range, offset)
            {
                calls.push((expr, call));
            }
        });
        calls.sort_by_key(|(expr, _)| expr.range.end - expr.range.start);
        let routes = self.sent_around(module, file, offset);
        for (expr, call) in calls {
            let mut sent: Vec<&Route> = routes
                .iter()
                .copied()
                .filter(|route| sends(call, route))
                .collect();
            if sent.is_empty() {
                let name = last_name(&call.function);
                let to = |route: &&Route| {
                    route.executor.name.rsplit('.').next() == name && name.is_some()
                };
                sent = routes.iter().copied().filter(to).collect();
            }
            if !sent.is_empty() {
                return Some(Found {
                    range: expr.range,
                    routes: sent,
                });
            }
        }
        None
    }

    /// The routes that the functions around a byte send something along.
    fn sent_around(&self, module: &Module, file: FileId, offset: u32) -> Vec<&Route> {
        let around: Vec<Place> = module
            .functions
            .iter()
            .filter(|function| holds(function.range, offset))
            .map(|function| Place {
                file,
                range: function.header,
            })
            .collect();
        let is_sent = |route: &&Route| {
            let mut wrappers = route.wrappers.iter();
            wrappers.any(|wrapper| around.contains(&wrapper.place))
        };
        self.facts.routes.iter().filter(is_sent).collect()
    }

    /// An entry of a table that routes are looked up in: its key or its value.
    fn entry_at(&self, module: &Module, file: FileId, offset: u32) -> Option<Found<'_>> {
        let mut found = None;
        each_expression(module, &mut |expr| {
            let ExprKind::Dict(items) = &expr.kind else {
                return;
            };
            for item in items {
                let is_key = item
                    .key
                    .as_ref()
                    .is_some_and(|key| holds(key.range, offset));
                if is_key || holds(item.value.range, offset) {
                    let routes = self.routes_of(item, file);
                    let range = item.key.as_ref().map_or(item.value.range, |key| key.range);
                    if !routes.is_empty() {
                        found = Some(Found { range, routes });
                    }
                }
            }
        });
        found
    }

    /// The routes that go through an entry of a table in a file.
    pub(super) fn routes_of(&self, item: &DictItem, file: FileId) -> Vec<&Route> {
        let Some(key) = &item.key else {
            return Vec::new();
        };
        let is_here = |symbol: &Symbol| symbol.place.file == file;
        let operation = text_of(key);
        let of_operation = |route: &&Route| {
            operation == Some(route.key.operation.as_str())
                && route.router.iter().chain(&route.handler).any(is_here)
        };
        let routes: Vec<&Route> = self.facts.routes.iter().filter(of_operation).collect();
        if !routes.is_empty() {
            return routes;
        }
        let interface = operation.or_else(|| last_name(key));
        let of_interface = |route: &&Route| {
            route.key.interface.rsplit('.').next() == interface && is_here(&route.executor)
        };
        self.facts.routes.iter().filter(of_interface).collect()
    }

    /// The calls by which a function sends something along a route; its header, where none is found.
    pub(super) fn sites(&self, wrapper: &Symbol, route: &Route) -> Vec<Place> {
        let file = wrapper.place.file;
        let mut sites = Vec::new();
        if let Some(module) = self.module(file)
            && let Some(function) = function_of(module, wrapper.place.range)
        {
            visit::all_expressions(&function.body, &mut |expr| {
                if let ExprKind::Call(call) = &expr.kind
                    && sends(call, route)
                {
                    sites.push(Place {
                        file,
                        range: expr.range,
                    });
                }
            });
        }
        if sites.is_empty() {
            sites.push(wrapper.place);
        }
        sites
    }

    /// The name of a function, where it is defined; its header if it has none.
    pub(super) fn name_of(&self, symbol: &Symbol) -> Place {
        let function = self
            .module(symbol.place.file)
            .and_then(|module| function_of(module, symbol.place.range));
        match function {
            Some(function) if function.name_range.start < function.name_range.end => Place {
                file: symbol.place.file,
                range: function.name_range,
            },
            _ => symbol.place,
        }
    }

    /// The same route in the deployed version.
    pub(super) fn deployed_twin(&self, route: &Route) -> Option<&Route> {
        let mut deployed = self.deployed.iter();
        deployed.find(|other| other.key == route.key && other.executor.name == route.executor.name)
    }
}

fn function_of(module: &Module, header: Range) -> Option<&Function> {
    module
        .functions
        .iter()
        .find(|function| function.header == header)
}
