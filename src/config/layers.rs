//! Layers: which file is of which layer and which part, and which layers may import which.
//!
//! A glob of a layer may have `<part>` in it, which stands for the name of any part: with parts called after `interface_<part>.py`, the glob
//! `<part>_*.py` matches `cache_core.py` where there is an `interface_cache.py`, and says that it is a file of the part `cache`.

use super::{ConfigError, Globs, LayerOptions, Origin, Pattern, Written};

/// What stands in a glob for the name of a part.
const PART: &str = "<part>";

/// What `[layers.may-import]` calls the files that are in no layer.
pub const OTHERS: &str = "others";

/// Layers, private parts and directions that many systems share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerProfile {
    /// One gateway, an interface for each part, and the core of each part behind its interface.
    Suga,
}

impl LayerProfile {
    /// The names, as `profile` writes them.
    pub const NAMES: [&'static str; 1] = ["suga"];

    /// The profile with that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        (name == "suga").then_some(Self::Suga)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Suga => "suga",
        }
    }

    /// What one would write without it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Suga => {
                r#"gateway = ["gateway*.py", "gateway"]
interface = ["interface_<part>.py", "interface"]
core = ["<part>_*.py", "<part>.py", "<part>"]
parts = "interface"
private = ["interface", "core"]

[may-import]
others = ["gateway"]
gateway = ["interface"]
interface = ["core", "gateway"]
core = ["gateway"]
"#
            }
        }
    }
}

/// A layer as it is configured.
#[derive(Clone, Debug)]
struct Layer {
    name: String,
    patterns: Vec<Pattern>,
}

/// The layers, the outermost first. A file is of the first one that matches.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// Whether `[layers]` says something; otherwise these are the customary file names.
    pub is_configured: bool,
    list: Vec<Layer>,
    /// The layer whose files name the parts.
    parts_of: Option<usize>,
    parts: Vec<(String, Vec<Pattern>)>,
    /// Which layers may import which; none if nothing is said of it.
    pub rules: Option<LayerRules>,
}

/// Which layers may import which. Layers are known by their place in the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerRules {
    /// For each layer those that it may import besides itself; none if it may import all.
    may_import: Vec<Option<Vec<usize>>>,
    /// The same for files that are in no layer.
    others: Option<Vec<usize>>,
    /// For each layer whether its files are for their own part alone.
    is_private: Vec<bool>,
    /// Whether imports that only type checkers see count.
    pub counts_type_checking: bool,
}

impl LayerRules {
    /// Which layers files of this layer, or of none, may import; none if all.
    #[must_use]
    pub fn allowed(&self, layer: Option<usize>) -> Option<&[usize]> {
        let allowed = match layer {
            Some(layer) => self.may_import.get(layer)?,
            None => &self.others,
        };
        allowed.as_deref()
    }

    /// Whether files of one layer may import files of another, or of their own, as far as layers go.
    #[must_use]
    pub fn allows(&self, from: Option<usize>, to: usize) -> bool {
        from == Some(to)
            || self
                .allowed(from)
                .is_none_or(|allowed| allowed.contains(&to))
    }

    /// Whether the files of a layer are for their own part alone.
    #[must_use]
    pub fn is_private(&self, layer: usize) -> bool {
        self.is_private.get(layer).copied().unwrap_or_default()
    }
}

impl LayerOptions {
    /// These on top of what the profile says, if one is named.
    pub(in crate::config) fn with_profile(&self) -> Result<Self, ConfigError> {
        let Some(profile) = &self.profile else {
            return Ok(self.clone());
        };
        let under = super::read::profile(profile.value.text(), &profile.at)?;
        Ok(under.overlaid_with(self.clone()))
    }
}

impl Layers {
    /// Resolves `[layers]`; without it, the customary file names.
    ///
    /// # Errors
    /// If a glob is malformed, or a name is that of no layer.
    pub(super) fn resolve(written: &LayerOptions) -> Result<Self, ConfigError> {
        let written = &written.with_profile()?;
        let is_configured = !written.list.is_empty();
        let mut layers = Self {
            is_configured,
            list: Vec::new(),
            ..Self::default()
        };
        if is_configured {
            for (name, patterns) in &written.list {
                layers.list.push(Layer {
                    name: name.value.clone(),
                    patterns: patterns.clone(),
                });
            }
        } else {
            for (name, glob) in CUSTOMARY {
                layers.list.push(Layer {
                    name: name.to_owned(),
                    patterns: vec![Pattern::of_argument(glob, "")],
                });
            }
        }
        for (part, patterns) in &written.parts {
            layers.parts.push((part.value.clone(), patterns.clone()));
        }
        layers.check_globs()?;
        layers.parts_of = match &written.parts_of {
            Some(layer) => Some(layers.find(layer)?),
            None => None,
        };
        layers.rules = layers.read_rules(written)?;
        Ok(layers)
    }

    fn read_rules(&self, written: &LayerOptions) -> Result<Option<LayerRules>, ConfigError> {
        if written.may_import.is_empty() && written.private.is_none() {
            return Ok(None);
        }
        let mut rules = LayerRules {
            may_import: vec![None; self.list.len()],
            others: None,
            is_private: vec![false; self.list.len()],
            counts_type_checking: written.type_checking.as_ref().is_some_and(|it| it.value),
        };
        for (layer, targets) in &written.may_import {
            let targets: Result<Vec<usize>, _> =
                targets.iter().map(|target| self.find(target)).collect();
            if layer.value == OTHERS {
                rules.others = Some(targets?);
            } else {
                let layer = self.find(layer)?;
                rules.may_import[layer] = Some(targets?);
            }
        }
        for layer in written.private.iter().flatten() {
            let layer = self.find(layer)?;
            rules.is_private[layer] = true;
        }
        Ok(Some(rules))
    }

    /// Compiles all globs once, any name for that of a part.
    fn check_globs(&self) -> Result<(), ConfigError> {
        let of_layers = self.list.iter().flat_map(|layer| &layer.patterns);
        let of_parts = self.parts.iter().flat_map(|(_, patterns)| patterns);
        let patterns: Vec<Pattern> = of_layers
            .chain(of_parts)
            .map(|pattern| with_part(pattern, "*"))
            .collect();
        Globs::new(&patterns).map(|_| ())
    }

    fn find(&self, name: &Written<String>) -> Result<usize, ConfigError> {
        let found = self.list.iter().position(|layer| layer.name == name.value);
        found.ok_or_else(|| {
            let known = self.names();
            let at: Origin = name.at.clone();
            let error = ConfigError::unknown(at, "layer", &name.value, known.clone());
            match error.help {
                Some(_) => error,
                None => error.with_help(format!(
                    "the layers are {}",
                    known.collect::<Vec<_>>().join(", ")
                )),
            }
        })
    }

    /// Their names, the outermost first.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.list.iter().map(|layer| layer.name.as_str())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// The layers as they lie in a tree with these files, relative to TREE.
    #[must_use]
    pub fn places<'p>(&self, paths: impl Iterator<Item = &'p str> + Clone) -> Places {
        let mut parts: Vec<String> = self.parts.iter().map(|(part, _)| part.clone()).collect();
        if let Some(layer) = self.parts_of {
            for pattern in &self.list[layer].patterns {
                parts.extend(paths.clone().filter_map(|path| part_in(pattern, path)));
            }
        }
        // The longest first: `http_client` before `http`.
        parts.sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        parts.dedup();
        let named = |(part, patterns): &(String, Vec<Pattern>)| {
            Some((globs(patterns.iter().cloned())?, part.clone()))
        };
        Places {
            layers: self.list.iter().map(|layer| layer.placed(&parts)).collect(),
            parts: self.parts.iter().filter_map(named).collect(),
        }
    }
}

/// The customary file names of each layer.
const CUSTOMARY: [(&str, &str); 3] = [
    ("gateway", "gateway*.py"),
    ("interface", "interface_*.py"),
    ("core", "*_core.py"),
];

impl Layer {
    fn placed(&self, parts: &[String]) -> Placed {
        let (by_part, plain): (Vec<&Pattern>, Vec<&Pattern>) = self
            .patterns
            .iter()
            .partition(|pattern| pattern.text.contains(PART));
        let of_part = |part: &String| {
            let escaped = globset::escape(part);
            let patterns = by_part.iter().map(|pattern| with_part(pattern, &escaped));
            Some((globs(patterns)?, part.clone()))
        };
        Placed {
            by_part: if by_part.is_empty() {
                Vec::new()
            } else {
                parts.iter().filter_map(of_part).collect()
            },
            plain: globs(plain.into_iter().cloned()).unwrap_or_default(),
        }
    }
}

/// A layer in a tree: its globs for each part, and those that say nothing of parts.
#[derive(Clone, Debug)]
struct Placed {
    by_part: Vec<(Globs, String)>,
    plain: Globs,
}

/// The layers as they lie in one tree.
#[derive(Clone, Debug)]
pub struct Places {
    layers: Vec<Placed>,
    parts: Vec<(Globs, String)>,
}

impl Places {
    /// The layer of a file, relative to TREE; none for one that is in no layer.
    #[must_use]
    pub fn layer(&self, path: &str) -> Option<usize> {
        self.layers.iter().position(|layer| {
            layer.plain.matches(path) || layer.by_part.iter().any(|(globs, _)| globs.matches(path))
        })
    }

    /// The part of a file, relative to TREE; none for one that is of none.
    #[must_use]
    pub fn part(&self, path: &str) -> Option<&str> {
        let named = self.parts.iter();
        let of_layer = self.layer(path).map(|layer| &self.layers[layer].by_part);
        named
            .chain(of_layer.into_iter().flatten())
            .find(|(globs, _)| globs.matches(path))
            .map(|(_, part)| part.as_str())
    }
}

/// A glob with a name in the place of `<part>`.
fn with_part(pattern: &Pattern, part: &str) -> Pattern {
    Pattern {
        text: pattern.text.replace(PART, part),
        ..pattern.clone()
    }
}

/// Globs that were compiled before.
fn globs(patterns: impl Iterator<Item = Pattern>) -> Option<Globs> {
    Globs::new(&patterns.collect::<Vec<_>>()).ok()
}

/// The name that stands in a path where a glob has `<part>`: none if the glob has none, or does not match.
fn part_in(pattern: &Pattern, path: &str) -> Option<String> {
    let segment = pattern.text.split('/').find(|it| it.contains(PART))?;
    let (before, after) = segment.split_once(PART)?;
    path.split('/').find_map(|name| {
        let part = name.strip_prefix(before)?.strip_suffix(after)?;
        let exact = with_part(pattern, &globset::escape(part));
        let is_it = !part.is_empty() && Globs::new(&[exact]).is_ok_and(|it| it.matches(path));
        is_it.then(|| part.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::Places;
    use crate::config::{Options, Settings, parse};

    fn settings(text: &str) -> Settings {
        let options = parse(text.as_bytes(), "coship.toml", "").unwrap().unwrap();
        Settings::resolve(&options).unwrap()
    }

    fn places(text: &str, paths: &[&str]) -> Places {
        settings(text).layers.places(paths.iter().copied())
    }

    fn at(places: &Places, path: &str) -> (Option<usize>, Option<String>) {
        (places.layer(path), places.part(path).map(str::to_owned))
    }

    #[test]
    fn layers_have_customary_names() {
        let layers = Settings::resolve(&Options::default()).unwrap().layers;
        assert!(!layers.is_configured && layers.rules.is_none());
        let places = layers.places(std::iter::empty());
        assert_eq!(at(&places, "src/gateway_core.py"), (Some(0), None));
        assert_eq!(at(&places, "src/cache_core.py"), (Some(2), None));
        assert_eq!(at(&places, "src/lambda_function.py"), (None, None));
        let one = places_of_one();
        assert_eq!(at(&one, "gateway.py"), (None, None));
        assert_eq!(at(&one, "x.py"), (Some(0), None));
    }

    fn places_of_one() -> Places {
        places("[layers]\ncore = ['x.py']", &[])
    }

    #[test]
    fn parts_are_called_after_the_interfaces() {
        let paths = [
            "interface_http.py",
            "interface_http_proxy.py",
            "interface/interface_cache.py",
            "lambda_function.py",
        ];
        let places = places("[layers]\nprofile = 'suga'", &paths);
        let part = |name: &str| Some(name.to_owned());
        assert_eq!(at(&places, "interface_http.py"), (Some(1), part("http")));
        assert_eq!(
            at(&places, "interface/interface_cache.py"),
            (Some(1), part("cache"))
        );
        assert_eq!(at(&places, "http_client_core.py"), (Some(2), part("http")));
        assert_eq!(
            at(&places, "http_proxy_core.py"),
            (Some(2), part("http_proxy"))
        );
        assert_eq!(at(&places, "cache/store/disk.py"), (Some(2), part("cache")));
        assert_eq!(at(&places, "gateway_wrappers_cache.py"), (Some(0), None));
        assert_eq!(at(&places, "lambda_function.py"), (None, None));
        assert_eq!(at(&places, "device_core.py"), (None, None));
    }

    #[test]
    fn a_profile_is_only_a_beginning() {
        let text = "[layers]\nprofile = 'suga'\ngateway = ['front.py']\n\
                    [layers.may-import]\ncore = []\n[layers.parts]\nhttp = ['web/**']";
        let layers = settings(text).layers;
        let rules = layers.rules.clone().unwrap();
        assert!(rules.allows(Some(0), 1) && !rules.allows(Some(0), 2));
        assert!(!rules.allows(Some(2), 0) && rules.allows(Some(2), 2));
        assert!(rules.allows(None, 0) && !rules.allows(None, 1));
        let places = layers.places(["interface_http.py"].into_iter());
        assert_eq!(at(&places, "gateway.py"), (None, None));
        assert_eq!(at(&places, "web/a.py"), (None, Some("http".to_owned())));
    }

    #[test]
    fn mistakes_are_told() {
        let message = |text: &str| {
            let options = parse(text.as_bytes(), "coship.toml", "");
            let error = options
                .and_then(|options| Settings::resolve(&options.unwrap()))
                .unwrap_err();
            format!("{error} | {}", error.help.clone().unwrap_or_default())
        };
        assert_eq!(
            message("[layers]\na = ['a.py']\n[layers.may-import]\na = ['bb']"),
            "coship.toml:4: unknown layer 'bb' | the layers are a"
        );
        assert_eq!(
            message("[layers]\nprofile = 'sugar'"),
            "coship.toml:2: unknown profile 'sugar' | the profiles are suga"
        );
        assert_eq!(
            message("[layers]\nprofiel = 'suga'"),
            "coship.toml:2: 'profiel' is a list of strings, not a string | "
        );
    }
}
