//! `device fit`: from measurements to a simulation.

use crate::command::{refused, succeed, tilewright};
use crate::simulate::images;
use serde_json::Value;
use std::fmt::Write;
use std::fs;
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
