//! What a network is simulated on.

use super::SimulateError;
use super::converter::Adc;
use super::converter_errors::ConverterErrors;
use crate::circuit::Wiring;
use crate::circuit::device::{ConductanceRange, Device, DeviceError, Ideal, Levels};
use crate::hardware::{
    Accumulation, AdcBits, AdcSettings, Cells, Compensation, Copies, Design, DriftCompensation, InputCoding, LineOrder,
    Neurons, Reads, Subtraction, Unused,
};
use crate::network::WeightRange;
use crate::random::{Draws, Effect, Stream};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is analog of a design: cells, wires and converters.
#[derive(Clone)]
pub struct Hardware {
    /// The device of the cells.
    pub device: Arc<dyn Device>,
    /// What else is said of the cells; what it says of their device, [`Hardware::device`] has.
    pub cells: Cells,
    /// The range of the weights that stands for the range of conductances, in a network that does not say itself which integers its
    /// weights are.
    pub weight_range: WeightRange,
    /// Wires and terminals of every crossbar.
    pub wiring: Wiring,
    /// Word lines of a crossbar that are driven at a time; all if it is not said. Those that are not driven are held at 0 V, and bit lines
    /// that are not read at virtual ground.
    pub active_rows: Option<usize>,
    /// Bits of an input that one pulse drives; all at once if there are none.
    pub dac_bits: Option<u32>,
    /// What reads the currents; exact if there is none.
    pub adc: Option<Adc>,
    /// What passes the currents on, if nothing reads them: then layers take values that are not rounded.
    pub neuron: Option<Neurons>,
    /// Whether the columns of a differential pair are subtracted before or after conversion.
    pub pairs: Subtraction,
    /// What is done about the errors.
    pub compensation: Compensation,
    /// The hardware of those layers that have one of their own, by their names.
    pub layers: BTreeMap<String, Self>,
}

impl Hardware {
    /// Cells of a device without anything else that could go wrong: ideal wires, exact reads, no time passed.
    pub fn new(device: Arc<dyn Device>) -> Self {
        Self {
            device,
            cells: Cells::default(),
            weight_range: WeightRange::default(),
            wiring: Wiring::default(),
            active_rows: None,
            dac_bits: None,
            adc: None,
            neuron: None,
            pairs: Subtraction::Analog,
            compensation: Compensation::default(),
            layers: BTreeMap::new(),
        }
    }

    /// That of a layer by its name.
    pub fn of_layer(&self, layer: &str) -> &Self {
        self.layers.get(layer).unwrap_or(self)
    }

    /// This one and those of layers that have one of their own.
    fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.layers.values())
    }

    /// What is analog of a design for a network ([`Design::for_network`]).
    ///
    /// # Errors
    /// [`SimulateError::Design`] for what is not simulated: a design that says nothing of what reads its currents, pulses of either sign,
    /// and pulses that are added before a conversion that rounds; [`SimulateError::Device`] as [`Cells::device`], or as
    /// [`Hardware::verify`].
    ///
    /// [`Cells::device`]: crate::hardware::Cells::device
    pub fn of(design: &Design) -> Result<Self, SimulateError> {
        verify_read(design)?;
        let hardware = Self {
            cells: design.cells.clone(),
            weight_range: design.weight_range,
            wiring: design.wires.wiring(),
            active_rows: design.active_rows,
            dac_bits: dac_bits(design)?,
            adc: adc(design)?,
            neuron: design.neuron,
            pairs: design.subtraction,
            compensation: design.compensation,
            layers: of_layers(design)?,
            ..Self::new(Arc::from(design.cells.device()?))
        };
        hardware.verify()?;
        Ok(hardware)
    }

    /// Hardware that does nothing wrong; its cells are off or have up to 100 µS.
    ///
    /// # Panics
    /// Never: the range is one.
    pub fn ideal() -> Self {
        let device = Ideal::new(ConductanceRange { off: 0.0, on: 1e-4 }, Levels::Continuous).expect("a range");
        Self::new(Arc::new(device))
    }

    /// Hardware that does nothing wrong, and passes currents on where this one does.
    pub fn without_errors(&self) -> Self {
        Self { neuron: self.neuron.map(|_| Neurons::default()), ..Self::ideal() }
    }

    /// Checks every setting, and that a network can be computed with such cells.
    ///
    /// # Errors
    /// [`SimulateError::Setting`], [`SimulateError::Device`] or [`SimulateError::Circuit`] with what was found and what is allowed.
    pub fn verify(&self) -> Result<(), SimulateError> {
        let age = self.cells.age;
        self.device.reaches(age)?;
        if !(0.0..=self.device.longest()).contains(&age) {
            let (device, longest) = (self.device.name().into(), self.device.longest());
            return Err(DeviceError::Time { device, found: age, longest }.into());
        }
        let wrong = |(key, found, allowed): (&str, f64, String)| {
            SimulateError::check(&format!("{key} of the cells"), &found, false, &allowed)
        };
        self.cells.verify().or_else(wrong)?;
        self.read_curve().verify(self.device.name())?;
        self.wiring.verify()?;
        self.cells.programming().verify()?;
        self.verify_unformed()?;
        if let Some(rows) = self.active_rows {
            SimulateError::check("word lines driven at a time", &rows, rows > 0, "1 or more")?;
        }
        if let Some(bits) = self.dac_bits {
            SimulateError::check("DAC bits", &bits, (1..=16).contains(&bits), "1 to 16, or none for whole inputs")?;
        }
        let rounds = self.compensation.predistort;
        SimulateError::check("rounds of predistortion", &rounds, rounds <= 100, "0 to 100")?;
        SimulateError::check(
            "spare lines",
            &"in place of others",
            !self.compensation.spare_lines || self.is_wired_ideally(),
            "none where wires or terminals have resistance: lines with others unused between them are not modelled",
        )?;
        self.adc.as_ref().map_or(Ok(()), Adc::verify)?;
        self.verify_neurons()?;
        self.layers.values().try_for_each(Self::verify)
    }

    /// Checks that nothing is asked for that takes numbers, where neurons pass currents on.
    fn verify_neurons(&self) -> Result<(), SimulateError> {
        let with_neurons = self.neuron.is_some();
        let alike = self.layers.values().all(|layer| layer.neuron.is_some() == with_neurons);
        SimulateError::check("analog neurons", &"of some layers", alike, "all layers neurons, or none")?;
        let Some(neurons) = &self.neuron else { return Ok(()) };
        let wrong = |(key, found, allowed): (&str, f64, String)| {
            SimulateError::check(&format!("{key} of the neurons"), &found, false, &allowed)
        };
        neurons.verify().or_else(wrong)?;
        let Compensation { refresh, drift_compensation, .. } = self.compensation;
        let with = "what goes with analog neurons";
        let dac_bits = self.dac_bits.map_or(String::new(), |bits| format!("inputs of {bits} bits a pulse"));
        SimulateError::check(with, &"converters", self.adc.is_none(), "one of the two")?;
        SimulateError::check(with, &dac_bits, self.dac_bits.is_none(), "whole inputs (DAC bits none)")?;
        let as_currents = self.pairs == Subtraction::Analog;
        SimulateError::check(
            with,
            &"pairs subtracted as numbers",
            as_currents,
            "pairs subtracted as currents (analog)",
        )?;
        let nothing = "none, since no layer's outputs are numbers";
        SimulateError::check(with, &"digital gains and offsets (refresh)", !refresh, nothing)?;
        let drift_stays = drift_compensation == DriftCompensation::Off;
        SimulateError::check(with, &"digital factors (drift compensation)", drift_stays, nothing)?;
        let linear = self.read_curve().is_linear();
        SimulateError::check(with, &"cells whose current bends with the voltage", linear, "linear cells")
    }

    /// Checks that cells which are never formed, if there are such, conduct no more than any other.
    fn verify_unformed(&self) -> Result<(), SimulateError> {
        if !self.has_unformed_cells() {
            return Ok(());
        }
        let (siemens, on) = (self.cells.g_unformed, self.device.range().on);
        let allowed = format!("0 to {on:e} S, the greatest conductance of the device");
        SimulateError::check("conductance of unformed cells", &siemens, siemens <= on, &allowed)
    }

    /// Whether the cells of a crossbar that the mapping leaves without a weight are never formed.
    pub(super) fn has_unformed_cells(&self) -> bool {
        self.cells.unused_cells == Unused::Unformed
    }

    /// Whether two chips may differ: whether anything at all is drawn at random.
    pub fn varies(&self) -> bool {
        self.all().any(|hardware| {
            hardware.cells_vary()
                || hardware.converters_vary()
                || hardware.neuron.is_some_and(|neurons| neurons.differ() || neurons.noise > 0.0)
                || hardware.reads_are_noisy()
        })
    }

    /// Whether a read of any cell is noisy.
    pub fn has_read_noise(&self) -> bool {
        self.all().any(Self::reads_are_noisy)
    }

    fn reads_are_noisy(&self) -> bool {
        self.conductances().any(|siemens| self.device.read_noise(siemens, self.cells.age) > 0.0)
    }

    /// Noise that all reads of a cell have in common.
    pub(super) fn reads_are_alike(&self) -> bool {
        self.cells.reads == Reads::Alike
    }

    /// Whether two cells that should be alike may differ once they are programmed.
    pub(super) fn cells_vary(&self) -> bool {
        self.device.varies()
            || self.has_unformed_cells() && self.cells.shorts > 0.0
            || self.reads_are_alike() && self.reads_are_noisy()
    }

    /// Whether two copies of a crossbar may differ.
    pub(super) fn copies_vary(&self) -> bool {
        self.cells_vary() || self.converters_vary() || self.neurons_differ() || self.cells.known_faults.is_some()
    }

    /// Whether copies of a crossbar are cells of their own that may differ.
    pub fn copies_differ(&self) -> bool {
        self.all().any(|hardware| hardware.cells.copies == Copies::Apart && hardware.copies_vary())
    }

    /// Whether two converters that should be alike may differ.
    pub(super) fn converters_vary(&self) -> bool {
        self.adc.as_ref().is_some_and(|adc| adc.errors.is_some())
    }

    /// Whether two neurons that should be alike may differ.
    pub(super) fn neurons_differ(&self) -> bool {
        self.neuron.is_some_and(|neurons| neurons.differ())
    }

    /// Whether it matters which columns share a converter.
    pub fn converters_differ(&self) -> bool {
        let errors = self.all().filter_map(|hardware| hardware.adc.as_ref()?.errors);
        errors.into_iter().any(|of| of.errors.differ())
    }

    /// Whether any cell can be stuck.
    pub fn has_stuck_cells(&self) -> bool {
        self.all().any(|hardware| hardware.device.stuck().occurs() || hardware.cells.known_faults.is_some())
    }

    /// Whether anything is set by calibration images.
    pub fn is_calibrated(&self) -> bool {
        let has_converters = self.all().any(|hardware| hardware.adc.is_some());
        let have_ranges = self.all().any(|hardware| hardware.neuron.is_some_and(|neurons| neurons.have_ranges()));
        has_converters || have_ranges || self.compensation.refresh || self.compensation.order == LineOrder::ByFaults
    }

    /// Whether the time since programming changes a conductance or the noise of a read.
    pub fn ages(&self) -> bool {
        self.all().any(|hardware| {
            let age = hardware.cells.age;
            let changes = |siemens: f64| {
                let noise = |seconds: f64| hardware.device.read_noise(siemens, seconds);
                let moves = |sample: u32| {
                    let stream = Stream { seed: 0, layer: 0, crossbar: 0, effect: Effect::Drift, sample };
                    hardware.device.drift(siemens, age, &mut Draws::new(stream)) != siemens
                };
                noise(age) != noise(0.0) || (0..16).any(moves)
            };
            hardware.conductances().any(changes)
        })
    }

    /// Conductances from one end of the device's range to the other.
    fn conductances(&self) -> impl Iterator<Item = f64> {
        let ConductanceRange { off, on } = self.device.range();
        (0..=8).map(move |eighth| off + (on - off) * f64::from(eighth) / 8.0)
    }

    /// Whether the wires and terminals have no resistance, so that currents are plain sums.
    pub(super) fn is_wired_ideally(&self) -> bool {
        let Wiring { r_word, r_bit, r_source, r_sink, .. } = self.wiring;
        [r_word, r_bit, r_source, r_sink].iter().all(|&ohm| ohm == 0.0)
    }
}

/// Bits of an input that one pulse drives; none for all at once.
fn dac_bits(design: &Design) -> Result<Option<u32>, SimulateError> {
    match design.inputs {
        InputCoding::Analog => Ok(None),
        InputCoding::BitSerial => Ok(Some(design.dac_bits)),
        InputCoding::SignMagnitude => Err(not_simulated(
            design,
            "its inputs are pulses of either sign (sign-magnitude), which are priced and not simulated; give `dac-bits`",
        )),
    }
}

/// Checks that the map of stuck cells that a design names was read.
fn verify_read(design: &Design) -> Result<(), SimulateError> {
    match &design.cells {
        Cells { fault_map: Some(file), known_faults: None, .. } => {
            Err(not_simulated(design, &format!("its fault map {file} was not read")))
        }
        _ => Ok(()),
    }
}

/// The hardware of those layers that have one of their own.
fn of_layers(design: &Design) -> Result<BTreeMap<String, Hardware>, SimulateError> {
    let layers = design.of_layers().map_err(|error| not_simulated(design, &error.to_string()))?;
    layers.into_iter().map(|(layer, own)| Ok((layer, Hardware::of(&own)?))).collect()
}

/// What reads the currents; none for exact reads.
fn adc(design: &Design) -> Result<Option<Adc>, SimulateError> {
    let Some(settings) = &design.adc else {
        if design.neuron.is_some() {
            return Ok(None);
        }
        let problem = "nothing is said of converters that read its currents, nor of neurons that pass them on; give it an [adc] or a \
                       [neuron]";
        return Err(not_simulated(design, problem));
    };
    design.verify_adc_columns(settings)?;
    let AdcSettings { bits, range, scope, errors, columns, .. } = *settings;
    let encoding = design.encoding();
    let converters = match bits {
        AdcBits::Exact => None,
        // Finer than one level no converter resolves, and nothing is lost with bits for every sum.
        AdcBits::Lossless | AdcBits::Given(_) => Some(design.adc_bits(design.rows_at_once(), &encoding)),
    };
    let added_before = design.accumulation == Accumulation::Analog && design.inputs == InputCoding::BitSerial;
    if converters.is_some() && added_before {
        let problem = "pulses are added before they are converted (accumulation analog), which is priced and not simulated; give \
                       `dac-bits` none, or `adc-bits` none";
        return Err(not_simulated(design, problem));
    }
    let errors = (!errors.are_none()).then_some(ConverterErrors { errors, columns });
    Ok(converters.map(|bits| Adc { bits, range, scope, errors }))
}

fn not_simulated(design: &Design, problem: &str) -> SimulateError {
    SimulateError::Design { design: design.name.clone(), problem: problem.into() }
}
