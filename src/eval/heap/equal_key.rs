//! Keys that are equal though they are not of one type: a member of an enum over `str` or `int` finds the entry of its text or number, and the other way round
//! (language reference, "Mappings": keys that compare equal and have one hash find one entry).

use crate::eval::Evaluator;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::state::{Dict, Object};
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::Frame;

impl<'p> Evaluator<'p> {
    /// The key by which a container holds what `key` finds, if that is another one. `dict` is what is known of the container, with the entry of `key` at least.
    pub fn equal_key(
        &mut self,
        frame: &Frame<'p>,
        base: Value,
        dict: &Dict,
        key: Value,
    ) -> Option<Value> {
        if dict.find(key).is_some() || !is_key(&self.values, key) {
            return None;
        }
        match self.data(key) {
            Data::Member { .. } => {
                let plain = self.data_behind(key)?;
                let object = self.object_for(frame, base, Some(plain));
                let is_held = matches!(object.as_deref(), Some(Object::Dict(dict)) if dict.find(plain).is_some());
                is_held.then_some(plain)
            }
            Data::Str(_) | Data::Int(_) => match self.data(base) {
                Data::Shared(id) => {
                    let shared = &self.shared[id.0 as usize];
                    let initial = match &*shared.object {
                        Object::Dict(dict) => dict.entries.as_slice(),
                        _ => &[],
                    };
                    let initial = initial.iter().map(|entry| entry.key);
                    let mut keys = initial.chain(shared.log.exact.keys().copied());
                    keys.find(|&held| self.is_member_of_value(held, key))
                }
                _ => self.equal_entry(dict, key),
            },
            _ => None,
        }
    }

    /// The same, if all entries are known.
    pub fn equal_entry(&self, dict: &Dict, key: Value) -> Option<Value> {
        let plain = match self.data(key) {
            Data::Member { .. } => self.data_behind(key)?,
            _ => key,
        };
        let mut keys = dict.entries.iter().map(|entry| entry.key);
        keys.find(|&held| held == plain || self.is_member_of_value(held, plain))
    }

    /// Whether a key is a member of an enum that is equal to a text or a number.
    fn is_member_of_value(&self, held: Value, plain: Value) -> bool {
        matches!(self.data(held), Data::Member { .. }) && self.data_behind(held) == Some(plain)
    }
}
