//! The attributes convolutions and pooling share: kernel, stride, dilation, padding, in one or two dimensions.

use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use tilewright::network::{MAX_SIDE, NodeId, Op, Padding};

/// A window over an image; a one-dimensional one has height 1.
pub(super) struct Window {
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    pub padding: Padding,
}

impl Window {
    /// Reads the attributes of a node on an input `[channels, (height,) width]`; the weights of a convolution give `kernel`.
    pub(super) fn read(node: &OnnxNode<'_>, input: &[usize], kernel: Option<&[usize]>) -> Result<Self, Problem> {
        let sides = input.len() - 1;
        let attribute = sizes(node, "kernel_shape", sides, 1)?;
        let kernel = match (attribute, kernel) {
            (Some(attribute), Some(kernel)) if attribute != kernel => {
                let allowed = format!("the weights say {kernel:?}");
                return Err(node.attributes.unsupported("kernel_shape", format!("{attribute:?}"), &allowed));
            }
            (_, Some(kernel)) => kernel.to_vec(),
            (Some(kernel), None) => kernel,
            (None, None) => return Err(node.fail("lacks the attribute kernel_shape")),
        };
        let ones = || vec![1; sides];
        let stride = sizes(node, "strides", sides, 1)?.unwrap_or_else(ones);
        let dilation = sizes(node, "dilations", sides, 1)?.unwrap_or_else(ones);
        let pads = pads(node, sides, |axis| {
            // Padding on both sides together that gives ⌈length / stride⌉ outputs.
            let reach = (input[axis + 1].div_ceil(stride[axis]) - 1) * stride[axis];
            (reach + (kernel[axis] - 1) * dilation[axis] + 1).saturating_sub(input[axis + 1])
        })?;
        let (before, after) = pads.split_at(sides);
        let [top, left] = two(before, 0);
        let [bottom, right] = two(after, 0);
        Ok(Self {
            kernel: two(&kernel, 1),
            stride: two(&stride, 1),
            dilation: two(&dilation, 1),
            padding: Padding { top, left, bottom, right },
        })
    }
}

/// Padding before each side and then after each, where `same` is that of both together under the SAME rules.
fn pads(node: &OnnxNode<'_>, sides: usize, same: impl Fn(usize) -> usize) -> Result<Vec<usize>, Problem> {
    let explicit = sizes(node, "pads", 2 * sides, 0)?;
    let zeros = || vec![0; 2 * sides];
    let less = (0..sides).map(|axis| same(axis) / 2);
    let more = (0..sides).map(|axis| same(axis).div_ceil(2));
    Ok(match node.attributes.string("auto_pad", "NOTSET")? {
        "NOTSET" => explicit.unwrap_or_else(zeros),
        "VALID" => zeros(),
        "SAME_UPPER" => less.chain(more).collect(),
        "SAME_LOWER" => more.chain(less).collect(),
        other => {
            let allowed = "NOTSET, VALID, SAME_UPPER and SAME_LOWER are allowed";
            return Err(node.attributes.unsupported("auto_pad", format!("{other:?}"), allowed));
        }
    })
}

/// One value per side, the last being the width.
fn two(values: &[usize], height: usize) -> [usize; 2] {
    match *values {
        [height, width] => [height, width],
        [width] => [height, width],
        _ => unreachable!("the number of sides was checked"),
    }
}

fn sizes(node: &OnnxNode<'_>, name: &'static str, count: usize, least: usize) -> Result<Option<Vec<usize>>, Problem> {
    let Some(values) = node.attributes.ints(name)? else { return Ok(None) };
    let size = |&value: &i64| usize::try_from(value).ok().filter(|size| (least..=MAX_SIDE).contains(size));
    let sizes: Option<Vec<usize>> = values.iter().map(size).collect();
    match sizes.filter(|sizes| sizes.len() == count) {
        Some(sizes) => Ok(Some(sizes)),
        None => {
            let allowed = format!("{count} values of {least} to {MAX_SIDE} are allowed");
            Err(node.attributes.unsupported(name, format!("{values:?}"), &allowed))
        }
    }
}

/// The input as `[channels, height, width]`: a sequence `[channels, length]` becomes an image of height 1.
pub(super) fn as_image(import: &mut Import, node: &OnnxNode<'_>, input: NodeId) -> Result<NodeId, Problem> {
    match *import.network.shape(input) {
        [channels, length] => import.push_part(node, Op::Reshape { shape: vec![channels, 1, length] }, &[input]),
        _ => Ok(input),
    }
}

/// Undoes [`as_image`] for a node whose input had `sides` sides.
pub(super) fn as_sequence(
    import: &mut Import,
    node: &OnnxNode<'_>,
    output: NodeId,
    sides: usize,
) -> Result<NodeId, Problem> {
    match *import.network.shape(output) {
        [channels, 1, length] if sides == 1 => {
            import.push_part(node, Op::Reshape { shape: vec![channels, length] }, &[output])
        }
        _ => Ok(output),
    }
}
