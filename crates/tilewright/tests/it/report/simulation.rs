//! Analog hardware on a page: its curves, its maps, and that the page carries its numbers.

use super::page::{assert_self_contained, assert_well_formed, json_in};
use super::target;
use tilewright::accuracy::Rate;
use tilewright::hardware::Varied;
use tilewright::mapping::{AskedBits, FloatBits, NetworkBits};
use tilewright::network::{HeldIntegers, Network};
use tilewright::report::figure::{HeatMap, SHADES, rate_by_option, snr_by_layer};
use tilewright::report::html::simulation;
use tilewright::report::option_curve::{OptionCurve, Spacing};
use tilewright::report::simulation::{ChipRate, SimulatedRun, SimulationReport};
use tilewright::simulate::{CrossbarMap, Hardware, LayerError, OutputError};

fn bits() -> NetworkBits {
    let asked = AskedBits { sign: target(128).encoding.sign, weights: None, cell: None, inputs: None };
    asked.of(&HeldIntegers::of(&Network::new("net", vec![1])), FloatBits::default()).expect("bits in range").1
}

/// A report of a digital rate of 0.9 and these runs: option, value, images recognised of 1000, SNR of a layer.
pub(super) fn simulated(runs: &[(&str, &str, u64, Option<f64>)]) -> SimulationReport {
    let error = |snr_db| OutputError { snr_db, signal: true, gain: 0.97, bias: -0.01 };
    let layers = |snr: Option<f64>| {
        let of = |(name, better): (&str, f64)| LayerError {
            name: name.into(),
            own: error(snr.map(|snr| snr + better)),
            reached: error(snr.map(|snr| snr + better / 2.0)),
        };
        [("conv1", 12.0), ("conv2", 0.0), ("fc", 6.0)].map(of).to_vec()
    };
    let run = |&(option, value, correct, snr): &(&str, &str, u64, Option<f64>)| {
        let chips = vec![ChipRate { seed: 0, rate: Rate::new(correct, 1000) }];
        let (mean, interval) = SimulatedRun::mean_of(&chips);
        SimulatedRun {
            design: "analog-22nm".into(),
            varied: (!option.is_empty())
                .then(|| Varied { option: option.into(), value: value.into() })
                .into_iter()
                .collect(),
            scheme: "im2col".into(),
            crossbar: target(128).crossbar,
            encoding: target(128).encoding,
            bits: bits(),
            hardware: Hardware::ideal().record(),
            crossbars: 21,
            linearisation: None,
            residual: None,
            digital: Rate::new(900, 1000),
            chips,
            mean,
            interval,
            top: None,
            chip_interval: mean.interval(),
            calibration_images: 64,
            layer_images: 64,
            layers: layers(snr),
            lossless_bits: vec![],
        }
    };
    SimulationReport::new("net".into(), "set".into(), None, runs.iter().map(run).collect())
}

/// A crossbar of which the wires take a part that grows from the first to the last cell.
pub(super) fn crossbar_map(rows: usize, columns: usize) -> CrossbarMap {
    let cells = rows * columns;
    let conductances: Vec<f64> = (0..cells).map(|cell| 1e-6 * (1 + cell * 7 % 100) as f64).collect();
    let left = |cell: usize| 1.0 - 0.5 * cell as f64 / cells as f64;
    CrossbarMap {
        layer: "<conv1>".into(),
        crossbar: 0,
        crossbars: 3,
        rows,
        columns,
        row_on_line: (0..rows).collect(),
        column_on_line: (0..columns).collect(),
        wanted: conductances.clone(),
        matrix: conductances.iter().enumerate().map(|(cell, siemens)| siemens * left(cell)).collect(),
        voltages: (0..cells).map(left).collect(),
        conductances,
    }
}

#[test]
fn one_curve_an_option() {
    let report = simulated(&[
        ("", "", 880, Some(20.0)),
        ("wire", "2.5", 800, Some(10.0)),
        ("adc-bits", "8", 890, Some(30.0)),
        ("wire", "0", 900, Some(40.0)),
        ("adc-bits", "none", 900, Some(40.0)),
        ("age", "1", 900, Some(40.0)),
        ("age", "1e6", 500, Some(3.0)),
        ("wire", "1", 870, Some(20.0)),
    ]);
    let curves = OptionCurve::all(&report);
    let values = |curve: &OptionCurve| curve.points.iter().map(|point| point.value.clone()).collect::<Vec<_>>();
    let known: Vec<_> = curves.iter().map(|curve| (curve.option.as_str(), curve.spacing)).collect();
    assert_eq!(known, [("wire", Spacing::Linear), ("adc-bits", Spacing::Even), ("age", Spacing::Logarithmic)]);
    assert_eq!(values(&curves[0]), ["0", "1", "2.5"], "numbers are in their order");
    assert_eq!(values(&curves[1]), ["8", "none"], "words in that of typing");
    assert_eq!(curves[2].points.iter().map(|point| point.at).collect::<Vec<_>>(), [0.0, 6.0]);
    assert!(curves.iter().all(|curve| (curve.digital - 0.9).abs() < 1e-12));
    assert!(curves[0].name.contains('Ω') && curves[2].name.ends_with(", s"), "units are on the axes");
    let point = &curves[0].points[2];
    assert_eq!((point.rate, point.interval), (0.8, Rate::new(800, 1000).interval));

    let svg = rate_by_option(&curves[0], &[0.4, 0.9]).to_string();
    let marks: Vec<f64> = svg
        .split("<circle class=\"mark n0\" cx=\"")
        .skip(1)
        .map(|mark| mark.split('"').next().and_then(|x| x.parse().ok()).expect("a place"))
        .collect();
    assert_eq!(marks.len(), 3);
    assert!(((marks[1] - marks[0]) / (marks[2] - marks[0]) - 0.4).abs() < 1e-3, "1 Ω lies at two fifths: {marks:?}");
    assert!(svg.contains("2.5: 80.00") && svg.contains("digital"), "{svg}");
}

#[test]
fn one_value_is_a_curve() {
    let curves = OptionCurve::all(&simulated(&[("", "", 880, None), ("device", "x", 10, None)]));
    let svg = rate_by_option(&curves[0], &[0.0, 1.0]).to_string();
    assert!(!svg.contains("NaN") && svg.contains(">x<"), "{svg}");
}

#[test]
fn layers_are_as_far_as_their_errors() {
    let report = simulated(&[("", "", 880, Some(20.0))]);
    assert_eq!(report.shown().worst_layer(), Some("conv2"));
    let svg = snr_by_layer(&report.shown().layers).to_string();
    assert!(svg.contains("conv1, own: 32.0 dB, gain 0.9700, bias -0.0100"), "{svg}");
    assert_eq!((svg.matches("mark n0").count(), svg.matches("mark n5").count()), (3, 3));
    let exact = snr_by_layer(&simulated(&[("", "", 900, None)]).shown().layers).to_string();
    assert_eq!((exact.matches(">exact<").count(), exact.matches("mark").count()), (3, 0));
}

/// Where nothing is wrong with what was typed, the worst variation is looked at.
#[test]
fn the_run_with_errors_is_shown() {
    let shown = |runs: &[(&str, &str, u64, Option<f64>)]| {
        simulated(runs).shown().varied.first().map(|varied| varied.value.clone())
    };
    let variations = [("wire", "1", 890, Some(20.0)), ("wire", "5", 700, Some(9.0)), ("wire", "2", 880, Some(15.0))];
    assert_eq!(shown(&[&[("", "", 900, None)], variations.as_slice()].concat()), Some("5".into()));
    assert_eq!(shown(&[&[("", "", 880, Some(9.0))], variations.as_slice()].concat()), None);
    assert_eq!(shown(&[("", "", 900, None)]), None);
}

/// Every cell has the colour of its value, and a path covers as many cells as have its colour.
#[test]
fn cells_have_the_colours_of_their_values() {
    let values: Vec<f64> = (0..128 * 96).map(|cell| f64::from((cell * 37 % 101) as u32)).collect();
    let map = HeatMap::new("test", " %", 96, &values);
    assert_eq!((map.rows, map.columns, map.block, map.range), (128, 96, 1, [0.0, 100.0]));
    let shades = map.shades();
    for (value, shade) in values.iter().zip(&shades) {
        let [low, high] = [0.0, 1.0].map(|more| 100.0 * (*shade as f64 + more) / SHADES as f64);
        assert!(*value >= low - 1e-9 && (*value < high + 1e-9), "{value} {shade}");
    }
    let svg = map.draw().to_string();
    for shade in 0..SHADES {
        let path = svg.split(&format!("<path class=\"h{shade}\"")).nth(1).expect("all colours are there");
        let path = path.split(" d=\"").nth(1).and_then(|path| path.split('"').next()).expect("a path");
        let cells: usize =
            path.split('h').skip(1).map(|run| run.split('M').next().unwrap().parse::<usize>().unwrap()).sum();
        assert_eq!(cells, shades.iter().filter(|&&of| of == shade).count(), "h{shade}");
    }
    assert!(svg.len() < 150_000, "{} bytes where no neighbours are alike", svg.len());
}

#[test]
fn large_crossbars_are_drawn_in_blocks_of_the_same_mean() {
    let values: Vec<f64> = (0..300 * 512).map(|cell| (cell % 512) as f64).collect();
    let map = HeatMap::new("test", "", 512, &values);
    assert_eq!((map.rows, map.columns, map.block), (75, 128, 4));
    assert_eq!(map.values[..3], [1.5, 5.5, 9.5]);
    let odd = HeatMap::new("test", "", 129, &vec![1.0; 129 * 129]);
    assert_eq!((odd.rows, odd.columns, odd.range), (65, 65, [1.0, 1.0]));
    assert!(odd.values.iter().all(|&value| value == 1.0) && !odd.draw().to_string().contains("NaN"));
}

#[test]
fn pages_of_simulations() {
    let report = simulated(&[("", "", 880, Some(20.0)), ("wire", "1", 800, Some(9.0)), ("device", "<b>", 9, None)]);
    let html = simulation(&report, &crossbar_map(128, 128));
    assert_well_formed(&html);
    assert_self_contained(&html);
    assert_eq!(json_in(&html, "simulation"), serde_json::to_string(&report).expect("it has a JSON form"));
    assert!(html.contains("88.00\u{202f}%") && html.contains("device &lt;b&gt;") && html.contains("&lt;conv1&gt;"));
    assert_eq!(html.matches("class=\"heat\"").count(), 3, "conductances, what wires take, voltages");
    let ideal = CrossbarMap { matrix: crossbar_map(9, 5).conductances, ..crossbar_map(9, 5) };
    assert_eq!(simulation(&report, &ideal).matches("class=\"heat\"").count(), 1);
}
