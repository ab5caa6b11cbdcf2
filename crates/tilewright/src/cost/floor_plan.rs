//! Where layers lie on the mesh of tiles, and what travels between them.
//!
//! Tiles form the smallest square mesh that holds them, layers take macros in order, tile after tile, row after row. A digital
//! operation is done where the last of its inputs is made. A value that is needed elsewhere travels from the middle of the tiles
//! that make it to the middle of those that need it, along rows and columns, and over one router in any case. Multiply-accumulate units are
//! beside the first tile, where images come in.

use super::products::Products;
use crate::network::{Network, Op};

/// The middle of a layer's tiles.
pub(super) type Point = [f64; 2];

/// Middle of the tiles of each layer, of `macros` macros each.
pub(super) fn centres(macros: &[f64], macros_per_tile: f64) -> Vec<Point> {
    let tiles = (macros.iter().sum::<f64>() / macros_per_tile).ceil().max(1.0);
    let side = tiles.sqrt().ceil();
    let mut taken = 0.0;
    let mut centre = |macros: &f64| {
        let first = (taken / macros_per_tile).floor();
        taken += macros;
        let last = ((taken / macros_per_tile).ceil() - 1.0).max(first);
        middle(first, last, side)
    };
    macros.iter().map(&mut centre).collect()
}

/// The chips a layer lies on, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Chips {
    pub first: f64,
    pub last: f64,
}

impl Chips {
    pub(super) const fn count(self) -> f64 {
        self.last - self.first + 1.0
    }

    /// Those of single macros, given by their places in ascending order; one chip holds them all if `macros_per_chip` is none.
    pub(super) fn of_places(places: &[f64], macros_per_chip: Option<f64>) -> Self {
        let chip = |place: Option<&f64>| match (place, macros_per_chip) {
            (Some(place), Some(per_chip)) => (place / per_chip).floor(),
            _ => 0.0,
        };
        Self { first: chip(places.first()), last: chip(places.last()) }
    }
}

/// The chips of each layer, of `macros` macros each; one chip holds them all if `macros_per_chip` is none.
pub(super) fn chips(macros: &[f64], macros_per_chip: Option<f64>) -> Vec<Chips> {
    let mut taken = 0.0;
    let mut of = |macros: &f64| {
        let Some(per_chip) = macros_per_chip else { return Chips { first: 0.0, last: 0.0 } };
        let first = (taken / per_chip).floor();
        taken += macros;
        Chips { first, last: ((taken / per_chip).ceil() - 1.0).max(first) }
    };
    macros.iter().map(&mut of).collect()
}

/// Mean place of the tiles of single macros, given by their places among `macros` of them; the first tile if there are none.
pub(super) fn mean_centre(places: &[f64], macros: f64, macros_per_tile: f64) -> Point {
    let side = (macros / macros_per_tile).ceil().max(1.0).sqrt().ceil();
    let count = places.len().max(1) as f64;
    let tiles = places.iter().map(|place| (place / macros_per_tile).floor());
    let sum = tiles.fold([0.0, 0.0], |[across, down], tile| [across + tile % side, down + (tile / side).floor()]);
    sum.map(|sum| sum / count)
}

/// Mean place of tiles `first` to `last` in a mesh filled row after row.
fn middle(first: f64, last: f64, side: f64) -> Point {
    let [top, bottom] = [first, last].map(|tile| (tile / side).floor());
    if top == bottom {
        return [f64::midpoint(first % side, last % side), top];
    }
    // Whole rows between a part of the first and a part of the last.
    let (head, tail) = (side - first % side, last % side + 1.0);
    let rows = (bottom - top - 1.0).max(0.0);
    let count = head + tail + rows * side;
    let across =
        head * f64::midpoint(first % side, side - 1.0) + tail * (tail - 1.0) / 2.0 + rows * side * (side - 1.0) / 2.0;
    let down = head * top + tail * bottom + rows * side * f64::midpoint(top, bottom);
    [across / count, down / count]
}

/// The layer at which each node is computed: its place among the mapped layers, or none before the first and in multiply-accumulate units.
pub(super) fn homes(network: &Network, products: &Products) -> Vec<Option<usize>> {
    let mut homes: Vec<Option<usize>> = Vec::with_capacity(network.nodes().len());
    let mut layers = 0;
    for (id, node) in network.iter() {
        let home = if network.is_layer(id) {
            layers += 1;
            Some(layers - 1)
        } else if products.is_one(id) {
            None
        } else {
            node.inputs.iter().filter_map(|input| homes[input.0]).max()
        };
        homes.push(home);
    }
    homes
}

/// Bits times hops that travel for an image to each layer, and from it to where images come in; `widths` has for each node the bits of a
/// value that it takes.
pub(super) fn bit_hops(network: &Network, homes: &[Option<usize>], widths: &[f64], centres: &[Point]) -> Vec<f64> {
    travelled(network, homes, widths, centres.len(), |from, to| {
        let from = from.map_or([0.0, 0.0], |from| centres[from]);
        (from[0] - centres[to][0]).abs() + (from[1] - centres[to][1]).abs() + 1.0
    })
}

/// Bits times links between chips that travel for an image to each layer, and from it to where images come in; `widths` as for
/// [`bit_hops`].
///
/// Chips lie in a row. A value goes from the last chip of the layer that makes it, the image from the first chip, to every chip of
/// the layer that needs it, over each link between them once; to where images come in over as many.
pub(super) fn bit_crossings(network: &Network, homes: &[Option<usize>], widths: &[f64], chips: &[Chips]) -> Vec<f64> {
    travelled(network, homes, widths, chips.len(), |from, to| {
        let from = from.map_or(0.0, |from| chips[from].last);
        chips[to].last.max(from) - chips[to].first.min(from)
    })
}

/// Bits that travel to each layer, or from it to where images come in, each times the way that `distance` says it has from the layer that
/// makes it.
fn travelled(
    network: &Network,
    homes: &[Option<usize>],
    widths: &[f64],
    layers: usize,
    distance: impl Fn(Option<usize>, usize) -> f64,
) -> Vec<f64> {
    let mut way = vec![0.0; layers];
    for ((node, home), width) in network.nodes().iter().zip(homes).zip(widths) {
        for input in &node.inputs {
            let (from, layer) = match (homes[input.0], *home) {
                (from, Some(to)) if from != Some(to) => (from, to),
                (Some(from), None) => (None, from),
                _ => continue,
            };
            if matches!(network.node(*input).op, Op::Constant(_)) {
                continue;
            }
            let bits = network.shape(*input).iter().product::<usize>() as f64 * width;
            way[layer] += bits * distance(from, layer);
        }
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middles_equal_means_over_tiles() {
        for side in 1..6u32 {
            for first in 0..side * side {
                for last in first..side * side {
                    let count = f64::from(last - first + 1);
                    let mean = |place: fn(u32, u32) -> u32| {
                        (first..=last).map(|tile| f64::from(place(tile, side))).sum::<f64>() / count
                    };
                    let expected = [mean(|tile, side| tile % side), mean(|tile, side| tile / side)];
                    let found = middle(f64::from(first), f64::from(last), f64::from(side));
                    let close = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9);
                    assert!(close, "{first}..={last} of {side}: {found:?} {expected:?}");
                }
            }
        }
    }

    #[test]
    fn values_cross_between_chips_only() {
        let network = crate::network::zoo::build("resnet8").expect("a network of the zoo");
        let homes = homes(&network, &Products::default());
        let widths = vec![4.0; network.nodes().len()];
        let macros = vec![2.0; network.layers().len()];
        let none = bit_crossings(&network, &homes, &widths, &chips(&macros, None));
        assert!(none.iter().all(|&values| values == 0.0), "{none:?}");
        let one_chip = bit_crossings(&network, &homes, &widths, &chips(&macros, Some(2.0 * macros.len() as f64)));
        assert_eq!(one_chip, none);
        // A chip a layer: the first takes the image where it is, the second all that the first makes over one link.
        let crossings = bit_crossings(&network, &homes, &widths, &chips(&macros, Some(2.0)));
        assert_eq!(crossings[..2], [0.0, 4.0 * 16.0 * 32.0 * 32.0]);
        // Two layers of three macros on chips of two: the first on chips 0 and 1, the second on 1 and 2.
        let halves = chips(&[3.0, 3.0], Some(2.0));
        assert_eq!(halves, [Chips { first: 0.0, last: 1.0 }, Chips { first: 1.0, last: 2.0 }]);
        assert_eq!(halves[0].count(), 2.0);
    }

    #[test]
    fn a_shortcut_travels_to_where_it_is_added() {
        let network = crate::network::zoo::build("resnet8").expect("a network of the zoo");
        let homes = homes(&network, &Products::default());
        let layers = network.layers().len();
        // All on one tile each, in a row: every value travels at least one hop.
        let centres: Vec<Point> = (0..layers).map(|layer| [layer as f64, 0.0]).collect();
        let hops = bit_hops(&network, &homes, &vec![8.0; network.nodes().len()], &centres);
        assert!(hops.iter().all(|&hops| hops > 0.0), "{hops:?}");
        // The first layer takes the image from the corner.
        assert_eq!(hops[0], 8.0 * 3.0 * 32.0 * 32.0);
    }
}
