//! The routes, by the function that dispatches them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::text::text;
use super::{Page, left_out, open};
use crate::facts::{Route, RouteStatus};
use crate::report::routes::{handler, names, status};
use crate::report::summary;

/// How many routes have a row.
const ROUTES: usize = 3_000;

/// Writes the part.
pub(super) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    open("routes", out)?;
    let all = &page.facts.routes;
    let mut by_dispatcher: BTreeMap<&str, Vec<&Route>> = BTreeMap::new();
    for route in all.iter().take(ROUTES) {
        let dispatcher = route.router.as_ref().unwrap_or(&route.executor);
        by_dispatcher
            .entry(&dispatcher.name)
            .or_default()
            .push(route);
    }
    if all.is_empty() {
        writeln!(out, "<p>No route was found.</p>")?;
    }
    for (dispatcher, routes) in by_dispatcher {
        table(dispatcher, &routes, out)?;
    }
    left_out(
        all.len().saturating_sub(ROUTES),
        "route",
        "coship routes --output-format json",
        out,
    )?;
    writeln!(out, "</section>")
}

fn table(dispatcher: &str, routes: &[&Route], out: &mut dyn Write) -> io::Result<()> {
    let count = |wanted| routes.iter().filter(|route| route.status == wanted).count();
    let mut numbers = summary::count(routes.len(), "route");
    for (number, word) in [
        (count(RouteStatus::Missing), "missing"),
        (count(RouteStatus::Unresolved), "unresolved"),
    ] {
        if number > 0 {
            numbers.push_str(&format!(", {number} {word}"));
        }
    }
    let dispatcher = text(dispatcher);
    writeln!(
        out,
        "<details class=\"dispatcher\"><summary><code>{dispatcher}</code> {numbers}</summary>\
         <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Routes of {dispatcher}\"><table>\
         <thead><tr><th scope=\"col\">Interface</th><th scope=\"col\">Operation</th><th scope=\"col\">Status</th><th scope=\"col\">Handler</th>\
         <th scope=\"col\">Wrappers</th></tr></thead><tbody>"
    )?;
    for route in routes {
        let mark = match route.status {
            RouteStatus::Resolved => "✔",
            RouteStatus::Missing => "✖",
            RouteStatus::Unresolved => "?",
        };
        let status = status(route);
        writeln!(
            out,
            "<tr><td>{}</td><th scope=\"row\">{}</th><td class=\"status {status}\"><span aria-hidden=\"true\">{mark}</span> {status}</td>\
             <td><code>{}</code></td><td><code>{}</code></td></tr>",
            text(&route.key.interface),
            text(&route.key.operation),
            text(&handler(route)),
            text(&names(&route.wrappers))
        )?;
    }
    writeln!(out, "</tbody></table></div></details>")
}
