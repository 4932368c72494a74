//! Installed distributions in a package and its layers: what their RECORD says is theirs (the specification of recorded projects).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Fact, Layer, has_ending};
use crate::environment::{Runtime, normalised};
use crate::source::Bundle;

/// A distribution.
#[derive(Clone, Debug)]
struct Distribution {
    name: String,
    version: String,
    /// Its `dist-info` folder, with the folder that it lies in before it.
    folder: String,
    /// The files of its RECORD, from the package's top; none if it has no RECORD.
    files: Option<BTreeSet<String>>,
    /// What it asks for under no marker.
    requires: Vec<String>,
}

/// The distributions of a package and its layers.
#[derive(Clone, Debug, Default)]
pub struct Distributions {
    own: Vec<Distribution>,
    /// What the layers have, by normalised name.
    in_layers: BTreeSet<String>,
    /// Top-level folders that a RECORD of the package names.
    folders: BTreeSet<String>,
}

/// Reads the distributions of a package and its layers.
#[must_use]
pub fn distributions(bundle: &Bundle, layers: &[Layer]) -> Distributions {
    let own = read(bundle);
    let folders = own
        .iter()
        .flat_map(|distribution| distribution.files.iter().flatten())
        .filter_map(|path| Some(path.split_once('/')?.0.to_owned()))
        .filter(|top| top != ".." && top != "bin")
        .collect();
    let in_layers = layers.iter().flat_map(|layer| read(&layer.bundle));
    Distributions {
        own,
        in_layers: in_layers.map(|it| normalised(&it.name)).collect(),
        folders,
    }
}

fn read(bundle: &Bundle) -> Vec<Distribution> {
    let mut folders: BTreeSet<&str> = BTreeSet::new();
    for path in bundle.members.iter().filter_map(|it| it.path.as_deref()) {
        let Some(at) = path.find(".dist-info") else {
            continue;
        };
        let end = at + ".dist-info".len();
        if path.as_bytes().get(end).is_none_or(|&byte| byte == b'/') {
            folders.insert(&path[..end]);
        }
    }
    let found = folders.into_iter().map(|folder| {
        let (site, name) = folder.rsplit_once('/').unwrap_or(("", folder));
        let stem = name.strip_suffix(".dist-info").unwrap_or(name);
        let (name, version) = stem.split_once('-').unwrap_or((stem, ""));
        let text = |file: &str| {
            let bytes = bundle.file(&format!("{folder}/{file}"))?;
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        let files = text("RECORD").map(|record| {
            let paths = record.lines().filter_map(|line| recorded(line.trim()));
            paths
                .map(|path| super::layout::joined(site, &path))
                .collect()
        });
        let requires = text("METADATA")
            .map(|text| required(&text))
            .unwrap_or_default();
        Distribution {
            name: name.to_owned(),
            version: version.to_owned(),
            folder: folder.to_owned(),
            files,
            requires,
        }
    });
    found.collect()
}

/// The path of a line of RECORD, which is CSV. `pip install --target` notes scripts as `../../bin/x`, and puts them into `bin`.
fn recorded(line: &str) -> Option<String> {
    let path = match line.strip_prefix('"') {
        Some(rest) => rest.split('"').next()?,
        None => line.split(',').next()?,
    };
    let path = path.strip_prefix("../../").unwrap_or(path);
    (!path.is_empty()).then(|| path.to_owned())
}

/// The names of what METADATA requires under no marker.
fn required(metadata: &str) -> Vec<String> {
    let headers = metadata.lines().take_while(|line| !line.is_empty());
    let requirements = headers.filter_map(|line| line.strip_prefix("Requires-Dist:"));
    let plain = requirements.filter(|requirement| !requirement.contains(';'));
    let names = plain.map(|requirement| {
        let requirement = requirement.trim();
        let end = requirement.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c)));
        requirement[..end.unwrap_or(requirement.len())].to_owned()
    });
    names.filter(|name| !name.is_empty()).collect()
}

impl Distributions {
    /// Whether a path of the package belongs to a distribution: a RECORD lists it, or it lies in a folder that is one's alone.
    #[must_use]
    pub fn have(&self, path: &str) -> bool {
        path.contains(".dist-info/")
            || self.own.iter().any(|distribution| {
                let mut files = distribution.files.iter();
                files.any(|files| files.contains(path))
            })
            || path
                .split_once('/')
                .is_some_and(|(top, _)| self.folders.contains(top) && !has_ending(path, "py"))
    }

    /// What is missing of them, and which are there twice. `runtime` is what brings packages of its own.
    #[must_use]
    pub fn check(&self, bundle: &Bundle, runtime: Option<Runtime>) -> Vec<Fact> {
        let there: BTreeSet<&str> = bundle
            .members
            .iter()
            .filter_map(|member| member.path.as_deref())
            .collect();
        let mut facts = Vec::new();
        for distribution in &self.own {
            let is_module = |path: &&String| {
                (has_ending(path, "py") || has_ending(path, "so")) && !path.contains("..")
            };
            let files = distribution.files.iter().flatten().filter(is_module);
            let missing: Vec<&String> = files
                .filter(|path| !there.contains(path.as_str()))
                .collect();
            if let Some(first) = missing.first() {
                facts.push(Fact::Dependency {
                    name: distribution.name.clone(),
                    path: Arc::from(format!("{}/RECORD", distribution.folder)),
                    missing: Some(((*first).clone(), missing.len())),
                    wanted_by: None,
                });
            }
        }
        facts.extend(self.unmet(runtime));
        facts.extend(self.twice());
        facts
    }

    /// What distributions ask for and nothing provides.
    fn unmet(&self, runtime: Option<Runtime>) -> Vec<Fact> {
        let own: BTreeSet<String> = self.own.iter().map(|it| normalised(&it.name)).collect();
        let mut facts = Vec::new();
        let mut said = BTreeSet::new();
        for distribution in &self.own {
            for wanted in &distribution.requires {
                let name = normalised(wanted);
                let module = name.replace('-', "_");
                let of_runtime = runtime.is_some_and(|it| {
                    it.provides(&module) || name == "python-dateutil" && it.provides("dateutil")
                });
                if !own.contains(&name)
                    && !self.in_layers.contains(&name)
                    && !of_runtime
                    && said.insert(name)
                {
                    facts.push(Fact::Dependency {
                        name: wanted.clone(),
                        path: Arc::from(format!("{}/METADATA", distribution.folder)),
                        missing: None,
                        wanted_by: Some(distribution.name.clone()),
                    });
                }
            }
        }
        facts
    }

    /// Distributions of which two versions are recorded.
    fn twice(&self) -> Vec<Fact> {
        let mut by_name: BTreeMap<String, Vec<&Distribution>> = BTreeMap::new();
        for distribution in &self.own {
            by_name
                .entry(normalised(&distribution.name))
                .or_default()
                .push(distribution);
        }
        let several = by_name.into_values().filter(|all| all.len() > 1);
        let facts = several.filter_map(|all| {
            let mut versions: Vec<String> = all.iter().map(|it| it.version.clone()).collect();
            versions.sort();
            let last = all.last()?;
            Some(Fact::Version {
                name: last.name.clone(),
                path: Arc::from(format!("{}/RECORD", last.folder)),
                versions,
                wanted: None,
            })
        });
        facts.collect()
    }
}
