//! What becomes of the currents of one access before digital logic has them: read noise, then conversion.

use super::access::Access;
use crate::network::executor::Lanes;
use crate::simulate::converter::Adc;
use crate::simulate::converter_errors::Flaws;
use crate::simulate::converter_line::{Lines, convert};
use crate::simulate::noise::ReadNoise;
use fearless_simd::Simd;
use std::sync::Arc;

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
    converters: Option<Arc<Converters>>,
}

/// The converters of a layer.
#[derive(Clone, Debug)]
struct Converters {
    /// The line of each channel, by crossbar.
    lines: Vec<Lines>,
    /// What is wrong with them.
    flaws: Option<Flaws>,
}

impl Read {
    /// Exact reads, but for noise.
    pub(crate) const fn exact(noise: ReadNoise) -> Self {
        Self { noise, converters: None }
    }

    /// From now on converts the currents, with errors of so many channels by crossbar in so many copies.
    pub(crate) fn convert(&mut self, adc: &Adc, lines: Vec<Lines>, channels: &[usize], copies: usize) {
        let errors = adc.errors.as_ref();
        let flaws = errors.map(|errors| Flaws::drawn(errors, adc.bits, self.noise, channels, copies));
        self.converters = Some(Arc::new(Converters { lines, flaws }));
    }
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
