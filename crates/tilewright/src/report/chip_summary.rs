//! The chips that come along.

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
    /// Those that come along.
    ///
    /// # Errors
    /// None: the tests read them all.
    pub fn presets() -> Result<Vec<Self>, CostError> {
        let library = Library::built_in();
        let of = |(name, _): (&str, _)| {
            let chip = Chip::preset(name)?;
            let datasheet = CostModel::new(&chip, &library, Settings::default())?.datasheet();
            Ok(Self { name: name.into(), about: chip.about, node_nm: chip.node_nm, datasheet })
        };
        PRESETS.into_iter().map(of).collect()
    }
}
