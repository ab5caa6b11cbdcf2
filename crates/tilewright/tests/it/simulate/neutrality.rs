//! Hardware that does nothing wrong computes the integer network, bit for bit.

use super::one_layer::{expected, image, map, run};
use crate::mapping::problem::{MappingProblem, problems};
use proptest::prelude::*;
use tilewright::mapping::search::candidates;
use tilewright::mapping::{Mapping, MappingError, SignRule, scheme};
use tilewright::simulate::{Hardware, PairRead, SimulateError};

fn check(problem: &MappingProblem, scheme: &str, hardware: &Hardware) {
    let scheme = scheme::find(scheme).expect("a scheme of the registry");
    let mapping = match map(problem, scheme) {
        Ok(mapping) => mapping,
        Err(MappingError::DoesNotFit { .. }) => return,
        Err(error) => panic!("{error}"),
    };
    check_mapping(problem, &mapping, hardware);
}

fn check_mapping(problem: &MappingProblem, mapping: &Mapping, hardware: &Hardware) {
    match run(problem, mapping, hardware, 1, &[image(problem)]) {
        Ok(scores) => assert_eq!(scores[0], expected(problem), "{} {:?}", mapping.scheme, mapping.layers[0].tiling),
        Err(SimulateError::Setting { what, .. }) => {
            assert_eq!((what.as_str(), problem.target.encoding.sign), ("the encoding", SignRule::Single));
        }
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_scheme_is_exact(problem in problems(), dac_bits in prop_oneof![Just(None), (1..=9u32).prop_map(Some)]) {
        let hardware = Hardware { dac_bits, ..Hardware::ideal() };
        for scheme in scheme::SCHEMES {
            check(&problem, scheme.name(), &hardware);
        }
    }

    /// Crossbars of a stack share weight columns with the next, and those of another lane.
    #[test]
    fn every_stack_is_exact(problem in problems()) {
        let candidates = candidates(&problem.shape, &problem.target).unwrap_or_default();
        for candidate in candidates.iter().filter(|candidate| candidate.tiling.is_stacked()).take(8) {
            let mut mapping = map(&problem, &scheme::Optimal).expect("a candidate fits");
            mapping.layers[0].tiling = candidate.tiling;
            mapping.layers[0].counts = candidate.counts;
            check_mapping(&problem, &mapping, &Hardware::ideal());
        }
    }

    #[test]
    fn pairs_read_apart_are_exact(problem in problems()) {
        check(&problem, "im2col", &Hardware { pairs: PairRead::Apart, ..Hardware::ideal() });
    }
}
