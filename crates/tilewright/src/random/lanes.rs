//! Sixteen generators side by side, written so that the compiler turns every loop over lanes into vectors.

use super::philox::{FACTORS, KEY_STEPS, ROUNDS};
use std::f32::consts::{FRAC_1_SQRT_2, FRAC_PI_2, LN_2};

/// Blocks generated together.
pub(super) const LANES: usize = 16;
/// Numbers they give.
pub(super) const GROUP: usize = 4 * LANES;

/// Bits of a 32-bit number's fraction.
const FRACTION_BITS: u32 = f32::MANTISSA_DIGITS - 1;

type Words = [u32; LANES];

/// Standard normal numbers of sixteen blocks from `counter` on: number 16 k + i is the k-th of block i.
#[inline(always)]
pub(super) fn normals(counter: [u32; 4], key: [u32; 2], out: &mut [f32; GROUP]) {
    let [a, b, c, d] = philox(counter, key);
    let (front, back) = out.split_at_mut(2 * LANES);
    pairs(&a, &b, front);
    pairs(&c, &d, back);
}

/// [`super::philox4x32`] of sixteen counters that follow one another in their first word.
#[inline(always)]
fn philox(counter: [u32; 4], key: [u32; 2]) -> [Words; 4] {
    let mut words = counter.map(|word| [word; LANES]);
    for (lane, word) in words[0].iter_mut().enumerate() {
        *word = word.wrapping_add(lane as u32);
    }
    let [mut left, mut right] = key;
    for _ in 0..ROUNDS {
        words = round(&words, left, right);
        (left, right) = (left.wrapping_add(KEY_STEPS[0]), right.wrapping_add(KEY_STEPS[1]));
    }
    words
}

#[inline(always)]
fn round([a, b, c, d]: &[Words; 4], left: u32, right: u32) -> [Words; 4] {
    let mut next = [[0; LANES]; 4];
    for i in 0..LANES {
        let first = u64::from(a[i]) * u64::from(FACTORS[0]);
        let second = u64::from(c[i]) * u64::from(FACTORS[1]);
        next[0][i] = (second >> 32) as u32 ^ b[i] ^ left;
        next[1][i] = second as u32;
        next[2][i] = (first >> 32) as u32 ^ d[i] ^ right;
        next[3][i] = first as u32;
    }
    next
}

/// Box-Muller pairs: radii of one set of words, angles of another; the first sixteen numbers, then the second.
#[inline(always)]
fn pairs(radii: &Words, angles: &Words, out: &mut [f32]) {
    let (first, second) = out.split_at_mut(LANES);
    for i in 0..LANES {
        let radius = radius(radii[i]);
        let (x, y) = direction(angles[i]);
        first[i] = radius * x;
        second[i] = radius * y;
    }
}

/// √(−2 ln u), u = (word / 2 + 1/2) / 2³¹ in (0, 1).
#[inline(always)]
fn radius(word: u32) -> f32 {
    let share = |word: u32| ((word >> 1) as i32 as f32 + 0.5) * 2f32.powi(-31);
    let uniform = share(word);
    // u = 2^exponent mantissa, the mantissa in [√½, √2).
    let bits = uniform.to_bits();
    let exponent = bits.wrapping_sub(FRAC_1_SQRT_2.to_bits()) as i32 >> FRACTION_BITS;
    let mantissa = f32::from_bits(bits.wrapping_sub((exponent as u32) << FRACTION_BITS));
    // Where u is near 1, so is the mantissa, and 1 − u of the inverted word is exact where the difference is not.
    let above_one = if exponent == 0 { -share(!word) } else { mantissa - 1.0 };
    // ln m = 2 artanh((m − 1) / (m + 1)), the terms left out below 4e-9 of it.
    let ratio = above_one / (above_one + 2.0);
    let square = ratio * ratio;
    let series = 1.0 + square * (1.0 / 3.0 + square * (1.0 / 5.0 + square * (1.0 / 7.0 + square * (1.0 / 9.0))));
    (-2.0 * (exponent as f32 * LN_2 + 2.0 * ratio * series)).sqrt()
}

/// A point of the unit circle: thirty bits an angle within a quarter turn around the axis, two bits the quarter.
#[inline(always)]
fn direction(word: u32) -> (f32, f32) {
    let angle = (word << 2) as i32 as f32 * (FRAC_PI_2 * 2f32.powi(-32));
    let square = angle * angle;
    // The terms left out are below 2e-9 and 3e-8.
    let sine = angle * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0 * (1.0 - square / 72.0))));
    let cosine = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0 * (1.0 - square / 56.0)));
    let cosine = f32::from_bits(cosine.to_bits() ^ (word << 1 & 0x8000_0000));
    // A mask instead of a branch, so that the loop stays one of vectors.
    let swap = ((word as i32) >> 31) as u32;
    let differing = (sine.to_bits() ^ cosine.to_bits()) & swap;
    (f32::from_bits(cosine.to_bits() ^ differing), f32::from_bits(sine.to_bits() ^ differing))
}
