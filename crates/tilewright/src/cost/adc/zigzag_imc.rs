use super::{AdcModel, AdcPrice};
use crate::cost::technology::Quantity;
use crate::cost::{CostError, Scaling, Site};
use crate::elementary::{exp2, pow};

/// **Formula.** At 28 nm: E = (k₅·b + k₆·4^b)·Vdd² fJ, A = 10^(k₁·b + k₂)·2^b µm².
///
/// **Range.** Any bits. At other nodes as analog circuits scale.
///
/// **Source.** ZigZag-IMC, checked by its authors against three SRAM chips.
pub(in crate::cost) struct ZigzagImc;

const NODE_NM: f64 = 28.0;

impl AdcModel for ZigzagImc {
    fn name(&self) -> &'static str {
        "zigzag-imc"
    }

    fn summary(&self) -> &'static str {
        "unified model of ZigZag-IMC, at 28 nm"
    }

    fn formula(&self) -> &'static str {
        "energy = (k5 · bits + k6 · 4^bits) · supply², area = 10^(k1 · bits + k2) · 2^bits, scaled from 28 nm as analog"
    }

    fn price(&self, _rate_gsps: f64, site: &mut Site<'_>) -> Result<AdcPrice, CostError> {
        let bits = site.adc_bits;
        let (technology, node) = (site.technology, site.chip.node_nm);
        let factor = |quantity| technology.factor(quantity, Scaling::Analog, NODE_NM, node);
        let mut k = |name: &str| site.number(&format!("adc.zigzag-imc.{name}"), "1");
        let energy_fj =
            (k("energy-k5")? * bits + k("energy-k6")? * exp2(2.0 * bits)) * technology.supply(NODE_NM).powi(2);
        let area_um2 = pow(10.0, k("area-k1")? * bits + k("area-k2")?) * exp2(bits);
        Ok(AdcPrice {
            energy_pj: energy_fj * 1e-3 * factor(Quantity::Energy),
            area_um2: area_um2 * factor(Quantity::Area),
        })
    }
}
