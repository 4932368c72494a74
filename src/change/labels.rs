//! Source text that stands for a function: its header, with its decorators or without.

use crate::bind;
use crate::eval::contract::{Access, Function};

use super::calls::seen;
use super::{Version, World};

impl World<'_> {
    /// `def f(a, b=1)`, in one line; of a constructor that is made from annotations `C(a, b=1)`.
    pub(super) fn header(&self, version: Version, function: &Function) -> String {
        let is_written =
            function.access != Access::Constructor || function.qualname.ends_with("__");
        if is_written {
            return self.text(version, function.place.file, function.place.range);
        }
        let text = |range| self.text(version, function.place.file, range);
        // The instance, which comes by itself, is the first.
        let defaults: Vec<Option<String>> = function
            .defaults
            .iter()
            .skip(1)
            .map(|default| default.map(text))
            .collect();
        format!(
            "{}{}",
            function.qualname,
            bind::render(&seen(function), &defaults)
        )
    }

    /// The same after its decorators.
    pub(super) fn decorated(&self, version: Version, function: &Function) -> String {
        let mut shown = String::new();
        for &range in &function.decorators {
            shown.push('@');
            shown.push_str(&self.text(version, function.place.file, range));
            shown.push(' ');
        }
        shown.push_str(&self.header(version, function));
        shown
    }
}
