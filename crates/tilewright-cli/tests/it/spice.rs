//! Crossbars of programmed networks as netlists: ngspice finds the currents in their comments.

use crate::command::{refused, succeed, tilewright};
use crate::ngspice;
use crate::simulate::images;
use std::process::Command;

/// Everything that happens to cells, lines and inputs on the way.
const DISTURBED: &str = "--scheme im2col --crossbar 32 --wire 2.5 --bit-wire 1 --source 40 --sink 15 --programming-error 0.05 --stuck 0.05 \
                         --drift 0.05 --age 1000 --order by-current --predistort 2 --seed 3";

fn spice(model: &str, arguments: &str) -> Command {
    let mut command = tilewright(&format!("export spice {model} {arguments}"));
    if arguments.contains("--image") || !model.ends_with("int8") {
        command.arg("--data").arg(images());
    }
    command
}

fn netlist(arguments: &str) -> String {
    succeed(&mut spice("lenet5-fashion-int8", arguments))
}

/// What stands behind a word in every line that begins with it.
fn numbers(netlist: &str, start: &str, before: &str) -> Vec<f64> {
    let lines = netlist.lines().filter(|line| line.starts_with(start));
    let number = |line: &str| line.rsplit_once(before).and_then(|(_, number)| number.parse().ok());
    lines.map(|line| number(line).unwrap_or_else(|| panic!("no number in {line}"))).collect()
}

fn expected(netlist: &str) -> Vec<f64> {
    numbers(netlist, "* expected: i(vcol", " = ")
}

fn volts(netlist: &str) -> Vec<f64> {
    numbers(netlist, "Vrow", " DC ")
}

/// Conductances of the cells of a netlist of 16 columns, row-major; those that are open are not in it.
fn siemens(netlist: &str) -> Vec<f64> {
    let mut siemens = vec![0.0; 16 * volts(netlist).len()];
    for line in netlist.lines().filter_map(|line| line.strip_prefix("Rcell")) {
        let (name, _) = line.split_once(' ').expect("a name");
        let (row, column) = name.split_once('_').expect("a row and a column");
        let place = |text: &str| text.parse::<usize>().expect("a number");
        let ohm: f64 = line.rsplit_once(' ').expect("words").1.parse().expect("a resistance");
        siemens[16 * place(row) + place(column)] = ohm.recip();
    }
    siemens
}

/// No current is off by more than 1e-9 of the largest.
fn assert_close(found: &[f64], expected: &[f64], driven: &str) {
    let largest = expected.iter().fold(0.0, |most: f64, current| most.max(current.abs()));
    let error = found.iter().zip(expected).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
    assert!(largest > 0.0 && error <= 1e-9 * largest, "{driven}: {:.1e}", error / largest);
}

#[test]
fn ngspice_finds_the_currents_of_a_network() {
    for driven in
        ["--image 5 --access 20 --adc-bits 6 --calibration 8", "--image 5 --access 41 --dac-bits 4", "--volt 0.3"]
    {
        let text = netlist(&format!("--layer conv2 --index 2 {DISTURBED} {driven}"));
        let expected = expected(&text);
        assert_eq!([volts(&text).len(), expected.len()], [32, 32]);
        let Some(found) = ngspice::currents(&text, expected.len()) else {
            println!("not run: ngspice is not installed");
            return;
        };
        assert_close(&found, &expected, driven);
    }
}

/// Cells that bend: what is expected is what Newton's method finds.
#[test]
fn ngspice_finds_the_currents_of_cells_that_bend() {
    for driven in ["--image 5 --access 20 --read-voltage 0.3", "--volt 0.3"] {
        let text = netlist(&format!("--layer conv2 --index 2 {DISTURBED} --sinh-volts 0.15 {driven}"));
        assert!(text.contains("Bcell0_0 ") && !text.contains("Rcell"), "{text}");
        let expected = expected(&text);
        let Some(found) = ngspice::currents(&text, expected.len()) else {
            println!("not run: ngspice is not installed");
            return;
        };
        assert_close(&found, &expected, driven);
    }
}

/// The first layer takes the image itself: pixels in the order of the crossbar's rows, a few bits at a time if so asked.
#[test]
fn rows_have_the_voltages_of_the_image() {
    let of = |image: u32, access: u64| {
        volts(&netlist(&format!("--layer conv1 --scheme im2col --image {image} --access {access}")))
    };
    let [one, next, below] = [of(7, 0), of(7, 1), of(7, 28)];
    assert_eq!(one.len(), 25);
    assert!(one.iter().any(|&volt| volt != one[0]) && one.iter().all(|volt| volt.abs() <= 0.2));
    // Row 5 y + x is pixel (y, x) under the kernel: the next window has the next pixel, the 28th the one below.
    for row in (0..25).filter(|row| row % 5 < 4) {
        assert_eq!(next[row], one[row + 1]);
    }
    assert_eq!(below[..20], one[5..]);
    assert_ne!(of(8, 0), one);
    // Voltages are proportional to what drives them.
    let doubled = volts(&netlist("--layer conv1 --scheme im2col --image 7 --volt 0.4"));
    assert!(doubled.iter().zip(&one).all(|(a, b)| (a - 2.0 * b).abs() < 1e-15));
}

/// The chip is the one that `simulate` programs from the same seed: the greater a cell of the netlist, the darker on the page.
#[test]
fn the_chip_is_that_of_simulate() {
    const CELLS: &str = "--scheme im2col --crossbar 16 --wire 2.5 --programming-error 0.05 --stuck 0.05";
    let page = "--limit 16 --layer-images 0 --first-seed 3 --format html --map conv2:5";
    let mut simulate = tilewright(&format!("simulate lenet5-fashion-int8 {CELLS} {page} --data"));
    let page = succeed(simulate.arg(images()));
    let text = netlist(&format!("--layer conv2 --index 5 --seed 3 {CELLS}"));
    let siemens = siemens(&text);
    assert_eq!(siemens.len(), 16 * 16);
    let mut cells: Vec<(f64, usize)> = siemens.into_iter().zip(shades(&page)).collect();
    cells.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(cells.is_sorted_by_key(|&(_, shade)| shade), "{cells:?}");
    assert!(cells[255].1 > cells[0].1 + 10, "{cells:?}");
    assert_eq!(netlist(&format!("--layer conv2 --index 5 --seed 3 {CELLS} --threads 2")), text);
    assert_ne!(netlist(&format!("--layer conv2 --index 5 --seed 4 {CELLS}")), text);
}

/// Shade of each of 16 by 16 cells of the first map on a page, from runs of cells such as `M3 1h2`: row 1 from column 3, two.
fn shades(page: &str) -> Vec<usize> {
    let (_, map) = page.split_once("<g class=\"heat\"").expect("a map");
    let (map, _) = map.split_once("</g>").expect("its end");
    let mut shades = vec![usize::MAX; 256];
    for path in map.split("<path class=\"h").skip(1) {
        let shade = path.split_once('"').expect("a class").0.parse().expect("a number");
        let (_, runs) = path.split_once(" d=\"").expect("a path");
        for run in runs.split_once('"').expect("its end").0.split('M').skip(1) {
            let numbers: Vec<usize> = run.split([' ', 'h']).map(|number| number.parse().expect("a number")).collect();
            shades[16 * numbers[1] + numbers[0]..][..numbers[2]].fill(shade);
        }
    }
    shades
}

#[test]
fn what_has_no_netlist_is_refused() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("crossbar.cir");
    let cases: [(&str, &str, &[&str]); 10] = [
        ("lenet5-fashion-int8", "--layer conv9", &["layer: found \"conv9\"", "conv1, conv2"]),
        ("lenet5-fashion-int8", "--layer conv1 --index 9", &["crossbar of layer conv1: found 9", "give 0 to "]),
        ("lenet5-fashion-int8", "--layer fc1 --access 1", &["access of layer fc1: found 1", "0 to 0"]),
        ("lenet5-fashion-int8", "--layer conv1 --image 10000", &["image 10000", "give 0 to 9999"]),
        ("lenet5-fashion-int8", "--layer conv1 --image=-1", &["--image"]),
        ("lenet5-fashion-int8", "--layer conv1 --volt NaN", &["--volt <VOLT>", "give a voltage of -1000 to 1000"]),
        ("lenet5-fashion-int8", "--layer conv1 --wire -1", &["r_word: found -1 ohm"]),
        ("lenet5-fashion-int8", "--layer conv1 --adc-bits 0", &["--adc-bits", "give 1 to 16, lossless, or none"]),
        ("lenet5-fashion-int8", "", &["--layer <NAME>"]),
        ("lenet5", "--layer conv1 --set fashion-mnist", &["lenet5 has no weights", "lenet5-fashion-int8"]),
    ];
    for (model, arguments, parts) in cases {
        refused(spice(model, arguments).arg("-o").arg(&file), parts);
        assert!(!file.exists(), "{arguments} left something behind");
    }
    refused(&mut tilewright("export lenet5 -o somewhere spice lenet5 --layer conv1"), &["cannot be used with"]);
}

/// A study of losses takes cells for linear, and networks read no cell beyond what was measured of it: refused, never straightened.
#[test]
fn curves_that_cannot_be_modelled_are_refused() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let device = |name: &str, curve: &str| {
        let file = folder.path().join(name);
        let head = "[device]\nname = \"rram\"\nmodel = \"generic\"\nsource = \"test\"\n[generic]\non = 1e-4\n";
        std::fs::write(&file, format!("{head}{curve}\n")).expect("the folder is writable");
        file
    };
    let sinh = device("sinh.toml", "sinh_volts = 0.05");
    let parts = ["device rram: its cells are not linear", "k = 20 per volt", "circuit solve"];
    refused(tilewright("circuit --crossbar 8").arg("--device").arg(sinh), &parts);
    let measured = device("measured.toml", "curve = [[0.05, 1e-6], [0.1, 3e-6]]");
    let falling = device("falling.toml", "curve = [[0.05, 1e-6], [0.1, 1e-6]]");
    for command in ["simulate lenet5-fashion-int8", "export spice lenet5-fashion-int8 --layer conv1"] {
        let parts = ["read voltage: found 0.2; give at most 0.1 V, where the measured curve ends"];
        refused(tilewright(command).arg("--data").arg(images()).arg("--device").arg(&measured), &parts);
        let parts = ["falling.toml: curve[1] is 0.1 V and 0.000001 A"];
        refused(tilewright(command).arg("--data").arg(images()).arg("--device").arg(&falling), &parts);
    }
}

/// Percentages where a share is asked for, and what is no share at all.
#[test]
fn percentages_are_no_shares() {
    for (arguments, parts) in [
        ("--programming-error 5", ["programming_error is 5", "did you mean 0.05 for 5 %?"]),
        ("--read-noise 5", ["read_noise is 5", "did you mean 0.05 for 5 %?"]),
        ("--stuck 2", ["stuck is 2", "did you mean 0.02 for 2 %?"]),
        ("--programming-error=-0.1", ["programming_error is -0.1", "0 to 1"]),
        ("--age=-1", ["-1 s after programming", "0 s or any time later"]),
        ("--device milo_2021 --age 5", ["5 s after programming", "0 to 0 s"]),
    ] {
        refused(&mut spice("lenet5-fashion-int8", &format!("--layer conv1 {arguments}")), &parts);
    }
}

/// Without an image nothing is read but the network, unless it has to be rounded.
#[test]
fn rows_alike_need_no_images() {
    let text = netlist("--layer conv1 --volt 0.1");
    assert!(volts(&text).iter().all(|&volt| volt == 0.1));
    let folder = tempfile::tempdir().expect("an empty folder");
    let mut float = tilewright("export spice lenet5-fashion --layer conv1 --data");
    refused(float.arg(folder.path()), &["fashion-mnist is not in"]);
    assert!(expected(&succeed(&mut spice("lenet5-fashion", "--layer conv1 --volt 0.1"))).len() > 1);
}
