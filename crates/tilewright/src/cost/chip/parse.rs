//! Reading a chip, every value checked and every error with file and key.

use super::{AdcSettings, Chip, Part};
use crate::cost::technology::Technology;
use crate::cost::{CostError, adc, component};
use crate::mapping::CrossbarSize;

impl Chip {
    /// Reads a chip from the text of a file.
    ///
    /// # Errors
    /// [`CostError`] naming the file, the key, what was found and what is allowed.
    pub fn parse(file: &str, text: &str) -> Result<Self, CostError> {
        let mut chip: Self = toml::from_str(text)
            .map_err(|error| CostError::Syntax { file: file.into(), problem: error.to_string().trim_end().into() })?;
        chip.file = file.into();
        chip.verify()?;
        Ok(chip)
    }

    /// Checks every value.
    ///
    /// # Errors
    /// As [`Chip::parse`].
    pub fn verify(&self) -> Result<(), CostError> {
        let [least, most] = Technology::range();
        if !(least..=most).contains(&self.node_nm) {
            let problem = format!("{} nm; there is data from {least} to {most} nm", self.node_nm);
            return Err(self.wrong("node_nm", problem));
        }
        CrossbarSize::new(self.crossbar.rows, self.crossbar.columns)
            .map_err(|error| self.wrong("crossbar", error.to_string()))?;
        self.encoding.verify().map_err(|error| self.wrong("encoding", error.to_string()))?;
        for (key, bits) in
            [("input_bits", self.input_bits), ("output_bits", self.output_bits), ("dac_bits", self.dac_bits)]
        {
            if !(1..=16).contains(&bits) {
                return Err(self.wrong(key, format!("{bits}; give 1 to 16")));
            }
        }
        let counts = [
            ("crossbars_per_macro", Some(self.crossbars_per_macro)),
            ("macros_per_tile", Some(self.macros_per_tile)),
            ("tiles_per_chip", self.tiles_per_chip),
            ("bus_bits", Some(self.bus_bits)),
        ];
        if let Some((key, _)) = counts.into_iter().find(|(_, count)| *count == Some(0)) {
            return Err(self.wrong(key, "0; give at least 1"));
        }
        self.positive("clock_ghz", Some(self.clock_ghz))?;
        self.positive("pulse_ns", self.pulse_ns)?;
        self.at_least_0("layout_overhead", Some(self.layout_overhead))?;
        self.at_least_0("buffer_bytes_per_tile", self.buffer_bytes_per_tile)?;
        self.adc.as_ref().map_or(Ok(()), |adc| self.verify_adc(adc))?;
        let lists = [("macro", &self.macro_parts), ("tile", &self.tile_parts), ("chip", &self.chip_parts)];
        for (list, parts) in lists {
            for (place, part) in parts.iter().enumerate() {
                self.verify_part(&format!("{list}[{place}]"), part)?;
            }
        }
        Ok(())
    }

    fn verify_adc(&self, settings: &AdcSettings) -> Result<(), CostError> {
        adc::find(&settings.model).map_err(|error| self.wrong("adc.model", error.to_string()))?;
        self.positive("adc.rate_gsps", Some(settings.rate_gsps))?;
        if settings.columns == 0 {
            return Err(self.wrong("adc.columns", "0; give at least 1"));
        }
        match settings.bits {
            Some(bits) if !(1..=16).contains(&bits) => Err(self.wrong("adc.bits", format!("{bits}; give 1 to 16"))),
            _ => Ok(()),
        }
    }

    fn verify_part(&self, key: &str, part: &Part) -> Result<(), CostError> {
        component::find(&part.component).map_err(|error| self.wrong(&format!("{key}.component"), error.to_string()))?;
        self.at_least_0(&format!("{key}.count"), part.count)?;
        self.at_least_0(&format!("{key}.bytes"), part.bytes)
    }

    fn positive(&self, key: &str, value: Option<f64>) -> Result<(), CostError> {
        match value {
            Some(value) if !(value > 0.0 && value.is_finite()) => {
                Err(self.wrong(key, format!("{value}; give a number above 0")))
            }
            _ => Ok(()),
        }
    }

    fn at_least_0(&self, key: &str, value: Option<f64>) -> Result<(), CostError> {
        match value {
            Some(value) if !(value >= 0.0 && value.is_finite()) => {
                Err(self.wrong(key, format!("{value}; give a number of at least 0")))
            }
            _ => Ok(()),
        }
    }

    fn wrong(&self, key: &str, problem: impl Into<String>) -> CostError {
        CostError::value(&self.file, key, problem)
    }
}
