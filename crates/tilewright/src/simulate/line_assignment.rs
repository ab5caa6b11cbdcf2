//! Which line each row and column of a crossbar is put onto, so that its stuck cells do least harm.
//!
//! The harm of a stuck cell is what it leaves of an error of the weight put there, after other cells have taken over what they can:
//! squared, times the second moment of the input and the square of the output's scale. That of a crossbar is the sum, as if the errors of
//! two weights had nothing to do with each other. The columns of a weight stay side by side, but the two of each pair may change sides,
//! which is the same as a sign in the digital logic.
//!
//! With the columns where they are, the best rows are an assignment problem, and the other way round. Both are solved exactly (Kuhn 1955,
//! Munkres 1957), in turns, until nothing is gained: a local optimum, never worse than the mapping's own order. Where rows can be put onto
//! lines in a few ways only, every one of them is a start, and what is found is the optimum.

use super::cell_states::CellStates;
use super::known_faults::WeightColumns;
use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

/// Most ways of putting rows onto lines that are all tried: those of four rows onto four lines.
const MOST_STARTS: usize = 24;
/// What the greatest harm of a line is in the integers of an assignment.
const SCALE: f64 = (1u64 << 40) as f64;
/// A turn that gains less than this part is the last.
const LEAST_GAIN: f64 = 1e-9;

/// The line of each row and column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LineAssignment {
    /// Word line of each row.
    rows: Vec<usize>,
    /// Where each weight column is.
    columns: Vec<Site>,
    /// Columns of a weight.
    cells: usize,
    /// Word lines, and sites for weight columns.
    lines: [usize; 2],
}

/// Where a weight column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Site {
    /// Which of the sites.
    site: usize,
    /// Whether the two columns of each pair have changed sides.
    swapped: bool,
}

impl LineAssignment {
    /// Word lines and bit lines that it is about.
    pub(super) const fn size(&self) -> [usize; 2] {
        [self.lines[0], self.lines[1] * self.cells]
    }

    /// The cell `[word line][bit line]` that holds a cell `[row][column]` of the mapping.
    pub(super) fn cell(&self, index: usize) -> usize {
        let width = self.columns.len() * self.cells;
        self.rows[index / width] * self.lines[1] * self.cells + self.bit_line(index % width)
    }

    /// Rows in the order of their lines.
    pub(super) fn rows_in_order(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.rows.len()).collect();
        rows.sort_by_key(|&row| self.rows[row]);
        rows
    }

    /// Columns in the order of their lines.
    pub(super) fn columns_in_order(&self) -> Vec<usize> {
        let mut columns: Vec<usize> = (0..self.columns.len() * self.cells).collect();
        columns.sort_by_key(|&column| self.bit_line(column));
        columns
    }

    fn bit_line(&self, column: usize) -> usize {
        let Site { site, swapped } = self.columns[column / self.cells];
        site * self.cells + ((column % self.cells) ^ usize::from(swapped))
    }
}

/// What a crossbar is to hold, and what errors in it cost.
pub(super) struct Harm {
    /// How cells make a weight, and take over for each other.
    pub(super) weights: WeightColumns,
    /// Wanted conductances `[row][column]`, in siemens.
    pub(super) wanted: Vec<f64>,
    /// Which of these cells are formed; all if there are none.
    pub(super) formed: Option<Vec<bool>>,
    /// Second moment of each row's input.
    pub(super) inputs: Vec<f64>,
    /// Square of the scale of each weight column's output.
    pub(super) outputs: Vec<f64>,
}

/// Cells for one weight of which some are stuck or short.
struct Faulty {
    /// Their word line.
    line: usize,
    /// Their site.
    site: usize,
    /// What stuck ones are once they are formed.
    stuck: Vec<Option<f64>>,
    /// What they are if they are not formed.
    unformed: Vec<Option<f64>>,
    /// Whether one of them is short if it is not formed.
    shorted: bool,
}

impl Harm {
    /// The best assignment to so many word and bit lines that is found.
    pub(super) fn least(&self, lines: [usize; 2], states: &CellStates<'_>) -> LineAssignment {
        let cells = self.weights.count();
        let lines = [lines[0], lines[1] / cells];
        self.best(lines, &self.faulty(lines, states))
    }

    fn faulty(&self, lines: [usize; 2], states: &CellStates<'_>) -> Vec<Faulty> {
        let cells = self.weights.count();
        let of = |(line, site): (usize, usize)| {
            let first = (line * lines[1] + site) * cells;
            let stuck: Vec<Option<f64>> = (first..first + cells).map(|cell| states.stuck(cell)).collect();
            let shorted = self.formed.is_some() && (first..first + cells).any(|cell| states.is_short(cell));
            let unformed = || (first..first + cells).map(|cell| states.unformed(cell)).collect();
            let faulty = shorted || stuck.iter().any(Option::is_some);
            faulty.then(|| Faulty { line, site, stuck, unformed: unformed(), shorted })
        };
        (0..lines[0]).flat_map(|line| (0..lines[1]).map(move |site| (line, site))).filter_map(of).collect()
    }

    fn best(&self, lines: [usize; 2], faulty: &[Faulty]) -> LineAssignment {
        let columns: Vec<Site> = (0..self.outputs.len()).map(|site| Site { site, swapped: false }).collect();
        let start =
            |rows: Vec<usize>| LineAssignment { rows, columns: columns.clone(), cells: self.weights.count(), lines };
        let mut best = start((0..self.inputs.len()).collect());
        let mut least = self.of(&best, faulty);
        if least == 0.0 {
            return best;
        }
        for rows in starts(self.inputs.len(), lines[0]) {
            let mut found = start(rows);
            let mut harm = f64::INFINITY;
            loop {
                found.columns = self.best_columns(&found, faulty);
                found.rows = self.best_rows(&found, faulty);
                let before = std::mem::replace(&mut harm, self.of(&found, faulty));
                if harm < least {
                    (best, least) = (found.clone(), harm);
                }
                if harm >= before * (1.0 - LEAST_GAIN) {
                    break;
                }
            }
        }
        best
    }

    /// The harm of an assignment.
    fn of(&self, assigned: &LineAssignment, faulty: &[Faulty]) -> f64 {
        let [rows, columns] = occupants(assigned);
        let cells = faulty.iter().filter_map(|faulty| Some((faulty, rows[faulty.line]?, columns[faulty.site]?)));
        cells.map(|(faulty, row, column)| self.of_weight(row, column, faulty, assigned.columns[column].swapped)).sum()
    }

    /// The least harm of rows, with the columns where they are.
    fn best_rows(&self, assigned: &LineAssignment, faulty: &[Faulty]) -> Vec<usize> {
        let [_, columns] = occupants(assigned);
        let lines = assigned.lines[0];
        let mut harms = vec![0.0; self.inputs.len() * lines];
        for faulty in faulty {
            let Some(column) = columns[faulty.site] else { continue };
            let swapped = assigned.columns[column].swapped;
            for (row, harms) in harms.chunks_exact_mut(lines).enumerate() {
                harms[faulty.line] += self.of_weight(row, column, faulty, swapped);
            }
        }
        assign(&harms, lines)
    }

    /// The least harm of columns and of the sides of their pairs, with the rows where they are.
    fn best_columns(&self, assigned: &LineAssignment, faulty: &[Faulty]) -> Vec<Site> {
        let [rows, _] = occupants(assigned);
        let sites = assigned.lines[1];
        let mut harms = [false, true].map(|_| vec![0.0; self.outputs.len() * sites]);
        for faulty in faulty {
            let Some(row) = rows[faulty.line] else { continue };
            for (swapped, harms) in [false, true].into_iter().zip(&mut harms) {
                for (column, harms) in harms.chunks_exact_mut(sites).enumerate() {
                    harms[faulty.site] += self.of_weight(row, column, faulty, swapped);
                }
            }
        }
        let [straight, swapped] = harms;
        let least: Vec<f64> = straight.iter().zip(&swapped).map(|(a, b)| a.min(*b)).collect();
        let place = |(column, site): (usize, usize)| {
            let index = column * sites + site;
            Site { site, swapped: swapped[index] < straight[index] }
        };
        assign(&least, sites).into_iter().enumerate().map(place).collect()
    }

    /// The harm of putting the weight of a row and a column there.
    fn of_weight(&self, row: usize, column: usize, faulty: &Faulty, swapped: bool) -> f64 {
        let cells = self.weights.count();
        let first = (row * self.outputs.len() + column) * cells;
        let formed = self.formed.as_ref().is_none_or(|formed| formed[first]);
        // Nine weights in ten of a sub-image's crossbar are such.
        if !formed && !faulty.shorted {
            return 0.0;
        }
        let held = if formed { &faulty.stuck } else { &faulty.unformed };
        let known = (0..cells).map(|cell| held[cell ^ usize::from(swapped)]);
        let left = self.weights.left_over(&self.wanted[first..first + cells], known);
        left * left * self.inputs[row] * self.outputs[column]
    }
}

/// The row on each word line and the weight column on each site.
fn occupants(assigned: &LineAssignment) -> [Vec<Option<usize>>; 2] {
    let mut occupants = assigned.lines.map(|lines| vec![None; lines]);
    assigned.rows.iter().enumerate().for_each(|(row, &line)| occupants[0][line] = Some(row));
    assigned.columns.iter().enumerate().for_each(|(column, place)| occupants[1][place.site] = Some(column));
    occupants
}

/// All ways to put rows onto lines if they are few, else the one in their order.
fn starts(rows: usize, lines: usize) -> Vec<Vec<usize>> {
    let ways = (lines - rows + 1..=lines)
        .try_fold(1, |ways: usize, line| Some(ways * line).filter(|&ways| ways <= MOST_STARTS));
    if ways.is_none() {
        return vec![(0..rows).collect()];
    }
    let with_next = |starts: Vec<Vec<usize>>, _| {
        let next = |start: &Vec<usize>| {
            let free: Vec<usize> = (0..lines).filter(|line| !start.contains(line)).collect();
            free.into_iter().map(|line| [start.as_slice(), &[line]].concat()).collect::<Vec<_>>()
        };
        starts.iter().flat_map(next).collect()
    };
    (0..rows).fold(vec![vec![]], with_next)
}

/// The line of each row for which the sum of `harms`, `[row][line]`, is least.
fn assign(harms: &[f64], lines: usize) -> Vec<usize> {
    let greatest = harms.iter().copied().fold(0.0, f64::max);
    let unit = if greatest > 0.0 { SCALE / greatest } else { 0.0 };
    let whole = harms.iter().map(|harm| (harm * unit).round() as i64).collect();
    let harms = Matrix::from_vec(harms.len() / lines, lines, whole).expect("rows of one length");
    kuhn_munkres_min(&harms).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::device::ConductanceRange;
    use crate::hardware::FaultAware;
    use crate::mapping::{Encoding, SignRule};
    use crate::random::{Draws, Effect, Stream};

    /// Weights of 4 bits in pairs of 2-bit cells, about a third of the sites faulty, some weights unformed.
    fn problem(sample: u32, [rows, columns]: [usize; 2], lines: [usize; 2]) -> (Harm, Vec<Faulty>) {
        let mut draws = Draws::new(Stream { seed: 3, layer: 0, crossbar: 0, effect: Effect::Choice, sample });
        let aware = [FaultAware::No, FaultAware::Pairs, FaultAware::Slices][sample as usize % 3];
        let encoding = Encoding { sign: SignRule::Differential, weight_bits: 5, cell_bits: 2 };
        let weights = WeightColumns::new(&encoding, aware, ConductanceRange { off: 0.0, on: 3.0 }, 1.0);
        let cells = weights.count();
        let mut level = || (draws.uniform() * 4.0).floor();
        let wanted = (0..rows * columns * cells).map(|_| level()).collect();
        let formed: Vec<bool> = (0..rows * columns).flat_map(|_| [level() > 0.0; 4]).collect();
        let inputs = (0..rows).map(|_| 1.0 + level()).collect();
        let outputs = (0..columns).map(|_| 1.0 + level()).collect();
        let mut faulty = vec![];
        for (line, site) in (0..lines[0]).flat_map(|line| (0..lines[1]).map(move |site| (line, site))) {
            let stuck: Vec<Option<f64>> =
                (0..cells).map(|_| Some(level()).filter(|level| [0.0, 3.0].contains(level))).collect();
            let unformed = stuck.iter().map(|stuck| Some(stuck.unwrap_or(0.0))).collect();
            if level() == 0.0 {
                faulty.push(Faulty { line, site, stuck, unformed, shorted: true });
            }
        }
        let formed = sample.is_multiple_of(2).then_some(formed);
        (Harm { weights, wanted, formed, inputs, outputs }, faulty)
    }

    /// The harm of every way to put rows and columns onto lines, pairs either way round.
    fn every_harm(
        harm: &Harm,
        lines: [usize; 2],
        faulty: &[Faulty],
        with: impl Fn(&LineAssignment) -> bool,
    ) -> Vec<f64> {
        let ways = |used: usize, lines: usize| -> Vec<Vec<usize>> {
            let numbers = (0..lines.pow(used as u32))
                .map(|number| (0..used).map(|place| number / lines.pow(place as u32) % lines).collect::<Vec<usize>>());
            let distinct = |way: &Vec<usize>| (1..used).all(|place| !way[..place].contains(&way[place]));
            numbers.filter(distinct).collect()
        };
        let mut harms = vec![];
        for rows in ways(harm.inputs.len(), lines[0]) {
            for sites in ways(harm.outputs.len(), lines[1]) {
                for sides in 0..1 << sites.len() {
                    let columns = sites.iter().enumerate();
                    let columns =
                        columns.map(|(column, &site)| Site { site, swapped: (sides >> column) & 1 == 1 }).collect();
                    let assigned = LineAssignment { rows: rows.clone(), columns, cells: 4, lines };
                    if with(&assigned) {
                        harms.push(harm.of(&assigned, faulty));
                    }
                }
            }
        }
        harms
    }

    fn least(harms: &[f64]) -> f64 {
        harms.iter().copied().fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn few_rows_are_put_where_no_other_order_is_better() {
        let mut gained = 0;
        for sample in 0..60 {
            let (used, lines) =
                [([4, 3], [4, 3]), ([3, 3], [4, 4]), ([1, 2], [6, 3]), ([4, 2], [4, 3])][sample as usize % 4];
            let (harm, faulty) = problem(sample, used, lines);
            let found = harm.of(&harm.best(lines, &faulty), &faulty);
            let every = every_harm(&harm, lines, &faulty, |_| true);
            assert!(found <= least(&every) * (1.0 + 1e-9), "{sample}: {found} {}", least(&every));
            gained += usize::from(found < 0.9 * harm.of(&harm.best(lines, &[]), &faulty));
        }
        assert!(gained > 40, "{gained}");
    }

    #[test]
    fn rows_and_columns_are_each_best_with_the_other_where_it_is() {
        for sample in 0..40 {
            let (used, lines) = [([5, 2], [5, 3]), ([5, 3], [6, 3])][sample as usize % 2];
            let (harm, faulty) = problem(sample, used, lines);
            let best = harm.best(lines, &faulty);
            let found = harm.of(&best, &faulty);
            for every in [
                every_harm(&harm, lines, &faulty, |other| other.rows == best.rows),
                every_harm(&harm, lines, &faulty, |other| other.columns == best.columns),
            ] {
                assert!(found <= least(&every) * (1.0 + 1e-9), "{sample}: {found} {}", least(&every));
            }
        }
    }

    #[test]
    fn without_faults_lines_are_in_the_order_of_the_mapping() {
        let (harm, _) = problem(0, [5, 3], [6, 4]);
        let best = harm.best([6, 4], &[]);
        let cells: Vec<usize> = (0..5 * 12).map(|index| best.cell(index)).collect();
        let wanted: Vec<usize> = (0..5).flat_map(|row| (0..12).map(move |column| row * 16 + column)).collect();
        assert_eq!((cells, best.size()), (wanted, [6, 16]));
        assert_eq!((best.rows_in_order(), best.columns_in_order()), ((0..5).collect(), (0..12).collect()));
    }
}
