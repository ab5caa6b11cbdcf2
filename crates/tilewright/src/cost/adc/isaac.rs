use super::{AdcModel, AdcPrice, bits_outside};
use crate::cost::{CostError, Site};

/// **Formula.** A table of energies and areas for 4 to 10 bits: ISAAC's converter of 8 bits, rescaled after Saberi 2011. At the
/// 8 bits and the 1.28 GS/s of ISAAC itself, its power by its rate, so that its published sums come out.
///
/// **Range.** 4 to 10 bits. At other nodes as analog circuits scale.
///
/// **Source.** Shafiee et al. 2016, after Kull et al. 2013.
pub(in crate::cost) struct Isaac;

impl AdcModel for Isaac {
    fn name(&self) -> &'static str {
        "isaac"
    }

    fn summary(&self) -> &'static str {
        "ISAAC's SAR converter, rescaled in bits (Shafiee et al. 2016)"
    }

    fn formula(&self) -> &'static str {
        "table over bits; at 8 bits and 1.28 GS/s power / rate"
    }

    fn price(&self, rate_gsps: f64, site: &mut Site<'_>) -> Result<AdcPrice, CostError> {
        let bits = site.adc_bits;
        if !(4.0..=10.0).contains(&bits) {
            return Err(bits_outside(self, bits, "4 to 10"));
        }
        if bits == 8.0 {
            let own_rate = site.number("adc.isaac.rate", "GS/s")?;
            let energy_pj = match rate_gsps == own_rate {
                true => site.power_mw("adc.isaac.power")? / own_rate,
                false => site.energy_pj("adc.isaac.energy.8b")?,
            };
            return Ok(AdcPrice { energy_pj, area_um2: site.area_um2("adc.isaac.area")? });
        }
        let energy_pj = site.energy_pj(&format!("adc.isaac.energy.{bits}b"))?;
        Ok(AdcPrice { energy_pj, area_um2: site.area_um2(&format!("adc.isaac.area.{bits}b"))? })
    }
}
