//! Shapes the model declares: its inputs, and the tensors of its `value_info`.

use crate::error::Problem;
use crate::input_shape::InputShape;
use crate::stored::MAX_RANK;
use rten_onnx::onnx::{DataType, Dimension, GraphProto, ValueInfoProto};
use std::collections::{HashMap, HashSet};

/// An input of the model, and its shape without the batch axis.
pub(crate) struct Input<'a> {
    pub name: &'a str,
    pub shape: Vec<usize>,
}

/// The model's inputs; `given` is the shape of the one it names, or of each of them, where the model leaves it open.
pub(crate) fn inputs<'a>(graph: &'a GraphProto, given: Option<&InputShape>) -> Result<Vec<Input<'a>>, Problem> {
    let stored: HashSet<&str> = graph.initializer.iter().filter_map(|tensor| tensor.name.as_deref()).collect();
    let named = graph.input.iter().map(|info| (info.name.as_deref().unwrap_or(""), info));
    let inputs: Vec<(&str, &ValueInfoProto)> = named.filter(|(name, _)| !stored.contains(name)).collect();
    if inputs.is_empty() {
        return Err(Problem::Model("has no input; one image or more are expected".into()));
    }
    if let Some(asked) = given.and_then(|given| given.input.as_deref())
        && inputs.iter().all(|&(name, _)| name != asked)
    {
        let names: Vec<&str> = inputs.iter().map(|&(name, _)| name).take(8).collect();
        return Err(Problem::Model(format!("has the inputs {names:?}, not {asked:?}, whose shape is given")));
    }
    let inputs = inputs.into_iter().map(|(name, info)| {
        let given = given.filter(|given| given.input.as_deref().is_none_or(|asked| asked == name));
        Ok(Input { name, shape: shape(info, name, given)? })
    });
    inputs.collect()
}

fn shape(info: &ValueInfoProto, name: &str, given: Option<&InputShape>) -> Result<Vec<usize>, Problem> {
    let tensor = info.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref());
    let kind = tensor.and_then(|tensor| tensor.elem_type).unwrap_or(DataType(0));
    if ![DataType::FLOAT, DataType::FLOAT16, DataType::BFLOAT16, DataType::DOUBLE].contains(&kind) {
        return Err(Problem::Model(format!("has the input {name:?} of type {kind}; floats are supported")));
    }
    match (tensor.and_then(|tensor| tensor.shape.as_ref()), given) {
        (Some(shape), _) => lengths(&shape.dim, name, given),
        (None, Some(given)) => Ok(given.lengths().to_vec()),
        (None, None) => Err(Problem::Model(format!("has the input {name:?} without a shape; {HOW}"))),
    }
}

/// How the lengths that a model leaves open are given.
const HOW: &str = "give it without the batch, as in --input-shape 3x224x224 (input_shape=(3, 224, 224) in Python)";

fn lengths(dims: &[Dimension], input: &str, given: Option<&InputShape>) -> Result<Vec<usize>, Problem> {
    if dims.len() < 2 || dims.len() > MAX_RANK {
        let problem =
            format!("has the input {input:?} of {} axes; batch, channels, height, width are expected", dims.len());
        return Err(Problem::Model(problem));
    }
    check_batch(&dims[0], input)?;
    let given = given.map(InputShape::lengths);
    if let Some(given) = given.filter(|given| given.len() + 1 != dims.len()) {
        let problem = format!("has the input {input:?} of {} axes after the batch; {given:?} is given", dims.len() - 1);
        return Err(Problem::Model(problem));
    }
    let lengths = dims.iter().enumerate().skip(1).map(|(axis, dim)| {
        let given = given.map(|given| given[axis - 1]);
        match (dim.dim_value.filter(|&length| length > 0), given) {
            (Some(own), Some(given)) if own != given as i64 => Err(Problem::Model(format!(
                "has the input {input:?} whose axis {axis} has the length {own}; {given} is given"
            ))),
            (Some(own), _) => usize::try_from(own).map_err(|error| Problem::Model(error.to_string())),
            (None, Some(given)) => Ok(given),
            (None, None) => {
                let found = dim.dim_param.clone().or(dim.dim_value.map(|value| value.to_string())).unwrap_or_default();
                Err(Problem::Model(format!(
                    "has the input {input:?} whose axis {axis} has the open length {found:?}; {HOW}"
                )))
            }
        }
    });
    lengths.collect()
}

fn check_batch(dim: &Dimension, input: &str) -> Result<(), Problem> {
    match dim.dim_value {
        None | Some(-1..=1) => Ok(()),
        Some(batch) => Err(Problem::Model(format!(
            "has the input {input:?} with a fixed batch of {batch}; export it with batch 1 or a symbolic batch"
        ))),
    }
}

/// The shapes, without the batch axis, of all tensors whose shape the model gives.
pub(crate) fn shapes(graph: &GraphProto) -> HashMap<String, Vec<usize>> {
    let known = graph.value_info.iter().chain(&graph.output).filter_map(|info| {
        let dims = &info.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?.dim;
        let (batch, rest) = dims.split_first()?;
        let fixed = |dim: &Dimension| usize::try_from(dim.dim_value?).ok().filter(|&length| length > 0);
        let shape: Option<Vec<usize>> = rest.iter().map(fixed).collect();
        let one_image = check_batch(batch, "").is_ok() && rest.len() < MAX_RANK;
        Some((info.name.clone()?, shape.filter(|_| one_image)?))
    });
    known.collect()
}
