//! Simulated hardware: the forms of the result, the store that goes on, and what is refused.

use crate::command::{ignores, refused, succeed, tilewright};
use crate::own_images::array;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// Images of a set that are not black.
const GREY: usize = 2_000;

/// A folder with files in the form of Fashion-MNIST: noise first, then black images.
pub(crate) fn images() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulate-images");
        fs::create_dir_all(&folder).expect("a folder for the tests");
        for (name, count, seed) in [("t10k", 10_000, 1u32), ("train", 60_000, 2)] {
            set(&folder, name, count, seed);
        }
        folder
    })
}

fn set(folder: &Path, name: &str, count: u32, seed: u32) {
    let write = |form: &str, head: &[u32], values: &[u8], length: u64| {
        let mut file = File::create(folder.join(format!("{name}-{form}-ubyte"))).expect("writable");
        let head: Vec<u8> = head.iter().flat_map(|word| word.to_be_bytes()).collect();
        file.write_all(&[&head, values].concat()).and_then(|()| file.set_len(length)).expect("writable");
    };
    let mut state = seed;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    // Blocks of four by four pixels, so that the images are told apart.
    let grey = GREY.min(count as usize);
    let blocks: Vec<u8> = (0..grey * 49).map(|_| noise()).collect();
    let pixel = |at: usize| blocks[at / 784 * 49 + at % 784 / 28 / 4 * 7 + at % 28 / 4];
    let pixels: Vec<u8> = (0..grey * 784).map(pixel).collect();
    let labels: Vec<u8> = (0..grey).map(|_| noise() % 10).collect();
    write("images-idx3", &[0x0803, count, 28, 28], &pixels, 16 + 784 * u64::from(count));
    write("labels-idx1", &[0x0801, count], &labels, 8 + u64::from(count));
}

/// On few images, unless told otherwise; a line a chip has no layers.
pub(crate) fn of(model: &str, arguments: &str) -> Command {
    let few = ["--scheme im2col", "--limit 48", "--layer-images 4", "--threads 1"];
    let is_open = |option: &&str| {
        let name = option.split(' ').next().unwrap_or(option);
        !(arguments.contains(name) || name == "--layer-images" && arguments.contains("--format csv"))
    };
    let few: Vec<&str> = few.into_iter().filter(is_open).collect();
    let mut command = tilewright(&format!("simulate {model} {} {arguments}", few.join(" ")));
    if !arguments.contains("--data") {
        command.arg("--data").arg(images());
    }
    command
}

pub(crate) fn simulate(arguments: &str) -> Command {
    of("lenet5-fashion-int8", arguments)
}

pub(crate) fn parsed(command: &mut Command) -> Value {
    serde_json::from_str(&succeed(command.args(["--format", "json"]))).expect("JSON")
}

pub(crate) fn store(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("store.db")
}

pub(crate) fn with_store(arguments: &str, store: &Path) -> Command {
    let mut command = simulate(arguments);
    command.arg("--store").arg(store);
    command
}

pub(crate) fn batches(store: &Path) -> i64 {
    let count = |connection: Connection| connection.query_row("SELECT count(*) FROM batch", [], |row| row.get(0));
    Connection::open(store).and_then(count).unwrap_or(0)
}

pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

/// Neurons that do nothing wrong yield what the network without rounding does, whatever the threads; errors of theirs are told apart.
#[test]
fn analog_neurons_have_rates() {
    let neurons =
        "--design seed --neuron-gain 0.02 --neuron-offset 0.02 --seeds 2 --vary neuron-offset=0.3 --limit 100";
    let report = parsed(&mut simulate(neurons));
    let runs = report["runs"].as_array().expect("runs");
    assert_eq!(runs[0]["hardware"]["neuron"], json!({"gain": 0.02, "offset": 0.02}));
    assert_eq!((&runs[0]["hardware"]["adc"], &runs[0]["design"]), (&Value::Null, &json!("seed")));
    assert_ne!(runs[0]["chips"], runs[1]["chips"]);
    let without_errors = parsed(&mut simulate("--design seed --limit 100"));
    let run = &without_errors["runs"][0];
    assert_eq!((&run["chips"][0]["rate"], &run["digital"]), (&runs[0]["digital"], &runs[0]["digital"]));
    let threads = parsed(&mut simulate(&format!("{neurons} --threads 2")));
    assert_eq!(threads["runs"], report["runs"]);
    let text = succeed(&mut simulate(neurons));
    for part in [
        "analog neurons",
        "that of the network without rounding between layers",
        "neuron.gain=0.02",
        "ranges of neurons",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn rates_in_every_form() {
    let hardware = "--wire 2 --adc-bits 6 --vary wire=0,20 --vary adc-bits=4,none";
    let report = parsed(&mut simulate(hardware));
    let runs = report["runs"].as_array().expect("runs");
    assert_eq!((&report["schema"], &report["images"]), (&json!(3), &json!("fashion-mnist test")));
    let varied: Vec<&Value> = runs.iter().map(|run| &run["varied"]).collect();
    let of = |option: &str, value: &str| json!([{"option": option, "value": value}]);
    assert_eq!(
        varied,
        [&json!([]), &of("wire", "0"), &of("wire", "20"), &of("adc-bits", "4"), &of("adc-bits", "none")]
    );
    let ohms: Vec<&Value> = runs.iter().map(|run| &run["hardware"]["wiring"]["r_word"]).collect();
    assert_eq!(ohms, [&json!(2.0), &json!(0.0), &json!(20.0), &json!(2.0), &json!(2.0)]);
    let snr = |run: usize, layer: usize| runs[run]["layers"][layer]["own"]["snr_db"].as_f64().expect("an error");
    for layer in 0..5 {
        assert!(snr(2, layer) < snr(0, layer), "more resistance, more error: layer {layer} of {report}");
    }
    let text = succeed(&mut simulate(hardware));
    assert!(text.contains("as typed") && text.contains("wire 20") && text.contains("adc-bits none"), "{text}");
    let csv = succeed(&mut simulate(&format!("{hardware} --format csv")));
    let titles = "network,varied,design,scheme,rows,columns,seed,correct,of,rate,low,high,digital,images,encoding,cell_bits,hardware,";
    assert!(csv.starts_with(titles), "{csv}");
    // Every line says its own hardware, and the program that made it.
    let wired = csv.lines().find(|line| line.contains(",wire 20,")).expect("a line");
    let version = env!("CARGO_PKG_VERSION");
    for part in
        ["wiring.r_word=20", ",differential,8,", ",8,model,8,model,", &format!(",{version},\"tilewright simulate ")]
    {
        assert!(wired.contains(part), "{wired} lacks {part}");
    }
    assert_eq!((&report["version"], report["command"].as_str().is_some()), (&json!(version), true));
    assert!(text.contains("Hardware that differs from the defaults:") && text.contains("wiring.r_word=2"), "{text}");
    assert_eq!(
        csv.lines()
            .filter(|line| line.starts_with("lenet5-fashion-int8,wire 20,analog-22nm,im2col,128,128,0,"))
            .count(),
        1
    );
    assert_eq!(csv.lines().count(), 6);
    let page = succeed(simulate(hardware).args(["--format", "html", "--map", "conv2:1"]));
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("id=\"simulation\"") && page.contains("wire 20"));
    assert!(page.contains("Layer conv2, crossbar 2 of ") && page.len() < 1_500_000, "{}", page.len());
}

/// Every design of a grid is the one that its options make alone.
#[test]
fn a_grid_is_its_designs_one_by_one() {
    let rate = |report: &Value, run: usize| report["runs"][run]["chips"].clone();
    let grid = parsed(&mut simulate("--adc-bits 5 --vary crossbar=64,128 --vary wire=1,4 --grid"));
    let csv = succeed(&mut simulate("--adc-bits 5 --vary crossbar=64,128 --vary wire=1,4 --grid --format csv"));
    assert_eq!(grid["runs"].as_array().map(Vec::len), Some(4));
    for (run, [crossbar, wire]) in [["64", "1"], ["64", "4"], ["128", "1"], ["128", "4"]].into_iter().enumerate() {
        let varied = json!([{"option": "crossbar", "value": crossbar}, {"option": "wire", "value": wire}]);
        assert_eq!(grid["runs"][run]["varied"], varied);
        let alone = parsed(&mut simulate(&format!("--adc-bits 5 --crossbar {crossbar} --wire {wire}")));
        assert_eq!(rate(&grid, run), rate(&alone, 0));
        assert!(
            csv.contains(&format!(",\"crossbar {crossbar}, wire {wire}\","))
                && csv.contains(&format!(",{crossbar},{wire},")),
            "{csv}"
        );
    }
    let page = succeed(simulate("--vary crossbar=64,128 --vary wire=1,4 --grid").args(["--format", "html"]));
    assert!(page.contains("crossbar 64, wire 4"), "the page names its runs");
    refused(&mut simulate("--wire 3 --vary wire=1,4 --grid"), &["--wire changes nothing here", "grid"]);
    refused(&mut simulate("--grid"), &["--vary"]);
}

/// The scores of every chip, written beside the rates, give these rates by plain counting.
#[test]
fn rates_among_the_best_are_those_of_the_scores() {
    let folder = folder();
    let (file, store) = (folder.path().join("out.npz"), store(&folder));
    let typed = "--programming-error 0.3 --seeds 2 --layer-images 0 --top 3";
    let kept = parsed(&mut with_store(typed, &store));
    // Known counts have no scores: all images are shown again.
    let report = parsed(with_store(typed, &store).arg("--outputs").arg(&file));
    let run = &report["runs"][0];
    assert_eq!(run, &kept["runs"][0]);
    assert_eq!(&parsed(&mut with_store(typed, &store))["runs"][0], run, "what the store knows");
    let archive = fs::read(&file).expect("written");
    let reals = |name: &str, shape: &str| -> Vec<f32> {
        array(&archive, name, shape).as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect()
    };
    let (outputs, digital) = (reals("outputs.npy", "(2, 48, 10)"), reals("digital.npy", "(48, 10)"));
    let labels = array(&archive, "labels.npy", "(48,)");
    let labels: Vec<usize> = labels.as_chunks().0.iter().map(|&label| u32::from_le_bytes(label) as usize).collect();
    let seeds = array(&archive, "seeds.npy", "(2,)");
    assert_eq!((seeds[0], seeds[8]), (0, 1));
    let among = |scores: &[f32], classes: usize| {
        let is_among = |(scores, label): (&[f32], &usize)| {
            let mut order: Vec<usize> = (0..10).collect();
            order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
            order[..classes].contains(label)
        };
        json!(scores.chunks(10).zip(&labels).filter(|&image| is_among(image)).count())
    };
    assert_eq!((&run["digital"]["correct"], &run["top"]["classes"]), (&among(&digital, 1), &json!(3)));
    assert_eq!(run["top"]["digital"]["correct"], among(&digital, 3));
    for chip in 0..2 {
        let scores = &outputs[chip * 480..][..480];
        assert_eq!(run["chips"][chip]["rate"]["correct"], among(scores, 1), "chip {chip}");
        assert_eq!(run["top"]["chips"][chip]["rate"]["correct"], among(scores, 3), "chip {chip}");
    }
    assert_ne!(run["top"]["mean"]["mean"], run["mean"]["mean"]);
    let text = succeed(&mut with_store(typed, &store));
    assert!(text.contains("among the best 3"), "{text}");
    let csv = succeed(&mut with_store(&format!("{} --format csv", typed.replace("--layer-images 0 ", "")), &store));
    assert!(csv.contains("top_classes,top_correct,top_rate,weight_bits") && csv.contains(",64,,,3,"), "{csv}");
    let page = succeed(with_store(typed, &store).args(["--format", "html"]));
    assert!(page.contains("among the best 3"));
}

#[test]
fn ideal_hardware_recognises_what_the_integer_network_does() {
    let report = parsed(&mut simulate(""));
    let run = &report["runs"][0];
    let mut evaluate = tilewright("evaluate lenet5-fashion-int8 --limit 48 --format json --data");
    let evaluated: Value = serde_json::from_str(&succeed(evaluate.arg(images()))).expect("JSON");
    assert_eq!(run["digital"]["correct"], evaluated["top1"]["correct"]);
    for (seed, chip) in run["chips"].as_array().expect("chips").iter().enumerate() {
        assert_eq!((&chip["seed"], &chip["rate"]), (&json!(seed), &run["digital"]));
    }
    let layers = run["layers"].as_array().expect("layers");
    assert!(layers.len() == 5 && layers.iter().all(|layer| layer["reached"]["snr_db"].is_null()), "{layers:?}");
    // A page of it shows the run that is worse.
    let page = succeed(simulate("--vary stuck=0.3").args(["--format", "html"]));
    assert!(page.contains("stuck 0.3, first chip"), "the ideal crossbar has nothing to show");
}

/// As `cost` says: 128 rows of levels 0 to 3, driven or not, are 385 sums. With a sign each pulse has two.
#[test]
fn lossless_bits_are_those_of_a_pulse_and_a_column() {
    let bits = |arguments: &str| {
        let report = parsed(&mut simulate(arguments));
        let layers = report["runs"][0]["lossless_bits"].as_array().expect("layers").clone();
        layers.iter().map(|layer| layer["bits"].as_u64().expect("bits")).collect::<Vec<u64>>()
    };
    let apart = bits("--cell-bits 2 --dac-bits 1 --pairs digital --layer-images 0");
    assert!(apart.iter().all(|&bits| bits <= 9), "{apart:?}");
    let (pairs, whole) = (bits("--cell-bits 2 --dac-bits 1 --layer-images 0"), bits("--cell-bits 2 --layer-images 0"));
    assert!(apart.iter().zip(&pairs).all(|(apart, pairs)| apart <= pairs), "{apart:?}, {pairs:?}");
    assert!(pairs.iter().zip(&whole).all(|(pulse, whole)| pulse < whole), "{pairs:?}, {whole:?}");
}

#[test]
fn seeds_say_what_comes_out() {
    let noisy = "--programming-error 0.05 --read-noise 0.02 --stuck 0.02";
    let first = parsed(&mut simulate(&format!("{noisy} --seeds 2")));
    assert_eq!(first, parsed(&mut simulate(&format!("{noisy} --seeds 2 --threads 2"))), "any number of threads");
    let later = parsed(&mut simulate(&format!("{noisy} --first-seed 1 --seeds 1")));
    assert_eq!(later["runs"][0]["chips"][0], first["runs"][0]["chips"][1]);
    assert_ne!(later["runs"][0]["layers"], first["runs"][0]["layers"], "another chip has other errors");
    let beyond = format!("{noisy} --first-seed {} --seeds 2", u64::MAX);
    refused(&mut simulate(&beyond), &["the first seed: found 18446744073709551615; give at most 18446744073709551614"]);
}

/// What is known is read, not found anew; more images go on where fewer ended.
#[test]
fn a_store_goes_on() {
    let folder = folder();
    let store = store(&folder);
    let noisy = "--programming-error 0.1 --layer-images 0";
    parsed(&mut with_store(&format!("{noisy} --limit 512"), &store));
    assert_eq!(batches(&store), 2, "one of the integer network, one of the chip");
    let whole = parsed(&mut simulate(&format!("{noisy} --limit 600")));
    assert_eq!(parsed(&mut with_store(&format!("{noisy} --limit 600"), &store)), whole);
    assert_eq!(batches(&store), 4);
    assert_eq!(parsed(&mut with_store(&format!("{noisy} --limit 600"), &store)), whole);
    assert_eq!(batches(&store), 4);
    let forged = Connection::open(&store).and_then(|open| open.execute("UPDATE batch SET correct = 3", []));
    assert_eq!(forged, Ok(4));
    let read = parsed(&mut with_store(&format!("{noisy} --limit 600"), &store));
    assert_eq!(read["runs"][0]["chips"][0]["rate"]["correct"], 6, "it is read from the store");
}

/// Ctrl-C, then a kill: what was kept is kept, nothing is written by halves, and the end is that of a run that nobody stopped.
#[test]
fn interrupted_runs_go_on() {
    let folder = folder();
    let store = store(&folder);
    // Two batches are the integer network's, two are each chip's.
    let long = "--programming-error 0.1 --wire 1 --limit 1024 --seeds 4";
    #[cfg(unix)]
    if ignores(2) {
        println!("not interrupted: whoever started the tests has the signal ignored");
    } else {
        let (status, said) = cut_short(long, &store, 3, |running| {
            let send = format!("kill -INT {}", running.id());
            assert!(Command::new("sh").args(["-c", &send]).status().is_ok_and(|sent| sent.success()));
        });
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(2), "{status}");
        let expected =
            format!("stopped; {} keeps what was done, and the same command resumes from there\n", store.display());
        assert_eq!(said, expected);
    }
    let before = batches(&store);
    let (status, _) = cut_short(long, &store, before + 2, |running| running.kill().expect("a child of ours"));
    assert!(!status.success());
    let kept = batches(&store);
    assert!((before + 2..10).contains(&kept), "{kept}");
    assert_eq!(parsed(&mut with_store(long, &store)), parsed(&mut simulate(long)));
    assert_eq!(batches(&store), 10);
}

/// Starts a run, ends it once so many batches are kept, and looks that it wrote no result. Returns what it said, too.
fn cut_short(arguments: &str, store: &Path, kept: i64, end: impl FnOnce(&mut Child)) -> (ExitStatus, String) {
    let result = store.with_extension("json");
    let mut command = with_store(arguments, store);
    command.args(["--format", "json", "-o"]).arg(&result).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut running = command.spawn().expect("the command starts");
    let start = Instant::now();
    while batches(store) < kept {
        assert!(running.try_wait().expect("a child of ours").is_none(), "it ended before it was ended");
        assert!(start.elapsed() < Duration::from_secs(600), "it gets nowhere");
        thread::sleep(Duration::from_millis(5));
    }
    end(&mut running);
    let Output { status, stderr, .. } = running.wait_with_output().expect("a child of ours");
    assert!(!result.exists(), "{status}");
    (status, String::from_utf8(stderr).expect("UTF-8"))
}

/// Exit code 2 with the words, and neither a store nor a page.
/// Conductances of so few digits that no solver finds a current of them to eleven.
#[test]
fn a_crossbar_that_cannot_be_solved_is_named() {
    let folder = folder();
    let device = folder.path().join("faint.toml");
    let text = "[device]\nname = \"faint\"\nmodel = \"generic\"\nsource = \"test\"\n[generic]\non = 1e-315\non_off_ratio = 3.0\n";
    fs::write(&device, text).expect("the folder is writable");
    let store = store(&folder);
    let mut command = with_store("--wire 2 --layer-images 0 --threads 2", &store);
    let output = command.arg("--device").arg(&device).output().expect("the command starts");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true), "{said}");
    assert!(said.starts_with("error: layer \"conv1\", crossbar 0 of copy 0: its currents are off by up to "), "{said}");
    assert!(said.contains("more than 1e-11; give resistances and conductances") && said.lines().count() == 1, "{said}");
    refused(
        tilewright("export spice lenet5-fashion-int8 --layer conv2 --index 1 --wire 2 --device").arg(&device),
        &["layer \"conv2\", crossbar 1 of copy 0: its currents are off by"],
    );
}

#[test]
fn what_cannot_be_simulated_is_refused() {
    let folder = folder();
    let device = folder.path().join("device.toml");
    fs::write(&device, "[device]\nmodel = \"generic\"\nspeed = 3\n").expect("writable");
    let device = format!("--device {}", device.display());
    let outputs = format!("--outputs {}", folder.path().join("out.npz").display());
    let cases: [(&str, &str, &[&str]); 32] = [
        ("lenet5-fashion-int8", &format!("{outputs} --vary wire=1"), &["--outputs is of one run", "--vary"]),
        ("lenet5-fashion-int8", "--top 11", &["the 11 best classes", "1 to 10"]),
        ("lenet5-fashion-int8", "--wire -1", &["-1 ohm", "give 0, or 1e-9 to 1e12 ohm"]),
        ("lenet5-fashion-int8", "--wire NaN", &["--wire", "give 0, or 1e-9 to 1e12 ohm"]),
        ("lenet5-fashion-int8", "--vary wire=1,-2", &["-2 ohm"]),
        ("lenet5-fashion-int8", "--g-on -1", &["-1"]),
        ("lenet5-fashion-int8", "--stuck 2", &["stuck"]),
        ("lenet5-fashion-int8", "--device memristor", &["memristor", "generic", "ideal"]),
        ("lenet5-fashion-int8", &device, &["device.toml", "speed"]),
        ("lenet5-fashion-int8", "--device nowhere.toml", &["cannot read the device file nowhere.toml"]),
        (
            "lenet5-fashion-int8",
            "--device ideal --g-on 1e-5",
            &["greatest conductance is a setting of the device generic, not of ideal"],
        ),
        ("lenet5-fashion-int8", "--adc-bits 0", &["--adc-bits", "give 1 to 16, lossless, or none"]),
        ("lenet5-fashion-int8", "--adc-range 20", &["--adc-range", "percentile of 50 to 100"]),
        ("lenet5-fashion-int8", "--design puma", &["design puma", "nothing is said of converters"]),
        ("lenet5-fashion-int8", "--design seed --neuron-saturation 0", &["--neuron-saturation", "saturates at 0"]),
        ("lenet5-fashion-int8", "--design seed --adc-bits 8", &["chip seed has no converters"]),
        ("lenet5-fashion-int8", "--design isaac --neuron-gain 0.1", &["design isaac has no analog neurons"]),
        ("lenet5-fashion-int8", "--design seed --refresh", &["analog neurons", "digital gains", "give none"]),
        ("lenet5-fashion-int8", "--design seed --dac-bits 1", &["analog neurons", "inputs of 1 bits", "whole inputs"]),
        ("lenet5-fashion-int8", "--design seed --sinh-volts 0.5", &["analog neurons", "linear cells"]),
        ("lenet5-fashion-int8", "--design seed --pairs digital", &["analog neurons", "pairs subtracted as currents"]),
        ("lenet5-fashion-int8", "--design seed --encoding offset", &["encoding", "the differential one"]),
        ("lenet5-fashion-int8", "--design neurram", &["design neurram", "give --dac-bits"]),
        ("lenet5-fashion-int8", "--design isac", &["no chip \"isac\"", "did you mean \"isaac\""]),
        ("lenet5-fashion-int8", "--weight-bits 4", &["has the weight", "hold -8 to 7", "give 8 weight bits"]),
        ("lenet5-fashion-int8", "--vary limit=3", &["limit cannot vary", "adc-bits"]),
        ("lenet5-fashion-int8", "--map conv9 --format html", &["layer: found \"conv9\"", "conv1, conv2"]),
        ("lenet5-fashion-int8", "--map conv1:7 --format html", &["crossbar of layer conv1: found 7", "0 to 0"]),
        ("lenet5-fashion-int8", "--map conv1", &["--map", "--format html"]),
        ("lenet5", "--set fashion-mnist", &["lenet5 has no weights", "lenet5-fashion, lenet5-fashion-int8"]),
        ("resnet8-3d-int8", "--set fashion-mnist", &["takes images of 3×32×32", "has images of 1×28×28"]),
        ("lenet5-fashion-int8", "--mean 0.1,0.2 --std 1,1", &["a normalisation of 2 channels", "has images of 1"]),
    ];
    for (model, arguments, parts) in cases {
        let [store, page] = ["store.db", "page.html"].map(|name| folder.path().join(name));
        refused(of(model, arguments).arg("--store").arg(&store).arg("-o").arg(&page), parts);
        assert!(!store.exists() && !page.exists(), "{arguments} left something behind");
    }
    let empty = self::folder();
    let missing = tilewright("simulate lenet5-fashion-int8 --data").arg(empty.path()).output();
    let said = String::from_utf8(missing.expect("the command starts").stderr).expect("UTF-8");
    assert!(said.contains("fashion-mnist is not in") && said.contains("data fetch"), "{said}");
}
