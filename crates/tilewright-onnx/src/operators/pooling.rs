//! Pooling over windows and over whole axes.

use super::Outcome;
use super::window::{Window, as_image, as_sequence};
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Quantized, Value};
use tilewright::network::{NodeId, Op, Padding, Pool, PoolKind};

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

/// Windows over one or two spatial axes; `None` for more.
fn pooled(import: &mut Import, node: &OnnxNode<'_>, input: NodeId, kind: PoolKind) -> Result<Option<Feature>, Problem> {
    let input_shape = import.network.shape(input);
    let sides = input_shape.len().saturating_sub(1);
    if !(1..=2).contains(&sides) {
        return Ok(None);
    }
    let ceil = node.attributes.flag("ceil_mode", false)?;
    let Window { kernel, stride, dilation, padding } = Window::read(node, input_shape, None)?;
    check_padding(node, kernel, dilation, padding)?;
    let image = as_image(import, node, input)?;
    let pool = Pool { kind, kernel, stride, dilation, padding, ceil };
    let output = import.push(node, Op::Pool(pool), &[image])?;
    Ok(Some(Feature::image(as_sequence(import, node, output, sides)?)))
}

/// A window that sees nothing but padding has no maximum and no average.
fn check_padding(
    node: &OnnxNode<'_>,
    kernel: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
) -> Result<(), Problem> {
    for axis in [0, 1] {
        let extent = (kernel[axis] - 1) * dilation[axis] + 1;
        let greatest = padding.on_axis(axis).into_iter().max().unwrap_or(0);
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
    let kernel = match *import.network.shape(input) {
        [_, height, width] => [height, width],
        [_, length] => [1, length],
        _ => return Ok(Outcome::Digital),
    };
    let sides = import.network.shape(input).len() - 1;
    let image = as_image(import, node, input)?;
    let output = import.push(node, Op::Pool(Pool { kernel, ..Pool::max(1, 1) }), &[image])?;
    Ok(as_sequence(import, node, output, sides)?.into())
}
