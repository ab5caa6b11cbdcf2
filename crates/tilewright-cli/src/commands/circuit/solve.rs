//! `circuit solve`: a crossbar from a file.

use super::case::Case;
use crate::args::circuit::{Method, SolveArgs};
use crate::{Outcome, input, output};
use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use std::time::Instant;
use tilewright::circuit::{self, CellCurve, Solution, SolveOptions, solve_nonlinear, transfer};

/// The answer.
#[derive(Serialize)]
struct Answer {
    /// `[column][input]`, ampere.
    #[serde(rename = "I")]
    currents: Vec<Vec<f64>>,
    residual: f64,
    iterations: usize,
    method: circuit::Method,
    seconds: f64,
}

pub(super) fn run(args: &SolveArgs) -> Result<Outcome> {
    let name = args.case.display().to_string();
    let text = input::text("the crossbar", &args.case, input::MATRICES)?;
    let case = Case::read(&text, &name)?;
    let answer = answer(&case, args.method).with_context(|| name)?;
    output::write(&args.output, |to| output::json(to, &answer))?;
    Ok(Outcome::Done)
}

fn answer(case: &Case, method: Method) -> Result<Answer> {
    let (crossbar, voltages) = case.crossbar()?;
    let solve = || -> Result<(Solution, f64)> {
        let start = Instant::now();
        let solution = solve_nonlinear(&crossbar, &case.cell, &voltages, &SolveOptions::default())?;
        Ok((solution, start.elapsed().as_secs_f64()))
    };
    match method {
        Method::Cg => {
            let (solution, seconds) = solve()?;
            Ok(Answer::new(&solution.currents, case.inputs(), solution.method, &solution, seconds))
        }
        Method::Transfer if case.cell != CellCurve::Linear => {
            Err(anyhow!("cell: nonlinear cells have no transfer matrix; take --method cg"))
        }
        Method::Transfer => {
            let start = Instant::now();
            let currents = transfer(&crossbar)?.currents(&voltages)?;
            let seconds = start.elapsed().as_secs_f64();
            let (mut check, _) = solve()?;
            let largest = currents.iter().fold(0.0, |most: f64, ampere| most.max(ampere.abs()));
            let apart = currents.iter().zip(&check.currents).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
            check.residual += if apart > 0.0 { apart / largest } else { 0.0 };
            check.iterations = 0;
            Ok(Answer::new(&currents, case.inputs(), circuit::Method::Transfer, &check, seconds))
        }
    }
}

impl Answer {
    /// `currents` by `method`, as exact and after as much work as `solution` says.
    fn new(currents: &[f64], inputs: usize, method: circuit::Method, solution: &Solution, seconds: f64) -> Self {
        let currents = currents.chunks(inputs.max(1)).map(<[f64]>::to_vec).collect();
        Self { currents, residual: solution.residual, iterations: solution.iterations, method, seconds }
    }
}
