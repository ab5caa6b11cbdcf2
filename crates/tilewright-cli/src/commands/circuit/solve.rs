//! `circuit solve`: a crossbar from a file.

use crate::args::circuit::{Method, SolveArgs};
use crate::{Outcome, output};
use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};
use std::fs;
use std::time::Instant;
use tilewright::circuit::{CellCurve, Collect, Crossbar, Drive, Solution, SolveOptions, Wiring};
use tilewright::circuit::{solve_nonlinear, transfer};

/// A crossbar and its inputs. Other keys, such as names and answers, are passed over.
#[derive(Deserialize)]
struct Case {
    rows: usize,
    cols: usize,
    r_word: f64,
    r_bit: f64,
    #[serde(default)]
    r_source: f64,
    #[serde(default)]
    r_sink: f64,
    #[serde(default)]
    drive: Drive,
    #[serde(default)]
    collect: Collect,
    #[serde(default)]
    cell: CellCurve,
    #[serde(rename = "G")]
    conductances: Vec<Vec<f64>>,
    #[serde(rename = "V")]
    voltages: Vec<Vec<f64>>,
}

/// The answer.
#[derive(Serialize)]
struct Answer {
    /// `[column][input]`, ampere.
    #[serde(rename = "I")]
    currents: Vec<Vec<f64>>,
    residual: f64,
    iterations: usize,
    seconds: f64,
}

pub(super) fn run(args: &SolveArgs) -> Result<Outcome> {
    let name = args.case.display();
    let text = fs::read_to_string(&args.case).with_context(|| format!("cannot read the crossbar {name}"))?;
    let case: Case = serde_json::from_str(&text).with_context(|| {
        format!("{name} is no crossbar; give rows, cols, r_word, r_bit, G[row][column] and V[row][input]")
    })?;
    let answer = answer(&case, args.method).with_context(|| name.to_string())?;
    output::write(&args.output, |to| output::json(to, &answer))?;
    Ok(Outcome::Done)
}

fn answer(case: &Case, method: Method) -> Result<Answer> {
    let inputs = case.voltages.first().map_or(0, Vec::len);
    check(&case.conductances, case.rows, case.cols, "G", "conductance a column")?;
    check(&case.voltages, case.rows, inputs, "V", "voltage an input")?;
    let Case { r_word, r_bit, r_source, r_sink, drive, collect, .. } = *case;
    let wiring = Wiring { r_word, r_bit, r_source, r_sink, drive, collect };
    let crossbar = Crossbar::new(case.rows, case.cols, case.conductances.concat(), wiring)?;
    let voltages = case.voltages.concat();
    let solve = || -> Result<(Solution, f64)> {
        let start = Instant::now();
        let solution = solve_nonlinear(&crossbar, case.cell, &voltages, &SolveOptions::default())?;
        Ok((solution, start.elapsed().as_secs_f64()))
    };
    match method {
        Method::Cg => {
            let (solution, seconds) = solve()?;
            Ok(Answer::new(&solution.currents, inputs, solution.residual, solution.iterations, seconds))
        }
        Method::Transfer if case.cell != CellCurve::Linear => {
            Err(anyhow!("cell: nonlinear cells have no transfer matrix; take --method cg"))
        }
        Method::Transfer => {
            let start = Instant::now();
            let currents = transfer(&crossbar)?.currents(&voltages)?;
            let seconds = start.elapsed().as_secs_f64();
            let (check, _) = solve()?;
            let largest = currents.iter().fold(0.0, |most: f64, ampere| most.max(ampere.abs()));
            let apart = currents.iter().zip(&check.currents).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
            let residual = if apart > 0.0 { check.residual.max(apart / largest) } else { check.residual };
            Ok(Answer::new(&currents, inputs, residual, 0, seconds))
        }
    }
}

/// As many rows, each of as many values, as there must be.
fn check(matrix: &[Vec<f64>], rows: usize, columns: usize, name: &str, one: &str) -> Result<()> {
    if matrix.len() != rows {
        return Err(anyhow!(
            "{name}: found {} rows; give one for each of the {rows} rows of the crossbar",
            matrix.len()
        ));
    }
    match matrix.iter().position(|row| row.len() != columns) {
        Some(row) => Err(anyhow!("{name}[{row}]: found {} values; give {columns}, one {one}", matrix[row].len())),
        None => Ok(()),
    }
}

impl Answer {
    fn new(currents: &[f64], inputs: usize, residual: f64, iterations: usize, seconds: f64) -> Self {
        let currents = currents.chunks(inputs.max(1)).map(<[f64]>::to_vec).collect();
        Self { currents, residual, iterations, seconds }
    }
}
