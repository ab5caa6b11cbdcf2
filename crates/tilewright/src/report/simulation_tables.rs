//! A simulated network as tables: what the runs recognise, the errors of layers, and what a reader must know below.

use super::simulation::{SimulatedRun, SimulationReport};
use super::table::{Column, Document, Kind, Table, Value, bits_of, counted, hundredths, of_bits};
use super::{varied_settings, varied_value};
use crate::simulate::OutputError;
use std::fmt::Write as _;

impl SimulationReport {
    /// The tables with their notes below, among them `speed`, a sentence on how long it took; a spreadsheet gets the chips.
    pub fn document(&self, speed: &str) -> Document<'_> {
        let first = &self.runs[0];
        let mut document = Document::new(format!("{} on analog crossbars", self.network)).table(rates(self));
        if !first.layers.is_empty() {
            document = document.table(layers(first));
        }
        document.lines(self.notes(speed)).data(chips(self))
    }

    fn notes(&self, speed: &str) -> String {
        let first = &self.runs[0];
        let speed = if speed.is_empty() { String::new() } else { format!(" {speed}") };
        let command = self.command.as_ref().map(|command| format!("tilewright {}: {command}\n", self.version));
        format!(
            "{} on {}, design {}: {} onto {} of {}×{}, {} in {}-bit cells, {}. The digital rate is that of {}.\
             {speed}\nWeights: {}. Inputs: {}.\nHardware that differs from the defaults: {}.\n{}{}{}",
            self.network,
            self.images,
            first.design,
            first.scheme,
            counted(first.crossbars, "crossbar"),
            first.crossbar.rows,
            first.crossbar.columns,
            first.encoding.sign.words(),
            first.encoding.cell_bits,
            converters(first),
            first.hardware.computes(),
            first.bits.weights,
            first.bits.inputs,
            differences(first).unwrap_or_else(|| "nothing".into()),
            residual(first),
            measured_on(first),
            command.unwrap_or_default(),
        )
    }
}

/// A line a run.
fn rates(report: &SimulationReport) -> Table {
    let classes = report.runs[0].top.as_ref().map(|top| format!("among the best {}", top.classes));
    let of_top = classes.iter().flat_map(|classes| {
        let [images, digital] = ["95% over images", "digital"].map(|title| Column::shown(Kind::Rate, title));
        [Column::shown(Kind::Rate, "rate").under(classes), images, digital]
    });
    let columns = [
        Column::shown(Kind::Words, "hardware"),
        Column::shown(Kind::Rate, "rate"),
        Column::shown(Kind::Rate, "95% over images"),
        Column::shown(Kind::Rate, "95% over chips"),
        Column::shown(Kind::Rate, "digital"),
        Column::shown(Kind::Fixed(2), "lost points"),
    ];
    let bits = Column::shown(Kind::Exact, "lossless ADC bits").hidden_at(1);
    let bits = if classes.is_some() { bits.under("") } else { bits };
    let mut table = Table::new(columns.into_iter().chain(of_top).chain([bits]).collect());
    for run in &report.runs {
        let of_top = run
            .top
            .iter()
            .flat_map(|top| [top.mean.mean.into(), between(top.interval).into(), top.digital.rate.into()]);
        let cells = [
            run.named().into(),
            run.mean.mean.into(),
            between(run.interval).into(),
            run.chip_interval.map_or(Value::Blank, |ends| between(ends).into()),
            run.digital.rate.into(),
            (100.0 * (run.digital.rate - run.mean.mean)).into(),
        ];
        table.row(cells.into_iter().chain(of_top).chain([most_bits(run)]));
    }
    table
}

fn between(ends: [f64; 2]) -> String {
    ends.map(hundredths).join(" to ")
}

/// A line a layer of a run.
fn layers(run: &SimulatedRun) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "layer"),
        Column::shown(Kind::Exact, "SNR").under("behind exact inputs"),
        Column::shown(Kind::Fixed(4), "gain"),
        Column::shown(Kind::Fixed(4), "bias"),
        Column::shown(Kind::Exact, "SNR").under("behind the layers before"),
        Column::shown(Kind::Fixed(4), "gain"),
        Column::shown(Kind::Fixed(4), "bias"),
        Column::shown(Kind::Exact, "lossless ADC bits").under("").hidden_at(1),
    ]);
    for (layer, lossless) in run.layers.iter().zip(&run.lossless_bits) {
        let of = |error: &OutputError| [error.snr().into(), error.gain.into(), error.bias.into()];
        let cells = [Value::from(&layer.name)].into_iter().chain(of(&layer.own)).chain(of(&layer.reached));
        table.row(cells.chain([bits_of_run(run, lossless.bits)]));
    }
    table
}

/// How far the crossbars are from an independent solve, if they were programmed with wires.
fn residual(run: &SimulatedRun) -> String {
    let residual = run.residual.map(|residual| {
        format!(
            "Currents of the crossbars differ from an independent solve by at most {residual:.1e} of the largest.\n"
        )
    });
    let linearised = run.linearisation.map(|off| {
        format!("Linearised cells differ from Newton's method by at most {off:.1e} of the largest current on sampled reads.\n")
    });
    residual.into_iter().chain(linearised).collect()
}

/// What takes the currents.
fn converters(run: &SimulatedRun) -> String {
    match (&run.hardware.adc, &run.hardware.neuron) {
        (Some(adc), _) => format!("converters of {} bits", adc.bits),
        (None, Some(_)) => "analog neurons".into(),
        (None, None) => "currents read exactly".into(),
    }
}

/// What images converters and layers' errors are of.
fn measured_on(run: &SimulatedRun) -> String {
    let mut text = String::new();
    if run.hardware.adc.is_some() || run.hardware.compensation.refresh {
        let images = counted(run.calibration_images as u64, "training image");
        let _ = writeln!(text, "Converters and digital corrections are fitted on the first {images}.");
    }
    if run.hardware.neuron.is_some_and(|neurons| neurons.have_ranges()) {
        let images = counted(run.calibration_images as u64, "training image");
        let _ = writeln!(text, "The ranges of neurons are those of the first {images}.");
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

fn most_bits(run: &SimulatedRun) -> Value {
    bits_of_run(run, run.lossless_bits.iter().map(|lossless| lossless.bits).max().unwrap_or(0))
}

/// Bits of a converter that loses nothing; there are none for currents of values that are not rounded.
fn bits_of_run(run: &SimulatedRun, bits: u32) -> Value {
    if run.hardware.neuron.is_some() { Value::Blank } else { bits.into() }
}

/// A line a chip, for spreadsheets.
fn chips(report: &SimulationReport) -> Table {
    let of_chip =
        ["network", "varied", "design", "scheme", "rows", "columns", "seed", "correct", "of", "rate", "low", "high"];
    let of_top = ["top_classes", "top_correct", "top_rate"];
    let of_run =
        ["digital", "images", "encoding", "cell_bits", "hardware", "calibration_images", "residual", "linearisation"];
    let mut settings = varied_settings(report.runs.iter().flat_map(|run| &run.varied));
    settings.retain(|setting| !of_chip.contains(setting));
    let columns = of_chip.into_iter().chain(of_run).chain(of_top).chain(settings.clone());
    let columns = columns.map(Column::data).chain(of_bits());
    let mut table = Table::new(columns.chain(["version", "command"].map(Column::data)).collect());
    for run in &report.runs {
        for (number, chip) in run.chips.iter().enumerate() {
            let top = run.top.as_ref().map(|top| (top.classes, top.chips[number].rate));
            let [low, high] = chip.rate.interval;
            let of_chip: [Value; 12] = [
                (&report.network).into(),
                run.named().into(),
                (&run.design).into(),
                (&run.scheme).into(),
                run.crossbar.rows.into(),
                run.crossbar.columns.into(),
                chip.seed.into(),
                chip.rate.correct.into(),
                chip.rate.images.into(),
                chip.rate.rate.into(),
                low.into(),
                high.into(),
            ];
            let of_run: [Value; 8] = [
                run.digital.rate.into(),
                (&report.images).into(),
                run.encoding.sign.name().into(),
                run.encoding.cell_bits.into(),
                run.hardware.differences().join("; ").into(),
                run.calibration_images.into(),
                run.residual.map(|residual| format!("{residual:e}")).into(),
                run.linearisation.map(|off| format!("{off:e}")).into(),
            ];
            let of_top: [Value; 3] = [
                top.map(|(classes, _)| classes).into(),
                top.map(|(_, rate)| rate.correct).into(),
                top.map(|(_, rate)| rate.rate).into(),
            ];
            let program = [(&report.version).into(), report.command.as_ref().into()];
            table.row(
                of_chip
                    .into_iter()
                    .chain(of_run)
                    .chain(of_top)
                    .chain(settings.iter().map(|setting| varied_value(&run.varied, setting)))
                    .chain(bits_of(run.bits.weights, run.bits.inputs))
                    .chain(program),
            );
        }
    }
    table
}
