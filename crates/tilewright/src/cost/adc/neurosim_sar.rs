use super::{AdcModel, AdcPrice};
use crate::cost::{CostError, Site};

/// **Formula.** E = (s·b + o)·(b + 1) ns with s and o in µW fitted per node; a bit takes 1 ns, and one more. The fit's term of the
/// column's current is left out here, for the crossbar pays for its own currents.
///
/// **Range.** The six tabulated nodes; between them the values are those of the node above.
///
/// **Source.** DNN+NeuroSim V1.4. Its area is what a run of it printed, by the converters counted in it, and linear in bits.
pub(in crate::cost) struct NeurosimSar;

const NODES: [u32; 6] = [22, 32, 45, 65, 90, 130];

impl AdcModel for NeurosimSar {
    fn name(&self) -> &'static str {
        "neurosim-sar"
    }

    fn summary(&self) -> &'static str {
        "fit to simulated SAR converters (DNN+NeuroSim V1.4)"
    }

    fn formula(&self) -> &'static str {
        "energy = (slope · bits + offset) · (bits + 1) ns, both fitted per node; area linear in bits"
    }

    fn price(&self, _rate_gsps: f64, site: &mut Site<'_>) -> Result<AdcPrice, CostError> {
        let bits = site.adc_bits;
        let node = NODES.into_iter().find(|&node| f64::from(node) >= site.chip.node_nm).unwrap_or(130);
        let slope = site.number(&format!("adc.neurosim-sar.slope.{node}nm"), "uW/bit")?;
        let offset = site.number(&format!("adc.neurosim-sar.offset.{node}nm"), "uW")?;
        let per_bit_ns = site.number("adc.neurosim-sar.time", "ns")?;
        let energy_pj = (slope * bits + offset) * (bits + 1.0) * per_bit_ns * 1e-3;
        let area_um2 = site.area_um2("adc.neurosim-sar.area")? * bits / 5.0;
        Ok(AdcPrice { energy_pj, area_um2 })
    }
}
