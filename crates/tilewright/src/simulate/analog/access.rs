//! What becomes of the currents of one access before digital logic has them: read noise, then conversion.

use crate::network::executor::Lanes;
use crate::simulate::converter::Lines;
use crate::simulate::converter_errors::Flaws;
use crate::simulate::noise::ReadNoise;
use fearless_simd::Simd;
use std::sync::Arc;

/// One crossbar driven once.
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
            let lines = &converters.lines[access.crossbar];
            match &converters.flaws {
                None => lines.convert(simd, currents),
                Some(flaws) => flaws.convert(simd, access, &lines.0, currents),
            }
        }
    }
}
