//! Stage 3: weights onto crossbar cells.
//!
//! Input type: [`Network`](crate::network::Network); output type: [`Mapping`], one [`LayerMapping`] per layer. A
//! [`scheme`] picks a [`Tiling`] for each layer; [`Counts`] follow from it in closed form; [`placement`] says what each cell
//! holds; [`execute`] runs it on integers. Guaranteed: the invariants of [`Tiles::new`], counts equal to those of the placed
//! cells, and an execution equal to the plain convolution bit for bit. Not modelled here: anything analog.

mod band;
mod bits;
mod counts;
mod crossbar;
mod dense;
mod encoding;
pub mod execute;
mod fit;
pub mod kernels;
mod load;
pub mod network_mapping;
mod pieces;
pub mod placement;
pub mod scheme;
pub mod search;
mod shared_weights;
pub mod sharing;
mod stack;
mod steps;
mod sums;
mod targets;
mod tile_counts;
mod tiles;
mod tiling;
pub mod verification;

pub use bits::{AskedBits, Bits, BitsFrom, BitsOrigin, FloatBits, LayerBits, NetworkBits};
pub use counts::Counts;
pub use crossbar::{CrossbarSize, MAX_CROSSBAR_SIDE};
pub use encoding::{Encoding, SignRule};
pub use load::Load;
pub use network_mapping::{LayerMapping, Mapping, map_network, map_network_by};
pub use shared_weights::SharedWeights;
pub use steps::{Step, SteppedLoad};
pub use sums::lossless_bits;
pub(crate) use targets::no_layer;
pub use targets::{OwnTarget, Targets};
pub use tiles::Tiles;
pub use tiling::{BlockScope, ColumnCut, Packing, RowCut, Tiling};

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Whether a row block may end in the middle of a channel. The literature has both rules: 3×3×512 on 512 rows makes 9 row
/// blocks under the first and 10 under the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowSplit {
    /// A row block ends when the crossbar is full.
    Element,
    /// A row block holds whole channels.
    Channel,
}

/// How the channel groups of a grouped layer share crossbars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupRule {
    /// As many as fit, block-diagonally.
    Packed,
    /// One group a crossbar.
    Separate,
    /// In turn: as many as fit a crossbar as rectangles, those of a pack on the diagonal driven at once and the packs one after
    /// another. Not for `unfolded`, which drives a layer in a single step.
    Turns,
    /// All together as a standard convolution, zeros between the groups. Published schemes hold them all, as their
    /// counts have it; `unfolded` and `optimal` leave out crossbars that would hold nothing else.
    Dense,
}

/// Which output window the sub-image scheme takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubImageWindow {
    /// The largest square window whose single-channel sub-image fits a crossbar; one channel pair a crossbar.
    Largest,
    /// The square window that takes the fewest crossbars, as many channels a crossbar as fit.
    Best,
    /// This side, as many channels a crossbar as fit.
    Side(usize),
}

impl FromStr for SubImageWindow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "largest" => Ok(Self::Largest),
            "best" => Ok(Self::Best),
            side => match side.parse() {
                Ok(side @ 1..) => Ok(Self::Side(side)),
                _ => Err("give largest, best, or a side of at least 1 pixel such as 4".into()),
            },
        }
    }
}

/// What a scheme maps onto and which of the published rules it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The unit crossbar.
    pub crossbar: CrossbarSize,
    /// How weights become cells.
    pub encoding: Encoding,
    /// The row split; by default each scheme's published one.
    pub row_split: Option<RowSplit>,
    /// How channel groups share crossbars; by default packed (`optimal`: whatever is best).
    pub groups: Option<GroupRule>,
    /// Window of the sub-image scheme.
    pub window: SubImageWindow,
    /// Where the bits of the weights come from.
    #[serde(default)]
    pub weight_bits_from: BitsOrigin,
    /// How layers with the same weights are held.
    #[serde(default, skip_serializing_if = "SharedWeights::is_default")]
    pub shared_weights: SharedWeights,
}

impl Target {
    /// Square or other crossbars with differential pairs of whole 8-bit weights and every published rule.
    pub const fn new(crossbar: CrossbarSize, encoding: Encoding) -> Self {
        Self {
            crossbar,
            encoding,
            row_split: None,
            groups: None,
            window: SubImageWindow::Largest,
            weight_bits_from: BitsOrigin { from: BitsFrom::Default, of_layers: None },
            shared_weights: SharedWeights::Apart,
        }
    }

    /// Weights side by side on one row.
    pub(crate) const fn weights_per_row(&self) -> usize {
        self.encoding.weights_per_row(self.crossbar)
    }
}

/// Why a network cannot be mapped. Each but [`MappingError::DoesNotFit`] inside a search is the user's input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// A crossbar size, bit count or other setting out of range.
    #[error("{problem}")]
    Setting {
        /// What was found and what is allowed.
        problem: String,
    },
    /// A tile that is larger than the crossbar. Inside a search this is a value, not a failure.
    #[error("layer {layer:?} does not fit: {problem}; take larger crossbars, another scheme or the row split element")]
    DoesNotFit {
        /// The layer's name.
        layer: String,
        /// What was needed and what there is.
        problem: String,
    },
    /// A count beyond 64 bits.
    #[error("layer {layer:?} is too large: its counts exceed 64 bits; take larger crossbars or a smaller layer")]
    Overflow {
        /// The layer's name.
        layer: String,
    },
    /// A scheme that is not in the registry.
    #[error("no scheme {name:?}; there are {known}{}", suggestion.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default())]
    UnknownScheme {
        /// What was asked for.
        name: String,
        /// All names.
        known: String,
        /// The nearest name.
        suggestion: Option<&'static str>,
    },
    /// A crossbar budget or cycle limit that no mapping meets.
    #[error("{problem}")]
    Infeasible {
        /// What was asked for and what is possible.
        problem: String,
    },
    /// An executed mapping that differs from the plain convolution: always a bug.
    #[error("layer {layer:?}: {problem}; this is a bug of the mapping engine")]
    Wrong {
        /// The layer's name.
        layer: String,
        /// Where the two differ.
        problem: String,
    },
}

impl MappingError {
    pub(crate) const fn misfit(problem: String) -> Self {
        Self::DoesNotFit { layer: String::new(), problem }
    }

    /// The same error, said of `name`, where it did not name a layer yet.
    pub(crate) fn of_layer(mut self, name: &str) -> Self {
        if let Self::DoesNotFit { layer, .. } | Self::Overflow { layer } | Self::Wrong { layer, .. } = &mut self
            && layer.is_empty()
        {
            *layer = name.into();
        }
        self
    }
}
