//! Every operation that is not a convolution, on sixteen images at once.
//!
//! Whatever only moves values is a walk over a tensor with other strides: [`positions`].

use super::lanes::{Images, Lanes};
use super::strides::{positions, strides};
use super::{products, statistics};
use crate::elementary::{exp, tanh};
use crate::network::activation::{sigmoid, swish};
use crate::network::infer::broadcast;
use crate::network::{Activation, BatchNorm, Op, Pool, PoolKind, Reduction, Tensor};
use fearless_simd::{Level, dispatch, f32x16, prelude::*};
use std::sync::Arc;

/// One digital operation with output of `shape`; `None` if it is known by name only.
pub(super) fn execute(level: Level, op: &Op, inputs: &mut Vec<Arc<Images>>, shape: &[usize]) -> Option<Images> {
    if let Op::Constant(tensor) = op {
        return Some(tensor.map(|&value| Lanes::splat(value)));
    }
    if inputs.is_empty() {
        return None;
    }
    let first = inputs.remove(0);
    Some(match op {
        Op::Input | Op::Conv(_) | Op::Dense(_) | Op::Opaque { .. } | Op::Constant(_) => return None,
        Op::BatchNorm(norm) => normalize(norm, Arc::unwrap_or_clone(first)),
        Op::Activation(activation) => activate(level, *activation, Arc::unwrap_or_clone(first)),
        Op::Pool(pool) => pool_windows(pool, &first, shape),
        Op::Mean { axes, .. } => mean(axes, &first).reshaped(shape.to_vec()),
        Op::Add => inputs.iter().fold(Arc::unwrap_or_clone(first), |a, b| elementwise(a, b, |a, b| a + b)),
        Op::Mul => inputs.iter().fold(Arc::unwrap_or_clone(first), |a, b| elementwise(a, b, |a, b| a * b)),
        Op::Pairwise(pairwise) => {
            inputs.iter().fold(Arc::unwrap_or_clone(first), |a, b| elementwise(a, b, |a, b| pairwise.of(a, b)))
        }
        Op::Where => choose(&first, &inputs[0], &inputs[1], shape),
        Op::MatMul => products::mat_mul(level, &first, &inputs[0], shape),
        Op::Reduce { reduction, axes, .. } => statistics::reduce(*reduction, axes, &first).reshaped(shape.to_vec()),
        Op::Standardize { axes, epsilon, mean } => {
            statistics::standardize(axes, *epsilon, *mean, Arc::unwrap_or_clone(first))
        }
        Op::TopK(top) => statistics::top_k(top, &first, shape),
        Op::DynamicQuantize => statistics::dynamic_quantize(Arc::unwrap_or_clone(first)),
        Op::Concat { axis } => {
            inputs.insert(0, first);
            concat(*axis, inputs, shape)
        }
        Op::Reshape { .. } => Arc::unwrap_or_clone(first).reshaped(shape.to_vec()),
        Op::Transpose { order } => {
            let strides = strides(first.shape());
            let reordered: Vec<usize> = order.iter().map(|&axis| strides[axis]).collect();
            taken(&first, shape, &reordered, 0)
        }
        Op::Slice { axis, start, step, .. } => {
            let mut strides = strides(first.shape());
            let from = start * strides[*axis];
            strides[*axis] *= step;
            taken(&first, shape, &strides, from)
        }
        Op::Select { axis, indices } => {
            let weighted = |&place: &usize| std::iter::once((place, 1.0));
            along_axis(&first, *axis, shape, |output| weighted(&indices[output]))
        }
        Op::Interpolate { axis, taps } => along_axis(&first, *axis, shape, |output| taps[output].iter().copied()),
        Op::Pad { before, value, .. } => {
            let mut output = Tensor::filled(shape.to_vec(), Lanes::splat(*value));
            put(&first, &mut output, before);
            output
        }
        Op::Softmax { axis } => softmax(*axis, Arc::unwrap_or_clone(first)),
        Op::LogSoftmax { axis } => log_softmax(*axis, Arc::unwrap_or_clone(first)),
        Op::FakeQuantize { scale, zero_point, range } => {
            // In 64 bits, which hold every integer of 32.
            let [zero_point, least, most] = [*zero_point, range[0], range[1]].map(f64::from);
            each(level, Arc::unwrap_or_clone(first), |x| {
                let integer = (f64::from((x / scale).round_ties_even()) + zero_point).max(least).min(most);
                (integer - zero_point) as f32 * scale
            })
        }
    })
}

/// A function of every value.
fn activate(level: Level, activation: Activation, images: Images) -> Images {
    // Told apart here instead of at every value, so that the frequent ones are computed in vectors.
    match activation {
        Activation::Relu => between(level, images, [0.0, f32::INFINITY]),
        Activation::Clip { min, max } => between(level, images, [min, max]),
        Activation::Tanh => each(
            level,
            images,
            #[inline(always)]
            |x| tanh(x.into()) as f32,
        ),
        Activation::Sigmoid => each(
            level,
            images,
            #[inline(always)]
            |x| sigmoid(x.into()) as f32,
        ),
        Activation::Swish { slope } => each(
            level,
            images,
            #[inline(always)]
            |x| swish(x.into(), slope) as f32,
        ),
        other => each(level, images, |x| other.of(x)),
    }
}

/// Every value, or the end it is beyond; what is not a number stays one.
fn between(level: Level, mut images: Images, [least, most]: [f32; 2]) -> Images {
    let values = images.values_mut();
    dispatch!(level, simd => {
        let [least, most] = [f32x16::splat(simd, least), f32x16::splat(simd, most)];
        for lanes in values.iter_mut() {
            let value = f32x16::simd_from(simd, lanes.0);
            let value = value.simd_lt(least).select(least, value);
            *lanes = Lanes(value.simd_gt(most).select(most, value).into());
        }
    });
    images
}

/// `f` of every value.
fn each(level: Level, mut images: Images, f: impl Fn(f32) -> f32 + Copy) -> Images {
    let values = images.values_mut();
    dispatch!(level, _simd => values.iter_mut().for_each(|lanes| *lanes = lanes.map(f)));
    images
}

fn normalize(norm: &BatchNorm, mut images: Images) -> Images {
    if let Some(parameters) = &norm.parameters {
        let per_channel = images.values().len() / images.shape()[0];
        let channels = images.values_mut().chunks_mut(per_channel).zip(&*parameters.scale).zip(&*parameters.shift);
        for ((values, scale), shift) in channels {
            values.iter_mut().for_each(|lanes| *lanes = lanes.map(|x| x * scale + shift));
        }
    }
    images
}

fn pool_windows(pool: &Pool, input: &Images, shape: &[usize]) -> Images {
    let &[channels, height, width] = input.shape() else { unreachable!("pools a feature map") };
    let windows = |axis: usize, length: usize| -> Vec<Window> {
        (0..shape[axis + 1]).map(|output| Window::new(pool, axis, output, length)).collect()
    };
    let (rows, columns) = (windows(0, height), windows(1, width));
    let mut output = Vec::with_capacity(shape.iter().product());
    for channel in 0..channels {
        let map = &input.values()[channel * height * width..][..height * width];
        for row in &rows {
            for column in &columns {
                let values = row.inside.iter().flat_map(|y| column.inside.iter().map(move |x| map[y * width + x]));
                output.push(match pool.kind {
                    PoolKind::Max => values.fold(Lanes::splat(f32::NEG_INFINITY), |a, b| a.with(b, f32::max)),
                    PoolKind::Average { count_padding } => {
                        let counted = if count_padding {
                            row.counted * column.counted
                        } else {
                            row.inside.len() * column.inside.len()
                        };
                        let sum = values.fold(Lanes::splat(0.0), |a, b| a.with(b, |a, b| a + b));
                        sum.map(|sum| sum / counted as f32)
                    }
                });
            }
        }
    }
    Tensor::new(shape.to_vec(), output)
}

/// What a pooling window covers on one axis.
struct Window {
    /// The pixels inside the image.
    inside: Vec<usize>,
    /// Pixels inside the image or its padding; what ceiling mode reaches beyond does not count.
    counted: usize,
}

impl Window {
    fn new(pool: &Pool, axis: usize, output: usize, length: usize) -> Self {
        let [before, after] = pool.padding.on_axis(axis);
        let taps = (0..pool.kernel[axis]).map(|tap| output * pool.stride[axis] + tap * pool.dilation[axis]);
        let counted: Vec<usize> = taps.filter(|&at| at < before + length + after).collect();
        let inside = counted.iter().filter(|&&at| (before..before + length).contains(&at)).map(|at| at - before);
        Self { inside: inside.collect(), counted: counted.len() }
    }
}

/// The mean over `axes`, which become 1.
fn mean(axes: &[usize], input: &Images) -> Images {
    let averaged = |axis: &usize| axes.contains(axis);
    let kept: Vec<usize> =
        (0..input.shape().len()).map(|axis| if averaged(&axis) { 1 } else { input.shape()[axis] }).collect();
    let mut to = strides(&kept);
    axes.iter().for_each(|&axis| to[axis] = 0);
    let mut sums = Tensor::filled(kept, Lanes::splat(0.0));
    let values = sums.values_mut();
    for (lanes, at) in input.values().iter().zip(positions(input.shape(), &to, 0)) {
        values[at] = values[at].with(*lanes, |a, b| a + b);
    }
    let count: usize = axes.iter().map(|&axis| input.shape()[axis]).product();
    values.iter_mut().for_each(|lanes| *lanes = lanes.map(|sum| sum / count as f32));
    sums
}

fn elementwise(mut a: Images, b: &Images, combine: impl Fn(f32, f32) -> f32) -> Images {
    if a.shape() == b.shape() {
        a.values_mut().iter_mut().zip(b.values()).for_each(|(a, b)| *a = a.with(*b, &combine));
        return a;
    }
    let shape = broadcast(a.shape(), b.shape()).expect("shape inference accepted the inputs");
    let pairs = stretched(&a, &shape).zip(stretched(b, &shape));
    let values = pairs.map(|(a, b)| a.with(*b, &combine)).collect();
    Tensor::new(shape, values)
}

/// The values of a tensor broadcast to `shape`: an axis of length 1 stretches, its stride is 0.
fn stretched<'a>(images: &'a Images, shape: &[usize]) -> impl Iterator<Item = &'a Lanes> {
    let mut steps = vec![0; shape.len()];
    let skipped = shape.len() - images.shape().len();
    for (axis, step) in strides(images.shape()).into_iter().enumerate() {
        steps[skipped + axis] = if images.shape()[axis] == 1 { 0 } else { step };
    }
    positions(shape, &steps, 0).map(|at| &images.values()[at])
}

fn choose(condition: &Images, yes: &Images, no: &Images, shape: &[usize]) -> Images {
    let values = stretched(condition, shape).zip(stretched(yes, shape)).zip(stretched(no, shape));
    let chosen = values.map(|((condition, yes), no)| {
        Lanes(std::array::from_fn(|lane| if condition.0[lane] == 0.0 { no.0[lane] } else { yes.0[lane] }))
    });
    let chosen = chosen.collect();
    Tensor::new(shape.to_vec(), chosen)
}

/// Weighted sums along `axis`: `taps(i)` lists the elements that make the `i`-th of the output, with their weights.
fn along_axis<T: Iterator<Item = (usize, f32)>>(
    input: &Images,
    axis: usize,
    shape: &[usize],
    taps: impl Fn(usize) -> T,
) -> Images {
    let inner = strides(input.shape())[axis];
    let mut output = Vec::with_capacity(shape.iter().product());
    for block in input.values().chunks_exact(input.shape()[axis] * inner) {
        for place in 0..shape[axis] {
            let first = output.len();
            for (count, (source, weight)) in taps(place).enumerate() {
                let values = &block[source * inner..][..inner];
                if count == 0 {
                    output.extend(values.iter().map(|lanes| lanes.map(|x| x * weight)));
                } else {
                    let sums = output[first..].iter_mut().zip(values);
                    sums.for_each(|(sum, &lanes): (&mut Lanes, _)| *sum = sum.with(lanes, |sum, x| sum + x * weight));
                }
            }
            output.resize(first + inner, Lanes::splat(0.0));
        }
    }
    Tensor::new(shape.to_vec(), output)
}

fn concat(axis: usize, inputs: &[Arc<Images>], shape: &[usize]) -> Images {
    let mut output = Tensor::filled(shape.to_vec(), Lanes::splat(0.0));
    let mut place = vec![0; shape.len()];
    for input in inputs {
        put(input, &mut output, &place);
        place[axis] += input.shape()[axis];
    }
    output
}

fn softmax(axis: usize, mut images: Images) -> Images {
    let length = images.shape()[axis];
    let inner = strides(images.shape())[axis];
    for values in images.values_mut().chunks_exact_mut(length * inner) {
        for first in 0..inner {
            let along = || (0..length).map(|i| first + i * inner);
            let greatest =
                along().fold(Lanes::splat(f32::NEG_INFINITY), |greatest, at| greatest.with(values[at], f32::max));
            for at in along() {
                values[at] = values[at].with(greatest, |x, greatest| exp((x - greatest).into()) as f32);
            }
            let sum = along().fold(Lanes::splat(0.0), |sum, at| sum.with(values[at], |a, b| a + b));
            for at in along() {
                values[at] = values[at].with(sum, |x, sum| x / sum);
            }
        }
    }
    images
}

fn log_softmax(axis: usize, mut images: Images) -> Images {
    let length = images.shape()[axis];
    let inner = strides(images.shape())[axis];
    for values in images.values_mut().chunks_exact_mut(length * inner) {
        for first in 0..inner {
            for lane in 0..super::LANES {
                let along = |i: usize| first + i * inner;
                let logarithm = Reduction::LogSumExp.of((0..length).map(|i| values[along(i)].0[lane]));
                (0..length).for_each(|i| values[along(i)].0[lane] -= logarithm);
            }
        }
    }
    images
}

/// A tensor of `shape` from the values of `input` at these strides.
fn taken(input: &Images, shape: &[usize], strides: &[usize], from: usize) -> Images {
    let values = positions(shape, strides, from).map(|at| input.values()[at]);
    Tensor::new(shape.to_vec(), values.collect())
}

/// Writes `input` into `output`, its first value at the index `place`.
fn put(input: &Images, output: &mut Images, place: &[usize]) {
    let to = strides(output.shape());
    let from = to.iter().zip(place).map(|(stride, index)| stride * index).sum();
    for (lanes, at) in input.values().iter().zip(positions(input.shape(), &to, from)) {
        output.values_mut()[at] = *lanes;
    }
}
