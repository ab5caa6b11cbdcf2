use std::collections::HashMap;
use tilewright::circuit::{Collect, Crossbar, Drive};

/// Where a wire or a resistor ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Node {
    Source(usize),
    Sink { column: usize, top: bool },
    Word(usize, usize),
    Bit(usize, usize),
}

/// A crossbar as a list of resistors, ideal wires included.
pub(super) fn resistors(crossbar: &Crossbar) -> Vec<(Node, Node, f64)> {
    let (rows, columns, wiring) = (crossbar.rows(), crossbar.columns(), crossbar.wiring());
    let mut list = vec![];
    for row in 0..rows {
        let end = wiring.r_word + wiring.r_source;
        if wiring.drive != Drive::Right {
            list.push((Node::Source(row), Node::Word(row, 0), end));
        }
        if wiring.drive != Drive::Left {
            list.push((Node::Source(row), Node::Word(row, columns - 1), end));
        }
        (1..columns)
            .for_each(|column| list.push((Node::Word(row, column - 1), Node::Word(row, column), wiring.r_word)));
    }
    for column in 0..columns {
        let end = wiring.r_bit + wiring.r_sink;
        if wiring.collect != Collect::Bottom {
            list.push((Node::Bit(0, column), Node::Sink { column, top: true }, end));
        }
        if wiring.collect != Collect::Top {
            list.push((Node::Bit(rows - 1, column), Node::Sink { column, top: false }, end));
        }
        (1..rows).for_each(|row| list.push((Node::Bit(row - 1, column), Node::Bit(row, column), wiring.r_bit)));
    }
    for (place, &siemens) in crossbar.conductances().iter().enumerate() {
        let (row, column) = (place / columns, place % columns);
        if siemens > 0.0 {
            list.push((Node::Word(row, column), Node::Bit(row, column), siemens.recip()));
        }
    }
    list
}

/// Voltages of all nodes: ideal wires merge nodes, the rest is one dense system, solved by elimination with pivots.
pub(super) fn voltages(resistors: &[(Node, Node, f64)], sources: &[f64]) -> HashMap<Node, f64> {
    let merged = merge(resistors);
    let known = |node: Node| match node {
        Node::Source(row) => Some(sources[row]),
        Node::Sink { .. } => Some(0.0),
        _ => None,
    };
    // A group with a terminal in it has that terminal's voltage.
    let fixed: HashMap<Node, f64> = merged.iter().filter_map(|(node, group)| Some((*group, known(*node)?))).collect();
    let mut unknown: Vec<Node> = merged.values().copied().filter(|group| !fixed.contains_key(group)).collect();
    unknown.sort_by_key(|node| format!("{node:?}"));
    unknown.dedup();
    let place: HashMap<Node, usize> = unknown.iter().enumerate().map(|(place, node)| (*node, place)).collect();
    let size = unknown.len();
    let mut matrix = vec![vec![0.0; size + 1]; size];
    for (from, to, ohm) in resistors.iter().filter(|(.., ohm)| *ohm > 0.0) {
        let ends = [merged[from], merged[to]];
        for [here, there] in [ends, [ends[1], ends[0]]] {
            let Some(&row) = place.get(&here) else { continue };
            matrix[row][row] += ohm.recip();
            match place.get(&there) {
                Some(&column) => matrix[row][column] -= ohm.recip(),
                None => matrix[row][size] += fixed[&there] / ohm,
            }
        }
    }
    let solved = eliminate(matrix);
    merged
        .iter()
        .map(|(node, group)| (*node, place.get(group).map_or_else(|| fixed[group], |&at| solved[at])))
        .collect()
}

/// The group of each node, named by one of its nodes.
fn merge(resistors: &[(Node, Node, f64)]) -> HashMap<Node, Node> {
    let nodes = resistors.iter().flat_map(|(from, to, _)| [*from, *to]);
    let mut groups: HashMap<Node, Node> = nodes.map(|node| (node, node)).collect();
    for (from, to, _) in resistors.iter().filter(|(.., ohm)| *ohm == 0.0) {
        let (old, new) = (groups[from], groups[to]);
        groups.values_mut().filter(|group| **group == old).for_each(|group| *group = new);
    }
    groups
}

pub(super) fn eliminate(mut matrix: Vec<Vec<f64>>) -> Vec<f64> {
    let size = matrix.len();
    for pivot in 0..size {
        let best = (pivot..size).max_by(|a, b| matrix[*a][pivot].abs().total_cmp(&matrix[*b][pivot].abs()));
        matrix.swap(pivot, best.expect("a row is left"));
        let (done, rest) = matrix.split_at_mut(pivot + 1);
        for row in rest {
            let factor = row[pivot] / done[pivot][pivot];
            row[pivot..].iter_mut().zip(&done[pivot][pivot..]).for_each(|(value, above)| *value -= factor * above);
        }
    }
    let mut solved = vec![0.0; size];
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|column| matrix[row][column] * solved[column]).sum();
        solved[row] = (matrix[row][size] - known) / matrix[row][row];
    }
    solved
}

/// Column currents: what flows through the cells of each column, all of which its sinks collect.
pub(super) fn currents(crossbar: &Crossbar, sources: &[f64]) -> Vec<f64> {
    let voltages = voltages(&resistors(crossbar), sources);
    let columns = crossbar.columns();
    let through = |place: usize| {
        let (row, column) = (place / columns, place % columns);
        let siemens = crossbar.conductances()[place];
        if siemens == 0.0 {
            0.0
        } else {
            siemens * (voltages[&Node::Word(row, column)] - voltages[&Node::Bit(row, column)])
        }
    };
    (0..columns).map(|column| (0..crossbar.rows()).map(|row| through(row * columns + column)).sum()).collect()
}
