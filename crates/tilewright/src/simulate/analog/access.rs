//! What becomes of the currents of one access before digital logic has them: read noise, then conversion.

use crate::network::executor::Lanes;
use crate::simulate::converter::{Lines, convert};
use crate::simulate::converter_errors::Flaws;
use crate::simulate::noise::ReadNoise;
use fearless_simd::Simd;
use std::sync::Arc;

/// One crossbar driven once, with some of its rows or all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    /// The crossbar's place among those of a copy.
    pub(crate) crossbar: usize,
    /// Which copy of it.
    pub(crate) copy: usize,
    /// Which load of the layer.
    pub(crate) load: u64,
    /// Which bits of the inputs.
    pub(crate) pulse: usize,
    /// Number of the image in lane 0.
    pub(crate) first: u64,
    /// Which of the crossbar's channels are read.
    pub(crate) reading: Reading,
}

/// Which channels of a crossbar a step reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// The first of them.
    pub(crate) channel: usize,
    /// Blocks of random numbers that the steps before it draw in every pulse.
    pub(crate) block: u64,
    /// Blocks that all steps draw.
    pub(crate) blocks: u64,
}

/// Whatever takes the currents of an access, one vector a channel, and leaves what digital logic gets.
pub(crate) trait ReadOut {
    /// `variances` are those of the read noise, one vector a channel, where there is any.
    fn read<S: Simd>(&mut self, simd: S, access: &Access, variances: Option<&[Lanes]>, currents: &mut [Lanes]);
}

/// The read-out of the hardware.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// Where read noise comes from.
    pub(crate) noise: ReadNoise,
    /// What converts the currents; without it they are read exactly.
    pub(crate) converters: Option<Arc<Converters>>,
}

/// The converters of a layer.
#[derive(Clone, Debug)]
pub(crate) struct Converters {
    /// The line of each channel, by crossbar.
    pub(crate) lines: Vec<Lines>,
    /// What is wrong with them.
    pub(crate) flaws: Option<Flaws>,
}

impl ReadOut for &Read {
    #[inline(always)]
    fn read<S: Simd>(&mut self, simd: S, access: &Access, variances: Option<&[Lanes]>, currents: &mut [Lanes]) {
        if let Some(variances) = variances {
            self.noise.add(simd, access, variances, currents);
        }
        if let Some(converters) = &self.converters {
            let lines = converters.lines[access.crossbar].of(access.reading.channel, currents.len());
            match &converters.flaws {
                None => convert(simd, lines, currents),
                Some(flaws) => flaws.convert(simd, access, lines, currents),
            }
        }
    }
}
