//! A result under every model of converters.

use super::adc;
use serde::Serialize;

/// A result under one model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdcPoint {
    /// The model.
    pub model: &'static str,
    /// Energy of one conversion in pJ, area of one converter in µm².
    pub conversion_pj: f64,
    /// Area of one converter in µm².
    pub converter_um2: f64,
    /// Energy of an image in µJ.
    pub energy_uj: f64,
    /// Area in mm².
    pub area_mm2: f64,
    /// What the converters are of that area, in mm².
    pub adc_mm2: f64,
    /// What the converters take of that energy, in µJ.
    pub adc_uj: f64,
    /// Operations a second and watt, in 10¹².
    pub tops_per_w: f64,
}

/// The same mapping under every model of converters that reaches its bits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdcSpread {
    /// Every model, in the order of the registry.
    pub models: Vec<AdcPoint>,
    /// Models that do not reach the bits, and why.
    pub outside: Vec<String>,
}

impl AdcSpread {
    /// The points of least energy, of the default model, and of most energy.
    ///
    /// `None` if no model reaches the bits.
    pub fn low_typical_high(&self) -> Option<[&AdcPoint; 3]> {
        let by_energy = |a: &&AdcPoint, b: &&AdcPoint| a.energy_uj.total_cmp(&b.energy_uj);
        let low = self.models.iter().min_by(by_energy)?;
        let high = self.models.iter().max_by(by_energy)?;
        let typical = self.models.iter().find(|point| point.model == adc::DEFAULT).unwrap_or(high);
        Some([low, typical, high])
    }
}
