//! Word-line drivers.

use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// A driver a word line, of one bit or an analog buffer. Constants: `area`, and `energy` (a driven row and pulse) or `power`.
pub(super) struct Driver;

impl Component for Driver {
    fn name(&self) -> &'static str {
        "driver"
    }

    fn summary(&self) -> &'static str {
        "drives a word line; a driven row and pulse; one a row"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(site.crossbar.rows as f64 * place.crossbars(site));
        site.units(place.constants("driver.wl"), units, Event::RowPulse, place.at_work())
    }
}
