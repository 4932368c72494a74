//! Installed distributions in a package and its layers: what their RECORD says is theirs (the specification of recorded projects).

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder, VersionOrUrl};

use super::{Fact, Layer, has_ending};
use crate::environment::{self, Runtime, admits, normalised};
use crate::python::{Targets, Version};
use crate::source::{Bundle, Content};

/// A requirement: a name, versions, a marker.
type Requirement = pep508_rs::Requirement<pep508_rs::VerbatimUrl>;

/// A distribution.
#[derive(Clone, Debug)]
struct Distribution {
    name: String,
    version: String,
    /// Its `dist-info` folder, with the folder that it lies in before it.
    folder: String,
    /// The files of its RECORD, from the package's top; none if it has no RECORD.
    files: Option<BTreeSet<String>>,
    /// The top-level names that are taken for its own where it has no RECORD: those of `top_level.txt`, else its own name.
    tops: Vec<String>,
    /// What it asks for.
    requires: Vec<Requirement>,
    /// The versions of Python that it is for, as METADATA has it (`Requires-Python`).
    python: Option<String>,
    /// The groups of entry points in which others find it (the entry points specification), those for commands left out.
    groups: Vec<String>,
    /// The SHA-256 of its Python files, as its RECORD has it.
    digests: Vec<(String, [u8; 32])>,
}

/// The distributions of a package and its layers.
#[derive(Clone, Debug, Default)]
pub struct Distributions {
    own: Vec<Distribution>,
    /// What the layers have: version by normalised name.
    in_layers: BTreeMap<String, String>,
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
        in_layers: in_layers
            .map(|it| (normalised(&it.name), it.version))
            .collect(),
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
        let (name, version) = stem.rsplit_once('-').unwrap_or((stem, ""));
        let text = |file: &str| {
            let bytes = bundle.file(&format!("{folder}/{file}"))?;
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        let record = text("RECORD");
        let files = record
            .as_ref()
            .map(|record| recorded(site, record).collect());
        let metadata = text("METADATA").unwrap_or_default();
        let tops = text("top_level.txt").map(|text| text.lines().map(str::to_owned).collect());
        Distribution {
            tops: tops.unwrap_or_else(|| vec![name.to_lowercase(), name.to_owned()]),
            name: name.to_owned(),
            version: version.to_owned(),
            folder: folder.to_owned(),
            digests: record.map(|it| digests(site, &it)).unwrap_or_default(),
            groups: text("entry_points.txt")
                .map(|it| groups(&it))
                .unwrap_or_default(),
            files,
            requires: required(&metadata),
            python: header(&metadata, "Requires-Python").map(str::to_owned),
        }
    });
    found.collect()
}

/// The paths that the RECORD of a distribution in `site` lists, from the top of what `site` is in.
pub fn recorded(site: &str, record: &str) -> impl Iterator<Item = String> {
    environment::recorded(record).map(move |line| placed(site, &line.path))
}

/// Where a path of a RECORD leads. `pip install --target` notes scripts as `../../bin/x`, and puts them into `bin`.
fn placed(site: &str, path: &str) -> String {
    super::layout::joined(site, path.strip_prefix("../../").unwrap_or(path))
}

/// The digests of Python files that the RECORD of a distribution in `site` has.
fn digests(site: &str, record: &str) -> Vec<(String, [u8; 32])> {
    let lines = environment::recorded(record).filter(|line| has_ending(&line.path, "py"));
    lines
        .filter_map(|line| Some((placed(site, &line.path), line.sha256?)))
        .collect()
}

/// The groups of an `entry_points.txt` that are not for commands.
fn groups(text: &str) -> Vec<String> {
    let sections = text.lines().filter_map(|line| {
        let section = line.trim().strip_prefix('[')?.strip_suffix(']')?.trim();
        let is_command = matches!(section, "console_scripts" | "gui_scripts");
        (!is_command).then(|| section.to_owned())
    });
    sections.collect()
}

/// The value of a header of METADATA; of several the first.
fn header<'m>(metadata: &'m str, name: &str) -> Option<&'m str> {
    let mut headers = metadata.lines().take_while(|line| !line.is_empty());
    headers.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
}

/// What METADATA requires, as far as it is understood (the specification of dependency specifiers).
fn required(metadata: &str) -> Vec<Requirement> {
    let headers = metadata.lines().take_while(|line| !line.is_empty());
    let requirements = headers.filter_map(|line| line.strip_prefix("Requires-Dist:"));
    let read = requirements.filter_map(|text| Requirement::from_str(text.trim()).ok());
    read.collect()
}

/// Where a package runs, for the markers of requirements: CPython of that version on Linux.
fn environment(version: Version) -> Option<MarkerEnvironment> {
    let version = version.to_string();
    let full = format!("{version}.0");
    let builder = MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: &full,
        os_name: "posix",
        platform_machine: "x86_64",
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: "Linux",
        platform_version: "",
        python_full_version: &full,
        python_version: &version,
        sys_platform: "linux",
    };
    builder.try_into().ok()
}

/// Whether a requirement holds in each of these environments; where none is declared, whether it holds in all.
fn applies(requirement: &Requirement, environments: &[MarkerEnvironment]) -> bool {
    if environments.is_empty() {
        return requirement.marker.is_true();
    }
    let mut all = environments.iter();
    all.all(|environment| requirement.evaluate_markers(environment, &[]))
}

impl Distribution {
    /// Whether a path lies under one of the top-level names that it has without a RECORD.
    fn may_have(&self, path: &str) -> bool {
        let top = path.split('/').next().unwrap_or(path);
        let top = top.strip_suffix(".py").unwrap_or(top);
        self.tops.iter().any(|known| known == top)
    }
}

/// Whether a version is one that a requirement takes; what is not understood is.
fn is_wanted(requirement: &Requirement, version: &str) -> bool {
    let Some(VersionOrUrl::VersionSpecifier(specifiers)) = &requirement.version_or_url else {
        return true;
    };
    pep508_rs::pep440_rs::Version::from_str(version).is_ok_and(|it| specifiers.contains(&it))
}

/// Whether the runtime brings a distribution along.
fn is_of_runtime(name: &str, runtime: Option<Runtime>) -> bool {
    let module = match name {
        "python-dateutil" => "dateutil".to_owned(),
        name => name.replace('-', "_"),
    };
    runtime.is_some_and(|runtime| runtime.provides(&module))
}

impl Distributions {
    /// Whether a path of the package belongs to a distribution: a RECORD lists it, or it lies in a folder that is one's alone.
    #[must_use]
    pub fn have(&self, path: &str) -> bool {
        path.contains(".dist-info/")
            || self.own.iter().any(|distribution| {
                let mut files = distribution.files.iter();
                files.any(|files| files.contains(path))
                    || distribution.files.is_none() && distribution.may_have(path)
            })
            || path
                .split_once('/')
                .is_some_and(|(top, _)| self.folders.contains(top) && !has_ending(path, "py"))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    /// Those of which no file is used and that none which is used asks for, whatever the markers and extras. `is_used` says whether something imports a file, `asks_for`
    /// whether something that is used names a group of entry points. One without Python of its own, or without a RECORD, is not judged.
    #[must_use]
    pub fn unused(
        &self,
        is_used: &dyn Fn(&str) -> bool,
        asks_for: &dyn Fn(&str) -> bool,
    ) -> Vec<Fact> {
        let python = |distribution: &Distribution| {
            let files = distribution.files.iter().flatten();
            let own = files.filter(|path| has_ending(path, "py"));
            own.cloned().collect::<Vec<String>>()
        };
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<&Distribution> = Vec::new();
        let mut rest: Vec<(&Distribution, usize)> = Vec::new();
        for distribution in &self.own {
            let files = python(distribution);
            let is_asked_for = || distribution.groups.iter().any(|group| asks_for(group));
            if files.is_empty() || files.iter().any(|path| is_used(path)) || is_asked_for() {
                open.push(distribution);
            } else {
                rest.push((distribution, files.len()));
            }
        }
        while let Some(distribution) = open.pop() {
            for required in &distribution.requires {
                let name = normalised(required.name.as_ref());
                if wanted.insert(name.clone()) {
                    open.extend(self.own.iter().filter(|it| normalised(&it.name) == name));
                }
            }
        }
        rest.retain(|(distribution, _)| !wanted.contains(&normalised(&distribution.name)));
        let facts = rest.into_iter().map(|(distribution, files)| Fact::Unused {
            name: distribution.name.clone(),
            path: Arc::from(format!("{}/RECORD", distribution.folder)),
            files,
        });
        facts.collect()
    }

    /// What is missing of them, and which are there twice or in a version that another does not want. `runtime` is what brings packages of its own, `targets` the Python
    /// that runs them.
    #[must_use]
    pub fn check(&self, bundle: &Bundle, runtime: Option<Runtime>, targets: &Targets) -> Vec<Fact> {
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
        facts.extend(self.altered(bundle));
        facts.extend(self.for_others(targets));
        facts.extend(self.unmet(runtime, targets));
        facts.extend(self.twice());
        facts
    }

    /// Distributions whose modules are not those that their RECORD describes: the code of another version. Where two versions are recorded that is the cause.
    fn altered(&self, bundle: &Bundle) -> Vec<Fact> {
        let there: BTreeMap<&str, &Content> = bundle
            .members
            .iter()
            .filter_map(|member| Some((member.path.as_deref()?, member.content.as_ref()?)))
            .collect();
        let twice = self.twice();
        let is_twice = |own: &Distribution| {
            let is_it = |fact: &Fact| matches!(fact, Fact::Version { name, .. } if normalised(name) == normalised(&own.name));
            twice.iter().any(is_it)
        };
        let mut facts = Vec::new();
        for distribution in self.own.iter().filter(|own| !is_twice(own)) {
            let is_other = |(path, digest): &&(String, [u8; 32])| {
                let content = there.get(path.as_str());
                content.is_some_and(|content| content.sha256 != *digest)
            };
            let mut others = distribution.digests.iter().filter(is_other);
            if let Some((file, _)) = others.next() {
                facts.push(Fact::Altered {
                    name: format!("{} {}", distribution.name, distribution.version),
                    path: Arc::from(format!("{}/RECORD", distribution.folder)),
                    file: file.clone(),
                    others: others.count(),
                });
            }
        }
        facts
    }

    /// Distributions that are for other versions of Python than one that runs them.
    fn for_others(&self, targets: &Targets) -> Vec<Fact> {
        let facts = self.own.iter().filter_map(|distribution| {
            let wanted = distribution.python.as_deref()?;
            let mut versions = targets.versions().iter();
            let version = versions.find(|version| !admits(wanted, **version))?;
            Some(Fact::OtherPython {
                name: distribution.name.clone(),
                path: Arc::from(format!("{}/METADATA", distribution.folder)),
                wanted: wanted.to_owned(),
                version: *version,
            })
        });
        facts.collect()
    }

    /// What distributions ask for and nothing provides, or something of another version does.
    fn unmet(&self, runtime: Option<Runtime>, targets: &Targets) -> Vec<Fact> {
        let versions = targets.versions().iter();
        let environments: Vec<MarkerEnvironment> = versions
            .filter_map(|&version| environment(version))
            .collect();
        let own = self
            .own
            .iter()
            .map(|it| (normalised(&it.name), it.version.clone()));
        let mut there: BTreeMap<String, String> = self.in_layers.clone();
        there.extend(own);
        let mut facts = Vec::new();
        let mut said = BTreeSet::new();
        for distribution in &self.own {
            let wanted = distribution.requires.iter();
            for wanted in wanted.filter(|it| applies(it, &environments)) {
                let name = normalised(wanted.name.as_ref());
                let path = Arc::from(format!("{}/METADATA", distribution.folder));
                match there.get(&name) {
                    Some(version) if is_wanted(wanted, version) => {}
                    Some(version) => facts.push(Fact::Version {
                        name,
                        path,
                        versions: vec![version.clone()],
                        wanted: Some((distribution.name.clone(), wanted.to_string())),
                    }),
                    None if is_of_runtime(&name, runtime) || !said.insert(name) => {}
                    None => facts.push(Fact::Dependency {
                        name: wanted.name.to_string(),
                        path,
                        missing: None,
                        wanted_by: Some(distribution.name.clone()),
                    }),
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
