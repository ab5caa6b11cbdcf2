//! A named tree whose parts sum to the whole.

use serde::Serialize;
use std::sync::Arc;

/// What a part takes and, below it, what it is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Breakdown {
    /// What it is.
    pub name: Arc<str>,
    /// Area in µm².
    pub area_um2: f64,
    /// Energy that an image switches, in pJ.
    pub energy_pj: f64,
    /// Energy that leaks while an image is processed, in pJ.
    pub leakage_pj: f64,
    /// Its parts; empty for what is priced as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Breakdown>,
}

impl Breakdown {
    /// Something priced as a whole.
    pub fn leaf(name: impl Into<Arc<str>>, area_um2: f64, energy_pj: f64, leakage_pj: f64) -> Self {
        Self { name: name.into(), area_um2, energy_pj, leakage_pj, parts: vec![] }
    }

    /// The sum of its parts.
    pub fn of(name: impl Into<Arc<str>>, parts: Vec<Self>) -> Self {
        let sum = |value: fn(&Self) -> f64| parts.iter().map(value).sum();
        Self {
            name: name.into(),
            area_um2: sum(|part| part.area_um2),
            energy_pj: sum(|part| part.energy_pj),
            leakage_pj: sum(|part| part.leakage_pj),
            parts,
        }
    }

    /// Energy switched and leaked, in pJ.
    pub fn total_energy_pj(&self) -> f64 {
        self.energy_pj + self.leakage_pj
    }

    /// The part of this name, anywhere below.
    pub fn find(&self, name: &str) -> Option<&Self> {
        self.parts.iter().find_map(|part| if &*part.name == name { Some(part) } else { part.find(name) })
    }

    /// The greatest relative difference between a whole and the sum of its parts, anywhere in the tree.
    pub fn imbalance(&self) -> f64 {
        let own = if self.parts.is_empty() { 0.0 } else { self.difference_to_parts() };
        self.parts.iter().map(Self::imbalance).fold(own, f64::max)
    }

    fn difference_to_parts(&self) -> f64 {
        let difference = |value: fn(&Self) -> f64| {
            let (whole, sum) = (value(self), self.parts.iter().map(value).sum::<f64>());
            (whole - sum).abs() / whole.abs().max(f64::MIN_POSITIVE)
        };
        let pairs: [fn(&Self) -> f64; 3] = [|part| part.area_um2, |part| part.energy_pj, |part| part.leakage_pj];
        pairs.into_iter().map(difference).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_that_is_not_its_parts_shows() {
        let whole =
            Breakdown::of("chip", vec![Breakdown::leaf("a", 1.0, 2.0, 3.0), Breakdown::leaf("b", 4.0, 5.0, 6.0)]);
        assert_eq!((whole.area_um2, whole.energy_pj, whole.leakage_pj), (5.0, 7.0, 9.0));
        assert!(whole.imbalance() < 1e-15);
        assert_eq!(whole.find("b").map(|part| part.area_um2), Some(4.0));
        let tampered = Breakdown { area_um2: 6.0, ..whole };
        assert!((Breakdown::of("system", vec![tampered]).imbalance() - 1.0 / 6.0).abs() < 1e-12);
    }
}
