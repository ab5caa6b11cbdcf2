//! Every scheme, run through explicit cells, equals the plain convolution bit for bit and uses what its formulas count.

use super::problem::{MappingProblem, problems};
use proptest::prelude::*;
use tilewright::mapping::scheme::{self, SCHEMES, Scheme};
use tilewright::mapping::search::candidates;
use tilewright::mapping::{
    BlockScope, CrossbarSize, Encoding, MappingError, SignRule, Target, Tiles, Tiling, execute, placement,
};
use tilewright::network::{ConvShape, Padding};

/// Runs one scheme; `false` if no tiling of it fits the crossbar.
fn check(problem: &MappingProblem, scheme: &dyn Scheme) -> bool {
    let MappingProblem { shape, target, .. } = problem;
    let tiling = match scheme.tile(shape, target) {
        Ok(tiling) => tiling,
        Err(MappingError::DoesNotFit { .. }) => return false,
        Err(error) => panic!("{}: {error}", scheme.name()),
    };
    run(problem, tiling, scheme.name());
    true
}

/// Runs one tiling: equal to the plain convolution, counts equal to what was used, no crossbar of a dense block without a weight.
fn run(problem: &MappingProblem, tiling: Tiling, name: &str) {
    let MappingProblem { shape, target, .. } = problem;
    let tiles = Tiles::new(shape, tiling, target.crossbar, target.encoding).expect("a scheme yields what fits");
    let counts = execute::verify(&tiles, &problem.weights(), &problem.input());
    let counts = counts.unwrap_or_else(|error| panic!("{name} {tiling:?}: {error}"));
    assert!(counts.utilization(target.crossbar) <= 1.0);
    let packs_a_crossbar = tiles.packs() as f64 / tiles.group_packs() as f64;
    let activations = (counts.windows * counts.row_blocks * counts.column_blocks) as f64 * packs_a_crossbar;
    assert_eq!(counts.array_activations, activations.round() as u64);
    if tiling.scope == BlockScope::Layer && shape.groups > 1 {
        assert!(placement::crossbars(&tiles).all(|crossbar| !crossbar.weights.is_empty()), "{name} {tiling:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_scheme_equals_the_plain_convolution(problem in problems()) {
        for scheme in SCHEMES {
            check(&problem, scheme);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_candidate_equals_the_plain_convolution(problem in problems()) {
        for candidate in candidates(&problem.shape, &problem.target).unwrap_or_default() {
            run(&problem, candidate.tiling, "candidate");
        }
    }
}

proptest! {
    /// Images large enough for the band to repeat itself, where counting takes its short cut.
    #[test]
    fn a_band_is_counted_as_it_is_placed(
        channels in (1..=4usize, 1..=4usize),
        image in (1..=40usize, 1..=12usize),
        kernel in 1..=3usize,
        stride in 1..=2usize,
        crossbar in (1..=16usize, 2..=16usize),
    ) {
        let shape = ConvShape {
            stride: [stride, stride],
            padding: Padding::all(kernel / 2),
            ..ConvShape::new(channels.0, [image.0, image.1], channels.1, kernel)
        };
        let crossbar = CrossbarSize { rows: crossbar.0, columns: crossbar.1 };
        let target = Target::new(crossbar, Encoding::whole(SignRule::Differential));
        let tiling = scheme::find("unfolded").unwrap().tile(&shape, &target).unwrap();
        let tiles = Tiles::new(&shape, tiling, target.crossbar, target.encoding).unwrap();
        let placed: Vec<_> = placement::crossbars(&tiles).collect();
        let one_by_one = placement::Crossbars::new(&tiles);
        prop_assert_eq!(one_by_one.count(), placed.len());
        prop_assert!((0..placed.len()).rev().all(|number| one_by_one.place(number) == placed[number]));
        let counts = tiles.counts().unwrap();
        prop_assert_eq!(counts.crossbars, placed.len() as u64);
        prop_assert_eq!(counts.input_loads, placed.iter().map(|crossbar| crossbar.rows.len() as u64).sum::<u64>());
        prop_assert!(placed.iter().all(|crossbar| !crossbar.weights.is_empty()));
    }
}
