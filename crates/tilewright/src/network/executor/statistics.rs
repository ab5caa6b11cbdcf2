//! What combines values along axes, on sixteen images at once. Lane by lane in 64 bits, as the reference does: these are few beside the
//! convolutions, and a variance suffers from rounding.

use super::lanes::{Images, LANES, Lanes};
use super::strides::{positions, strides};
use crate::network::dynamic_scale::DynamicScale;
use crate::network::{Reduction, Tensor, TopK};

/// The values along `axes` made one; the axes become 1.
pub(super) fn reduce(reduction: Reduction, axes: &[usize], input: &Images) -> Images {
    let kept: Vec<usize> =
        (0..input.shape().len()).map(|axis| if axes.contains(&axis) { 1 } else { input.shape()[axis] }).collect();
    let groups = Groups::new(axes, input.shape());
    let reduced = groups.firsts().map(|first| {
        Lanes(std::array::from_fn(|lane| {
            reduction.of(groups.offsets.iter().map(|offset| input.values()[first + offset].0[lane]))
        }))
    });
    let reduced = reduced.collect();
    Tensor::new(kept, reduced)
}

/// (x − mean) / √(variance + epsilon) over `axes`.
pub(super) fn standardize(axes: &[usize], epsilon: f32, mean: bool, mut images: Images) -> Images {
    let groups = Groups::new(axes, images.shape());
    let count = groups.offsets.len() as f64;
    for first in groups.firsts() {
        for lane in 0..LANES {
            let values = || groups.offsets.iter().map(|offset| f64::from(images.values()[first + offset].0[lane]));
            let center = if mean { values().sum::<f64>() / count } else { 0.0 };
            let variance = values().map(|x| (x - center).powi(2)).sum::<f64>() / count;
            let deviation = (variance + f64::from(epsilon)).sqrt();
            for offset in &groups.offsets {
                let x = &mut images.values_mut()[first + offset].0[lane];
                *x = ((f64::from(*x) - center) / deviation) as f32;
            }
        }
    }
    images
}

/// The greatest or least values along an axis, or where they are.
pub(super) fn top_k(top: &TopK, input: &Images, shape: &[usize]) -> Images {
    let mut output = Tensor::filled(shape.to_vec(), Lanes::splat(0.0));
    let [from, to] = [input.shape(), shape].map(|shape| Groups::new(&[top.axis], shape));
    for (first, target) in from.firsts().zip(to.firsts()) {
        for lane in 0..LANES {
            let values: Vec<f32> = from.offsets.iter().map(|offset| input.values()[first + offset].0[lane]).collect();
            for (offset, &place) in to.offsets.iter().zip(&top.places(&values)) {
                let value = if top.places { place as f32 } else { values[place] };
                output.values_mut()[target + offset].0[lane] = value;
            }
        }
    }
    output
}

/// Each image rounded to 256 levels of its own.
pub(super) fn dynamic_quantize(mut images: Images) -> Images {
    let scales: [DynamicScale; LANES] =
        std::array::from_fn(|lane| DynamicScale::of(images.values().iter().map(|lanes| lanes.0[lane])));
    for lanes in images.values_mut() {
        lanes.0.iter_mut().zip(&scales).for_each(|(x, scale)| *x = scale.round(*x));
    }
    images
}

/// The values that belong together: those that differ on some axes only.
struct Groups {
    /// Lengths of the other axes, and the distance between neighbours on each.
    others: [Vec<usize>; 2],
    /// Where the members of a group lie, counted from its first, in row-major order.
    offsets: Vec<usize>,
}

impl Groups {
    fn new(axes: &[usize], shape: &[usize]) -> Self {
        let steps = strides(shape);
        let pick = |inside: bool| {
            let axes = (0..shape.len()).filter(move |axis| axes.contains(axis) == inside);
            let (lengths, steps): (Vec<usize>, Vec<usize>) = axes.map(|axis| (shape[axis], steps[axis])).unzip();
            [lengths, steps]
        };
        let [lengths, own] = pick(true);
        Self { others: pick(false), offsets: positions(&lengths, &own, 0).collect() }
    }

    /// Where the groups begin.
    fn firsts(&self) -> impl Iterator<Item = usize> {
        positions(&self.others[0], &self.others[1], 0)
    }
}
