//! What packagers leave out of a package by rules of their own: why a file may be missing.

use std::collections::BTreeMap;
use std::fmt;

use globset::GlobBuilder;

use super::layout::joined;
use crate::source::{Files, SourceError};
use crate::template;

/// A packager's rule that leaves a file out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// `sam build` (aws-lambda-builders 1.68.0) leaves out this name.
    Sam(String),
    /// chalice (1.34.0) ships `app.py`, `chalicelib/` and `vendor/` of the source, nothing else.
    Chalice,
    /// `zip PACKAGE src/*.py` and the like take no folder.
    FlatGlob,
    /// `.gitattributes` says `export-ignore`: `git archive` leaves it out. The line.
    ExportIgnore(String),
    /// A `.gitignore` line matches it.
    GitIgnore(String),
    /// A pattern under `package` of `serverless.yml` leaves it out.
    Serverless(String),
    /// A link to a folder is stored as an empty entry: `shutil.make_archive`, `zipapp`.
    LinkedFolder,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sam(name) => write!(
                f,
                "`sam build` leaves out whatever is called '{name}' (aws-lambda-builders 1.68.0)"
            ),
            Self::Chalice => f.write_str(
                "chalice packs app.py, chalicelib/ and vendor/, and nothing else of the source",
            ),
            Self::FlatGlob => f.write_str("a glob such as `*.py` takes no folders along"),
            Self::ExportIgnore(line) => {
                write!(f, "`git archive` leaves it out: `{line}` in .gitattributes")
            }
            Self::GitIgnore(line) => write!(f, "`{line}` in .gitignore matches it"),
            Self::Serverless(pattern) => write!(
                f,
                "`{pattern}` under `package` in serverless.yml leaves it out"
            ),
            Self::LinkedFolder => f.write_str(
                "a link to the folder was stored as an empty entry, as `shutil.make_archive` does",
            ),
        }
    }
}

/// What `sam build` leaves out wherever it stands (aws-lambda-builders 1.68.0, `PythonPipWorkflow.EXCLUDED_FILES`), as far as these are names that code has.
const SAM: [&str; 6] = ["env", "venv", "ENV", "env.bak", ".env", "venv.bak"];

/// The rule that may have left a file out; `path` counts from where the code is deployed from.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    /// Whether the tree is a chalice project.
    pub is_chalice: bool,
    /// Whether the package has no folder with source although the tree has.
    pub is_flat: bool,
    /// The patterns of `.gitattributes` that are not exported.
    pub export_ignored: Vec<String>,
    /// The patterns of `.gitignore`.
    pub ignored: Vec<String>,
    /// The patterns under `package` of `serverless.yml`, a list for each way of packing, with the folder around the code as the file sees it.
    pub serverless: Vec<(String, Vec<String>)>,
    /// Folders of the package that are empty.
    pub empty: Vec<String>,
}

impl Rules {
    /// The rule for a file.
    pub(super) fn of(&self, path: &str) -> Option<Dropped> {
        let is_in_empty = |folder: &String| path.starts_with(&format!("{folder}/"));
        if self.empty.iter().any(is_in_empty) {
            return Some(Dropped::LinkedFolder);
        }
        if let Some(part) = path.split('/').find(|part| SAM.contains(part)) {
            return Some(Dropped::Sam(part.to_owned()));
        }
        let matches = |patterns: &[String]| {
            let mut found = patterns.iter();
            found.find(|pattern| is_matched(path, pattern)).cloned()
        };
        if let Some(line) = matches(&self.export_ignored) {
            return Some(Dropped::ExportIgnore(format!("{line} export-ignore")));
        }
        if let Some(line) = matches(&self.ignored) {
            return Some(Dropped::GitIgnore(line));
        }
        if let Some(pattern) = self.by_serverless(path) {
            return Some(Dropped::Serverless(pattern));
        }
        if self.is_chalice && !path.starts_with("chalicelib/") && path != "app.py" {
            return Some(Dropped::Chalice);
        }
        (self.is_flat && path.contains('/')).then_some(Dropped::FlatGlob)
    }

    /// The pattern of `serverless.yml` that leaves a file out: the last that matches, if it has a `!`.
    fn by_serverless(&self, path: &str) -> Option<String> {
        self.serverless.iter().find_map(|(folder, patterns)| {
            let path = joined(folder, path);
            let mut last = patterns.iter().rev();
            let last = last.find(|it| is_packed_by(&path, it.strip_prefix('!').unwrap_or(it)))?;
            last.starts_with('!').then(|| last.clone())
        })
    }

    /// What packagers leave out of the code in `base`, as far as the candidate's files show which packager that may be.
    ///
    /// # Errors
    /// If a file of the candidate cannot be read.
    pub(super) fn read(files: &Files, base: &str) -> Result<Self, SourceError> {
        let mut rules = Self {
            is_chalice: files.find(&joined(base, ".chalice/config.json")).is_some(),
            ..Self::default()
        };
        // The top of the tree and the folder of the code, with the code's folder as seen from there.
        for (folder, inner) in BTreeMap::from([("", base), (base, "")]) {
            let text = |name: &str| {
                let file = files.find(&joined(folder, name));
                let bytes = file.map(|file| files.read(file)).transpose()?;
                Ok::<_, SourceError>(bytes.map(|it| String::from_utf8_lossy(&it).into_owned()))
            };
            rules.ignored.extend(lines(text(".gitignore")?.as_deref()));
            for line in lines(text(".gitattributes")?.as_deref()) {
                if let Some((pattern, attributes)) = line.split_once(char::is_whitespace)
                    && attributes
                        .split_whitespace()
                        .any(|it| it == "export-ignore")
                {
                    rules.export_ignored.push(pattern.to_owned());
                }
            }
            for name in SERVERLESS {
                let Some(text) = text(name)? else { continue };
                let beside = |path: &str| {
                    let path = path.strip_prefix("./").unwrap_or(path);
                    let file = files.find(&joined(folder, path))?;
                    String::from_utf8(files.read(file).ok()?).ok()
                };
                let lists = template::packaging(&text, &beside).into_iter();
                rules
                    .serverless
                    .extend(lists.map(|list| (inner.to_owned(), list)));
            }
        }
        Ok(rules)
    }
}

/// What the Serverless Framework reads.
const SERVERLESS: [&str; 3] = ["serverless.yml", "serverless.yaml", "serverless.json"];

/// The lines of a file of patterns that say something.
fn lines(text: Option<&str>) -> Vec<String> {
    let lines = text.into_iter().flat_map(str::lines).map(str::trim);
    let said = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    said.map(str::to_owned).collect()
}

/// Whether a pattern of `serverless.yml` matches a path: the whole of it, `*` within a name and `**` across folders (micromatch 4). What globs here do not know matches nothing.
fn is_packed_by(path: &str, pattern: &str) -> bool {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.is_ok_and(|glob| glob.compile_matcher().is_match(path))
}

/// Whether a line of `.gitignore` or `.gitattributes` matches a path, as git reads it: through the crate that reads such files.
fn is_matched(path: &str, pattern: &str) -> bool {
    let mut builder = ignore::gitignore::GitignoreBuilder::new("");
    if builder.add_line(None, pattern).is_err() {
        return false;
    }
    builder
        .build()
        .is_ok_and(|rules| rules.matched_path_or_any_parents(path, false).is_ignore())
}

#[cfg(test)]
mod tests {
    use super::{Dropped, Rules};

    #[test]
    fn what_packagers_leave_out() {
        let rules = Rules {
            export_ignored: vec!["data/*.json".to_owned()],
            ..Rules::default()
        };
        assert_eq!(rules.of("env/a.py"), Some(Dropped::Sam("env".to_owned())));
        assert!(matches!(
            rules.of("data/x.json"),
            Some(Dropped::ExportIgnore(_))
        ));
        assert_eq!(rules.of("a/b.py"), None);
        let flat = Rules {
            is_flat: true,
            ..Rules::default()
        };
        assert_eq!(flat.of("a/b.py"), Some(Dropped::FlatGlob));
        assert_eq!(flat.of("b.py"), None);
        let serverless = Rules {
            serverless: vec![(
                "src".to_owned(),
                ["!src/lib/**", "src/lib/kept.py", "!./**/*.json"]
                    .map(str::to_owned)
                    .to_vec(),
            )],
            ..Rules::default()
        };
        let left_out = |pattern: &str| Some(Dropped::Serverless(pattern.to_owned()));
        assert_eq!(serverless.of("lib/a/b.py"), left_out("!src/lib/**"));
        assert_eq!(serverless.of("lib/kept.py"), None);
        assert_eq!(serverless.of("data/x.json"), left_out("!./**/*.json"));
        assert_eq!(serverless.of("app.py"), None);
    }
}
