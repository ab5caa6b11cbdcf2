//! What most programs need: `use tilewright::prelude::*;`.

pub use crate::accuracy::{Accuracy, Rate, Trial};
pub use crate::circuit::device::Generic;
pub use crate::circuit::{Crossbar, Wiring, device, solve, transfer};
pub use crate::cost::{Cost, CostModel, InputHistograms, Library, sweep};
pub use crate::dataset::{Dataset, Normalization};
pub use crate::explore::{Figures, Front, Goal, Limit, Pricing, Space};
pub use crate::hardware::{AdcBits, Cells, Compensation, Design, PRESETS, SETTINGS, Setting, Wires, setting};
pub use crate::mapping::scheme::{SCHEMES, Scheme};
pub use crate::mapping::search::{Objective, ObjectiveName, Priced};
pub use crate::mapping::{
    Counts, CrossbarSize, Encoding, GroupRule, LayerMapping, Mapping, NetworkBits, RowSplit, SignRule, Target, Tiles,
    map_network, scheme,
};
pub use crate::network::{
    Conv, ConvShape, Dense, KernelPlan, Layer, Network, NodeId, Op, Padding, Rounding, Tensor, Weights, integer_layers,
    zoo,
};
pub use crate::report::{CostSummary, Experiment, Summary};
pub use crate::simulate::{Chip, Hardware, LayerError, Plan, layer_errors};
