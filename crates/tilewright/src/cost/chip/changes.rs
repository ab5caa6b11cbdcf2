//! A chip with some of its settings replaced.

use super::{Chip, Order};
use crate::cost::CostError;
use crate::mapping::{AskedBits, BitsFrom, CrossbarSize, FloatBits, NetworkBits, SignRule};
use crate::network::Network;

/// What is asked for in place of a chip's own settings; `None` leaves the chip's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// The unit crossbar.
    pub crossbar: Option<CrossbarSize>,
    /// How the sign of a weight is kept.
    pub encoding: Option<SignRule>,
    /// Bits of a signed weight.
    pub weight_bits: Option<u32>,
    /// Bits of a cell.
    pub cell_bits: Option<u32>,
    /// Bits of an input.
    pub input_bits: Option<u32>,
    /// Model of the converters.
    pub adc: Option<String>,
    /// Bits of a conversion.
    pub adc_bits: Option<u32>,
    /// How layers take turns.
    pub schedule: Option<Order>,
}

impl Chip {
    /// A built-in chip, or else that of a TOML file, whose text `read` yields: `NAME.toml`, or any name with a `/` or `\`.
    ///
    /// # Errors
    /// [`CostError::Unknown`] with the names there are, what `read` fails with, or as [`Chip::parse`].
    pub fn named<E: From<CostError>>(name: &str, read: impl FnOnce(&str) -> Result<String, E>) -> Result<Self, E> {
        if name.ends_with(".toml") || name.contains(['/', '\\']) {
            return Ok(Self::parse(name, &read(name)?)?);
        }
        Ok(Self::preset(name)?)
    }

    /// The chip for a network: as changed, with bits of weights and inputs as asked for, else those that the model holds, else the
    /// chip's own; [`Settings`](crate::cost::Settings) take the bits of each layer's inputs. How many slices a weight and how many pulses an input takes is the network's to say; what cells,
    /// converters and crossbars there are is the chip's.
    ///
    /// # Errors
    /// As [`Chip::changed`]; [`CostError::Mapping`] for fewer bits than hold an integer of the model.
    pub fn changed_for(self, network: &Network, changes: &Changes) -> Result<(Self, NetworkBits), CostError> {
        let mut chip = self.changed(changes)?;
        let asked = AskedBits {
            sign: chip.encoding.sign,
            weights: changes.weight_bits,
            cell: Some(chip.encoding.cell_bits),
            inputs: changes.input_bits,
        };
        let own = FloatBits { weights: chip.encoding.weight_bits, inputs: chip.input_bits, from: BitsFrom::Chip };
        let (encoding, bits) = asked.of(network, own)?;
        (chip.encoding, chip.input_bits) = (encoding, bits.inputs.bits);
        Ok((chip, bits))
    }

    /// The chip with what is asked for in place of its own; [`CostModel::new`](crate::cost::CostModel::new) checks the values.
    ///
    /// # Errors
    /// [`CostError::Setting`] for converters of a chip without any.
    pub fn changed(mut self, changes: &Changes) -> Result<Self, CostError> {
        self.crossbar = changes.crossbar.unwrap_or(self.crossbar);
        self.encoding.sign = changes.encoding.unwrap_or(self.encoding.sign);
        self.encoding.weight_bits = changes.weight_bits.unwrap_or(self.encoding.weight_bits);
        self.encoding.cell_bits = changes.cell_bits.unwrap_or(self.encoding.cell_bits);
        self.input_bits = changes.input_bits.unwrap_or(self.input_bits);
        self.schedule = changes.schedule.unwrap_or(self.schedule);
        match &mut self.adc {
            Some(adc) => {
                adc.bits = changes.adc_bits.or(adc.bits);
                adc.model = changes.adc.clone().unwrap_or_else(|| adc.model.clone());
            }
            None if changes.adc.is_some() || changes.adc_bits.is_some() => {
                let problem =
                    format!("chip {} has no converters of its own to model; leave their model and bits out", self.name);
                return Err(CostError::Setting { problem });
            }
            None => {}
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stands for a folder with one file.
    fn read(file: &str) -> Result<String, CostError> {
        match file {
            "chips/mine.toml" | "chips/mine" => {
                Ok(super::super::preset_text("isaac")?.replacen("\"isaac\"", "\"mine\"", 1))
            }
            other => Err(CostError::Syntax { file: other.into(), problem: "there is none".into() }),
        }
    }

    #[test]
    fn paths_are_files_and_other_names_presets() {
        let name = |name: &str| Chip::named(name, read).map(|chip| (chip.name, chip.file));
        assert_eq!(name("isaac"), Ok(("isaac".into(), "isaac".into())));
        for file in ["chips/mine.toml", "chips/mine"] {
            assert_eq!(name(file), Ok(("mine".into(), file.into())));
        }
        assert!(matches!(name("isaac.toml"), Err(CostError::Syntax { .. })));
        assert!(matches!(name("isac"), Err(CostError::Unknown { .. })));
    }

    #[test]
    fn only_what_is_asked_for_changes() {
        let chip = Chip::preset("generic-22nm").expect("it is built in");
        assert_eq!(chip.clone().changed(&Changes::default()).as_ref(), Ok(&chip));
        let bits = Changes { cell_bits: Some(2), adc_bits: Some(6), ..Changes::default() };
        let changed = chip.clone().changed(&bits).expect("it has converters");
        assert_eq!((changed.encoding.cell_bits, changed.adc_bits(128, &changed.encoding)), (2, 6));
        assert_eq!((changed.encoding.weight_bits, changed.crossbar), (chip.encoding.weight_bits, chip.crossbar));
        let analog = Chip::preset("seed").expect("it is built in");
        assert!(matches!(analog.changed(&bits), Err(CostError::Setting { .. })));
    }
}
