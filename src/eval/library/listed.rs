//! What is registered with dispatchers: views, commands, tasks, and tables of functions that code calls by a key. For `coship routes`; no failure rests on it.
//!
//! The key is what the framework itself lists at run time: a rule of `url_map`, a name in `tasks` or `commands`.

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::Site;
use crate::eval::domain::value::{Data, FunctionRef, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::library::frameworks::Meaning;
use crate::facts::{DispatcherKind, Listed, Route, Symbol};
use crate::name::Name;
use crate::program::{ModuleId, Resolution};
use crate::syntax::ir::{
    ArgumentKind, Call, Constant, Expr, ExprKind, FunctionId, Parent, StmtKind, Var,
};
use crate::syntax::visit;

/// Endings that Click takes off a function's name to make a command's, from 8.2 on: which of the two names it is hangs on the version.
const OF_COMMANDS: [&str; 4] = ["_command", "_cmd", "_group", "_grp"];

/// Over how many imports a variable is followed to where it comes from.
const IMPORTS: usize = 8;

/// Something that was registered, as it was met.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Listing {
    /// The kind of what it was registered with.
    pub kind: DispatcherKind,
    /// What it was registered with.
    pub dispatcher: String,
    /// Under which name, if that is known.
    pub key: Option<String>,
    /// The function.
    pub handler: FunctionRef,
}

/// Whether a function may be one that is handed what a framework will call.
#[must_use]
pub fn may_register(name: &str) -> bool {
    name.ends_with(".add_url_rule") || name.ends_with(".add_command")
}

impl<'p> Evaluator<'p> {
    /// A decorator of a framework that is applied to a function.
    pub fn list_decorated(
        &mut self,
        frame: &Frame<'p>,
        (contract, meaning): (&'static str, Meaning),
        function: Value,
        options: &Actual,
    ) {
        let function = match meaning {
            Meaning::Command(_) => self
                .named_parameters(function)
                .map_or(function, |partial| partial.function),
            _ => function,
        };
        let Some(object) = self.function_behind(function) else {
            return;
        };
        let handler = object.function;
        let method = contract.rsplit('.').next().unwrap_or_default();
        let base = self.decorator_base(handler, method);
        let (kind, key) = match meaning {
            Meaning::View(path) => {
                let prefix = match base {
                    Some(base) if path.has_prefix => self.prefix_of_blueprint(frame.module, base),
                    _ => Some(String::new()),
                };
                let rule = options.get(0, "rule");
                let rule = rule.and_then(|rule| self.values.as_str(rule));
                let call = self
                    .decorator_called(handler, method)
                    .and_then(|called| called.1);
                let verb = verbs(method, call);
                let key = match (verb, prefix, rule) {
                    (Some(verb), Some(prefix), Some(rule)) => {
                        Some(format!("{verb} {prefix}{rule}"))
                    }
                    _ => None,
                };
                let kind = if path.converts {
                    DispatcherKind::Flask
                } else {
                    DispatcherKind::Web
                };
                (kind, key)
            }
            Meaning::Command(_) => {
                let name = options.get(0, "name");
                let key = match name.filter(|&name| name != Value::NONE) {
                    Some(name) => self.values.as_str(name).map(|name| name.to_string()),
                    None => command_of(&self.definition(handler).name),
                };
                (DispatcherKind::Click, key)
            }
            Meaning::Task => {
                let name = options.keyword("name");
                let key = match name.filter(|&name| name != Value::NONE) {
                    Some(name) => self.values.as_str(name).map(|name| name.to_string()),
                    None => {
                        let module = self.program.module(handler.module).name;
                        Some(format!("{module}.{}", self.definition(handler).name))
                    }
                };
                (DispatcherKind::Celery, key)
            }
            _ => return,
        };
        let library = contract.split('.').next().unwrap_or_default();
        let dispatcher = match base {
            Some(base) => self.dispatcher_name(handler.module, base),
            None => library.to_owned(),
        };
        self.listings.insert(Listing {
            kind,
            dispatcher,
            key,
            handler,
        });
    }

    /// A method of a framework's object that is handed what to register.
    pub fn list_registration(
        &mut self,
        frame: &Frame<'p>,
        site: &Site<'p>,
        name: Name,
        actual: &Actual,
    ) {
        let (kind, at) = match name.as_str() {
            "flask.Flask().add_url_rule" | "flask.Blueprint().add_url_rule" => {
                (DispatcherKind::Flask, (2, "view_func"))
            }
            "click.group().add_command" => (DispatcherKind::Click, (0, "cmd")),
            _ => return,
        };
        let Some(call) = site.call.filter(|_| !self.is_graph()) else {
            return;
        };
        let ExprKind::Attribute { value: base, .. } = &call.function.kind else {
            return;
        };
        let given = actual.get(at.0, at.1).unwrap_or(Value::UNKNOWN);
        let handler = match self.function_behind(given) {
            Some(object) => Some(object.function),
            None => self.function_named_at(frame.module, call, at.0),
        };
        let Some(handler) = handler else {
            return;
        };
        let text = |evaluator: &Self, at: usize, name: &str| {
            let value = actual.get(at, name)?;
            Some(evaluator.values.as_str(value)?.to_string())
        };
        let key = match kind {
            DispatcherKind::Flask => {
                let prefix = if name.starts_with("flask.Blueprint") {
                    self.prefix_of_blueprint(frame.module, base)
                } else {
                    Some(String::new())
                };
                let verb = verbs("route", Some(call));
                match (verb, prefix, text(self, 0, "rule")) {
                    (Some(verb), Some(prefix), Some(rule)) => {
                        Some(format!("{verb} {prefix}{rule}"))
                    }
                    _ => None,
                }
            }
            _ => match actual.get(1, "name") {
                Some(_) => text(self, 1, "name"),
                None => self.own_name_of_command(handler),
            },
        };
        let dispatcher = self.dispatcher_name(frame.module, base);
        self.listings.insert(Listing {
            kind,
            dispatcher,
            key,
            handler,
        });
    }

    /// All that is registered, in order; without tables that lead a gateway's `routes` on, which say it better.
    pub fn listings(&mut self, routes: &[Route]) -> Vec<Listed> {
        let mut listings: Vec<Listing> = self.listings.iter().cloned().collect();
        let on_routes = routes
            .iter()
            .flat_map(|route| [&route.handler, &route.router]);
        let on_routes: FxHashSet<&Symbol> = on_routes.flatten().collect();
        let is_on_route = |entry: &Listing| on_routes.contains(&self.symbol(entry.handler));
        listings.extend(self.tables(&is_on_route));
        let mut listed: Vec<Listed> = listings
            .into_iter()
            .map(|listing| Listed {
                kind: listing.kind,
                dispatcher: listing.dispatcher,
                key: listing.key,
                handler: self.symbol(listing.handler),
                accepts: self.parameters_text(listing.handler),
            })
            .collect();
        listed.sort();
        listed.dedup();
        listed
    }

    /// What the decorator `@app.route(..)` of a function calls, `app.route`, and the call, if it is one.
    fn decorator_called(
        &self,
        function: FunctionRef,
        method: &str,
    ) -> Option<(&'p Expr, Option<&'p Call>)> {
        let mut decorators = self.definition(function).decorators.iter();
        decorators.find_map(|decorator| {
            let (called, call) = match &decorator.kind {
                ExprKind::Call(call) => (&call.function, Some(&**call)),
                _ => (decorator, None),
            };
            let is_it = match &called.kind {
                ExprKind::Attribute { attribute, .. } => attribute.as_str() == method,
                _ => false,
            };
            is_it.then_some((called, call))
        })
    }

    /// `app` in the decorator `@app.route(..)` of a function.
    fn decorator_base(&self, function: FunctionRef, method: &str) -> Option<&'p Expr> {
        let (called, _) = self.decorator_called(function, method)?;
        let ExprKind::Attribute { value, .. } = &called.kind else {
            return None;
        };
        (!self.is_module(function.module, value)).then_some(&**value)
    }

    fn is_module(&self, module: ModuleId, expr: &Expr) -> bool {
        let ExprKind::Name(name, _) = expr.kind else {
            return false;
        };
        let value = self.variable_at_end(module, name);
        value.is_some_and(|value| {
            matches!(self.data(value), Data::External(name) if !name.ends_with("()"))
                || matches!(self.data(value), Data::Module(_))
        })
    }

    /// A dispatcher by the module that makes it, if imports lead there, and its variable or attribute.
    fn dispatcher_name(&self, module: ModuleId, base: &Expr) -> String {
        let (module, name) = match base.kind {
            ExprKind::Name(name, _) => self.origin_of(module, name),
            ExprKind::Attribute { attribute, .. } => (module, attribute),
            _ => (module, Name::new("?")),
        };
        format!("{}.{name}", self.program.module(module).name)
    }

    /// The module that a variable comes from, and its name there: `from m import x as y`, from module to module.
    fn origin_of(&self, module: ModuleId, name: Name) -> (ModuleId, Name) {
        let (mut module, mut name) = (module, name);
        for _ in 0..IMPORTS {
            let mut source = None;
            let by_name = &self.modules[module.0 as usize].by_name;
            self.program.module(module).ir.each_statement(|stmt| {
                let StmtKind::ImportFrom(import) = &stmt.kind else {
                    return;
                };
                let mut names = import.names.iter();
                let imported = names.find(|imported| match imported.var {
                    Var::Local(slot) => by_name.get(&name) == Some(&slot),
                    Var::Global(own) => own == name,
                    Var::Free { .. } | Var::Hidden { .. } => false,
                });
                if let Some(imported) = imported {
                    source = Some((import, imported.name));
                }
            });
            let Some((import, there)) = source else {
                break;
            };
            let resolution = match import.module {
                Some(dotted) if import.level == 0 => self.program.resolve(module, dotted),
                dotted => self.program.resolve_relative(module, import.level, dotted),
            };
            let Resolution::Module(found) = resolution else {
                break;
            };
            (module, name) = (found, there);
        }
        (module, name)
    }

    /// What stands before the rules of a blueprint: what it is registered with, or else what it is made with. None if that cannot be told.
    fn prefix_of_blueprint(&self, module: ModuleId, base: &Expr) -> Option<String> {
        let ExprKind::Name(name, _) = base.kind else {
            return None;
        };
        let mut own = Some(String::new());
        self.program.module(module).ir.each_statement(|stmt| {
            if let StmtKind::Assign { targets, value } = &stmt.kind
                && let ExprKind::Call(call) = &value.kind
                && targets
                    .iter()
                    .any(|target| matches!(target.kind, ExprKind::Name(own, _) if own == name))
            {
                own = prefix_in(call).unwrap_or_else(|| Some(String::new()));
            }
        });
        let mut given = Vec::new();
        for other in self.program.modules() {
            other.ir.each_statement(|stmt| {
                visit::direct_expressions(stmt, &mut |expr| {
                    visit::expressions(expr, &mut |expr| {
                        if let ExprKind::Call(call) = &expr.kind
                            && registers_blueprint(call, name)
                            && let Some(prefix) = prefix_in(call)
                        {
                            given.push(prefix);
                        }
                    });
                });
            });
        }
        match given.as_slice() {
            [] => own,
            [only] => only.clone(),
            _ => None,
        }
    }

    /// The function of the module that an argument names, though a decorator made something unknown of it.
    fn function_named_at(&self, module: ModuleId, call: &Call, at: usize) -> Option<FunctionRef> {
        let ExprKind::Name(name, _) = call.arguments.get(at)?.value.kind else {
            return None;
        };
        let (module, name) = self.origin_of(module, name);
        let ir = &self.program.module(module).ir;
        let found = ir.functions.iter().position(|function| {
            function.name == name && matches!(function.parent, Parent::Module)
        })?;
        Some(FunctionRef {
            module,
            id: FunctionId(u32::try_from(found).ok()?),
        })
    }

    /// The name under which a command was made.
    fn own_name_of_command(&self, handler: FunctionRef) -> Option<String> {
        let mut own = self.listings.iter();
        let own =
            own.find(|listing| listing.kind == DispatcherKind::Click && listing.handler == handler);
        match own {
            Some(listing) => listing.key.clone(),
            None => command_of(&self.definition(handler).name),
        }
    }
}

/// The methods that a view answers, as they are written out where it is registered; none if they are computed.
fn verbs(method: &str, call: Option<&Call>) -> Option<String> {
    if method != "route" {
        return Some(method.to_uppercase());
    }
    let mut arguments = call.into_iter().flat_map(|call| &call.arguments);
    let methods = arguments.find(|argument| {
        matches!(argument.kind, ArgumentKind::Keyword(name) if name.as_str() == "methods")
    });
    let Some(methods) = methods else {
        return Some(String::from("GET"));
    };
    let (ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items)) =
        &methods.value.kind
    else {
        return None;
    };
    let names: Option<Vec<String>> = items
        .iter()
        .map(|item| match &item.kind {
            ExprKind::Constant(Constant::Str(text)) => Some(text.to_uppercase()),
            _ => None,
        })
        .collect();
    let mut names = names?;
    names.sort_unstable();
    Some(names.join(","))
}

/// The name that Click makes of a function's; none if that hangs on its version.
fn command_of(function: &str) -> Option<String> {
    let function = function.to_lowercase();
    let hangs_on_version = OF_COMMANDS.iter().any(|ending| {
        function
            .strip_suffix(ending)
            .is_some_and(|rest| !rest.is_empty())
    });
    (!hangs_on_version).then(|| function.replace('_', "-"))
}

/// The prefix that a call gives: none if it gives none, `Some(None)` if it cannot be told.
fn prefix_in(call: &Call) -> Option<Option<String>> {
    call.arguments
        .iter()
        .find_map(|argument| match argument.kind {
            ArgumentKind::Keyword(name) if name.as_str() == "url_prefix" => {
                Some(match &argument.value.kind {
                    ExprKind::Constant(Constant::Str(text)) => Some(text.to_string()),
                    ExprKind::Constant(Constant::None) => Some(String::new()),
                    _ => None,
                })
            }
            ArgumentKind::DoubleStar => Some(None),
            _ => None,
        })
}

/// Whether a call registers the blueprint that a variable of this name holds.
fn registers_blueprint(call: &Call, blueprint: Name) -> bool {
    let is_registering = matches!(&call.function.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "register_blueprint");
    let first = call.arguments.first().map(|first| &first.value.kind);
    is_registering
        && match first {
            Some(ExprKind::Name(name, _)) => *name == blueprint,
            Some(ExprKind::Attribute { attribute, .. }) => *attribute == blueprint,
            _ => false,
        }
}
