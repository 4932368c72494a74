//! What Mermaid takes: a drawing past its limits is refused, and a drawing cannot change them.

/// How many edges it draws at most (`maxEdges`).
const EDGES: usize = 500;
/// How many characters it reads (`maxTextSize`).
const TEXT: usize = 50_000;

/// Why Mermaid refuses a drawing; None if it does not. `edges` is how many lines it has, which are called `calls` to people.
#[must_use]
pub fn refuses(text: &str, edges: usize, calls: &str) -> Option<String> {
    if edges > EDGES {
        return Some(format!(
            "{edges} {calls} are more than the {EDGES} that Mermaid draws"
        ));
    }
    let size = text.chars().count();
    (size > TEXT).then(|| format!("{size} characters are more than the {TEXT} that Mermaid reads"))
}
