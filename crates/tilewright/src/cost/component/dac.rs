//! Digital-to-analog converters of inputs of several bits.

use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// A converter a word line. Constants: `area`, and `energy` (an input of one row and pulse) or `power`.
pub(super) struct Dac;

impl Component for Dac {
    fn name(&self) -> &'static str {
        "dac"
    }

    fn summary(&self) -> &'static str {
        "converts an input to a voltage or a time; a driven row and pulse; one a row"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(site.crossbar.rows as f64 * place.crossbars(site));
        site.units(place.constants("dac.timely"), units, Event::RowPulse, place.at_work())
    }
}
