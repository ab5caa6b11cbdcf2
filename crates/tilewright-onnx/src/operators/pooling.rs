//! Pooling over windows and over whole axes, of any number of spatial axes.

use super::Outcome;
use super::window::Sides;
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Quantized, Value};
use std::ops::Range;
use tilewright::network::{Activation, NodeId, Op, Padding, Pairwise, Pool, PoolKind, Tensor};

pub(super) fn max(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.only_int("storage_order", 0)?;
    let Some(Value::Quantized(quantized)) = node.input(0) else { return pool(import, node, PoolKind::Max) };
    // Of integers in the order of the values they stand for.
    let levels = import.dequantized(node, quantized)?;
    let by_value = node.with_inputs(vec![Some(Value::Node(levels))]);
    let input = import.image(&by_value, 0)?;
    match pooled(import, node, input, PoolKind::Max)? {
        Some(source) => {
            Ok(Outcome::Values(vec![Value::Quantized(Quantized { source, rounded: true, ..quantized.clone() })]))
        }
        None => Ok(Outcome::Digital),
    }
}

pub(super) fn average(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let count_padding = node.attributes.flag("count_include_pad", false)?;
    pool(import, node, PoolKind::Average { count_padding })
}

fn pool(import: &mut Import, node: &OnnxNode<'_>, kind: PoolKind) -> Result<Outcome, Problem> {
    let input = import.image(node, 0)?;
    match pooled(import, node, input, kind)? {
        Some(output) => Ok(output.into()),
        None => Ok(Outcome::Digital),
    }
}

/// Windows over any number of spatial axes, the last two first: a window's greatest value or mean is that of its rows'.
fn pooled(import: &mut Import, node: &OnnxNode<'_>, input: NodeId, kind: PoolKind) -> Result<Option<Feature>, Problem> {
    let shape = import.network.shape(input).to_vec();
    let count = shape.len().saturating_sub(1);
    if count == 0 {
        return Ok(None);
    }
    let ceil = node.attributes.flag("ceil_mode", false)?;
    let sides = Sides::read(node, &shape, None)?;
    check_padding(node, &sides)?;
    let mut id = input;
    let mut done = count;
    while done > 0 {
        let axes = if done > 1 { done - 2..done } else { 0..1 };
        id = pool_axes(import, node, id, axes.clone(), &sides, kind, ceil)?;
        done = axes.start;
    }
    Ok(Some(Feature::image(id)))
}

/// One or two neighbouring spatial axes, the others being channels or, behind them, places of the width.
fn pool_axes(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: NodeId,
    axes: Range<usize>,
    sides: &Sides,
    kind: PoolKind,
    ceil: bool,
) -> Result<NodeId, Problem> {
    let shape = import.network.shape(input).to_vec();
    let behind: usize = shape[axes.end + 1..].iter().product();
    // Two axes that are pooled fill an image. One alone is its height, and what is behind it its width.
    let pair = axes.len() == 2;
    let pick = |values: &[usize], alone: usize| match pair {
        true => [values[axes.start], values[axes.start + 1]],
        false if behind > 1 => [values[axes.start], alone],
        false => [alone, values[axes.start]],
    };
    let side = |which: usize| pick(&sides.padding.iter().map(|padding| padding[which]).collect::<Vec<_>>(), 0);
    let ([top, left], [bottom, right]) = (side(0), side(1));
    let pool = Pool {
        kind,
        kernel: pick(&sides.kernel, 1),
        stride: pick(&sides.stride, 1),
        dilation: pick(&sides.dilation, 1),
        padding: Padding { top, left, bottom, right },
        ceil,
    };
    let channels = shape[..axes.start + 1].iter().product();
    let [height, width] = if pair { [shape[axes.start + 1], shape[axes.start + 2]] } else { pick(&shape[1..], behind) };
    let image = vec![channels, height, width];
    let simple = shape == image;
    let from = if simple { input } else { import.push_part(node, Op::Reshape { shape: image }, &[input])? };
    if simple && sides.kernel.len() == axes.len() {
        return import.push(node, Op::Pool(pool), &[from]);
    }
    let output = import.push_part(node, Op::Pool(pool), &[from])?;
    let [_, height, width] = *import.network.shape(output) else { return Err(node.fail("pools no feature map")) };
    let pooled = match (pair, behind > 1) {
        (true, _) => vec![height, width],
        (false, true) => vec![height],
        (false, false) => vec![width],
    };
    let result = [&shape[..axes.start + 1], &pooled, &shape[axes.end + 1..]].concat();
    import.push_part(node, Op::Reshape { shape: result }, &[output])
}

/// (Σ |x|^p)^(1 / p) over windows.
pub(super) fn lp(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let p = node.attributes.int("p", 2)?;
    if p < 1 {
        return Err(node.attributes.unsupported("p", p, "1 and more are allowed"));
    }
    if node.attributes.flag("ceil_mode", false)? {
        // A window that reaches beyond the padding has a divisor of its own.
        return Err(node.attributes.unsupported("ceil_mode", 1, "0 is allowed"));
    }
    let input = import.image(node, 0)?;
    let power = |import: &mut Import, id: NodeId, exponent: f32| {
        let exponent = import.push_part(node, Op::Constant(Tensor::new(vec![], vec![exponent]).into()), &[])?;
        import.push_part(node, Op::Pairwise(Pairwise::Pow), &[id, exponent])
    };
    let magnitudes = import.push_part(node, Op::Activation(Activation::Abs), &[input])?;
    let powers = power(import, magnitudes, p as f32)?;
    let Some(means) = pooled(import, node, powers, PoolKind::Average { count_padding: true })? else {
        return Ok(Outcome::Digital);
    };
    let count: i64 = node.attributes.ints("kernel_shape")?.unwrap_or(&[]).iter().product();
    let count = import.push_part(node, Op::Constant(Tensor::new(vec![], vec![count as f32]).into()), &[])?;
    let sums = import.push_part(node, Op::Mul, &[means.id, count])?;
    Ok(power(import, sums, 1.0 / p as f32)?.into())
}

/// A window that sees nothing but padding has no maximum and no average.
fn check_padding(node: &OnnxNode<'_>, sides: &Sides) -> Result<(), Problem> {
    for (axis, padding) in sides.padding.iter().enumerate() {
        let extent = (sides.kernel[axis] - 1) * sides.dilation[axis] + 1;
        let greatest = padding[0].max(padding[1]);
        if greatest >= extent {
            let allowed = format!("less than the kernel's extent {extent} is allowed");
            return Err(node.attributes.unsupported("pads", greatest, &allowed));
        }
    }
    Ok(())
}

pub(super) fn global_average(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = import.image(node, 0)?;
    let axes = (1..import.network.shape(input).len()).collect();
    Ok(import.push(node, Op::Mean { axes, keep_axes: true }, &[input])?.into())
}

pub(super) fn global_max(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = import.image(node, 0)?;
    let shape = import.network.shape(input).to_vec();
    let [channels, places @ ..] = shape.as_slice() else { return Ok(Outcome::Digital) };
    let kernel = match *places {
        [height, width] => [height, width],
        _ => [1, places.iter().product()],
    };
    let image = vec![*channels, kernel[0], kernel[1]];
    let image = if shape == image { input } else { import.push_part(node, Op::Reshape { shape: image }, &[input])? };
    let output = import.push(node, Op::Pool(Pool { kernel, ..Pool::max(1, 1) }), &[image])?;
    if places.len() == 2 {
        return Ok(output.into());
    }
    let shape = [&[*channels][..], &vec![1; places.len()]].concat();
    Ok(import.push_part(node, Op::Reshape { shape }, &[output])?.into())
}
