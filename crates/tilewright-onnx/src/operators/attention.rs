//! Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1): products of feature maps, digital.
//!
//! Nodes have the axes `[batch, heads, sequence, features]`, the batch being one image unless the model has put other things there.

use super::Outcome;
use crate::building::Import;
use crate::constant::{Constant, IntType};
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::number_type::NumberType;
use crate::value::Value;
use tilewright::network::{Activation, NodeId, Op, Pairwise, Tensor};

/// The score of what must not be attended to: JSON has no infinity.
const MASKED: f32 = f32::MIN;

/// Which keys a query attends to.
#[derive(Default)]
struct Mask {
    /// Added to the scores.
    bias: Option<NodeId>,
    /// Truth values, all of which must hold.
    allowed: Vec<NodeId>,
}

/// Input Q, K, V, each `[batch, heads, sequence, features]` or `[batch, sequence, heads · features]`; a mask; keys and values of before.
pub(super) fn attention(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let attributes = &node.attributes;
    attributes.ignore(&["softmax_precision"]);
    let [query_heads, key_heads] = [attributes.int("q_num_heads", 0)?, attributes.int("kv_num_heads", 0)?];
    let flat = rank(import, node, 0)? == 3;
    let query = heads(import, node, 0, query_heads)?;
    let key = heads(import, node, 1, key_heads)?;
    let value = heads(import, node, 2, key_heads)?;
    let own = import.network.shape(key)[2];
    let [key, value] = [joined(import, node, 4, key)?, joined(import, node, 5, value)?];
    let past = import.network.shape(key)[2] - own;
    let present = [key, value];
    let [key, value] = [repeated(import, node, query, key)?, repeated(import, node, query, value)?];
    let turned = import.push_part(node, Op::Transpose { order: vec![0, 1, 3, 2] }, &[key])?;
    let products = import.push_part(node, Op::MatMul, &[query, turned])?;
    let scale = attributes.float("scale", 0.0)?;
    let features = import.network.shape(query)[3] as f32;
    let mut scores = times(import, node, products, if scale == 0.0 { 1.0 / features.sqrt() } else { scale })?;
    let raw = scores;
    let cap = attributes.float("softcap", 0.0)?;
    if cap > 0.0 {
        let small = times(import, node, scores, 1.0 / cap)?;
        let bent = import.push_part(node, Op::Activation(Activation::Tanh), &[small])?;
        scores = times(import, node, bent, cap)?;
    }
    let mask = mask(import, node, scores, past)?;
    let probabilities = probabilities(import, node, scores, &mask)?;
    let mut result = import.push_part(node, Op::MatMul, &[probabilities, value])?;
    if flat {
        result = import.push_part(node, Op::Transpose { order: vec![0, 2, 1, 3] }, &[result])?;
        let &[batch, length, heads, features] = import.network.shape(result) else { return Ok(Outcome::Digital) };
        let shape = vec![batch, length, heads * features];
        result = import.push_part(node, Op::Reshape { shape }, &[result])?;
    }
    let mut outputs = vec![result, present[0], present[1]];
    // What modes 1 and 2 yield has changed between operator sets.
    match (node.outputs.get(3).filter(|name| !name.is_empty()), attributes.int("qk_matmul_output_mode", 0)?) {
        (None, _) => {}
        (_, 0) => outputs.push(raw),
        (_, 3) => outputs.push(probabilities),
        (_, mode) => return Err(attributes.unsupported("qk_matmul_output_mode", mode, "0 and 3 are allowed")),
    }
    let outputs = outputs.into_iter().map(|id| import.with_batch(node, id).map(Value::Node));
    Ok(Outcome::Values(outputs.collect::<Result<_, Problem>>()?))
}

fn rank(import: &Import, node: &OnnxNode<'_>, index: usize) -> Result<usize, Problem> {
    match node.input(index) {
        Some(Value::Constant(constant)) => Ok(constant.shape().len()),
        _ => node.runtime(index).map(|feature| import.full_shape(feature).len()),
    }
}

/// An input as a node of its whole ONNX shape.
fn whole(import: &mut Import, node: &OnnxNode<'_>, index: usize) -> Result<NodeId, Problem> {
    match node.input(index) {
        Some(Value::Constant(constant)) => import.constant_node(node, constant, constant.shape().to_vec()),
        _ => import.whole(node, node.runtime(index)?),
    }
}

/// An input with an axis for its heads.
fn heads(import: &mut Import, node: &OnnxNode<'_>, index: usize, heads: i64) -> Result<NodeId, Problem> {
    let id = whole(import, node, index)?;
    match *import.network.shape(id) {
        [_, _, _, _] => Ok(id),
        [batch, length, features] => {
            let heads = usize::try_from(heads).ok().filter(|&heads| heads > 0 && features.is_multiple_of(heads));
            let heads = heads.ok_or_else(|| node.fail(format!("has {features} features for its heads")))?;
            let shape = vec![batch, length, heads, features / heads];
            let split = import.push_part(node, Op::Reshape { shape }, &[id])?;
            import.push_part(node, Op::Transpose { order: vec![0, 2, 1, 3] }, &[split])
        }
        ref other => Err(node.fail(format!("takes a tensor of shape {other:?}; three or four axes are expected"))),
    }
}

/// Keys or values behind those of before, which are input `index`.
fn joined(import: &mut Import, node: &OnnxNode<'_>, index: usize, id: NodeId) -> Result<NodeId, Problem> {
    if node.input(index).is_none() {
        return Ok(id);
    }
    let past = whole(import, node, index)?;
    import.push_part(node, Op::Concat { axis: 2 }, &[past, id])
}

/// Keys or values of a head once for each of the queries' heads that share it.
fn repeated(import: &mut Import, node: &OnnxNode<'_>, query: NodeId, id: NodeId) -> Result<NodeId, Problem> {
    let [wanted, own] = [query, id].map(|id| import.network.shape(id)[1]);
    if wanted == own {
        return Ok(id);
    }
    if !wanted.is_multiple_of(own) {
        return Err(node.fail(format!("has {wanted} heads of queries for {own} of keys")));
    }
    import.spend(node, wanted)?;
    let indices = (0..wanted).map(|head| head / (wanted / own)).collect();
    import.push_part(node, Op::Select { axis: 1, indices }, &[id])
}

fn times(import: &mut Import, node: &OnnxNode<'_>, id: NodeId, factor: f32) -> Result<NodeId, Problem> {
    let factor = import.push_part(node, Op::Constant(Tensor::new(vec![], vec![factor]).into()), &[])?;
    import.push_part(node, Op::Mul, &[id, factor])
}

/// Who attends to whom, of scores `[batch, heads, queries, keys]`.
fn mask(import: &mut Import, node: &OnnxNode<'_>, scores: NodeId, past: usize) -> Result<Mask, Problem> {
    let shape = import.network.shape(scores).to_vec();
    let mut mask = Mask::default();
    match node.input(3) {
        None => {}
        Some(Value::Constant(constant)) => {
            let constant = &widened(import, node, constant, shape[3])?;
            let own = constant.shape().to_vec();
            if constant.kind() != Some(IntType::Bool) {
                mask.bias = Some(import.constant_node(node, constant, own.clone())?);
            }
            let holds = |&x: &f32| f32::from(if constant.kind().is_some() { x != 0.0 } else { x > MASKED });
            let allowed = constant.to_floats().values().iter().map(holds).collect();
            mask.allowed.push(import.constant_node(node, &Constant::float(own.clone(), allowed), own)?);
        }
        Some(_) => {
            let id = whole(import, node, 3)?;
            if import.network.shape(id).last() != Some(&shape[3]) {
                return Err(node.fail("has a mask shorter than its keys that depends on the image"));
            }
            if import.types.of(&node.proto.input[3]) == NumberType::Bool {
                mask.allowed.push(id);
            } else {
                let least = import.push_part(node, Op::Constant(Tensor::new(vec![], vec![MASKED]).into()), &[])?;
                mask.bias = Some(id);
                mask.allowed.push(import.push_part(node, Op::Pairwise(Pairwise::Greater), &[id, least])?);
            }
        }
    }
    if let Some(places) = allowed_places(import, node, &shape, past as i64)? {
        mask.allowed.push(import.constant_node(node, &places, places.shape().to_vec())?);
    }
    Ok(mask)
}

/// A constant mask as long as the keys: nobody attends to those it says nothing of.
fn widened(import: &mut Import, node: &OnnxNode<'_>, constant: &Constant, keys: usize) -> Result<Constant, Problem> {
    let mut shape = constant.shape().to_vec();
    let Some(own) = shape.last().copied().filter(|&own| own < keys && own > 1) else {
        return Ok(constant.clone());
    };
    import.spend(node, (constant.len() / own).saturating_mul(keys))?;
    shape.pop();
    shape.push(keys);
    let floats = constant.to_floats();
    let filling = if constant.kind().is_some() { 0.0 } else { MASKED };
    let rows = floats.values().chunks(own);
    let values = rows.flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(filling, keys - own)));
    Ok(match constant.kind() {
        Some(kind) => Constant::int(shape, values.map(|x| x as i64).collect(), kind),
        None => Constant::float(shape, values.collect()),
    })
}

/// Truth values of who attends to whom by their places alone, `past` keys being of before: no later key, none outside a window, none that is padding.
fn allowed_places(
    import: &mut Import,
    node: &OnnxNode<'_>,
    scores: &[usize],
    past: i64,
) -> Result<Option<Constant>, Problem> {
    let causal = node.attributes.flag("is_causal", false)?;
    let window = [node.attributes.int("left_window_size", -1)?, node.attributes.int("right_window_size", -1)?];
    let lengths = match node.input(6) {
        None => None,
        Some(_) => {
            let constant = node.constant(6).ok_or_else(|| node.fail("has lengths that depend on the image"))?;
            Some(node.integers(constant)?.to_vec())
        }
    };
    if !causal && window == [-1, -1] && lengths.is_none() {
        return Ok(None);
    }
    let (batch, queries, keys) = (scores[0], scores[2], scores[3]);
    if lengths.as_ref().is_some_and(|lengths| lengths.len() != batch) {
        return Err(node.fail(format!("has lengths of keys for other than {batch} sequences")));
    }
    let allowed = |image: usize, query: usize, key: usize| {
        let length = lengths.as_ref().map(|lengths| lengths[image]);
        let offset = length.map_or(past, |length| if node.input(4).is_none() { length - queries as i64 } else { past });
        let ahead = key as i64 - (query as i64 + offset);
        (!causal || ahead <= 0)
            && (window[0] < 0 || -ahead <= window[0])
            && (window[1] < 0 || ahead <= window[1])
            && length.is_none_or(|length| (key as i64) < length)
    };
    let images = if lengths.is_some() { batch } else { 1 };
    import.spend(node, images.saturating_mul(queries).saturating_mul(keys))?;
    let mut values = vec![];
    for image in 0..images {
        for query in 0..queries {
            values.extend((0..keys).map(|key| f32::from(allowed(image, query, key))));
        }
    }
    Ok(Some(Constant::float(vec![images, 1, queries, keys], values)))
}

/// Normalised exponentials of the scores of what is attended to; zeros where nothing is.
fn probabilities(import: &mut Import, node: &OnnxNode<'_>, scores: NodeId, mask: &Mask) -> Result<NodeId, Problem> {
    let mut scores = scores;
    if let Some(bias) = mask.bias {
        scores = import.push_part(node, Op::Add, &[scores, bias])?;
    }
    let number = |import: &mut Import, value: f32| {
        import.push_part(node, Op::Constant(Tensor::new(vec![], vec![value]).into()), &[])
    };
    for &allowed in &mask.allowed {
        let masked = number(import, MASKED)?;
        scores = import.push_part(node, Op::Where, &[allowed, scores, masked])?;
    }
    let mut shares = import.push_part(node, Op::Softmax { axis: 3 }, &[scores])?;
    for &allowed in &mask.allowed {
        let zero = number(import, 0.0)?;
        shares = import.push_part(node, Op::Where, &[allowed, shares, zero])?;
    }
    Ok(shares)
}
