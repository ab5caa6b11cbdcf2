//! The integers of a model, where a hostile file has others.

use rten_onnx::onnx::{DataType, ModelProto, TensorProto};

/// Those that are likeliest to be taken for a size, an axis or an index.
pub(crate) const NOTABLE: [i64; 12] = [0, 1, -1, 2, 3, -2, 1 << 16, 1 << 31, 1 << 40, i64::MAX, i64::MIN, i64::MIN + 1];

/// Calls `visit` on every integer of a model that is a size, an axis, an index or the like.
pub(crate) fn for_each_integer(model: &mut ModelProto, mut visit: impl FnMut(&mut i64)) {
    let graph = model.graph.as_mut().unwrap();
    let infos = graph.input.iter_mut().chain(&mut graph.value_info).chain(&mut graph.output);
    let shapes = infos.filter_map(|info| info.r#type.as_mut()?.tensor_type.as_mut()?.shape.as_mut());
    shapes.flat_map(|shape| &mut shape.dim).filter_map(|dim| dim.dim_value.as_mut()).for_each(&mut visit);
    let attributes = graph.node.iter_mut().flat_map(|node| &mut node.attribute);
    let mut tensors: Vec<&mut TensorProto> = graph.initializer.iter_mut().collect();
    for attribute in attributes {
        attribute.ints.iter_mut().chain(&mut attribute.i).for_each(&mut visit);
        tensors.extend(&mut attribute.t);
    }
    for tensor in tensors {
        tensor.dims.iter_mut().chain(&mut tensor.int64_data).for_each(&mut visit);
        if let (Some(DataType::INT64), Some(raw)) = (tensor.data_type, &mut tensor.raw_data) {
            for bytes in raw.get_mut().as_chunks_mut().0 {
                let mut value = i64::from_le_bytes(*bytes);
                visit(&mut value);
                *bytes = value.to_le_bytes();
            }
        }
    }
}

/// Puts `value` in the place of an integer that [`for_each_integer`] visits.
pub(crate) fn replace(model: &mut ModelProto, place: usize, value: i64) {
    let mut at = 0..;
    for_each_integer(model, |integer| {
        if at.next() == Some(place) {
            *integer = value;
        }
    });
}
