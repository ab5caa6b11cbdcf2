//! A network on hardware: some chips programmed and measured, one after the other.

use super::simulation::{ChipRate, LosslessBits, SimulatedRun};
use crate::accuracy::Rate;
use crate::network::Tensor;
use crate::simulate::{Chip, Hardware, LayerError, Plan, SimulateError, Watch, layer_errors};

/// What is measured of a hardware.
#[derive(Clone, Copy)]
pub struct Experiment<'a> {
    /// What the chips are made of.
    pub plan: Plan<'a>,
    /// Seed of the first chip.
    pub first_seed: u64,
    /// Chips, at least one, each programmed from a seed of its own; those that cannot differ are one.
    pub seeds: u32,
    /// Normalised images that the errors of layers are measured on, on the first chip; without any they are not measured.
    pub probes: &'a [Tensor<f32>],
}

/// Whose recognition rate is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The integer network, which hardware that does nothing wrong computes.
    Digital,
    /// The chip of this seed.
    Chip(u64),
}

impl Subject {
    /// The seed its chip is programmed from.
    pub const fn seed(self) -> u64 {
        match self {
            Self::Digital => 0,
            Self::Chip(seed) => seed,
        }
    }
}

impl Experiment<'_> {
    /// The seeds of the chips that can differ.
    pub fn seeds(&self) -> impl ExactSizeIterator<Item = u64> {
        let count = if self.plan.hardware.varies() { self.seeds } else { 1 };
        let first = self.first_seed;
        (0..count).map(move |seed| first + u64::from(seed))
    }

    /// Asks `rate` what each subject recognises, the integer network first, each with what its chip is made of; then measures the
    /// layers. `watch` is told of the crossbars programmed for the latter.
    ///
    /// # Errors
    /// What `rate` fails with, or [`SimulateError`] as [`Chip::program`] and [`layer_errors`].
    ///
    /// # Panics
    /// If there are no chips.
    pub fn run<E: From<SimulateError>>(
        &self,
        watch: Watch<'_>,
        rate: impl Fn(Subject, &Plan<'_>) -> Result<Rate, E>,
    ) -> Result<SimulatedRun, E> {
        let ideal = Hardware::ideal();
        let digital = rate(Subject::Digital, &Plan { hardware: &ideal, ..self.plan })?;
        let chip = |seed| Ok(ChipRate { seed, rate: rate(Subject::Chip(seed), &self.plan)? });
        let chips = self.seeds().map(chip).collect::<Result<Vec<ChipRate>, E>>()?;
        let (mean, interval) = SimulatedRun::mean_of(&chips);
        let mapping = self.plan.mapping;
        let exact = self.plan.ideal()?;
        Ok(SimulatedRun {
            varied: None,
            scheme: mapping.scheme.into(),
            crossbar: mapping.target.crossbar,
            encoding: mapping.target.encoding,
            hardware: self.plan.hardware.record(),
            crossbars: mapping.total().map_err(SimulateError::from)?.crossbars,
            digital,
            chips,
            mean,
            interval,
            chip_interval: mean.interval(),
            layers: self.layer_errors(&exact, watch)?,
            lossless_bits: self.lossless_bits(&exact),
        })
    }

    fn layer_errors(&self, exact: &Chip, watch: Watch<'_>) -> Result<Vec<LayerError>, SimulateError> {
        if self.probes.is_empty() {
            return Ok(vec![]);
        }
        let first = Chip::program(&self.plan, self.first_seed, watch)?;
        layer_errors(&first, exact, &self.plan, self.probes)
    }

    fn lossless_bits(&self, exact: &Chip) -> Vec<LosslessBits> {
        let names = self.plan.layers.iter().map(|layer| layer.layer.name.clone());
        names.zip(exact.lossless_bits()).map(|(layer, bits)| LosslessBits { layer, bits }).collect()
    }
}
