use crate::command::{json_of, refused, succeed, tilewright};
use serde_json::{Value, json};
use std::path::PathBuf;
use tempfile::TempDir;

/// A file of losses, in a folder that goes with it.
fn losses(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("losses.json");
    std::fs::write(&file, text).expect("the folder is writable");
    (folder, file)
}

/// The losses 0.125, 0.25, … of lenet5 or resnet8 in the order of their layers.
fn eighths(network: &str) -> String {
    let summary = json_of(&format!("map {network} --format json"));
    let layers = summary["layers"].as_array().expect("an array").iter().filter(|layer| layer["kind"] == "3d");
    let losses = layers.enumerate().map(|(place, layer)| format!("{}: {}", layer["name"], (place + 1) as f64 / 8.0));
    format!("{{{}}}", losses.collect::<Vec<_>>().join(", "))
}

fn plan(network: &str, arguments: &str) -> String {
    let (_folder, file) = losses(&eighths(network));
    succeed(tilewright(&format!("plan {network} {arguments}")).arg("--losses").arg(file))
}

fn plan_json(network: &str, arguments: &str) -> Value {
    serde_json::from_str(&plan(network, &format!("{arguments} --format json"))).expect("JSON")
}

fn total(arguments: &str) -> Value {
    json_of(&format!("map {arguments} --format json"))["total"]["crossbars"].clone()
}

#[test]
fn a_plan_takes_what_map_says_and_keeps_to_the_budget() {
    for scheme in ["sub-image", "im2col", "optimal"] {
        let budget = total(&format!("resnet8 --scheme {scheme}"));
        let summary = plan_json("resnet8", &format!("--scheme {scheme} --budget {budget}"));
        // Everything 3D keeps to this budget and loses nothing.
        assert_eq!((&summary["plans"][0]["kernels"], &summary["plans"][0]["loss"]), (&json!("3d"), &json!(0.0)));
    }
    let summary = plan_json("resnet8", "--scheme sub-image --budget 14000");
    assert_eq!(
        (&summary["schema"], &summary["network"], &summary["budget"]),
        (&json!(1), &json!("resnet8"), &json!(14_000))
    );
    assert_eq!(summary["reading"], "sub-image scheme, largest-window reading");
    let best = &summary["plans"][0];
    assert!(best["crossbars"].as_u64() <= Some(14_000));
    for plan in [best].into_iter().chain(best["ratio_plans"].as_array().expect("an array")) {
        let kernels = plan["kernels"].as_str().expect("text");
        assert_eq!(plan["crossbars"], total(&format!("resnet8 --scheme sub-image --kernels {kernels}")), "{kernels}");
        assert!(plan["loss"].as_f64() >= best["loss"].as_f64(), "{plan}");
    }
}

#[test]
fn without_a_budget_every_budget_has_its_plan() {
    let summary = plan_json("resnet8", "--scheme sub-image");
    assert_eq!(summary["budget"], json!(null));
    let plans = summary["plans"].as_array().expect("an array");
    assert_eq!(plans[0]["crossbars"], total("resnet8 --scheme sub-image --kernels 2d1d"));
    for plan in plans {
        let alone = plan_json("resnet8", &format!("--scheme sub-image --budget {}", plan["crossbars"]));
        assert_eq!(alone["plans"], json!([plan]));
    }
    let lines = plan("resnet8", "--scheme sub-image --format csv");
    assert_eq!(lines.lines().count(), 1 + plans.len());
    assert!(lines.starts_with("network,scheme,crossbars,loss,ratio,kernels,weight_bits,weight_bits_from\n"), "{lines}");
    let text = succeed(
        tilewright("plan resnet8 --scheme sub-image")
            .arg("--losses")
            .arg(losses(&eighths("resnet8")).1.as_os_str())
            .env("COLUMNS", "90"),
    );
    assert!(text.lines().all(|line| line.chars().count() <= 90), "{text}");
}

#[test]
fn a_plan_as_a_table() {
    // 5x5 kernels: windows of 7x7, 16 of conv1 and 4 of conv2. 3D: 16·1·6 and 4·6·16. 2D: 16·1 and 4·6; 1D: 784 pixels with
    // 12 columns each, 10 a crossbar, and 100 with 32 columns, 4 a crossbar.
    let text = plan("lenet5", "--scheme sub-image --budget 400");
    let expected = "\
lenet5, scheme sub-image
128×128 crossbars, differential pairs, 8-bit weights in 8-bit cells, 2 columns a weight

            3D         2D+1D             taken
layer       crossbars  crossbars   loss  kernels  crossbars  loss
──────────  ─────────  ─────────  ─────  ───────  ─────────  ────
conv1              96         95  0.125  3D              96     0
conv2             384         49   0.25  2D+1D           49  0.25
all others                                               11
──────────  ─────────  ─────────  ─────  ───────  ─────────  ────
total             491        155                        156  0.25

1 of 2 layers replaced: 156 crossbars of a budget of 400, loss 0.25. No other choice within the budget loses less.
By ratio within the same budget: --kernels ratio=1:first, 155 crossbars, loss 0.375.
By ratio within the same budget: --kernels ratio=0.5:last, 156 crossbars, loss 0.25.
By ratio within the same budget: --kernels ratio=0.5:most-saved, 156 crossbars, loss 0.25.
To map it: --kernels conv2
Reading: sub-image scheme, largest-window reading.
";
    assert_eq!(text, expected);
}

#[test]
fn losses_by_rank_are_an_option_each() {
    let (_folder, file) = losses("{\"conv1\": [0.5, 0.25], \"conv2\": [1, 0.5, 0.125]}");
    let run = |arguments: &str| {
        succeed(tilewright(&format!("plan lenet5 --scheme sub-image {arguments}")).arg("--losses").arg(&file))
    };
    let summary: Value = serde_json::from_str(&run("--budget 400 --format json")).expect("JSON");
    let kernels = |layer: usize| -> Vec<&Value> {
        summary["layers"][layer]["options"]
            .as_array()
            .expect("an array")
            .iter()
            .map(|option| &option["kernels"])
            .collect()
    };
    assert_eq!(kernels(0), ["3d", "2d1d", "2d1d*2"]);
    assert_eq!(kernels(1), ["3d", "2d1d", "2d1d*2", "2d1d*3"]);
    let best = &summary["plans"][0];
    let kernels = best["kernels"].as_str().expect("text");
    assert_eq!((kernels, &best["replaced"], &best["ranks"]), ("conv2*3", &json!(["conv2"]), &json!([3])));
    assert_eq!(best["crossbars"], total(&format!("lenet5 --scheme sub-image --kernels {kernels}")));
    let table = run("--budget 400");
    assert!(table.contains("2D+1D, rank 3") && table.contains("To map it: --kernels conv2*3"), "{table}");
}

#[test]
fn what_is_wrong_with_losses_and_budgets() {
    let (_folder, file) = losses("{\"conv1\": \"much\", \"conv2\": 1}");
    let arguments =
        ["holds no losses", "as in {\"conv1\": [0.013, 0.002]}", "a number, or a list of numbers for rank 1, 2, …"];
    refused(tilewright("plan lenet5").arg("--losses").arg(file), &arguments);
    let refuse = |text: &str, arguments: &str, parts: &[&str]| {
        let (_folder, file) = losses(text);
        refused(tilewright(&format!("plan {arguments}")).arg("--losses").arg(file), parts);
    };
    let good = "{\"conv1\": 0.1, \"conv2\": 0.2}";
    refuse("{\"conv1\": 0.1}", "lenet5", &["losses have no number for 1 of the 2", "\"conv2\"; give one for each"]);
    refuse("{\"conv\": 0.1}", "lenet5", &["losses name \"conv\"", "did you mean \"conv1\"?"]);
    refuse("{\"conv1\": 0.1, \"conv1\": 0.2}", "lenet5", &["losses.json: holds no losses", "\"conv1\" is there twice"]);
    refuse(
        "{\"conv1\": NaN}",
        "lenet5",
        &["losses.json: holds no losses; give a number for each layer", "expected value"],
    );
    refuse("{\"conv1\": 1e101, \"conv2\": 0}", "lenet5", &["for \"conv1\"; give a number between -1e100 and 1e100"]);
    refuse(
        "{\"conv1\": null}",
        "lenet5",
        &["losses.json: holds no losses", "a number, or a list of numbers for rank 1, 2, …"],
    );
    refuse("[0.1]", "lenet5", &["expected an object of numbers, or lists of them, by layer names"]);
    refuse("", "lenet5", &["losses.json: holds no losses"]);
    refuse(good, "lenet5 --budget 0 --scheme im2col", &["--budget <CROSSBARS>", "give a whole number of 1 to"]);
    refuse(good, "lenet5 --crossbar 8 --scheme sub-image", &["layer \"conv1\" does not fit"]);
    refuse(good, "lenet9", &["no network \"lenet9\"", "did you mean \"lenet5\"?"]);
    refused(
        &mut tilewright("plan lenet5 --losses missing.json"),
        &["cannot read the losses missing.json", "No such file"],
    );
    refused(&mut tilewright("plan lenet5"), &["required", "--losses <FILE>"]);
}
