//! Pooling over windows and over whole axes.

use super::Outcome;
use super::window::{Window, as_image, as_sequence};
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use tilewright::network::{Op, Padding, Pool, PoolKind};

pub(super) fn max(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.only_int("storage_order", 0)?;
    pool(import, node, PoolKind::Max)
}

pub(super) fn average(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let count_padding = node.attributes.flag("count_include_pad", false)?;
    pool(import, node, PoolKind::Average { count_padding })
}

fn pool(import: &mut Import, node: &OnnxNode<'_>, kind: PoolKind) -> Result<Outcome, Problem> {
    let input = node.runtime(0)?;
    let input_shape = import.network.shape(input);
    let sides = input_shape.len().saturating_sub(1);
    if !(1..=2).contains(&sides) {
        return Ok(Outcome::Digital);
    }
    let ceil = node.attributes.flag("ceil_mode", false)?;
    let Window { kernel, stride, dilation, padding } = Window::read(node, input_shape, None)?;
    check_padding(node, kernel, dilation, padding)?;
    let image = as_image(import, node, input)?;
    let pool = Pool { kind, kernel, stride, dilation, padding, ceil };
    let output = import.push(node, Op::Pool(pool), &[image])?;
    Ok(as_sequence(import, node, output, sides)?.into())
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
    let axes = (1..import.rank(node)? - 1).collect();
    Ok(import.push(node, Op::Mean { axes, keep_axes: true }, &[node.runtime(0)?])?.into())
}

pub(super) fn global_max(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = node.runtime(0)?;
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

pub(super) fn reduce_mean(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if node.varies(1) {
        return Ok(Outcome::Digital);
    }
    let rank = import.rank(node)?;
    let keep_axes = node.attributes.flag("keepdims", true)?;
    let empty_is_none = node.attributes.flag("noop_with_empty_axes", false)?;
    let axes = node.list(1, "axes")?.unwrap_or_default();
    if axes.is_empty() && empty_is_none {
        return Ok(node.runtime(0)?.into());
    }
    if axes.is_empty() {
        return Err(node.attributes.unsupported("axes", "[]", "axes other than the batch axis must be listed"));
    }
    let axes = axes.iter().map(|&axis| node.image_axis("axes", axis, rank));
    let mut axes = axes.collect::<Result<Vec<_>, _>>()?;
    axes.sort_unstable();
    axes.dedup();
    Ok(import.push(node, Op::Mean { axes, keep_axes }, &[node.runtime(0)?])?.into())
}
