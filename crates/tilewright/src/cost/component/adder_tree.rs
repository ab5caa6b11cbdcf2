//! Adders of partial sums across row blocks.

use super::converter_sharing::converters;
use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// An adder a converter. Constants: `area`, and `energy` (an addition) or `power`.
pub(super) struct AdderTree;

impl Component for AdderTree {
    fn name(&self) -> &'static str {
        "adder-tree"
    }

    fn summary(&self) -> &'static str {
        "adds partial sums across row blocks; a partial sum; one a converter"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(converters(site) * place.crossbars(site));
        site.units(place.constants("adder.aladdin"), units, Event::PartialSum, place.at_work())
    }
}
