//! Links to the outside of the chip.

use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// Constants: `area`, and `power` or `energy` (a bit and hop).
pub(super) struct Link;

impl Component for Link {
    fn name(&self) -> &'static str {
        "link"
    }

    fn summary(&self) -> &'static str {
        "to the outside of the chip; while the chip works; one a level"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(1.0);
        site.units(place.constants("link.isaac"), units, Event::HopBit, place.at_work())
    }
}
