//! How strong the inputs are: histograms of activations, or a mean field without them.

use super::CostError;
use crate::hardware::{Design, InputCoding};
use crate::network::{Network, nearest};
use serde_json::Value;
use std::collections::BTreeMap;

/// Histograms of the inputs of layers: how often each of the values 0, 1, …, 2^bits − 1 is driven.
///
/// As JSON an object from layer names to lists of counts, or one with that under `histograms`; `"*"` stands for all layers that are
/// not named.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputHistograms {
    file: String,
    layers: BTreeMap<String, Vec<f64>>,
}

impl InputHistograms {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`CostError::Syntax`] or [`CostError::Value`], naming the file and the layer.
    pub fn parse(file: &str, text: &str) -> Result<Self, CostError> {
        let mut document: serde_json::Map<String, Value> = serde_json::from_str(text)
            .map_err(|error| CostError::Syntax { file: file.into(), problem: error.to_string() })?;
        if let Some(Value::Object(histograms)) = document.get_mut("histograms") {
            document = std::mem::take(histograms);
        }
        let mut layers = BTreeMap::new();
        for (layer, counts) in document {
            let fail = |problem: String| Err(CostError::value(file, &layer, problem));
            let Ok(counts) = serde_json::from_value::<Vec<f64>>(counts) else {
                return fail("is not a list of counts; give one for each value of 1 to 16 bits".into());
            };
            if !counts.len().is_power_of_two() || !(2..=1 << 16).contains(&counts.len()) {
                return fail(format!("{} counts; give one for each value of 1 to 16 bits", counts.len()));
            }
            if counts.iter().any(|count| !count.is_finite() || *count < 0.0) || counts.iter().sum::<f64>() <= 0.0 {
                return fail("counts must be at least 0 and not all 0".into());
            }
            layers.insert(layer, counts);
        }
        Ok(Self { file: file.into(), layers })
    }

    /// The same by the names that a network's layers have, where they are called by further names of theirs.
    ///
    /// # Errors
    /// [`CostError::Value`] if a layer is there by two names.
    pub fn for_network(self, network: &Network) -> Result<Self, CostError> {
        let mut layers = BTreeMap::new();
        for (named, counts) in self.layers {
            let name = network.name_of(&named).to_owned();
            if layers.insert(name.clone(), counts).is_some() {
                return Err(CostError::value(&self.file, &named, format!("is layer {name:?}, which is there twice")));
            }
        }
        Ok(Self { layers, ..self })
    }

    /// Checks that every layer named is one of the network's.
    ///
    /// # Errors
    /// [`CostError::Value`] with the file and the nearest layer.
    pub(super) fn verify(&self, network: &Network) -> Result<(), CostError> {
        if self.layers.is_empty() {
            return Ok(());
        }
        let layers = network.layers();
        let names = || layers.iter().map(|layer| layer.name.as_str());
        let is_known = |named: &str| named == "*" || names().any(|name| name == named);
        let Some(unknown) = self.layers.keys().find(|named| !is_known(named)) else { return Ok(()) };
        let hint = nearest(unknown, names()).map_or_else(
            || {
                format!(
                    "its layers are {}; \"*\" stands for all that are not named",
                    names().collect::<Vec<_>>().join(", ")
                )
            },
            |near| format!("did you mean {near:?}?"),
        );
        Err(CostError::value(&self.file, unknown, format!("{} has no such layer; {hint}", network.name)))
    }

    /// Mean over pulses of the square of the driven voltage, relative to the greatest.
    ///
    /// Without a histogram every digit is taken as equally likely: 1/2 for single bits, 1/3 for an analog level.
    ///
    /// # Errors
    /// [`CostError::Setting`] if the layer's histogram has not the bits of its inputs.
    pub(super) fn mean_square(&self, layer: &str, chip: &Design, input_bits: u32) -> Result<f64, CostError> {
        let digit_bits = match chip.inputs {
            InputCoding::BitSerial => chip.dac_bits.min(input_bits),
            InputCoding::SignMagnitude => 1,
            InputCoding::Analog => input_bits,
        };
        let greatest = f64::from((1u32 << digit_bits) - 1);
        let Some(counts) = self.layers.get(layer).or_else(|| self.layers.get("*")) else {
            return Ok(if chip.inputs == InputCoding::Analog {
                1.0 / 3.0
            } else {
                (2.0 * greatest + 1.0) / (6.0 * greatest)
            });
        };
        let bits = counts.len().trailing_zeros();
        if bits != input_bits {
            let problem = format!(
                "the histogram of layer {layer:?} has {} counts; its inputs of {input_bits} bits have {}",
                counts.len(),
                1u32 << input_bits
            );
            return Err(CostError::Setting { problem });
        }
        let digits = bits.div_ceil(digit_bits);
        let square = |value: usize| {
            let digit = |place: u32| (value >> (place * digit_bits)) & ((1 << digit_bits) - 1);
            (0..digits).map(|place| (digit(place) as f64 / greatest).powi(2)).sum::<f64>() / f64::from(digits)
        };
        let total: f64 = counts.iter().sum();
        Ok(counts.iter().enumerate().map(|(value, count)| count / total * square(value)).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_field_is_the_flat_histogram() {
        for (inputs, input_bits, dac_bits) in [
            (InputCoding::BitSerial, 8, 1),
            (InputCoding::BitSerial, 8, 2),
            (InputCoding::BitSerial, 4, 4),
            (InputCoding::SignMagnitude, 6, 1),
        ] {
            let chip = Design { inputs, dac_bits, ..Design::preset("generic-22nm").expect("it is built in") };
            let flat =
                serde_json::to_string(&[("*", vec![1.0; 1 << input_bits])].into_iter().collect::<BTreeMap<_, _>>());
            let flat = InputHistograms::parse("flat", &flat.expect("JSON")).expect("a histogram");
            let mean = InputHistograms::default().mean_square("conv1", &chip, input_bits).expect("a mean field");
            assert!(
                (flat.mean_square("conv1", &chip, input_bits).expect("its bits") - mean).abs() < 1e-12,
                "{inputs:?}"
            );
        }
    }

    #[test]
    fn pulses_of_a_value_by_hand() {
        let chip = Design::preset("generic-22nm").expect("it is built in");
        // Always 2: one of its two bits is set. Always 3: both.
        for (counts, expected) in [("[0, 0, 1, 0]", 0.5), ("[0, 0, 0, 7]", 1.0), ("[1, 0, 0, 1]", 0.5)] {
            let histograms = InputHistograms::parse("by hand", &format!("{{\"a\": {counts}}}")).expect("a histogram");
            assert_eq!(histograms.mean_square("a", &chip, 2), Ok(expected));
        }
        assert!(InputHistograms::parse("f", "{\"a\": [1, 2, 3]}").is_err());
    }
}
