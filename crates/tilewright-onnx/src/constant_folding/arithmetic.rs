//! Add, Sub, Mul and Div of two constants.

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
        (Values::Int(a, _), Values::Int(b, _)) => {
            let values = a.values().iter().zip(b.values()).map(|(&a, &b)| match node.operator.as_str() {
                "Add" => a.checked_add(b),
                "Sub" => a.checked_sub(b),
                "Mul" => a.checked_mul(b),
                _ => a.checked_div(b),
            });
            let values: Option<Vec<i64>> = values.collect();
            let values = values.ok_or_else(|| node.fail("divides by zero or leaves the range of integers"))?;
            Ok(Constant::int(shape, values, IntType::Wide))
        }
        _ => Err(node.fail("combines floats and integers")),
    }
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
