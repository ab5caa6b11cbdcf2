//! The walk over the graph and every operation that is not a convolution.

use super::convolution::convolution;
use super::elements::{for_each_index, gather, offset, value};
use super::products;
use crate::elementary::{exp, ln};
use crate::network::dynamic_scale::DynamicScale;
use crate::network::infer::broadcast;
use crate::network::{BatchNorm, Layer, Network, NetworkError, Op, Pool, PoolKind, Tensor, TopK};

/// Runs all nodes in order; `layer` computes the layers, given their input and node, as `[out_channels, height, width]`.
pub(super) fn run(
    network: &Network,
    image: &Tensor<f32>,
    mut layer: impl FnMut(&Layer, &Op, &Tensor<f32>) -> Result<Tensor<f32>, NetworkError>,
) -> Result<Vec<Tensor<f32>>, NetworkError> {
    let wanted = network.shape(network.input());
    if !network.takes(image.shape()) {
        let problem = format!("takes an image of shape {wanted:?}, not {:?}", image.shape());
        return Err(NetworkError::Layer { layer: network.name.clone(), problem });
    }
    let mut outputs: Vec<Tensor<f32>> = Vec::with_capacity(network.nodes().len());
    for (id, node) in network.iter() {
        let inputs: Vec<&Tensor<f32>> = node.inputs.iter().map(|input| &outputs[input.0]).collect();
        let output = match (network.layer(id), network.convolution(id)) {
            (Some(at), _) => layer(&at, &node.op, inputs[0])?.reshaped(node.shape.clone()),
            (None, Some(kept)) => convolution(&kept, &node.op, inputs[0])?.reshaped(node.shape.clone()),
            (None, None) if node.op == Op::Input => image.clone().reshaped(node.shape.clone()),
            (None, None) => execute(&node.op, &inputs, &node.shape).ok_or_else(|| NetworkError::Layer {
                layer: node.name.clone(),
                problem: format!("is a {}, which can be listed but not executed", node.op.name()),
            })?,
        };
        outputs.push(output);
    }
    Ok(outputs)
}

/// One digital operation with output of `shape`; `None` if it is known by name only.
pub(super) fn execute(op: &Op, inputs: &[&Tensor<f32>], shape: &[usize]) -> Option<Tensor<f32>> {
    Some(match op {
        Op::Input | Op::Conv(_) | Op::Dense(_) | Op::Opaque { .. } => return None,
        Op::BatchNorm(norm) => normalize(norm, inputs[0]),
        Op::Activation(activation) => inputs[0].map(|&x| activation.of(x)),
        Op::Pool(pool) => pool_windows(pool, inputs[0], shape),
        Op::Mean { axes, .. } => mean(axes, inputs[0], shape),
        Op::Add => elementwise(inputs, |a, b| a + b),
        Op::Mul => elementwise(inputs, |a, b| a * b),
        Op::Pairwise(pairwise) => elementwise(inputs, |a, b| pairwise.of(a, b)),
        Op::Where => gather(shape, |at| {
            let chosen = if stretched(inputs[0], at) == 0.0 { inputs[2] } else { inputs[1] };
            stretched(chosen, at)
        }),
        Op::MatMul => products::mat_mul(inputs[0], inputs[1], shape),
        Op::Reduce { reduction, axes, .. } => {
            let kept: Vec<usize> = kept_axes(axes, inputs[0].shape());
            gather(&kept, |at| reduction.of(along(axes, inputs[0], at))).reshaped(shape.to_vec())
        }
        Op::Standardize { axes, epsilon, mean } => standardize(axes, *epsilon, *mean, inputs[0]),
        Op::Concat { axis } => concat(*axis, inputs, shape),
        Op::Reshape { shape } => inputs[0].clone().reshaped(shape.clone()),
        Op::Transpose { order } => {
            let mut source = vec![0; order.len()];
            gather(shape, |at| {
                order.iter().zip(at).for_each(|(&axis, &index)| source[axis] = index);
                value(inputs[0], &source)
            })
        }
        Op::Slice { axis, start, step, .. } => gather(shape, |at| {
            let mut source = at.to_vec();
            source[*axis] = start + step * at[*axis];
            value(inputs[0], &source)
        }),
        Op::Select { axis, indices } => gather(shape, |at| {
            let mut source = at.to_vec();
            source[*axis] = indices[at[*axis]];
            value(inputs[0], &source)
        }),
        Op::Interpolate { axis, taps } => gather(shape, |at| {
            let mut source = at.to_vec();
            let products = taps[at[*axis]].iter().map(|&(place, weight)| {
                source[*axis] = place;
                f64::from(weight) * f64::from(value(inputs[0], &source))
            });
            products.sum::<f64>() as f32
        }),
        Op::Pad { before, value: filling, .. } => gather(shape, |at| {
            let inside = |axis: usize| at[axis].checked_sub(before[axis]).filter(|&i| i < inputs[0].shape()[axis]);
            let source: Option<Vec<usize>> = (0..at.len()).map(inside).collect();
            source.map_or(*filling, |source| value(inputs[0], &source))
        }),
        Op::Softmax { axis } => softmax(*axis, inputs[0], exp),
        Op::LogSoftmax { axis } => softmax(*axis, inputs[0], |exponent| exponent),
        Op::DynamicQuantize => {
            let scale = DynamicScale::of(inputs[0].values().iter().copied());
            inputs[0].map(|&x| scale.round(x))
        }
        Op::FakeQuantize { scale, zero_point, range } => inputs[0].map(|x| {
            let level = ((x / scale).round_ties_even() as i64).saturating_add((*zero_point).into());
            let level = level.clamp(range[0].into(), range[1].into());
            (level - i64::from(*zero_point)) as f32 * scale
        }),
        Op::TopK(top) => top_k(top, inputs[0], shape),
        Op::Constant(tensor) => (**tensor).clone(),
    })
}

fn normalize(norm: &BatchNorm, input: &Tensor<f32>) -> Tensor<f32> {
    let mut output = input.clone();
    if let Some(parameters) = &norm.parameters {
        let per_channel = input.values().len() / input.shape()[0];
        for (channel, values) in output.values_mut().chunks_mut(per_channel).enumerate() {
            for x in values {
                *x = *x * parameters.scale[channel] + parameters.shift[channel];
            }
        }
    }
    output
}

fn pool_windows(pool: &Pool, input: &Tensor<f32>, shape: &[usize]) -> Tensor<f32> {
    let [height, width] = [input.shape()[1], input.shape()[2]];
    let padded = [height + pool.padding.top + pool.padding.bottom, width + pool.padding.left + pool.padding.right];
    gather(shape, |at| {
        let (mut greatest, mut sum, mut inside, mut counted) = (f32::NEG_INFINITY, 0f64, 0u32, 0u32);
        for ky in 0..pool.kernel[0] {
            for kx in 0..pool.kernel[1] {
                let y = at[1] * pool.stride[0] + ky * pool.dilation[0];
                let x = at[2] * pool.stride[1] + kx * pool.dilation[1];
                // A window of ceiling mode may reach past the padding; that part never counts.
                counted += u32::from(y < padded[0] && x < padded[1]);
                if let (Some(y), Some(x)) = (y.checked_sub(pool.padding.top), x.checked_sub(pool.padding.left))
                    && y < height
                    && x < width
                {
                    let value = value(input, &[at[0], y, x]);
                    greatest = greatest.max(value);
                    sum += f64::from(value);
                    inside += 1;
                }
            }
        }
        match pool.kind {
            PoolKind::Max => greatest,
            PoolKind::Average { count_padding } => {
                (sum / f64::from(if count_padding { counted } else { inside })) as f32
            }
        }
    })
}

fn mean(axes: &[usize], input: &Tensor<f32>, shape: &[usize]) -> Tensor<f32> {
    let kept: Vec<usize> =
        (0..input.shape().len()).map(|axis| if axes.contains(&axis) { 1 } else { input.shape()[axis] }).collect();
    let mut sums = Tensor::filled(kept.clone(), 0f64);
    let count: usize = axes.iter().map(|&axis| input.shape()[axis]).product();
    for_each_index(input.shape(), |flat, at| {
        let target: Vec<usize> =
            at.iter().enumerate().map(|(axis, &i)| if axes.contains(&axis) { 0 } else { i }).collect();
        let offset = offset(&kept, &target);
        sums.values_mut()[offset] += f64::from(input.values()[flat]);
    });
    sums.map(|&sum| (sum / count as f64) as f32).reshaped(shape.to_vec())
}

fn elementwise(inputs: &[&Tensor<f32>], combine: impl Fn(f32, f32) -> f32) -> Tensor<f32> {
    let first = inputs[0].clone();
    inputs[1..].iter().fold(first, |a, b| {
        let shape = broadcast(a.shape(), b.shape()).expect("shape inference accepted the inputs");
        gather(&shape, |at| combine(stretched(&a, at), stretched(b, at)))
    })
}

/// The value that numpy broadcasting puts at `at`.
fn stretched(tensor: &Tensor<f32>, at: &[usize]) -> f32 {
    let skipped = at.len() - tensor.shape().len();
    let source: Vec<usize> =
        tensor.shape().iter().zip(&at[skipped..]).map(|(&length, &i)| if length == 1 { 0 } else { i }).collect();
    value(tensor, &source)
}

fn concat(axis: usize, inputs: &[&Tensor<f32>], shape: &[usize]) -> Tensor<f32> {
    gather(shape, |at| {
        let mut source = at.to_vec();
        for input in inputs {
            let length = input.shape()[axis];
            if source[axis] < length {
                return value(input, &source);
            }
            source[axis] -= length;
        }
        unreachable!("the joined axis is as long as its parts")
    })
}

/// `yields` of the logarithm of each normalised exponential along `axis`.
fn softmax(axis: usize, input: &Tensor<f32>, yields: impl Fn(f64) -> f64) -> Tensor<f32> {
    gather(input.shape(), |at| {
        let values = || along(&[axis], input, at).map(f64::from);
        let greatest = values().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = values().map(|x| exp(x - greatest)).sum();
        yields(f64::from(value(input, at)) - greatest - ln(sum)) as f32
    })
}

fn top_k(top: &TopK, input: &Tensor<f32>, shape: &[usize]) -> Tensor<f32> {
    gather(shape, |at| {
        let values: Vec<f32> = along(&[top.axis], input, at).collect();
        let place = top.places(&values)[at[top.axis]];
        if top.places { place as f32 } else { values[place] }
    })
}

fn standardize(axes: &[usize], epsilon: f32, mean: bool, input: &Tensor<f32>) -> Tensor<f32> {
    let count: f64 = axes.iter().map(|&axis| input.shape()[axis] as f64).product();
    let statistics = |at: &[usize]| {
        let values = || along(axes, input, at).map(f64::from);
        let center = if mean { values().sum::<f64>() / count } else { 0.0 };
        let variance = values().map(|x| (x - center).powi(2)).sum::<f64>() / count;
        [center, (variance + f64::from(epsilon)).sqrt()]
    };
    let kept = kept_axes(axes, input.shape());
    let mut all = vec![];
    for_each_index(&kept, |_, at| all.push(statistics(at)));
    gather(input.shape(), |at| {
        let own: Vec<usize> = at.iter().zip(&kept).map(|(&i, &length)| if length == 1 { 0 } else { i }).collect();
        let [center, deviation] = all[offset(&kept, &own)];
        ((f64::from(value(input, at)) - center) / deviation) as f32
    })
}

/// The shape with `axes` of length 1.
fn kept_axes(axes: &[usize], shape: &[usize]) -> Vec<usize> {
    shape.iter().enumerate().map(|(axis, &length)| if axes.contains(&axis) { 1 } else { length }).collect()
}

/// All values that differ from the index `at` on `axes` only, in row-major order.
fn along<'a>(axes: &[usize], input: &'a Tensor<f32>, at: &[usize]) -> impl Iterator<Item = f32> + Clone + use<'a> {
    let lengths: Vec<usize> = axes.iter().map(|&axis| input.shape()[axis]).collect();
    let steps: Vec<usize> = axes.iter().map(|&axis| input.shape()[axis + 1..].iter().product()).collect();
    let mut first = at.to_vec();
    axes.iter().for_each(|&axis| first[axis] = 0);
    let first = offset(input.shape(), &first);
    (0..lengths.iter().product()).map(move |mut index: usize| {
        let mut place = first;
        for axis in (0..lengths.len()).rev() {
            place += index % lengths[axis] * steps[axis];
            index /= lengths[axis];
        }
        input.values()[place]
    })
}
