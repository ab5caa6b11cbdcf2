//! Small rectangles of cells, four of one shape at a time, one in each lane of a vector.

use super::block::Block;
use fearless_simd::{Simd, f64x4, prelude::*};

/// Tiles eliminated together.
pub(super) const LANES: usize = 4;

/// The order in which the inner nodes of a tile are eliminated, and where every conductance lies: the same for all tiles of a
/// shape.
pub(super) struct Program {
    height: usize,
    width: usize,
    edges: usize,
    steps: Vec<Step>,
    /// `[port][port]`: the edge between them, or `edges` where there is none.
    ports: Vec<u32>,
}

/// A node to eliminate.
struct Step {
    /// Edges to its neighbours.
    neighbours: Vec<u32>,
    /// Edges between each two neighbours (0 1, 0 2, …, 1 2, …).
    pairs: Vec<u32>,
}

/// The edges that tile cells start with: their numbers follow from the place of the cell.
pub(super) enum Edge {
    /// Word line segment at the left of a cell.
    Word,
    /// The cell.
    Cell,
    /// Bit line segment below a cell.
    Bit,
}

impl Program {
    /// Ports are in the order of [`Block`]: `height` at the left and right, `width` at the top and bottom. The right port of a row is
    /// the word node of its last cell, the top port of a column the bit node of its first cell; left and bottom ports
    /// belong to the neighbours.
    pub(super) fn new(height: usize, width: usize) -> Self {
        let ports = 2 * (height + width);
        let word = |row: usize, column: usize| match column + 1 == width {
            true => height + row,
            false => ports + row * (width - 1) + column,
        };
        let bit = |row: usize, column: usize| match row {
            0 => 2 * height + column,
            _ => ports + height * (width - 1) + (row - 1) * width + column,
        };
        let inner = height * (width - 1) + (height - 1) * width;
        let mut graph = Graph::new(ports + inner);
        // In the order of `Edge`, cell by cell.
        for row in 0..height {
            for column in 0..width {
                graph.tie(if column == 0 { row } else { word(row, column - 1) }, word(row, column));
                graph.tie(word(row, column), bit(row, column));
                let below = if row + 1 == height { 2 * height + width + column } else { bit(row + 1, column) };
                graph.tie(bit(row, column), below);
            }
        }
        let mut left: Vec<usize> = (ports..ports + inner).collect();
        let mut steps = Vec::with_capacity(inner);
        while let Some(next) = (0..left.len()).min_by_key(|&place| (graph.neighbours[left[place]].len(), left[place])) {
            steps.push(graph.eliminate(left.swap_remove(next)));
        }
        let ports = graph.edges_between(ports);
        Self { height, width, edges: graph.edges, steps, ports }
    }

    /// Number of edges.
    pub(super) const fn edges(&self) -> usize {
        self.edges
    }

    /// Place of an edge that the tile starts with.
    pub(super) const fn edge(&self, row: usize, column: usize, edge: Edge) -> usize {
        3 * (row * self.width + column) + edge as usize
    }

    /// Eliminates all inner nodes of four tiles with these conductances of edges, all others 0.
    #[inline(always)]
    pub(super) fn run<S: Simd>(&self, simd: S, edges: &mut [[f64; LANES]]) {
        assert_eq!(edges.len(), self.edges);
        let mut values = Vec::with_capacity(2 * (self.height + self.width) + 1);
        for step in &self.steps {
            values.clear();
            values.extend(step.neighbours.iter().map(|&edge| f64x4::simd_from(simd, edges[edge as usize])));
            let sum = values.iter().fold(f64x4::splat(simd, 0.0), |sum, &value| sum + value);
            let inverse = f64x4::splat(simd, 1.0) / sum;
            let mut pairs = step.pairs.iter();
            for (place, &value) in values.iter().enumerate() {
                let share = value * inverse;
                for (&other, &pair) in values[place + 1..].iter().zip(&mut pairs) {
                    let edge = &mut edges[pair as usize];
                    *edge = (f64x4::simd_from(simd, *edge) + share * other).into();
                }
            }
        }
    }

    /// What one lane's tile has become.
    pub(super) fn block(&self, edges: &[[f64; LANES]], lane: usize) -> Block {
        let ports = 2 * (self.height + self.width);
        let value = |&edge: &u32| edges.get(edge as usize).map_or(0.0, |edge| edge[lane]);
        Block {
            sides: [self.height, self.height, self.width, self.width],
            stride: ports,
            upper: self.ports.iter().map(value).collect(),
        }
    }
}

/// Which nodes are tied, and the number of each tie.
struct Graph {
    edges: usize,
    /// `[node]`: neighbours, with the edges to them.
    neighbours: Vec<Vec<(usize, u32)>>,
}

impl Graph {
    fn new(nodes: usize) -> Self {
        Self { edges: 0, neighbours: vec![vec![]; nodes] }
    }

    /// The edge between two nodes, a new one if there is none.
    fn tie(&mut self, from: usize, to: usize) -> u32 {
        if let Some(&(_, edge)) = self.neighbours[from].iter().find(|(node, _)| *node == to) {
            return edge;
        }
        let edge = self.edges as u32;
        self.edges += 1;
        self.neighbours[from].push((to, edge));
        self.neighbours[to].push((from, edge));
        edge
    }

    fn eliminate(&mut self, node: usize) -> Step {
        let neighbours = std::mem::take(&mut self.neighbours[node]);
        for (other, _) in &neighbours {
            self.neighbours[*other].retain(|(next, _)| *next != node);
        }
        let mut pairs = vec![];
        for (place, (from, _)) in neighbours.iter().enumerate() {
            pairs.extend(neighbours[place + 1..].iter().map(|(to, _)| self.tie(*from, *to)));
        }
        Step { neighbours: neighbours.into_iter().map(|(_, edge)| edge).collect(), pairs }
    }

    /// `[node][node]` of the first `count` nodes; the number of edges where there is none.
    fn edges_between(&self, count: usize) -> Vec<u32> {
        let mut between = vec![self.edges as u32; count * count];
        for (node, neighbours) in self.neighbours[..count].iter().enumerate() {
            neighbours.iter().for_each(|&(other, edge)| between[node * count + other] = edge);
        }
        between
    }
}
