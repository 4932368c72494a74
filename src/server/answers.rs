//! Answers about a place or a file: hover, definition, references, code lenses, symbols (LSP 3.18, "Language Features").

use std::collections::BTreeSet;

use gen_lsp_types::{
    CodeLens, Command, DocumentSymbol, Hover, Location, MarkupContent, MarkupKind, Position,
    SymbolKind,
};

use super::callee::Callee;
use super::diagnostics::Places;
use super::navigate::Found;
use crate::facts::{FileId, Place, Route, Symbol};
use crate::report::escape::plain;
use crate::rules::route_name;
use crate::syntax::ir::{DictItem, Expr, ExprKind, StmtKind};
use crate::syntax::visit;

/// How many routes a hover tells in full.
const TOLD: usize = 5;

/// How many senders it names.
const NAMED: usize = 5;

impl Places<'_> {
    /// What stands at a position of what the editor shows.
    fn at(&self, file: FileId, position: Position) -> Option<Found<'_>> {
        let offset = self.encoding.offset(self.shown(file), position);
        self.snapshot.at(file, self.evaluated(file, offset)?)
    }

    /// The function that the call at a position names, where no route is at it.
    fn callee(&self, file: FileId, position: Position) -> Option<Callee> {
        let offset = self.encoding.offset(self.shown(file), position);
        self.snapshot.callee_at(file, self.evaluated(file, offset)?)
    }

    /// `textDocument/hover`: each route with its handler, its senders, and the deployed signature beside today's.
    pub(super) fn hover(&self, file: FileId, position: Position) -> Option<Hover> {
        let Some(found) = self.at(file, position) else {
            return self.hover_callee(file, position);
        };
        let mut value = String::new();
        for route in found.routes.iter().take(TOLD) {
            if !value.is_empty() {
                value.push_str("\n---\n");
            }
            self.tell(route, &mut value);
        }
        if let Some(more) = found
            .routes
            .len()
            .checked_sub(TOLD)
            .filter(|more| *more > 0)
        {
            value.push_str(&format!("\n---\nand {more} more routes\n"));
        }
        Some(Hover {
            contents: markdown(value).into(),
            range: self.range(Place {
                file,
                range: found.range,
            }),
        })
    }

    fn hover_callee(&self, file: FileId, position: Position) -> Option<Hover> {
        let callee = self.callee(file, position)?;
        let mut value = format!("{}\n", code(&callee.header));
        if let Ok(name) = &self.snapshot.against {
            let deployed = match &callee.deployed {
                None => format!("\nnot in {}\n", code(name)),
                Some(header) if *header == callee.header => {
                    format!("\nthe same in {}\n", code(name))
                }
                Some(header) => format!("\nin {}: {}\n", code(name), code(header)),
            };
            value.push_str(&deployed);
        }
        Some(Hover {
            contents: markdown(value).into(),
            range: self.range(Place {
                file,
                range: callee.call,
            }),
        })
    }

    fn tell(&self, route: &Route, out: &mut String) {
        let handler = |route: &Route| {
            let name = route.handler.as_ref().map_or("?", |handler| &handler.name);
            code(&format!("{name}{}", route.accepts))
        };
        out.push_str(&format!(
            "**{}** → {}\n",
            code(&route_name(&route.key)),
            handler(route)
        ));
        if let Some(router) = &route.router {
            out.push_str(&format!("\nrouter {}\n", code(&router.name)));
        }
        if !route.sends.is_empty() {
            let sends: Vec<String> = route.sends.iter().map(|sent| code(sent)).collect();
            out.push_str(&format!("\nsent: {}\n", sends.join(", ")));
        }
        let senders: Vec<String> = route
            .wrappers
            .iter()
            .take(NAMED)
            .map(|it| code(&it.name))
            .collect();
        if !senders.is_empty() {
            let more = route.wrappers.len().saturating_sub(NAMED);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            out.push_str(&format!("\nby {}{more}\n", senders.join(", ")));
        }
        let deployed = match (&self.snapshot.against, self.snapshot.deployed_twin(route)) {
            (Err(_), _) => return,
            (Ok(name), None) => format!("\nnot in {}\n", code(name)),
            (Ok(name), Some(twin)) if handler(twin) == handler(route) => {
                format!("\nthe same in {}\n", code(name))
            }
            (Ok(name), Some(twin)) => format!("\nin {}: {}\n", code(name), handler(twin)),
        };
        out.push_str(&deployed);
    }

    /// `textDocument/definition`: the handlers; of a call that is no route's, the function that it names.
    pub(super) fn definition(&self, file: FileId, position: Position) -> Vec<Location> {
        let Some(found) = self.at(file, position) else {
            let callee = self.callee(file, position);
            return callee
                .and_then(|callee| self.location(callee.name))
                .into_iter()
                .collect();
        };
        let handlers = found
            .routes
            .iter()
            .filter_map(|route| route.handler.as_ref());
        let places: BTreeSet<Place> = handlers
            .map(|handler| self.snapshot.name_of(handler))
            .collect();
        places
            .into_iter()
            .filter_map(|place| self.location(place))
            .collect()
    }

    /// `textDocument/references`: the calls that send something along the routes, and the handlers if they are asked for.
    pub(super) fn references(
        &self,
        file: FileId,
        position: Position,
        declared: bool,
    ) -> Vec<Location> {
        let Some(found) = self.at(file, position) else {
            return Vec::new();
        };
        let mut places = BTreeSet::new();
        for route in &found.routes {
            for wrapper in &route.wrappers {
                places.extend(self.snapshot.sites(wrapper, route));
            }
            if declared && let Some(handler) = &route.handler {
                places.insert(self.snapshot.name_of(handler));
            }
        }
        places
            .into_iter()
            .filter_map(|place| self.location(place))
            .collect()
    }

    /// `textDocument/codeLens`: of each handler, how many routes reach it and which callers are not shipped.
    pub(super) fn lenses(&self, file: FileId) -> Vec<CodeLens> {
        let mut handlers: Vec<&Symbol> = self
            .snapshot
            .facts
            .routes
            .iter()
            .filter_map(|route| route.handler.as_ref())
            .filter(|handler| handler.place.file == file)
            .collect();
        handlers.sort_by_key(|handler| handler.place);
        handlers.dedup();
        let lens = |handler: &Symbol| {
            let range = self.range(self.snapshot.name_of(handler))?;
            Some(CodeLens {
                range,
                command: Some(Command {
                    title: self.lens(handler),
                    // A lens that says something and does nothing.
                    command: String::new(),
                    ..Command::default()
                }),
                ..CodeLens::default()
            })
        };
        handlers.into_iter().filter_map(lens).collect()
    }

    /// `7 routes reach this; 3 callers are not shipped yet`.
    fn lens(&self, handler: &Symbol) -> String {
        let routes = self.snapshot.facts.routes.iter();
        let routes: Vec<&Route> = routes
            .filter(|route| route.handler.as_ref() == Some(handler))
            .collect();
        let mut title = match routes.len() {
            1 => "1 route reaches this".to_owned(),
            count => format!("{count} routes reach this"),
        };
        if self.snapshot.against.is_err() {
            return title;
        }
        let mut waiting: BTreeSet<&str> = BTreeSet::new();
        for route in routes {
            let twin = self.snapshot.deployed_twin(route);
            let is_shipped = |wrapper: &&Symbol| {
                twin.is_some_and(|twin| {
                    twin.wrappers.iter().any(|other| other.name == wrapper.name)
                })
            };
            let new = route.wrappers.iter().filter(|wrapper| !is_shipped(wrapper));
            waiting.extend(new.map(|wrapper| &*wrapper.name));
        }
        match waiting.len() {
            0 => {}
            1 => title.push_str("; 1 caller is not shipped yet"),
            count => title.push_str(&format!("; {count} callers are not shipped yet")),
        }
        title
    }

    /// `textDocument/documentSymbol`: the tables that routes are looked up in, with their entries.
    pub(super) fn symbols(&self, file: FileId) -> Vec<DocumentSymbol> {
        let Some(module) = self.snapshot.module(file) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut bodies = vec![&module.body];
        bodies.extend(module.functions.iter().map(|function| &function.body));
        bodies.extend(module.classes.iter().map(|class| &class.body));
        for body in bodies {
            visit::statements(body, &mut |stmt| {
                let (target, value) = match &stmt.kind {
                    StmtKind::Assign { targets, value } => (targets.first(), Some(value)),
                    StmtKind::AnnAssign { target, value, .. } => (Some(target), value.as_ref()),
                    _ => (None, None),
                };
                if let (Some(target), Some(value)) = (target, value)
                    && let ExprKind::Dict(items) = &value.kind
                {
                    let whole = Place {
                        file,
                        range: stmt.range,
                    };
                    found.extend(self.table(whole, target, items));
                }
            });
        }
        found
    }

    fn table(&self, whole: Place, target: &Expr, items: &[DictItem]) -> Option<DocumentSymbol> {
        let file = whole.file;
        let entries: Vec<DocumentSymbol> = items
            .iter()
            .filter_map(|item| self.entry(file, item))
            .collect();
        if entries.is_empty() {
            return None;
        }
        let place = Place {
            file,
            range: target.range,
        };
        let count = match entries.len() {
            1 => "1 entry".to_owned(),
            count => format!("{count} entries"),
        };
        Some(DocumentSymbol::new(
            plain(&self.snapshot.line_at(place)).into_owned(),
            Some(count),
            SymbolKind::Object,
            None,
            None,
            self.range(whole)?,
            self.range(place)?,
            Some(entries),
        ))
    }

    fn entry(&self, file: FileId, item: &DictItem) -> Option<DocumentSymbol> {
        let routes = self.snapshot.routes_of(item, file);
        let key = item.key.as_ref()?;
        let first = routes.first()?;
        let detail = match (routes.len(), &first.handler) {
            (1, Some(handler)) => plain(&format!("{}{}", handler.name, first.accepts)).into_owned(),
            (1, None) => "?".to_owned(),
            (count, _) => format!("{count} routes"),
        };
        let of = |range| Place { file, range };
        let range = crate::syntax::ir::Range {
            start: key.range.start,
            end: item.value.range.end,
        };
        Some(DocumentSymbol::new(
            plain(&self.snapshot.line_at(of(key.range))).into_owned(),
            Some(detail),
            SymbolKind::Key,
            None,
            None,
            self.range(of(range))?,
            self.range(of(key.range))?,
            None,
        ))
    }
}

fn markdown(value: String) -> MarkupContent {
    MarkupContent {
        kind: MarkupKind::Markdown,
        value,
    }
}

/// Text of the analysed code as Markdown shows it as it is.
fn code(text: &str) -> String {
    format!("`{}`", plain(text).replace('`', "'"))
}
