//! Groups that take turns: rectangles that fill a crossbar, none overlapping, counted as they are placed, as few as can be.

use super::problem::{MappingProblem, layers, targets};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tilewright::mapping::placement::{by_turns, crossbars};
use tilewright::mapping::scheme::{self, SCHEMES};
use tilewright::mapping::search::Objective;
use tilewright::mapping::sharing::share_crossbars;
use tilewright::mapping::{
    Counts, CrossbarSize, Encoding, GroupRule, Load, MappingError, Packing, SignRule, Target, Tiles, Tiling, execute,
    map_network,
};
use tilewright::network::{Conv, ConvShape, Network, zoo};

fn in_turns(target: Target) -> Target {
    Target { groups: Some(GroupRule::Turns), ..target }
}

fn depthwise(channels: usize, side: usize) -> ConvShape {
    ConvShape { groups: channels, ..ConvShape::new(channels, [side, side], channels, 3) }
}

fn tiles(shape: &ConvShape, scheme: &str, target: &Target) -> Tiles {
    let tiling = scheme::find(scheme).unwrap().tile(shape, target).unwrap();
    Tiles::new(shape, tiling, target.crossbar, target.encoding).unwrap()
}

/// Layers of many small groups, of which a crossbar can hold some as rectangles.
fn grouped_layers() -> impl Strategy<Value = ConvShape> {
    let sizes = (1..=24usize, 1..=2usize, 1..=2usize, 1..=6usize, 1..=3usize);
    sizes.prop_map(|(groups, inputs, outputs, side, kernel)| {
        let side = side + kernel - 1;
        ConvShape { groups, ..ConvShape::new(groups * inputs, [side, side], groups * outputs, kernel) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Every scheme, every cell: inside the crossbar, held by one pack, and what a load drives and reads as it is counted.
    #[test]
    fn packs_lie_side_by_side_and_are_counted_as_placed(shape in grouped_layers(), target in targets()) {
        let target = in_turns(target);
        for scheme in SCHEMES {
            let Ok(tiling) = scheme.tile(&shape, &target) else { continue };
            let tiles = Tiles::new(&shape, tiling, target.crossbar, target.encoding).unwrap();
            let mut placed = Load::default();
            let (cells, extra) = (tiles.encoding.columns_per_weight(), tiles.encoding.extra_columns());
            for turns in by_turns(&tiles) {
                prop_assert!(turns.len() <= tiling.turns);
                let mut held = BTreeMap::new();
                for (number, turn) in turns.iter().enumerate() {
                    prop_assert_eq!(turn.turn, number);
                    let [row, column] = turn.corner;
                    let (rows, columns) = (turn.rows.len(), turn.columns.len());
                    prop_assert!(row + rows <= target.crossbar.rows);
                    prop_assert!((column + columns) * cells + extra <= target.crossbar.columns);
                    for at in (row..row + rows).flat_map(|row| (column..column + columns).map(move |column| [row, column])) {
                        prop_assert_eq!(held.insert(at, number), None, "two packs in one cell");
                    }
                    let read = columns * cells + extra;
                    placed.activations += 1;
                    placed.steps += 1;
                    placed.rows += rows as u128;
                    placed.columns += read as u128;
                    placed.cells += (rows * read) as u128;
                    placed.most_rows = placed.most_rows.max(rows);
                    placed.most_columns = placed.most_columns.max(read);
                }
                placed.crossbars += 1;
            }
            if tiling.turns > 1 {
                prop_assert_eq!(tiles.load(), placed, "{} {:?}", scheme.name(), tiling);
            }
        }
    }

    /// The rectangles of im2col: of all numbers of groups at once, the fewest crossbars, then the fewest turns.
    #[test]
    fn the_fewest_crossbars_then_the_fewest_turns(shape in grouped_layers(), target in targets()) {
        let target = Target { row_split: None, ..in_turns(target) };
        let [rows, columns] = [shape.group_inputs() * shape.taps(), shape.group_outputs()];
        let across = target.encoding.weights_per_row(target.crossbar);
        if rows > target.crossbar.rows || columns > across {
            return Ok(());
        }
        let grid = |groups: usize| {
            let packs = shape.groups.div_ceil(groups);
            // Rectangles are laid down one by one, a row of them after the other.
            let (mut fit, mut bottom) = (0, groups * rows);
            while bottom <= target.crossbar.rows {
                let mut right = groups * columns;
                while right <= across {
                    fit += 1;
                    right += groups * columns;
                }
                bottom += groups * rows;
            }
            (fit > 0).then(|| (1..=fit.min(packs)).map(|turns| (packs.div_ceil(turns), turns)).min().unwrap())
        };
        let expected = (1..=shape.groups).filter_map(grid).min().unwrap();
        let tiles = tiles(&shape, "im2col", &target);
        prop_assert_eq!((tiles.counts().unwrap().crossbars as usize, tiles.tiling.turns), expected);
    }

    /// No tiling of packs that take turns has fewer activations than the optimum, or as many on fewer crossbars.
    #[test]
    fn the_optimum_has_the_fewest_activations_then_crossbars(shape in grouped_layers(), target in targets()) {
        let target = Target { row_split: None, ..in_turns(target) };
        let order = |counts: Counts| (counts.array_activations, counts.crossbars);
        let Ok(best) = scheme::find("optimal").unwrap().tile(&shape, &target) else { return Ok(()) };
        let best = order(Tiles::new(&shape, best, target.crossbar, target.encoding).unwrap().counts().unwrap());
        let [height, width] = shape.output();
        for window in (1..=height).flat_map(|tall| (1..=width).map(move |wide| [tall, wide])) {
            for groups in 1..=shape.groups {
                for windows in 1..=height * width {
                    for turns in 1..=shape.groups {
                        let packing = Packing { groups, windows };
                        let tiling = Tiling { window, packing, turns, ..Tiling::IM2COL };
                        let Ok(tiles) = Tiles::new(&shape, tiling, target.crossbar, target.encoding) else { continue };
                        prop_assert!(order(tiles.counts().unwrap()) >= best, "{tiling:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn any_number_of_turns_computes_the_convolution(
        shape in layers(), target in targets(), seed in any::<u64>(), packing in (1..=3usize, 1..=3usize), turns in 1..=6usize,
    ) {
        let packing = Packing { groups: packing.0, windows: packing.1 };
        let tiling = Tiling { packing, turns, ..Tiling::IM2COL };
        let Ok(tiles) = Tiles::new(&shape, tiling, target.crossbar, target.encoding) else { return Ok(()) };
        let problem = MappingProblem { shape, target, seed };
        execute::verify(&tiles, &problem.weights(), &problem.input()).unwrap();
    }
}

/// Worked out by hand: sixteen 3×3 kernels on 128×128 with pairs. A crossbar has 128 rows and 64 weight columns; fourteen kernels on a
/// diagonal, the most, take 126 × 14 of them, and 1 · 4 such packs fit, so fourteen and the other two take turns in one crossbar.
#[test]
fn sixteen_kernels_take_two_turns_in_one_crossbar() {
    let target =
        in_turns(Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Differential)));
    let tiles = tiles(&depthwise(16, 8), "im2col", &target);
    assert_eq!((tiles.tiling.packing.groups, tiles.tiling.turns), (14, 2));
    let counts = tiles.counts().unwrap();
    assert_eq!((counts.crossbars, counts.windows, counts.cycles), (1, 36, 72));
    assert_eq!((counts.array_activations, counts.weight_cells, counts.input_loads), (72, 16 * 9 * 2, 36 * 16 * 9));
    let corners: Vec<[usize; 2]> = crossbars(&tiles).map(|turn| turn.corner).collect();
    assert_eq!(corners, [[0, 0], [0, 14]]);
    // The first turn drives 14 · 9 rows and reads 14 · 2 columns, the second 2 · 9 and 2 · 2.
    let load = tiles.load();
    assert_eq!((load.crossbars, load.activations, load.rows, load.columns), (1, 2, 144, 32));
    assert_eq!((load.cells, load.most_rows, load.most_columns), (126 * 28 + 18 * 4, 126, 28));
}

/// A thousand kernels: 14 · 64 = 896 rectangles of 9 × 1 fit a crossbar, so two crossbars are the fewest, and 500 turns.
#[test]
fn kernels_one_by_one_fill_a_crossbar() {
    let target =
        in_turns(Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Differential)));
    let tiles = tiles(&depthwise(1000, 4), "im2col", &target);
    let counts = tiles.counts().unwrap();
    assert_eq!((tiles.tiling.packing.groups, tiles.tiling.turns, counts.crossbars), (1, 500, 2));
    assert_eq!(counts.cycles, 4 * 500);
}

#[test]
fn a_band_is_driven_in_one_step() {
    let target = in_turns(Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Single)));
    let unfolded = scheme::find("unfolded").unwrap();
    let error = unfolded.tile(&depthwise(16, 8), &target).unwrap_err();
    assert!(
        matches!(&error, MappingError::DoesNotFit { problem, .. } if problem.contains("cannot take turns")),
        "{error}"
    );
    assert!(unfolded.tile(&ConvShape::new(4, [8, 8], 4, 3), &target).is_ok());
}

#[test]
fn an_objective_is_not_searched_for_with_turns() {
    let target = in_turns(Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Single)));
    let network = zoo::build("resnet8").unwrap();
    let objective = Some(Objective::Cycles { budget: None });
    let error = map_network(&network, scheme::find("optimal").unwrap(), &target, objective).unwrap_err();
    assert!(matches!(error, MappingError::Setting { .. }), "{error}");
}

/// Two depthwise layers of eight kernels each, 9 × 1, and crossbars of 18 × 8: all sixteen rectangles fit one crossbar, which is as
/// few as their cells allow, and each layer takes eight turns in it. Packed, a crossbar holds two kernels on its diagonal.
#[test]
fn layers_share_crossbars_kernel_by_kernel() {
    let mut network = Network::new("pair", vec![8, 4, 4]);
    let conv = || Conv { groups: 8, ..Conv::same(8, 3) };
    let first = network.conv("first", network.input(), conv()).unwrap();
    network.conv("second", first, conv()).unwrap();
    let target = in_turns(Target::new(CrossbarSize { rows: 18, columns: 8 }, Encoding::whole(SignRule::Single)));
    let mapping = map_network(&network, scheme::find("im2col").unwrap(), &target, None).unwrap();
    let sharing = share_crossbars(&mapping).unwrap();
    assert_eq!((sharing.crossbars, sharing.lower_bound, sharing.cycles), (1, 1, 2 * 8 * 16));
    assert_eq!(sharing.members.len(), 16);
}

/// The networks of the published comparison reach what their cells allow.
#[test]
fn networks_share_as_few_crossbars_as_their_cells_allow() {
    let pairs = Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Differential));
    let single = Target::new(pairs.crossbar, Encoding::whole(SignRule::Single));
    let plan = "2d1d".parse::<tilewright::network::KernelPlan>().unwrap();
    let resnet20 = zoo::build("resnet20").unwrap();
    let replaced = plan.select(&resnet20).unwrap().apply(&resnet20).unwrap();
    for (network, target, most) in
        [(&resnet20, pairs, 33), (&replaced, pairs, 6), (&zoo::build("mobilenetv2").unwrap(), single, 233)]
    {
        let mapping = map_network(network, scheme::find("im2col").unwrap(), &in_turns(target), None).unwrap();
        let sharing = share_crossbars(&mapping).unwrap();
        assert!(sharing.crossbars <= most, "{}: {}", network.name, sharing.crossbars);
        assert!(sharing.lower_bound <= sharing.crossbars);
        let cells = mapping.total().unwrap().weight_cells.div_ceil(target.crossbar.cells() as u64);
        assert!(sharing.lower_bound >= cells, "the bound is none below the cells'");
    }
}
