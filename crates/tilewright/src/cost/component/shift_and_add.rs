//! Shift-and-add of pulses and bit slices.

use super::converter_sharing::converters;
use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// One a converter. Constants: `area`, and `energy` (a conversion) or `power`.
pub(super) struct ShiftAndAdd;

impl Component for ShiftAndAdd {
    fn name(&self) -> &'static str {
        "shift-and-add"
    }

    fn summary(&self) -> &'static str {
        "puts pulses and bit slices together; a conversion; one a converter"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(converters(site) * place.crossbars(site));
        site.units(place.constants("shift-and-add.generic"), units, Event::Conversion, place.at_work())
    }
}
