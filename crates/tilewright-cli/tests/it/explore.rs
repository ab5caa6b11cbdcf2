//! Spaces explored: the front, its commands, and work that is killed, shared and kept.

use crate::command::{refused, succeed, tilewright};
use crate::evaluate::folder;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;
use tilewright_data::catalog::Entry;

const SPACE: &str = "explore lenet5,resnet8 --vary scheme=im2col,vw-sdk,optimal --vary crossbar=32,64,96,128 --vary adc-bits=5,6,7,8 --vary cell-bits=1,2,4 \
                     --vary schedule=layer-by-layer,pipelined --minimize area,latency,energy";

fn explore() -> Command {
    let mut command = tilewright(SPACE);
    command.args(["--format", "json"]);
    command
}

fn in_store(store: &Path) -> Command {
    let mut command = explore();
    command.arg("--store").arg(store);
    command
}

fn json(command: &mut Command) -> Value {
    serde_json::from_str(&succeed(command)).expect("JSON")
}

#[test]
fn every_design_of_a_front_is_priced_again_by_its_command() {
    let front = json(&mut explore());
    let designs = front["front"].as_array().expect("designs");
    assert_eq!(front["designs"], 576);
    assert!(designs.len() > 1);
    for design in [&designs[0], &designs[designs.len() / 2], &designs[designs.len() - 1]] {
        let line = design["command"].as_str().expect("a command");
        let mut command = tilewright(line.strip_prefix("tilewright ").expect("of ours"));
        let cost = json(command.args(["--format", "json"]));
        for key in ["area_mm2", "latency_ms", "energy_uj", "crossbars"] {
            assert_eq!(cost[key], design[key], "{line}");
        }
    }
}

/// The more columns share a converter, the less area and the more time; more than there are have no price.
#[test]
fn converters_are_shared_for_area_at_the_cost_of_time() {
    let space = "explore lenet5 --vary adc-columns=1,2,4,8,16,129 --minimize area,latency --format json";
    let front = json(&mut tilewright(space));
    let designs = front["front"].as_array().expect("designs");
    let mut of: Vec<(f64, f64)> = vec![];
    for design in designs {
        let line = design["command"].as_str().expect("a command");
        let mut command = tilewright(line.strip_prefix("tilewright ").expect("of ours"));
        let cost = json(command.args(["--format", "json"]));
        assert_eq!(cost["adc"]["columns"].to_string(), design["settings"]["adc-columns"].as_str().expect("a value"));
        of.push((cost["area_mm2"].as_f64().expect("a number"), cost["latency_ms"].as_f64().expect("a number")));
    }
    of.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(of.len() > 1 && of.is_sorted_by(|a, b| a.0 < b.0 && a.1 > b.1), "{of:?}");
    assert!(front["failed"][0]["reason"].as_str().is_some_and(|reason| reason.contains("adc.columns: 129")), "{front}");
}

/// Files with blanks in their names, budgets and constants of one's own are in it.
#[test]
fn the_command_of_a_design_says_all_that_its_price_follows_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let [network, constants] = ["my net.onnx", "my constants.toml"].map(|name| folder.path().join(name));
    fs::copy(crate::command::onnx_model(), &network).expect("writable");
    let constant = "value = 570.0\nunit = \"fJ/step\"\nsource = \"test\"\nstatus = \"assumed\"";
    fs::write(&constants, format!("[\"adc.walden.typical\"]\n{constant}\n")).expect("writable");
    let mut explore = tilewright("explore --vary kernels=3d --vary objective=latency:60 --format json --constants");
    let front = json(explore.arg(&constants).arg(&network));
    let line = front["front"][0]["command"].as_str().expect("a command");
    assert!(line.contains("my net.onnx'") && line.contains("--objective latency --budget 60"), "{line}");
    let program = line.replacen("tilewright", env!("CARGO_BIN_EXE_tilewright"), 1);
    let cost = json(Command::new("sh").args(["-c", &format!("{program} --format json")]));
    assert_eq!(cost["energy_uj"], front["front"][0]["energy_uj"], "{line}");
}

/// The page has the mapping and the price of every design of the front, whose parts are those of its figures.
#[test]
fn a_page_holds_what_the_designs_of_the_front_are_made_of() {
    let space = "explore lenet5 --vary scheme=im2col,optimal --vary crossbar=64,128 --vary keep-digital=none,dense";
    let front = json(tilewright(space).args(["--format", "json"]));
    let page = succeed(tilewright(space).args(["--format", "html"]));
    let details: Value = serde_json::from_str(data(&page, "details")).expect("JSON");
    let designs = front["front"].as_array().expect("designs");
    assert!(designs.len() > 1 && details["designs"].as_object().is_some_and(|details| details.len() == designs.len()));
    for design in designs {
        let detail = &details["designs"][design["place"].to_string()];
        let is_near = |found: &Value, millionths: &Value| {
            let [found, expected] = [found, millionths].map(|number| number.as_f64().expect("a number"));
            (found * 1e-6 / expected - 1.0).abs() < 1e-6
        };
        for tree in ["by_component", "by_layer"] {
            assert!(is_near(&detail[tree][1], &design["area_mm2"]) && is_near(&detail[tree][2], &design["energy_uj"]));
        }
        let layers = detail["layers"].as_array().expect("layers");
        let crossbars: u64 = layers.iter().filter_map(|layer| layer[1].as_u64()).sum();
        assert_eq!(crossbars, design["crossbars"], "{design}");
        let drawn = layers.iter().filter_map(|layer| layer[2].as_u64());
        assert!(
            drawn.clone().count() > 0
                && drawn.map(|drawing| format!("id=\"drawing-{drawing}\"")).all(|id| page.contains(&id))
        );
    }
}

/// The text of a script element of a page that holds data.
fn data<'a>(page: &'a str, id: &str) -> &'a str {
    let rest = page.split(&format!("id=\"{id}\">")).nth(1).expect("data of this name");
    rest.split("</script>").next().expect("it ends")
}

/// Budgets that many designs exceed are one line, not one for each pair of numbers; the JSON has each.
#[test]
fn reasons_that_differ_in_numbers_are_one_line() {
    let space = "explore lenet5 --vary scheme=im2col,sub-image --vary crossbar=32,64,128 --vary objective=area,latency:2,latency:3";
    let text = succeed(&mut tilewright(space));
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("without a price")).collect();
    let found = json(tilewright(space).args(["--format", "json"]));
    let failed = found["failed"].as_array().expect("reasons");
    let designs: u64 = failed.iter().filter_map(|reason| reason["designs"].as_u64()).sum();
    assert!(failed.len() > 3, "{failed:?}");
    let [line] = lines[..] else { panic!("{text}") };
    assert!(line.starts_with(&format!("{designs} designs")) && line.contains("a budget of 2 to 3 crossbars"), "{line}");
}

/// Killed outright at moments that grow, until one run ends; then the same bytes as undisturbed.
#[test]
fn killed_runs_go_on_and_end_as_if_undisturbed() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    let mut kills = 0;
    for pause in (5..).step_by(15) {
        let mut child = in_store(&store).args(["--threads", "1"]).stdout(Stdio::null()).spawn().expect("it starts");
        thread::sleep(Duration::from_millis(pause));
        if child.try_wait().expect("it was started").is_some() {
            break;
        }
        child.kill().expect("it runs");
        child.wait().expect("it was started");
        kills += 1;
    }
    assert!(kills > 0, "it was over before it could be killed");
    assert_eq!(succeed(&mut in_store(&store)), succeed(&mut explore()));
}

/// A line that was being written when the power went is priced again; one that was changed is refused.
#[test]
fn a_store_with_a_torn_line_goes_on_and_one_with_a_false_line_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    let whole = succeed(&mut in_store(&store));
    let part = store.join("part-0.jsonl");
    let text = fs::read_to_string(&part).expect("it is there");
    for end in [0, 1, text.len() / 3, text.len() - 1] {
        fs::write(&part, &text[..end]).expect("writable");
        assert_eq!(succeed(&mut in_store(&store)), whole);
        fs::remove_file(store.join("part-1.jsonl")).expect("what was missing was priced");
    }
    fs::write(&part, text.replacen("\"place\":3", "\"place\":3000", 1)).expect("writable");
    refused(&mut in_store(&store), &["line 4", "part-0.jsonl", "remove the file"]);
    let mut other = tilewright("explore lenet5 --vary crossbar=64");
    refused(other.arg("--store").arg(&store), &["the store of another space", "another folder"]);
    fs::write(folder.path().join("notes.txt"), "mine").expect("writable");
    refused(&mut in_store(folder.path()), &["holds other files", "an empty folder"]);
}

#[test]
fn parts_run_at_once_and_merge_into_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    let part = |number: usize| in_store(&store).args(["--shard", &format!("{number}/4")]).stderr(Stdio::null()).spawn();
    let parts: Vec<_> = (0..4).map(|number| part(number).expect("it starts")).collect();
    for mut part in parts {
        assert!(part.wait().expect("it was started").success());
    }
    assert_eq!(succeed(&mut in_store(&store)), succeed(&mut explore()));
    assert_eq!(fs::read_dir(&store).expect("a folder").count(), 1 + 4, "nothing was priced twice");
}

const SEARCHED: &str = "explore lenet5,resnet8 --vary scheme=im2col,vw-sdk,smd,sdk --vary crossbar=24,32,48,64,96,128 --vary adc-bits=5,6,7,8 --vary cell-bits=1,2,4,8 \
                        --vary schedule=layer-by-layer,pipelined --minimize area,latency,energy --trials 1024 --format json";

/// In parts of a store, killed on the way, and undisturbed: the same bytes.
#[test]
fn a_searched_space_has_the_same_front_however_the_search_came_about() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    let undisturbed = json(&mut tilewright(SEARCHED));
    assert_eq!((&undisturbed["designs"], &undisturbed["searched"]["trials"]), (&1536.into(), &1024.into()));
    let tried = undisturbed["searched"]["tried"].as_u64().expect("a number");
    assert!((100..1032).contains(&tried), "{tried}");

    let part = |number: usize| {
        let mut command = tilewright(SEARCHED);
        command.arg("--store").arg(&store).args(["--shard", &format!("{number}/3"), "--threads", "1"]);
        command
    };
    let mut killed = part(0).stderr(Stdio::null()).spawn().expect("it starts");
    thread::sleep(Duration::from_millis(60));
    killed.kill().expect("it was started");
    killed.wait().expect("it was started");
    (0..3).for_each(|number| drop(succeed(&mut part(number))));
    let priced = || -> usize {
        let files = fs::read_dir(&store).expect("a folder").map(|entry| entry.expect("readable").path());
        let parts = files.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        parts.map(|path| fs::read_to_string(path).expect("readable").lines().count()).sum()
    };
    let before = priced();
    let merged = json(tilewright(SEARCHED).arg("--store").arg(&store));
    assert_eq!(merged, undisturbed);
    assert_eq!(priced(), before, "nothing was left to price");
}

#[test]
fn planned_kernels_are_priced_with_everything_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let losses = folder.path().join("losses.json");
    fs::write(&losses, r#"{"conv1": [0.5, 0.25], "conv2": [0.25, -0.125]}"#).expect("writable");
    let typed = "explore lenet5 --vary kernels=planned --vary scheme=im2col,sub-image --minimize crossbars,kernel-loss --format json --losses";
    let front = json(tilewright(typed).arg(&losses));
    let designs = front["front"].as_array().expect("designs");
    assert!(designs.iter().any(|design| design["kernel_loss"] == 0.0));
    for design in designs {
        let line = design["command"].as_str().expect("a command");
        let mut command = tilewright(line.strip_prefix("tilewright ").expect("of ours"));
        assert_eq!(json(command.args(["--format", "json"]))["crossbars"], design["crossbars"], "{line}");
        let replaced = design["settings"]["kernels"].as_str().expect("a plan");
        let loss = match replaced {
            "3d" | "conv2*2" => 0.0,
            "conv1" => 0.5,
            "conv1*2" | "conv2" | "conv1*2,conv2*2" => 0.25,
            "conv1,conv2*2" | "conv1*2,conv2" => 0.5,
            "2d1d" => 0.75,
            "2d1d*2" => 0.25,
            plan => panic!("{plan}"),
        };
        assert_eq!(design["kernel_loss"], loss, "{replaced}");
    }
    // By im2col no plan beats 3D kernels here, so that nothing would have to be trained.
    assert!(designs.iter().any(|design| design["settings"]["kernels"] != "3d") || front["worth_training"].is_null());
}

#[test]
fn plans_worth_training_are_on_the_front() {
    let folder = tempfile::tempdir().expect("a folder");
    let losses = folder.path().join("losses.json");
    fs::write(&losses, r#"{"conv1": [0.5, 0.25], "conv2": [0.25, 0.125]}"#).expect("writable");
    let typed = "explore lenet5 --vary kernels=planned --vary scheme=sub-image --minimize crossbars,kernel-loss --format json --losses";
    let front = json(tilewright(typed).arg(&losses));
    let designs = front["front"].as_array().expect("designs");
    let trained = front["worth_training"].as_array().expect("networks that are not trained yet");
    assert!((1..=5).contains(&trained.len()));
    for untrained in trained {
        let of_plan = |design: &&Value| design["settings"]["kernels"] == untrained["kernels"];
        let crossbars = designs.iter().filter(of_plan).map(|design| design["crossbars"].as_f64());
        let fewest = crossbars.reduce(|a, b| if a < b { a } else { b }).expect("a plan of the front");
        assert_eq!(untrained["best"].as_f64(), fewest);
        let kernels = untrained["kernels"].as_str().expect("a plan");
        assert_ne!(kernels, "3d");
        let command = untrained["command"].as_str().expect("a command").replace('\'', "");
        assert_eq!(command, format!("python -m tilewright.train lenet5 --kernels {kernels}"));
    }
}

#[test]
fn values_with_commas_are_typed_in_brackets() {
    let typed = "explore resnet8 --vary kernels=3d,[conv1,stage1.block1.conv1*2] --vary keep-digital=none,[2d,fc] --minimize crossbars --format json";
    let front = json(&mut tilewright(typed));
    assert_eq!(front["designs"], 4);
    let best = &front["front"][0]["settings"];
    assert_eq!((&best["kernels"], &best["keep-digital"]), (&"conv1,stage1.block1.conv1*2".into(), &"2d,fc".into()));
}

const RATES: &str = "explore lenet5-fashion-int8 --vary cell-bits=1,2,4 --vary programming-error=0.03,0.1 --vary schedule=layer-by-layer,pipelined \
                     --minimize area --maximize rate --rate-images 300 --seeds 2 --format json";

/// Where the images are; `None` says that they are not there.
fn images() -> Option<std::path::PathBuf> {
    folder(Entry::named("fashion-mnist").expect("a data set of the catalog"))
}

fn rates(images: &Path) -> Command {
    let mut command = tilewright(RATES);
    command.arg("--data").arg(images);
    command
}

/// Killed and resumed, in parts, and undisturbed: the same bytes; and the command of a design gives its rate again.
#[test]
fn rates_are_the_same_however_they_come_about() {
    let Some(images) = images() else { return };
    let text = succeed(&mut rates(&images));
    let found: Value = serde_json::from_str(&text).expect("JSON");
    let front = found["front"].as_array().expect("designs");
    let rate = |design: &Value| design["rate_percent"].as_f64().expect("a rate");
    assert!(front.len() > 1 && front.windows(2).all(|pair| rate(&pair[0]) < rate(&pair[1])), "{text}");
    assert!(found["dropped"].as_array().is_some_and(|dropped| dropped.len() + front.len() == 12), "{text}");
    let line = front[0]["command"].as_str().expect("a command");
    let again = json(tilewright(line.strip_prefix("tilewright ").expect("of ours")).args(["--format", "json"]));
    for key in ["rate_percent", "digital_percent", "lost_points", "area_mm2"] {
        assert_eq!(again["front"][0][key], front[0][key], "{line}");
    }

    let folder = tempfile::tempdir().expect("a folder");
    let in_store = |name: &str| {
        let mut command = rates(&images);
        command.arg("--store").arg(folder.path().join(name)).stderr(Stdio::null());
        command
    };
    let mut killed = in_store("killed").stdout(Stdio::null()).spawn().expect("it starts");
    let is_kept =
        || fs::read_to_string(folder.path().join("killed/rate-0.jsonl")).is_ok_and(|text| text.contains('\n'));
    while !is_kept() && killed.try_wait().expect("it was started").is_none() {
        thread::sleep(Duration::from_millis(20));
    }
    killed.kill().expect("it runs");
    killed.wait().expect("it was started");
    assert_eq!(succeed(&mut in_store("killed")), text);

    // The third part died.
    let part =
        |number: usize| in_store("parts").args(["--shard", &format!("{number}/3")]).stdout(Stdio::null()).spawn();
    for mut part in [0, 1].map(|number| part(number).expect("it starts")) {
        assert!(part.wait().expect("it was started").success());
    }
    let before = fs::read_dir(folder.path().join("parts")).expect("a folder").count();
    assert_eq!(succeed(&mut in_store("parts")), text);
    assert_eq!(fs::read_dir(folder.path().join("parts")).expect("a folder").count(), before, "nothing was left to do");
}

#[test]
fn the_example_is_a_space_that_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("space.toml");
    fs::write(&file, succeed(&mut tilewright("explore --example"))).expect("writable");
    let text = succeed(tilewright("explore --format csv --space").arg(&file));
    let mut lines = text.lines();
    assert!(lines.next().is_some_and(|head| head.contains("crossbar,scheme,area_mm2,energy_uj")), "{text}");
    let designs: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    assert!(designs.len() > 3 && designs.iter().all(|line| line.contains(",tilewright cost ")), "{text}");
}

#[test]
fn what_cannot_be_explored_is_refused_before_the_work_begins() {
    for (typed, parts) in [
        ("explore", &["<NETWORKS>"][..]),
        ("explore lenet6", &["lenet6", "lenet5"]),
        ("explore lenet5 --design isac", &["isac", "isaac"]),
        ("explore lenet5 --vary crosbar=64", &["crosbar", "did you mean crossbar?"]),
        ("explore lenet5 --vary crossbar=64,64", &["crossbar has the value 64 twice"]),
        ("explore lenet5 --vary crossbar=", &["joined by commas"]),
        ("explore lenet5 --minimize aera", &["did you mean area?"]),
        ("explore lenet5 --minimize throughput", &["maximize it"]),
        ("explore lenet5 --limit area<=1 --limit area>=2", &["contradicts"]),
        ("explore lenet5 --shard 4/4 --store s", &["0/4 to 3/4"]),
        ("explore lenet5 --shard 0/4", &["--store"]),
        ("explore --space nowhere.toml", &["nowhere.toml"]),
        ("explore lenet5 --space nowhere.toml", &["cannot be used with"]),
        ("explore lenet5 --minimize rate", &["maximize it"]),
        ("explore lenet5 --maximize rate", &["lenet5", "weights"]),
        ("explore lenet5-fashion --limit rate>=0.9", &["rate >= 90 %"]),
        ("explore lenet5-fashion --maximize rate --vary kernels=2d1d", &["trained with such kernels"]),
        ("explore lenet5 --vary wire=0,1", &["wire changes no price", "maximize rate"]),
        ("explore lenet5 --seeds 3", &["--seeds changes nothing here", "--maximize rate"]),
        ("explore lenet5 --trials 10", &["10", "1024"]),
        ("explore lenet5 --trials 2000", &["1 designs", "--trials 2000", "leave it out"]),
        ("explore lenet5 --search-seed 1", &["--search-seed changes nothing here", "--trials"]),
        ("explore lenet5 --vary kernels=planned", &["give the file of losses too"]),
        ("explore lenet5 --minimize kernel-loss", &["kernel-loss", "give the file of these losses too"]),
        ("explore lenet5 --losses nowhere.json", &["--losses changes nothing here", "kernels=planned"]),
        ("explore lenet5 --minimize kernel-loss --losses nowhere.json", &["nowhere.json"]),
    ] {
        refused(&mut tilewright(typed), parts);
    }
}
