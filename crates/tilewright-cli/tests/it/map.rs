use crate::command::{json_of, onnx_model, output_of, refused, succeed, tilewright};
use serde_json::{Value, json};

fn total(arguments: &str, key: &str) -> u64 {
    json_of(&format!("map {arguments} --format json"))["total"][key].as_u64().expect("a number")
}

#[test]
fn published_activations_of_vw_sdk() {
    let activations = |layer| {
        let arguments = format!("--layer {layer} --crossbar 512 --encoding single --scheme vw-sdk");
        total(&arguments, "array_activations")
    };
    assert_eq!(activations("in=6x14x14,out=16,k=5,s=1,p=0,d=1,g=1"), 4);
    assert_eq!(activations("in=16x28x28,out=32,k=5"), 72);
}

#[test]
fn crossbars_worked_out_by_hand_or_elsewhere() {
    for (arguments, crossbars) in [
        ("resnet20 --scheme sub-image", 70_401),
        ("resnet20 --scheme sub-image --kernels 2d1d", 5_585),
        ("alexnet --scheme im2col --encoding single --grouped dense", 3_814),
        ("mobilenetv2 --scheme im2col --encoding single --grouped dense", 3_006),
        ("mobilenetv2 --scheme im2col --encoding single --grouped packed", 816),
        ("mobilenetv2 --scheme im2col --encoding single --grouped separate", 7_433),
        ("mobilenetv2 --scheme im2col --encoding single --grouped turns", 314),
    ] {
        assert_eq!(total(arguments, "crossbars"), crossbars, "{arguments}");
    }
}

#[test]
fn json_has_the_documented_keys() {
    let summary = json_of("map resnet20 --scheme sub-image --format json");
    for (key, value) in [
        ("schema", json!(1)),
        ("network", json!("resnet20")),
        ("crossbar", json!({ "rows": 128, "columns": 128 })),
        ("encoding", json!("differential")),
        ("weight_bits", json!(8)),
        ("cell_bits", json!(8)),
        ("columns_per_weight", json!(2)),
        ("scheme", json!("sub-image")),
        ("reading", json!("sub-image scheme, largest-window reading")),
    ] {
        assert_eq!(summary[key], value, "{key}");
    }
    let layer = &summary["layers"][1];
    for (key, value) in [
        ("name", json!("stage1.block1.conv1")),
        ("kind", json!("3d")),
        ("crossbars", json!(4096)),
        ("output_window", json!([8, 8])),
        ("sub_image", json!([10, 10])),
        ("replication", json!(16)),
        ("cycles", json!(1)),
        ("overlap_overhead", json!(0.5625)),
    ] {
        assert_eq!(layer[key], value, "{key}");
    }
    assert_eq!(
        (summary["layers"].as_array().map(Vec::len), summary["digital"].as_array().map(Vec::len)),
        (Some(20), Some(54))
    );
}

#[test]
fn several_schemes_make_an_array_that_hides_no_failure() {
    let summaries = json_of("map resnet20 --crossbar 8 --scheme im2col,sub-image,im2col --format json");
    let schemes: Vec<&Value> =
        summaries.as_array().expect("an array").iter().map(|summary| &summary["scheme"]).collect();
    assert_eq!(schemes, ["im2col", "sub-image"]);
    assert!(summaries[0]["total"]["crossbars"].is_u64());
    assert!(summaries[1]["does_not_fit"].as_str().expect("a reason").contains("takes 9 rows"));
}

#[test]
fn objectives_reach_the_search_and_limits_imply_them() {
    for (arguments, objective) in [
        ("--objective activations", json!("activations")),
        ("--objective crossbars", json!({ "crossbars": { "max_cycles": null } })),
        ("--max-cycles 64", json!({ "crossbars": { "max_cycles": 64 } })),
        ("--budget 500", json!({ "cycles": { "budget": 500 } })),
        ("--budget 500 --objective latency", json!({ "latency": { "budget": 500 } })),
    ] {
        let summary = json_of(&format!("map resnet20 {arguments} --format json"));
        assert_eq!(summary["search"]["objective"], objective, "{arguments}");
    }
    assert!(total("resnet20 --budget 500", "crossbars") <= 500);
    assert!(total("resnet20 --max-cycles 64", "bottleneck_cycles") <= 64);
    assert!(output_of("map resnet20 --budget 500").contains("Search: optimal: one cycle less takes"));
}

#[test]
fn settings_reach_the_mapping() {
    let summary = json_of("map lenet5 --crossbar 512x256 --encoding offset --cell-bits 2 --format json");
    assert_eq!(summary["crossbar"], json!({ "rows": 512, "columns": 256 }));
    assert_eq!((&summary["cell_bits"], &summary["columns_per_weight"]), (&json!(2), &json!(4)));
    let rows = |split| {
        let layer = "--layer in=512x9x9,out=512,k=3 --crossbar 512 --encoding single --scheme im2col";
        json_of(&format!("map {layer} --row-split {split} --format json"))["layers"][0]["row_blocks"].clone()
    };
    assert_eq!((rows("element"), rows("channel")), (json!(9), json!(10)));
    let window = |window| {
        let summary = json_of(&format!("map resnet20 --scheme sub-image --window {window} --format json"));
        summary["layers"][1]["output_window"].clone()
    };
    assert_eq!((window("4"), window("largest")), (json!([4, 4]), json!([8, 8])));
}

#[test]
fn kernels_that_save_most_go_first() {
    let kernels = |rule| total(&format!("resnet20 --scheme sub-image --kernels ratio=0.5:{rule}"), "crossbars");
    assert_eq!((kernels("first"), kernels("most-saved")), (38_897, 31_361));
}

#[test]
fn what_lies_between_2d_and_1d_kernels_stays_digital() {
    let map = |plan| json_of(&format!("map resnet8 --scheme sub-image --kernels {plan} --format json"));
    let digital = |summary: &Value| summary["digital"].as_array().expect("an array").len();
    let (plain, norm, active) = (map("2d1d"), map("2d1d+norm"), map("2d1d+norm-relu"));
    assert!(plain["layers"] == norm["layers"] && plain["layers"] == active["layers"]);
    // Seven 3x3 layers.
    assert_eq!((digital(&norm), digital(&active)), (digital(&plain) + 7, digital(&plain) + 14));
    let named = json!({ "name": "conv1.2d.batch_norm.relu", "operation": "relu" });
    assert!(active["digital"].as_array().expect("an array").contains(&named));
}

#[test]
fn a_network_of_the_zoo_takes_a_width() {
    let summary = json_of("map resnet20:width=1,1.5,2 --scheme sub-image --format json");
    assert_eq!(summary["network"], "resnet20:width=1,1.5,2");
    assert_eq!(summary["layers"][18]["output_channels"], 128);
    // Stage 1: 16 windows of 8x8, 16 to 24 channels.
    assert_eq!(total("resnet20:width=1.5 --scheme sub-image --kernels 3d", "crossbars"), {
        let (a, b, c) = (24, 48, 96);
        16 * (3 * a + 6 * a * a) + 4 * (a * b + 5 * b * b) + b * c + 5 * c * c + 1
    });
}

#[test]
fn an_onnx_file_is_a_model() {
    let text = succeed(tilewright("map --format json").arg(onnx_model()));
    let summary: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(summary["network"], "model");
    assert!(summary["total"]["crossbars"].as_u64() > Some(0));
}

#[test]
fn csv_has_a_line_a_layer() {
    let text = output_of("map resnet20 --scheme im2col,sub-image --format csv");
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 1 + 2 * 20);
    assert!(lines.iter().all(|fields| fields.len() == lines[0].len()), "{text}");
    let column = lines[0].iter().position(|&title| title == "crossbars").expect("a column of crossbars");
    let sum: u64 = lines[21..].iter().map(|fields| fields[column].parse::<u64>().expect("a number")).sum();
    assert_eq!((lines[21][1], sum), ("sub-image", 70_401));
}

#[test]
fn tables_keep_to_the_terminal() {
    for (arguments, last) in [
        ("map resnet20 --scheme sub-image", "54 operations stay digital"),
        ("map resnet20 --scheme im2col,vw-sdk", "total"),
        ("map resnet20 --scheme all", "sub-image: sub-image scheme"),
    ] {
        let text = succeed(tilewright(arguments).env("COLUMNS", "100"));
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(text.lines().rev().take(3).any(|line| line.starts_with(last)), "{text}");
    }
}

#[test]
fn one_layer_as_a_table() {
    let text = output_of("map --layer in=16x32x32,out=16,k=3,p=1 --scheme sub-image");
    let expected = "\
layer, scheme sub-image
128×128 crossbars, differential pairs, 8-bit weights in 8-bit cells, 2 columns a weight

layer  kind  shape            window  cross-  blocks  copies  windows    acti-  cycles  utili-  over-
                                        bars                           vations          zation    lap
─────  ────  ───────────────  ──────  ──────  ──────  ──────  ───────  ───────  ──────  ──────  ─────
layer  3d    16×32×32→16 3×3     8×8   4,096   16×16      16       16    4,096       1    7.0%  56.2%
─────  ────  ───────────────  ──────  ──────  ──────  ──────  ───────  ───────  ──────  ──────  ─────
total                                  4,096                             4,096       1    7.0%

Slowest layer: layer, 1 cycle.
Weights: 8 bits, by default, since the model is in floating point.
Reading: sub-image scheme, largest-window reading.
";
    assert_eq!(text, expected);
}

#[test]
fn a_comparison_as_a_table() {
    let text = output_of("map --layer in=16x32x32,out=16,k=3,p=1 --crossbar 16 --scheme im2col,sdk,sub-image");
    assert!(text.contains("       im2col                   sdk"), "{text}");
    let text = output_of("map --layer in=16x32x32,out=16,k=3,p=1 --crossbar 8 --scheme im2col,sub-image");
    assert!(text.contains("sub-image: does not fit\n"), "{text}");
    assert!(text.contains("sub-image: layer \"layer\" does not fit: "), "{text}");
}

#[test]
fn digital_operations_are_named_on_request() {
    let text = output_of("map lenet5 --digital");
    assert!(text.contains("stay digital:\n  conv1.tanh (tanh)") || text.contains("stay digital:\n  "), "{text}");
}

/// Layers typed one by one, and the same in a file: the counts of each are those of the layer by itself.
#[test]
fn several_layers_are_a_network() {
    let layers = ["in=3x16x16,out=8,k=3,p=1", "in=8x16x16,out=16,k=3,s=2", "in=784x1x1,out=10,k=1,name=fc"];
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("mine.toml");
    let text = "[[layer]]\nin = [3, 16, 16]\nout = 8\nk = 3\np = 1\n[[layer]]\nin = \"8x16x16\"\nout = 16\nk = 3\ns = 2\n\
                [[layer]]\nname = \"fc\"\nin = [784, 1, 1]\nout = 10\nk = 1\n";
    std::fs::write(&file, text).expect("writable");
    let counts = |arguments: &str| {
        let text = output_of(&format!("map {arguments} --crossbar 64 --scheme im2col --format csv"));
        let mut lines = text.lines();
        let titles: Vec<String> = lines.next().expect("titles").split(',').map(Into::into).collect();
        let of = |line: &str, title: &str| {
            let place = titles.iter().position(|found| found == title).expect("a column");
            line.split(',').nth(place).expect("a cell").to_owned()
        };
        lines.map(|line| (of(line, "layer"), of(line, "crossbars"), of(line, "cycles"))).collect::<Vec<_>>()
    };
    let together = counts(&layers.map(|layer| format!("--layer {layer}")).join(" "));
    assert_eq!(together, counts(&file.display().to_string()));
    let names: Vec<&str> = together.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["layer1", "layer2", "fc"]);
    for (layer, (_, crossbars, cycles)) in layers.iter().zip(&together) {
        let alone = counts(&format!("--layer {layer}"));
        assert_eq!((&alone[0].1, &alone[0].2), (crossbars, cycles), "{layer}");
    }
    let priced: serde_json::Value =
        serde_json::from_str(&output_of(&format!("cost --layer {} --layer {} --format json", layers[0], layers[1])))
            .expect("JSON");
    assert_eq!(priced["network"], "layers");
    std::fs::write(&file, text.replace("s = 2", "s = 0")).expect("writable");
    refused(&mut tilewright(&format!("map {}", file.display())), &["mine", "layer 2", "stride"]);
}
