//! Analog-to-digital converters, by the model the chip or the user chose.

use super::converter_sharing::converters;
use super::{Charge, Component, Place, Price};
use crate::cost::activity::Event;
use crate::cost::{CostError, Site, adc};

/// The chip's converters; energy and area by one of the models of [`adc`].
pub(super) struct Adc;

impl Component for Adc {
    fn name(&self) -> &'static str {
        "adc"
    }

    fn summary(&self) -> &'static str {
        "converts analog sums; a conversion; one for every so many columns"
    }

    fn price(&self, place: Place<'_>, site: &mut Site<'_>) -> Result<Price, CostError> {
        let Some(settings) = site.chip.adc.clone() else {
            return Err(CostError::value(&site.chip.file, &site.key, "an adc, but the chip has no [adc] table"));
        };
        let units = place.count(converters(site) * place.crossbars(site));
        let converter = adc::find(&settings.model)?.price(settings.rate_gsps, site)?;
        let charges = vec![Charge { event: Event::Conversion, energy_pj: converter.energy_pj }];
        Ok(Price { units, area_um2: units * converter.area_um2, charges, ..Price::default() })
    }
}
