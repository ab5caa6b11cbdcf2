//! Resize and Upsample: interpolation axis by axis.

use super::Outcome;
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::Feature;
use tilewright::network::{MAX_SIDE, NodeId, Op};

/// How an axis is resized.
#[derive(Clone, Copy, Debug)]
struct Axis {
    /// Length before.
    from: usize,
    /// Length after.
    to: usize,
    /// The factor the model gives, or the ratio of the lengths.
    scale: f64,
}

impl Axis {
    /// Whether the scale makes the new length of the old one without rounding.
    fn is_whole(&self) -> bool {
        (self.scale * self.from as f64 - self.to as f64).abs() < 1e-3
    }
}

/// The attributes that say where and how values are taken.
struct Rule<'a> {
    coordinates: &'a str,
    mode: &'a str,
    nearest: &'a str,
    cubic: f64,
    exclude_outside: bool,
}

pub(super) fn resize(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if (1..4).any(|index| node.varies(index)) {
        return Ok(Outcome::Digital);
    }
    let attributes = &node.attributes;
    let rule = Rule {
        coordinates: attributes.string("coordinate_transformation_mode", "half_pixel")?,
        mode: attributes.string("mode", "nearest")?,
        nearest: attributes.string("nearest_mode", "round_prefer_floor")?,
        cubic: attributes.float("cubic_coeff_a", -0.75)?.into(),
        exclude_outside: attributes.flag("exclude_outside", false)?,
    };
    attributes.only_int("antialias", 0)?;
    attributes.ignore(&["extrapolation_value"]);
    check(node, &rule)?;
    let input = node.runtime(0)?;
    let full = import.full_shape(input);
    // Operator set 10 has no regions of interest, so what is left moves forward.
    let (scales, sizes) = if import.opset < 11 { (1, usize::MAX) } else { (2, 3) };
    let axes = axes(node, &full, [scales, sizes])?;
    if let Some(axis) = axes.iter().find(|axis| rule.coordinates == "align_corners" && !axis.is_whole()) {
        // The standard divides by the length before it is rounded, ONNX Runtime by the one after.
        return Err(node.fail(format!(
            "aligns the corners of an axis of length {} scaled by {}; a scale that makes a whole number of it is expected",
            axis.from, axis.scale
        )));
    }
    let rule = if import.opset < 11 { Rule { coordinates: "asymmetric", nearest: "floor", ..rule } } else { rule };
    resized(import, node, input, &axes, &rule)
}

/// As Resize was called before operator set 10.
pub(super) fn upsample(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let mode = node.attributes.string("mode", "nearest")?;
    let scales = match node.attributes.floats("scales")? {
        Some(scales) => scales.to_vec(),
        None => match node.constant(1) {
            Some(scales) => node.floats(scales)?.values().to_vec(),
            None => return Ok(Outcome::Digital),
        },
    };
    let input = node.runtime(0)?;
    let full = import.full_shape(input);
    let axes = scaled(node, &full, &scales, &(0..full.len()).collect::<Vec<_>>())?;
    let rule = Rule { coordinates: "asymmetric", mode, nearest: "floor", cubic: -0.75, exclude_outside: false };
    check(node, &rule)?;
    resized(import, node, input, &axes, &rule)
}

fn check(node: &OnnxNode<'_>, rule: &Rule<'_>) -> Result<(), Problem> {
    let known = |attribute: &str, found: &str, allowed: &[&str]| {
        if allowed.contains(&found) {
            return Ok(());
        }
        let list = format!("{} are allowed", allowed.join(", "));
        Err(node.attributes.unsupported(attribute, format!("{found:?}"), &list))
    };
    known(
        "coordinate_transformation_mode",
        rule.coordinates,
        &["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"],
    )?;
    known("mode", rule.mode, &["nearest", "linear", "cubic"])?;
    known("nearest_mode", rule.nearest, &["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
}

/// Every ONNX axis, from the scales or sizes that are given for all of them or for those listed.
fn axes(node: &OnnxNode<'_>, full: &[usize], [scales, sizes]: [usize; 2]) -> Result<Vec<Axis>, Problem> {
    let listed = match node.attributes.ints("axes")? {
        Some(axes) => axes.iter().map(|&axis| node.axis("axes", axis, full.len())).collect::<Result<Vec<_>, _>>()?,
        None => (0..full.len()).collect(),
    };
    let policy = node.attributes.string("keep_aspect_ratio_policy", "stretch")?;
    if let Some(scales) = node.constant(scales).filter(|scales| scales.len() > 0) {
        return scaled(node, full, node.floats(scales)?.values(), &listed);
    }
    let Some(sizes) = node.constant(sizes) else { return Err(node.fail("has neither scales nor sizes")) };
    let sizes = node.integers(sizes)?;
    if sizes.len() != listed.len() {
        return Err(node.fail(format!("has {} sizes for {} axes", sizes.len(), listed.len())));
    }
    let mut axes: Vec<Axis> = full.iter().map(|&length| Axis { from: length, to: length, scale: 1.0 }).collect();
    let ratios = listed.iter().zip(sizes).map(|(&axis, &size)| size as f64 / full[axis] as f64);
    let common = match policy {
        "stretch" => None,
        "not_larger" => Some(ratios.fold(f64::INFINITY, f64::min)),
        "not_smaller" => Some(ratios.fold(0.0, f64::max)),
        other => {
            let allowed = "stretch, not_larger and not_smaller are allowed";
            return Err(node.attributes.unsupported("keep_aspect_ratio_policy", format!("{other:?}"), allowed));
        }
    };
    for (&axis, &size) in listed.iter().zip(sizes) {
        let wanted = common.map_or(size, |common| (common * full[axis] as f64 + 0.5).floor() as i64);
        let to = length(node, wanted)?;
        axes[axis] = Axis { from: full[axis], to, scale: common.unwrap_or(to as f64 / full[axis] as f64) };
    }
    Ok(axes)
}

fn scaled(node: &OnnxNode<'_>, full: &[usize], scales: &[f32], listed: &[usize]) -> Result<Vec<Axis>, Problem> {
    if scales.len() != listed.len() {
        return Err(node.fail(format!("has {} scales for {} axes", scales.len(), listed.len())));
    }
    let mut axes: Vec<Axis> = full.iter().map(|&length| Axis { from: length, to: length, scale: 1.0 }).collect();
    for (&axis, &scale) in listed.iter().zip(scales) {
        if !(scale.is_finite() && scale > 0.0) {
            return Err(node.fail(format!("has the scale {scale}; a positive number is expected")));
        }
        // As ONNX Runtime does, in 32 bits.
        let to = length(node, (full[axis] as f32 * scale).floor() as i64)?;
        axes[axis] = Axis { from: full[axis], to, scale: scale.into() };
    }
    Ok(axes)
}

fn length(node: &OnnxNode<'_>, length: i64) -> Result<usize, Problem> {
    usize::try_from(length)
        .ok()
        .filter(|length| (1..=MAX_SIDE).contains(length))
        .ok_or_else(|| node.fail(format!("resizes an axis to {length}; 1 to {MAX_SIDE} are supported")))
}

fn resized(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: Feature,
    axes: &[Axis],
    rule: &Rule<'_>,
) -> Result<Outcome, Problem> {
    let mut id = input.id;
    for (place, axis) in axes.iter().enumerate().filter(|(_, axis)| axis.from != axis.to || axis.scale != 1.0) {
        let own = import.axis(node, input, "axes", place as i64)?;
        id = along(import, node, id, own, *axis, rule)?;
    }
    let shape = import.network.shape(id).to_vec();
    let id = if id == input.id { import.push(node, Op::Reshape { shape }, &[id])? } else { id };
    Ok(Feature { id, ..input }.into())
}

/// One axis resized.
fn along(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: NodeId,
    own: usize,
    axis: Axis,
    rule: &Rule<'_>,
) -> Result<NodeId, Problem> {
    if rule.mode == "nearest" {
        import.spend(node, axis.to)?;
        let indices =
            (0..axis.to).map(|output| nearest(coordinate(output, axis, rule.coordinates), rule.nearest, axis));
        return import.push_part(node, Op::Select { axis: own, indices: indices.collect() }, &[input]);
    }
    let taps: Vec<Vec<(usize, f32)>> = (0..axis.to).map(|output| taps(output, axis, rule)).collect();
    import.spend(node, taps.iter().map(Vec::len).sum())?;
    import.push_part(node, Op::Interpolate { axis: own, taps: taps.into() }, &[input])
}

/// Where an output element lies among those of the input (ONNX operator `Resize`, version 19).
fn coordinate(output: usize, axis: Axis, mode: &str) -> f64 {
    let (x, scale) = (output as f64, axis.scale);
    let [from, to] = [axis.from, axis.to].map(|length| length as f64);
    match mode {
        "align_corners" if axis.to == 1 => 0.0,
        "align_corners" => x * (from - 1.0) / (to - 1.0),
        "asymmetric" => x / scale,
        "pytorch_half_pixel" if axis.to == 1 => 0.0,
        "half_pixel_symmetric" => {
            let adjustment = to / (scale * from);
            from / 2.0 * (1.0 - adjustment) + (x + 0.5) / scale - 0.5
        }
        _ => (x + 0.5) / scale - 0.5,
    }
}

fn nearest(x: f64, mode: &str, axis: Axis) -> usize {
    let rounded = match mode {
        "floor" => x.floor(),
        "ceil" => x.ceil(),
        "round_prefer_ceil" => (x + 0.5).floor(),
        _ => (x - 0.5).ceil(),
    };
    rounded.clamp(0.0, axis.from as f64 - 1.0) as usize
}

/// The elements that make an output element, with their weights.
fn taps(output: usize, axis: Axis, rule: &Rule<'_>) -> Vec<(usize, f32)> {
    let x = coordinate(output, axis, rule.coordinates);
    let cubic = rule.mode == "cubic";
    let reach = if cubic { 2.0 } else { 1.0 };
    let weight = |place: f64| {
        let distance = (x - place).abs();
        if cubic { keys(distance, rule.cubic) } else { (1.0 - distance).max(0.0) }
    };
    let places = ((x - reach).ceil() as i64)..=((x + reach).floor() as i64);
    let last = axis.from as i64 - 1;
    let inside = |place: &i64| !rule.exclude_outside || (0..=last).contains(place);
    let weighted: Vec<(i64, f64)> = places.filter(inside).map(|place| (place, weight(place as f64))).collect();
    let sum: f64 = weighted.iter().map(|(_, weight)| weight).sum();
    let mut taps: Vec<(usize, f64)> = vec![];
    for (place, weight) in weighted {
        // Beyond the border its last element counts.
        let place = place.clamp(0, last) as usize;
        let weight = if rule.exclude_outside { weight / sum } else { weight };
        match taps.last_mut().filter(|(before, _)| *before == place) {
            Some((_, together)) => *together += weight,
            None => taps.push((place, weight)),
        }
    }
    taps.into_iter().filter(|&(_, weight)| weight != 0.0).map(|(place, weight)| (place, weight as f32)).collect()
}

/// Weight of an element at a distance in cubic interpolation (Keys 1981).
fn keys(distance: f64, a: f64) -> f64 {
    match distance {
        d if d <= 1.0 => ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0,
        d if d < 2.0 => ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a,
        _ => 0.0,
    }
}
