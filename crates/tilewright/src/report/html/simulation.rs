//! A network on analog hardware: what it recognises, run by run, and why.

use super::{SCRIPT, captioned, document, titled, top};
use crate::circuit::Wiring;
use crate::hardware::{AdcSteps, Neurons, RangeRule};
use crate::report::figure::{HeatMap, rate_by_option, snr_by_layer};
use crate::report::markup::Element;
use crate::report::number::{counted, grouped, size};
use crate::report::option_curve::OptionCurve;
use crate::report::simulation::{SimulatedRun, SimulationReport};
use crate::report::table::{Column, Kind, Table, Value, scrolling};
use crate::simulate::{Adc, ConverterErrors, CrossbarMap, HardwareRecord};

/// The page of a simulation as HTML, with a crossbar of [`SimulationReport::shown`] cell by cell.
///
/// # Panics
/// If there are no runs.
pub fn simulation(report: &SimulationReport, map: &CrossbarMap) -> String {
    let json = serde_json::to_string(report).expect("a simulation has a JSON form");
    let main = Element::new("main")
        .child(&header(report))
        .children(curves(report))
        .child(&runs(report))
        .children(layers(report.shown()))
        .child(&crossbar(report.shown(), map));
    let title = format!("{} on analog crossbars", report.network);
    document(&title, &main, &Element::json("simulation", &json), SCRIPT)
}

fn header(report: &SimulationReport) -> Element {
    let run = &report.runs[0];
    let pairs = [
        ("images", report.images.clone()),
        ("scheme", run.scheme.clone()),
        ("unit crossbar", format!("{} cells", run.crossbar)),
        ("weights", run.bits.weights.to_string()),
        ("inputs", run.bits.inputs.to_string()),
        ("cells", cells(&run.hardware)),
        ("wires", wires(&run.hardware.wiring)),
        match &run.hardware.neuron {
            Some(neurons) => ("neurons", of_neurons(neurons)),
            None => ("converters", converters(run.hardware.adc.as_ref())),
        },
    ];
    let pairs = pairs.into_iter().map(|(name, value)| {
        let pair = Element::new("div").child(&Element::new("dt").text(name));
        pair.child(&Element::new("dd").text(value))
    });
    let hardware = run.hardware.differences().join("; ");
    let differs = if hardware.is_empty() { "nothing".into() } else { hardware };
    let residual = run.residual.map_or(String::new(), |residual| {
        format!("Currents of the crossbars differ from an independent solve by at most {residual:.1e} of the largest. ")
    });
    let linearised = run.linearisation.map_or(String::new(), |off| {
        format!("Linearised cells differ from Newton's method by at most {off:.1e} of the largest current on sampled reads. ")
    });
    let note = format!(
        "Hardware that differs from the defaults: {differs}. {residual}{linearised}Computed by Tilewright {}.",
        report.version
    );
    let command =
        report.command.as_ref().map(|command| Element::new("pre").class("command").with("tabindex", 0).text(command));
    Element::new("header")
        .child(&top("analog simulation"))
        .child(&Element::new("h1").text(&report.network))
        .child(&Element::new("dl").class("settings").children(pairs))
        .child(&headline(run))
        .child(&Element::new("p").class("note").text(note))
        .children(command)
}

fn cells(hardware: &HardwareRecord) -> String {
    let [off, on] = hardware.range.map(|siemens| format!("{:.3}", 1e6 * siemens));
    let trimmed = |number: &str| number.trim_end_matches('0').trim_end_matches('.').to_owned();
    format!("{}, {} to {} µS", hardware.cells.device, trimmed(&off), trimmed(&on))
}

fn wires(wiring: &Wiring) -> String {
    let Wiring { r_word, r_bit, r_source, r_sink, .. } = wiring;
    if [r_word, r_bit, r_source, r_sink].iter().all(|ohm| **ohm == 0.0) {
        return "ideal".into();
    }
    let lines = if r_word == r_bit { format!("{r_word} Ω a cell") } else { format!("{r_word} and {r_bit} Ω a cell") };
    match (*r_source, *r_sink) {
        (0.0, 0.0) => lines,
        (source, sink) => format!("{lines}, sources {source} Ω, sinks {sink} Ω"),
    }
}

fn of_neurons(neurons: &Neurons) -> String {
    let Neurons { gain, offset, noise, saturation } = neurons;
    let end = saturation.map_or("without saturation".into(), |share| format!("saturation at {share}"));
    format!("gain ± {gain}; offset ± {offset}, noise {noise} and {end}, by the range of a layer")
}

fn converters(adc: Option<&Adc>) -> String {
    let Some(adc) = adc else { return "exact".into() };
    let range = match adc.range {
        RangeRule::Max => "greatest current".into(),
        RangeRule::LeastSquares => "least squares".into(),
        RangeRule::Percentile(part) => format!("percentile {part}"),
    };
    let errors = adc.errors.map_or(String::new(), |ConverterErrors { errors, columns }| {
        let steps = match errors.steps {
            AdcSteps::Sar => "SAR",
            AdcSteps::Ramp => "ramp",
        };
        format!(
            "; offset ± {} and noise of {} codes, gain ± {}, {steps} with mismatch {}, one for {columns} columns",
            errors.offset, errors.noise, errors.gain, errors.mismatch
        )
    });
    format!("{} bits, range by {range}{errors}", adc.bits)
}

/// The result as typed, in large figures.
fn headline(run: &SimulatedRun) -> Element {
    let [low, high] = run.interval.map(hundredths);
    let images = counted(run.digital.images, "image", "images");
    let chips = counted(run.chips.len() as u64, "chip", "chips");
    let numbers = [
        (hundredths(run.mean.mean), "recognised".to_owned(), format!("{low} to {high}, of {images}")),
        (hundredths(run.digital.rate), "digital".to_owned(), run.hardware.computes().to_owned()),
        (lost(run), "points lost".to_owned(), format!("mean over {chips}")),
        (grouped(run.crossbars), "crossbars".to_owned(), "programmed for each chip".to_owned()),
    ];
    let totals = numbers.into_iter().enumerate().map(|(place, (number, name, note))| {
        Element::new("div")
            .class(if place == 0 { "total first" } else { "total" })
            .child(&Element::new("strong").text(number))
            .child(&Element::new("span").text(name))
            .child(&Element::new("small").text(note))
    });
    Element::new("div").class("totals").children(totals)
}

/// A figure for every option that was varied, all on one axis of rates.
fn curves(report: &SimulationReport) -> Option<Element> {
    let curves = OptionCurve::all(report);
    let points = curves.iter().flat_map(|curve| &curve.points);
    let rates: Vec<f64> = points.flat_map(|point| point.interval).chain([report.runs[0].digital.rate]).collect();
    let figures = curves.iter().map(|curve| captioned(&rate_by_option(curve, &rates), caption(curve)));
    let lead = "One option at a time, all others as above. Bars are 95 % intervals over the choice of test images.";
    let section = titled("curves", "What costs how much", lead);
    (!curves.is_empty()).then(|| section.child(&Element::new("div").class("figures").children(figures)))
}

fn caption(curve: &OptionCurve) -> String {
    let best = curve.points.iter().max_by(|a, b| a.rate.total_cmp(&b.rate)).expect("a curve has points");
    let worst = curve.points.iter().min_by(|a, b| a.rate.total_cmp(&b.rate)).expect("a curve has points");
    let rates = [best, worst].map(|point| hundredths(point.rate));
    if rates[0] == rates[1] {
        return format!("{} at every value.", rates[0]);
    }
    let [best, worst] =
        [best, worst].map(|point| format!("{} at {} {}", hundredths(point.rate), curve.option, point.value));
    format!("From {best} down to {worst}.")
}

fn runs(report: &SimulationReport) -> Element {
    let top = report.runs[0].top.as_ref().map(|top| format!("among the best {}", top.classes));
    let of_top = top.map(|heading| Column::shown(Kind::Rate, "recognised").under(heading));
    let columns = [
        Column::shown(Kind::Words, "hardware"),
        Column::shown(Kind::Rate, "recognised"),
        Column::shown(Kind::Exact, "95 % interval"),
        Column::shown(Kind::Exact, "over chips"),
        Column::shown(Kind::Rate, "digital"),
        Column::shown(Kind::Exact, "points lost"),
        Column::shown(Kind::Whole, "crossbars"),
        Column::shown(Kind::Exact, "lossless ADC bits"),
    ];
    let mut table = Table::new(columns.into_iter().chain(of_top).collect());
    for run in &report.runs {
        let [low, high] = run.interval.map(hundredths);
        let bits = run.lossless_bits.iter().map(|lossless| lossless.bits).max().unwrap_or(0);
        let over_chips = run.mean.deviation.map(|deviation| format!("± {}", hundredths(deviation)).into());
        let cells = [
            run.named().into(),
            run.mean.mean.into(),
            format!("{low} to {high}").into(),
            over_chips.unwrap_or(Value::Blank),
            run.digital.rate.into(),
            lost(run).into(),
            run.crossbars.into(),
            if run.hardware.neuron.is_some() { Value::Blank } else { bits.into() },
        ];
        table.row(cells.into_iter().chain(run.top.iter().map(|top| top.mean.mean.into())));
    }
    let lead = "Each is named by the options it differs in. A converter with the lossless bits would read ideal currents exactly.";
    titled("runs", "Runs", lead).child(&scrolling(&table.captioned("runs")))
}

fn layers(run: &SimulatedRun) -> Option<Element> {
    let lead = format!(
        "Outputs of each layer of the first chip against those of {}, {}, on test images that nothing is fitted on. Higher is better; 6 dB is one bit.",
        run.hardware.computes(),
        run.named()
    );
    let drawn = captioned(
        &snr_by_layer(&run.layers),
        "A layer far to the left by its own error suffers from the hardware. Where its two marks differ, earlier layers are to blame.",
    );
    let drawn = drawn.child(&Element::new("p").class("readout").text("Point at a mark or tap it for gain and bias."));
    (!run.layers.is_empty()).then(|| titled("layers", "Which layers suffer", lead).child(&drawn.class("wide")))
}

fn crossbar(run: &SimulatedRun, map: &CrossbarMap) -> Element {
    let lead = format!(
        "Layer {}, crossbar {} of {}, {}, first chip: {} of {} cells are in use. Sources drive the word lines; sinks end the bit \
         lines.",
        map.layer,
        map.crossbar + 1,
        grouped(map.crossbars as u64),
        run.named(),
        size([map.rows, map.columns]),
        run.crossbar,
    );
    let figures = maps(run, map).into_iter().map(|(map, caption)| captioned(&map.draw(), caption));
    titled("crossbar", "Inside a crossbar", lead).child(&Element::new("div").class("figures").children(figures))
}

/// What there is to see: conductances, and for each kind of error its map if there is any.
fn maps(run: &SimulatedRun, map: &CrossbarMap) -> Vec<(HeatMap, String)> {
    let of = |name: &str, unit, values: &[f64]| HeatMap::new(name, unit, map.columns, values);
    let [off, on] = run.hardware.range;
    let micro: Vec<f64> = map.conductances.iter().map(|siemens| 1e6 * siemens).collect();
    let words = "The weights as conductances. The columns of a weight are side by side, and lines are in the order in which they are wired.";
    let mut maps = vec![(of("Conductance of each cell, in microsiemens.", "\u{202f}µS", &micro), words.to_owned())];
    if map.conductances != map.matrix {
        let taken = map.taken();
        let words = format!(
            "What the wires take from each cell’s current: {:.1} % on average, {:.1} % at most. Cells far from their source and \
             sink lose the most, above all among cells that conduct well.",
            100.0 * map.mean_taken(),
            100.0 * greatest(&taken)
        );
        let shares: Vec<f64> = taken.iter().map(|share| 100.0 * share).collect();
        let drawn = of("Share of each cell’s current that the wires take, in percent.", "\u{202f}%", &shares);
        let range = [0.0, drawn.range[1].max(0.0)];
        maps.push((drawn.between(range), words));
        let shares: Vec<f64> = map.voltages.iter().map(|volt| 100.0 * (1.0 - volt)).collect();
        let words = format!(
            "The voltage missing at each cell when all word lines are driven alike: up to {:.1} % of the source voltage. Every input \
             adds to the drop, which is why large crossbars suffer.",
            greatest(&shares)
        );
        let drawn =
            of("Voltage lost on the way to each cell with all word lines driven, in percent.", "\u{202f}%", &shares);
        let range = [0.0, drawn.range[1].max(0.0)];
        maps.push((drawn.between(range), words));
    }
    if map.conductances != map.wanted {
        let cells = map.conductances.iter().zip(&map.wanted);
        let errors: Vec<f64> = cells.map(|(is, wanted)| 100.0 * (is - wanted).abs() / (on - off)).collect();
        let words = format!(
            "How far each cell is from its target, relative to the device’s range: up to {:.1} %, from programming, stuck cells and drift \
             together.",
            greatest(&errors)
        );
        let drawn = of("Error of each cell’s conductance, in percent of the range.", "\u{202f}%", &errors);
        let range = [0.0, drawn.range[1]];
        maps.push((drawn.between(range), words));
    }
    maps
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn lost(run: &SimulatedRun) -> String {
    format!("{:.2}", 100.0 * (run.digital.rate - run.mean.mean))
}

/// A share with as many digits as ten thousand images have.
fn hundredths(share: f64) -> String {
    format!("{:.2}\u{202f}%", 100.0 * share)
}
