//! Activation units.

use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// Lanes that apply a function to a value or add two. Constants: `area`, and `energy` (a value) or `power`.
pub(super) struct ActivationUnit;

impl Component for ActivationUnit {
    fn name(&self) -> &'static str {
        "activation-unit"
    }

    fn summary(&self) -> &'static str {
        "activation function or digital sum; a value; four a level"
    }

    fn does(&self) -> &'static [Event] {
        &[Event::Activation]
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let units = place.count(4.0);
        site.units(place.constants("activation.puma"), units, Event::Activation, place.at_work())
    }
}
