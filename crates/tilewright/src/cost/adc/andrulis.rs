use super::{AdcModel, AdcPrice, bits_outside};
use crate::cost::{CostError, Site};
use crate::elementary::{exp, ln, pow};

/// **Formula.** With ENOB b, rate f in Hz, node n in nm: the Schreier figure of merit is the lesser of a₀ + a₁·ln f and
/// c₀ + c₁·⌈b⌉ dB; SNDR = 6.02·b + 1.76 dB; E = ½·10^(−(FOM − SNDR)/10)·exp(t₀ + t₁·ln n + e·ln b + r) pJ;
/// A = exp(i + p·ln n + q·ln f + s·ln E) µm².
///
/// **Range.** 4 bits and more; any node and rate, the node entering by the regression itself.
///
/// **Source.** Andrulis, Chen, Lee, Emer, Sze 2024 (arXiv:2404.06553): a lower bound fitted to published converters.
pub(in crate::cost) struct Andrulis;

impl AdcModel for Andrulis {
    fn name(&self) -> &'static str {
        "andrulis"
    }

    fn summary(&self) -> &'static str {
        "regression over published converters (Andrulis et al. 2024)"
    }

    fn formula(&self) -> &'static str {
        "figure of merit bounded by rate and by bits, corrected for node and bits; area from node, rate and energy"
    }

    fn price(&self, rate_gsps: f64, site: &mut Site<'_>) -> Result<AdcPrice, CostError> {
        let bits = site.adc_bits;
        if bits < 4.0 {
            return Err(bits_outside(self, bits, "4 and more"));
        }
        let mut coefficient = |name: &str| site.number(&format!("adc.andrulis.{name}"), "1");
        let ln_rate = ln(rate_gsps * 1e9);
        let by_rate = coefficient("foms-intercept")? + coefficient("foms-ln-freq")? * ln_rate;
        let by_bits = coefficient("foms-max-at-enob0")? + coefficient("foms-max-per-enob")? * bits.ceil();
        let (slope, enob_slope) = (coefficient("tech-slope")?, coefficient("enob-slope")?);
        let offset = coefficient("tech-intercept")? + coefficient("energy-residual")?;
        let ln_node = ln(site.chip.node_nm);
        let sndr = 6.0206 * bits + 1.7609;
        let energy_pj = 0.5
            * pow(10.0, -(by_rate.min(by_bits) - sndr) / 10.0)
            * exp(offset + slope * ln_node + enob_slope * ln(bits));
        Ok(AdcPrice { energy_pj, area_um2: area_um2(rate_gsps, energy_pj, site)? })
    }
}

/// The area of a converter of this rate and energy, by the same regression.
pub(super) fn area_um2(rate_gsps: f64, energy_pj: f64, site: &mut Site<'_>) -> Result<f64, CostError> {
    let ln_node = ln(site.chip.node_nm);
    let mut coefficient = |name: &str| site.number(&format!("adc.andrulis.{name}"), "1");
    let (intercept, node) = (coefficient("area-intercept")?, coefficient("area-tech")?);
    let (rate, energy) = (coefficient("area-freq")?, coefficient("area-energy")?);
    Ok(exp(intercept + node * ln_node + rate * ln(rate_gsps * 1e9) + energy * ln(energy_pj)))
}
