//! What holds a bit line at virtual ground and turns its current into a voltage.

use super::converter_sharing::converters;
use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// A transimpedance amplifier or integrator a converter. Constants: `area`, and `energy` (a sum and pulse) or `power`.
pub(super) struct FrontEnd;

impl Component for FrontEnd {
    fn name(&self) -> &'static str {
        "front-end"
    }

    fn summary(&self) -> &'static str {
        "transimpedance amplifier or integrator; a sum and pulse; one a converter"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(converters(site) * place.crossbars(site));
        site.units(place.constants("front-end.timely"), units, Event::SumPulse, place.at_work())
    }
}
