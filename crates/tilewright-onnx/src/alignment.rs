//! Inputs of an operator that broadcasts, made ready to meet: axes are matched from the last, and the batch axes must be one.

use crate::building::Import;
use crate::constant::Constant;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
use tilewright::network::{NodeId, Op};

/// Nodes that broadcast as the ONNX tensors do.
pub(crate) struct Aligned {
    pub nodes: Vec<NodeId>,
    /// Where the result has its batch axis; `None` if the nodes have the whole ONNX shapes.
    pub batch: Option<usize>,
}

/// An operand with its ONNX shape.
enum Operand<'a> {
    Feature(Feature, Vec<usize>),
    Constant(&'a Constant),
}

impl Operand<'_> {
    fn shape(&self) -> &[usize] {
        match self {
            Self::Feature(_, shape) => shape,
            Self::Constant(constant) => constant.shape(),
        }
    }

    /// How many axes come after the batch axis.
    fn after_batch(&self) -> Option<usize> {
        match self {
            Self::Feature(feature, shape) => feature.batch.map(|batch| shape.len() - 1 - batch),
            Self::Constant(_) => None,
        }
    }

    /// Whether the operand still broadcasts as it did once the result loses the axis that `after` axes follow, and which axis it loses
    /// itself.
    fn without(&self, after: usize) -> Option<Option<usize>> {
        let own = self.shape().len().checked_sub(after + 1);
        match (self.after_batch(), own) {
            (Some(batch), _) if batch == after => Some(own),
            // The batch axis is its first, so nothing before it moves.
            (Some(batch), _) if batch + 1 == self.shape().len() && batch < after => Some(Some(0)),
            (Some(_), _) => None,
            (None, None) => Some(None),
            (None, Some(axis)) => (self.shape()[axis] == 1).then_some(Some(axis)),
        }
    }
}

/// The inputs `indices` of a node, whose last `kept` axes cannot be the batch.
pub(crate) fn aligned(
    import: &mut Import,
    node: &OnnxNode<'_>,
    indices: impl Iterator<Item = usize>,
    kept: usize,
) -> Result<Aligned, Problem> {
    let operand = |index| match node.input(index) {
        Some(Value::Constant(constant)) => Ok(Operand::Constant(constant)),
        _ => node.runtime(index).map(|feature| Operand::Feature(feature, import.full_shape(feature))),
    };
    let operands = indices.map(operand).collect::<Result<Vec<_>, _>>()?;
    let rank = operands.iter().map(|operand| operand.shape().len()).max().unwrap_or(0);
    let after = operands.iter().filter_map(Operand::after_batch).max().filter(|&after| after >= kept);
    let lost: Option<Vec<Option<usize>>> =
        after.and_then(|after| operands.iter().map(|operand| operand.without(after)).collect());
    let nodes = operands.iter().enumerate().map(|(index, operand)| match (operand, &lost) {
        (Operand::Feature(feature, _), None) => import.whole(node, *feature),
        (Operand::Feature(feature, shape), Some(lost)) => {
            if feature.batch.is_some() || lost[index].is_none() {
                return Ok(feature.id);
            }
            import.push_part(node, Op::Reshape { shape: without(shape, lost[index]) }, &[feature.id])
        }
        (Operand::Constant(constant), lost) => {
            let axis = lost.as_ref().and_then(|lost| lost[index]);
            import.constant_node(node, constant, without(constant.shape(), axis))
        }
    });
    let nodes = nodes.collect::<Result<_, _>>()?;
    Ok(Aligned { nodes, batch: lost.and(after).map(|after| rank - 1 - after) })
}

impl Aligned {
    /// What an operation on the nodes yields.
    pub(crate) fn result(&self, import: &mut Import, node: &OnnxNode<'_>, id: NodeId) -> Result<Feature, Problem> {
        match self.batch {
            None => import.with_batch(node, id),
            batch => Ok(Feature { id, batch }),
        }
    }
}

fn without(shape: &[usize], axis: Option<usize>) -> Vec<usize> {
    let mut shape = shape.to_vec();
    axis.map(|axis| shape.remove(axis));
    shape
}
