//! What the steps of crossbars take.

use crate::hardware::{Accumulation, Conversion, Design};
use std::collections::BTreeMap;

/// Times of a chip that do not depend on the layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Clockwork {
    /// One pulse without conversions, in ns.
    pub read_ns: f64,
    /// One conversion, in ns; 0 without converters.
    pub conversion_ns: f64,
    /// Analog sums of a crossbar that share a converter.
    pub sharing: f64,
}

/// How long the crossbars of a load compute.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Computing {
    /// Steps of the crossbar that takes longest.
    pub(super) steps: u64,
    /// All of them, in ns.
    pub(super) total_ns: f64,
    /// What of it reads of cells alone take, in ns, of one pulse a step.
    pub(super) read_ns: f64,
    /// What conversions alone take, in ns, of one pulse a step.
    pub(super) convert_ns: f64,
    /// The longest conversions of a step, in ns.
    pub(super) last_ns: f64,
}

impl Clockwork {
    /// How long activations compute, each given as the number of its steps that read so many bit lines.
    pub(super) fn computing(
        &self,
        chip: &Design,
        activations: &[BTreeMap<usize, u64>],
        (pulses, columns_per_sum): (f64, f64),
    ) -> Computing {
        let of_activation = |reads: &BTreeMap<usize, u64>| {
            reads.iter().fold(Computing::default(), |sum, (&columns, &steps)| {
                let convert_ns = (columns as f64 / columns_per_sum).min(self.sharing).ceil() * self.conversion_ns;
                let times = steps as f64;
                Computing {
                    steps: sum.steps + steps,
                    total_ns: sum.total_ns + times * self.step_ns(chip, pulses, convert_ns),
                    read_ns: sum.read_ns + times * self.read_ns,
                    convert_ns: sum.convert_ns + times * convert_ns,
                    last_ns: sum.last_ns.max(convert_ns),
                }
            })
        };
        let longest = activations.iter().map(of_activation).max_by(|a, b| a.total_ns.total_cmp(&b.total_ns));
        longest.unwrap_or_default()
    }

    /// One step of all its pulses, whose conversions take so long, in ns.
    fn step_ns(&self, chip: &Design, pulses: f64, convert_ns: f64) -> f64 {
        match (chip.accumulation, chip.conversion) {
            (Accumulation::Digital, Conversion::Sampled) => pulses * self.read_ns.max(convert_ns),
            (Accumulation::Digital, Conversion::Serial) => pulses * (self.read_ns + convert_ns),
            (Accumulation::Analog, Conversion::Sampled) => (pulses * self.read_ns).max(convert_ns),
            (Accumulation::Analog, Conversion::Serial) => pulses * self.read_ns + convert_ns,
        }
    }
}
