//! Few points that stand for a front: those that together dominate most.

/// The places of at most `most` of `points`, of which less is better in both coordinates, chosen one after another so that the area that
/// the chosen ones dominate grows most; those that add nothing are left out. Coordinates count as parts of their range, and the area
/// reaches a tenth of it beyond the greatest, so that the ends of a front count, too (greedy hypervolume subset selection: Guerreiro,
/// Fonseca, Paquete 2016).
pub fn covering(points: &[[f64; 2]], most: usize) -> Vec<usize> {
    let parts = [0, 1].map(|axis| parts(points, axis));
    let parts: Vec<[f64; 2]> = (0..points.len()).map(|place| [parts[0][place], parts[1][place]]).collect();
    let mut chosen: Vec<usize> = Vec::new();
    let mut covered = 0.0;
    while chosen.len() < most {
        let with = |&place: &usize| {
            let points: Vec<[f64; 2]> = chosen.iter().chain([&place]).map(|&place| parts[place]).collect();
            (dominated(points), std::cmp::Reverse(place))
        };
        let best = (0..points.len()).map(|place| with(&place)).max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let Some((area, std::cmp::Reverse(place))) = best.filter(|(area, _)| *area > covered) else { break };
        covered = area;
        chosen.push(place);
    }
    chosen
}

/// One coordinate of all points as parts of its range, the least 0 and the greatest 1.
fn parts(points: &[[f64; 2]], axis: usize) -> Vec<f64> {
    let least = points.iter().map(|point| point[axis]).fold(f64::INFINITY, f64::min);
    let range = points.iter().map(|point| point[axis] - least).fold(0.0, f64::max);
    points.iter().map(|point| if range > 0.0 { (point[axis] - least) / range } else { 0.0 }).collect()
}

/// Where the area ends in each coordinate.
const END: f64 = 1.1;

/// The area that points dominate.
fn dominated(mut points: Vec<[f64; 2]>) -> f64 {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let (mut area, mut height) = (0.0, END);
    for [along, up] in points {
        if up < height {
            area += (END - along) * (height - up);
            height = up;
        }
    }
    area
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells of a fine grid that a point is left of and below.
    fn counted(points: &[[f64; 2]]) -> f64 {
        const SIDE: u32 = 110;
        let middle = |cell: u32| (f64::from(cell) + 0.5) * END / f64::from(SIDE);
        let cells = (0..SIDE * SIDE).filter(|cell| {
            let at = [middle(cell % SIDE), middle(cell / SIDE)];
            points.iter().any(|point| point[0] <= at[0] && point[1] <= at[1])
        });
        cells.count() as f64 * (END / f64::from(SIDE)).powi(2)
    }

    #[test]
    fn areas_are_those_of_counted_cells() {
        let mut state = 3u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 % 101.0 / 100.0
        };
        for count in 0..30 {
            let points: Vec<[f64; 2]> = (0..count % 6).map(|_| [next(), next()]).collect();
            assert!((dominated(points.clone()) - counted(&points)).abs() < 1e-9, "{points:?}");
        }
    }

    #[test]
    fn the_first_is_the_best_alone_and_what_adds_nothing_is_left_out() {
        // The middle of the front dominates more than its ends; the last point is dominated.
        let points = [[0.0, 10.0], [10.0, 0.0], [2.0, 2.0], [9.0, 9.0]];
        assert_eq!(covering(&points, 1), [2]);
        let mut all = covering(&points, 9);
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2]);
        assert_eq!(covering(&[[4.0, 4.0], [4.0, 4.0]], 5), [0]);
        assert!(covering(&[], 5).is_empty());
    }
}
