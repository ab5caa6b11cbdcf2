use super::{AdcModel, AdcPrice, andrulis};
use crate::cost::{CostError, Site};
use crate::elementary::pow;
use crate::hardware::{Accumulation, Subtraction};
use crate::mapping::SignRule;

/// **Formula.** A multiply-accumulate of a-bit inputs and w-bit weights takes e = k·(a·w)^α·(node / 22 nm)^γ; a conversion its share:
/// E = rows·e / (conversions of an input · columns of a weight that are converted), of the rows that are driven at a time. The area of a converter of that energy is Andrulis's.
///
/// **Range.** Inputs and weights of 1 to 8 bits. The macros it is fitted to read 9 or 16 rows of binary cells at once as currents; for
/// more rows it is linear in them. Nothing says what of a macro's energy is its converters', so all of it is: cells, drivers and adders
/// that a chip has besides are counted twice.
///
/// **Source.** Least squares over three published RRAM macros of 22 and 55 nm; `validation/nvm_macros` holds three more against it.
pub(in crate::cost) struct NvmMacro;

const MOST_BITS: u32 = 8;

impl AdcModel for NvmMacro {
    fn name(&self) -> &'static str {
        "nvm-macro"
    }

    fn summary(&self) -> &'static str {
        "whole published RRAM macros by a conversion, drivers and cells included; for designers of macros"
    }

    fn formula(&self) -> &'static str {
        "energy = rows · k · (input bits · weight bits)^a · (node / 22 nm)^g / conversions of a product; area by Andrulis's regression"
    }

    fn price(&self, rate_gsps: f64, site: &mut Site<'_>) -> Result<AdcPrice, CostError> {
        let (chip, encoding) = (site.chip, site.encoding);
        if chip.input_bits.max(encoding.weight_bits) > MOST_BITS {
            let problem = format!(
                "ADC model {} has inputs and weights of 1 to {MOST_BITS} bits, not {} and {}; give fewer, or another model of converters",
                self.name(),
                chip.input_bits,
                encoding.weight_bits
            );
            return Err(CostError::Setting { problem });
        }
        let paired = encoding.sign == SignRule::Differential && chip.subtraction == Subtraction::Analog;
        let columns = encoding.columns_per_weight() as f64 / if paired { 2.0 } else { 1.0 };
        let pulses = if chip.accumulation == Accumulation::Analog { 1.0 } else { chip.pulses() };
        let one_bit_pj = site.energy_pj("adc.nvm-macro.energy")?;
        let by_bits = site.number("adc.nvm-macro.bits-exponent", "1")?;
        let by_node = site.number("adc.nvm-macro.node-exponent", "1")?;
        let product_bits = f64::from(chip.input_bits * encoding.weight_bits);
        let product_pj = one_bit_pj * pow(product_bits, by_bits) * pow(chip.node_nm / 22.0, by_node);
        let energy_pj = site.chip.rows_at_once() as f64 * product_pj / (pulses * columns);
        Ok(AdcPrice { energy_pj, area_um2: andrulis::area_um2(rate_gsps, energy_pj, site)? })
    }
}
