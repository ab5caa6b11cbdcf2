//! What is done about the errors of the analog part.

use serde::{Deserialize, Serialize};

/// What is done about the errors of the analog part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Compensation {
    /// Order in which rows and columns are placed on the lines.
    pub order: LineOrder,
    /// Whether lines that the mapping leaves unused may take the place of others, with an order by faults.
    pub spare_lines: bool,
    /// Which cells take over the errors of stuck ones.
    pub fault_aware: FaultAware,
    /// Corrections of the conductances so that the loaded crossbar computes the wanted matrix: so many rounds.
    pub predistort: u32,
    /// Whether digital logic undoes the mean drift of cells.
    pub drift_compensation: DriftCompensation,
    /// Whether digital gain and offset of each output channel are fitted on the calibration images, layer by layer: what refreshing a
    /// batch norm does.
    pub refresh: bool,
}

/// In which order rows and columns are put onto a crossbar's lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineOrder {
    /// As the mapping says.
    #[default]
    Mapped,
    /// Rows with large currents near the sinks, columns with large currents near the sources.
    ByCurrent,
    /// So that stuck cells meet weights that they suit; for that, a chip is tested before it is programmed.
    ByFaults,
}

/// Which cells take over the errors of stuck ones; for that, a chip is tested before it is programmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultAware {
    /// None.
    #[default]
    #[serde(rename = "none")]
    No,
    /// The other cell of a differential pair.
    Pairs,
    /// The other cell of the pair, then those of the weight's other bit slices.
    Slices,
}

/// Whether digital logic undoes the mean drift of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriftCompensation {
    /// No.
    #[default]
    #[serde(rename = "none")]
    Off,
    /// By one factor for each crossbar, measured on it.
    #[serde(rename = "crossbar")]
    PerCrossbar,
}
