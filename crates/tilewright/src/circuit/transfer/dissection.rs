//! The transfer matrix of a crossbar with wires, by nested dissection.
//!
//! The crossbar is cut into tiles; neighbours are joined pairwise, the nodes that they share eliminated, until
//! nothing is left but sources and sinks. What ties a source to a sink then is the wanted conductance. Joining two
//! squares of n×n cells eliminates n nodes among about 6 n, so that the whole costs O(n³), where column after column costs O(n⁴)
//! (George 1973, for grids).

use super::block::{BOTTOM, Block, LEFT, RIGHT, TOP, starts};
use super::elimination::Region;
use super::tile::{Edge, LANES, Program};
use crate::circuit::Crossbar;
use crate::circuit::line::Line;
use crate::circuit::room::recycle;
use fearless_simd::{Level, Simd, dispatch};
use std::ops::Range;

/// Side of a tile, in cells.
const TILE: usize = 4;

/// The transfer matrices `[row][column]` of the sinks at the top and at the bottom; 0 where there are none. All lines must be
/// wires.
pub(super) fn transfer(crossbar: &Crossbar) -> [Vec<f64>; 2] {
    let level = Level::new();
    dispatch!(level, simd => Dissection::new(crossbar).transfer(simd))
}

struct Dissection<'a> {
    crossbar: &'a Crossbar,
    /// Segment, and terminals at left and right.
    word: (f64, [f64; 2]),
    /// Segment, and terminals at top and bottom.
    bit: (f64, [f64; 2]),
    /// Tiles down and across.
    tiles: [usize; 2],
}

impl<'a> Dissection<'a> {
    fn new(crossbar: &'a Crossbar) -> Self {
        let wire = |line| match line {
            Line::Wire { segment, ends } => (segment, ends),
            line => unreachable!("{line:?} has no segments"),
        };
        let tiles = [crossbar.rows(), crossbar.columns()].map(|side| side.div_ceil(TILE));
        let wiring = crossbar.wiring();
        Self { crossbar, word: wire(wiring.word_line()), bit: wire(wiring.bit_line()), tiles }
    }

    #[inline(always)]
    fn transfer<S: Simd>(&self, simd: S) -> [Vec<f64>; 2] {
        let [down, across] = self.tiles;
        let mut tiles = self.eliminated_tiles(simd);
        let all = self.joined(simd, &mut tiles, [0..down, 0..across], Region::SourcesToSinks);
        let (rows, columns) = (self.crossbar.rows(), self.crossbar.columns());
        let starts = starts(&all.sides);
        let matrices = [TOP, BOTTOM].map(|sinks| {
            let mut matrix = vec![0.0; rows * columns];
            for sources in [LEFT, RIGHT].into_iter().filter(|&side| all.sides[side] > 0) {
                for (row, matrix) in matrix.chunks_exact_mut(columns).enumerate() {
                    let from = (starts[sources] + row) * all.stride + starts[sinks];
                    let siemens = &all.upper[from..from + all.sides[sinks]];
                    matrix.iter_mut().zip(siemens).for_each(|(sum, siemens)| *sum += siemens);
                }
            }
            matrix
        });
        recycle([all.upper]);
        matrices
    }

    /// The tiles in a range as one block; takes them out of `tiles`.
    fn joined<S: Simd>(&self, simd: S, tiles: &mut [Option<Block>], range: [Range<usize>; 2], region: Region) -> Block {
        let [down, across] = range;
        if down.len() == 1 && across.len() == 1 {
            return tiles[down.start * self.tiles[1] + across.start].take().expect("each tile is taken once");
        }
        let (axis, [first, second]) = if across.len() >= down.len() {
            let half = across.start + across.len() / 2;
            (0, [[down.clone(), across.start..half], [down, half..across.end]])
        } else {
            let half = down.start + down.len() / 2;
            (1, [[down.start..half, across.clone()], [half..down.end, across]])
        };
        let [first, second] = [first, second].map(|half| self.joined(simd, tiles, half, Region::Upper));
        let joined = simd.vectorize(|| Block::join(simd, &first, &second, axis, region));
        recycle([first.upper, second.upper]);
        joined
    }

    /// All tiles, `[down][across]`.
    fn eliminated_tiles<S: Simd>(&self, simd: S) -> Vec<Option<Block>> {
        let [down, across] = self.tiles;
        let mut tiles: Vec<Option<Block>> = (0..down * across).map(|_| None).collect();
        let sizes = |cells: usize| [TILE, cells % TILE].into_iter().filter(move |&size| size > 0 && size <= cells);
        for height in sizes(self.crossbar.rows()) {
            for width in sizes(self.crossbar.columns()) {
                let program = Program::new(height, width);
                let shape = |&tile: &usize| self.shape(tile) == [height, width];
                let of_shape: Vec<usize> = (0..tiles.len()).filter(shape).collect();
                for together in of_shape.chunks(LANES) {
                    simd.vectorize(|| self.eliminate_tiles(simd, &program, together, &mut tiles));
                }
            }
        }
        tiles
    }

    fn shape(&self, tile: usize) -> [usize; 2] {
        let corner = self.corner(tile);
        [(self.crossbar.rows() - corner[0]).min(TILE), (self.crossbar.columns() - corner[1]).min(TILE)]
    }

    /// Row and column of a tile's first cell.
    fn corner(&self, tile: usize) -> [usize; 2] {
        [tile / self.tiles[1] * TILE, tile % self.tiles[1] * TILE]
    }

    #[inline(always)]
    fn eliminate_tiles<S: Simd>(&self, simd: S, program: &Program, together: &[usize], tiles: &mut [Option<Block>]) {
        let mut edges = vec![[0.0; LANES]; program.edges()];
        for lane in 0..LANES {
            // Lanes left over repeat the first tile.
            self.fill(program, *together.get(lane).unwrap_or(&together[0]), lane, &mut edges);
        }
        program.run(simd, &mut edges);
        for (lane, &tile) in together.iter().enumerate() {
            tiles[tile] = Some(self.close_edges(simd, program.block(&edges, lane), tile));
        }
    }

    /// The conductances of a tile's cells and of the segments at their left and below.
    fn fill(&self, program: &Program, tile: usize, lane: usize, edges: &mut [[f64; LANES]]) {
        let [first_row, first_column] = self.corner(tile);
        let [height, width] = self.shape(tile);
        let (rows, columns) = (self.crossbar.rows(), self.crossbar.columns());
        for row in 0..height {
            let cells = &self.crossbar.conductances()[(first_row + row) * columns + first_column..][..width];
            for (column, &cell) in cells.iter().enumerate() {
                let word = if first_column + column == 0 { self.word.1[0] } else { self.word.0 };
                let bit = if first_row + row + 1 == rows { self.bit.1[1] } else { self.bit.0 };
                edges[program.edge(row, column, Edge::Word)][lane] = word;
                edges[program.edge(row, column, Edge::Cell)][lane] = cell;
                edges[program.edge(row, column, Edge::Bit)][lane] = bit;
            }
        }
    }

    /// Ends the lines of a tile at the crossbar's edges.
    fn close_edges<S: Simd>(&self, simd: S, mut block: Block, tile: usize) -> Block {
        let [down, across] = [tile / self.tiles[1], tile % self.tiles[1]];
        if across + 1 == self.tiles[1] {
            block = block.close(simd, RIGHT, self.word.1[1]);
        }
        if down == 0 {
            block = block.close(simd, TOP, self.bit.1[0]);
        }
        if across == 0 && self.word.1[0] == 0.0 {
            block = block.without(LEFT);
        }
        if down + 1 == self.tiles[0] && self.bit.1[1] == 0.0 {
            block = block.without(BOTTOM);
        }
        block
    }
}
