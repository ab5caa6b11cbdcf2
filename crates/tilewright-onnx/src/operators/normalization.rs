//! Normalisations over channels, axes and groups, and Softmax.

use super::{Outcome, reduction::own_axes};
use crate::building::Import;
use crate::constant::Constant;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
use tilewright::network::{BatchNorm, NodeId, Op, Pairwise, Reduction, ScaleShift, Tensor};

/// gamma · (x − mean) / √(variance + epsilon) + beta (Ioffe, Szegedy 2015, algorithm 2).
pub(super) fn batch_norm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let attributes = &node.attributes;
    attributes.ignore(&["momentum"]);
    attributes.only_int("training_mode", 0)?;
    attributes.only_int("spatial", 1)?;
    let epsilon = f64::from(attributes.float("epsilon", 1e-5)?);
    let mut parameters = vec![];
    for index in 1..=4 {
        let Some(constant) = node.constant(index) else { return Ok(Outcome::Digital) };
        parameters.push(node.finite(constant)?.values());
    }
    let &[gamma, beta, mean, variance] = parameters.as_slice() else { unreachable!("four were read") };
    if [beta, mean, variance].iter().any(|values| values.len() != gamma.len()) {
        return Err(node.fail("has scale, bias, mean and variance of different lengths"));
    }
    let factor = |channel: usize| f64::from(gamma[channel]) / (f64::from(variance[channel]) + epsilon).sqrt();
    if let Some(channel) = (0..gamma.len()).find(|&channel| !(factor(channel) as f32).is_finite()) {
        return Err(node.fail(format!(
            "divides channel {channel} by the root of its variance {} + {epsilon}; a positive sum is expected",
            variance[channel]
        )));
    }
    let channels = 0..gamma.len();
    let scale = channels.clone().map(|channel| factor(channel) as f32).collect();
    let shift = channels.map(|channel| (f64::from(beta[channel]) - f64::from(mean[channel]) * factor(channel)) as f32);
    let norm = BatchNorm { parameters: Some(ScaleShift { scale, shift: shift.collect() }) };
    let input = node.runtime(0)?;
    if input.batch.is_none() && !matches!(import.full_shape(input)[..], [] | [_] | [1, ..]) {
        return channels_second(import, node, input, norm);
    }
    let input = import.image(node, 0)?;
    Ok(import.push(node, Op::BatchNorm(norm), &[input])?.into())
}

/// A normalisation of a tensor whose batch has been merged into another axis: each value is scaled by itself, so no images mix.
fn channels_second(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: Feature,
    norm: BatchNorm,
) -> Result<Outcome, Problem> {
    let mut order: Vec<usize> = (0..import.full_shape(input).len()).collect();
    order.swap(0, 1);
    let turned = import.push_part(node, Op::Transpose { order: order.clone() }, &[input.id])?;
    let normalized = import.push(node, Op::BatchNorm(norm), &[turned])?;
    Ok(Feature { id: import.push_part(node, Op::Transpose { order }, &[normalized])?, ..input }.into())
}

/// Over the axes from `axis` on, scaled and shifted by constants of their shape.
pub(super) fn layer_norm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.ignore(&["stash_type"]);
    let simplified = ["RMSNormalization", "SimplifiedLayerNormalization"].contains(&node.operator.as_str());
    let epsilon = node.attributes.float("epsilon", 1e-5)?;
    let input = node.runtime(0)?;
    let axis = node.attributes.int("axis", -1)?;
    let from = node.axis("axis", axis, import.full_shape(input).len())?;
    if input.batch.is_some_and(|batch| batch >= from) {
        return Err(node.attributes.unsupported(
            "axis",
            axis,
            "the batch axis must be left alone, or images would mix",
        ));
    }
    let from = from - usize::from(input.batch.is_some());
    let axes = (from..import.network.shape(input.id).len()).collect();
    let id = import.push(node, Op::Standardize { axes, epsilon, mean: !simplified }, &[input.id])?;
    Ok(scaled_and_shifted(import, node, Feature { id, ..input }, [1, 2], <[usize]>::to_vec)?.into())
}

/// Times the constant input `scale` and plus the constant input `shift`, if they are there, after `shaped` has given them a shape that
/// broadcasts to the node's.
fn scaled_and_shifted(
    import: &mut Import,
    node: &OnnxNode<'_>,
    mut feature: Feature,
    [scale, shift]: [usize; 2],
    shaped: impl Fn(&[usize]) -> Vec<usize>,
) -> Result<Feature, Problem> {
    for (index, op) in [(scale, Op::Mul), (shift, Op::Add)] {
        let Some(constant) = node.constant(index) else {
            if node.varies(index) {
                return Err(
                    node.fail(format!("has an input {index} that depends on the image; a constant is expected"))
                );
            }
            continue;
        };
        node.finite(constant)?;
        let constant = import.constant_node(node, constant, shaped(constant.shape()))?;
        feature.id = import.push_part(node, op, &[feature.id, constant])?;
    }
    Ok(feature)
}

/// Over all places of each channel.
pub(super) fn instance_norm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let epsilon = node.attributes.float("epsilon", 1e-5)?;
    let input = import.image(node, 0)?;
    let axes: Vec<usize> = (1..import.network.shape(input).len()).collect();
    let places = axes.len();
    let id = import.push(node, Op::Standardize { axes, epsilon, mean: true }, &[input])?;
    let per_channel = |shape: &[usize]| [shape, &vec![1; places]].concat();
    Ok(scaled_and_shifted(import, node, Feature::image(id), [1, 2], per_channel)?.into())
}

/// Over all places of the channels of each group. Before operator set 21 there is one scale and shift a group, since then a channel.
pub(super) fn group_norm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.ignore(&["stash_type"]);
    let epsilon = node.attributes.float("epsilon", 1e-5)?;
    let groups = node.attributes.int("num_groups", 0)?;
    let input = import.image(node, 0)?;
    let shape = import.network.shape(input).to_vec();
    let channels = shape.first().copied().unwrap_or(0);
    let groups =
        usize::try_from(groups).ok().filter(|&groups| groups > 0 && channels.is_multiple_of(groups)).ok_or_else(
            || node.attributes.unsupported("num_groups", groups, &format!("a divisor of {channels} is allowed")),
        )?;
    let split = vec![groups, shape.iter().product::<usize>() / groups];
    let split = import.push_part(node, Op::Reshape { shape: split }, &[input])?;
    let id = import.push(node, Op::Standardize { axes: vec![1], epsilon, mean: true }, &[split])?;
    let per_group = node.constant(1).is_some_and(|scale| scale.len() == groups) && groups != channels;
    let places = shape.len() - 1;
    let mut feature = Feature::image(id);
    if per_group {
        feature = scaled_and_shifted(import, node, feature, [1, 2], |shape| [shape, &[1]].concat())?;
    }
    feature.id = import.push_part(node, Op::Reshape { shape }, &[feature.id])?;
    if !per_group {
        let per_channel = |shape: &[usize]| [shape, &vec![1; places]].concat();
        feature = scaled_and_shifted(import, node, feature, [1, 2], per_channel)?;
    }
    Ok(feature.into())
}

/// (x − mean) / deviation over `axes`, those of a feature map by default.
pub(super) fn mean_variance(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = node.runtime(0)?;
    let axes = node.attributes.ints("axes")?.map_or_else(|| vec![0, 2, 3], <[i64]>::to_vec);
    // The default includes the batch axis, whose statistics are those of one image here only if it is left out.
    if input.batch.is_some() && axes.contains(&0) {
        let allowed = "the batch axis must be left alone, or images would mix";
        return Err(node.attributes.unsupported("axes", format!("{axes:?}"), allowed));
    }
    let axes = own_axes(import, node, input, &axes)?;
    // The standard's own definition has an epsilon of 1e-9 on the deviation.
    Ok(import.push_on(node, Op::Standardize { axes, epsilon: 1e-18, mean: true }, input)?.into())
}

/// x / ‖x‖ along an axis, 0 where the norm is.
pub(super) fn lp_norm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = node.runtime(0)?;
    let axis = import.axis(node, input, "axis", node.attributes.int("axis", -1)?)?;
    let reduction = match node.attributes.int("p", 2)? {
        1 => Reduction::L1,
        2 => Reduction::L2,
        p => return Err(node.attributes.unsupported("p", p, "1 and 2 are allowed")),
    };
    let norm = Op::Reduce { reduction, axes: vec![axis], keep_axes: true };
    let norm = import.push_part(node, norm, &[input.id])?;
    let quotient = import.push_part(node, Op::Pairwise(Pairwise::Div), &[input.id, norm])?;
    // Zeros stay zeros.
    let zero = number(import, node, 0.0)?;
    let id = import.push(node, Op::Where, &[norm, quotient, zero])?;
    Ok(Feature { id, ..input }.into())
}

/// x / (bias + alpha / size · Σ x²)^beta over neighbouring channels (Krizhevsky, Sutskever, Hinton 2012, section 3.3).
pub(super) fn local_response(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let attributes = &node.attributes;
    let (alpha, beta) = (attributes.float("alpha", 1e-4)?, attributes.float("beta", 0.75)?);
    let bias = attributes.float("bias", 1.0)?;
    let size = attributes.int("size", 0)?;
    let input = import.image(node, 0)?;
    let channels = import.network.shape(input).first().copied().unwrap_or(0);
    let size = usize::try_from(size)
        .ok()
        .filter(|size| (1..=1 << 16).contains(size))
        .ok_or_else(|| attributes.unsupported("size", size, "1 to 65536 are allowed"))?;
    let (before, after) = ((size - 1) / 2, (size - 1) - (size - 1) / 2);
    let taps = (0..channels).map(|channel| {
        let nearby = channel.saturating_sub(before)..=(channel + after).min(channels - 1);
        nearby.map(|place| (place, alpha / size as f32)).collect::<Vec<_>>()
    });
    import.spend(node, channels.saturating_mul(size.min(channels)))?;
    let taps: Vec<_> = taps.collect();
    let squares = import.push_part(node, Op::Mul, &[input, input])?;
    let sums = import.push_part(node, Op::Interpolate { axis: 0, taps: taps.into() }, &[squares])?;
    let bias = number(import, node, bias)?;
    let base = import.push_part(node, Op::Add, &[sums, bias])?;
    let exponent = number(import, node, beta)?;
    let divisor = import.push_part(node, Op::Pairwise(Pairwise::Pow), &[base, exponent])?;
    Ok(import.push(node, Op::Pairwise(Pairwise::Div), &[input, divisor])?.into())
}

fn number(import: &mut Import, node: &OnnxNode<'_>, value: f32) -> Result<NodeId, Problem> {
    import.push_part(node, Op::Constant(Tensor::new(vec![], vec![value]).into()), &[])
}

/// Softmax and LogSoftmax. Before operator set 13, the values along all axes from `axis` on sum to 1.
pub(super) fn softmax(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = node.runtime(0)?;
    let flattens = import.opset < 13 && !node.operator.contains("::");
    let axis = node.attributes.int("axis", if flattens { 1 } else { -1 })?;
    let along = import.axis(node, input, "axis", axis)?;
    let op = |axis: usize| if node.operator == "LogSoftmax" { Op::LogSoftmax { axis } } else { Op::Softmax { axis } };
    let shape = import.network.shape(input.id).to_vec();
    if !flattens || shape[along + 1..].iter().all(|&length| length == 1) {
        return Ok(import.push_on(node, op(along), input)?.into());
    }
    let [before, after] = [&shape[..along], &shape[along..]].map(|lengths| lengths.iter().product());
    let flat = import.push_part(node, Op::Reshape { shape: vec![before, after] }, &[input.id])?;
    let normalized = import.push(node, op(1), &[flat])?;
    let id = import.push_part(node, Op::Reshape { shape }, &[normalized])?;
    Ok(Feature { id, ..input }.into())
}

/// A sum of two inputs that a runtime has fused with the normalisation after it.
pub(super) fn skip_layer_norm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let simplified = node.operator.contains("Simplified");
    let bias = if simplified { 3 } else { 4 };
    let mut sum = super::arithmetic::combine(import, node, Op::Add, 0..2)?;
    if let Some(Value::Constant(bias)) = node.input(bias) {
        sum.id = constant_sum(import, node, sum.id, bias)?;
    }
    let epsilon = node.attributes.float("epsilon", 1e-12)?;
    let last = import.network.shape(sum.id).len() - 1;
    let op = Op::Standardize { axes: vec![last], epsilon, mean: !simplified };
    let id = import.push_part(node, op, &[sum.id])?;
    let parameters = if simplified { [2, usize::MAX] } else { [2, 3] };
    Ok(scaled_and_shifted(import, node, Feature { id, ..sum }, parameters, <[usize]>::to_vec)?.into())
}

fn constant_sum(import: &mut Import, node: &OnnxNode<'_>, id: NodeId, bias: &Constant) -> Result<NodeId, Problem> {
    let bias = import.constant_node(node, bias, bias.shape().to_vec())?;
    import.push_part(node, Op::Add, &[id, bias])
}
