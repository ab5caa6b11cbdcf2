//! Pooling units.

use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// Comparators (and, at the same price, adders of averages). Constants: `area`, and `energy` (a value) or `power`.
pub(super) struct PoolingUnit;

impl Component for PoolingUnit {
    fn name(&self) -> &'static str {
        "pooling-unit"
    }

    fn summary(&self) -> &'static str {
        "pooling; a value compared; four a level"
    }

    fn does(&self) -> &'static [Event] {
        &[Event::Pooling]
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(4.0);
        site.units(place.constants("pooling.aladdin"), units, Event::Pooling, place.at_work())
    }
}
