//! Links between chips.

use super::{Charge, Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// Paid for each bit that crosses from one chip to the next, so nothing where a network fits one chip. Constants: `area`, and
/// `energy` (a bit), or `power` at full use with `rate`, the bits a nanosecond that it then carries.
pub(super) struct Link;

impl Component for Link {
    fn name(&self) -> &'static str {
        "link"
    }

    fn summary(&self) -> &'static str {
        "between chips; a bit that crosses; one a level"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let (units, prefix) = (place.count(1.0), place.constants("link.isaac"));
        let area_um2 = units * site.area_um2(&format!("{prefix}.area"))?;
        let power = format!("{prefix}.power");
        let (energy_pj, busiest) = if site.has(&power) {
            let rate = site.number(&format!("{prefix}.rate"), "Gb/s")?;
            (site.power_mw(&power)? / rate, Some(units * rate))
        } else {
            (site.energy_pj(&format!("{prefix}.energy"))?, None)
        };
        Ok(Price {
            units,
            area_um2,
            charges: vec![Charge { event: Event::LinkBit, energy_pj }],
            busiest,
            ..Price::default()
        })
    }
}
