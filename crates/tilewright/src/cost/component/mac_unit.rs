//! Multiply-accumulate units.

use super::{Charge, Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};
use crate::hardware::{Level, MAC_UNIT, MAC_UNITS};

/// Units that share a bus.
pub(crate) const UNITS_PER_BUS: usize = 64;
/// Bits of a sum.
const SUM_BITS: f64 = 32.0;

/// A multiplier, an adder of 32 bits, registers of both operands and the sum, and a bus for every 64 units.
///
/// Operands have as many bits as inputs or weights, whichever have more; a multiplier grows with the product of its operands' bits.
/// Constants: `area` and `energy` of a multiplier of 8 × 8 bits; `adder.aladdin`, `register.aladdin`, and `bus.generic.area`.
pub(super) struct MacUnit;

impl Component for MacUnit {
    fn name(&self) -> &'static str {
        MAC_UNIT
    }

    fn summary(&self) -> &'static str {
        "products off the crossbars; a multiply-accumulate; on the chip alone, 64"
    }

    fn does(&self) -> &'static [Event] {
        &[Event::MultiplyAccumulate]
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let wrong = |problem: String| Err(CostError::value(&site.chip.file, &site.key, problem));
        if place.level != Level::Chip {
            return wrong("a mac-unit serves the whole chip; list it under [[chip]]".into());
        }
        let units = place.count(f64::from(MAC_UNITS));
        if !(units >= 1.0 && units.fract() == 0.0) {
            return wrong(format!("count {units} of mac-unit; give a whole number of units, at least 1"));
        }
        let prefix = place.constants("multiplier.8bit");
        let bits = f64::from(site.chip.input_bits.max(site.encoding.weight_bits));
        let multiplier = (bits / 8.0).powi(2);
        // Both operands are put into registers and taken out again for every product, and so is the sum.
        let (held, moved) = (2.0 * bits + SUM_BITS, 2.0 * (2.0 * bits + SUM_BITS));
        let unit_um2 = multiplier * site.area_um2(&format!("{prefix}.area"))?
            + site.area_um2("adder.aladdin.area")?
            + held * site.area_um2("register.aladdin.area")?;
        let energy_pj = multiplier * site.energy_pj(&format!("{prefix}.energy"))?
            + site.energy_pj("adder.aladdin.energy")?
            + moved * site.energy_pj("register.aladdin.energy")?;
        let buses = (units / UNITS_PER_BUS as f64).ceil();
        Ok(Price {
            units,
            area_um2: units * unit_um2 + buses * site.area_um2("bus.generic.area")?,
            charges: vec![Charge { event: Event::MultiplyAccumulate, energy_pj }],
            busiest: Some(units * site.chip.clock_ghz),
            ..Price::default()
        })
    }
}
