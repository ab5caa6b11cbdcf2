//! Solves single inputs: conjugate gradients on the word lines, the bit lines eliminated exactly.
//!
//! Unknowns are the drops u of the word nodes below their source, and the voltages b of the bit nodes. With D the
//! cells' conductances and A the lines' chains with their cells, Kirchhoff's law reads A_w u + D b = J and D u + A_b b = J,
//! J = D V. Every line is a chain, so A_w and A_b are solved exactly; eliminating b leaves
//! (A_w − D A_b⁻¹ D) u = J − D A_b⁻¹ J, symmetric positive definite, which conjugate gradients solve preconditioned by A_w
//! (Reid 1972: half the iterations of the same method on both layers).
//!
//! Drops instead of voltages: they vanish with the wires' resistance, and no digit of a small one is lost beside its source.
//! Where resistances are so far apart that drops of 53 bits do not hold the currents, [`Balance`] tells, and the transfer matrix is taken.

use super::balance::{Balance, missing};
use super::crossbar::inputs;
use super::line::{Lines, Run};
use super::room::{recycle, room, room_of, zeros};
use super::solution::{Answer, Keep, Method, NodeVoltages, Solution};
use super::state::{State, lines_of};
use super::transfer::Doubted;
use super::{CircuitError, Crossbar};
use fearless_simd::{Level, dispatch};

/// How exactly to solve, and what to keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolveOptions {
    /// Bound of every column current's error, relative to the largest column current: what [`Solution::residual`] must not exceed. 1e-11
    /// by default; 1e-13 is about what doubles can hold.
    pub tolerance: f64,
    /// 10 000 by default; inputs that need more are an error.
    pub max_iterations: usize,
    /// Nothing but column currents by default.
    pub keep: Keep,
}

impl Default for SolveOptions {
    fn default() -> Self {
        Self { tolerance: 1e-11, max_iterations: 10_000, keep: Keep::Currents }
    }
}

/// Column currents of a crossbar under `voltages` `[row][input]`, in volt, one solve an input.
///
/// # Errors
/// If a voltage is missing or not finite, or the tolerance is not reached.
pub fn solve(crossbar: &Crossbar, voltages: &[f64]) -> Result<Solution, CircuitError> {
    solve_with(crossbar, voltages, &SolveOptions::default())
}

/// As [`solve`], to another tolerance or with the voltages of all nodes.
///
/// Inputs whose bound conjugate gradients cannot keep are solved by the transfer matrix, unless nodes are to be kept.
/// For many inputs [`transfer`](super::transfer()) is faster: it costs about as much as ten of them.
///
/// # Errors
/// As [`solve`].
pub fn solve_with(crossbar: &Crossbar, voltages: &[f64], options: &SolveOptions) -> Result<Solution, CircuitError> {
    let inputs = inputs(crossbar.rows(), voltages)?;
    let conductances = crossbar.conductances();
    let system = System::new(crossbar, conductances);
    let linear = Linear { crossbar, system, balance: Balance::new(crossbar, conductances, 1.0), options };
    let mut solution = Solution::empty(crossbar, inputs);
    let mut matrix = None;
    for input in 0..inputs {
        let row_voltages: Vec<f64> = voltages.iter().skip(input).step_by(inputs).copied().collect();
        match (linear.solve(&row_voltages), options.keep) {
            (Ok((answer, state)), keep) => {
                solution.add(input, &answer);
                if keep == Keep::Nodes {
                    let cells = linear_cell_currents(crossbar, &row_voltages, &state);
                    solution.nodes.push(NodeVoltages::new(crossbar, &row_voltages, state, cells));
                } else {
                    recycle([state.drop, state.bit]);
                }
            }
            (Err(_), Keep::Currents) => {
                if matrix.is_none() {
                    matrix = Some(Doubted::new(crossbar)?);
                }
                let matrix = matrix.as_ref().expect("it was made above");
                solution.add(input, &matrix.answer(&row_voltages, options.tolerance)?);
                solution.method = Method::Transfer;
            }
            (Err(error), Keep::Nodes) => return Err(error),
        }
    }
    Ok(solution)
}

/// Solves of a linear crossbar by conjugate gradients.
struct Linear<'a> {
    crossbar: &'a Crossbar,
    system: System<'a>,
    balance: Balance<'a>,
    options: &'a SolveOptions,
}

/// Times that a state is refined from what it misses, as rounding in the iteration lets it drift from what it should be.
const REFINEMENTS: usize = 2;

impl Linear<'_> {
    /// An answer within the tolerance, and its state.
    fn solve(&self, voltages: &[f64]) -> Result<(Answer, State), CircuitError> {
        let (mut answer, state) = self.nearest(voltages)?;
        let within = |answer: &Answer| answer.error <= self.options.tolerance * answer.scale;
        let is_mixed = |sign: f64| voltages.iter().any(|volt| sign * volt > 0.0);
        if !within(&answer) && is_mixed(1.0) && is_mixed(-1.0) {
            let magnitudes: Vec<f64> = voltages.iter().map(|volt| volt.abs()).collect();
            answer.scale = self.solve(&magnitudes)?.0.scale;
        }
        if within(&answer) {
            return Ok((answer, state));
        }
        Err(answer.inexact(self.options.tolerance))
    }

    /// The answer nearest to the tolerance, if not within, relative to its largest current.
    fn nearest(&self, voltages: &[f64]) -> Result<(Answer, State), CircuitError> {
        let cells = self.crossbar.conductances().chunks_exact(self.crossbar.columns()).zip(voltages);
        let currents = cells.flat_map(|(row, volt)| row.iter().map(move |siemens| siemens * volt));
        let unloaded = room_of(self.crossbar.conductances().len(), currents);
        let stop = Stop::relative(self.options, &unloaded);
        let (mut state, mut iterations) =
            dispatch!(Level::new(), _simd => self.system.solve(&unloaded, &unloaded, &stop))?;
        recycle([unloaded]);
        let (mut answer, mut missing) = self.answer(voltages, &state, iterations);
        for _ in 0..REFINEMENTS {
            let goal = self.options.tolerance * answer.scale;
            if answer.error <= goal || !answer.error.is_finite() {
                break;
            }
            let stop = Stop { relative: 0.0, absolute: 0.1 * goal, max_iterations: self.options.max_iterations };
            let [word, bit] = &missing;
            let (step, more) = dispatch!(Level::new(), _simd => self.system.solve(word, bit, &stop))?;
            iterations += more;
            let next = state.moved(&step, 1.0);
            let (better, left) = self.answer(voltages, &next, iterations);
            if better.residual() >= answer.residual() {
                break;
            }
            (state, answer, missing) = (next, better, left);
        }
        recycle(missing);
        Ok((answer, state))
    }

    /// The currents of a state, and what it misses.
    fn answer(&self, voltages: &[f64], state: &State, iterations: usize) -> (Answer, [Vec<f64>; 2]) {
        let cells = linear_cell_currents(self.crossbar, voltages, state);
        let missing = all_missing(self.crossbar, state, &cells);
        let answer = Answer::new(self.crossbar, &self.balance, state, &cells, &missing, iterations);
        recycle([cells]);
        (answer, missing)
    }
}

/// What the word lines bring too little to their cells, and the bit lines take away too little from them.
pub(super) fn all_missing(crossbar: &Crossbar, state: &State, cells: &[f64]) -> [Vec<f64>; 2] {
    let [word, bit] = lines_of(crossbar);
    [missing(word, crossbar.columns(), &state.drop, cells), missing(bit, crossbar.columns(), &state.bit, cells)]
}

/// Currents through cells by Ohm's law.
fn linear_cell_currents(crossbar: &Crossbar, voltages: &[f64], state: &State) -> Vec<f64> {
    let columns = crossbar.columns();
    let mut currents = room_of(crossbar.conductances().len(), crossbar.conductances().iter().copied());
    let nodes = state.drop.chunks_exact(columns).zip(state.bit.chunks_exact(columns));
    for ((currents, volt), (drop, bit)) in currents.chunks_exact_mut(columns).zip(voltages).zip(nodes) {
        for ((current, drop), bit) in currents.iter_mut().zip(drop).zip(bit) {
            *current *= volt - drop - bit;
        }
    }
    currents
}

/// When to stop.
pub(super) struct Stop {
    /// Allowed sum of all imbalances, relative to the largest column current.
    pub(super) relative: f64,
    /// Allowed sum of all imbalances in ampere: below rounding there is nothing to gain.
    pub(super) absolute: f64,
    pub(super) max_iterations: usize,
}

impl Stop {
    /// An imbalance splits among the terminals, so that no column current is off by more than the sum of all imbalances.
    fn relative(options: &SolveOptions, unloaded: &[f64]) -> Self {
        let rounding = f64::EPSILON * unloaded.iter().map(|ampere| ampere.abs()).sum::<f64>();
        Self { relative: options.tolerance, absolute: rounding, max_iterations: options.max_iterations }
    }
}

/// The equations of a crossbar with linear, or linearised, cells.
pub(super) struct System<'a> {
    columns: usize,
    conductances: &'a [f64],
    word: Lines,
    bit: Lines,
}

impl<'a> System<'a> {
    /// The wires of `crossbar` with cells of `conductances` `[row][column]`.
    pub(super) fn new(crossbar: &Crossbar, conductances: &'a [f64]) -> Self {
        let columns = crossbar.columns();
        let word = Lines::new(crossbar.wiring().word_line(), Run::AlongRows, columns, conductances);
        let bit = Lines::new(crossbar.wiring().bit_line(), Run::DownColumns, columns, conductances);
        Self { columns, conductances, word, bit }
    }

    /// The state under the currents `word_in` drawn from the word nodes and `bit_in` flowing into the bit nodes while the cells are
    /// at 0 V, and the iterations it took.
    #[inline(always)]
    pub(super) fn solve(&self, word_in: &[f64], bit_in: &[f64], stop: &Stop) -> Result<(State, usize), CircuitError> {
        let size = word_in.len();
        let [mut drop, mut direction, mut image] = [(); 3].map(|()| zeros(size));
        let [mut through, mut solved, mut bit] = [(); 3].map(|()| room(size));
        self.bit.solve(bit_in, &mut bit);
        let mut rest = room_of(size, (0..size).map(|at| word_in[at] - self.conductances[at] * bit[at]));
        let mut currents = vec![0.0; self.columns];
        self.bit.collect(bit_in, &bit, 1.0, &mut currents);
        let mut before = 0.0;
        for iteration in 0.. {
            let norm = self.word.sum_of_magnitudes(&rest);
            let largest = currents.iter().fold(0.0, |largest: f64, current| largest.max(current.abs()));
            if norm <= stop.absolute || norm <= stop.relative * largest {
                for ((through, siemens), (drop, into)) in
                    through.iter_mut().zip(self.conductances).zip(drop.iter().zip(bit_in))
                {
                    *through = into - siemens * drop;
                }
                self.bit.solve(&through, &mut bit);
                recycle([direction, image, through, solved, rest]);
                return Ok((State { drop, bit }, iteration));
            }
            if iteration == stop.max_iterations || !norm.is_finite() {
                let residual = norm / largest;
                return Err(CircuitError::NotConverged { iterations: iteration, residual, tolerance: stop.relative });
            }
            self.word.solve(&rest, &mut solved);
            let product = dot(&rest, &solved);
            let scale = if iteration == 0 { 0.0 } else { product / before };
            before = product;
            for ((direction, solved), (through, siemens)) in
                direction.iter_mut().zip(&solved).zip(through.iter_mut().zip(self.conductances))
            {
                *direction = solved + scale * *direction;
                *through = siemens * *direction;
            }
            image.iter_mut().zip(&rest).for_each(|(image, rest)| *image = rest + scale * *image);
            self.bit.solve(&through, &mut bit);
            for ((solved, image), (siemens, bit)) in
                solved.iter_mut().zip(&image).zip(self.conductances.iter().zip(&bit))
            {
                *solved = image - siemens * bit;
            }
            let step = product / dot(&direction, &solved);
            drop.iter_mut().zip(&direction).for_each(|(drop, direction)| *drop += step * direction);
            rest.iter_mut().zip(&solved).for_each(|(rest, solved)| *rest -= step * solved);
            self.bit.collect(&through, &bit, -step, &mut currents);
        }
        unreachable!("the loop ends by its iterations")
    }
}

/// Sum of products, in an order that is the same on every processor.
#[inline(always)]
fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (left, left_rest) = left.as_chunks::<8>();
    let (right, right_rest) = right.as_chunks::<8>();
    for (left, right) in left.iter().zip(right) {
        for lane in 0..8 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    sums.iter().sum::<f64>() + left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum::<f64>()
}
