//! Sixteen images side by side.

use crate::network::Tensor;
use crate::spare::Spare;

/// Images computed together, one a lane: as many 32-bit floats as the widest vector register holds.
pub const LANES: usize = 16;

/// One value of each image, on a cache line of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Lanes(pub [f32; LANES]);

/// A feature map or vector of sixteen images: the axes of one image, and the lanes innermost.
pub type Images = Tensor<Lanes>;

impl Lanes {
    /// The same value in every lane.
    pub const fn splat(value: f32) -> Self {
        Self([value; LANES])
    }

    /// `f` of every lane.
    #[inline(always)]
    pub fn map(self, f: impl Fn(f32) -> f32) -> Self {
        // A loop of its own: those of the standard library are calls, which the caller's wider vectors do not reach.
        let mut mapped = self.0;
        for lane in &mut mapped {
            *lane = f(*lane);
        }
        Self(mapped)
    }

    /// `f` of every lane of the two.
    #[inline(always)]
    pub fn with(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        let mut both = self.0;
        for (lane, &other) in both.iter_mut().zip(&other.0) {
            *lane = f(*lane, other);
        }
        Self(both)
    }
}

thread_local! {
    static SPARE: Spare<Lanes> = const { Spare::new() };
}

/// `count` values of any content, all of which are to be written; the memory is that of a map given back, if one is large enough.
pub fn room(count: usize) -> Vec<Lanes> {
    SPARE.with(|spare| spare.take(count, Lanes::splat(0.0)))
}

/// Gives the memory of a map back.
pub fn recycle(values: Vec<Lanes>) {
    SPARE.with(|spare| spare.give(values));
}

/// At most sixteen images of one shape side by side; lanes left over hold zeros.
pub(super) fn pack(images: &[Tensor<f32>], shape: &[usize]) -> Images {
    let mut packed = Tensor::filled(shape.to_vec(), Lanes::splat(0.0));
    for (lane, image) in images.iter().enumerate() {
        for (lanes, &value) in packed.values_mut().iter_mut().zip(image.values()) {
            lanes.0[lane] = value;
        }
    }
    packed
}

/// The image of one lane.
pub(super) fn unpack(images: &Images, lane: usize) -> Tensor<f32> {
    images.map(|lanes| lanes.0[lane])
}
