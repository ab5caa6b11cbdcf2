//! Registers of inputs and outputs.

use super::converter_sharing::sums;
use super::{Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};

/// Holds the inputs of a load. Constants: `area` and `energy` of a bit; or `area` and `power` of the whole register.
pub(super) struct InputRegister;

/// Holds the outputs of a load. Constants as for [`InputRegister`].
pub(super) struct OutputRegister;

impl Component for InputRegister {
    fn name(&self) -> &'static str {
        "input-register"
    }

    fn summary(&self) -> &'static str {
        "holds the inputs of a load; a bit in or out; a value a row"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let bits = (site.crossbar.rows * site.chip.input_bits as usize) as f64;
        price(place, site, bits, Event::InputBit)
    }
}

impl Component for OutputRegister {
    fn name(&self) -> &'static str {
        "output-register"
    }

    fn summary(&self) -> &'static str {
        "holds the outputs of a load; a bit in or out; a value an analog sum"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let bits = sums(site) * f64::from(site.chip.output_bits);
        price(place, site, bits, Event::OutputBit)
    }
}

fn price(place: Place<'_>, site: &mut Site<'_>, bits: f64, event: Event) -> Result<Price, CostError> {
    let prefix = place.constants("register.aladdin");
    let is_whole = site.has(&format!("{prefix}.power"));
    let bits = place.part.bytes.map_or(bits * place.crossbars(site), |bytes| bytes * 8.0);
    let units = place.count(1.0) * if is_whole { 1.0 } else { bits };
    site.units(prefix, units, event, place.at_work())
}
