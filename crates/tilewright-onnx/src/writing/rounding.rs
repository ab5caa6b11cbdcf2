//! Roundings of activations.

use super::WriteError;
use super::graph::{Graph, OPSET_OF_16_BITS, Type};
use tilewright::network::Node;

/// To integers of a range known in advance.
pub(super) fn fixed(
    graph: &mut Graph<'_>,
    node: &Node,
    scale: f32,
    zero_point: i32,
    range: [i32; 2],
) -> Result<(), WriteError> {
    let name = &node.name;
    let kind = integers(range, zero_point);
    let kind = kind.ok_or_else(|| {
        WriteError::node(
            node,
            format!("rounds to {} to {}; 8 bits or fewer, or 16, can be written", range[0], range[1]),
        )
    })?;
    if matches!(kind, Type::U16 | Type::I16) {
        graph.opset = graph.opset.max(OPSET_OF_16_BITS);
    }
    let input = graph.features(node)?.remove(0);
    let step = graph.number(name, "step", scale);
    let zero_point = graph.levels(name, "zero_point", kind, &[], &[zero_point.into()]);
    let mut levels = graph.fresh(&format!("{name}.integers"));
    // The reader calls the rounding as its first node.
    graph.called(name, "QuantizeLinear", &[&input, &step, &zero_point], &[&levels], &[]);
    if kind.range() != Some(range) {
        let [least, greatest] = ["least", "greatest"]
            .map(|end| graph.levels(name, end, kind, &[], &[range[usize::from(end == "greatest")].into()]));
        let output = graph.fresh(&format!("{name}.clipped"));
        levels = graph.part("Clip", &[levels, least, greatest], output, &[]);
    }
    let last = graph.fresh(&format!("{name}.dequantized"));
    graph.called(&last, "DequantizeLinear", &[levels, step, zero_point], &[name], &[]);
    Ok(())
}

/// The narrowest type for the integers of a range: a byte for any range within it, else 16 bits as a whole, since no runtime is known
/// to limit integers of 16 bits.
fn integers(range: [i32; 2], zero_point: i32) -> Option<Type> {
    let holds = |kind: &Type| {
        kind.range().is_some_and(|[least, greatest]| {
            range.iter().chain([&zero_point]).all(|value| (least..=greatest).contains(value))
        })
    };
    let words = || [Type::U16, Type::I16].into_iter().find(|kind| kind.range() == Some(range) && holds(kind));
    [Type::U8, Type::I8].into_iter().find(holds).or_else(words)
}

/// To the levels each image chooses.
pub(super) fn dynamic(graph: &mut Graph<'_>, node: &Node) -> Result<(), WriteError> {
    let input = graph.features(node)?;
    let parts = ["levels", "step", "zero_point"].map(|what| graph.fresh(&format!("{}.{what}", node.name)));
    // The reader calls the rounding as its first node.
    graph.called(&node.name, "DynamicQuantizeLinear", &input, &parts.each_ref().map(String::as_str), &[]);
    let last = graph.fresh(&format!("{}.dequantized", node.name));
    graph.called(&last, "DequantizeLinear", &parts, &[&node.name], &[]);
    Ok(())
}
