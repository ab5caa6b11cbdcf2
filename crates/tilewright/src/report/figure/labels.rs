//! Names beside points, none on top of another.

use super::{Anchor, Element, line, text, text_width};

const HEIGHT: f64 = 16.0;
/// Points nearer than this look like one and share a name.
const SAME: f64 = 9.0;

/// A box `[left, top, right, bottom]` in SVG units.
type Extent = [f64; 4];

/// A name for a point.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub point: [f64; 2],
    pub name: String,
    /// Whether it is the one the figure is about.
    pub is_own: bool,
}

/// Puts names beside points: for each the first of a list of places that stays within `frame` and touches no other name,
/// no other point and no `obstacle`; if there is none, it may touch obstacles, then anything, but never leaves the frame.
/// A name that had to go far gets a line to its point.
pub(super) fn labels(points: Vec<Label>, obstacles: &[[f64; 2]], frame: Extent) -> Vec<Element> {
    let points = together(points);
    let around = |&[x, y]: &[f64; 2], margin: f64| [x - margin, y - margin, x + margin, y + margin];
    let mut taken: Vec<Extent> = points.iter().map(|label| around(&label.point, 6.0)).collect();
    let crossed: Vec<Extent> = obstacles.iter().map(|obstacle| around(obstacle, 2.0)).collect();
    let mut drawn = Vec::new();
    for (own, Label { point, name, is_own }) in points.iter().enumerate() {
        let width = text_width(name) * if *is_own { 1.12 } else { 1.0 };
        let free = |extent: &Extent| {
            inside(extent, &frame) && taken.iter().enumerate().all(|(i, other)| i == own || apart(extent, other))
        };
        let place = |[dx, dy]: [f64; 2]| {
            let [left, middle] = [point[0] + dx, point[1] + dy];
            [left, middle - HEIGHT / 2.0, left + width, middle + HEIGHT / 2.0]
        };
        let clear = |extent: &Extent| free(extent) && crossed.iter().all(|other| apart(extent, other));
        let find = |fits: &dyn Fn(&Extent) -> bool| offsets(width).map(place).find(fits);
        let extent = find(&clear).or_else(|| find(&free)).unwrap_or_else(|| pushed_into(place([12.0, 0.0]), &frame));
        taken.push(extent);
        drawn.extend(leader(*point, extent));
        // Anchored at the side of its point, so that a larger font grows away from it.
        let (x, anchor) = match extent {
            [left, ..] if left >= point[0] => (left, Anchor::Start),
            [_, _, right, _] if right <= point[0] => (right, Anchor::End),
            [left, _, right, _] => (f64::midpoint(left, right), Anchor::Middle),
        };
        let name = text(x, extent[3] - 4.0, anchor, name);
        drawn.push(name.class(if *is_own { "label own" } else { "label" }));
    }
    drawn
}

/// Names of points that look like one, joined.
fn together(points: Vec<Label>) -> Vec<Label> {
    let mut groups: Vec<Label> = Vec::new();
    for label in points {
        let near = |group: &&mut Label| (group.point[0] - label.point[0]).hypot(group.point[1] - label.point[1]) < SAME;
        if let Some(group) = groups.iter_mut().find(near) {
            group.name = format!("{}, {}", group.name, label.name);
            group.is_own |= label.is_own;
        } else {
            groups.push(label);
        }
    }
    groups
}

/// From a point to a name's left edge and middle line, the best place first: right, left, above, below, then farther out.
fn offsets(width: f64) -> impl Iterator<Item = [f64; 2]> {
    let sides = [12.0, -12.0 - width];
    let near = [[sides[0], 0.0], [sides[1], 0.0], [-width / 2.0, -17.0], [-width / 2.0, 17.0]];
    let rings = (1..=8).flat_map(move |ring| {
        let far = f64::from(ring) * HEIGHT;
        let across = [sides[0] + 2.0, sides[1] - 2.0, -width / 2.0, -width * 0.85, -width * 0.15];
        [-far, far].into_iter().flat_map(move |dy| across.map(|dx| [dx, dy]))
    });
    near.into_iter().chain(rings)
}

/// A line from a point to a name that is not right beside it.
fn leader([x, y]: [f64; 2], [left, top, right, bottom]: Extent) -> Option<Element> {
    let near = [x.clamp(left, right), y.clamp(top, bottom)];
    let far = (near[0] - x).hypot(near[1] - y) > 14.0;
    far.then(|| line("leader", [x, y], near))
}

/// A box moved left or right so that it does not leave the frame there.
fn pushed_into([left, top, right, bottom]: Extent, frame: &Extent) -> Extent {
    let start = left.min(frame[2] - (right - left)).max(frame[0]);
    [start, top, start + right - left, bottom]
}

fn inside(extent: &Extent, frame: &Extent) -> bool {
    extent[0] >= frame[0] && extent[1] >= frame[1] && extent[2] <= frame[2] && extent[3] <= frame[3]
}

fn apart(a: &Extent, b: &Extent) -> bool {
    a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_one_spot_share_a_name() {
        let label = |name: &str, x| Label { point: [x, 50.0], name: name.into(), is_own: name == "b" };
        let groups = together(vec![label("a", 10.0), label("b", 12.0), label("c", 90.0)]);
        let names: Vec<(&str, bool)> = groups.iter().map(|group| (group.name.as_str(), group.is_own)).collect();
        assert_eq!(names, [("a, b", true), ("c", false)]);
    }

    #[test]
    fn a_long_name_stays_within_the_frame() {
        let label = Label { point: [190.0, 50.0], name: "a name of many words".into(), is_own: true };
        let crossing: Vec<[f64; 2]> = (0..40).map(|step| [5.0 * f64::from(step), 50.0]).collect();
        let frame = [0.0, 40.0, 200.0, 60.0];
        let drawn: String = labels(vec![label], &crossing, frame).iter().map(ToString::to_string).collect();
        let x: f64 = drawn.split("x=\"").nth(1).and_then(|rest| rest.split('"').next()?.parse().ok()).expect("a place");
        let width = 1.12 * text_width("a name of many words");
        let ends =
            if drawn.contains(r#"text-anchor="end""#) { [x - width, x] } else { [x - width / 2.0, x + width / 2.0] };
        assert!(ends[0] >= 0.0 && ends[1] <= 200.0, "{drawn}");
    }

    #[test]
    fn a_name_moves_out_of_the_way() {
        let label = |name: &str, x| Label { point: [x, 50.0], name: name.into(), is_own: false };
        let drawn = labels(vec![label("first", 50.0), label("second", 70.0)], &[], [0.0, 0.0, 200.0, 100.0]);
        let drawn: String = drawn.iter().map(ToString::to_string).collect();
        assert!(drawn.contains(">first<") && drawn.contains(">second<"), "{drawn}");
        // To the right of the first point is the second; the first name goes left.
        assert!(drawn.contains(r#"x="38" y="54" text-anchor="end""#), "{drawn}");
    }
}
