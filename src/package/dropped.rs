//! What packagers leave out of a package by rules of their own: why a file may be missing.

use std::fmt;

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
        if self.is_chalice && !path.starts_with("chalicelib/") && path != "app.py" {
            return Some(Dropped::Chalice);
        }
        (self.is_flat && path.contains('/')).then_some(Dropped::FlatGlob)
    }
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
    }
}
