//! The attributes convolutions and pooling share: kernel, stride, dilation, padding, in one or two dimensions.

use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use tilewright::network::{MAX_SIDE, NodeId, Op, Padding};

/// A window over an image; a one-dimensional one has height 1.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    pub padding: Padding,
}

impl Window {
    /// Reads the attributes of a node on an input `[channels, (height,) width]`; the weights of a convolution give `kernel`.
    pub(super) fn read(node: &OnnxNode<'_>, input: &[usize], kernel: Option<&[usize]>) -> Result<Self, Problem> {
        let Sides { kernel, stride, dilation, padding, .. } = Sides::read(node, input, kernel)?;
        let side = |which: usize| two(&padding.iter().map(|padding| padding[which]).collect::<Vec<_>>(), 0);
        let ([top, left], [bottom, right]) = (side(0), side(1));
        Ok(Self {
            kernel: two(&kernel, 1),
            stride: two(&stride, 1),
            dilation: two(&dilation, 1),
            padding: Padding { top, left, bottom, right },
        })
    }
}

/// A window of any number of spatial axes, one entry each.
pub(super) struct Sides {
    pub kernel: Vec<usize>,
    pub stride: Vec<usize>,
    pub dilation: Vec<usize>,
    /// Before and after.
    pub padding: Vec<[usize; 2]>,
    /// Of a transposed convolution.
    pub output_padding: Vec<usize>,
}

impl Sides {
    /// Reads the attributes of a node on an input `[channels, …]`; the weights of a convolution give `kernel`.
    pub(super) fn read(node: &OnnxNode<'_>, input: &[usize], kernel: Option<&[usize]>) -> Result<Self, Problem> {
        let count = input.len() - 1;
        let Self { kernel, stride, dilation, .. } = Self::sizes(node, count, kernel)?;
        let padding = pads(node, count, |axis| {
            // Padding on both sides together that gives ⌈length / stride⌉ outputs.
            let reach = (input[axis + 1].div_ceil(stride[axis]) - 1) * stride[axis];
            (reach + (kernel[axis] - 1) * dilation[axis] + 1).saturating_sub(input[axis + 1])
        })?;
        Ok(Self { output_padding: vec![0; count], kernel, stride, dilation, padding })
    }

    /// As [`Sides::read`] for a transposed convolution of `sides` inputs; `output_shape` says the padding if it is there.
    pub(super) fn read_transposed(node: &OnnxNode<'_>, sides: &[usize], kernel: &[usize]) -> Result<Self, Problem> {
        let count = sides.len();
        let Self { kernel, stride, dilation, .. } = Self::sizes(node, count, Some(kernel))?;
        let mut output_padding = sizes(node, "output_padding", count, 0)?.unwrap_or_else(|| vec![0; count]);
        let wanted = sizes(node, "output_shape", count, 1)?;
        let reach = |axis: usize| (sides[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1;
        let target = |axis: usize| wanted.as_ref().map_or(sides[axis] * stride[axis], |wanted| wanted[axis]);
        let totals: Vec<usize> =
            (0..count).map(|axis| (reach(axis) + output_padding[axis]).saturating_sub(target(axis))).collect();
        let total = |axis: usize| totals[axis];
        let padding = match &wanted {
            None => pads(node, count, total)?,
            Some(_) => {
                node.attributes.ignore(&["pads"]);
                let upper = node.attributes.string("auto_pad", "NOTSET")? == "SAME_UPPER";
                let less_first = |axis: usize| [total(axis) / 2, total(axis).div_ceil(2)];
                (0..count).map(less_first).map(|[less, more]| if upper { [less, more] } else { [more, less] }).collect()
            }
        };
        if wanted.is_some() {
            // An output that reaches further than the taps do is filled up with zeros.
            for (axis, extra) in output_padding.iter_mut().enumerate() {
                *extra += target(axis).saturating_sub(reach(axis) + *extra);
            }
        }
        Ok(Self { kernel, stride, dilation, padding, output_padding })
    }

    fn sizes(node: &OnnxNode<'_>, count: usize, kernel: Option<&[usize]>) -> Result<Self, Problem> {
        let attribute = sizes(node, "kernel_shape", count, 1)?;
        let kernel = match (attribute, kernel) {
            (Some(attribute), Some(kernel)) if attribute != kernel => {
                let allowed = format!("the weights say {kernel:?}");
                return Err(node.attributes.unsupported("kernel_shape", format!("{attribute:?}"), &allowed));
            }
            (_, Some(kernel)) => kernel.to_vec(),
            (Some(kernel), None) => kernel,
            (None, None) => return Err(node.fail("lacks the attribute kernel_shape")),
        };
        let ones = || vec![1; count];
        let stride = sizes(node, "strides", count, 1)?.unwrap_or_else(ones);
        let dilation = sizes(node, "dilations", count, 1)?.unwrap_or_else(ones);
        Ok(Self { kernel, stride, dilation, padding: vec![], output_padding: vec![] })
    }
}

/// Padding before and after each side, where `same` is that of both together under the SAME rules.
fn pads(node: &OnnxNode<'_>, sides: usize, same: impl Fn(usize) -> usize) -> Result<Vec<[usize; 2]>, Problem> {
    let explicit = sizes(node, "pads", 2 * sides, 0)?;
    let less_first = (0..sides).map(|axis| [same(axis) / 2, same(axis).div_ceil(2)]);
    Ok(match node.attributes.string("auto_pad", "NOTSET")? {
        "NOTSET" => match explicit {
            Some(pads) => (0..sides).map(|axis| [pads[axis], pads[axis + sides]]).collect(),
            None => vec![[0, 0]; sides],
        },
        "VALID" => vec![[0, 0]; sides],
        "SAME_UPPER" => less_first.collect(),
        "SAME_LOWER" => less_first.map(|[less, more]| [more, less]).collect(),
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
pub(crate) fn as_sequence(
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
