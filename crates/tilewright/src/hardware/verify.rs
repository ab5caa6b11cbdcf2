//! Reading and writing a design, every value checked and every error with file and key.

use super::{ANALOG_NEURON, AdcBits, AdcErrors, AdcSettings, Design, HardwareError, MAC_UNIT, Neurons, Part, Unused};
use crate::mapping::{CrossbarSize, SignRule, scheme};
use crate::percent;

impl Design {
    /// Reads a design from the text of a file.
    ///
    /// # Errors
    /// [`HardwareError`] naming the file, the key, what was found and what is allowed.
    pub fn parse(file: &str, text: &str) -> Result<Self, HardwareError> {
        let mut design: Self = toml::from_str(text).map_err(|error| HardwareError::Syntax {
            file: file.into(),
            problem: error.to_string().trim_end().into(),
        })?;
        design.file = file.into();
        design.verify()?;
        Ok(design)
    }

    /// The text of a file that [`Design::parse`] reads as this design.
    ///
    /// # Panics
    /// Never: every value has a form in TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("every value has a form in TOML")
    }

    /// Checks every value. Names of parts and of models of converters are for those who price them.
    ///
    /// # Errors
    /// As [`Design::parse`].
    pub fn verify(&self) -> Result<(), HardwareError> {
        self.positive("node_nm", Some(self.node_nm))?;
        CrossbarSize::new(self.crossbar.rows, self.crossbar.columns)
            .map_err(|error| self.wrong("crossbar", error.to_string()))?;
        self.encoding().verify().map_err(|error| self.wrong("encoding", error.to_string()))?;
        self.weight_range.verify().map_err(|error| self.wrong("weight_range", error.to_string()))?;
        self.verify_active_rows()?;
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
        scheme::find(&self.scheme).map_err(|error| self.wrong("scheme", error.to_string()))?;
        self.wires.wiring().verify().map_err(|error| self.wrong("wires", error.to_string()))?;
        self.verify_cells()?;
        self.adc.as_ref().map_or(Ok(()), |adc| self.verify_adc(adc))?;
        self.neuron.as_ref().map_or(Ok(()), |neuron| self.verify_neurons(neuron))?;
        self.layers.verify(&self.file)?;
        let lists = [("macro", &self.macro_parts), ("tile", &self.tile_parts), ("chip", &self.chip_parts)];
        for (list, parts) in lists {
            for (place, part) in parts.iter().enumerate() {
                self.verify_part(&format!("{list}[{place}]"), part)?;
            }
        }
        let mut mac_units = self.chip_parts.iter().enumerate().filter(|(_, part)| part.component == MAC_UNIT);
        if let Some((place, _)) = mac_units.nth(1) {
            let problem = "a second mac-unit; all units work together: give one part with the count of all";
            return Err(self.wrong(&format!("chip[{place}].component"), problem));
        }
        Ok(())
    }

    fn verify_active_rows(&self) -> Result<(), HardwareError> {
        let (active, rows) = (self.rows_at_once(), self.crossbar.rows);
        match active {
            _ if active == 0 || active > rows => {
                let problem = format!("{active}; give 1 to {rows}, the rows of the crossbar");
                Err(self.wrong("active_rows", problem))
            }
            _ if active < rows && self.adc.is_none() => {
                let problem = format!(
                    "{active}; what the steps of a crossbar yield is added as numbers, and nothing is said of converters: give it an \
                     [adc], or all {rows} rows"
                );
                Err(self.wrong("active_rows", problem))
            }
            _ => Ok(()),
        }
    }

    fn verify_cells(&self) -> Result<(), HardwareError> {
        let wrong = |(key, found, allowed)| self.wrong(&format!("cells.{key}"), format!("{found}; give {allowed}"));
        self.cells.verify().map_err(wrong)?;
        self.cells.programming().verify().map_err(|error| self.wrong("cells", error.to_string()))?;
        if self.encoding.sign != SignRule::Differential && self.cells.unused_cells == Unused::Unformed {
            let problem = "unformed; cells without a weight hold half of the range unless the encoding is differential: give \
                           programmed, or that encoding";
            return Err(self.wrong("cells.unused_cells", problem));
        }
        match self.compensation.predistort {
            0..=100 => Ok(()),
            rounds => Err(self.wrong("compensation.predistort", format!("{rounds}; give 0 to 100 rounds"))),
        }
    }

    fn verify_adc(&self, settings: &AdcSettings) -> Result<(), HardwareError> {
        self.positive("adc.rate_gsps", Some(settings.rate_gsps))?;
        if settings.columns == 0 {
            return Err(self.wrong("adc.columns", "0; give at least 1"));
        }
        self.verify_adc_columns(settings)?;
        self.verify_adc_errors(&settings.errors)?;
        match settings.bits {
            AdcBits::Given(bits) if !(1..=16).contains(&bits) => {
                Err(self.wrong("adc.bits", format!("{bits}; give 1 to 16")))
            }
            _ => Ok(()),
        }
    }

    /// Checks that there are as many columns as are asked to share a converter. What a design itself says is for its own crossbars: on
    /// smaller ones all columns share one.
    pub(crate) fn verify_adc_columns(&self, &AdcSettings { columns, .. }: &AdcSettings) -> Result<(), HardwareError> {
        let most = self.crossbar.columns;
        if self.given.contains("adc-columns") && columns as usize > most {
            let problem = format!("{columns}; give 1 to {most}, the columns of the crossbar");
            return Err(self.wrong("adc.columns", problem));
        }
        Ok(())
    }

    fn verify_adc_errors(&self, errors: &AdcErrors) -> Result<(), HardwareError> {
        for (key, codes) in [("offset", errors.offset), ("noise", errors.noise)] {
            if !(0.0..=65536.0).contains(&codes) {
                return Err(self.wrong(&format!("adc.errors.{key}"), format!("{codes}; give 0 to 65536 codes")));
            }
        }
        for (key, share) in [("gain", errors.gain), ("mismatch", errors.mismatch)] {
            if !(0.0..=1.0).contains(&share) {
                let problem = format!("{share}; give 0 to 1{}", percent::offer(share));
                return Err(self.wrong(&format!("adc.errors.{key}"), problem));
            }
        }
        Ok(())
    }

    fn verify_neurons(&self, neurons: &Neurons) -> Result<(), HardwareError> {
        if self.adc.is_some() {
            let problem = "given beside [adc]; neurons pass on what converters would read: give one of the two";
            return Err(self.wrong("neuron", problem));
        }
        if !self.macro_parts.iter().any(|part| part.component == ANALOG_NEURON) {
            let problem =
                format!("no [[macro]] part is an {ANALOG_NEURON}, so that the neurons would have no price; give one");
            return Err(self.wrong("neuron", problem));
        }
        let wrong = |(key, found, allowed)| self.wrong(&format!("neuron.{key}"), format!("{found}; give {allowed}"));
        neurons.verify().map_err(wrong)
    }

    fn verify_part(&self, key: &str, part: &Part) -> Result<(), HardwareError> {
        self.at_least_0(&format!("{key}.count"), part.count)?;
        self.at_least_0(&format!("{key}.bytes"), part.bytes)
    }

    fn positive(&self, key: &str, value: Option<f64>) -> Result<(), HardwareError> {
        match value {
            Some(value) if !(value > 0.0 && value.is_finite()) => {
                Err(self.wrong(key, format!("{value}; give a number above 0")))
            }
            _ => Ok(()),
        }
    }

    fn at_least_0(&self, key: &str, value: Option<f64>) -> Result<(), HardwareError> {
        match value {
            Some(value) if !(value >= 0.0 && value.is_finite()) => {
                Err(self.wrong(key, format!("{value}; give a number of at least 0")))
            }
            _ => Ok(()),
        }
    }

    fn wrong(&self, key: &str, problem: impl Into<String>) -> HardwareError {
        HardwareError::Value { file: self.file.clone(), key: key.into(), problem: problem.into() }
    }
}
