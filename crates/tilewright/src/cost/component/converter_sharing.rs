//! How many analog sums a crossbar makes and how many converters take them.

use crate::cost::Site;
use crate::hardware::Subtraction;
use crate::mapping::SignRule;

/// Analog sums a full crossbar makes: its bit lines, or pairs of them.
pub(super) fn sums(site: &Site<'_>) -> f64 {
    let paired = site.encoding.sign == SignRule::Differential && site.chip.subtraction == Subtraction::Analog;
    if paired { (site.crossbar.columns / 2) as f64 } else { site.crossbar.columns as f64 }
}

/// Converters of a crossbar: ⌈sums / columns that share one⌉; a neuron a sum without converters.
pub(super) fn converters(site: &Site<'_>) -> f64 {
    site.chip.adc.as_ref().map_or(sums(site), |adc| (sums(site) / f64::from(adc.columns)).ceil())
}
