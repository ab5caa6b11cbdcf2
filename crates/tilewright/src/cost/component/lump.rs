//! What is known by its area and power only.

use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// A processor, an instruction memory, a whole published block. Constants: `area`, and `power` or `energy` (a step).
pub(super) struct Lump;

impl Component for Lump {
    fn name(&self) -> &'static str {
        "lump"
    }

    fn summary(&self) -> &'static str {
        "anything known only by area and power; while its level works; one a level"
    }

    fn does(&self) -> &'static [Event] {
        // A block known as a whole is taken to hold the digital units of its level.
        &[Event::Activation, Event::Pooling]
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(1.0);
        site.units(place.constants("lump"), units, Event::Step, place.at_work())
    }
}
