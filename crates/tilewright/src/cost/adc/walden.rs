use super::{AdcModel, AdcPrice, andrulis};
use crate::cost::{CostError, Site};
use crate::elementary::exp2;

/// **Formula.** E = FOM·2^ENOB, ENOB being the nominal bits less what converters lose at Nyquist on average. The area of a
/// converter of that energy is Andrulis's.
///
/// **Range.** Any bits and rate; the figure of merit is of parts of 45 nm and below and is not scaled.
///
/// **Source.** Walden 1999; figures of merit over eleven single-channel SAR converters of Murmann's survey.
pub(in crate::cost) struct Walden {
    name: &'static str,
    summary: &'static str,
    constant: &'static str,
}

/// The geometric mean of the survey.
pub(super) const TYPICAL: Walden = Walden {
    name: "walden-typical",
    summary: "Walden figure of merit, geometric mean of published converters",
    constant: "adc.walden.typical",
};

/// The best of the survey.
pub(super) const BEST: Walden = Walden {
    name: "walden-best",
    summary: "Walden figure of merit, best of the same converters",
    constant: "adc.walden.best",
};

/// The worst of the survey.
pub(super) const WORST: Walden = Walden {
    name: "walden-worst",
    summary: "Walden figure of merit, worst of the same converters",
    constant: "adc.walden.worst",
};

impl AdcModel for Walden {
    fn name(&self) -> &'static str {
        self.name
    }

    fn summary(&self) -> &'static str {
        self.summary
    }

    fn formula(&self) -> &'static str {
        "energy = figure of merit · 2^(bits − loss); area by Andrulis's regression on node, rate and energy"
    }

    fn price(&self, rate_gsps: f64, site: &mut Site<'_>) -> Result<AdcPrice, CostError> {
        let enob = site.adc_bits - site.number("adc.walden.enob-loss", "bit")?;
        let energy_pj = site.number(self.constant, "fJ/step")? * exp2(enob) * 1e-3;
        Ok(AdcPrice { energy_pj, area_um2: andrulis::area_um2(rate_gsps, energy_pj, site)? })
    }
}
