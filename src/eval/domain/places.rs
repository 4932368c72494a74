//! Where the entries of a dict are, while many keys are asked for one after the other.

use rustc_hash::FxHashMap;

use crate::eval::domain::state::Entry;
use crate::eval::domain::value::Value;

/// Up to how many entries are looked through for a key, and how many times: past both an index is asked. A look at so many keys next to each other costs no more than
/// one question to an index.
const LOOKED_THROUGH: usize = 128;

/// Where the entries of one dict are, by key: to look through all of them for each of many keys is quadratic.
#[derive(Debug, Default)]
pub struct Places {
    known: FxHashMap<Value, usize>,
    /// How many entries, from the first, are among these.
    count: usize,
    /// How many keys were asked for.
    asked: usize,
    /// How many entries were looked at: the work.
    #[cfg(test)]
    looked_at: usize,
}

impl Places {
    /// Where the entry of `key` is; none: there is no such entry. The entries are those of the question before, perhaps with others behind them.
    pub fn of(&mut self, entries: &[Entry], key: Value) -> Option<usize> {
        self.asked += 1;
        // The index is as much work as several looks through all entries.
        if entries.len() <= LOOKED_THROUGH || self.asked <= LOOKED_THROUGH {
            #[cfg(test)]
            {
                self.looked_at += entries.len();
            }
            return entries.iter().position(|entry| entry.key == key);
        }
        for (at, entry) in entries.iter().enumerate().skip(self.count) {
            self.known.entry(entry.key).or_insert(at);
            #[cfg(test)]
            {
                self.looked_at += 1;
            }
        }
        self.count = entries.len();
        self.known.get(&key).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{LOOKED_THROUGH, Places};
    use crate::eval::domain::state::{Dict, Entry};
    use crate::eval::domain::value::{Value, Values};

    /// So many keys, all of them different.
    fn keys(values: &mut Values, count: i128) -> Vec<Value> {
        (0..count).map(|number| values.int(number)).collect()
    }

    #[test]
    fn each_key_of_a_growing_dict_is_found_where_it_is() {
        let mut values = Values::default();
        let keys = keys(&mut values, 200);
        let (mut dict, mut places) = (Dict::default(), Places::default());
        for &key in keys.iter().chain(&keys) {
            dict.set_one_of(&mut places, key, key);
        }
        assert_eq!(dict.entries.len(), keys.len());
        for (at, &key) in keys.iter().enumerate() {
            assert_eq!(places.of(&dict.entries, key), Some(at));
        }
        assert_eq!(places.of(&dict.entries, Value::NONE), None);
    }

    #[test]
    fn a_key_more_is_not_a_look_through_all_entries_more() {
        let mut values = Values::default();
        let keys = keys(&mut values, 5_000);
        let entry = |&key: &Value| Entry {
            key,
            value: key,
            certain: true,
        };
        let entries: Vec<Entry> = keys.iter().map(entry).collect();
        let mut places = Places::default();
        for &key in &keys {
            assert!(places.of(&entries, key).is_some());
        }
        assert!(places.looked_at <= (LOOKED_THROUGH + 1) * keys.len());
    }
}
