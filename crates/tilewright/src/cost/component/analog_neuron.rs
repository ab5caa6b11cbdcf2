//! A neuron that stays analog: the difference of two bit lines, amplified.

use super::converter_sharing::sums;
use super::{Charge, Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site};
use crate::hardware::ANALOG_NEURON;

/// In place of converters: one neuron an analog sum (Oh, An, Min 2023: difference of a pair, then an amplifier that also applies
/// the activation). Constants: `area`, `energy` (a sum and pulse); and `conversion`, an energy for each bit of the output, where
/// the neuron also converts, as NeuRRAM's does.
pub(super) struct AnalogNeuron;

impl Component for AnalogNeuron {
    fn name(&self) -> &'static str {
        ANALOG_NEURON
    }

    fn summary(&self) -> &'static str {
        "difference and amplifier instead of an adc; a sum and pulse; one a sum"
    }

    fn does(&self) -> &'static [Event] {
        // The amplifier applies the activation, and currents of summands meet at its input.
        &[Event::Activation]
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let prefix = place.constants("neuron.seed");
        let units = place.count(sums(site) * place.crossbars(site));
        let mut price = site.units(prefix, units, Event::SumPulse, place.at_work())?;
        let conversion = format!("{prefix}.conversion");
        if site.has(&conversion) {
            let energy_pj = site.energy_pj(&conversion)? * f64::from(site.chip.output_bits);
            price.charges.push(Charge { event: Event::Conversion, energy_pj });
        }
        Ok(price)
    }
}
