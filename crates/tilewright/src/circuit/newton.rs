//! Crossbars of nonlinear cells: Newton's iteration, damped, around the linear solver.
//!
//! All curves rise, so that the currents are the slope of a convex function of the node voltages (the network's
//! co-content, Millar 1951): there is one solution, and a short enough step of Newton's always leads nearer to it.

use super::balance::Balance;
use super::conjugate_gradients::{Stop, System, all_missing};
use super::crossbar::inputs;
use super::line::sum_of_magnitudes;
use super::solution::{Answer, Keep, NodeVoltages, Solution};
use super::state::{State, lines_of};
use super::{CellCurve, CircuitError, Crossbar, SolveOptions, solve_with};
use fearless_simd::{Level, dispatch};

/// Newton steps for one input. Quadratic convergence needs a handful; steep curves some more to come near.
const MOST_STEPS: usize = 200;

/// Column currents of a crossbar whose cells follow `curve`, under `voltages` `[row][input]`, in volt.
///
/// [`Solution::iterations`] counts Newton steps. Linear cells are left to [`solve_with`].
///
/// # Errors
/// If the curve is out of range, a voltage is missing or not finite, or the tolerance is not reached.
pub fn solve_nonlinear(
    crossbar: &Crossbar,
    curve: &CellCurve,
    voltages: &[f64],
    options: &SolveOptions,
) -> Result<Solution, CircuitError> {
    curve.verify()?;
    if *curve == CellCurve::Linear {
        return solve_with(crossbar, voltages, options);
    }
    let inputs = inputs(crossbar.rows(), voltages)?;
    let mut solution = Solution::empty(crossbar, inputs);
    for input in 0..inputs {
        let row_voltages: Vec<f64> = voltages.iter().skip(input).step_by(inputs).copied().collect();
        let newton = Newton { crossbar, curve, voltages: &row_voltages, options };
        let (answer, point) = newton.solve()?;
        solution.add(input, &answer);
        if options.keep == Keep::Nodes {
            solution.nodes.push(NodeVoltages::new(crossbar, &row_voltages, point.state, point.currents));
        }
    }
    Ok(solution)
}

struct Newton<'a> {
    crossbar: &'a Crossbar,
    curve: &'a CellCurve,
    voltages: &'a [f64],
    options: &'a SolveOptions,
}

/// A state, and what follows from it.
struct Point {
    state: State,
    /// Of the cells.
    currents: Vec<f64>,
    /// Of the cells' curves.
    slopes: Vec<f64>,
    /// What the word lines bring too little to their cells, the bit lines take away too little from them.
    missing: [Vec<f64>; 2],
    /// All of that, summed up.
    norm: f64,
}

/// How much slopes may differ between a point and the solution once the point is as near as its bound says: a current that is off by
/// 1e-11 of the largest has moved no cell by more than a vanishing part of what doubles its slope, unless it is at a kink of its curve.
const LEEWAY: f64 = 2.0;

impl Newton<'_> {
    fn solve(&self) -> Result<(Answer, Point), CircuitError> {
        let (mut answer, point) = self.nearest()?;
        let within = |answer: &Answer| answer.error <= self.options.tolerance * answer.scale;
        let is_mixed = |sign: f64| self.voltages.iter().any(|volt| sign * volt > 0.0);
        if !within(&answer) && is_mixed(1.0) && is_mixed(-1.0) {
            let magnitudes: Vec<f64> = self.voltages.iter().map(|volt| volt.abs()).collect();
            answer.scale = Newton { voltages: &magnitudes, ..*self }.solve()?.0.scale;
        }
        if within(&answer) {
            return Ok((answer, point));
        }
        Err(answer.inexact(self.options.tolerance))
    }

    /// The point within the tolerance or, where there is none, the last one that a step leads to.
    fn nearest(&self) -> Result<(Answer, Point), CircuitError> {
        let nothing = vec![0.0; self.crossbar.conductances().len()];
        let mut point = self.point(State { drop: nothing.clone(), bit: nothing });
        for step in 0..MOST_STEPS {
            let answer = self.answer(&point, step);
            if !point.norm.is_finite() {
                return Err(answer.inexact(self.options.tolerance));
            }
            if answer.error <= self.options.tolerance * answer.scale {
                return Ok((answer, point));
            }
            match self.nearer(&point, self.options.tolerance * answer.scale)? {
                Some(next) => point = next,
                None => return Ok((answer, point)),
            }
        }
        Ok((self.answer(&point, MOST_STEPS), point))
    }

    fn answer(&self, point: &Point, steps: usize) -> Answer {
        let balance = Balance::new(self.crossbar, &point.slopes, LEEWAY.max(self.curve.greatest_kink()));
        Answer::new(self.crossbar, &balance, &point.state, &point.currents, &point.missing, steps)
    }

    /// The end of the longest step that leads nearer, if any does.
    fn nearer(&self, point: &Point, goal: f64) -> Result<Option<Point>, CircuitError> {
        let system = System::new(self.crossbar, &point.slopes);
        let stop = Stop { relative: 1e-9, absolute: 0.05 * goal, max_iterations: self.options.max_iterations };
        let [word, bit] = &point.missing;
        let (step, _) = dispatch!(Level::new(), _simd => system.solve(word, bit, &stop))?;
        let mut length = 1.0;
        while length > 1e-12 {
            let next = self.point(point.state.moved(&step, length));
            if next.norm <= (1.0 - 1e-4 * length) * point.norm {
                return Ok(Some(next));
            }
            length /= 2.0;
        }
        Ok(None)
    }

    fn point(&self, state: State) -> Point {
        let columns = self.crossbar.columns();
        let cells = self.crossbar.conductances().iter().zip(state.drop.iter().zip(&state.bit)).enumerate();
        let at = |(place, (siemens, (drop, bit))): (usize, (&f64, (&f64, &f64)))| {
            self.curve.at(*siemens, self.voltages[place / columns] - drop - bit)
        };
        let (currents, slopes): (Vec<f64>, Vec<f64>) = cells.map(at).unzip();
        let missing = all_missing(self.crossbar, &state, &currents);
        let norm = lines_of(self.crossbar).into_iter().zip(&missing);
        let norm = norm.map(|(line, missing)| sum_of_magnitudes(line, columns, missing)).sum();
        Point { state, currents, slopes, missing, norm }
    }
}
