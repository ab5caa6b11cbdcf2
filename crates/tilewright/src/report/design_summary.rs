//! The built-in designs.

use crate::cost::{CostError, CostModel, Datasheet, Library, Settings};
use crate::hardware::{AdcBits, Design, PRESETS};
use serde::Serialize;

/// A design by itself. A list of them is the output of `tilewright design --format json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DesignSummary {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Process node in nm.
    pub node_nm: f64,
    /// Areas and powers at full work; none where currents are read exactly, which has no price.
    pub datasheet: Option<Datasheet>,
}

impl DesignSummary {
    /// The built-in ones.
    ///
    /// # Errors
    /// None: the tests read them all.
    pub fn presets() -> Result<Vec<Self>, CostError> {
        PRESETS.into_iter().map(|(name, _)| Self::preset(name)).collect()
    }

    /// A built-in one.
    ///
    /// # Errors
    /// [`HardwareError::Unknown`](crate::hardware::HardwareError::Unknown) with the names there are and the nearest one.
    pub fn preset(name: &str) -> Result<Self, CostError> {
        let design = Design::preset(name)?;
        let exact = design.adc.as_ref().is_some_and(|adc| adc.bits == AdcBits::Exact);
        let sheet =
            || CostModel::new(&design, &Library::built_in(), Settings::default()).map(|model| model.datasheet());
        let datasheet = if exact { None } else { Some(sheet()?) };
        Ok(Self { name: name.into(), about: design.about, node_nm: design.node_nm, datasheet })
    }
}
