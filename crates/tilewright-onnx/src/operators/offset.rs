//! Integer weights whose zero point is not in the middle of their range: a crossbar holds them around 0, and what they lack, times the sum of
//! the inputs, is added digitally.

use super::window::{Window, as_image, as_sequence};
use crate::building::Import;
use crate::constant::Constant;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::Feature;
use std::sync::Arc;
use tilewright::network::{NodeId, Op, Pool, PoolKind, Reduction, Tensor, Weights};

/// Weights around 0.
struct Centered {
    weights: Weights,
    /// What each weight of an output channel lacks.
    missing: Vec<f32>,
}

impl Centered {
    /// Of weights `[out_channels, …]` that came as integers of so many bits; `None` if they are integers of as many bits around 0 already.
    fn of(weights: &Weights, bits: Option<u32>) -> Option<Self> {
        let (scales, half) = (weights.scale.as_ref()?, 1i64 << (bits? - 1));
        let channels = weights.values.shape()[0];
        let each = (weights.values.values().len() / channels).max(1);
        let scale = |channel: usize| scales[channel % scales.len()];
        let kernels = || weights.values.values().chunks(each).enumerate();
        let ends = kernels().map(|(channel, kernel)| {
            let levels = kernel.iter().map(|w| (w / scale(channel)).round_ties_even() as i64);
            levels.fold([i64::MAX, i64::MIN], |[least, most], level| [least.min(level), most.max(level)])
        });
        let ends: Vec<[i64; 2]> = ends.collect();
        if ends.iter().all(|&[least, most]| least >= -half && most < half) {
            return None;
        }
        let middles = ends.iter().map(|[least, most]| (least + most + 1).div_euclid(2));
        let missing: Vec<f32> = middles.enumerate().map(|(channel, middle)| middle as f32 * scale(channel)).collect();
        let around = kernels().flat_map(|(channel, kernel)| {
            let middle = (missing[channel] / scale(channel)).round_ties_even();
            kernel.iter().map(move |w| ((w / scale(channel)).round_ties_even() - middle) * scale(channel))
        });
        let values = Arc::new(Tensor::new(weights.values.shape().to_vec(), around.collect()));
        Some(Self { weights: Weights { values, scale: weights.scale.clone() }, missing })
    }
}

/// A convolution of an image `[channels, …]` that `push` appends, its weights being integers of so many bits; `window` tells what of the
/// image an output sees, and in how many groups of channels.
pub(crate) fn convolution(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: NodeId,
    weights: Weights,
    bits: Option<u32>,
    window: impl FnOnce(&[usize]) -> Result<(Window, usize), Problem>,
    push: impl FnOnce(&mut Import, Weights) -> Result<Feature, Problem>,
) -> Result<Feature, Problem> {
    let sides = import.network.shape(input).len() - 1;
    let centered = if (1..=2).contains(&sides) { Centered::of(&weights, bits) } else { None };
    let Some(Centered { weights, missing }) = centered else { return push(import, weights) };
    let (window, groups) = window(&weights.values.shape()[2..])?;
    let taps = window.kernel[0] * window.kernel[1];
    let output = push(import, weights)?;
    let sums = window_means(import, node, input, window, [groups, missing.len()])?;
    let missing = missing.iter().map(|missing| missing * taps as f32).collect();
    let shape = [&[import.network.shape(output.id)[0]][..], &vec![1; sides]].concat();
    added(import, node, output, sums, &Constant::float(shape, missing))
}

/// A product with a matrix `[out, in]` that `push` appends, its weights being integers of so many bits.
pub(crate) fn product(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: Feature,
    weights: Weights,
    bits: Option<u32>,
    push: impl FnOnce(&mut Import, Weights) -> Result<Feature, Problem>,
) -> Result<Feature, Problem> {
    let last = import.network.shape(input.id).len().checked_sub(1);
    let is_batch = input.batch.is_some_and(|batch| Some(batch) == last.map(|last| last + 1));
    let centered = if is_batch { None } else { Centered::of(&weights, bits) };
    let (Some(Centered { weights, missing }), Some(last)) = (centered, last) else { return push(import, weights) };
    let output = push(import, weights)?;
    let sum = Op::Reduce { reduction: Reduction::Sum, axes: vec![last], keep_axes: true };
    let sums = import.push_part(node, sum, &[input.id])?;
    added(import, node, output, sums, &Constant::float(vec![missing.len()], missing))
}

/// The output with `sums` times the constants added.
fn added(
    import: &mut Import,
    node: &OnnxNode<'_>,
    output: Feature,
    sums: NodeId,
    missing: &Constant,
) -> Result<Feature, Problem> {
    let missing = import.constant_node(node, missing, missing.shape().to_vec())?;
    let product = import.push_part(node, Op::Mul, &[sums, missing])?;
    let id = import.push_part(node, Op::Add, &[output.id, product])?;
    Ok(Feature { id, ..output })
}

/// Sums over the channels, means over the taps of all inputs that an output channel sees, for one channel or, in groups, for each.
fn window_means(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: NodeId,
    window: Window,
    [groups, out_channels]: [usize; 2],
) -> Result<NodeId, Problem> {
    let shape = import.network.shape(input).to_vec();
    let split = [&[groups, shape[0] / groups], &shape[1..]].concat();
    let split = import.push_part(node, Op::Reshape { shape: split }, &[input])?;
    let sum = Op::Reduce { reduction: Reduction::Sum, axes: vec![1], keep_axes: false };
    let sums = import.push_part(node, sum, &[split])?;
    let Window { kernel, stride, dilation, padding } = window;
    let pool = Pool { kind: PoolKind::Average { count_padding: true }, kernel, stride, dilation, padding, ceil: false };
    let image = as_image(import, node, sums)?;
    let means = import.push_part(node, Op::Pool(pool), &[image])?;
    let means = as_sequence(import, node, means, shape.len() - 1)?;
    if groups == 1 {
        return Ok(means);
    }
    let indices = (0..out_channels).map(|channel| channel / (out_channels / groups)).collect();
    import.push_part(node, Op::Select { axis: 0, indices }, &[means])
}
