//! The trained zoo: built-in networks with weights, so that nobody has to train first.
//!
//! Each is three files in the folder `trained` of this crate: `NAME.onnx` in floating point, `NAME-int8.onnx` with weights and
//! inputs of layers rounded to 8 bits (QDQ), and the [`Card`] `NAME.json`. Batch normalisation is folded, the layers are called
//! as in the zoo, and the batch axis is symbolic. `NAME` means the first, `NAME-int8` the second.
//!
//! # Adding a network
//! 1. The three files in `trained`; `python -m tilewright.train.card NAME RUN …` writes them from finished runs.
//! 2. Its name in `NETWORKS` below.
//! 3. `cargo test -p tilewright-models trained` holds the card against its files: layers, kernels, crossbars, checksums.

mod card;

pub use card::{
    Card, CardError, Crossbars, FileFacts, MeanAndStd, Recognised, Role, Run, RunBefore, Stored, Test, Training, recipe,
};

pub use tilewright::accuracy::MeanRate;

use tilewright::network::Network;
use tilewright_onnx::{OnnxError, from_bytes};

/// A trained network with its files.
#[derive(Clone, Copy, Debug)]
pub struct Trained {
    /// Its name; `NAME-int8` is that of its 8-bit form.
    pub name: &'static str,
    card: &'static str,
    float: &'static [u8],
    int8: &'static [u8],
}

/// The form of a trained network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Floating point.
    Float,
    /// Weights and inputs of layers rounded to 8 bits.
    Int8,
}

macro_rules! trained {
    ($($name:literal),* $(,)?) => {
        &[$(Trained {
            name: $name,
            card: include_str!(concat!("../../trained/", $name, ".json")),
            float: include_bytes!(concat!("../../trained/", $name, ".onnx")),
            int8: include_bytes!(concat!("../../trained/", $name, "-int8.onnx")),
        }),*]
    };
}

#[rustfmt::skip] // One network a line.
static NETWORKS: &[Trained] = trained![
    "lenet5-fashion",
    "resnet8-3d",
    "resnet8-ratio25",
    "resnet8-ratio50",
    "resnet8-ratio75",
    "resnet8-plan80",
    "resnet8-plan40",
    "resnet8-plan25",
    "resnet8-2d1d",
    "resnet20-3d-teacher",
    "resnet20-3d",
    "resnet20-ratio25",
    "resnet20-ratio50",
    "resnet20-ratio50-rank4",
    "resnet20-ratio75",
    "resnet20-2d1d",
    "resnet20-2d1d-wide",
];

impl Precision {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Float, Self::Int8];

    /// What follows the network's name.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Float => "",
            Self::Int8 => "-int8",
        }
    }
}

impl Trained {
    /// What it is called in one of its forms.
    pub fn name_of(&self, precision: Precision) -> String {
        format!("{}{}", self.name, precision.suffix())
    }

    /// What is known of it.
    ///
    /// # Errors
    /// Never for a network of this zoo, whose tests read every card.
    pub fn card(&self) -> Result<Card, CardError> {
        Card::parse(self.name, self.card)
    }

    /// The bytes of its ONNX file.
    pub const fn bytes(&self, precision: Precision) -> &'static [u8] {
        match precision {
            Precision::Float => self.float,
            Precision::Int8 => self.int8,
        }
    }

    /// The network with its weights.
    ///
    /// # Errors
    /// Never for a network of this zoo, whose tests read every file.
    pub fn network(&self, precision: Precision) -> Result<Network, OnnxError> {
        Ok(from_bytes(self.bytes(precision), None, &self.name_of(precision))?.network)
    }
}

/// All trained networks.
pub fn entries() -> &'static [Trained] {
    NETWORKS
}

/// The names of all trained networks in all their forms.
pub fn names() -> impl Iterator<Item = String> {
    NETWORKS.iter().flat_map(|trained| Precision::ALL.map(|precision| trained.name_of(precision)))
}

/// The trained network of this name, and the form it means.
pub fn find(name: &str) -> Option<(&'static Trained, Precision)> {
    let forms = NETWORKS.iter().flat_map(|trained| Precision::ALL.map(|precision| (trained, precision)));
    forms.into_iter().find(|(trained, precision)| trained.name_of(*precision) == name)
}
