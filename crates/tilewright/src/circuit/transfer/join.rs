//! How two neighbouring blocks become one.
//!
//! Eliminating a node of a network of conductances ties each two of its neighbours by the product of their conductances to
//! it, divided by the sum of all its conductances (star-mesh transformation). Nothing is ever subtracted: every
//! conductance comes out right to rounding, however far apart their magnitudes are.

use super::block::{Block, starts};
use super::elimination::{Front, Region};
use fearless_simd::Simd;

impl Block {
    /// `first` and its neighbour `second`, to the right of it (axis 0) or below (axis 1), as one.
    #[inline(always)]
    pub(super) fn join<S: Simd>(simd: S, first: &Self, second: &Self, axis: usize, region: Region) -> Self {
        let [before, after] = [2 * axis, 2 * axis + 1];
        debug_assert_eq!(first.sides[after], second.sides[before]);
        let sides = std::array::from_fn(|side| match side {
            side if side == before => first.sides[side],
            side if side == after => second.sides[side],
            side => first.sides[side] + second.sides[side],
        });
        let starts = starts(&sides);
        let mut front = Front::new(first.sides[after], sides.iter().sum());
        front.add(first, std::array::from_fn(|side| (side != after).then_some(starts[side])));
        front.add(
            second,
            std::array::from_fn(|side| match side {
                side if side == before => None,
                side if side == after => Some(starts[side]),
                side => Some(starts[side] + first.sides[side]),
            }),
        );
        front.eliminate(simd, sides, region)
    }

    /// Ends the lines that leave at `side`: the nodes there become inner ones, tied to a terminal of their own by `terminal`
    /// siemens; 0 if there is none.
    #[inline(always)]
    pub(super) fn close<S: Simd>(&self, simd: S, side: usize, terminal: f64) -> Self {
        let mut sides = self.sides;
        let nodes = sides[side];
        if terminal == 0.0 {
            sides[side] = 0;
        }
        let starts = starts(&sides);
        let mut front = Front::new(nodes, sides.iter().sum());
        front.add(self, std::array::from_fn(|other| (other != side).then_some(starts[other])));
        if terminal > 0.0 {
            (0..nodes).for_each(|node| front.tie(node, starts[side] + node, terminal));
        }
        front.eliminate(simd, sides, Region::Upper)
    }
}
