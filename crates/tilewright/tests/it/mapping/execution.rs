//! Every scheme, run through explicit cells, equals the plain convolution bit for bit and uses what its formulas count.

use super::problem::{MappingProblem, problems};
use proptest::prelude::*;
use tilewright::mapping::scheme::{SCHEMES, Scheme};
use tilewright::mapping::{MappingError, Tiles, execute};

/// Runs one scheme; `false` if no tiling of it fits the crossbar.
fn check(problem: &MappingProblem, scheme: &dyn Scheme) -> bool {
    let MappingProblem { shape, target, .. } = problem;
    let tiling = match scheme.tile(shape, target) {
        Ok(tiling) => tiling,
        Err(MappingError::DoesNotFit { .. }) => return false,
        Err(error) => panic!("{}: {error}", scheme.name()),
    };
    let tiles = Tiles::new(shape, tiling, target.crossbar, target.encoding).expect("a scheme yields what fits");
    let counts = execute::verify(&tiles, &problem.weights(), &problem.input());
    let counts = counts.unwrap_or_else(|error| panic!("{} {tiling:?}: {error}", scheme.name()));
    assert!(counts.utilization(target.crossbar) <= 1.0);
    assert_eq!(counts.array_activations, counts.windows * counts.row_blocks * counts.column_blocks);
    true
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
