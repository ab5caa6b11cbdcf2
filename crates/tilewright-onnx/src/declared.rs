//! Shapes the model declares: its input, and the tensors of its `value_info`.

use crate::error::Problem;
use crate::stored::MAX_RANK;
use rten_onnx::onnx::{DataType, Dimension, GraphProto, ValueInfoProto};
use std::collections::{HashMap, HashSet};

/// The name of the model's one input and its shape without the batch axis.
pub(crate) fn input(graph: &GraphProto) -> Result<(&str, Vec<usize>), Problem> {
    let stored: HashSet<&str> = graph.initializer.iter().filter_map(|tensor| tensor.name.as_deref()).collect();
    let name = |info: &ValueInfoProto| info.name.clone().unwrap_or_default();
    let inputs: Vec<&ValueInfoProto> =
        graph.input.iter().filter(|info| !stored.contains(info.name.as_deref().unwrap_or(""))).collect();
    let &[info] = inputs.as_slice() else {
        let names: Vec<String> = inputs.iter().map(|info| name(info)).take(8).collect();
        return Err(Problem::Model(format!("has {} inputs {names:?}; one image is supported", inputs.len())));
    };
    let tensor = info.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref());
    let kind = tensor.and_then(|tensor| tensor.elem_type).unwrap_or(DataType(0));
    if ![DataType::FLOAT, DataType::FLOAT16, DataType::BFLOAT16, DataType::DOUBLE].contains(&kind) {
        return Err(Problem::Model(format!("has the input {:?} of type {kind}; floats are supported", name(info))));
    }
    let Some(shape) = tensor.and_then(|tensor| tensor.shape.as_ref()) else {
        return Err(Problem::Model(format!("has the input {:?} without a shape; export it with one", name(info))));
    };
    if shape.dim.len() < 2 || shape.dim.len() > MAX_RANK {
        let problem = format!(
            "has the input {:?} of {} axes; batch, channels, height, width are expected",
            name(info),
            shape.dim.len()
        );
        return Err(Problem::Model(problem));
    }
    check_batch(&shape.dim[0], &name(info))?;
    let lengths = shape.dim.iter().enumerate().skip(1).map(|(axis, dim)| length(dim, axis, &name(info)));
    Ok((info.name.as_deref().unwrap_or(""), lengths.collect::<Result<_, _>>()?))
}

fn check_batch(dim: &Dimension, input: &str) -> Result<(), Problem> {
    match dim.dim_value {
        None | Some(-1..=1) => Ok(()),
        Some(batch) => Err(Problem::Model(format!(
            "has the input {input:?} with a fixed batch of {batch}; export it with batch 1 or a symbolic batch"
        ))),
    }
}

fn length(dim: &Dimension, axis: usize, input: &str) -> Result<usize, Problem> {
    match (dim.dim_value, &dim.dim_param) {
        (Some(length), _) if length > 0 => usize::try_from(length).map_err(|error| Problem::Model(error.to_string())),
        (value, symbol) => {
            let found = symbol.clone().or(value.map(|value| value.to_string())).unwrap_or_default();
            Err(Problem::Model(format!(
                "has the input {input:?} whose axis {axis} has the symbolic length {found:?}; only the batch (axis 0) may \
                 be symbolic, so export the model with a fixed image size"
            )))
        }
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
