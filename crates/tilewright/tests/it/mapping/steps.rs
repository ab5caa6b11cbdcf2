//! Steps of an activation: never more rows than may be driven, every weight read once, counted as they are placed.

use super::problem::problems;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tilewright::mapping::placement::{Crossbars, PlacedCrossbar};
use tilewright::mapping::scheme::{Im2col, SCHEMES, Scheme};
use tilewright::mapping::search::candidates;
use tilewright::mapping::{CrossbarSize, Encoding, Load, RowCut, SignRule, Step, SteppedLoad, Target, Tiles};
use tilewright::network::ConvShape;

/// Rows that drive the block and window of each weight column.
fn rows_of_columns(tiles: &Tiles, placed: &PlacedCrossbar) -> Vec<usize> {
    let mut rows: BTreeMap<_, usize> = BTreeMap::new();
    for row in &placed.rows {
        *rows.entry((row.channel / tiles.block_inputs, row.window)).or_default() += 1;
    }
    placed.columns.iter().map(|column| rows[&(column.channel / tiles.block_outputs, column.window)]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_weight_is_read_once_and_counted(problem in problems(), active_rows in 1..=40usize) {
        let target = problem.target;
        let of_schemes = SCHEMES.iter().filter_map(|scheme| scheme.tile(&problem.shape, &target).ok());
        let candidates = candidates(&problem.shape, &target).unwrap_or_default();
        for tiling in of_schemes.chain(candidates.iter().map(|candidate| candidate.tiling)) {
            let tiles = Tiles::new(&problem.shape, tiling, target.crossbar, target.encoding).unwrap();
            let (per_weight, extra) = (target.encoding.columns_per_weight(), target.encoding.extra_columns());
            let mut counted = Load { steps: 0, columns: 0, cells: 0, most_rows: 0, most_columns: 0, ..tiles.load() };
            let mut activations = BTreeSet::new();
            let crossbars = Crossbars::new(&tiles);
            for number in 0..crossbars.count() {
                let placed = crossbars.place(number);
                let steps = crossbars.steps(number, active_rows);
                let driven = steps.iter().flat_map(|step| step.rows.clone());
                prop_assert!(driven.eq(0..placed.rows.len()), "{:?}: {:?}", tiling, steps);
                prop_assert!(steps.iter().all(|step| (1..=active_rows).contains(&step.rows.len())));
                for cell in &placed.weights {
                    let reads = |step: &&Step| step.rows.contains(&cell.row) && step.columns.contains(&cell.column);
                    prop_assert_eq!(steps.iter().filter(reads).count(), 1, "{:?}: {:?}", tiling, steps);
                }
                for (column, rows) in rows_of_columns(&tiles, &placed).into_iter().enumerate() {
                    let reads = steps.iter().filter(|step| step.columns.contains(&column)).count();
                    prop_assert_eq!(reads, rows.div_ceil(active_rows), "{:?}: {:?}", tiling, steps);
                }
                let mut reads = BTreeMap::new();
                for step in steps {
                    let (rows, columns) = (step.rows.len(), step.columns.len() * per_weight + extra);
                    *reads.entry(columns).or_insert(0) += 1;
                    counted.steps += 1;
                    counted.columns += columns as u128;
                    counted.cells += (rows * columns) as u128;
                    counted.most_rows = counted.most_rows.max(rows);
                    counted.most_columns = counted.most_columns.max(columns);
                }
                activations.insert(reads);
            }
            let SteppedLoad { load, activations: told } = tiles.load_in_steps(active_rows);
            if tiling.rows == RowCut::Band {
                // The last column block counts as wide as the others.
                let (narrow, wide) = ((counted.columns, counted.cells), (load.columns, load.cells));
                prop_assert!(wide.0 >= narrow.0 && wide.1 >= narrow.1);
                prop_assert_eq!(Load { columns: wide.0, cells: wide.1, ..counted }, load, "{:?}", tiling);
            } else {
                prop_assert_eq!(counted, load, "{:?}", tiling);
                if load.steps > load.activations {
                    prop_assert_eq!(activations.into_iter().collect::<Vec<_>>(), told, "{:?}", tiling);
                }
            }
        }
    }

    /// All rows at once: one step, whether it is counted by kinds of crossbars or in closed form.
    #[test]
    fn all_rows_at_once_are_one_step(problem in problems()) {
        let target = problem.target;
        let candidates = candidates(&problem.shape, &target).unwrap_or_default();
        for tiling in candidates.iter().map(|candidate| candidate.tiling) {
            let tiles = Tiles::new(&problem.shape, tiling, target.crossbar, target.encoding).unwrap();
            let whole = tiles.load();
            prop_assert_eq!(whole.steps, whole.activations);
            for rows in [whole.most_rows, target.crossbar.rows] {
                let SteppedLoad { load, activations } = tiles.load_in_steps(rows);
                prop_assert_eq!(load, whole);
                prop_assert_eq!(activations, vec![BTreeMap::from([(whole.most_columns, 1)])]);
            }
        }
    }
}

#[test]
fn steps_by_hand() {
    let encoding = Encoding { sign: SignRule::Differential, weight_bits: 8, cell_bits: 8 };
    let target = Target::new(CrossbarSize { rows: 128, columns: 128 }, encoding);
    let steps = |shape: &ConvShape, active_rows: usize| {
        let tiling = Im2col.tile(shape, &target).unwrap();
        let tiles = Tiles::new(shape, tiling, target.crossbar, target.encoding).unwrap();
        let SteppedLoad { load, activations } = tiles.load_in_steps(active_rows);
        (load.steps, load.columns, load.cells, activations)
    };
    // Fourteen channels of 3×3 in a crossbar, a pair of columns each.
    let depthwise = ConvShape { groups: 14, ..ConvShape::new(14, [8, 8], 14, 3) };
    assert_eq!(steps(&depthwise, 128), (1, 28, 126 * 28, vec![[(28, 1)].into()]));
    // Two channels have 18 rows, so one at a time.
    assert_eq!(steps(&depthwise, 16), (14, 28, 14 * 9 * 2, vec![[(2, 14)].into()]));
    // Three at a time, and the last two: 27 rows · 6 columns and 18 · 4.
    assert_eq!(steps(&depthwise, 32), (5, 28, 4 * 27 * 6 + 18 * 4, vec![[(4, 1), (6, 4)].into()]));
    // Nine rows in steps of four, four and one; each reads the pair.
    assert_eq!(steps(&depthwise, 4), (42, 84, 14 * 9 * 2, vec![[(2, 42)].into()]));
    // 100 rows of 20 outputs: all 40 columns in each of seven steps.
    let pointwise = ConvShape::new(100, [8, 8], 20, 1);
    assert_eq!(steps(&pointwise, 16), (7, 280, 100 * 40, vec![[(40, 7)].into()]));
}
