//! Models of analog-to-digital converters, one file each, for they differ by an order of magnitude and more.
//!
//! To add one: a file here with a struct that implements [`AdcModel`], its doc in the same parts (Formula, Range, Source), a line
//! in [`MODELS`] and its coefficients in `data/cost/constants/adc.toml`.

mod andrulis;
mod isaac;
mod neurosim_sar;
mod nvm_macro;
mod walden;
mod zigzag_imc;

use super::{CostError, Site};
use crate::network::nearest;

/// What one converter takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdcPrice {
    /// Energy of a conversion in pJ.
    pub energy_pj: f64,
    /// Area of a converter in µm².
    pub area_um2: f64,
}

/// From bits, rate and node to energy and area.
pub trait AdcModel: Sync {
    /// Its name, in lower case with hyphens.
    fn name(&self) -> &'static str;

    /// One line: what it is and where from.
    fn summary(&self) -> &'static str;

    /// The formula in words.
    fn formula(&self) -> &'static str;

    /// A converter of the site's bits at its node, making `rate_gsps`·10⁹ conversions a second.
    ///
    /// # Errors
    /// [`CostError::Setting`] outside the model's range; otherwise where a coefficient is missing.
    fn price(&self, rate_gsps: f64, site: &mut Site<'_>) -> Result<AdcPrice, CostError>;
}

/// The model of chips that do not name one, and the typical one of the spread.
///
/// Its figure of merit is the geometric mean of the published converters that the others are held against; those come out at
/// 0.05 to 0.3 of the same silicon. Designers of macros that read a few rows at once take `nvm-macro` instead.
pub const DEFAULT: &str = "walden-typical";

/// All models.
pub const MODELS: [&dyn AdcModel; 8] = [
    &walden::TYPICAL,
    &walden::BEST,
    &walden::WORST,
    &andrulis::Andrulis,
    &isaac::Isaac,
    &neurosim_sar::NeurosimSar,
    &zigzag_imc::ZigzagImc,
    &nvm_macro::NvmMacro,
];

/// The model of this name.
///
/// # Errors
/// [`CostError::Unknown`] with the names there are and the nearest one.
pub fn find(name: &str) -> Result<&'static dyn AdcModel, CostError> {
    MODELS.into_iter().find(|model| model.name() == name).ok_or_else(|| CostError::Unknown {
        what: "ADC model",
        name: name.into(),
        known: MODELS.map(AdcModel::name).join(", "),
        suggestion: nearest(name, MODELS.iter().map(|model| model.name())),
    })
}

/// The error of bits outside a model's range.
fn bits_outside(model: &dyn AdcModel, bits: f64, allowed: &str) -> CostError {
    let problem =
        format!("ADC model {} has {allowed} bits, not {bits}; give other bits or another model", model.name());
    CostError::Setting { problem }
}
