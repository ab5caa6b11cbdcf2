//! What was verified, for people and for programs.

use super::table::{Column, Document, Kind, Table, Value, bits_of, counted, of_bits, thousands};
use crate::mapping::verification::{Question, SchemeVerification, Verification};
use crate::mapping::{NetworkBits, Target};
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// Everything that was compared, with the question. Its JSON form is the output of `tilewright verify --format json`.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
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
    /// What was answered to a question.
    pub fn new(question: &Question<'_>, bits: NetworkBits, verification: Verification) -> Self {
        Self {
            schema: SCHEMA,
            network: question.network.name.clone(),
            target: question.targets.common,
            input_bits: question.input_bits,
            bits,
            seed: question.seed,
            verification,
        }
    }

    /// Whether everything compared was equal.
    pub const fn equal(&self) -> bool {
        self.verification.equal
    }

    /// The table with its notes below, among them how long it took if that is told.
    pub fn document(&self, took: Option<Duration>) -> Document<'_> {
        Document::new(format!("{} against the plain convolution", self.network))
            .table(self.table())
            .lines(self.notes(took))
    }

    fn table(&self) -> Table {
        let columns = [
            Column::data("network"),
            Column::new(Kind::Words, "scheme", "scheme"),
            Column::shown(Kind::Exact, "layers"),
            Column::data("layers"),
            Column::new(Kind::Whole, "crossbars", "crossbars"),
            Column::new(Kind::Whole, "array_activations", "activations"),
            Column::new(Kind::Whole, "outputs", "outputs compared"),
            Column::shown(Kind::Words, "result"),
            Column::data("does_not_fit"),
            Column::data("difference"),
        ];
        let mut table = Table::new(columns.into_iter().chain(of_bits()).collect());
        for scheme in &self.verification.schemes {
            let values: [Value; 10] = [
                (&self.network).into(),
                scheme.scheme.into(),
                format!("{} of {}", scheme.layers, self.verification.layers).into(),
                scheme.layers.into(),
                scheme.crossbars.into(),
                scheme.array_activations.into(),
                scheme.outputs.into(),
                verdict(scheme).into(),
                scheme.does_not_fit.len().into(),
                scheme.difference.as_ref().into(),
            ];
            table.row(values.into_iter().chain(bits_of(self.bits.weights, self.bits.inputs)));
        }
        table
    }

    fn notes(&self, took: Option<Duration>) -> String {
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
        let took = took.map_or(String::new(), |took| format!(" in {:.1} s", took.as_secs_f64()));
        let _ = writeln!(
            text,
            "{equal} the plain integer convolution: {network} on {} crossbars, seed {seed}; {executions}{took}. Weights: \
             {}. Inputs: {}.",
            target.crossbar, bits.weights, bits.inputs
        );
        text
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
