//! Names beside points, none on top of another.

use super::{Anchor, Element, line, text, text_width};

const HEIGHT: f64 = 16.0;

/// A box `[left, top, right, bottom]` in SVG units.
type Extent = [f64; 4];

/// Puts names beside points: for each the first of a list of places that stays within `frame` and touches no other name
/// and no other point. A name that had to go far gets a line to its point.
pub(super) fn labels(points: &[([f64; 2], &str)], frame: Extent) -> Vec<Element> {
    let mut taken: Vec<Extent> = points.iter().map(|([x, y], _)| [x - 5.0, y - 5.0, x + 5.0, y + 5.0]).collect();
    let mut drawn = Vec::new();
    for (own, &(point, name)) in points.iter().enumerate() {
        let free = |extent: &Extent| {
            inside(extent, &frame) && taken.iter().enumerate().all(|(i, other)| i == own || apart(extent, other))
        };
        let offsets: Vec<[f64; 2]> = offsets(text_width(name)).collect();
        let place = |[dx, dy]: [f64; 2]| {
            let [left, middle] = [point[0] + dx, point[1] + dy];
            [left, middle - HEIGHT / 2.0, left + text_width(name), middle + HEIGHT / 2.0]
        };
        let extent = offsets.iter().map(|&offset| place(offset)).find(free).unwrap_or_else(|| place(offsets[0]));
        taken.push(extent);
        drawn.extend(leader(point, extent));
        drawn.push(text(extent[0], extent[3] - 4.0, Anchor::Start, name).class("label"));
    }
    drawn
}

/// From a point to a name's left edge and middle line, the best place first: right, left, above, below, then farther out.
fn offsets(width: f64) -> impl Iterator<Item = [f64; 2]> {
    let sides = [10.0, -10.0 - width];
    let near = [[sides[0], 0.0], [sides[1], 0.0], [-width / 2.0, -16.0], [-width / 2.0, 16.0]];
    let rings = (1..=8).flat_map(move |ring| {
        let far = f64::from(ring) * HEIGHT;
        [-far, far].into_iter().flat_map(move |dy| sides.map(|dx| [dx * 1.6, dy]))
    });
    near.into_iter().chain(rings)
}

/// A line from a point to a name that is not right beside it.
fn leader([x, y]: [f64; 2], [left, top, right, bottom]: Extent) -> Option<Element> {
    let middle = f64::midpoint(top, bottom);
    let near = [x.clamp(left - 2.0, right + 2.0), y.clamp(top, bottom)];
    let far = (near[0] - x).hypot(near[1] - y) > 12.0;
    far.then(|| line("leader", [x, y], [near[0], middle]))
}

fn inside(extent: &Extent, frame: &Extent) -> bool {
    extent[0] >= frame[0] && extent[1] >= frame[1] && extent[2] <= frame[2] && extent[3] <= frame[3]
}

fn apart(a: &Extent, b: &Extent) -> bool {
    a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1]
}
