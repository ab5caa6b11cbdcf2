//! How far the estimate depends on the model of the converters.

use super::{Cost, CostError, CostModel, Library, adc};
use crate::mapping::Mapping;
use crate::network::Network;
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

impl CostModel {
    /// What a mapped network costs, with what every other model of converters would give.
    ///
    /// # Errors
    /// As [`CostModel::cost`].
    pub fn cost_with_spread(&self, network: &Network, mapping: &Mapping, library: &Library) -> Result<Cost, CostError> {
        let mut cost = self.cost(network, mapping)?;
        if self.chip().adc.is_none() {
            return Ok(cost);
        }
        let mut spread = AdcSpread { models: vec![], outside: vec![] };
        for model in adc::MODELS {
            match self.with_converters(model.name(), library) {
                Ok(other) => spread.models.push(point(model.name(), &other.cost(network, mapping)?)),
                Err(CostError::Setting { problem }) => spread.outside.push(problem),
                Err(error) => return Err(error),
            }
        }
        cost.adc_spread = Some(spread);
        Ok(cost)
    }
}

fn point(model: &'static str, cost: &Cost) -> AdcPoint {
    let converters = cost.by_component.find("adc");
    AdcPoint {
        model,
        conversion_pj: cost.adc.as_ref().map_or(0.0, |adc| adc.energy_pj),
        converter_um2: cost.adc.as_ref().map_or(0.0, |adc| adc.area_um2),
        energy_uj: cost.energy_uj,
        area_mm2: cost.area_mm2,
        adc_mm2: converters.map_or(0.0, |part| part.area_um2 * 1e-6),
        adc_uj: converters.map_or(0.0, |part| part.total_energy_pj() * 1e-6),
        tops_per_w: cost.tops_per_w,
    }
}
