//! What ONNX Runtime saves at its highest level of optimisation: convolutions whose channels are in blocks of as many as its vectors hold.
//!
//! Weights are stored `[out / b][in / b][height][width][in b][out b]`, or without the blocks of inputs where there are fewer input channels
//! than a block, or one (depthwise); output channels are filled up with zeros to whole blocks. Here nothing is in blocks: weights are put
//! back in order, and channels of zeros at the end are left out again.

use super::activation::fused;
use super::{Outcome, arithmetic, convolution};
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
use rten_onnx::onnx::GraphProto;
use std::sync::Arc;
use tilewright::network::{Op, Tensor, Weights};

/// Domain of the operators.
const DOMAIN: &str = "com.microsoft.nchwc";

/// Channels of a block, 8 or 16, which no file says: a layer whose channels no blocks of 16 fill, or fill only in part, tells.
pub(crate) fn channels_of_block(graph: &GraphProto) -> Option<usize> {
    let nodes = || graph.node.iter().filter(|node| node.domain.as_deref() == Some(DOMAIN));
    let outputs = nodes().filter(|node| node.op_type.as_deref() == Some("Conv")).filter_map(|node| {
        let weights = node.input.get(1)?;
        let stored = graph.initializer.iter().find(|tensor| tensor.name.as_ref() == Some(weights))?;
        stored.dims.first().copied()
    });
    if outputs.into_iter().any(|channels| channels % 16 != 0) {
        return Some(8);
    }
    let kept =
        nodes().flat_map(|node| &node.attribute).filter(|attribute| attribute.name.as_deref() == Some("channels"));
    kept.filter_map(|attribute| attribute.i).any(|channels| (channels.max(1) - 1) / 8 % 2 == 0).then_some(16)
}

pub(super) fn conv(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(weights), false) = (node.constant(1), node.varies(2)) else { return Ok(Outcome::Digital) };
    let tensor = node.finite(weights)?.clone();
    let bias = node.constant(2).map(|bias| node.finite(bias)).transpose()?.cloned();
    let input = import.image(node, 0)?;
    let channels = import.network.shape(input)[0];
    let groups = node.attributes.int("group", 1)?;
    let block = import.block.ok_or_else(|| {
        node.fail(
            "has channels in blocks of 8 or 16, and nothing in the model says which; save the model with a lower level of optimisation",
        )
    })?;
    let plain = in_order(node, &tensor, block)?;
    let bias = bias.map(|bias| bias.values().to_vec());
    let outputs = used_outputs(&plain, bias.as_deref(), block);
    let depthwise = groups > 1 && plain.shape()[1] == 1;
    let outputs = if depthwise { channels.min(plain.shape()[0]) } else { outputs };
    let inputs = if groups == 1 { channels.min(plain.shape()[1]) } else { plain.shape()[1] };
    let weights = Weights { values: Arc::new(cut(&plain, outputs, inputs)), scale: None };
    let bias = bias.map(|bias| bias.into_iter().take(outputs).collect());
    let mut output = if depthwise {
        convolution::layer_in_groups(import, node, input, weights, bias, outputs)?
    } else {
        convolution::layer(import, node, input, weights, bias)?
    };
    if let Some(summand) = node.input(3) {
        let both = node.with_inputs(vec![Some(Value::Node(output)), Some(summand.clone())]);
        output = arithmetic::combine(import, &both, Op::Add, 0..2)?;
    }
    Ok(fused(import, node, output)?.into())
}

/// `[out, in, height, width]`, row-major.
fn in_order(node: &OnnxNode<'_>, stored: &Tensor<f32>, block: usize) -> Result<Tensor<f32>, Problem> {
    let &[outputs, inputs, height, width] = stored.shape() else {
        return Err(node.fail(format!("has weights of shape {:?}", stored.shape())));
    };
    let inner = if inputs < block { 1 } else { block };
    if !outputs.is_multiple_of(block) || !inputs.is_multiple_of(inner) {
        return Err(
            node.fail(format!("has weights of shape {:?}; whole blocks of {block} are expected", stored.shape()))
        );
    }
    let taps = height * width;
    let mut values = vec![0.0; stored.values().len()];
    for (place, value) in stored.values().iter().enumerate() {
        let (output, rest) = (place % block, place / block);
        let (input, rest) = (rest % inner, rest / inner);
        let (tap, rest) = (rest % taps, rest / taps);
        let blocks = inputs / inner;
        let (input, output) = (rest % blocks * inner + input, rest / blocks * block + output);
        values[(output * inputs + input) * taps + tap] = *value;
    }
    Ok(Tensor::new(stored.shape().to_vec(), values))
}

/// Output channels up to the last that is not all zeros; less than a block is left out.
fn used_outputs(weights: &Tensor<f32>, bias: Option<&[f32]>, block: usize) -> usize {
    let outputs = weights.shape()[0];
    let size = weights.values().len() / outputs.max(1);
    let zero = |output: usize| {
        weights.values()[output * size..][..size].iter().all(|&w| w == 0.0)
            && bias.is_none_or(|bias| bias.get(output).is_none_or(|&b| b == 0.0))
    };
    let filled = (0..outputs).rev().take(block - 1).take_while(|&output| zero(output)).count();
    outputs - filled
}

fn cut(weights: &Tensor<f32>, outputs: usize, inputs: usize) -> Tensor<f32> {
    let &[_, all, height, width] = weights.shape() else { unreachable!("four axes were checked") };
    let taps = height * width;
    let rows = (0..outputs).flat_map(|output| &weights.values()[output * all * taps..][..inputs * taps]);
    Tensor::new(vec![outputs, inputs, height, width], rows.copied().collect())
}

/// Into blocks: nothing here.
pub(super) fn reorder_input(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.only_int("channels_last", 0)?;
    Ok(Feature::image(import.image(node, 0)?).into())
}

/// Out of blocks, of which the first `channels` are meant.
pub(super) fn reorder_output(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.only_int("channels_last", 0)?;
    let wanted = node.attributes.int("channels", 0)?;
    let input = import.image(node, 0)?;
    let shape = import.network.shape(input).to_vec();
    match usize::try_from(wanted) {
        Ok(wanted) if wanted == shape[0] => Ok(input.into()),
        Ok(wanted) if wanted > 0 && wanted < shape[0] => {
            let op = Op::Slice { axis: 0, start: 0, end: wanted, step: 1 };
            Ok(import.push(node, op, &[input])?.into())
        }
        Ok(wanted) if wanted > shape[0] => {
            let mut after = vec![0; shape.len()];
            after[0] = wanted - shape[0];
            let op = Op::Pad { before: vec![0; shape.len()], after, value: 0.0 };
            Ok(import.push(node, op, &[input])?.into())
        }
        _ => Err(node.attributes.unsupported("channels", wanted, &format!("1 to {} are allowed", shape[0]))),
    }
}
