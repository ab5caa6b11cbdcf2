//! The analog neurons of one sum, each off by numbers of its own.
//!
//! A sum has a neuron for every weight column that yields it, in every copy of the crossbars, which serves one output after another where columns are
//! used again. Of a sum x it makes (1 + gain error) x + offset + noise, within its saturation.

use super::noise::{CHANNELS, ReadNoise};
use crate::hardware::Neurons;
use crate::network::executor::{Images, Lanes, OnTheWay};
use crate::random::{Draws, Effect, Stream};
use fearless_simd::{Level, Simd, dispatch, f32x16, prelude::*};

/// The neurons of one sum.
pub(super) struct DrawnNeurons {
    /// Gain and offset of each output's, in the order of the outputs.
    lines: Vec<[f32; 2]>,
    /// Standard deviation of the noise, and where it comes from.
    noise: Option<(f32, ReadNoise)>,
    /// Greatest magnitude that any yields.
    most: f32,
}

impl DrawnNeurons {
    /// Those of a layer, of which `serving` says for each output which yields it; `range` is the greatest magnitude that outputs have.
    pub(super) fn drawn(of: &Neurons, range: f32, serving: &[u32], noise: ReadNoise) -> Self {
        let line = |&neuron: &u32| {
            let mut draws = Draws::new(Stream {
                seed: noise.seed,
                layer: noise.cells,
                crossbar: 0,
                effect: Effect::NeuronMismatch,
                sample: neuron,
            });
            let (gain, offset) = (1.0 + of.gain * draws.normal(), of.offset * f64::from(range) * draws.normal());
            [gain as f32, offset as f32]
        };
        let deviation = of.noise as f32 * range;
        Self {
            lines: serving.iter().map(line).collect(),
            noise: (deviation > 0.0).then_some((deviation, noise)),
            most: of.saturation.map_or(f32::INFINITY, |share| share as f32 * range),
        }
    }
}

impl OnTheWay for DrawnNeurons {
    fn change(&self, level: Level, output: &mut Images, first: u64) {
        dispatch!(level, simd => self.change_with(simd, output.values_mut(), first));
    }
}

impl DrawnNeurons {
    #[inline(always)]
    fn change_with<S: Simd>(&self, simd: S, outputs: &mut [Lanes], first: u64) {
        let outputs = outputs.chunks_mut(CHANNELS).zip(self.lines.chunks(CHANNELS));
        for (block, (outputs, lines)) in outputs.enumerate() {
            let draw = |(deviation, noise): &(f32, ReadNoise)| {
                (*deviation, noise.of_outputs(Effect::NeuronNoise, block as u32, first))
            };
            let noise = self.noise.as_ref().map(draw);
            for (place, (output, [gain, offset])) in outputs.iter_mut().zip(lines).enumerate() {
                let mut value = f32x16::simd_from(simd, output.0) * *gain + *offset;
                if let Some((deviation, normals)) = &noise {
                    value += f32x16::simd_from(simd, normals[place]) * *deviation;
                }
                *output = Lanes(value.max(f32x16::splat(simd, -self.most)).min(f32x16::splat(simd, self.most)).into());
            }
        }
    }
}
