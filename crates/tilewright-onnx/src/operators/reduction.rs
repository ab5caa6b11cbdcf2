//! Reductions along axes.

use super::Outcome;
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::Feature;
use tilewright::network::{Op, Reduction};

/// Reductions by their operators; a mean is an operation of its own.
const REDUCTIONS: &[(&str, Option<Reduction>)] = &[
    ("ReduceL1", Some(Reduction::L1)),
    ("ReduceL2", Some(Reduction::L2)),
    ("ReduceLogSum", Some(Reduction::LogSum)),
    ("ReduceLogSumExp", Some(Reduction::LogSumExp)),
    ("ReduceMax", Some(Reduction::Max)),
    ("ReduceMean", None),
    ("ReduceMin", Some(Reduction::Min)),
    ("ReduceProd", Some(Reduction::Product)),
    ("ReduceSum", Some(Reduction::Sum)),
    ("ReduceSumSquare", Some(Reduction::SumOfSquares)),
];

/// The operator of a reduction, of a mean if there is none.
pub(crate) fn operator_of_reduction(reduction: Option<Reduction>) -> Option<&'static str> {
    REDUCTIONS.iter().find(|(_, known)| *known == reduction).map(|(operator, _)| *operator)
}

pub(super) fn reduce(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let found = REDUCTIONS.iter().find(|(operator, _)| *operator == node.operator);
    let (Some((_, reduction)), false) = (found, node.varies(1)) else { return Ok(Outcome::Digital) };
    let input = node.runtime(0)?;
    let keep_axes = node.attributes.flag("keepdims", true)?;
    let empty_is_none = node.attributes.flag("noop_with_empty_axes", false)?;
    let axes = node.list(1, "axes")?.unwrap_or_default();
    if axes.is_empty() && empty_is_none {
        return Ok(input.into());
    }
    let rank = import.full_shape(input).len();
    let axes = if axes.is_empty() && input.batch.is_none() { (0..rank as i64).collect() } else { axes };
    if axes.is_empty() {
        return Err(node.attributes.unsupported("axes", "[]", "axes other than the batch axis must be listed"));
    }
    let own = own_axes(import, node, input, &axes)?;
    // What vanishes before the batch axis brings it forward.
    let before = own.iter().filter(|&&axis| input.batch.is_some_and(|batch| axis < batch)).count();
    let batch = if keep_axes { input.batch } else { input.batch.map(|batch| batch - before) };
    let op = match *reduction {
        Some(reduction) => Op::Reduce { reduction, axes: own, keep_axes },
        None => Op::Mean { axes: own, keep_axes },
    };
    let id = import.push(node, op, &[input.id])?;
    Ok(if batch.is_none() { import.with_batch(node, id)? } else { Feature { id, batch } }.into())
}

/// ONNX axes as those of the node, ascending.
pub(super) fn own_axes(
    import: &Import,
    node: &OnnxNode<'_>,
    input: Feature,
    axes: &[i64],
) -> Result<Vec<usize>, Problem> {
    let mut own = axes.iter().map(|&axis| import.axis(node, input, "axes", axis)).collect::<Result<Vec<_>, _>>()?;
    own.sort_unstable();
    own.dedup();
    Ok(own)
}
