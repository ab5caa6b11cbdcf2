//! Sums, products, quotients, bits and limits of constants.

use super::{spend_shape, stretched};
use crate::building::Import;
use crate::constant::{Constant, IntType, Values};
use crate::error::Problem;
use crate::node::OnnxNode;

pub(super) fn combine(import: &mut Import, node: &OnnxNode<'_>) -> Result<Constant, Problem> {
    let (Some(a), Some(b)) = (node.constant(0), node.constant(1)) else {
        return Err(node.fail("lacks its second input"));
    };
    let shape = broadcast(node, a.shape(), b.shape())?;
    // Both operands are stretched before they meet.
    spend_shape(import, node, &shape)?;
    spend_shape(import, node, &shape)?;
    match (stretched(&a.values, &shape), stretched(&b.values, &shape)) {
        (Values::Float(a), Values::Float(b)) => {
            let values = a.values().iter().zip(b.values()).map(|(&a, &b)| match node.operator.as_str() {
                "Add" => a + b,
                "Sub" => a - b,
                "Mul" => a * b,
                _ => a / b,
            });
            Ok(Constant::float(shape, values.collect()))
        }
        (Values::Int(a, kind), Values::Int(b, _)) => {
            let left = node.operator == "BitShift" && shifts_left(node)?;
            let fmod = node.operator == "Mod" && node.attributes.flag("fmod", false)?;
            let values = a.values().iter().zip(b.values()).map(|(&a, &b)| match node.operator.as_str() {
                "Add" => a.checked_add(b),
                "Sub" => a.checked_sub(b),
                "Mul" => a.checked_mul(b),
                "Mod" if fmod => a.checked_rem(b),
                // With the sign of the divisor.
                "Mod" => a.checked_rem(b).map(|rest| if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }),
                "BitwiseAnd" => Some(a & b),
                "BitwiseOr" => Some(a | b),
                "BitwiseXor" => Some(a ^ b),
                "BitShift" => shifted(a, b, left, kind),
                _ => a.checked_div(b),
            });
            let values: Option<Vec<i64>> = values.collect();
            let values = values.ok_or_else(|| node.fail("divides by zero or leaves the range of integers"))?;
            Ok(Constant::int(shape, values.into_iter().map(|value| kind.cast(value)).collect(), kind))
        }
        _ => Err(node.fail("combines floats and integers")),
    }
}

fn shifts_left(node: &OnnxNode<'_>) -> Result<bool, Problem> {
    match node.attributes.string("direction", "")? {
        "LEFT" => Ok(true),
        "RIGHT" => Ok(false),
        other => {
            Err(node.attributes.unsupported("direction", format!("{other:?}"), "\"LEFT\" and \"RIGHT\" are allowed"))
        }
    }
}

/// The bits of `a` moved by `b` places; `None` where that is not known of 64 bits.
fn shifted(a: i64, b: i64, left: bool, kind: IntType) -> Option<i64> {
    let places = u32::try_from(b).ok().filter(|&places| places < 64)?;
    match left {
        // The bits beyond the type are cut off by the cast.
        true if kind == IntType::Wide => a.checked_mul(1i64.checked_shl(places)?),
        true => Some(a << places),
        false => Some(a >> places),
    }
}

/// Integers within limits.
pub(super) fn clip(node: &OnnxNode<'_>, kind: IntType) -> Result<Constant, Problem> {
    let limit = |index: usize, default: i64| match node.constant(index).map(|limit| node.integers(limit)).transpose()? {
        None => Ok(default),
        Some(&[limit]) => Ok(limit),
        Some(limits) => Err(node.fail(format!("has {} numbers as input {index}; one is expected", limits.len()))),
    };
    let (least, most) = (limit(1, i64::MIN)?, limit(2, i64::MAX)?);
    if least > most {
        return Err(node.fail(format!("limits values to {least}…{most}")));
    }
    let Some(constant) = node.constant(0) else { return Err(node.fail("lacks its input")) };
    let values = node.integers(constant)?.iter().map(|&value| value.clamp(least, most)).collect();
    Ok(Constant::int(constant.shape().to_vec(), values, kind))
}

/// The shape two constants broadcast to: axes are matched from the last, and a length of 1 stretches.
pub(super) fn broadcast(node: &OnnxNode<'_>, a: &[usize], b: &[usize]) -> Result<Vec<usize>, Problem> {
    let rank = a.len().max(b.len());
    let length = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis]);
    let shape = (0..rank).map(|axis| match (length(a, axis), length(b, axis)) {
        (x, y) if x == y || y == 1 => Some(x),
        (1, y) => Some(y),
        _ => None,
    });
    shape.collect::<Option<_>>().ok_or_else(|| node.fail(format!("cannot broadcast {a:?} and {b:?} to one shape")))
}
