//! Routers and wires between tiles.

use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// Hops come from the placement of layers on a square mesh of tiles. Constants: `area`, and `energy` (a bit and hop) or `power`.
pub(super) struct Router;

impl Component for Router {
    fn name(&self) -> &'static str {
        "router"
    }

    fn summary(&self) -> &'static str {
        "between tiles; a bit and hop; one a level"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(1.0);
        site.units(place.constants("router.noxim"), units, Event::HopBit, place.at_work())
    }
}
