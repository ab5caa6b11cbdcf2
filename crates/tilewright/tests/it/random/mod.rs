//! Counter-based random numbers: the generator, the streams, the distributions.

mod distribution;
mod stream;
