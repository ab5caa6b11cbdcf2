//! A part of a crossbar seen from outside.

/// The sides of a block: word lines leave at the first two, bit lines at the last two.
pub(super) const LEFT: usize = 0;
pub(super) const RIGHT: usize = 1;
pub(super) const TOP: usize = 2;
pub(super) const BOTTOM: usize = 3;

/// Conductances between each two ports of a rectangle of cells, its inner nodes eliminated.
///
/// A port is a node that the block shares with its neighbour on that side, or a terminal. Ports are ordered by side,
/// along each side by row or column.
pub(super) struct Block {
    /// Number of ports on each side; 0 where nothing lies beyond.
    pub(super) sides: [usize; 4],
    /// Distance of rows in `upper`.
    pub(super) stride: usize,
    /// `[port][port]`, in siemens; only conductances from a port to a later one mean anything.
    pub(super) upper: Vec<f64>,
}

/// First port of each side.
pub(super) fn starts(sides: &[usize; 4]) -> [usize; 4] {
    let mut start = 0;
    sides.map(|side| {
        start += side;
        start - side
    })
}

impl Block {
    /// The block without the ports of `side`, which nothing is tied to.
    pub(super) fn without(&self, side: usize) -> Self {
        let ports: Vec<usize> = {
            let start = starts(&self.sides)[side];
            (0..self.sides.iter().sum()).filter(|port| !(start..start + self.sides[side]).contains(port)).collect()
        };
        let mut sides = self.sides;
        sides[side] = 0;
        let upper = ports.iter().flat_map(|from| ports.iter().map(move |to| self.upper[from * self.stride + to]));
        Self { sides, stride: ports.len(), upper: upper.collect() }
    }
}
