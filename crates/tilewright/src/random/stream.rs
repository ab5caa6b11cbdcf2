//! What a random number is for.

use super::lanes::{self, GROUP, LANES};

/// What is random about a crossbar. The number is part of every result: it never changes, and a new effect takes the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Effect {
    /// Which cells are stuck.
    Stuck = 0,
    /// What programming makes of a target.
    Programming = 1,
    /// What time makes of a programmed conductance.
    Drift = 2,
    /// Noise of a read.
    ReadNoise = 3,
    /// Noise of a converter.
    Converter = 4,
    /// Which images, weights or inputs are taken.
    Choice = 5,
    /// What a converter is off by.
    ConverterMismatch = 6,
    /// What an analog neuron is off by.
    NeuronMismatch = 7,
    /// Noise of an analog neuron.
    NeuronNoise = 8,
}

/// The place of a sequence of random numbers: different places, different numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    /// The run's seed; a device seed is one of these.
    pub seed: u64,
    /// Which layer.
    pub layer: u16,
    /// Which crossbar of the layer.
    pub crossbar: u32,
    /// What the numbers are for.
    pub effect: Effect,
    /// Which of many: the cell for what happens once per cell, the access for what happens at each read.
    pub sample: u32,
}

impl Stream {
    /// The generator's key.
    pub(super) const fn key(self) -> [u32; 2] {
        [self.seed as u32, (self.seed >> 32) as u32]
    }

    /// The generator's counter for a block of the stream; every field has bits of its own.
    pub(super) const fn counter(self, block: u32) -> [u32; 4] {
        [block, self.sample, self.crossbar, (self.layer as u32) << 16 | self.effect as u32]
    }

    /// Four standard normal numbers for each of sixteen blocks from `first` on, `[number][block]`: those that
    /// [`Draws::fill_normal`](super::Draws::fill_normal) gives from there.
    #[inline(always)]
    pub(crate) fn normals(self, first: u32) -> [[f32; LANES]; 4] {
        let mut numbers = [0.0; GROUP];
        lanes::normals(self.counter(first), self.key(), &mut numbers);
        std::array::from_fn(|number| std::array::from_fn(|block| numbers[number * LANES + block]))
    }
}
