//! A network on hardware: some chips programmed and measured, one after the other.

use super::simulation::{ChipRate, LosslessBits, Recognised, SimulatedRun, TopRates};
use crate::accuracy::Rate;
use crate::mapping::scheme::Im2col;
use crate::mapping::{Mapping, NetworkBits, map_network};
use crate::network::Tensor;
use crate::simulate::{Chip, LayerError, Plan, SimulateError, Watch, layer_errors};
use std::cell::OnceCell;

/// What is measured of a hardware.
#[derive(Clone, Copy)]
pub struct Experiment<'a> {
    /// What the chips are made of.
    pub plan: Plan<'a>,
    /// Name of the design.
    pub design: &'a str,
    /// Bits of weights and inputs, and where they come from.
    pub bits: &'a NetworkBits,
    /// Seed of the first chip.
    pub first_seed: u64,
    /// Chips, at least one, each programmed from a seed of its own; those that cannot differ are one.
    pub seeds: u32,
    /// Normalised images that the errors of layers are measured on, on the first chip: such as nothing was fitted on. Without any
    /// they are not measured.
    pub probes: &'a [Tensor<f32>],
}

/// Whose recognition rate is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The integer network, which hardware that does nothing wrong computes.
    Digital,
    /// A chip.
    Chip,
}

/// The chip of a seed, programmed when it is first needed: who is asked for its rate may know it already.
pub struct LazyChip<'a> {
    plan: Plan<'a>,
    seed: u64,
    watch: Watch<'a>,
    programmed: OnceCell<Chip>,
}

impl<'a> LazyChip<'a> {
    const fn new(plan: Plan<'a>, seed: u64, watch: Watch<'a>) -> Self {
        Self { plan, seed, watch, programmed: OnceCell::new() }
    }

    /// The seed it is programmed from.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The chip.
    ///
    /// # Errors
    /// As [`Chip::program`].
    ///
    /// # Panics
    /// Never: what is read was just set.
    pub fn programmed(&self) -> Result<&Chip, SimulateError> {
        if self.programmed.get().is_none() {
            drop(self.programmed.set(Chip::program(&self.plan, self.seed, self.watch)?));
        }
        Ok(self.programmed.get().expect("it was just set"))
    }
}

impl Experiment<'_> {
    /// The seeds of the chips that can differ.
    pub fn seeds(&self) -> impl ExactSizeIterator<Item = u64> {
        let count = if self.plan.hardware.varies() { self.seeds } else { 1 };
        let first = self.first_seed;
        (0..count).map(move |seed| first + u64::from(seed))
    }

    /// Asks `recognised` what each subject recognises, the integer network first, and measures the layers of the first chip. `watch` is
    /// told of the crossbars programmed.
    ///
    /// # Errors
    /// What `recognised` fails with, or [`SimulateError`] as [`Chip::program`] and [`layer_errors`], or if there are fewer seeds than
    /// chips.
    pub fn run<E: From<SimulateError>>(
        &self,
        watch: Watch<'_>,
        recognised: impl Fn(Subject, &LazyChip<'_>) -> Result<Recognised, E>,
    ) -> Result<SimulatedRun, E> {
        self.check_seeds()?;
        let (ideal, mapping) = (self.plan.hardware.without_errors(), self.exact_mapping());
        let exact = LazyChip::new(Plan { hardware: &ideal, mapping: &mapping, ..self.plan }, 0, watch);
        let first = LazyChip::new(self.plan, self.first_seed, watch);
        let of_chip = |chip: &LazyChip<'_>| Ok::<_, E>((chip.seed, recognised(Subject::Chip, chip)?));
        let (digital, lossless_bits) = (recognised(Subject::Digital, &exact)?, self.lossless_bits()?);
        let mut found = vec![of_chip(&first)?];
        let layers = self.layer_errors(&first, &exact)?;
        let [residual, linearisation] =
            first.programmed.get().map_or([None; 2], |chip| [chip.residual, chip.linearisation]);
        // Memory for the chips to come.
        drop((exact, first));
        for seed in self.seeds().skip(1) {
            found.push(of_chip(&LazyChip::new(self.plan, seed, watch))?);
        }
        let chips: Vec<ChipRate> = found.iter().map(|&(seed, found)| ChipRate { seed, rate: found.top1 }).collect();
        let (mean, interval) = SimulatedRun::mean_of(&chips);
        let mapping = self.plan.mapping;
        Ok(SimulatedRun {
            varied: vec![],
            design: self.design.into(),
            scheme: mapping.scheme.into(),
            crossbar: mapping.target.crossbar,
            encoding: mapping.target.encoding,
            bits: self.bits.clone(),
            hardware: self.plan.hardware.record(),
            crossbars: mapping.total().map_err(SimulateError::from)?.crossbars,
            residual,
            linearisation,
            digital: digital.top1,
            chips,
            mean,
            interval,
            chip_interval: mean.interval(),
            top: TopRates::of(digital, &found),
            calibration_images: self.plan.calibration.len(),
            layer_images: self.probes.len(),
            layers,
            lossless_bits,
        })
    }

    /// What the integer network and each chip recognise, as [`Experiment::run`] asks for it, and nothing else.
    ///
    /// # Errors
    /// What `recognised` fails with, or [`SimulateError`] if there are fewer seeds than chips.
    pub fn rates<E: From<SimulateError>>(
        &self,
        watch: Watch<'_>,
        recognised: impl Fn(Subject, &LazyChip<'_>) -> Result<Recognised, E>,
    ) -> Result<(Rate, Vec<ChipRate>), E> {
        self.check_seeds()?;
        let (ideal, mapping) = (self.plan.hardware.without_errors(), self.exact_mapping());
        let exact = LazyChip::new(Plan { hardware: &ideal, mapping: &mapping, ..self.plan }, 0, watch);
        let digital = recognised(Subject::Digital, &exact)?.top1;
        drop(exact);
        let of_chip = |seed| {
            let rate = recognised(Subject::Chip, &LazyChip::new(self.plan, seed, watch))?.top1;
            Ok(ChipRate { seed, rate })
        };
        Ok((digital, self.seeds().map(of_chip).collect::<Result<_, E>>()?))
    }

    /// A mapping for the integer network: every one computes the same, and im2col's, if it fits, does so on the fewest crossbars.
    fn exact_mapping(&self) -> Mapping {
        let own = self.plan.mapping;
        map_network(self.plan.network, &Im2col, own.targets(), None).unwrap_or_else(|_| own.clone())
    }

    /// Checks that every chip has a seed.
    fn check_seeds(&self) -> Result<(), SimulateError> {
        let most = u64::MAX - u64::from(self.seeds.saturating_sub(1));
        let allowed = format!("at most {most}, so that each of {} chips has one", self.seeds);
        SimulateError::check("the first seed", &self.first_seed, self.first_seed <= most, &allowed)
    }

    /// Errors of the layers of the first chip, beside the integer network.
    fn layer_errors(&self, first: &LazyChip<'_>, exact: &LazyChip<'_>) -> Result<Vec<LayerError>, SimulateError> {
        if self.probes.is_empty() {
            return Ok(vec![]);
        }
        layer_errors(first.programmed()?, exact.programmed()?, &self.plan, self.probes)
    }

    /// For each layer, what a converter that loses nothing needs.
    fn lossless_bits(&self) -> Result<Vec<LosslessBits>, SimulateError> {
        let names = self.plan.layers.iter().map(|layer| layer.layer.name.clone());
        Ok(names.zip(self.plan.lossless_bits()?).map(|(layer, bits)| LosslessBits { layer, bits }).collect())
    }
}
