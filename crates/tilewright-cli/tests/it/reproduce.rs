use crate::command::{json_of, output_of, refused, succeed, tilewright};
use crate::evaluate::folder;
use serde_json::{Value, json};
use tilewright_data::catalog::Entry;

#[test]
fn the_claims_of_oh2023() {
    let counted = json_of("reproduce oh2023 --format json");
    let claims = counted["claims"].as_array().expect("an array");
    assert_eq!((&claims[0]["crossbars_3d"], &claims[0]["crossbars"]), (&json!(70_400), &json!(5_584)));
    let text = output_of("reproduce oh2023");
    assert!(text.contains("2D+1D kernels on 128×128") && text.contains("92.1%"), "{text}");
    assert!(text.contains("under 2 % loss of recognition rate"), "{text}");
}

/// The teacher is no row, but the recipe of those that it taught names it, and their losses are of equal training.
#[test]
fn rows_say_how_they_were_trained() {
    let counted = json_of("reproduce oh2023 --format json");
    let rates = counted["rates"].as_array().expect("an array");
    assert!(rates.iter().all(|rate| rate["name"] != "resnet20-3d-teacher"));
    let of_resnet20 =
        rates.iter().filter(|rate| rate["name"].as_str().is_some_and(|name| name.starts_with("resnet20")));
    let mut count = 0;
    for rate in of_resnet20 {
        assert!(
            rate["recipe"].as_str().is_some_and(|recipe| recipe.contains("--teacher resnet20-3d-teacher")),
            "{rate}"
        );
        let equal = &rate["lost"]["equal_training"];
        assert!(rate["kernels"] == "3d" || *equal == json!(true), "{rate}");
        count += 1;
    }
    assert_eq!(count, 7);
    let text = output_of("reproduce oh2023");
    let list = text.split("Recipes: ").nth(1).expect("a list of recipes");
    assert!(list.contains("--teacher resnet20-3d-teacher") && list.contains("  1: "), "{text}");
}

/// Stored or missing, every row of both networks is there in every form.
#[test]
fn every_row_is_measured_or_said_to_be_missing() {
    let counted = json_of("reproduce oh2023 --format json");
    let rows = |key: &str| counted[key].as_array().expect("an array").clone();
    let by_rule = rows("rates").iter().filter(|rate| rate["searched"] == false).count();
    assert!(by_rule + rows("missing").len() >= 10, "{counted}");
    let text = output_of("reproduce oh2023");
    let csv = output_of("reproduce oh2023 --format csv");
    let page = output_of("reproduce oh2023 --format html");
    for missing in rows("missing") {
        let [name, network, kernels] = ["name", "network", "kernels"].map(|key| missing[key].as_str().expect("a word"));
        let command = format!("python -m tilewright.train {network} --kernels {kernels}");
        assert!(text.contains(&command) && page.contains(name) && page.contains(kernels), "{command}");
    }
    for rate in rows("rates") {
        let name = rate["name"].as_str().expect("a name");
        assert!(text.contains(name) && page.contains(name), "{name}");
        assert_eq!(csv.lines().filter(|line| line.contains(&format!(",{name},"))).count(), 2, "one a crossbar");
        let recipe = rate["recipe"].as_str().expect("a recipe");
        assert!(page.contains(recipe) && csv.contains(recipe), "{name}: {recipe}");
    }
    assert!(csv.starts_with("network,rows,columns,window,kernels,ratio,crossbars,reduction,trained,rate,"));
    assert_eq!(csv.lines().count(), 1 + rows("counts").len() + 2 * rows("rates").len());
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
}

#[test]
fn training_is_asked_for_by_its_own_option() {
    for option in ["--seeds 2", "--python python3", "--runs runs"] {
        refused(&mut tilewright(&format!("reproduce oh2023 {option}")), &["--retrain"]);
    }
    refused(&mut tilewright("reproduce oh2023 --retrain --seeds 0"), &["--seeds"]);
}

#[test]
fn a_python_that_is_not_there() {
    let mut command = tilewright("reproduce oh2023 --retrain --python /nowhere/python3");
    refused(&mut command, &["cannot start /nowhere/python3", "--python"]);
}

/// An interpreter that writes the results of a trainer at once.
#[cfg(unix)]
mod fake {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output};

    /// 90 % with 3D kernels, 88 % with others, and one more for an odd seed; every run is a line of `log`.
    const TRAINER: &str = r#"#!/bin/sh
[ "$1" = -c ] && exit 0
shift 2
network=$1 kernels=3d seed=0 epochs=1
while [ $# -gt 0 ]; do
  case $1 in --kernels) kernels=$2 ;; --seed) seed=$2 ;; --epochs) epochs=$2 ;; --out) out=$2 ;; esac
  shift
done
echo "$network $kernels $seed" >> "$(dirname "$0")/log"
[ "$kernels" = 3d ] && rate=90 || rate=88
mkdir -p "$out"
cat > "$out/result.json" <<END
{"recipe": {"network": "$network", "kernels": "$kernels", "seed": $seed, "epochs": $epochs},
 "test_rate": $((rate + seed % 2)), "test_images": 1000, "torch": "2"}
END
echo "trained $out"
"#;

    fn interpreter(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("python");
        fs::write(&path, script).expect("the folder is writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        path
    }

    fn retrain(folder: &Path, python: &Path) -> Command {
        let mut command = tilewright("reproduce oh2023 --retrain --seeds 2 --format json");
        command.arg("--python").arg(python).arg("--runs").arg(folder.join("runs"));
        command
    }

    fn counted(output: &Output) -> Value {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("nothing but JSON goes to the standard output")
    }

    fn runs(folder: &Path) -> usize {
        fs::read_to_string(folder.join("log")).map_or(0, |log| log.lines().count())
    }

    #[test]
    fn rates_come_from_the_runs_and_finished_runs_stay() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let python = interpreter(folder.path(), TRAINER);
        let output = retrain(folder.path(), &python).output().expect("it starts");
        let first = counted(&output);
        assert!(String::from_utf8_lossy(&output.stderr).contains("-m tilewright.train resnet8 "));
        let rates = first["rates"].as_array().expect("an array");
        assert!(rates.len() >= 10 && first["missing"] == json!([]), "{first}");
        for rate in rates {
            let is_3d = rate["kernels"] == "3d";
            let mean = rate["rate"]["mean"].as_f64().expect("a number");
            // One of two seeds in a row is odd.
            assert!((mean - if is_3d { 0.905 } else { 0.885 }).abs() < 1e-9, "{rate}");
            let deviation = rate["rate"]["deviation"].as_f64().expect("two seeds");
            assert!((deviation - 0.5_f64.sqrt() / 100.0).abs() < 1e-9, "{rate}");
            assert_eq!(rate["lost"].is_null(), is_3d, "{rate}");
        }
        let all = runs(folder.path());
        assert!(all >= 2 * rates.len());

        let again = counted(&retrain(folder.path(), &python).output().expect("it starts"));
        assert_eq!((again, runs(folder.path())), (first.clone(), all), "nothing is trained twice");

        // A run that no other was trained from.
        let one = folder.path().join("runs/resnet8-2d1d-seed0");
        fs::remove_file(one.join("result.json")).expect("it is there");
        let again = counted(&retrain(folder.path(), &python).output().expect("it starts"));
        assert_eq!((again, runs(folder.path())), (first, all + 1), "what is missing is trained");

        fs::write(one.join("result.json"), "{\"test_rate\": 1}").expect("writable");
        let output = retrain(folder.path(), &python).output().expect("it starts");
        failed(&output, &["result.json: is not the result of a training run", "missing field"]);
    }

    /// Exit code 2, nothing on the standard output, and an error at the end of what was said.
    fn failed(output: &Output, parts: &[&str]) {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
        let error = said.split("error: ").nth(1).unwrap_or_default();
        assert!(parts.iter().all(|part| error.contains(part)), "{said}");
    }

    #[test]
    fn a_python_without_the_package() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let script = "#!/bin/sh\necho \"ModuleNotFoundError: No module named 'tilewright'\" >&2\nexit 1\n";
        let python = interpreter(folder.path(), script);
        let parts = ["cannot import tilewright.train (ModuleNotFoundError: No module named 'tilewright')", "--python"];
        refused(&mut retrain(folder.path(), &python), &parts);
        assert!(!folder.path().join("runs").exists());
    }

    #[test]
    fn a_training_that_fails() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let python = interpreter(folder.path(), "#!/bin/sh\n[ \"$1\" = -c ] && exit 0\necho no data >&2\nexit 2\n");
        failed(
            &retrain(folder.path(), &python).output().expect("it starts"),
            &["training ", "ended with exit status: 2"],
        );
        let silent = interpreter(folder.path(), "#!/bin/sh\nexit 0\n");
        failed(&retrain(folder.path(), &silent).output().expect("it starts"), &["ended without a result.json"]);
    }

    #[test]
    fn runs_of_something_else_are_not_taken() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let other = TRAINER.replace("\"$network\"", "\"vgg8\"");
        let output = retrain(folder.path(), &interpreter(folder.path(), &other)).output().expect("it starts");
        failed(&output, &["is of vgg8 with kernels", "--runs"]);
    }
}

#[test]
fn a_front_is_of_stored_rates() {
    refused(&mut tilewright("reproduce oh2023 --front --retrain"), &["--front", "cannot be used with", "--retrain"]);
}

/// One thread or two, without a store, into a new one and out of it: the same bytes; and the command of a figure gives it again.
#[test]
fn rates_of_real_cells_are_the_same_however_they_come_about() {
    let Some(images) = folder(Entry::named("cifar10").expect("a data set of the catalog")) else { return };
    let grid = |arguments: &str| {
        let part =
            "--network resnet20-2d1d-int8 --scheme im2col --condition programming-5,wires-adc --limit 4 --seeds 2";
        let mut command = tilewright(&format!("reproduce analog-rates {part} {arguments}"));
        command.arg("--data").arg(&images);
        command
    };
    let text = succeed(&mut grid("--format json --threads 1"));
    let store = tempfile::tempdir().expect("a folder for the test");
    let in_store = || succeed(grid("--format json --threads 2").arg("--store").arg(store.path().join("new")));
    assert_eq!([in_store(), in_store()], [text.clone(), text.clone()]);

    let found: Value = serde_json::from_str(&text).expect("JSON");
    let rates = found["rates"].as_array().expect("rates");
    let chips = |rate: &Value| rate["chips"].as_array().expect("chips").len();
    assert_eq!(rates.iter().map(chips).collect::<Vec<_>>(), [2, 2, 2, 1, 1, 1]);
    assert_eq!((&rates[2]["treatment"], &rates[2]["goal"]), (&json!("everything"), &json!(1.5)));
    for rate in &rates[2..4] {
        let line = rate["command"].as_str().expect("a command").strip_prefix("tilewright ").expect("of ours");
        let again = succeed(tilewright(line).args(["--layer-images", "0", "--format", "json", "--data"]).arg(&images));
        let again: Value = serde_json::from_str(&again).expect("JSON");
        for key in ["chips", "digital", "mean", "crossbars"] {
            assert_eq!(again["runs"][0][key], rate[key], "{line}");
        }
    }

    let table = succeed(&mut grid(""));
    assert!(table.contains("2.5 Ω a segment, 6-bit ADC") && table.contains("4 images of cifar10 test"), "{table}");
    let page = succeed(&mut grid("--format html"));
    assert!(page.contains("5 % programming error"), "{page}");
    let lines = succeed(&mut grid("--format csv"));
    assert!(lines.starts_with("condition,scheme,network,treatment,crossbars,images,chips,digital,"), "{lines}");
    assert_eq!(lines.lines().count(), 7);
}

#[test]
fn parts_of_the_grid_are_chosen_by_name() {
    for (arguments, parts) in [
        ("--network resnet18", ["invalid value 'resnet18'", "resnet20-3d-int8"]),
        ("--scheme vw-sdk", ["invalid value 'vw-sdk'", "sub-image"]),
        ("--condition wet", ["invalid value 'wet'", "stuck-1"]),
        ("--limit 0", ["invalid value '0'", "--limit"]),
        ("--seeds 0", ["invalid value '0'", "--seeds"]),
        ("--data /nowhere", ["cifar10", "/nowhere"]),
    ] {
        refused(&mut tilewright(&format!("reproduce analog-rates {arguments}")), &parts);
    }
}
