//! The built-in chips.

use crate::cost::chip::{Chip, PRESETS};
use crate::cost::{CostError, CostModel, Datasheet, Library, Settings};
use serde::Serialize;

/// A chip by itself. A list of them is the output of `tilewright chip --format json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChipSummary {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Process node in nm.
    pub node_nm: f64,
    /// Areas and powers at full work.
    pub datasheet: Datasheet,
}

impl ChipSummary {
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
    /// [`CostError::Unknown`] with the names there are and the nearest one.
    pub fn preset(name: &str) -> Result<Self, CostError> {
        let chip = Chip::preset(name)?;
        let datasheet = CostModel::new(&chip, &Library::built_in(), Settings::default())?.datasheet();
        Ok(Self { name: name.into(), about: chip.about, node_nm: chip.node_nm, datasheet })
    }
}
