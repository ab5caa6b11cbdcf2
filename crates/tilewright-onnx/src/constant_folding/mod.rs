//! Computes nodes whose inputs are all constants: shape computations, and what exporters do to weights.

mod arithmetic;
mod computed;
pub(crate) mod quantization;

use crate::arguments::{cast_target, is_float, new_shape, order, spans, squeezed, unsqueezed};
use crate::building::Import;
use crate::constant::{ChannelScale, Constant, IntType, Values};
use crate::error::Problem;
use crate::external::Folder;
use crate::node::OnnxNode;
use crate::stored;
use crate::value::Value;
use std::sync::Arc;
use tilewright::network::Tensor;

/// The constants a node yields, or `None` if the node depends on the image or is not one that is computed here.
pub(crate) fn fold(
    node: &OnnxNode<'_>,
    import: &mut Import,
    folder: &Folder<'_>,
) -> Result<Option<Vec<Constant>>, Problem> {
    if node.operator == "Constant" {
        return Ok(Some(vec![constant(node, folder)?]));
    }
    let constants = node.inputs.iter().flatten().map(|value| match value {
        Value::Constant(constant) => Some(constant),
        _ => None,
    });
    let Some(constants) = constants.collect::<Option<Vec<&Constant>>>() else { return Ok(None) };
    let Some(first) = node.constant(0) else { return Ok(None) };
    let spend = |import: &mut Import| import.spend(node, first.len());
    let folded = match (node.operator.as_str(), first.kind()) {
        ("ConstantOfShape", _) => filled(node, import, first, folder)?,
        ("Cast", _) => {
            spend(import)?;
            let target = cast_target(node)?;
            let kind = stored::int_kind(target);
            if kind.is_none() && !is_float(target) {
                let allowed = "floating-point and integer types and BOOL are allowed";
                return Err(node.attributes.unsupported("to", target, allowed));
            }
            cast(first, kind)
        }
        ("Reshape", _) => reshaped(import, node, first, new_shape(node, first.shape())?)?,
        ("Squeeze", _) => reshaped(import, node, first, squeezed(node, first.shape())?)?,
        ("Unsqueeze", _) => reshaped(import, node, first, unsqueezed(node, first.shape())?)?,
        ("Transpose", _) => {
            spend(import)?;
            transpose(first, &order(node, first.shape().len())?)
        }
        ("Slice", _) => slice(import, node, first)?,
        ("Gather", _) => gather(import, node, first)?,
        ("Concat", _) => concat(import, node, &constants)?,
        ("Expand", _) => expand(import, node, first)?,
        ("ScatterND", _) if [0, 1].iter().any(|&index| node.constant(index).is_some_and(|it| it.len() == 0)) => {
            node.attributes.ignore(&["reduction"]);
            first.clone()
        }
        ("Range", _) => range(import, node)?,
        ("Add" | "Sub" | "Mul" | "Div", _) | ("Mod", Some(_)) => arithmetic::combine(import, node)?,
        ("BitShift" | "BitwiseAnd" | "BitwiseOr" | "BitwiseXor", Some(_)) => arithmetic::combine(import, node)?,
        ("BitwiseNot", Some(kind)) => {
            spend(import)?;
            let values = node.integers(first)?.iter().map(|&x| kind.cast(!x)).collect();
            Constant::int(first.shape().to_vec(), values, kind)
        }
        ("Clip", Some(kind)) => {
            spend(import)?;
            arithmetic::clip(node, kind)?
        }
        ("QuantizeLinear" | "com.microsoft::QuantizeLinear", _) => {
            spend(import)?;
            quantization::quantize(node, first)?
        }
        ("DequantizeLinear" | "com.microsoft::DequantizeLinear", _) => {
            spend(import)?;
            quantization::dequantize(node, first)?
        }
        ("qonnx.custom_op.general::Quant", _) => {
            spend(import)?;
            quantization::quant(node, first)?
        }
        ("qonnx.custom_op.general::BipolarQuant", _) => {
            spend(import)?;
            quantization::bipolar(node, first)?
        }
        _ => return computed::by_running(import, node),
    };
    Ok(Some(vec![folded]))
}

fn constant(node: &OnnxNode<'_>, folder: &Folder<'_>) -> Result<Constant, Problem> {
    let attributes = &node.attributes;
    if let Some(tensor) = attributes.tensor("value")? {
        return stored::read(tensor, folder);
    }
    if attributes.has("value_float") {
        return Ok(Constant::float(vec![], vec![attributes.float("value_float", 0.0)?]));
    }
    if attributes.has("value_int") {
        return Ok(Constant::int(vec![], vec![attributes.int("value_int", 0)?], IntType::Wide));
    }
    if let Some(values) = attributes.floats("value_floats")? {
        return Ok(Constant::float(vec![values.len()], values.to_vec()));
    }
    match attributes.ints("value_ints")? {
        Some(values) => Ok(Constant::list(values.to_vec())),
        None => {
            attributes.finish()?;
            Err(node.fail("has no value"))
        }
    }
}

fn filled(
    node: &OnnxNode<'_>,
    import: &mut Import,
    shape: &Constant,
    folder: &Folder<'_>,
) -> Result<Constant, Problem> {
    let lengths = lengths(node, node.integers(shape)?)?;
    let count = spend_shape(import, node, &lengths)?;
    let Some(value) = node.attributes.tensor("value")? else {
        return Ok(Constant::float(lengths, vec![0.0; count]));
    };
    let value = stored::read(value, folder)?;
    match (&value.values, value.len()) {
        (Values::Float(value), 1) => Ok(Constant::float(lengths, vec![value.values()[0]; count])),
        (Values::Int(value, kind), 1) => Ok(Constant::int(lengths, vec![value.values()[0]; count], *kind)),
        (_, found) => Err(node.attributes.unsupported("value", format!("{found} values"), "one value is allowed")),
    }
}

/// The values in another type, a floating-point one if no integer type is given. Floats are cut to integers, and integers lose the bits
/// that their new type has not (ONNX operator `Cast`); of BOOL, only 0 is false, not what is cut to 0.
pub(crate) fn cast(constant: &Constant, kind: Option<IntType>) -> Constant {
    let shape = constant.shape().to_vec();
    match (&constant.values, kind) {
        (Values::Float(_), None) => constant.clone(),
        (Values::Float(tensor), Some(IntType::Bool)) => {
            Constant::int(shape, tensor.values().iter().map(|&x| i64::from(x != 0.0)).collect(), IntType::Bool)
        }
        (Values::Float(tensor), Some(kind)) => {
            Constant::int(shape, tensor.values().iter().map(|&x| kind.cast(x as i64)).collect(), kind)
        }
        (Values::Int(tensor, _), Some(kind)) => {
            Constant::int(shape, tensor.values().iter().map(|&x| kind.cast(x)).collect(), kind)
        }
        (Values::Int(tensor, _), None) => Constant::float(shape, tensor.values().iter().map(|&x| x as f32).collect()),
    }
}

/// Numbers from a start up to a limit, a step apart.
fn range(import: &mut Import, node: &OnnxNode<'_>) -> Result<Constant, Problem> {
    let number = |index: usize| match node.constant(index).map(|constant| &constant.values) {
        Some(Values::Float(tensor)) => tensor.values().first().map(|&x| f64::from(x)),
        Some(Values::Int(tensor, _)) => tensor.values().first().map(|&x| x as f64),
        None => None,
    };
    let (Some(start), Some(limit), Some(step)) = (number(0), number(1), number(2)) else {
        return Err(node.fail("lacks its start, limit or step"));
    };
    let count = ((limit - start) / step).ceil().max(0.0);
    if !count.is_finite() || count > 2f64.powi(40) {
        return Err(node.fail(format!("counts from {start} to {limit} by {step}")));
    }
    let count = count as usize;
    import.spend(node, count)?;
    let values = (0..count).map(|index| start + step * index as f64);
    Ok(match node.constant(0).and_then(Constant::kind) {
        Some(kind) => Constant::int(vec![count], values.map(|x| x as i64).collect(), kind),
        None => Constant::float(vec![count], values.map(|x| x as f32).collect()),
    })
}

fn reshaped(
    import: &mut Import,
    node: &OnnxNode<'_>,
    constant: &Constant,
    shape: Vec<usize>,
) -> Result<Constant, Problem> {
    spend_shape(import, node, &shape)?;
    let values = match &constant.values {
        Values::Float(tensor) => Values::Float(Arc::new((**tensor).clone().reshaped(shape))),
        Values::Int(tensor, kind) => Values::Int(Arc::new((**tensor).clone().reshaped(shape)), *kind),
    };
    Ok(Constant { values, scale: constant.scale.clone().filter(|scale| scale.per_channel.len() == 1) })
}

/// The constant with its axes permuted: output axis `i` is input axis `order[i]`.
pub(crate) fn transpose(constant: &Constant, order: &[usize]) -> Constant {
    let shape = order.iter().map(|&axis| constant.shape()[axis]).collect();
    let strides = strides(constant.shape());
    let values = pick(&constant.values, shape, |at| order.iter().zip(at).map(|(&axis, i)| strides[axis] * i).sum());
    let scale = constant.scale.as_ref().map(|scale| ChannelScale {
        axis: order.iter().position(|&axis| axis == scale.axis).unwrap_or(0),
        per_channel: scale.per_channel.clone(),
        bits: scale.bits,
    });
    Constant { values, scale }
}

fn slice(import: &mut Import, node: &OnnxNode<'_>, constant: &Constant) -> Result<Constant, Problem> {
    let mut shape = constant.shape().to_vec();
    let (mut starts, mut steps) = (vec![0; shape.len()], vec![1; shape.len()]);
    for cut in spans(node, constant.shape())? {
        shape[cut.axis] = cut.count;
        (starts[cut.axis], steps[cut.axis]) = (cut.start, cut.step);
    }
    spend_shape(import, node, &shape)?;
    let strides = strides(constant.shape());
    let place = |axis: usize, index: usize| (starts[axis] + steps[axis] * index as i64) as usize;
    let source = |at: &[usize]| (0..at.len()).map(|axis| strides[axis] * place(axis, at[axis])).sum();
    Ok(Constant { values: pick(&constant.values, shape, source), scale: None })
}

fn gather(import: &mut Import, node: &OnnxNode<'_>, constant: &Constant) -> Result<Constant, Problem> {
    let old = constant.shape();
    let axis = node.axis("axis", node.attributes.int("axis", 0)?, old.len())?;
    let list = node.constant(1).ok_or_else(|| node.fail("lacks its indices"))?;
    let length = old[axis];
    let index = |&index: &i64| {
        let counted = if index < 0 { index.saturating_add(length as i64) } else { index };
        usize::try_from(counted).ok().filter(|&counted| counted < length)
    };
    let indices: Option<Vec<usize>> = node.integers(list)?.iter().map(index).collect();
    let indices = indices.ok_or_else(|| node.fail(format!("takes an element outside an axis of length {length}")))?;
    let shape = [&old[..axis], list.shape(), &old[axis + 1..]].concat();
    spend_shape(import, node, &shape)?;
    let (strides, list_strides) = (strides(old), strides(list.shape()));
    let after = axis + list_strides.len();
    let source = |at: &[usize]| {
        let which: usize = at[axis..after].iter().zip(&list_strides).map(|(i, stride)| i * stride).sum();
        let outside = at[..axis].iter().chain(&at[after..]);
        let others = strides[..axis].iter().chain(&strides[axis + 1..]);
        indices[which] * strides[axis] + outside.zip(others).map(|(i, stride)| i * stride).sum::<usize>()
    };
    Ok(Constant { values: pick(&constant.values, shape, source), scale: None })
}

fn concat(import: &mut Import, node: &OnnxNode<'_>, parts: &[&Constant]) -> Result<Constant, Problem> {
    let mut shape = parts[0].shape().to_vec();
    let axis = node.axis("axis", node.attributes.int("axis", 0)?, shape.len())?;
    for part in &parts[1..] {
        let other = part.shape();
        if other.len() != shape.len() || (0..shape.len()).any(|i| i != axis && other[i] != shape[i]) {
            return Err(node.fail(format!("joins the shapes {shape:?} and {other:?} along axis {axis}")));
        }
        shape[axis] += other[axis];
    }
    spend_shape(import, node, &shape)?;
    let floats: Option<Vec<&Tensor<f32>>> = parts.iter().map(|part| part.as_floats()).collect();
    let ints: Option<Vec<&Tensor<i64>>> = parts.iter().map(|part| part.as_ints()).collect();
    match (floats, ints) {
        (Some(parts), _) => Ok(Constant::float(shape, interleaved(&parts, axis))),
        (_, Some(parts)) => Ok(Constant::int(shape, interleaved(&parts, axis), IntType::Wide)),
        _ => Err(node.fail("joins floats and integers")),
    }
}

/// The values of tensors joined along `axis`.
fn interleaved<T: Clone>(parts: &[&Tensor<T>], axis: usize) -> Vec<T> {
    let rows: usize = parts[0].shape()[..axis].iter().product();
    let mut values = vec![];
    for row in 0..rows {
        for part in parts {
            let length = part.shape()[axis..].iter().product::<usize>();
            values.extend_from_slice(&part.values()[row * length..(row + 1) * length]);
        }
    }
    values
}

fn expand(import: &mut Import, node: &OnnxNode<'_>, constant: &Constant) -> Result<Constant, Problem> {
    let target = node.constant(1).ok_or_else(|| node.fail("lacks its new shape"))?;
    let target = lengths(node, node.integers(target)?)?;
    let shape = arithmetic::broadcast(node, constant.shape(), &target)?;
    spend_shape(import, node, &shape)?;
    Ok(Constant { values: stretched(&constant.values, &shape), scale: None })
}

/// The values broadcast to `shape`.
fn stretched(values: &Values, shape: &[usize]) -> Values {
    let old = match values {
        Values::Float(tensor) => tensor.shape(),
        Values::Int(tensor, _) => tensor.shape(),
    };
    let (old, strides) = (old.to_vec(), strides(old));
    let skipped = shape.len() - old.len();
    pick(values, shape.to_vec(), |at| {
        (0..old.len()).map(|axis| if old[axis] == 1 { 0 } else { at[axis + skipped] * strides[axis] }).sum()
    })
}

fn lengths(node: &OnnxNode<'_>, values: &[i64]) -> Result<Vec<usize>, Problem> {
    let lengths: Result<Vec<usize>, _> = values.iter().map(|&length| usize::try_from(length)).collect();
    match lengths {
        Ok(lengths) if lengths.len() <= stored::MAX_RANK => Ok(lengths),
        _ => Err(node.fail(format!("has the shape {values:?}; up to {} lengths from 0 are allowed", stored::MAX_RANK))),
    }
}

/// Accounts for a new constant of `shape` and returns how many values it holds.
fn spend_shape(import: &mut Import, node: &OnnxNode<'_>, shape: &[usize]) -> Result<usize, Problem> {
    // An empty tensor may not have absurd axes either: products of some of them are computed.
    let bound = shape.iter().try_fold(1usize, |count, &length| count.checked_mul(length.max(1)));
    import.spend(node, bound.unwrap_or(usize::MAX))?;
    Ok(shape.iter().product())
}

/// Distance in values between neighbours on each axis.
fn strides(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect()
}

/// A tensor of `shape` with, at each index, the value at the flat position `source` says.
fn pick(values: &Values, shape: Vec<usize>, source: impl Fn(&[usize]) -> usize) -> Values {
    match values {
        Values::Float(tensor) => Values::Float(Arc::new(pick_from(tensor, shape, source))),
        Values::Int(tensor, kind) => Values::Int(Arc::new(pick_from(tensor, shape, source)), *kind),
    }
}

fn pick_from<T: Copy>(tensor: &Tensor<T>, shape: Vec<usize>, source: impl Fn(&[usize]) -> usize) -> Tensor<T> {
    let count = shape.iter().product();
    let mut at = vec![0; shape.len()];
    let values = (0..count).map(|_| {
        let value = tensor.values()[source(&at)];
        for axis in (0..shape.len()).rev() {
            at[axis] += 1;
            if at[axis] < shape[axis] {
                break;
            }
            at[axis] = 0;
        }
        value
    });
    let values = values.collect();
    Tensor::new(shape, values)
}
