//! The picture of what is loaded: boxes as wide as the lines.

use std::io::{self, Write};

use super::Cold;
use crate::report::html::text::text as xml;

/// The size of the picture, in pixels, and of a row in it.
const WIDTH: f64 = 1200.0;
const ROW: f64 = 22.0;

/// The widths of a letter and of the empty space beside a text, in pixels, with something to spare.
const LETTER: f64 = 7.0;
const MARGIN: f64 = 8.0;

/// As much of a name as a box of that width holds; none where that is next to nothing.
fn fitting(name: &str, width: f64) -> Option<String> {
    let letters = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX)) * LETTER;
    let count = name.chars().count();
    if letters(count) + MARGIN <= width {
        return Some(name.to_owned());
    }
    let fits = (1..count)
        .rev()
        .find(|&it| letters(it + 1) + MARGIN <= width)?;
    (fits > 2).then(|| name.chars().take(fits).chain(['\u{2026}']).collect())
}

/// Writes a picture: each module over what it asked for first, as wide as all those lines. One handler below the other, each under its name.
///
/// # Errors
/// If it cannot be written.
pub fn svg(cold: &Cold, out: &mut dyn Write) -> io::Result<()> {
    let mut boxes = Vec::new();
    let mut names = Vec::new();
    let mut top = 0.0;
    for start in cold.starts {
        let by = start.named_by.as_deref().map(|by| format!(" ({by})"));
        let name = format!(
            "{}{}: {} modules, {} lines",
            start.handler,
            by.unwrap_or_default(),
            start.modules.len(),
            start.lines()
        );
        names.push((top + 15.0, name));
        top += ROW;
        let total = f64::from(start.lines().max(1));
        let mut sums: Vec<u32> = start.modules.iter().map(|it| it.lines).collect();
        for (at, module) in start.modules.iter().enumerate().rev() {
            if let Some(by) = module.by {
                sums[by] += sums[at];
            }
        }
        let mut places: Vec<(f64, f64, f64)> = Vec::new();
        let mut depth = 0.0_f64;
        for (at, module) in start.modules.iter().enumerate() {
            let width = f64::from(sums[at]) / total * WIDTH;
            let (left, row) = match module.by {
                Some(by) => {
                    let (next, row, _) = &mut places[by];
                    let left = *next;
                    *next += width;
                    (left, *row + 1.0)
                }
                // Packages around the handler's module stand beside it.
                None => (
                    places
                        .iter()
                        .filter(|(_, row, _)| *row < 1.0)
                        .map(|it| it.2)
                        .sum(),
                    0.0,
                ),
            };
            depth = depth.max(row);
            places.push((left, row, width));
            let label = format!(
                "{}: {} lines, {} with what it asks for",
                module.module, module.lines, sums[at]
            );
            boxes.push((left, top + row * ROW, width, module.module.clone(), label));
        }
        top += (depth + 2.0) * ROW;
    }
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" font-family=\"sans-serif\" font-size=\"12\">"
    )?;
    writeln!(
        out,
        "<title>Modules loaded before the first request</title>"
    )?;
    for (y, name) in &names {
        let name = xml(name);
        writeln!(
            out,
            "<text x=\"4\" y=\"{y:.1}\" font-weight=\"bold\">{name}</text>"
        )?;
    }
    for (number, (left, y, width, name, label)) in boxes.iter().enumerate() {
        let hue = number * 47 % 360;
        writeln!(
            out,
            "<g><title>{}</title><rect x=\"{left:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{ROW}\" fill=\"hsl({hue},45%,80%)\" stroke=\"#fff\"/>",
            xml(label)
        )?;
        if let Some(name) = fitting(name, *width) {
            writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                left + 4.0,
                y + 15.0,
                xml(&name)
            )?;
        }
        writeln!(out, "</g>")?;
    }
    writeln!(out, "</svg>")
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn names_are_cut_to_what_a_box_holds() {
        assert_eq!(fitting("a.b", 29.0).as_deref(), Some("a.b"));
        assert_eq!(fitting("gateway", 43.0).as_deref(), Some("gate\u{2026}"));
        assert_eq!(fitting("gateway", 20.0), None);
    }
}
