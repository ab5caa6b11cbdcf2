//! Cells as they were measured: `device fit`, and maps of stuck ones.

use crate::command::{refused, succeed, tilewright};
use crate::simulate::images;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// `device fit measured.csv -o mine.toml` in a folder with that table.
fn fit(folder: &Path, table: &str, options: &str) -> Command {
    fs::write(folder.join("measured.csv"), table).expect("writable");
    let mut command = tilewright(&format!("device fit measured.csv -o mine.toml {options}"));
    command.current_dir(folder);
    command
}

#[test]
fn measured_cells_become_a_device_that_everything_takes() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let mut table = "target,measured,time\n".to_owned();
    for target in [2, 5, 20, 40] {
        for (seconds, decay) in [(1, 1.0), (1000, 0.9)] {
            // Quantiles of a uniform distribution, which neither form fits; the later times are judged by the wider critical value.
            (0..400).for_each(|cell| {
                writeln!(table, "{target},{},{seconds}", f64::from(target) * decay * (0.9 + f64::from(cell) / 2000.0))
                    .expect("a string");
            });
        }
    }
    let text = succeed(&mut fit(folder.path(), &table, "--unit uS --format json"));
    let fitted: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (&fitted["name"], &fitted["measurements"], &fitted["holds"]),
        (&"mine".into(), &3200.into(), &false.into())
    );
    let rows = succeed(&mut fit(folder.path(), &table, "--unit uS --format csv"));
    assert_eq!(rows.lines().count(), 9, "{rows}");
    let shown = succeed(&mut fit(folder.path(), &table, "--unit uS"));
    assert!(
        shown.contains("4 of 8 samples beyond the 1 % critical value") && shown.contains("--device mine.toml"),
        "{shown}"
    );
    let page = succeed(&mut fit(folder.path(), &table, "--unit uS --format html"));
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains("Shares of cells with at most a conductance"),
        "{page}"
    );
    assert_eq!(page.matches("<circle class=\"mark").count(), 4 * 48, "a mark for each of 48 measurements of a level");
    let mine = folder.path().join("mine.toml");
    let run = |rest: &str| succeed(tilewright(rest).arg("--device").arg(&mine));
    let shown = format!("--limit 8 --layer-images 0 --format json --age 500 --data {}", images().display());
    let rate: Value =
        serde_json::from_str(&run(&format!("simulate lenet5-fashion-int8 --scheme im2col {shown}"))).expect("JSON");
    assert_eq!(rate["runs"][0]["hardware"]["device"], "mine");
    assert_eq!(rate["runs"][0]["hardware"]["settings"]["levels"][3]["target"], 4e-5);
    run("cost lenet5 --format json");
    run("circuit --crossbar 8 --format json");
    run("export spice lenet5-fashion-int8 --layer conv1 --scheme im2col");
}

#[test]
fn tables_that_no_device_can_be_fitted_to_leave_nothing() {
    for (table, options, parts) in [
        ("target\n1e-5\n", "", ["no column \"measured\"", "measured.csv"]),
        ("target,measured\n1e-5,much\n", "", ["line 2, column measured is \"much\"", "0 to 1 S"]),
        ("target,measured\n1e-5,-1e-5\n", "", ["is \"-1e-5\"", "0 to 1 S"]),
        ("target,measured\n1e-5,1e-5\n1e-5,2e-5\n", "", ["1e-5 S in all rows", "two levels or more"]),
        ("target,measured,cycle\n1e-5,1e-5,1\n", "", ["\"cycle\"", "wear"]),
        ("target,measured\n1e-5,1e-5\n", "--output mine.txt", ["mine.txt", "NAME.toml"]),
    ] {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let mut command = fit(folder.path(), table, "");
        if !options.is_empty() {
            command = tilewright(&format!("device fit measured.csv {options}"));
            command.current_dir(folder.path());
        }
        refused(&mut command, &parts);
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1, "{table}");
    }
}

/// What `simulate` says of the chip: all but the hardware and the command line.
fn results(text: &str) -> Value {
    let report: Value = serde_json::from_str(text).expect("JSON");
    ["chips", "mean", "layers"].map(|key| report["runs"][0][key].clone()).to_vec().into()
}

/// CSV as it was written, and the same cells as arrays of numpy.
#[test]
fn the_stuck_cells_of_a_seed_are_written_and_read() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let shown = format!("--scheme im2col --limit 8 --layer-images 2 --format json --data {}", images().display());
    let run = |rest: &str| {
        let mut command = tilewright(&format!("simulate lenet5-fashion-int8 {shown} {rest}"));
        results(&succeed(command.current_dir(folder.path())))
    };
    let drawn = run("--stuck 0.02 --first-seed 3 --faults-to faults.csv");
    let text = fs::read_to_string(folder.path().join("faults.csv")).expect("written");
    assert!(text.starts_with("crossbar,row,column,state,layer\n0,") && text.lines().count() > 500, "{text}");
    assert!(drawn[0].is_array(), "{drawn}");
    assert_eq!(run("--fault-map faults.csv"), {
        let mut drawn = drawn.clone();
        drawn[0][0]["seed"] = 0.into();
        drawn
    });
    write_archive(&folder.path().join("faults.npz"), &text);
    assert_eq!(run("--fault-map faults.npz"), run("--fault-map faults.csv"));
    refused(
        tilewright(&format!("simulate lenet5-fashion-int8 {shown} --crossbar 64 --fault-map faults.csv"))
            .current_dir(folder.path()),
        &["faults.csv", "give the map of this network"],
    );
}

/// A ZIP archive of arrays, stored as they are.
fn write_archive(file: &Path, table: &str) {
    let columns: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let mut archive = rawzip::ZipArchiveWriter::new(fs::File::create(file).expect("writable"));
    for (place, name) in ["crossbar", "row", "column", "state"].into_iter().enumerate() {
        let number = |text: &str| match text {
            "on" => 1,
            "off" => 0,
            number => number.parse::<u32>().expect("a number"),
        };
        let values: Vec<u8> = columns.iter().flat_map(|cell| number(cell[place]).to_le_bytes()).collect();
        let header = format!("{{'descr': '<u4', 'fortran_order': False, 'shape': ({},), }}\n", columns.len());
        let length = u16::try_from(header.len()).expect("short").to_le_bytes();
        let bytes = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &values].concat();
        let (mut entry, config) = archive.new_file(format!("{name}.npy")).start().expect("a file");
        let mut writer = config.wrap(&mut entry);
        writer.write_all(&bytes).expect("writable");
        let (_, descriptor) = writer.finish().expect("written");
        entry.finish(descriptor).expect("written");
    }
    archive.finish().expect("written");
}
