//! The numbers of a stream, in turn.

use super::lanes::{self, GROUP, LANES};
use super::{Stream, philox4x32};
use crate::elementary::{ln, sin_cos};
use fearless_simd::{Level, dispatch};
use std::f64::consts::FRAC_PI_2;

/// Random numbers of one [`Stream`], from its start.
///
/// ```
/// use tilewright::random::{Draws, Effect, Stream};
/// let stream = Stream { seed: 1, layer: 0, crossbar: 7, effect: Effect::Programming, sample: 0 };
/// assert_eq!(Draws::new(stream).normal(), Draws::new(stream).normal());
/// ```
#[derive(Clone, Debug)]
pub struct Draws {
    stream: Stream,
    /// The next block to generate; one more than 32 bits can count once all are used.
    next: u64,
    words: [u32; 4],
    /// Words of the block already given.
    given: usize,
    /// The second normal number of a pair.
    spare: Option<f64>,
}

impl Draws {
    /// The numbers of a stream.
    pub const fn new(stream: Stream) -> Self {
        Self { stream, next: 0, words: [0; 4], given: 4, spare: None }
    }

    /// A uniform word.
    ///
    /// # Panics
    /// After 2³⁴ words, where the stream ends; so do the other methods.
    pub fn u32(&mut self) -> u32 {
        if self.given == 4 {
            let block = self.blocks(1);
            self.words = philox4x32(self.stream.counter(block), self.stream.key());
            self.given = 0;
        }
        self.given += 1;
        self.words[self.given - 1]
    }

    /// A uniform number in [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A standard normal number (Box, Muller 1958, "A note on the generation of random normal deviates"), within ±8.6.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * ln(1.0 - self.uniform())).sqrt();
        let bits = self.u64();
        // 62 bits are the angle within a quarter turn around the axis, the others say which quarter.
        let (sine, cosine) = sin_cos((bits << 2) as i64 as f64 / 2f64.powi(64) * FRAC_PI_2);
        let cosine = if bits >> 62 & 1 == 0 { cosine } else { -cosine };
        let (first, second) = if bits >> 63 == 0 { (cosine, sine) } else { (sine, cosine) };
        self.spare = Some(radius * second);
        radius * first
    }

    /// Standard normal numbers in bulk, sixteen at a time, from the stream's next whole blocks.
    ///
    /// Each is within 2e-6 of the exact Box-Muller transform of its two words, of which one has 31 bits for the radius: no
    /// number is beyond ±6.67, where 2.6e-11 of a normal distribution lie. A call uses whole groups of 64 numbers, so that
    /// two calls give what one gives only if the first asks for a multiple of 64. Not the numbers of [`Self::normal`].
    pub fn fill_normal(&mut self, out: &mut [f32]) {
        let groups = u32::try_from(out.len().div_ceil(GROUP)).expect("fewer numbers than a stream has");
        let first = self.blocks(groups * LANES as u32);
        let (stream, level) = (self.stream, Level::new());
        dispatch!(level, _simd => fill(stream, first, out));
    }

    fn u64(&mut self) -> u64 {
        let low = self.u32();
        u64::from(self.u32()) << 32 | u64::from(low)
    }

    /// The first of so many blocks that nothing else of this stream uses.
    fn blocks(&mut self, count: u32) -> u32 {
        let first = u32::try_from(self.next).expect("a stream has 2^32 blocks");
        self.next += u64::from(count);
        assert!(self.next <= 1 << 32, "a stream has 2^32 blocks");
        first
    }
}

/// Normal numbers of the blocks from `first` on.
#[inline(always)]
fn fill(stream: Stream, first: u32, out: &mut [f32]) {
    let (whole, rest) = out.as_chunks_mut::<GROUP>();
    let mut block = first;
    for group in whole {
        lanes::normals(stream.counter(block), stream.key(), group);
        block = block.wrapping_add(LANES as u32);
    }
    if !rest.is_empty() {
        let mut group = [0.0; GROUP];
        lanes::normals(stream.counter(block), stream.key(), &mut group);
        rest.copy_from_slice(&group[..rest.len()]);
    }
}
