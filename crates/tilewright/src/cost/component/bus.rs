//! The bus between a tile's buffer and its macros.

use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// Constants: `area`, and `energy` (a bit) or `power`.
pub(super) struct Bus;

impl Component for Bus {
    fn name(&self) -> &'static str {
        "bus"
    }

    fn summary(&self) -> &'static str {
        "between the buffer and the macros of a tile; a bit; one a level"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(1.0);
        site.units(place.constants("bus.generic"), units, Event::BufferBit, place.at_work())
    }
}
