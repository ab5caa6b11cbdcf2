//! The exact searches against plain enumeration.

use super::enumeration::{Point, enumerate, touched};
use super::problem::{layers, targets};
use proptest::prelude::*;
use tilewright::mapping::scheme::{self, SCHEMES};
use tilewright::mapping::search::{Candidate, Objective, StopReason, candidates, network::choose};
use tilewright::mapping::{
    BlockScope, ColumnCut, CrossbarSize, Encoding, GroupRule, MappingError, Packing, RowCut, RowSplit, SignRule,
    Target, Tiling, search,
};
use tilewright::network::{ConvShape, Padding};
use tilewright::partition::Partition;

fn small_layers() -> impl Strategy<Value = ConvShape> {
    layers().prop_map(|mut shape| {
        // Shrunk rather than filtered, so that many cases can be drawn.
        shape.groups = if shape.groups > 4 { 1 } else { shape.groups };
        shape.in_channels = (shape.in_channels / shape.groups).min(4 / shape.groups) * shape.groups;
        shape.out_channels = (shape.out_channels / shape.groups).min(4 / shape.groups) * shape.groups;
        for axis in [0, 1] {
            let most = if axis == 0 { 3 } else { 4 };
            shape.stride[axis] *= shape.output()[axis].div_ceil(most);
            shape.kernel[axis] = shape.kernel[axis].min(3);
            shape.stride[axis] *= shape.output()[axis].div_ceil(most);
        }
        shape
    })
}

/// No objective is searched for with turns.
fn searched_targets() -> impl Strategy<Value = Target> {
    let packed = |target: Target| Target {
        groups: target.groups.map(|rule| if rule == GroupRule::Turns { GroupRule::Packed } else { rule }),
        ..target
    };
    targets().prop_map(packed)
}

fn small_targets() -> impl Strategy<Value = Target> {
    let sign = prop_oneof![Just(SignRule::Differential), Just(SignRule::Offset), Just(SignRule::Single)];
    (1..=40usize, 1..=40usize, sign)
        .prop_map(|(rows, columns, sign)| Target::new(CrossbarSize { rows, columns }, Encoding::whole(sign)))
}

proptest! {
    #[test]
    fn the_candidates_hold_the_optimum_of_every_objective(shape in small_layers(), target in small_targets()) {
        check_against_enumeration(&shape, &target)?;
    }

    /// Larger layers and crossbars, every rule.
    #[test]
    fn optimal_is_never_above_plain_enumeration(shape in layers(), target in searched_targets()) {
        check_against_enumeration(&shape, &target)?;
    }

    #[test]
    fn no_scheme_beats_the_optimum(shape in layers(), target in searched_targets()) {
        let target = Target { row_split: target.row_split.filter(|split| *split == RowSplit::Element), ..target };
        let Ok(candidates) = candidates(&shape, &target) else { return Ok(()) };
        let fewest_activations = candidates.iter().map(|candidate| candidate.counts.array_activations).min().unwrap();
        for scheme in SCHEMES {
            let Ok(tiling) = scheme.tile(&shape, &target) else { continue };
            let scheme_point = Candidate::new(&shape, tiling, &target).unwrap();
            prop_assert!(scheme_point.counts.array_activations >= fewest_activations, "{}", scheme.name());
            let cycles = scheme_point.counts.cycles;
            let fewest = candidates.iter().map(|candidate| candidate.crossbars_within(cycles)).min().unwrap();
            prop_assert!(scheme_point.counts.crossbars >= fewest, "{} in {cycles} cycles", scheme.name());
        }
    }

    #[test]
    fn vw_sdk_equals_trying_every_window(shape in layers(), target in small_targets()) {
        let (in_channels, out_channels) = (shape.group_inputs(), shape.group_outputs());
        let shape = ConvShape { in_channels, out_channels, groups: 1, ..shape };
        let Ok(tiling) = scheme::find("vw-sdk").unwrap().tile(&shape, &target) else { return Ok(()) };
        let found = Candidate::new(&shape, tiling, &target).unwrap().counts.array_activations;
        prop_assert_eq!(found, every_window(&shape, &target));
    }

    #[test]
    fn network_optima_equal_trying_every_combination(
        shapes in prop::collection::vec(small_layers(), 1..=3),
        target in small_targets(),
        budget in 1..60u64,
    ) {
        let candidates: Result<Vec<_>, _> = shapes.iter().map(|shape| candidates(shape, &target)).collect();
        let Ok(candidates) = candidates else { return Ok(()) };
        let layers: Vec<&[Candidate]> = candidates.iter().map(Vec::as_slice).collect();
        let all = combinations(&layers, budget);
        for objective in [Objective::Cycles { budget: Some(budget) }, Objective::Latency { budget: Some(budget) }] {
            let cost = |cycles: &[u64]| match objective {
                Objective::Cycles { .. } => cycles.iter().copied().max(),
                _ => Some(cycles.iter().sum()),
            };
            let best = all.iter().filter_map(|cycles| cost(cycles)).min();
            match choose(&layers, objective) {
                Ok(chosen) => {
                    let counts: Vec<_> = chosen.tilings.iter().zip(&shapes).map(|(tiling, shape)| {
                        Candidate::new(shape, *tiling, &target).unwrap().counts
                    }).collect();
                    let cycles: Vec<u64> = counts.iter().map(|counts| counts.cycles).collect();
                    prop_assert_eq!(cost(&cycles), best, "{:?}", objective);
                    prop_assert!(counts.iter().map(|counts| counts.crossbars).sum::<u64>() <= budget);
                    let proven = !matches!(chosen.record.stop, StopReason::CombinationLimit { .. });
                    prop_assert!(proven);
                }
                Err(MappingError::Infeasible { .. }) => prop_assert_eq!(best, None),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Never above the enumeration, for any objective; below it where cuts differ from block to block.
fn check_against_enumeration(shape: &ConvShape, target: &Target) -> Result<(), TestCaseError> {
    let found = match candidates(shape, target) {
        Err(MappingError::DoesNotFit { .. }) => vec![],
        found => found.unwrap(),
    };
    let points = enumerate(shape, target);
    let least = |value: &dyn Fn(&Point) -> u64| points.iter().map(value).min().unwrap_or(u64::MAX);
    let best = |value: &dyn Fn(&Candidate) -> u64| found.iter().map(value).min().unwrap_or(u64::MAX);
    let activations = best(&|candidate| candidate.counts.array_activations);
    prop_assert!(activations <= least(&|point| point.crossbars * point.loads));
    let alone = search::fewest_activations(shape, target).ok();
    prop_assert_eq!(alone, found.iter().min_by_key(|candidate| candidate.by_activations()).copied());
    for max_cycles in [1, 2, 3, 5, 8, u64::MAX] {
        let within = best(&|candidate| candidate.crossbars_within(max_cycles));
        prop_assert!(
            within <= least(&|point| point.crossbars * point.loads.div_ceil(max_cycles)),
            "{} cycles",
            max_cycles
        );
    }
    Ok(())
}

/// Found by enumeration: kernel positions apart leave room for more windows a crossbar than whole channels do, but no more than
/// rows cut anywhere.
#[test]
fn kernel_positions_apart_are_a_cut_of_rows() {
    let shape =
        ConvShape { kernel: [3, 1], stride: [3, 3], padding: Padding::all(1), ..ConvShape::new(4, [7, 5], 1, 3) };
    let target = Target::new(CrossbarSize { rows: 8, columns: 3 }, Encoding::whole(SignRule::Offset));
    let positions = (1..=9).filter_map(|windows| {
        let packing = Packing { groups: 1, windows };
        let columns = ColumnCut::Channel(1);
        let tiling = Tiling { rows: RowCut::Position, columns, packing, ..Tiling::IM2COL };
        Some(Candidate::new(&shape, tiling, &target).ok()?.counts.array_activations)
    });
    let best = search::fewest_activations(&shape, &target).unwrap();
    assert!(best.counts.array_activations <= positions.min().unwrap());
}

/// Fewest activations of VW-SDK's rule over every window, written down from the paper; im2col where none beats it.
fn every_window(shape: &ConvShape, target: &Target) -> u64 {
    let output = shape.output();
    let (rows, columns) = (target.crossbar.rows, target.encoding.weights_per_row(target.crossbar));
    let touched = |axis: usize, window: usize| touched(shape, axis, window).len();
    let im2col = output[0]
        * output[1]
        * (shape.taps() * shape.in_channels).div_ceil(rows)
        * shape.out_channels.div_ceil(columns);
    let mut fewest = im2col;
    for height in 1..=output[0] {
        for width in 1..=output[1] {
            let channels = rows / (touched(0, height) * touched(1, width));
            let outputs = columns / (height * width);
            if channels > 0 && outputs > 0 {
                let windows = output[0].div_ceil(height) * output[1].div_ceil(width);
                fewest =
                    fewest.min(windows * shape.in_channels.div_ceil(channels) * shape.out_channels.div_ceil(outputs));
            }
        }
    }
    fewest as u64
}

/// Cycles of every layer, for every combination of candidates and copies within the budget.
fn combinations(layers: &[&[Candidate]], budget: u64) -> Vec<Vec<u64>> {
    let mut all = vec![(0u64, vec![])];
    for candidates in layers {
        let mut longer = Vec::new();
        for (crossbars, cycles) in &all {
            for candidate in *candidates {
                for copies in 1..=candidate.counts.windows {
                    let crossbars = crossbars + candidate.counts.crossbars * copies;
                    if crossbars > budget {
                        break;
                    }
                    let own = candidate.counts.windows.div_ceil(copies);
                    longer.push((crossbars, cycles.iter().copied().chain([own]).collect::<Vec<u64>>()));
                }
            }
        }
        longer.sort();
        longer.dedup();
        all = longer;
    }
    all.into_iter().map(|(_, cycles)| cycles).collect()
}

/// The numbers VW-SDK compares windows by are those of the tiling it returns, for grouped layers and both row splits too.
#[test]
fn vw_sdk_is_never_above_its_own_windows() {
    let config = ProptestConfig::default();
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let problems = (layers(), searched_targets());
    runner
        .run(&problems, |(shape, target)| {
            let Ok(tiling) = scheme::find("vw-sdk").unwrap().tile(&shape, &target) else { return Ok(()) };
            let best = Candidate::new(&shape, tiling, &target).unwrap().counts.array_activations;
            let split = target.row_split.unwrap_or(RowSplit::Channel);
            let scope = if target.groups == Some(GroupRule::Dense) { BlockScope::Stored } else { BlockScope::Group };
            for window in search::windows(&shape) {
                for groups in 1..=shape.groups {
                    if groups > 1 && !matches!(target.groups, None | Some(GroupRule::Packed)) {
                        break;
                    }
                    let partition = Partition::new(&shape, window);
                    let (rows, columns) = match split {
                        RowSplit::Element => (RowCut::Element, ColumnCut::Element),
                        RowSplit::Channel => (
                            RowCut::Channel(target.crossbar.rows / partition.touched_pixels()),
                            ColumnCut::Channel(
                                target.encoding.weights_per_row(target.crossbar) / partition.window_pixels(),
                            ),
                        ),
                    };
                    let packing = Packing { groups, windows: 1 };
                    let tiling = Tiling { window, scope, rows, columns, packing, turns: 1, replication: 1 };
                    if let Ok(other) = Candidate::new(&shape, tiling, &target) {
                        prop_assert!(best <= other.counts.array_activations, "{:?}", tiling);
                    }
                }
            }
            Ok(())
        })
        .unwrap();
}

/// A layer of EfficientNet-B0: a 7×7 window has 289 rows, so 672 blocks of them are stacked on crossbars full of rows.
#[test]
fn a_depthwise_layer_of_efficientnet() {
    let shape =
        ConvShape { stride: [2, 2], padding: Padding::all(2), groups: 672, ..ConvShape::new(672, [14, 14], 672, 5) };
    let activations = |side: usize, sign: SignRule| {
        let target = Target::new(CrossbarSize { rows: side, columns: side }, Encoding::whole(sign));
        let best = search::fewest_activations(&shape, &target).unwrap();
        assert_eq!(best.counts.cycles, 1);
        best.counts.array_activations
    };
    // Uniform cuts of each channel take 810, 1 008 and 1 680.
    assert_eq!(activations(256, SignRule::Single), 759);
    assert_eq!(activations(256, SignRule::Differential), 759);
    assert_eq!(activations(128, SignRule::Single), 1_518);
}

/// 50 of the 137 crossbars of this layer's band lie between its groups.
#[test]
fn a_dense_band_without_empty_crossbars() {
    let shape = ConvShape { input: [6, 4], groups: 6, ..ConvShape::new(36, [6, 4], 18, 1) };
    let encoding = Encoding { sign: SignRule::Single, weight_bits: 8, cell_bits: 2 };
    let target =
        Target { groups: Some(GroupRule::Dense), ..Target::new(CrossbarSize { rows: 60, columns: 20 }, encoding) };
    let unfolded = scheme::find("unfolded").unwrap().tile(&shape, &target).unwrap();
    assert_eq!(Candidate::new(&shape, unfolded, &target).unwrap().counts.crossbars, 87);
    let best = search::fewest_activations(&shape, &target).unwrap();
    assert!(best.counts.array_activations <= 87);
}
