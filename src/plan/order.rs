//! The order in which units ship where nothing else decides.

use std::cmp::Reverse;

use crate::skew::{UnitId, UnitSet};

/// What is known of a unit's place.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its layer, the innermost from 0; none for a unit outside the layers that have a name.
    pub layer: Option<u8>,
    /// The units that it imports.
    pub imports: UnitSet,
}

/// The units, of which these are the places: callees' layer first, then in the order of their numbers. What no layer has comes before the first that
/// imports it, and after all layers if none does.
#[must_use]
pub fn order(places: &[Place]) -> Vec<UnitId> {
    let mut units: Vec<UnitId> = (0..).map(UnitId).take(places.len()).collect();
    units.sort_by_key(|&unit| Reverse(places[unit.0 as usize].layer.map(Reverse)));
    let mut found = Vec::with_capacity(units.len());
    let mut seen = UnitSet::empty(units.len());
    for unit in units {
        add(unit, places, &mut seen, &mut found);
    }
    found
}

/// Adds a unit after what it imports of those outside the layers. In a circle the one that is met first comes last.
fn add(unit: UnitId, places: &[Place], seen: &mut UnitSet, found: &mut Vec<UnitId>) {
    if seen.contains(unit) {
        return;
    }
    seen.insert(unit);
    for imported in places[unit.0 as usize].imports.iter() {
        if places[imported.0 as usize].layer.is_none() {
            add(imported, places, seen, found);
        }
    }
    found.push(unit);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(places: &[(Option<u8>, &[u32])]) -> Vec<u32> {
        let count = places.len();
        let place = |&(layer, imports): &(Option<u8>, &[u32])| Place {
            layer,
            imports: UnitSet::of(count, imports.iter().copied().map(UnitId)),
        };
        let places: Vec<Place> = places.iter().map(place).collect();
        order(&places).into_iter().map(|unit| unit.0).collect()
    }

    #[test]
    fn callees_layers_come_first() {
        let places: [(Option<u8>, &[u32]); 4] = [
            (Some(2), &[1]),
            (Some(1), &[2]),
            (Some(0), &[]),
            (Some(0), &[]),
        ];
        assert_eq!(ordered(&places), [2, 3, 1, 0]);
    }

    #[test]
    fn what_is_imported_comes_before_its_importer() {
        // An entry point, a core, and helpers: 2 is the core's, which needs 4; nobody imports 3.
        let places: [(Option<u8>, &[u32]); 5] = [
            (None, &[1, 3]),
            (Some(0), &[2]),
            (None, &[4]),
            (None, &[]),
            (None, &[]),
        ];
        assert_eq!(ordered(&places), [4, 2, 1, 3, 0]);
    }

    #[test]
    fn layers_are_kept_whatever_they_import() {
        // The core imports the gateway in a function; a helper of the core does so as well.
        let places: [(Option<u8>, &[u32]); 3] = [(Some(2), &[1]), (Some(0), &[0, 2]), (None, &[0])];
        assert_eq!(ordered(&places), [2, 1, 0]);
    }

    #[test]
    fn circles_have_an_order_too() {
        let places: [(Option<u8>, &[u32]); 2] = [(None, &[1]), (None, &[0])];
        assert_eq!(ordered(&places), [1, 0]);
    }
}
