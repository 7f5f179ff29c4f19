//! What a synchronisation would do: worked out of what both inventories have and of what is mapped, without doing any of
//! it.

use crate::{
    mappings::Mappings,
    upstream::{Filament, Inventories, SpoolmanFilament},
};
use serde::Serialize;
use std::collections::HashSet;

/// Weights that differ by less are alike, in grams.
const ALIKE: f64 = 1.0;

/// What is to be done, in this order.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Plan {
    /// Filaments that both have by one name, and that are not mapped yet.
    pub(crate) map: Vec<(String, i64, String)>,
    /// Filaments, by their id in Filament DB, that Spoolman lacks.
    pub(crate) make_filaments: Vec<String>,
    /// Spools, by their filament's id and their own in Filament DB, that Spoolman lacks.
    pub(crate) make_spools: Vec<(String, String)>,
    /// What the two disagree on.
    pub(crate) conflicts: Vec<Disagreement>,
}

/// What the two disagree on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Disagreement {
    /// `filament name` or `spool weight`.
    pub(crate) kind: &'static str,
    /// The id in Filament DB.
    pub(crate) key: String,
    /// What Filament DB says.
    pub(crate) filamentdb: String,
    /// What Spoolman says.
    pub(crate) spoolman: String,
}

impl Plan {
    pub(crate) fn of(inventories: &Inventories, mappings: &Mappings) -> Self {
        let mut plan = Self::default();
        let mut taken: HashSet<i64> = mappings.filaments.iter().map(|mapping| mapping.spoolman_id).collect();
        for filament in &inventories.filaments {
            if let Some(mapped) = mappings.filament(&filament.id) {
                plan.compare_names(inventories, &filament.id, (&filament.name, mapped));
            } else {
                plan.place(inventories, filament, &mut taken);
            }
            for spool in &filament.spools {
                match mappings.spool(&spool.id) {
                    Some(mapped) => plan.compare_weights(inventories, &spool.id, (spool.weight, mapped)),
                    None => plan.make_spools.push((filament.id.clone(), spool.id.clone())),
                }
            }
        }
        plan
    }

    /// A filament that is not mapped: Spoolman has one of its name, or one is to be made.
    fn place(&mut self, inventories: &Inventories, filament: &Filament, taken: &mut HashSet<i64>) {
        let same = |there: &&SpoolmanFilament| {
            there.name.eq_ignore_ascii_case(&filament.name) && !taken.contains(&there.id)
        };
        if let Some(there) = inventories.spoolman_filaments.iter().find(same) {
            taken.insert(there.id);
            self.map.push((filament.id.clone(), there.id, filament.name.clone()));
        } else {
            self.make_filaments.push(filament.id.clone());
        }
    }

    fn compare_names(&mut self, inventories: &Inventories, key: &str, (name, mapped): (&str, i64)) {
        let there = inventories.spoolman_filaments.iter().find(|there| there.id == mapped);
        if let Some(there) = there.filter(|there| there.name != name) {
            self.disagree("filament name", key, (name.to_owned(), there.name.clone()));
        }
    }

    fn compare_weights(&mut self, inventories: &Inventories, key: &str, (weight, mapped): (f64, i64)) {
        let there = inventories.spoolman_spools.iter().find(|there| there.id == mapped);
        if let Some(there) = there.filter(|there| (there.remaining_weight - weight).abs() >= ALIKE) {
            self.disagree("spool weight", key, (weight.to_string(), there.remaining_weight.to_string()));
        }
    }

    fn disagree(&mut self, kind: &'static str, key: &str, (filamentdb, spoolman): (String, String)) {
        self.conflicts.push(Disagreement { kind, key: key.to_owned(), filamentdb, spoolman });
    }
}
