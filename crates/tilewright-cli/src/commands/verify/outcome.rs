//! What was verified, for people and for programs.

use crate::args::Format;
use crate::table::{self, Column, Table, counted, thousands, wrap};
use crate::{csv, output};
use anyhow::Result;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;
use tilewright::mapping::verification::{Question, SchemeVerification, Verification};
use tilewright::mapping::{NetworkBits, Target};

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// Everything that was compared, with the question. Its JSON form is the output of `tilewright verify --format json`.
#[derive(Debug, Serialize)]
pub(super) struct Verified {
    schema: u32,
    network: String,
    target: Target,
    input_bits: u32,
    bits: NetworkBits,
    seed: u64,
    #[serde(flatten)]
    verification: Verification,
}

impl Verified {
    pub(super) fn new(question: &Question<'_>, bits: NetworkBits, verification: Verification) -> Self {
        Self {
            schema: SCHEMA,
            network: question.network.name.clone(),
            target: *question.target,
            input_bits: question.input_bits,
            bits,
            seed: question.seed,
            verification,
        }
    }

    /// Whether everything compared was equal.
    pub(super) const fn equal(&self) -> bool {
        self.verification.equal
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
        for scheme in &self.verification.schemes {
            table.row(vec![
                scheme.scheme.into(),
                format!("{} of {}", scheme.layers, self.verification.layers),
                thousands(scheme.crossbars),
                thousands(scheme.array_activations),
                thousands(scheme.outputs),
                verdict(scheme).into(),
            ]);
        }
        format!("{}\n{}", table.render(width), wrap(&self.notes(took), width))
    }

    fn notes(&self, took: Duration) -> String {
        let mut text = String::new();
        for scheme in &self.verification.schemes {
            for problem in scheme.does_not_fit.iter().chain(&scheme.difference) {
                let _ = writeln!(text, "{}: {problem}.", scheme.scheme);
            }
        }
        let runs: usize = self.verification.schemes.iter().map(|scheme| scheme.layers).sum();
        let executions = counted(self.verification.executions as u64, "execution");
        let executions = if runs > self.verification.executions {
            format!("{executions} for {} pairs of a layer and a scheme", thousands(runs as u64))
        } else {
            executions
        };
        let equal = if self.equal() { "Everything is equal to" } else { "Not everything is equal to" };
        let Self { network, target, bits, seed, .. } = self;
        let _ = writeln!(
            text,
            "{equal} the plain integer convolution: {network} on {} crossbars, seed {seed}; {executions} in {:.1} s. Weights: \
             {}. Inputs: {}.",
            target.crossbar,
            took.as_secs_f64(),
            bits.weights,
            bits.inputs
        );
        text
    }

    fn csv(&self, to: &mut dyn Write) -> Result<()> {
        let titles =
            ["network", "scheme", "layers", "crossbars", "array_activations", "outputs", "does_not_fit", "difference"];
        csv::line(to, titles.into_iter().chain(csv::BITS))?;
        for scheme in &self.verification.schemes {
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
                ]
                .into_iter()
                .chain(csv::bits(&self.bits)),
            )?;
        }
        Ok(())
    }
}

fn verdict(scheme: &SchemeVerification) -> &'static str {
    match (&scheme.difference, scheme.layers) {
        (Some(_), _) => "differs",
        (None, 0) => "does not fit",
        (None, _) if !scheme.does_not_fit.is_empty() => "equal where it fits",
        (None, _) => "equal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_outweighs_what_does_not_fit() {
        let mut scheme = SchemeVerification::default();
        assert_eq!(verdict(&scheme), "does not fit");
        scheme.layers = 2;
        assert_eq!(verdict(&scheme), "equal");
        scheme.does_not_fit.push("too large".into());
        assert_eq!(verdict(&scheme), "equal where it fits");
        scheme.difference = Some("one sum".into());
        assert_eq!(verdict(&scheme), "differs");
    }
}
