//! Constants of any operator that is executed: a network of the one node is built and run by the reference.

use crate::building::Import;
use crate::constant::{Constant, IntType};
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::operators::{self, Outcome};
use crate::value::{Feature, Value};
use tilewright::network::Tensor;
use tilewright::network::reference::float;

/// Operators whose results are truth values.
const TRUTH_VALUES: &[&str] =
    &["And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual", "Not", "Or", "Xor"];
/// Operators that take constants as they are.
const OF_CONSTANTS: &[&str] = &["CastLike", "Dropout", "Identity", "If", "Shape", "Size"];
/// Integers up to here are floats of 32 bits, too.
const MOST_EXACT: i64 = 1 << 24;

/// What a node makes of its constants; `None` if its operator is not one that is executed.
pub(super) fn by_running(import: &mut Import, node: &OnnxNode<'_>) -> Result<Option<Vec<Constant>>, Problem> {
    let constants = || (0..node.inputs.len()).filter_map(|index| node.constant(index));
    if OF_CONSTANTS.contains(&node.operator.as_str()) || node.constant(0).is_some_and(|first| first.len() == 0) {
        return Ok(None);
    }
    if constants().filter_map(Constant::as_ints).flat_map(Tensor::values).any(|&x| x.unsigned_abs() > MOST_EXACT as u64)
    {
        return Ok(None);
    }
    let Some(first) = node.constant(0) else { return Ok(None) };
    let mut scratch = Import::new("constants", vec![1], import.opset, import.budget())?;
    let id = scratch.constant_node(node, first, first.shape().to_vec())?;
    let mut inputs = node.inputs.clone();
    inputs[0] = Some(Value::Node(Feature { id, batch: None }));
    let Outcome::Values(values) = operators::import(&mut scratch, &node.with_inputs(inputs))? else { return Ok(None) };
    let image = Tensor::filled(vec![1], 0.0);
    let outputs = float::run(&scratch.network, &image).map_err(|error| node.fail(error))?;
    let mut folded = vec![];
    for (output, value) in values.into_iter().enumerate() {
        folded.push(match value {
            Value::Constant(constant) => constant,
            Value::Node(feature) => {
                let tensor = outputs[feature.id.0].clone().reshaped(scratch.full_shape(feature));
                import.spend(node, tensor.values().len())?;
                typed(node, output, &tensor)?
            }
            _ => return Ok(None),
        });
    }
    Ok(Some(folded))
}

/// The type of integers that an operator yields of its constants; `None` for floats.
fn result_type(node: &OnnxNode<'_>, output: usize) -> Option<IntType> {
    let operator = node.operator.as_str();
    if TRUTH_VALUES.contains(&operator) {
        return Some(IntType::Bool);
    }
    let data = match (operator, output) {
        ("ArgMax" | "ArgMin", _) | ("TopK", 1) => return Some(IntType::Wide),
        ("Where", _) => 1,
        ("OneHot", _) => 2,
        _ => 0,
    };
    node.constant(data).and_then(Constant::kind)
}

/// The values in the type that the operator yields.
fn typed(node: &OnnxNode<'_>, output: usize, tensor: &Tensor<f32>) -> Result<Constant, Problem> {
    let shape = tensor.shape().to_vec();
    let Some(kind) = result_type(node, output) else { return Ok(Constant::float(shape, tensor.values().to_vec())) };
    let whole = |&x: &f32| (x.abs() <= MOST_EXACT as f32).then_some(x.trunc() as i64);
    let values: Option<Vec<i64>> = tensor.values().iter().map(whole).collect();
    let values = values.ok_or_else(|| node.fail(format!("yields integers beyond ±{MOST_EXACT}")))?;
    Ok(Constant::int(shape, values, kind))
}
