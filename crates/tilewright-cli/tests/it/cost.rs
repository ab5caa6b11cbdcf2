use crate::command::{json_of, output_of, refused, succeed, tilewright};
use crate::simulate::images;
use std::fs;
use std::path::Path;

/// A number of the JSON.
fn number(json: &serde_json::Value, key: &str) -> f64 {
    json[key].as_f64().unwrap_or_else(|| panic!("{key}: {}", json[key]))
}

#[test]
fn json_has_totals_trees_and_the_spread() {
    let cost = json_of("cost resnet20 --chip generic-22nm --format json");
    assert_eq!((cost["schema"].as_u64(), cost["scheme"].as_str()), (Some(1), Some("im2col")));
    assert_eq!(cost["operations"].as_u64(), Some(81_102_080));
    let parts = cost["by_component"]["parts"].as_array().expect("levels");
    let area: f64 = parts.iter().map(|part| number(part, "area_um2")).sum();
    assert!((area * 1e-6 / number(&cost, "area_mm2") - 1.0).abs() < 1e-9);
    assert_eq!(cost["layers"].as_array().map(Vec::len), Some(20));
    assert_eq!(cost["adc_spread"]["models"].as_array().map(Vec::len), Some(8));
}

#[test]
fn kernels_of_2d_and_1d_take_less_area() {
    let area =
        |kernels: &str| number(&json_of(&format!("cost resnet20 --kernels {kernels} --format json")), "area_mm2");
    assert!(area("2d1d") < area("3d"));
}

#[test]
fn an_explanation_names_sources() {
    let text = output_of("cost resnet20 --explain adc");
    for part in ["adc.walden.typical = 28.5 fJ/step", "bmurmann/ADC-survey", "derived", "adc.toml", "each conversion"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let explained = json_of("cost resnet20 --explain all --format json");
    assert!(explained.as_array().expect("parts").len() > 10);
    let scaled = output_of("cost resnet20 --explain driver");
    assert!(scaled.contains("65 to 22 nm, logic"), "{scaled}");
}

#[test]
fn other_tools_beside_ours() {
    let text = output_of("cost vgg8 --compare neurosim-v1.3,mnsim-2.0");
    for part in ["58.73", "1,390", "1.22", "4 048 crossbars", "bits + 2 ns", "ours / theirs"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let other = output_of("cost resnet8 --compare neurosim-v1.3");
    assert!(other.contains("figures are of vgg8; ours are of resnet8"), "{other}");
    let json = json_of("cost vgg8 --compare neurosim-v1.4 --format json");
    let lines = json["compared"][0]["lines"].as_array().expect("lines");
    assert!(lines.iter().all(|line| !line["difference"].as_str().unwrap_or_default().is_empty()));
}

#[test]
fn designs_are_listed_and_printed_to_be_changed() {
    let chips = json_of("design --format json");
    let names: Vec<&str> = chips.as_array().expect("chips").iter().filter_map(|chip| chip["name"].as_str()).collect();
    assert_eq!(names, ["generic-22nm", "generic-65nm", "isaac", "puma", "neurram", "seed", "analog-22nm"]);
    assert!(output_of("design").contains("65.81"), "the power of ISAAC");
    let one = json_of("design isaac --format json");
    assert_eq!(one.as_array().map(Vec::len), Some(1));
    assert_eq!(one[0], chips[2]);
    assert!(output_of("design isaac --format csv").lines().skip(1).all(|line| line.starts_with("isaac,32,")));
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("mine.toml");
    fs::write(&file, output_of("chip isaac")).expect("the folder is writable");
    let mut command = tilewright("cost lenet5 --format json --design");
    let own: serde_json::Value = serde_json::from_str(&succeed(command.arg(&file))).expect("JSON");
    assert_eq!(own, json_of("cost lenet5 --format json --chip isaac"));
}

#[test]
fn constants_and_inputs_of_ones_own() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let [constants, inputs] = ["mine.toml", "inputs.json"].map(|name| folder.path().join(name));
    let entry =
        "[\"adc.walden.typical\"]\nvalue = 57.0\nunit = \"fJ/step\"\nsource = \"twice\"\nstatus = \"assumed\"\n";
    fs::write(&constants, entry).expect("the folder is writable");
    let zeros: Vec<u32> = (0..256).map(|value| u32::from(value == 0)).collect();
    fs::write(&inputs, serde_json::json!({ "*": zeros }).to_string()).expect("the folder is writable");
    let run = |option: &str, file: &std::path::Path| -> serde_json::Value {
        serde_json::from_str(&succeed(tilewright("cost lenet5 --format json").arg(option).arg(file))).expect("JSON")
    };
    let plain = json_of("cost lenet5 --format json");
    let twice = run("--constants", &constants);
    let conversion = |cost: &serde_json::Value| number(&cost["adc"], "energy_pj");
    assert!((conversion(&twice) / conversion(&plain) - 2.0).abs() < 1e-9);
    let dark = run("--inputs", &inputs);
    let read = |cost: &serde_json::Value| number(&cost["by_component"]["parts"][0]["parts"][0], "energy_pj");
    assert!(read(&plain) > 0.0 && read(&dark) == 0.0, "inputs of 0 read nothing");
}

/// What `inputs` counts is what `cost` reads, for layers in integers and in floating point.
#[test]
fn counted_inputs_are_priced() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("inputs.json");
    for model in ["lenet5-fashion", "lenet5-fashion-int8"] {
        let mut counting = tilewright(&format!("inputs {model} --limit 30 --calibration 10 --format json --data"));
        succeed(counting.arg(images()).arg("--output").arg(&file));
        let counted: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(&file).expect("it is written")).expect("JSON");
        let counts = |layer: &str| -> Vec<u64> {
            serde_json::from_value(counted["histograms"][layer].clone()).expect("counts of the layer")
        };
        assert_eq!(counts("conv1").iter().sum::<u64>(), 30 * 28 * 28, "{model}");
        assert_eq!((&counted["count"], &counted["images"]), (&30.into(), &"fashion-mnist test".into()));
        let energy = |cost: &str| number(&serde_json::from_str(cost).expect("JSON"), "energy_uj");
        let priced = || energy(&succeed(tilewright(&format!("cost {model} --format json --inputs")).arg(&file)));
        let counted_energy = priced();
        assert_ne!(counted_energy, energy(&output_of(&format!("cost {model} --format json"))), "{model}");
        fs::write(&file, counted["histograms"].to_string()).expect("the folder is writable");
        assert_eq!(priced(), counted_energy, "{model}: the counts alone");
    }
    let other = tilewright("cost resnet8 --inputs").arg(&file).output().expect("the command starts");
    assert_eq!(other.status.code(), Some(2));
    fs::write(&file, r#"{"histograms": {"conv1": "dark"}}"#).expect("the folder is writable");
    refused(tilewright("cost lenet5 --inputs").arg(&file), &["conv1", "is not a list of counts"]);
}

#[test]
fn objectives_price_on_a_chip() {
    let area = |arguments: &str| number(&json_of(&format!("cost resnet8 --format json {arguments}")), "area_mm2");
    assert!(area("--objective area") < area("--objective latency --budget 500"));
    let summary = json_of("map resnet8 --objective energy-delay --format json");
    assert_eq!(
        summary["search"]["objective"],
        serde_json::json!({ "priced": { "least": "energy-delay", "budget": null } })
    );
    assert_eq!((summary["cell_bits"].as_u64(), summary["encoding"].as_str()), (Some(2), Some("offset")));
    let text = output_of("map resnet8 --objective latency --chip isaac --budget 900");
    assert!(text.contains("16-bit weights in 2-bit cells"), "{text}");
}

/// The file of kinds gives the same figures again, the result says which layers are on which macros, and `map` chooses the same.
#[test]
fn kinds_of_macros_are_chosen_and_written() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let [file, of_map] = ["layers.toml", "of_map.toml"].map(|name| folder.path().join(name).display().to_string());
    let search = "resnet8 --kernels 2d1d --objective area-delay --format json";
    let kinds = "--macro-kinds crossbar=64,active-rows=9;crossbar=256";
    let chosen = json_of(&format!("cost {search} {kinds} --kinds-to {file}"));
    let again = json_of(&format!("cost {search} --layer-settings {file}"));
    assert_eq!(chosen["layer_settings"], again["layer_settings"]);
    assert_eq!(chosen["layers"], again["layers"]);
    for key in ["area_mm2", "energy_uj", "latency_ms"] {
        assert_eq!(chosen[key], again[key]);
    }
    let plain = json_of(&format!("cost {search}"));
    let product = |json: &serde_json::Value| number(json, "area_mm2") * number(json, "latency_ms");
    assert!(product(&chosen) < 0.96 * product(&plain), "{} {}", product(&chosen), product(&plain));
    let mapped = json_of(&format!("map {search} {kinds} --kinds-to {of_map}"));
    assert_eq!(mapped["layer_settings"], chosen["layer_settings"]);
    assert_eq!(fs::read(&of_map).expect("it is written"), fs::read(&file).expect("it is written"));
    let text = output_of(&format!("cost resnet8 --kernels 2d1d --objective area-delay {kinds} --layers"));
    assert!(text.contains("macros of its own") && text.contains("active-rows 9, crossbar 64"), "{text}");
    let text = output_of(&format!("map resnet8 --kernels 2d1d --objective area-delay {kinds}"));
    assert!(text.contains("Macros: "), "{text}");
}

/// The least area within a latency is between that of no limit and that of the least latency, and keeps to it.
#[test]
fn area_within_a_latency() {
    let price = |limit: &str| {
        let json = json_of(&format!("cost resnet8 --objective area --format json {limit}"));
        ["area_mm2", "latency_ms"].map(|key| number(&json, key))
    };
    let ([free, slow], [tight, fast]) = (price(""), price("--max-latency 0.02"));
    assert!(slow > 0.02 && fast <= 0.02 && free < tight, "{free} {slow} {tight} {fast}");
    let refuse = |arguments: &str, parts: &[&str]| refused(&mut tilewright(arguments), parts);
    refuse(
        "cost resnet8 --objective area --max-latency 1e-6",
        &["no combination takes at most 0.000001 ms", "fastest"],
    );
    refuse("cost resnet8 --objective area --max-latency 0", &["--max-latency", "1e-9"]);
    refuse("cost resnet8 --objective area-delay --max-latency 1", &["objectives area and energy alone"]);
    refuse("cost resnet8 --max-latency 1", &["--objective"]);
    refuse("map resnet8 --max-latency 1", &["--max-latency goes with the objectives area and energy"]);
    refuse("map resnet8 --objective crossbars --max-latency 1", &["--max-latency goes with"]);
}

/// Numbers of the chip as options are those of a design file that says so, and each changes the price.
#[test]
fn settings_of_the_chip_are_those_of_a_file() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (preset, price) = (output_of("design generic-22nm"), output_of("cost lenet5 --format json"));
    for (option, from, to) in [
        ("--adc-columns 32", "columns = 8\n", "columns = 32\n"),
        ("--adc-rate 0.125", "rate_gsps = 0.5", "rate_gsps = 0.125"),
        ("--clock 0.25", "clock_ghz = 1.0", "clock_ghz = 0.25"),
        ("--bus-bits 4", "bus_bits = 256", "bus_bits = 4"),
        ("--crossbars-per-macro 4", "crossbars_per_macro = 1", "crossbars_per_macro = 4"),
        ("--macros-per-tile 3", "macros_per_tile = 16", "macros_per_tile = 3"),
    ] {
        let file = folder.path().join("mine.toml");
        assert_eq!(preset.matches(from).count(), 1, "{from}");
        fs::write(&file, preset.replace(from, to)).expect("the folder is writable");
        let of_file = output_of(&format!("cost lenet5 --format json --design {}", file.display()));
        assert!(output_of(&format!("cost lenet5 --format json {option}")) == of_file && of_file != price, "{option}");
    }
}

#[test]
fn converters_are_shared_by_columns_that_there_are() {
    let refuse = |arguments: &str, parts: &[&str]| refused(&mut tilewright(arguments), parts);
    refuse("cost lenet5 --adc-columns 129", &["adc.columns: 129; give 1 to 128, the columns of the crossbar"]);
    refuse("cost lenet5 --crossbar 64 --adc-columns 128", &["adc.columns: 128; give 1 to 64"]);
    let simulated = "simulate missing.onnx --adc-bits 6 --adc-offset 1 --adc-columns 129";
    refuse(simulated, &["adc.columns: 129; give 1 to 128, the columns of the crossbar"]);
    refuse("cost lenet5 --adc-columns 0", &["--adc-columns", "give a whole number of 1 to 65536"]);
    refuse("cost lenet5 --design seed --adc-columns 4", &["--adc-columns", "seed has no converters"]);
    refuse("cost lenet5 --adc-rate 0", &["adc.rate_gsps: 0; give a number above 0"]);
    // A design's own converter, of 128 columns, is that of all columns of a smaller crossbar.
    let small = |sharing: &str| output_of(&format!("cost lenet5 --design isaac --crossbar 64 {sharing} --format csv"));
    assert_eq!(small(""), small("--adc-columns 64"));
}

#[test]
fn bad_kinds_of_macros() {
    let refuse = |arguments: &str, parts: &[&str]| refused(&mut tilewright(arguments), parts);
    let cost = |kinds: &str, parts: &[&str]| {
        refuse(&format!("cost lenet5 --objective area --macro-kinds {kinds}"), parts);
        refuse(&format!("map lenet5 --objective area --macro-kinds {kinds}"), parts);
    };
    cost("crossbarr=64", &["--macro-kinds", "no setting \"crossbarr\"", "did you mean \"crossbar\"?"]);
    cost("crossbar=64;crossbar=64", &["crossbar=64 is there twice"]);
    cost("weight-bits=4", &["weight-bits is not of a kind of macro"]);
    cost("crossbar=1", &["crossbar=1: no layer of lenet5 can be on it; give a larger --crossbar"]);
    cost("adc-bits=1", &["adc-bits=1: its converters are", "--active-rows"]);
    cost("crossbar=128", &["the design's own", "nothing to choose"]);
    refuse("cost lenet5 --macro-kinds crossbar=64", &["--objective"]);
    let unsearched = &["chosen by a search for a price", "--objective"];
    refuse("map lenet5 --macro-kinds crossbar=64", &["--objective"]);
    refuse("map lenet5 --objective cycles --macro-kinds crossbar=64", unsearched);
    refuse("map lenet5 --objective area --kinds-to somewhere.toml", &["--macro-kinds"]);
    refuse("cost lenet5 --vary macro-kinds=crossbar=64", unsearched);
    refuse("map lenet5 --vary macro-kinds=crossbar=64", unsearched);
    refuse("explore lenet5 --vary macro-kinds=crossbar=64", &["macro-kinds are chosen by a search for a price"]);
    refuse(
        "explore lenet5 --vary objective=area --vary macro-kinds=crosbar=64",
        &["macro-kinds = crosbar=64", "crossbar"],
    );
    let several = "map lenet5 --scheme all --objective area --macro-kinds crossbar=64 --kinds-to somewhere.toml";
    refuse(several, &["--kinds-to", "give one --scheme"]);
    let varied = "cost lenet5 --objective area --macro-kinds crossbar=64 --vary crossbar=32 --kinds-to somewhere.toml";
    refuse(varied, &["--kinds-to", "--vary"]);
}

#[test]
fn csv_has_a_line_a_part() {
    let csv = output_of("cost lenet5 --format csv");
    assert!(
        csv.starts_with(
            "network,scheme,chip,part,component,area_um2,energy_pj,leakage_pj,network_macs_share,weight_bits,"
        ),
        "{csv}"
    );
    assert!(csv.lines().any(|line| line.starts_with("lenet5,im2col,generic-22nm,conv1,adc,")), "{csv}");
}

/// 64 pixels of 4·2 weights are on crossbars; four products of 8×8 matrices are not.
#[test]
fn what_is_on_no_crossbar_is_said() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cost_product.onnx");
    let run = |words: &str| tilewright(words).arg(&model).output().expect("the command starts");
    let share = 512.0 / 2_560.0;
    for words in ["cost", "map", "report -o /dev/null", "verify --scheme im2col"] {
        let said = String::from_utf8(run(words).stderr).expect("UTF-8");
        assert!(said.contains("warning: 20.0 % of the multiply-accumulates (512 of 2560) are on crossbars"), "{said}");
        assert!(said.contains("(mat_mul, 80.0 %)"), "{said}");
    }
    let json = |words: &str| -> serde_json::Value { serde_json::from_slice(&run(words).stdout).expect("JSON") };
    for words in ["cost --format json", "map --format json"] {
        let coverage = &json(words)["coverage"];
        assert!((number(coverage, "share") - share).abs() < 1e-12, "{coverage}");
        assert_eq!(coverage["off_crossbars"][0]["macs"], 2_048, "{coverage}");
    }
    let csv = String::from_utf8(run("cost --format csv").stdout).expect("UTF-8");
    assert!(csv.lines().any(|line| line.contains(",off crossbars,,,,0.2")), "{csv}");
    let table = String::from_utf8(run("cost").stdout).expect("UTF-8");
    assert!(table.contains("1,024 operations an image on crossbars of 5,120"), "{table}");
}

#[test]
fn bad_chips_and_constants() {
    let refuse = |arguments: &str, parts: &[&str]| refused(&mut tilewright(arguments), parts);
    refuse("cost lenet5 --chip isac", &["no chip \"isac\"", "did you mean \"isaac\"?"]);
    refuse("cost lenet5 --chip missing.toml", &["cannot read the file missing.toml"]);
    refuse("cost lenet5 --explain adcc", &["no part \"adcc\"", "did you mean \"adc\"?"]);
    refuse("cost lenet5 --compare neurosim", &["no peer \"neurosim\"", "mnsim-2.0"]);
    refuse("cost lenet5 --chip seed --adc andrulis", &["has no converters"]);
    refuse("cost lenet5 --adc isaac --adc-bits 12", &["4 to 10 bits", "another model"]);
    refuse("cost lenet5 --objective area --budget 9", &["products take none"]);
    refuse("cost lenet5 --objective latency --budget 1", &["raise the budget"]);
    for ignored in ["--compare mnsim-2.0", "--layers", "--objective area", "--scheme smd"] {
        refuse(&format!("cost lenet5 --explain adc {ignored}"), &["--explain", "cannot be used with"]);
    }
    refuse("map lenet5 --objective area --max-cycles 9", &["--max-cycles goes with objective crossbars"]);
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (from, to, parts) in [
        ("node_nm = 22", "node_nm = 3", ["mine.toml", "node_nm", "22 to 130 nm"]),
        (
            "component = \"driver\"",
            "component = \"pump\"",
            ["mine.toml", "macro[1].component", "no component \"pump\""],
        ),
        ("component = \"driver\"", "component = \"driver\"\ncount = -1", ["mine.toml", "macro[1].count", "-1"]),
    ] {
        let file = folder.path().join("mine.toml");
        fs::write(&file, output_of("chip generic-22nm").replacen(from, to, 1)).expect("the folder is writable");
        refused(tilewright("cost lenet5 --chip").arg(&file), &parts);
    }
    for (entry, parts) in [
        ("value = -4.0\nunit = \"um^2\"", ["mine.toml", "driver.wl.area", "at least 0"]),
        ("value = 4.0", ["mine.toml", "driver.wl.area", "unit"]),
    ] {
        let file = folder.path().join("mine.toml");
        let text = format!("[\"driver.wl.area\"]\n{entry}\nsource = \"me\"\nstatus = \"assumed\"\n");
        fs::write(&file, text).expect("the folder is writable");
        refused(tilewright("cost lenet5 --constants").arg(&file), &parts);
    }
}

#[test]
fn names_that_nothing_reads_are_refused() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let [constants, inputs] = ["mine.toml", "inputs.json"].map(|name| folder.path().join(name));
    let entry = "[\"drivr.wl.area\"]\nvalue = 4.0\nunit = \"um^2\"\nsource = \"me\"\nstatus = \"assumed\"\n";
    fs::write(&constants, entry).expect("the folder is writable");
    fs::write(&inputs, serde_json::json!({ "cnv1": vec![1; 256] }).to_string()).expect("the folder is writable");
    let slip = ["mine.toml", "drivr.wl.area", "did you mean \"driver.wl.area\"?"];
    refused(tilewright("cost lenet5 --constants").arg(&constants), &slip);
    refused(tilewright("cost lenet5 --explain driver --constants").arg(&constants), &slip);
    let slip = ["inputs.json", "cnv1", "did you mean \"conv1\"?"];
    refused(tilewright("cost lenet5 --inputs").arg(&inputs), &slip);
}
