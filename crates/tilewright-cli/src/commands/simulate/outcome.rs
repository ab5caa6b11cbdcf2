//! What was recognised, for people and for programs.

use super::run::Spent;
use crate::args::reproduce::PageFormat;
use crate::table::{self, Column, Table, counted, hundredths, wrap};
use crate::{csv, output};
use anyhow::Result;
use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;
use tilewright::report::html;
use tilewright::report::simulation::{SimulatedRun, SimulationReport};
use tilewright::simulate::{CrossbarMap, OutputError, Refresh};

/// The runs, and a crossbar for the page.
pub(super) struct Simulated {
    pub(super) report: SimulationReport,
    pub(super) map: Option<CrossbarMap>,
    pub(super) took: Duration,
    pub(super) classifying: Spent,
}

impl Simulated {
    pub(super) fn write(&self, to: &mut dyn Write, format: PageFormat) -> Result<()> {
        let Self { report, map, .. } = self;
        match format {
            PageFormat::Table => Ok(to.write_all(self.text(table::width()).as_bytes())?),
            PageFormat::Json => output::json(to, report),
            PageFormat::Csv => lines(report, to),
            PageFormat::Html => {
                let map = map.as_ref().expect("a page comes with a crossbar");
                Ok(to.write_all(html::simulation(report, map).as_bytes())?)
            }
        }
    }

    fn text(&self, width: Option<usize>) -> String {
        let Self { report, took, classifying: Spent { images, seconds }, .. } = self;
        let first = &report.runs[0];
        let layers = if first.layers.is_empty() { String::new() } else { format!("\n{}", layers(first).render(width)) };
        let speed = match images {
            0 => "nothing classified anew".into(),
            images => format!("{} classified, {:.0} a second", counted(*images, "image"), *images as f64 / seconds),
        };
        let notes = format!(
            "{} on {}, {} onto {} of {}×{}, {} in {}-bit cells; the digital rate is that of the integer network. {speed}; {:.1} s in \
             all.\nWeights: {}. Inputs: {}.\nHardware that differs from the defaults: {}.\n{}{}tilewright {}: {}\n",
            report.network,
            report.images,
            first.scheme,
            counted(first.crossbars, "crossbar"),
            first.crossbar.rows,
            first.crossbar.columns,
            first.encoding.sign.words(),
            first.encoding.cell_bits,
            took.as_secs_f64(),
            first.bits.weights,
            first.bits.inputs,
            differences(first).unwrap_or_else(|| "nothing".into()),
            residual(first),
            measured_on(first),
            report.version,
            report.command.as_deref().unwrap_or_default(),
        );
        format!("{}{layers}\n{}", rates(report).render(width), wrap(&notes, width))
    }
}

/// A line a run.
fn rates(report: &SimulationReport) -> Table {
    let mut table = Table::new(vec![
        Column::text("hardware"),
        Column::number("rate"),
        Column::number("95% over images"),
        Column::number("95% over chips"),
        Column::number("digital"),
        Column::number("lost points"),
        Column::number("lossless ADC bits").hidden_at(1),
    ]);
    for run in &report.runs {
        let [low, high] = run.interval.map(hundredths);
        let over_chips = run.chip_interval.map_or(String::new(), |ends| {
            let [low, high] = ends.map(hundredths);
            format!("{low} to {high}")
        });
        table.row(vec![
            run.varied.as_ref().map_or("as typed".into(), |varied| format!("{} {}", varied.option, varied.value)),
            hundredths(run.mean.mean),
            format!("{low} to {high}"),
            over_chips,
            hundredths(run.digital.rate),
            format!("{:.2}", 100.0 * (run.digital.rate - run.mean.mean)),
            most_bits(run).to_string(),
        ]);
    }
    table
}

/// A line a layer of a run.
fn layers(run: &SimulatedRun) -> Table {
    let mut table = Table::new(vec![
        Column::text("layer"),
        Column::number("SNR").under("behind exact inputs"),
        Column::number("gain"),
        Column::number("bias"),
        Column::number("SNR").under("behind the layers before"),
        Column::number("gain"),
        Column::number("bias"),
        Column::number("lossless ADC bits").under("").hidden_at(1),
    ]);
    for (layer, lossless) in run.layers.iter().zip(&run.lossless_bits) {
        let of = |error: &OutputError| [error.snr(), format!("{:.4}", error.gain), format!("{:.4}", error.bias)];
        let cells = [layer.name.clone()].into_iter().chain(of(&layer.own)).chain(of(&layer.reached));
        table.row(cells.chain([lossless.bits.to_string()]).collect());
    }
    table
}

/// How far the crossbars are from an independent solve, if they were programmed with wires.
fn residual(run: &SimulatedRun) -> String {
    run.residual.map_or(String::new(), |residual| {
        format!(
            "Currents of the crossbars differ from an independent solve by at most {residual:.1e} of the largest.\n"
        )
    })
}

/// What images converters and layers' errors are of.
fn measured_on(run: &SimulatedRun) -> String {
    let mut text = String::new();
    if run.hardware.adc.is_some() || run.hardware.compensation.refresh != Refresh::Off {
        let images = counted(run.calibration_images as u64, "training image");
        let _ = writeln!(text, "Converters and digital corrections are fitted on the first {images}.");
    }
    if !run.layers.is_empty() {
        let images = counted(run.layer_images as u64, "test image");
        let _ = writeln!(text, "Errors of layers are measured on the first {images}, which nothing is fitted on.");
    }
    text
}

/// The settings of the hardware that are not the default ones; none if all are.
fn differences(run: &SimulatedRun) -> Option<String> {
    Some(run.hardware.differences().join("; ")).filter(|differences| !differences.is_empty())
}

fn most_bits(run: &SimulatedRun) -> u32 {
    run.lossless_bits.iter().map(|lossless| lossless.bits).max().unwrap_or(0)
}

/// A line a chip.
fn lines(report: &SimulationReport, to: &mut dyn Write) -> Result<()> {
    let titles =
        ["network", "option", "value", "scheme", "rows", "columns", "seed", "correct", "of", "rate", "low", "high"];
    let hardware = ["digital", "images", "encoding", "cell_bits", "hardware", "calibration_images", "residual"];
    csv::line(to, titles.into_iter().chain(hardware).chain(csv::BITS).chain(["version", "command"]))?;
    for run in &report.runs {
        let (option, value) =
            run.varied.as_ref().map_or(Default::default(), |varied| (varied.option.clone(), varied.value.clone()));
        for chip in &run.chips {
            let named = [report.network.clone(), option.clone(), value.clone(), run.scheme.clone()];
            let [low, high] = chip.rate.interval;
            let sides = [run.crossbar.rows, run.crossbar.columns].map(|side| side.to_string());
            let counts = [chip.seed, chip.rate.correct, chip.rate.images].map(|count| count.to_string());
            let shares = [chip.rate.rate, low, high, run.digital.rate].map(|share| share.to_string());
            let of_chip = named.into_iter().chain(sides).chain(counts).chain(shares);
            csv::line(to, of_chip.chain(setting(report, run)))?;
        }
    }
    Ok(())
}

/// What a run was made with, which is the same for all its chips.
fn setting(report: &SimulationReport, run: &SimulatedRun) -> Vec<String> {
    let cells = [report.images.clone(), run.encoding.sign.name().into(), run.encoding.cell_bits.to_string()];
    let residual = run.residual.map_or(String::new(), |residual| format!("{residual:e}"));
    let hardware = [run.hardware.differences().join("; "), run.calibration_images.to_string(), residual];
    let program = [report.version.clone(), report.command.clone().unwrap_or_default()];
    cells.into_iter().chain(hardware).chain(csv::bits(&run.bits)).chain(program).collect()
}
