//! Sums in 64 bits, one of each of sixteen images.

use super::lanes::{LANES, Lanes};
use fearless_simd::{Simd, f32x16, f64x8, prelude::*};

/// Values that a vector holds.
const HALF: usize = LANES / 2;

/// One sum of each image.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Total([[f64; HALF]; 2]);

impl Total {
    /// Sums of nothing.
    pub const NOTHING: Self = Self([[0.0; HALF]; 2]);

    /// The same sum of every image.
    pub const fn splat(sum: f64) -> Self {
        Self([[sum; HALF]; 2])
    }

    /// Sums of images by their lanes.
    pub fn from_fn(of: impl Fn(usize) -> f64) -> Self {
        Self([0, 1].map(|half| std::array::from_fn(|lane| of(half * HALF + lane))))
    }

    // Loops below are written out: those of the standard library are calls, which the caller's wider vectors do not reach.

    /// Adds values times a factor.
    #[inline(always)]
    pub fn add<S: Simd>(&mut self, simd: S, values: &Lanes, factor: f64) {
        let (low, high) = f32x16::simd_from(simd, values.0).widen();
        self.add_halves(simd, [low, high], factor);
    }

    /// Adds other sums times a factor.
    #[inline(always)]
    pub fn add_total<S: Simd>(&mut self, simd: S, other: &Self, factor: f64) {
        let [low, high] = other.0;
        self.add_halves(simd, [f64x8::simd_from(simd, low), f64x8::simd_from(simd, high)], factor);
    }

    #[inline(always)]
    fn add_halves<S: Simd>(&mut self, simd: S, values: [f64x8<S>; 2], factor: f64) {
        for (half, values) in self.0.iter_mut().zip(values) {
            *half = (f64x8::simd_from(simd, *half) + values * factor).into();
        }
    }

    /// On the lines `[factor, offset]`, one after the other, in 32 bits.
    #[inline(always)]
    pub fn on_lines<S: Simd, const N: usize>(&self, simd: S, lines: [[f64; 2]; N]) -> Lanes {
        let [mut low, mut high] = [f64x8::simd_from(simd, self.0[0]), f64x8::simd_from(simd, self.0[1])];
        for [factor, offset] in lines {
            low = low * factor + offset;
            high = high * factor + offset;
        }
        Lanes(low.narrow(high).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fearless_simd::{Level, dispatch};

    #[test]
    fn every_lane_has_sums_of_its_own() {
        let values = Lanes(std::array::from_fn(|lane| lane as f32 - 7.5));
        let mut total = Total::from_fn(|lane| lane as f64);
        let on_line = dispatch!(Level::new(), simd => {
            total.add(simd, &values, 3.0);
            total.add_total(simd, &Total::splat(0.5), 2.0);
            total.on_lines(simd, [[2.0, 1.0], [0.5, -1.0]])
        });
        for lane in 0..LANES {
            let sum = lane as f64 + 3.0 * (lane as f64 - 7.5) + 1.0;
            assert_eq!(f64::from(on_line.0[lane]), (2.0 * sum + 1.0) * 0.5 - 1.0);
        }
    }
}
