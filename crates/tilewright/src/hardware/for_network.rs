//! A design for a network, which says itself how many bits its weights and inputs have.

use super::{DEFAULT, Design, Weights};
use crate::mapping::{AskedBits, BitsFrom, FloatBits, MappingError, NetworkBits};
use crate::network::{HeldIntegers, Network};

impl Design {
    /// The design for a network: with bits of weights and inputs as they were set, else those that the model holds, else the design's
    /// own. How many slices a weight and how many pulses an input takes is the network's to say; what cells, converters and crossbars
    /// there are is the design's.
    ///
    /// # Errors
    /// [`MappingError::Setting`] for bits out of range, or fewer than hold an integer of the model; for settings of a layer that the
    /// network has not, with the nearest name.
    pub fn for_network(self, network: &Network) -> Result<(Self, NetworkBits), MappingError> {
        self.for_integers(network, &HeldIntegers::of(network))
    }

    /// As [`Design::for_network`], of a network of which it is known which integers it holds.
    ///
    /// # Errors
    /// As [`Design::for_network`].
    pub fn for_integers(mut self, network: &Network, held: &HeldIntegers) -> Result<(Self, NetworkBits), MappingError> {
        let Weights { sign, weight_bits, cell_bits } = self.encoding;
        let set = |setting: &str, bits: u32| self.given.contains(setting).then_some(bits);
        let asked = AskedBits {
            sign,
            weights: set("weight-bits", weight_bits),
            cell: cell_bits,
            inputs: set("input-bits", self.input_bits),
        };
        let from = if self.file == DEFAULT { BitsFrom::Default } else { BitsFrom::Chip };
        let own = FloatBits { weights: weight_bits, inputs: self.input_bits, from };
        let (encoding, bits) = asked.of(held, own)?;
        (self.encoding.weight_bits, self.input_bits) = (encoding.weight_bits, bits.inputs.bits);
        self.layers_for(network, held)?;
        Ok((self, bits))
    }
}
