//! How far the estimate depends on the model of the converters.

use super::adc_spread::{AdcPoint, AdcSpread};
use super::{Cost, CostError, CostModel, Library, adc};
use crate::mapping::Mapping;
use crate::network::Network;

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
