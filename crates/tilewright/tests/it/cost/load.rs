//! What a load drives and reads, in closed form, against the rectangles of every crossbar.

use crate::mapping::problem::problems;
use proptest::prelude::*;
use tilewright::mapping::placement::by_turns;
use tilewright::mapping::scheme::SCHEMES;
use tilewright::mapping::search::candidates;
use tilewright::mapping::{RowCut, Tiles};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn loads_equal_the_rectangles_of_all_crossbars(problem in problems()) {
        let of_schemes = SCHEMES.iter().filter_map(|scheme| scheme.tile(&problem.shape, &problem.target).ok());
        let candidates = candidates(&problem.shape, &problem.target).unwrap_or_default();
        for tiling in of_schemes.chain(candidates.iter().map(|candidate| candidate.tiling)) {
            let tiles = Tiles::new(&problem.shape, tiling, problem.target.crossbar, problem.target.encoding)
                .expect("a scheme's tiling fits");
            let extra = problem.target.encoding.extra_columns();
            let rectangles: Vec<_> = tiles.used_rectangles().collect();
            let sum = |value: &dyn Fn(usize, usize) -> usize| -> u128 {
                rectangles.iter().map(|used| value(used.rows, used.columns + extra) as u128).sum()
            };
            let load = tiles.load();
            prop_assert_eq!(load.activations, rectangles.len() as u128, "{:?}", tiling);
            prop_assert_eq!(load.crossbars, by_turns(&tiles).count() as u128, "{:?}", tiling);
            prop_assert_eq!(load.rows, sum(&|rows, _| rows), "{:?}", tiling);
            let (columns, cells) = (sum(&|_, columns| columns), sum(&|rows, columns| rows * columns));
            if tiling.rows == RowCut::Band {
                // The last column block counts as wide as the others.
                prop_assert!(load.columns >= columns && load.cells >= cells);
                prop_assert!(load.columns <= load.activations * load.most_columns as u128);
            } else {
                prop_assert_eq!((load.columns, load.cells), (columns, cells), "{:?}", tiling);
            }
            let most = |value: &dyn Fn(usize, usize) -> usize| {
                rectangles.iter().map(|used| value(used.rows, used.columns + extra)).max()
            };
            prop_assert_eq!(Some(load.most_rows), most(&|rows, _| rows));
            prop_assert_eq!(Some(load.most_columns), most(&|_, columns| columns));
        }
    }
}
