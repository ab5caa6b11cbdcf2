//! Hardware that does nothing wrong computes the integer network, bit for bit.

use super::one_layer::{expected, image, map, run};
use crate::mapping::problem::{MappingProblem, problems};
use proptest::prelude::*;
use tilewright::circuit::Wiring;
use tilewright::circuit::device::{ConductanceRange, Ideal, Levels};
use tilewright::hardware::Subtraction;
use tilewright::mapping::search::candidates;
use tilewright::mapping::{CrossbarSize, Encoding, GroupRule, Mapping, MappingError, SignRule, Target, scheme};
use tilewright::network::{ConvShape, Tensor};
use tilewright::simulate::{Hardware, LevelScale, SimulateError};

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
        Err(SimulateError::Layer { problem: refused, .. }) => {
            assert!(refused.contains("an offset column in common"), "{refused}");
            assert!(mapping.layers[0].tiling.turns > 1 && problem.target.encoding.sign == SignRule::Offset);
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
        check(&problem, "im2col", &Hardware { pairs: Subtraction::Digital, ..Hardware::ideal() });
    }
}

/// −128 is one level more than 127 in a cell that holds it whole, and none of it is beyond the device's range.
#[test]
fn the_least_weight_is_within_the_range_of_the_cells() {
    let range = ConductanceRange { off: 1e-6, on: 1e-4 };
    assert!(Ideal::new(range, Levels::Continuous).is_ok());
    for (cell_bits, level) in [(8, 128), (2, 3), (4, 15)] {
        let encoding = Encoding { sign: SignRule::Differential, weight_bits: 8, cell_bits };
        let scale = |least: i32| LevelScale::new(&encoding, &Tensor::new(vec![2], vec![least, 127]), range);
        let LevelScale { off, step } = scale(-128);
        assert!((off + step * f64::from(level) - range.on).abs() < 1e-15, "{cell_bits}-bit cells");
        let symmetric = LevelScale::new(&encoding, &Tensor::new(vec![1], vec![127]), range);
        assert_eq!(scale(-127).step, symmetric.step);
        assert_eq!(scale(-128).step < symmetric.step, cell_bits == 8);
    }
}

/// Wires carry the currents of all that is programmed on them, and a pack is programmed by itself.
#[test]
fn wires_in_common_are_refused_where_groups_take_turns() {
    let encoding = Encoding { sign: SignRule::Differential, weight_bits: 4, cell_bits: 3 };
    let crossbar = CrossbarSize { rows: 24, columns: 20 };
    let target = Target { groups: Some(GroupRule::Turns), ..Target::new(crossbar, encoding) };
    let shape = ConvShape { groups: 6, ..ConvShape::new(6, [5, 5], 6, 3) };
    let problem = MappingProblem { shape, target, seed: 5 };
    let mapping = map(&problem, &scheme::Im2col).expect("it fits");
    assert!(mapping.layers[0].tiling.turns > 1);
    check_mapping(&problem, &mapping, &Hardware::ideal());
    let wired = Hardware { wiring: Wiring::wires(2.0), ..Hardware::ideal() };
    let error = run(&problem, &mapping, &wired, 1, &[image(&problem)]).expect_err("its packs share wires");
    assert!(error.to_string().contains("wires or terminals with resistance in common"), "{error}");
}
