//! Output shapes from input shapes, and the checks that make them safe to use.

use super::layer::{MAX_SIDE, MAX_VALUES};
use super::{Conv, ConvShape, Dense, NetworkError, Op, Pool, Weights};

/// The output shape of `op` on inputs of `shapes`.
pub(super) fn output_shape(node: &str, op: &Op, shapes: &[&[usize]]) -> Result<Vec<usize>, NetworkError> {
    let fail = |problem: String| Err(NetworkError::Layer { layer: node.into(), problem });
    let (least, most) = arity(op);
    if shapes.len() < least || shapes.len() > most {
        return fail(format!("is a {} of {} inputs; it takes {least} to {most}", op.name(), shapes.len()));
    }
    let shape = match op {
        Op::Input => return fail("is a second input; a network has one".into()),
        Op::Conv(conv) => conv_shape(node, conv, shapes[0])?,
        Op::Dense(dense) => dense_shape(node, dense, shapes[0])?,
        Op::BatchNorm(norm) => {
            let channels = shapes[0].first().copied().unwrap_or(0);
            if let Some(parameters) = &norm.parameters
                && (parameters.scale.len() != channels || parameters.shift.len() != channels)
            {
                return fail(format!(
                    "normalises {channels} channels with {} scales and {} shifts",
                    parameters.scale.len(),
                    parameters.shift.len()
                ));
            }
            shapes[0].to_vec()
        }
        Op::Activation(_) | Op::FakeQuantize { .. } | Op::DynamicQuantize => shapes[0].to_vec(),
        Op::Pool(pool) => pool_shape(node, pool, shapes[0])?,
        Op::Mean { axes, keep_axes } | Op::Reduce { axes, keep_axes, .. } => {
            axes.iter().try_for_each(|&axis| check_axis(node, axis, shapes[0]))?;
            let kept = |(axis, &length): (usize, &usize)| match (axes.contains(&axis), keep_axes) {
                (false, _) => Some(length),
                (true, true) => Some(1),
                (true, false) => None,
            };
            shapes[0].iter().enumerate().filter_map(kept).collect()
        }
        Op::Add | Op::Mul | Op::Pairwise(_) | Op::Where => {
            match shapes[1..].iter().try_fold(shapes[0].to_vec(), |a, b| broadcast(&a, b)) {
                Some(shape) => shape,
                None => return fail(format!("cannot broadcast its inputs {shapes:?} to one shape")),
            }
        }
        Op::MatMul => mat_mul_shape(node, shapes[0], shapes[1])?,
        Op::Standardize { axes, .. } => {
            axes.iter().try_for_each(|&axis| check_axis(node, axis, shapes[0]))?;
            shapes[0].to_vec()
        }
        Op::Select { axis, indices } => {
            check_axis(node, *axis, shapes[0])?;
            check_places(node, indices.iter(), shapes[0][*axis])?;
            let mut shape = shapes[0].to_vec();
            shape[*axis] = indices.len();
            shape
        }
        Op::Interpolate { axis, taps } => {
            check_axis(node, *axis, shapes[0])?;
            check_places(node, taps.iter().flatten().map(|(place, _)| place), shapes[0][*axis])?;
            let mut shape = shapes[0].to_vec();
            shape[*axis] = taps.len();
            shape
        }
        Op::TopK(top) => {
            check_axis(node, top.axis, shapes[0])?;
            if top.count > shapes[0][top.axis] {
                return fail(format!("takes {} of an axis of length {}", top.count, shapes[0][top.axis]));
            }
            let mut shape = shapes[0].to_vec();
            shape[top.axis] = top.count;
            shape
        }
        Op::Concat { axis } => concat_shape(node, *axis, shapes)?,
        Op::Reshape { shape } => {
            if product(shape) != product(shapes[0]) {
                return fail(format!("reshapes {:?} to {shape:?}, which holds another number of values", shapes[0]));
            }
            shape.clone()
        }
        Op::Transpose { order } => {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            if !sorted.iter().copied().eq(0..shapes[0].len()) {
                return fail(format!("reorders the axes of {:?} by {order:?}, which is not a permutation", shapes[0]));
            }
            order.iter().map(|&axis| shapes[0][axis]).collect()
        }
        Op::Slice { axis, start, end, step } => {
            check_axis(node, *axis, shapes[0])?;
            if *step == 0 || start >= end || *end > shapes[0][*axis] {
                return fail(format!("takes {start}..{end} by {step} of an axis of length {}", shapes[0][*axis]));
            }
            let mut shape = shapes[0].to_vec();
            shape[*axis] = (end - start).div_ceil(*step);
            shape
        }
        Op::Pad { before, after, .. } => {
            if before.len() != shapes[0].len() || after.len() != shapes[0].len() {
                return fail(format!("pads {} axes of an input of shape {:?}", before.len(), shapes[0]));
            }
            if let Some(size) = before.iter().chain(after).find(|&&size| size > MAX_SIDE) {
                return fail(format!("pads by {size}; at most {MAX_SIDE} is supported"));
            }
            (0..before.len()).map(|axis| before[axis] + shapes[0][axis] + after[axis]).collect()
        }
        Op::Softmax { axis } | Op::LogSoftmax { axis } => {
            check_axis(node, *axis, shapes[0])?;
            shapes[0].to_vec()
        }
        Op::Constant(tensor) => tensor.shape().to_vec(),
        Op::Opaque { shape, .. } => shape.clone(),
    };
    check_image(node, &shape)?;
    Ok(shape)
}

/// Checks that a shape holds at least one and not absurdly many values.
pub(super) fn check_image(node: &str, shape: &[usize]) -> Result<(), NetworkError> {
    let values = product(shape);
    if values == 0 || values > MAX_VALUES {
        let problem = format!(
            "yields the shape {shape:?}; every axis needs at least 1 and all together at most {MAX_VALUES} values"
        );
        return Err(NetworkError::Layer { layer: node.into(), problem });
    }
    Ok(())
}

fn arity(op: &Op) -> (usize, usize) {
    match op {
        Op::Input | Op::Constant(_) => (0, 0),
        Op::Add | Op::Mul | Op::Concat { .. } => (1, usize::MAX),
        Op::Opaque { .. } => (0, usize::MAX),
        Op::Pairwise(_) | Op::MatMul => (2, 2),
        Op::Where => (3, 3),
        _ => (1, 1),
    }
}

fn conv_shape(node: &str, conv: &Conv, input: &[usize]) -> Result<Vec<usize>, NetworkError> {
    let shape = conv.on(feature_map(node, input)?);
    shape.verify(node)?;
    let ConvShape { out_channels, kernel, .. } = shape;
    check_weights(node, conv.weights.as_ref(), &[out_channels, shape.group_inputs(), kernel[0], kernel[1]])?;
    check_bias(node, conv.bias.as_deref(), out_channels)?;
    let [height, width] = shape.output();
    Ok(vec![out_channels, height, width])
}

fn dense_shape(node: &str, dense: &Dense, input: &[usize]) -> Result<Vec<usize>, NetworkError> {
    let &[features] = input else {
        let problem = format!("is a dense layer on the shape {input:?}; flatten it to one axis first");
        return Err(NetworkError::Layer { layer: node.into(), problem });
    };
    ConvShape::dense(features, dense.out_features).verify(node)?;
    check_weights(node, dense.weights.as_ref(), &[dense.out_features, features])?;
    check_bias(node, dense.bias.as_deref(), dense.out_features)?;
    Ok(vec![dense.out_features])
}

fn pool_shape(node: &str, pool: &Pool, input: &[usize]) -> Result<Vec<usize>, NetworkError> {
    let [channels, height, width] = feature_map(node, input)?;
    let mut shape = vec![channels];
    for (axis, length) in [height, width].into_iter().enumerate() {
        let sizes = [pool.kernel[axis], pool.stride[axis], pool.dilation[axis]];
        let padding = pool.padding.on_axis(axis);
        if sizes.iter().any(|&size| size == 0 || size > MAX_SIDE) || padding.iter().any(|&size| size > MAX_SIDE) {
            let problem = format!("has kernel, stride, dilation {sizes:?}; give 1 to {MAX_SIDE}");
            return Err(NetworkError::Layer { layer: node.into(), problem });
        }
        match pool.output(axis, length) {
            Some(output) => shape.push(output),
            None => {
                let problem = format!("pools windows larger than its padded input {input:?}");
                return Err(NetworkError::Layer { layer: node.into(), problem });
            }
        }
    }
    Ok(shape)
}

fn mat_mul_shape(node: &str, left: &[usize], right: &[usize]) -> Result<Vec<usize>, NetworkError> {
    let ([before @ .., rows, inner], [beside @ .., wanted, columns]) = (left, right) else {
        let problem = format!("multiplies {left:?} by {right:?}; matrices in the last two axes are expected");
        return Err(NetworkError::Layer { layer: node.into(), problem });
    };
    match broadcast(before, beside).filter(|_| inner == wanted) {
        Some(leading) => Ok([leading.as_slice(), &[*rows, *columns]].concat()),
        None => {
            let problem = format!("multiplies {left:?} by {right:?}, which do not fit");
            Err(NetworkError::Layer { layer: node.into(), problem })
        }
    }
}

fn check_places<'a>(
    node: &str,
    mut places: impl Iterator<Item = &'a usize>,
    length: usize,
) -> Result<(), NetworkError> {
    match places.find(|&&place| place >= length) {
        None => Ok(()),
        Some(place) => {
            let problem = format!("takes the element {place} of an axis of length {length}");
            Err(NetworkError::Layer { layer: node.into(), problem })
        }
    }
}

fn concat_shape(node: &str, axis: usize, shapes: &[&[usize]]) -> Result<Vec<usize>, NetworkError> {
    check_axis(node, axis, shapes[0])?;
    let mut joined = shapes[0].to_vec();
    for shape in &shapes[1..] {
        let alike = shape.len() == joined.len() && (0..shape.len()).all(|i| i == axis || shape[i] == joined[i]);
        if !alike {
            let problem = format!("joins the shapes {shapes:?} along axis {axis}; their other axes must agree");
            return Err(NetworkError::Layer { layer: node.into(), problem });
        }
        joined[axis] += shape[axis];
    }
    Ok(joined)
}

/// The shape two inputs broadcast to, as in numpy: axes are matched from the last, and a length of 1 stretches.
pub(super) fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let length = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis]);
    (0..rank)
        .map(|axis| match (length(a, axis), length(b, axis)) {
            (x, y) if x == y || y == 1 => Some(x),
            (1, y) => Some(y),
            _ => None,
        })
        .collect()
}

fn feature_map(node: &str, shape: &[usize]) -> Result<[usize; 3], NetworkError> {
    shape.try_into().map_err(|_| NetworkError::Layer {
        layer: node.into(),
        problem: format!("needs a feature map [channels, height, width], but its input is {shape:?}"),
    })
}

fn check_axis(node: &str, axis: usize, shape: &[usize]) -> Result<(), NetworkError> {
    if axis < shape.len() {
        return Ok(());
    }
    let problem = format!("works on axis {axis} of an input of shape {shape:?}");
    Err(NetworkError::Layer { layer: node.into(), problem })
}

fn check_weights(node: &str, weights: Option<&Weights>, wanted: &[usize]) -> Result<(), NetworkError> {
    let Some(weights) = weights else { return Ok(()) };
    let found = weights.values.shape();
    let scales = weights.scale.as_ref().map_or(1, Vec::len);
    let problem = if found != wanted {
        format!("has weights of shape {found:?}; its inputs and outputs call for {wanted:?}")
    } else if scales != 1 && scales != wanted[0] {
        format!("has {scales} weight scales; give 1 or {}, one per output channel", wanted[0])
    } else {
        return Ok(());
    };
    Err(NetworkError::Layer { layer: node.into(), problem })
}

fn check_bias(node: &str, bias: Option<&[f32]>, out_channels: usize) -> Result<(), NetworkError> {
    match bias {
        Some(bias) if bias.len() != out_channels => {
            let problem = format!("has {} biases for {out_channels} output channels", bias.len());
            Err(NetworkError::Layer { layer: node.into(), problem })
        }
        _ => Ok(()),
    }
}

fn product(shape: &[usize]) -> u128 {
    shape.iter().fold(1u128, |values, &length| values.saturating_mul(length as u128))
}
