//! Buffers of feature maps.

use super::{Bank, Charge, Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};
use crate::hardware::Level;

/// SRAM or eDRAM in banks. Constants: `bank` (bytes of a bank), `area` (a bank), and `energy` (a bit) or `power` (a bank).
///
/// On a tile it is as large as the chip says. On the chip it is as large as the schedule needs, in whole banks.
pub(super) struct Buffer;

impl Component for Buffer {
    fn name(&self) -> &'static str {
        "buffer"
    }

    fn summary(&self) -> &'static str {
        "feature maps; a bit read or written; on the chip as large as the schedule needs"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let prefix = place.constants("buffer.sram");
        let bank = Bank {
            bytes: site.number(&format!("{prefix}.bank"), "byte")?,
            area_um2: site.area_um2(&format!("{prefix}.area"))?,
        };
        let bytes = place.part.bytes.or(site.chip.buffer_bytes_per_tile.filter(|_| place.level == Level::Tile));
        let banks = bytes.map(|bytes| (bytes / bank.bytes).ceil());
        let power = format!("{prefix}.power");
        let charge = match banks {
            Some(banks) if site.has(&power) => {
                Charge { event: place.at_work(), energy_pj: banks * site.power_mw(&power)? }
            }
            _ => Charge { event: Event::BufferBit, energy_pj: site.energy_pj(&format!("{prefix}.energy"))? },
        };
        let (units, charges) = (banks.unwrap_or(0.0), vec![charge]);
        let sized_later = banks.is_none().then_some(bank);
        Ok(Price { units, area_um2: units * bank.area_um2, charges, bank: sized_later, ..Price::default() })
    }
}
