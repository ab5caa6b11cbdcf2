//! Layers that share crossbars: nothing overlaps, nothing is worse than the bound, and what is shared still computes.

use super::problem::MappingProblem;
use proptest::prelude::*;
use tilewright::mapping::sharing::{Rectangle, lower_bound, pack, share_crossbars};
use tilewright::mapping::{CrossbarSize, Encoding, GroupRule, SignRule, Target, Tiles, map_network, placement, scheme};
use tilewright::network::{Conv, KernelPlan, Network, zoo};

fn rectangles(most: usize, side: usize) -> impl Strategy<Value = (Vec<Rectangle>, Rectangle)> {
    (1..=side, 1..=side).prop_flat_map(move |(rows, columns)| {
        let item = (1..=rows, 1..=columns).prop_map(|(rows, columns)| Rectangle { rows, columns });
        (prop::collection::vec(item, 1..=most), Just(Rectangle { rows, columns }))
    })
}

proptest! {
    #[test]
    fn nothing_overlaps_and_the_bound_holds((items, bin) in rectangles(40, 12)) {
        let (places, bins) = pack(&items, bin);
        let mut cells = vec![false; bins * bin.rows * bin.columns];
        for (item, place) in items.iter().zip(&places) {
            prop_assert!(place.row + item.rows <= bin.rows && place.column + item.columns <= bin.columns);
            for row in place.row..place.row + item.rows {
                for column in place.column..place.column + item.columns {
                    let cell = &mut cells[(place.bin * bin.rows + row) * bin.columns + column];
                    prop_assert!(!std::mem::replace(cell, true), "two rectangles in one cell");
                }
            }
        }
        prop_assert!(lower_bound(&items, bin) <= bins);
        prop_assert!(bins <= items.len());
    }

    #[test]
    fn the_bound_is_below_the_optimum((items, bin) in rectangles(5, 6)) {
        prop_assert!(lower_bound(&items, bin) <= fewest_bins(&items, bin));
    }
}

/// The optimum by trying every corner position, one rectangle after another, with one bin more each time.
fn fewest_bins(items: &[Rectangle], bin: Rectangle) -> usize {
    fn place(items: &[Rectangle], bin: Rectangle, cells: &mut [bool]) -> bool {
        let Some((item, rest)) = items.split_first() else { return true };
        let bins = cells.len() / (bin.rows * bin.columns);
        for at in 0..bins {
            for row in 0..=bin.rows - item.rows {
                for column in 0..=bin.columns - item.columns {
                    let covered: Vec<usize> = (row..row + item.rows)
                        .flat_map(|row| (column..column + item.columns).map(move |column| (row, column)))
                        .map(|(row, column)| (at * bin.rows + row) * bin.columns + column)
                        .collect();
                    if covered.iter().any(|&cell| cells[cell]) {
                        continue;
                    }
                    covered.iter().for_each(|&cell| cells[cell] = true);
                    if place(rest, bin, cells) {
                        return true;
                    }
                    covered.iter().for_each(|&cell| cells[cell] = false);
                }
            }
        }
        false
    }
    (1..)
        .find(|&bins| place(items, bin, &mut vec![false; bins * bin.rows * bin.columns]))
        .expect("one bin each is enough")
}

#[test]
fn what_is_shared_still_computes() {
    let network = zoo::build("resnet8").unwrap();
    let replaced = "2d1d".parse::<KernelPlan>().unwrap().select(&network).unwrap().apply(&network).unwrap();
    let signs = [SignRule::Differential, SignRule::Offset, SignRule::Single].map(|sign| (sign, &network, None));
    // Packs of groups are members of their own.
    let in_turns = [SignRule::Differential, SignRule::Offset].map(|sign| (sign, &replaced, Some(GroupRule::Turns)));
    for (sign, network, groups) in signs.into_iter().chain(in_turns) {
        let whole = Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(sign));
        let target = Target { groups, ..whole };
        let mapping = map_network(network, scheme::find("smd").unwrap(), &target, None).unwrap();
        let sharing = share_crossbars(&mapping).unwrap();
        assert!(sharing.crossbars < mapping.total().unwrap().crossbars, "{sign:?}");
        assert!(sharing.lower_bound <= sharing.crossbars);

        // Program every member into its shared crossbar, each cell at most once.
        let mut shared = vec![vec![None; target.crossbar.cells()]; sharing.crossbars as usize];
        let mut programmed = Vec::new();
        for member in &sharing.members {
            let layer = &mapping.layers[member.layer];
            let problem = MappingProblem { shape: layer.shape, target, seed: member.layer as u64 };
            let tiling = sharing.tilings[member.layer];
            let tiles = Tiles::new(&layer.shape, tiling, target.crossbar, target.encoding).unwrap();
            let crossbar = placement::crossbars(&tiles).nth(member.crossbar).unwrap();
            let levels = crossbar.program(&problem.weights(), &target.encoding);
            let columns = levels.columns - target.encoding.extra_columns();
            assert_eq!((crossbar.rows.len(), columns), (member.size.rows, member.size.columns));
            for (row, column) in (0..member.size.rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
                let at = (member.place.row + row) * target.crossbar.columns + member.place.column + column;
                let old = shared[member.place.bin][at].replace(levels.levels[row * levels.columns + column]);
                assert_eq!(old, None, "two members in one cell");
            }
            programmed.push((crossbar.rows.len(), columns, levels));
        }
        // Drive one member's rows, all others at zero: its columns read what its own crossbar would.
        for (member, (rows, columns, own)) in sharing.members.iter().zip(&programmed) {
            let inputs: Vec<i64> = (0..target.crossbar.rows as i64).map(|row| 7 * row % 11 - 5).collect();
            let driven =
                |row: usize| row.checked_sub(member.place.row).filter(|row| row < rows).map_or(0, |row| inputs[row]);
            for column in 0..*columns {
                let current = (0..target.crossbar.rows).map(|row| {
                    let at = row * target.crossbar.columns + member.place.column + column;
                    driven(row) * i64::from(shared[member.place.bin][at].unwrap_or(0))
                });
                let alone = (0..*rows).map(|row| inputs[row] * i64::from(own.levels[row * own.columns + column]));
                assert_eq!(current.sum::<i64>(), alone.sum::<i64>());
            }
        }
    }
}

/// Sixty-four groups of nine rows and one column fit one crossbar of 96×96, but then they are driven one after another.
#[test]
fn crossbars_of_one_layer_in_one_shared_crossbar_take_turns() {
    let mut network = Network::new("groups", vec![64, 8, 8]);
    network.conv("layer", network.input(), Conv { groups: 64, ..Conv::same(64, 3) }).unwrap();
    let encoding = Encoding::whole(SignRule::Single);
    for (groups, crossbars) in [(GroupRule::Separate, 64), (GroupRule::Packed, 7)] {
        let target = Target { groups: Some(groups), ..Target::new(CrossbarSize { rows: 96, columns: 96 }, encoding) };
        let mapping = map_network(&network, scheme::find("im2col").unwrap(), &target, None).unwrap();
        assert_eq!(mapping.total().unwrap().crossbars, crossbars);
        let sharing = share_crossbars(&mapping).unwrap();
        assert_eq!((sharing.crossbars, sharing.cycles), (1, 64 * crossbars), "{groups:?}");
    }
    let network = zoo::build("resnet20").unwrap();
    let target = Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Differential));
    let mapping = map_network(&network, scheme::find("im2col").unwrap(), &target, None).unwrap();
    let sharing = share_crossbars(&mapping).unwrap();
    let by_hand = |layer: usize| {
        let bins = || sharing.members.iter().filter(move |member| member.layer == layer).map(|member| member.place.bin);
        let most = bins().map(|bin| bins().filter(|other| *other == bin).count()).max();
        mapping.layers[layer].counts.cycles * most.unwrap_or(0) as u64
    };
    assert_eq!(sharing.cycles, (0..mapping.layers.len()).map(by_hand).sum::<u64>());
    assert!(sharing.cycles >= mapping.total().unwrap().cycles);
}
