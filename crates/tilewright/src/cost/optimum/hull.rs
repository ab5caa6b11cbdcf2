//! Sums of one point a layer: the corners of their convex hull, walked by merging the layers' lower hulls, steepest step first.

/// A point of a layer: what is bought with the first coordinate is a smaller second one.
pub(super) type Point = [f64; 2];

/// The corners of the sums' lower hull.
pub(super) struct Merged {
    /// Sums at the corners, by ascending first coordinate.
    pub corners: Vec<Point>,
}

impl Merged {
    pub(super) fn new(layers: &[Vec<Point>]) -> Self {
        let mut sum = [0.0; 2];
        let mut steps: Vec<Point> = Vec::new();
        for points in layers {
            let hull = lower_hull(points);
            let start = points[hull[0]];
            sum = [sum[0] + start[0], sum[1] + start[1]];
            steps.extend(hull.windows(2).map(|pair| {
                let [from, to] = [points[pair[0]], points[pair[1]]];
                [to[0] - from[0], from[1] - to[1]]
            }));
        }
        steps.sort_by(|a, b| (b[1] * a[0]).total_cmp(&(a[1] * b[0])));
        let mut corners = vec![sum];
        for step in steps {
            sum = [sum[0] + step[0], sum[1] - step[1]];
            corners.push(sum);
        }
        Self { corners }
    }

    /// No combination has a smaller product of the two sums: a product is quasi-concave, so over the hull it is least at a corner.
    pub(super) fn least_product(&self) -> f64 {
        self.corners.iter().map(|corner| corner[0] * corner[1]).fold(f64::INFINITY, f64::min)
    }

    /// No combination whose first sum is at most `most` has a smaller second one; infinite if none keeps to it.
    pub(super) fn least_second(&self, most: f64) -> f64 {
        let above = self.corners.partition_point(|corner| corner[0] <= most);
        match (above.checked_sub(1).map(|place| self.corners[place]), self.corners.get(above)) {
            (None, _) => f64::INFINITY,
            (Some(last), None) => last[1],
            (Some(last), Some(next)) => last[1] - (last[1] - next[1]) * (most - last[0]) / (next[0] - last[0]),
        }
    }
}

/// The corners that are least for some positive weights of the two coordinates, by ascending first coordinate.
pub(super) fn lower_hull(points: &[Point]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| points[a][0].total_cmp(&points[b][0]).then(points[a][1].total_cmp(&points[b][1])));
    let mut hull: Vec<usize> = Vec::new();
    for next in order {
        if hull.last().is_some_and(|&last| points[next][1] >= points[last][1]) {
            continue;
        }
        while let [.., before, last] = hull[..]
            && turns_up(points[before], points[last], points[next])
        {
            hull.pop();
        }
        hull.push(next);
    }
    hull
}

/// Whether `b` lies on or above the line from `a` to `c`.
fn turns_up(a: Point, b: Point, c: Point) -> bool {
    (b[0] - a[0]) * (c[1] - a[1]) <= (b[1] - a[1]) * (c[0] - a[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination's sums.
    fn all(layers: &[Vec<Point>]) -> Vec<Point> {
        let mut sums = vec![[0.0, 0.0]];
        for points in layers {
            sums = sums.iter().flat_map(|s| points.iter().map(move |p| [s[0] + p[0], s[1] + p[1]])).collect();
        }
        sums
    }

    #[test]
    fn products_equal_enumeration_and_seconds_bound_it() {
        let mut state = 7u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            1.0 + (state >> 40) as f64 % 40.0
        };
        for _ in 0..2000 {
            let count = 1 + next() as usize % 4;
            let layers: Vec<Vec<Point>> =
                (0..count).map(|_| (0..1 + next() as usize % 6).map(|_| [next(), next()]).collect()).collect();
            let (merged, sums) = (Merged::new(&layers), all(&layers));
            let product = sums.iter().map(|sum| sum[0] * sum[1]).fold(f64::INFINITY, f64::min);
            assert_eq!(merged.least_product(), product, "{layers:?}");
            for most in [sums[0][0], next(), 4.0 * next()] {
                let second = sums.iter().filter(|sum| sum[0] <= most).map(|sum| sum[1]).fold(f64::INFINITY, f64::min);
                assert!(merged.least_second(most) <= second + 1e-9, "{layers:?} {most}");
            }
            assert_eq!(merged.least_second(0.0), f64::INFINITY);
        }
    }
}
