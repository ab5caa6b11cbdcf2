//! Nodal analysis of a crossbar in arithmetic of 600 bits, plainly: an oracle where doubles lose every digit.

use super::nodal::Node;
use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use std::collections::BTreeMap;
use tilewright::circuit::{Collect, Crossbar, Drive};

type Wide = FBig<HalfEven, 2>;

/// Conductances from 1e-30 to 1e9 S beside resistances from 1e-9 to 1e12 ohm cost some 60 of these 180 digits.
const BITS: usize = 600;

fn wide(value: f64) -> Wide {
    Wide::try_from(value).expect("a finite number").with_precision(BITS).value()
}

/// Column currents, rounded to doubles at the very end.
pub(super) fn currents(crossbar: &Crossbar, sources: &[f64]) -> Vec<f64> {
    let mut network = Network::new(crossbar, sources);
    network.eliminate();
    let voltages = network.substitute();
    let columns = crossbar.columns();
    let through = |place: usize| {
        let [word, bit] = [Node::Word(place / columns, place % columns), Node::Bit(place / columns, place % columns)];
        let [word, bit] = [word, bit].map(|node| network.voltage(node, &voltages));
        wide(crossbar.conductances()[place]) * (word - bit)
    };
    let column = |column: usize| {
        (0..crossbar.rows()).map(|row| through(row * columns + column)).fold(wide(0.0), |sum, ampere| sum + ampere)
    };
    (0..columns).map(|at| column(at).to_f64().value()).collect()
}

/// Nodes are numbered; those that an ideal wire makes one share a number, and those of a fixed voltage have none.
struct Network<'a> {
    crossbar: &'a Crossbar,
    sources: &'a [f64],
    /// Rows of the symmetric matrix of conductances, diagonal included.
    rows: Vec<BTreeMap<usize, Wide>>,
    /// Currents that fixed voltages drive into each node.
    driven: Vec<Wide>,
}

/// What a node is: an unknown, or at a fixed voltage.
enum Place {
    Unknown(usize),
    Fixed(f64),
}

impl<'a> Network<'a> {
    fn new(crossbar: &'a Crossbar, sources: &'a [f64]) -> Self {
        let nodes = 2 * crossbar.rows() * crossbar.columns();
        let mut network =
            Self { crossbar, sources, rows: vec![BTreeMap::new(); nodes], driven: vec![wide(0.0); nodes] };
        network.tie_all();
        network
    }

    /// Word and bit nodes of a column lie together, so that elimination fills a band only.
    fn place(&self, node: Node) -> Place {
        let (rows, wiring) = (self.crossbar.rows(), self.crossbar.wiring());
        match node {
            Node::Source(row) => Place::Fixed(self.sources[row]),
            Node::Sink { .. } => Place::Fixed(0.0),
            Node::Word(row, _) if wiring.r_word == 0.0 && wiring.r_source == 0.0 => Place::Fixed(self.sources[row]),
            Node::Bit(..) if wiring.r_bit == 0.0 && wiring.r_sink == 0.0 => Place::Fixed(0.0),
            // A line that is one node has the place of its last: all its cells are tied to it.
            Node::Word(row, _) if wiring.r_word == 0.0 => {
                Place::Unknown(2 * ((self.crossbar.columns() - 1) * rows + row))
            }
            Node::Word(row, column) => Place::Unknown(2 * (column * rows + row)),
            Node::Bit(_, column) if wiring.r_bit == 0.0 => Place::Unknown(2 * (column * rows + rows - 1) + 1),
            Node::Bit(row, column) => Place::Unknown(2 * (column * rows + row) + 1),
        }
    }

    fn voltage(&self, node: Node, voltages: &[Wide]) -> Wide {
        match self.place(node) {
            Place::Unknown(place) => voltages[place].clone(),
            Place::Fixed(volt) => wide(volt),
        }
    }

    fn tie(&mut self, from: Node, to: Node, siemens: &Wide) {
        let [from, to] = [from, to].map(|node| self.place(node));
        for (here, there) in [(&from, &to), (&to, &from)] {
            let Place::Unknown(here) = *here else { continue };
            add(&mut self.rows[here], here, siemens.clone());
            match *there {
                Place::Unknown(there) => add(&mut self.rows[here], there, -siemens.clone()),
                Place::Fixed(volt) => self.driven[here] += siemens * wide(volt),
            }
        }
    }

    fn tie_all(&mut self) {
        let (rows, columns, wiring) = (self.crossbar.rows(), self.crossbar.columns(), *self.crossbar.wiring());
        let wire = |ohm: f64, more: f64| wide(1.0) / (wide(ohm) + wide(more));
        for row in 0..rows {
            if wiring.r_word > 0.0 {
                (1..columns)
                    .for_each(|at| self.tie(Node::Word(row, at - 1), Node::Word(row, at), &wire(wiring.r_word, 0.0)));
            }
            if wiring.r_word + wiring.r_source > 0.0 {
                let ends =
                    [(Drive::Right, 0), (Drive::Left, columns - 1)].into_iter().filter(|(not, _)| wiring.drive != *not);
                ends.for_each(|(_, at)| {
                    self.tie(Node::Source(row), Node::Word(row, at), &wire(wiring.r_word, wiring.r_source));
                });
            }
        }
        for column in 0..columns {
            if wiring.r_bit > 0.0 {
                (1..rows).for_each(|at| {
                    self.tie(Node::Bit(at - 1, column), Node::Bit(at, column), &wire(wiring.r_bit, 0.0));
                });
            }
            if wiring.r_bit + wiring.r_sink > 0.0 {
                let ends = [(Collect::Bottom, 0), (Collect::Top, rows - 1)];
                for (_, at) in ends.into_iter().filter(|(not, _)| wiring.collect != *not) {
                    let sink = Node::Sink { column, top: at == 0 };
                    self.tie(sink, Node::Bit(at, column), &wire(wiring.r_bit, wiring.r_sink));
                }
            }
        }
        for (place, &siemens) in self.crossbar.conductances().iter().enumerate() {
            let (row, column) = (place / columns, place % columns);
            if siemens > 0.0 {
                self.tie(Node::Word(row, column), Node::Bit(row, column), &wide(siemens));
            }
        }
    }

    /// Symmetric elimination; what is left of each row lies after its diagonal.
    fn eliminate(&mut self) {
        for pivot in 0..self.rows.len() {
            let row = self.rows[pivot].clone();
            let Some(diagonal) = row.get(&pivot) else { continue };
            for (&other, value) in row.range(pivot + 1..) {
                let share = value / diagonal;
                for (&column, above) in row.range(pivot + 1..) {
                    add(&mut self.rows[other], column, -(&share * above));
                }
                let less = &share * &self.driven[pivot];
                self.driven[other] -= less;
            }
        }
    }

    fn substitute(&self) -> Vec<Wide> {
        let mut voltages = vec![wide(0.0); self.rows.len()];
        for place in (0..self.rows.len()).rev() {
            let Some(diagonal) = self.rows[place].get(&place) else { continue };
            let later = self.rows[place].range(place + 1..);
            let rest = later.fold(self.driven[place].clone(), |rest, (&other, value)| rest - value * &voltages[other]);
            voltages[place] = rest / diagonal;
        }
        voltages
    }
}

fn add(row: &mut BTreeMap<usize, Wide>, column: usize, value: Wide) {
    let sum = match row.remove(&column) {
        Some(old) => old + value,
        None => value,
    };
    row.insert(column, sum);
}
