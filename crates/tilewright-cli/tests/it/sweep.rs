use crate::command::{json_of, output_of, refused, tilewright};
use serde_json::{Value, json};

type Values = (&'static str, &'static [&'static str]);

/// `(command, settings as they vary, key of a result)`.
const SWEEPS: [(&str, [Values; 2], &str); 3] = [
    ("map resnet8", [("crossbar", &["64", "96"]), ("scheme", &["im2col", "vw-sdk", "optimal"])], "total"),
    ("cost lenet5", [("kernels", &["3d", "2d1d"]), ("adc-bits", &["5", "6"])], "area_mm2"),
    ("circuit --pattern random", [("crossbar", &["8", "16x4"]), ("wire", &["0", "2.5"])], "mean_loss"),
];

fn option(setting: &str, value: &str) -> Value {
    json!({"option": setting, "value": value})
}

/// What a single run of a command with these options gives.
fn alone(command: &str, key: &str, options: &str) -> Value {
    let result = json_of(&format!("{command} {options} --format json"));
    match result.get("sweeps") {
        // A crossbar is studied along its own resistance too: the point of the sweep over wires that it lies on.
        Some(sweeps) => {
            let wires = sweeps.as_array().and_then(|sweeps| sweeps.iter().find(|sweep| sweep["varied"] == "wire"));
            let points = wires.and_then(|sweep| sweep["points"].as_array()).expect("points");
            let wire: f64 = options.rsplit(' ').next().and_then(|value| value.parse().ok()).expect("ohm");
            points.iter().find(|point| point["value"] == wire).expect("a point")[key].clone()
        }
        None => result[key].clone(),
    }
}

#[test]
fn every_design_of_a_grid_is_the_one_its_options_make_alone() {
    for (command, [(first, values), (second, others)], key) in SWEEPS {
        let vary = format!("--vary {first}={} --vary {second}={}", values.join(","), others.join(","));
        let grid = json_of(&format!("{command} {vary} --grid --format json"));
        let mut runs = grid["runs"].as_array().expect("runs").iter();
        for value in values {
            for other in others {
                let run = runs.next().expect("a run a combination");
                assert_eq!(run["varied"], json!([option(first, value), option(second, other)]));
                let expected = alone(command, key, &format!("--{first} {value} --{second} {other}"));
                assert_eq!(run["result"][key], expected, "{command}: {first} {value}, {second} {other}");
            }
        }
        assert!(runs.next().is_none(), "{command}: no more");
    }
}

#[test]
fn without_a_grid_one_setting_varies_at_a_time() {
    for (command, [(first, values), (second, others)], key) in SWEEPS {
        let vary = format!("--vary {first}={} --vary {second}={}", values.join(","), others.join(","));
        let sweep = json_of(&format!("{command} {vary} --format json"));
        let of =
            |name: &'static str, values: &'static [&str]| values.iter().map(move |value| json!([option(name, value)]));
        let expected: Vec<Value> = [json!([])].into_iter().chain(of(first, values)).chain(of(second, others)).collect();
        let runs = sweep["runs"].as_array().expect("runs");
        assert_eq!(runs.iter().map(|run| run["varied"].clone()).collect::<Vec<_>>(), expected, "{command}");
        assert!(runs.iter().all(|run| !run["result"][key].is_null()), "{command}");
    }
}

/// A row a design, with its settings; what does not fit says why.
#[test]
fn tables_of_sweeps() {
    let text = output_of("map lenet5 --scheme im2col --vary crossbar=1,64");
    for part in ["as typed", "crossbar 64", "crossbar 1: layer \"conv1\" does not fit"] {
        assert!(text.contains(part), "{text} lacks {part}");
    }
    let csv = output_of("map lenet5 --scheme im2col --share-layers --vary crossbar=1,64 --grid --format csv");
    let [titles, small, large] = *csv.lines().collect::<Vec<_>>() else { panic!("{csv}") };
    assert!(titles.starts_with("crossbar,crossbars,") && titles.ends_with(",shared_crossbars,failed"), "{csv}");
    assert!(small.starts_with("1,,") && small.contains("does not fit") && large.starts_with("64,"), "{csv}");
}

#[test]
fn sweeps_that_make_no_sense_are_refused() {
    for (words, parts) in [
        ("map lenet5 --vary wire=1,2", &["wire cannot vary", "crossbar"][..]),
        ("cost lenet5 --vary crosbar=64", &["crosbar cannot vary", "crossbar"]),
        ("map lenet5 --vary crossbar=", &["joined by commas"]),
        ("map lenet5 --vary crossbar=64,64", &["crossbar has the value 64 twice"]),
        ("map lenet5 --vary crossbar=64 --vary crossbar=32", &["crossbar varies twice"]),
        ("map lenet5 --vary crossbar=-1", &["--vary crossbar=-1"]),
        ("map lenet5 --vary scheme=im2cool", &["--vary scheme=im2cool", "im2col"]),
        ("map lenet5 --crossbar 64 --vary crossbar=32,64 --grid", &["--crossbar changes nothing here"]),
        ("map lenet5 --scheme im2col,optimal --vary crossbar=32,64", &["--scheme", "--vary"]),
        ("map lenet5 --scheme im2col --vary window=2,4", &["--vary window=2", "sub-image"]),
        ("map lenet5 --vary crossbar=64 --digital", &["--digital", "one line per design"]),
        ("cost lenet5 --vary crossbar=64 --layers", &["--layers", "one line per design"]),
        ("cost lenet5 --vary crossbar=64 --explain adc", &["--explain", "--vary"]),
        ("map lenet5 --scheme im2col --vary crossbar=1,64x1 --grid", &["does not fit"]),
        ("circuit --vary scheme=im2col", &["scheme cannot vary", "wire"]),
        ("map lenet5 --grid", &["--vary"]),
    ] {
        refused(&mut tilewright(words), parts);
    }
}
