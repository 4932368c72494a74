//! What lies beside a tree and says what it needs: requirements, lock files, virtual environments, its history.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::context::Context;
use super::locate::{Located, Place};
use super::tree::Tree;
use crate::cache::Cache;
use crate::environment::{
    BuildFiles, DECLARING_FILES, Environment, Installed, LARGEST, NoEnvironment, PackagesFrom,
};

/// How many directories of a tree are looked into for files that declare something.
const DIRECTORIES: usize = 200;

/// The directories that virtual environments customarily lie in.
const CUSTOMARY: [&str; 2] = [".venv", "venv"];

/// Which packages were asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `--python`.
    pub python: Option<PathBuf>,
    /// `--packages`.
    pub packages: Vec<PathBuf>,
    /// `VIRTUAL_ENV`.
    pub active: Option<PathBuf>,
}

impl Located {
    /// What surrounds this version, as the candidate: files are looked for in the directories of TREE that hold Python files, and going up from TREE as for the
    /// configuration. Nothing of installed packages is read yet.
    ///
    /// # Errors
    /// If an environment that was asked for is none.
    pub fn environment(
        &self,
        tree: &Tree,
        asked: &Asked,
        context: &Context,
        cache: Option<Cache>,
    ) -> Result<Environment, NoEnvironment> {
        let mut environment = Environment {
            installed: self.installed(asked, context)?,
            past: self.history(cache).map(|history| Arc::new(history) as _),
            ..Environment::default()
        };
        self.read_declarations(tree, context, &mut environment);
        Ok(environment)
    }

    /// The same with the packages in these directories in place of those that are there now: each a virtual environment, an installation, or a directory that
    /// packages lie in.
    ///
    /// # Errors
    /// If one of them is no environment.
    pub fn environment_with(
        &self,
        tree: &Tree,
        directories: &[PathBuf],
        context: &Context,
    ) -> Result<Environment, NoEnvironment> {
        let installed = directories.iter().map(|directory| {
            let shown = context.shown(&directory.to_string_lossy());
            Installed::of_either(&context.directory.join(directory), &shown)
        });
        let mut environment = Environment {
            installed: installed.collect::<Result<_, _>>()?,
            ..Environment::default()
        };
        self.read_declarations(tree, context, &mut environment);
        Ok(environment)
    }

    fn read_declarations(&self, tree: &Tree, context: &Context, environment: &mut Environment) {
        let (declared, built) = (&mut environment.declared, &mut environment.built);
        for (index, level) in self.levels(context).iter().enumerate() {
            let directories = if index == 0 {
                directories(tree)
            } else {
                BTreeSet::from([String::new()])
            };
            if index == 0 {
                for path in &tree.others {
                    built.add_source(path, level.directory.file(path));
                }
                for path in native(tree, &directories).chain(deep_scripts(tree, &directories)) {
                    if let Some(bytes) = level.read_inside(&path, LARGEST).ok().flatten() {
                        built.add(&level.directory.file(&path), &bytes);
                    }
                }
            }
            for directory in directories {
                let within = |name: &str| {
                    if directory.is_empty() {
                        name.to_owned()
                    } else {
                        format!("{directory}/{name}")
                    }
                };
                let read = |name: &str| level.read_inside(&within(name), LARGEST).ok().flatten();
                for name in DECLARING_FILES {
                    let shown = level.directory.file(&within(name));
                    match level.read_inside(&within(name), LARGEST) {
                        Ok(Some(bytes)) => {
                            let before = declared.files.len();
                            declared.add(name, &shown, &bytes, &read);
                            if declared.files.len() > before {
                                declared.directories.insert(directory.clone());
                            }
                        }
                        Ok(None) => {}
                        Err(message) => declared.problem(&shown, &message),
                    }
                }
                for name in BuildFiles::NAMES {
                    if let Some(bytes) = read(name) {
                        built.add(&level.directory.file(&within(name)), &bytes);
                    }
                }
            }
        }
        for (shown, path) in self.metadata() {
            let is_small = path
                .metadata()
                .is_ok_and(|metadata| metadata.len() <= LARGEST as u64);
            if is_small && let Ok(bytes) = std::fs::read(&path) {
                declared.add("METADATA", &shown, &bytes, &|_| None);
                declared.directories.insert(String::new());
            }
        }
    }

    /// The metadata of distributions that lie in TREE itself, on disk.
    fn metadata(&self) -> Vec<(String, PathBuf)> {
        let (Place::Directory { disk } | Place::WorkTree { disk, .. }) = &self.place else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let names = std::fs::read_dir(disk).into_iter().flatten().flatten();
        for name in names.filter_map(|entry| entry.file_name().into_string().ok()) {
            let file = match name.rsplit_once('.') {
                Some((_, "dist-info")) => format!("{name}/METADATA"),
                Some((_, "egg-info")) => format!("{name}/PKG-INFO"),
                _ if name == "PKG-INFO" => name,
                _ => continue,
            };
            let path = disk.join(&file);
            if path.is_file() {
                found.push((file, path));
            }
        }
        found.sort();
        found
    }

    /// The environments: those that were asked for; else the one that is active; else one beside the code.
    fn installed(&self, asked: &Asked, context: &Context) -> Result<Vec<Installed>, NoEnvironment> {
        let mut found = Vec::new();
        let shown = |path: &Path| context.shown(&path.to_string_lossy());
        for directory in &asked.packages {
            found.push(Installed::of_packages(
                &context.directory.join(directory),
                &shown(directory),
            )?);
        }
        if let Some(directory) = &asked.python {
            let path = context.directory.join(directory);
            found.push(Installed::of_python(
                &path,
                &shown(directory),
                PackagesFrom::Argument,
            )?);
            return Ok(found);
        }
        if let Some(directory) = &asked.active
            && let Ok(active) =
                Installed::of_python(directory, &shown(directory), PackagesFrom::Surroundings)
        {
            found.push(active);
            return Ok(found);
        }
        found.extend(self.beside(context));
        Ok(found)
    }

    /// The virtual environment beside the code, going up from TREE as for the configuration.
    fn beside(&self, context: &Context) -> Option<Installed> {
        let (bottom, top) = match &self.place {
            Place::Directory { disk } if disk.starts_with(&context.directory) => {
                (disk.clone(), context.directory.clone())
            }
            Place::Directory { disk } => (disk.clone(), disk.clone()),
            Place::WorkTree { git, disk, .. } => (
                disk.clone(),
                git.root.clone().unwrap_or_else(|| disk.clone()),
            ),
            Place::Index { git, .. } | Place::Revision { git, .. } => {
                let top = git.root.clone()?;
                (top.clone(), top)
            }
            Place::Zip { .. } => return None,
        };
        let levels = bottom
            .ancestors()
            .take_while(|level| level.starts_with(&top));
        let in_repository = !matches!(self.place, Place::Directory { .. });
        for level in levels {
            let from = if in_repository || level == bottom {
                PackagesFrom::Tree
            } else {
                PackagesFrom::Surroundings
            };
            for name in CUSTOMARY {
                let directory = level.join(name);
                let is_one = directory.join("pyvenv.cfg").is_file();
                let path = directory.to_string_lossy();
                let shown = context.shown(&path);
                if is_one && let Ok(found) = Installed::of_python(&directory, &shown, from) {
                    return Some(found);
                }
            }
        }
        None
    }
}

/// The directories that hold Python files, and those around them; TREE itself first.
fn directories(tree: &Tree) -> BTreeSet<String> {
    let mut found = BTreeSet::from([String::new()]);
    for file in &tree.files {
        let mut path: &str = &file.path;
        while let Some((directory, _)) = path.rsplit_once('/') {
            // A project's own files are near its top.
            if directory.matches('/').count() < 2 && !found.insert(directory.to_owned()) {
                break;
            }
            path = directory;
        }
        if found.len() >= DIRECTORIES {
            break;
        }
    }
    found
}

/// The `setup.py` of what lies deeper in the tree, such as a vendored project: it says which of that is compiled.
fn deep_scripts<'t>(
    tree: &'t Tree,
    read: &'t BTreeSet<String>,
) -> impl Iterator<Item = String> + 't {
    let files = tree.files.iter().map(|file| &*file.path);
    let deep = files.filter(|path| {
        path.strip_suffix("/setup.py")
            .is_some_and(|directory| !read.contains(directory))
    });
    deep.take(DIRECTORIES).map(str::to_owned)
}

/// The build files that may lie in directories without Python, beside the package that gets what is compiled there.
fn native<'t>(
    tree: &'t Tree,
    with_python: &'t BTreeSet<String>,
) -> impl Iterator<Item = String> + 't {
    let all = tree.directories.iter();
    let all = all.map(|path| path.trim_end_matches('/'));
    let others = all.filter(|&path| path.matches('/').count() <= 2 && !with_python.contains(path));
    others
        .take(DIRECTORIES)
        .flat_map(|directory| BuildFiles::NATIVE.map(|name| format!("{directory}/{name}")))
}
