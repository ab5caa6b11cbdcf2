//! What was verified, for people and for programs.

use super::cases::Case;
use super::jobs::Plan;
use crate::args::{Format, VerifyArgs};
use crate::settings::Settings;
use crate::table::{self, Column, Table, counted, thousands, wrap};
use crate::{csv, output};
use anyhow::Result;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;
use tilewright::mapping::{Counts, MappingError, Target};

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// Everything that was compared. Its JSON form is the output of `tilewright verify --format json`.
#[derive(Debug, Serialize)]
pub(super) struct Verification {
    schema: u32,
    network: String,
    target: Target,
    input_bits: u32,
    seed: u64,
    schemes: Vec<SchemeVerification>,
    /// Layers of the network.
    layers: usize,
    /// Executions of one layer under one tiling; schemes that agree share one.
    executions: usize,
    /// Whether everything compared was equal.
    pub(super) equal: bool,
}

/// One scheme on all layers.
#[derive(Debug, Default, Serialize)]
struct SchemeVerification {
    scheme: &'static str,
    /// Layers run.
    layers: usize,
    /// Crossbars run, all copies.
    crossbars: u64,
    /// Array activations run.
    array_activations: u64,
    /// Output values compared.
    outputs: u64,
    /// The layers that do not fit, and why.
    does_not_fit: Vec<String>,
    /// The first difference, if there is one.
    difference: Option<String>,
}

impl Verification {
    pub(super) fn new(
        settings: &Settings,
        args: &VerifyArgs,
        cases: &[Case],
        plan: &Plan,
        results: &[Result<Counts, MappingError>],
    ) -> Self {
        let named = |scheme: &&dyn tilewright::mapping::scheme::Scheme| SchemeVerification {
            scheme: scheme.name(),
            ..SchemeVerification::default()
        };
        let mut schemes: Vec<SchemeVerification> = settings.schemes.iter().map(named).collect();
        for misfit in &plan.misfits {
            schemes[misfit.scheme].does_not_fit.push(misfit.error.to_string());
        }
        for (job, result) in plan.jobs.iter().zip(results) {
            for &scheme in &job.schemes {
                schemes[scheme].add(cases[job.case].expected.values().len(), result);
            }
        }
        Self {
            schema: SCHEMA,
            network: settings.network.name.clone(),
            target: settings.target,
            input_bits: args.input_bits,
            seed: args.seed,
            equal: schemes.iter().all(|scheme| scheme.difference.is_none()),
            schemes,
            layers: cases.len(),
            executions: results.len(),
        }
    }

    pub(super) fn write(&self, to: &mut dyn Write, format: Format, took: Duration) -> Result<()> {
        match format {
            Format::Table => Ok(to.write_all(self.text(table::width(), took).as_bytes())?),
            Format::Json => output::json(to, self),
            Format::Csv => self.csv(to),
        }
    }

    fn text(&self, width: Option<usize>, took: Duration) -> String {
        let mut table = Table::new(vec![
            Column::text("scheme"),
            Column::number("layers"),
            Column::number("crossbars"),
            Column::number("activations"),
            Column::number("outputs compared"),
            Column::text("result"),
        ]);
        for scheme in &self.schemes {
            table.row(vec![
                scheme.scheme.into(),
                format!("{} of {}", scheme.layers, self.layers),
                thousands(scheme.crossbars),
                thousands(scheme.array_activations),
                thousands(scheme.outputs),
                scheme.verdict().into(),
            ]);
        }
        format!("{}\n{}", table.render(width), wrap(&self.notes(took), width))
    }

    fn notes(&self, took: Duration) -> String {
        let mut text = String::new();
        for scheme in &self.schemes {
            for problem in scheme.does_not_fit.iter().chain(&scheme.difference) {
                let _ = writeln!(text, "{}: {problem}.", scheme.scheme);
            }
        }
        let runs: usize = self.schemes.iter().map(|scheme| scheme.layers).sum();
        let executions = counted(self.executions as u64, "execution");
        let executions = if runs > self.executions {
            format!("{executions} for {} pairs of a layer and a scheme", thousands(runs as u64))
        } else {
            executions
        };
        let equal = if self.equal { "Everything is equal to" } else { "Not everything is equal to" };
        let Self { network, target, input_bits, seed, .. } = self;
        let _ = writeln!(
            text,
            "{equal} the plain integer convolution: {network} on {} crossbars, {}-bit weights, {input_bits}-bit inputs, seed \
             {seed}; {executions} in {:.1} s.",
            target.crossbar,
            target.encoding.weight_bits,
            took.as_secs_f64()
        );
        text
    }

    fn csv(&self, to: &mut dyn Write) -> Result<()> {
        let titles =
            ["network", "scheme", "layers", "crossbars", "array_activations", "outputs", "does_not_fit", "difference"];
        csv::line(to, titles)?;
        for scheme in &self.schemes {
            csv::line(
                to,
                [
                    self.network.clone(),
                    scheme.scheme.into(),
                    scheme.layers.to_string(),
                    scheme.crossbars.to_string(),
                    scheme.array_activations.to_string(),
                    scheme.outputs.to_string(),
                    scheme.does_not_fit.len().to_string(),
                    scheme.difference.clone().unwrap_or_default(),
                ],
            )?;
        }
        Ok(())
    }
}

impl SchemeVerification {
    fn add(&mut self, outputs: usize, result: &Result<Counts, MappingError>) {
        match result {
            Ok(counts) => {
                self.layers += 1;
                self.crossbars += counts.crossbars;
                self.array_activations += counts.array_activations;
                self.outputs += outputs as u64;
            }
            Err(error) => {
                self.layers += 1;
                self.difference.get_or_insert_with(|| error.to_string());
            }
        }
    }

    fn verdict(&self) -> &'static str {
        match (&self.difference, self.layers) {
            (Some(_), _) => "differs",
            (None, 0) => "does not fit",
            (None, _) if !self.does_not_fit.is_empty() => "equal where it fits",
            (None, _) => "equal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_kept() {
        let wrong = |problem: &str| MappingError::Wrong { layer: "conv1".into(), problem: problem.into() };
        let mut scheme = SchemeVerification::default();
        scheme.add(100, &Ok(Counts { crossbars: 2, array_activations: 8, ..Counts::default() }));
        assert_eq!(scheme.verdict(), "equal");
        scheme.does_not_fit.push("too large".into());
        assert_eq!(scheme.verdict(), "equal where it fits");
        scheme.add(50, &Err(wrong("one sum")));
        scheme.add(50, &Err(wrong("another sum")));
        assert_eq!((scheme.verdict(), scheme.layers, scheme.outputs), ("differs", 3, 100));
        assert!(scheme.difference.is_some_and(|difference| difference.contains("one sum")));
    }
}
