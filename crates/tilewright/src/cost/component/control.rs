//! The sequencer of a macro.

use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// A counter each for windows, pulses and columns. Constants: `area` (one counter), and `energy` (a step) or `power`.
pub(super) struct Control;

impl Component for Control {
    fn name(&self) -> &'static str {
        "control"
    }

    fn summary(&self) -> &'static str {
        "sequencer of windows, pulses and columns; a step; three counters a crossbar"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(3.0 * place.crossbars(site));
        site.units(place.constants("control.aladdin"), units, Event::Step, place.at_work())
    }
}
