//! One access of a crossbar: what is driven and read at once.

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
