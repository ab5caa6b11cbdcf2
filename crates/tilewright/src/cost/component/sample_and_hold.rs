//! Sample-and-hold of analog sums.

use super::converter_sharing::sums;
use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// A capacitor and switch a sum. Constants: `area`, and `energy` (a sum and pulse) or `power`.
pub(super) struct SampleAndHold;

impl Component for SampleAndHold {
    fn name(&self) -> &'static str {
        "sample-and-hold"
    }

    fn summary(&self) -> &'static str {
        "holds an analog sum while the next is read; a sum and pulse; one a sum"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(sums(site) * place.crossbars(site));
        site.units(place.constants("sample-and-hold.generic"), units, Event::SumPulse, place.at_work())
    }
}
