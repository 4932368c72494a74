//! Reads `[layers]`: keys of its own, and any other name for a layer.

use std::ops::Range;

use super::{File, Key, Result, Value};
use crate::config::{ConfigError, LayerOptions, LayerProfile, Written};
use toml::de::DeValue;

impl File<'_> {
    /// Reads the table into `options`.
    pub(super) fn layers(
        &self,
        value: &Value<'_>,
        key: &Key<'_>,
        options: &mut LayerOptions,
    ) -> Result<()> {
        for (name, value) in self.table(value, key)? {
            match *name.get_ref() {
                "profile" => options.profile = Some(self.profile(value, &name)?),
                "may-import" => {
                    for (layer, targets) in self.table(value, &name)? {
                        let targets = self.strings(targets, &layer)?;
                        let layer = self.written(layer.get_ref(), layer.span());
                        options.may_import.push((layer, targets));
                    }
                }
                "private" => options.private = Some(self.strings(value, &name)?),
                "parts" => self.parts(value, &name, options)?,
                "type-checking-imports" => {
                    options.type_checking = Some(self.boolean(value, &name)?);
                }
                layer => {
                    let globs = self.patterns(value, &name)?;
                    let layer = self.written(layer, name.span());
                    options.list.push((layer, globs));
                }
            }
        }
        Ok(())
    }

    fn written(&self, text: &str, span: Range<usize>) -> Written<String> {
        Written {
            value: text.to_owned(),
            at: self.origin(span),
        }
    }

    fn profile(&self, value: &Value<'_>, key: &Key<'_>) -> Result<Written<LayerProfile>> {
        let name = self.string(value, key)?;
        match LayerProfile::from_name(&name.value) {
            Some(value) => Ok(Written { value, at: name.at }),
            None => Err(
                ConfigError::unknown(name.at, "profile", &name.value, LayerProfile::NAMES)
                    .with_help(format!(
                        "the profiles are {}",
                        LayerProfile::NAMES.join(", ")
                    )),
            ),
        }
    }

    /// The layer whose globs name the parts, or parts with globs of their own.
    fn parts(&self, value: &Value<'_>, key: &Key<'_>, options: &mut LayerOptions) -> Result<()> {
        match value.get_ref() {
            DeValue::String(_) => options.parts_of = Some(self.string(value, key)?),
            DeValue::Table(_) => {
                for (part, globs) in self.table(value, key)? {
                    let globs = self.patterns(globs, &part)?;
                    let part = self.written(part.get_ref(), part.span());
                    options.parts.push((part, globs));
                }
            }
            _ => return Err(self.wrong(value, key, "a layer's name, or a table of parts")),
        }
        Ok(())
    }
}
