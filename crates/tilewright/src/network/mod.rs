//! Stage 1: what is computed. Networks as graphs of layers, with shape inference and naive reference executors.
//!
//! Output type: [`Network`]. Guaranteed by [`Network::push`] and checked by [`Network::verify`]: unique names, inputs before
//! users, every shape inferred, weights of the shape their layer calls for. Not modelled: batches, recurrent layers,
//! training.

mod activation;
pub mod convert;
mod coverage;
mod dynamic_scale;
pub mod exact_convolution;
pub mod executor;
mod finite;
mod fold;
mod graph;
mod held_integers;
mod infer;
mod initialize;
mod integer;
mod integer_layer;
mod kernel_plan;
mod layer;
mod layer_spec;
pub mod layer_table;
mod nearest;
mod op;
pub mod reference;
mod tensor;
mod top_k;
mod unrounded;
mod weight_range;
pub mod zoo;

pub use activation::{Activation, Pairwise, Reduction};
pub use coverage::{Coverage, OffCrossbars};
pub use graph::{Layer, Network, Node, NodeId};
pub use held_integers::HeldIntegers;
pub use integer::{holds_integer_weights, integer_layers, integer_layers_by, is_rounded};
pub use integer_layer::{InputGrid, IntegerLayer, MOST_WEIGHT, Rounding};
pub(crate) use kernel_plan::replaced_by;
pub use kernel_plan::{Between, KernelPlan, NamedLayer, ReplaceRule, ReplacedLayer, ReplacedLayers, Replacement};
pub use layer::{ConvShape, LayerKind, MAX_CHANNELS, MAX_SIDE, MAX_VALUES, Padding};
pub use layer_spec::LayerSpec;
pub use nearest::nearest;
pub use op::{BatchNorm, Conv, Dense, Op, ParametersMut, Pool, PoolKind, ScaleShift, Weights};
pub use tensor::Tensor;
pub use top_k::TopK;
pub use weight_range::{WeightRange, WeightScope};

/// Why a network cannot be built or run. Each is the user's input, never a bug.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// A layer with sizes or inputs that make no sense.
    #[error("layer {layer:?} {problem}")]
    Layer {
        /// The layer's name.
        layer: String,
        /// What was found and what is allowed.
        problem: String,
    },
    /// A setting out of range.
    #[error("{problem}")]
    Setting {
        /// What was found and what is allowed.
        problem: String,
    },
    /// A name that is not in the zoo.
    #[error("no network {name:?} in the zoo{}", suggestion.as_ref().map(|near| format!("; did you mean {near:?}?")).unwrap_or_default())]
    UnknownNetwork {
        /// What was asked for.
        name: String,
        /// The nearest name there is.
        suggestion: Option<String>,
    },
    /// A width that a network of the zoo cannot have.
    #[error("network {network:?} {problem}")]
    Width {
        /// The network.
        network: String,
        /// What was found and what is allowed.
        problem: String,
    },
    /// A list of layers to replace that names a layer there is not, or one that cannot be replaced.
    #[error("kernel plan {problem}")]
    Kernels {
        /// What was found and what is allowed.
        problem: String,
    },
}
