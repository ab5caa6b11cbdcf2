//! Multiplexers between bit lines and converters.

use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// A transmission gate a bit line. Constants: `area`, and `energy` (a bit line and pulse) or `power`.
pub(super) struct ColumnMultiplexer;

impl Component for ColumnMultiplexer {
    fn name(&self) -> &'static str {
        "column-multiplexer"
    }

    fn summary(&self) -> &'static str {
        "leads bit lines to their converter; a bit line and pulse; a gate a bit line"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(site.crossbar.columns as f64 * place.crossbars(site));
        site.units(place.constants("multiplexer.generic"), units, Event::ColumnPulse, place.at_work())
    }
}
