//! Read noise: every access draws it anew.

use super::analog::{Access, Reading};
use crate::network::executor::{LANES, Lanes};
use crate::random::{Effect, Stream};
use fearless_simd::{Simd, f32x16, prelude::*};

/// Channels, or outputs, that one call draws numbers for.
pub(super) const CHANNELS: usize = 4;

/// Blocks of numbers that so many channels take.
pub(super) const fn blocks(channels: usize) -> u64 {
    channels.div_ceil(CHANNELS) as u64
}

/// The read noise of a layer's crossbars, and of what reads them.
///
/// The noise of a cell is independent of all others' and of other reads', so that the noise of a current is the sum of many
/// and drawn as one normal number of their variance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadNoise {
    /// The run's seed.
    pub(super) seed: u64,
    /// Which layer.
    pub(super) layer: u16,
    /// The layer whose crossbars and converters it uses.
    pub(super) cells: u16,
    /// Pulses of a load.
    pub(super) pulses: usize,
}

impl ReadNoise {
    /// Adds to each channel's current a normal number of its variance, a function of the image and the access alone.
    #[inline(always)]
    pub(super) fn add<S: Simd>(&self, simd: S, access: &Access, variances: &[Lanes], currents: &mut [Lanes]) {
        self.add_of(Effect::ReadNoise, simd, access, variances, currents);
    }

    /// Normal numbers of sixteen images for a block of outputs, each a function of the image and the output alone.
    #[inline(always)]
    pub(super) fn of_outputs(&self, effect: Effect, block: u32, first: u64) -> [[f32; LANES]; CHANNELS] {
        let stream = Stream { seed: self.seed, layer: self.layer, crossbar: 0, effect, sample: block };
        stream.normals(first as u32)
    }

    /// The same with the numbers of another effect.
    #[inline(always)]
    pub(super) fn add_of<S: Simd>(
        &self,
        effect: Effect,
        simd: S,
        access: &Access,
        variances: &[Lanes],
        currents: &mut [Lanes],
    ) {
        let Reading { block, blocks, .. } = access.reading;
        let sample = (access.load * self.pulses as u64 + access.pulse as u64) * blocks + block;
        let stream = |block: u64| Stream {
            seed: self.seed,
            layer: self.layer,
            crossbar: access.crossbar as u32,
            effect,
            sample: (sample + block) as u32,
        };
        let channels = currents.chunks_mut(CHANNELS).zip(variances.chunks(CHANNELS));
        for (block, (currents, variances)) in channels.enumerate() {
            let normals = stream(block as u64).normals(access.first as u32);
            for ((current, variance), normal) in currents.iter_mut().zip(variances).zip(normals) {
                let deviation = f32x16::simd_from(simd, variance.0).sqrt();
                let noise = f32x16::simd_from(simd, normal) * deviation;
                *current = Lanes((f32x16::simd_from(simd, current.0) + noise).into());
            }
        }
    }
}
