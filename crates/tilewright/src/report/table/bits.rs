//! Columns of the bits of a network, and where they come from, for spreadsheets.

use super::{Column, Value};
use crate::mapping::Bits;

/// The columns.
pub fn of_bits() -> [Column; 4] {
    ["weight_bits", "weight_bits_from", "input_bits", "input_bits_from"].map(Column::data)
}

/// The values under them, of weights and inputs.
pub fn bits_of(weights: Bits, inputs: Bits) -> [Value; 4] {
    let [weights, inputs] = [weights, inputs].map(|bits| [bits.bits.into(), bits.origin.from.name().into()]);
    let ([weights, weights_from], [inputs, inputs_from]) = (weights, inputs);
    [weights, weights_from, inputs, inputs_from]
}
