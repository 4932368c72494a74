//! A commented configuration for a tree, from what its files show.

use std::io::{self, Write};

use crate::config::Layers;
use crate::report::escape::plain;
use crate::source::Tree;

/// What a tree shows of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// Directories that imports start from, as far as they show.
    pub roots: Vec<String>,
    /// Files with a `lambda_handler`, or that may be run as a script.
    pub entry_points: Vec<String>,
    /// For each layer its name, the customary globs, and how many files they match.
    pub layers: Vec<(&'static str, &'static [&'static str], usize)>,
    /// The newest tag that looks like a version.
    pub tag: Option<NewestTag>,
    /// The baseline that is written with it.
    pub baseline: Option<String>,
}

/// A longer list has a line for each value.
const LONGEST_LINE: usize = 100;

/// The repository that Cargo.toml names; empty in a build that is nobody's release.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Where the schema of the configuration is published in it.
const SCHEMA: &str = concat!("/raw/v", env!("CARGO_PKG_VERSION"), "/schema/config.json");

/// The customary file names of each layer.
const CUSTOMARY: [(&str, &[&str]); 3] = [
    ("gateway", &["**/gateway*.py"]),
    ("interface", &["**/interface_*.py"]),
    ("core", &["**/*_core.py"]),
];

/// The newest tag that looks like a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestTag {
    /// Its name.
    pub name: String,
    /// What is taken to run: this tag, or the one before it where this one is the very commit at hand; None if that is not known.
    pub runs: Option<String>,
}

/// Looks at the paths and the top level of the files. `layers` are the customary ones, `tag` is the newest tag that looks like a version.
#[must_use]
pub fn discover(
    tree: &Tree,
    layers: &Layers,
    roots: Vec<String>,
    tag: Option<NewestTag>,
) -> Discovered {
    let paths = tree.files.iter().map(|file| &*file.path);
    let places = layers.places(paths.clone());
    let matched = |layer: usize| {
        let files = paths.clone();
        files
            .filter(|path| places.layer(path) == Some(layer))
            .count()
    };
    let entry_points = tree.files.iter().filter(|file| starts(file.text.content()));
    let layers = CUSTOMARY.iter().zip(0..);
    Discovered {
        roots,
        entry_points: entry_points.map(|file| file.path.to_string()).collect(),
        layers: layers
            .map(|(&(name, written), layer)| (name, written, matched(layer)))
            .collect(),
        tag,
        baseline: None,
    }
}

/// Whether execution starts in a file of this text: Lambda's customary handler, or a script's guard.
fn starts(text: &str) -> bool {
    text.lines().any(|line| {
        line.starts_with("def lambda_handler(")
            || line
                .strip_prefix("if __name__ == ")
                .is_some_and(|rest| rest.contains("__main__"))
    })
}

/// The tags that deploys get, as a glob: what stands before the first digit.
fn tag_glob(tag: &str) -> String {
    let word: String = tag.chars().take_while(|c| !c.is_ascii_digit()).collect();
    format!("{word}*")
}

/// Writes `coship.toml`.
///
/// # Errors
///
/// What writing to `out` returns.
pub fn write(found: &Discovered, out: &mut dyn Write) -> io::Result<()> {
    // taplo, and the editors that use it, read such a line (https://taplo.tamasfe.dev/configuration/directives.html).
    if REPOSITORY.is_empty() {
        writeln!(
            out,
            "# For editors with taplo: `coship schema config > coship.schema.json`, and a first line `#:schema ./coship.schema.json`.\n"
        )?;
    } else {
        writeln!(out, "#:schema {REPOSITORY}{SCHEMA}\n")?;
    }
    writeln!(
        out,
        "# Configuration of coship. Everything here is optional: without it, coship finds as much by itself.\n"
    )?;
    writeln!(
        out,
        "# What is deployed now: a git revision, a directory, a zip, or the newest tag that matches."
    )?;
    match &found.tag {
        Some(tag) => {
            let name = plain(&tag.name);
            let runs = match &tag.runs {
                Some(runs) if *runs == tag.name => String::new(),
                Some(runs) => format!(
                    ", the very commit that is here: until the next one, {} is compared with",
                    plain(runs)
                ),
                None => ", the very commit that is here, and none before it is known".to_owned(),
            };
            writeln!(
                out,
                "# The newest tag that looks like a version is {name}{runs}."
            )?;
            writeln!(
                out,
                "against = {{ tag = {} }}\n",
                string(&tag_glob(&tag.name))
            )?;
        }
        None => writeln!(
            out,
            "# No tag looks like a version.\n# against = {{ tag = \"v*\" }}\n"
        )?,
    }
    writeln!(
        out,
        "# Directories that imports start from: for a Lambda function the root of the zip."
    )?;
    list(out, "roots", &found.roots, &["src"])?;
    writeln!(out, "# Where execution starts: files, or module:function.")?;
    list(
        out,
        "entry-points",
        &found.entry_points,
        &["lambda_function:lambda_handler"],
    )?;
    writeln!(
        out,
        "# Files that are not looked at, besides virtual environments, caches and the like."
    )?;
    list(out, "extend-exclude", &[], &["tests"])?;
    writeln!(
        out,
        "# The lowest severity that makes the exit status 1.\nfail-on = \"error\"\n"
    )?;
    writeln!(
        out,
        "# Findings that were there before and are not reported: `coship check --update-baseline` writes the file."
    )?;
    match &found.baseline {
        Some(name) => writeln!(out, "baseline = {}\n", string(name))?,
        None => writeln!(out, "# baseline = \"coship-baseline.toml\"\n")?,
    }
    writeln!(
        out,
        "# Report only what the deployed version does not have already.\n# new-only = true\n"
    )?;
    writeln!(
        out,
        "# Levels by rule, code or family: error, warning, info or off. `coship rule` lists the rules."
    )?;
    writeln!(out, "[rules]\n# orphan-operation = \"off\"\n")?;
    writeln!(
        out,
        "# The same for some files.\n# [per-path.\"tests/**\"]\n# missing-module = \"off\"\n"
    )?;
    writeln!(
        out,
        "# Which files belong to which layer; callees' layers ship first.\n[layers]"
    )?;
    for (name, globs, count) in &found.layers {
        let globs: Vec<String> = globs.iter().map(|glob| string(glob)).collect();
        let files = if *count == 1 { "file" } else { "files" };
        writeln!(out, "{name} = [{}]  # {count} {files}", globs.join(", "))?;
    }
    writeln!(
        out,
        "\n# Files that always move together, such as a layer and a function.\n[units]"
    )?;
    writeln!(out, "# function = [\"src/**\"]")
}

/// `key = [values]`, or a commented example if there are none.
fn list(out: &mut dyn Write, key: &str, values: &[String], example: &[&str]) -> io::Result<()> {
    // A path with a character that globs use is left to the user.
    let plain = values
        .iter()
        .filter(|value| !value.contains(['*', '?', '[', '{', '\\']));
    let written: Vec<String> = plain
        .map(|value| string(if value.is_empty() { "." } else { value }))
        .collect();
    if written.is_empty() {
        let example: Vec<String> = example.iter().map(|value| string(value)).collect();
        return writeln!(out, "# {key} = [{}]\n", example.join(", "));
    }
    let line = format!("{key} = [{}]", written.join(", "));
    if line.chars().count() <= LONGEST_LINE {
        return writeln!(out, "{line}\n");
    }
    writeln!(out, "{key} = [\n    {},\n]\n", written.join(",\n    "))
}

/// A TOML string in one line.
fn string(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Options, Settings, parse};
    use crate::rules::testing;

    fn written(files: &[(&str, &str)], roots: &[&str], tag: Option<&str>) -> String {
        let layers = Settings::resolve(&Options::default()).unwrap().layers;
        let roots = roots.iter().map(|&root| root.to_owned()).collect();
        let found = discover(
            &testing::tree(files),
            &layers,
            roots,
            tag.map(|tag| NewestTag {
                name: tag.to_owned(),
                runs: Some(tag.to_owned()),
            }),
        );
        let mut out = Vec::new();
        write(&found, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_found_is_written_and_can_be_read() {
        let text = written(
            &[
                ("src/cache_core.py", ""),
                ("src/gateway_core.py", ""),
                (
                    "src/lambda_function.py",
                    "import gateway\n\ndef lambda_handler(event, context):\n    pass\n",
                ),
                ("tools/pkg/__init__.py", ""),
                ("tools/pkg/build_core.py", ""),
                ("tools/run.py", "if __name__ == '__main__':\n    pass\n"),
            ],
            &["src", "tools"],
            Some("v2025.10.21-Beta"),
        );
        assert!(text.contains("against = { tag = \"v*\" }"), "{text}");
        assert!(text.contains("roots = [\"src\", \"tools\"]"), "{text}");
        assert!(
            text.contains("entry-points = [\"src/lambda_function.py\", \"tools/run.py\"]"),
            "{text}"
        );
        assert!(
            text.contains("gateway = [\"**/gateway*.py\"]  # 1 file\n"),
            "{text}"
        );
        let options = parse(text.as_bytes(), "coship.toml", "").unwrap().unwrap();
        Settings::resolve(&options).unwrap();
    }

    #[test]
    fn long_lists_have_a_line_for_each_value() {
        let roots = ["a".repeat(60), "b".repeat(60)];
        let text = written(&[("a.py", "")], &[&roots[0], &roots[1]], None);
        assert!(
            text.contains(&format!("roots = [\n    \"{}\",\n", roots[0])),
            "{text}"
        );
        let options = parse(text.as_bytes(), "coship.toml", "").unwrap().unwrap();
        assert_eq!(Settings::resolve(&options).unwrap().roots, roots);
    }

    #[test]
    fn an_empty_tree_gives_examples_only() {
        let text = written(&[("a.py", "")], &[], None);
        assert!(
            text.contains("# roots = [\"src\"]") && text.contains("# against = "),
            "{text}"
        );
        assert!(parse(text.as_bytes(), "coship.toml", "").unwrap().is_some());
    }

    #[test]
    fn names_of_files_cannot_smuggle_in_options() {
        let text = written(
            &[(
                "a\"]\nroots = [\"x_core.py",
                "if __name__ == '__main__': pass",
            )],
            &["s\"]\nfail-on = \"off"],
            Some("v1\nx = 2"),
        );
        let options = parse(text.as_bytes(), "coship.toml", "").unwrap().unwrap();
        assert!(options.roots.is_some_and(|roots| roots.len() == 1));
    }
}
