use crate::command::{onnx_model, refused, succeed, tilewright};
use std::fs;
use std::path::Path;

/// Expects the arguments to be refused, and the output file not to appear.
fn refuse(arguments: &str, parts: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("output");
    let mut command = tilewright(arguments);
    refused(command.arg("-o").arg(&file), parts);
    assert_eq!(
        fs::read_dir(folder.path()).expect("the folder is there").count(),
        0,
        "{arguments} left something behind"
    );
}

/// Expects an ONNX file of these bytes to be refused.
fn refuse_bytes(bytes: &[u8], parts: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (model, output) = (folder.path().join("model.onnx"), folder.path().join("output"));
    fs::write(&model, bytes).expect("the folder is writable");
    let mut command = tilewright("map");
    refused(command.arg(&model).arg("-o").arg(&output), &[&["model.onnx: "], parts].concat());
    assert!(!output.exists());
}

#[test]
fn models_that_are_not_there() {
    refuse(
        "map resnet21",
        &["no network \"resnet21\"", "did you mean \"resnet20\"?", "nor is there a file \"resnet21\""],
    );
    refuse("map resnet20:width=0", &["network \"resnet20\" has the width \"0\"; give a number above 0"]);
    refuse("map lenet5:width=2", &["has no stages", "leave the width out"]);
    refuse("map resnet21:width=2", &["no network \"resnet21\"", "did you mean \"resnet20\"?"]);
    refuse("map missing.onnx", &["missing.onnx: cannot be read", "No such file"]);
    refuse("map folder/resnet20", &["folder/resnet20: cannot be read"]);
    refuse("map", &["required", "<MODEL|--layer <SPEC>>"]);
    refuse("map resnet20 --layer in=1x9x9,out=1,k=3", &["cannot be used with"]);
    for name in ["transformer", ""] {
        let mut command = tilewright("map");
        let file = format!("(nor is there a file {name:?}; give a name that tilewright zoo lists, or an ONNX file)");
        refused(command.arg(name), &["no network", &file]);
    }
    for command in ["report", "verify", "export"] {
        refuse(&format!("{command} resnet21"), &["no network \"resnet21\""]);
    }
}

#[test]
fn files_that_are_no_models() {
    let model = fs::read(onnx_model()).expect("the fixture is there");
    refuse_bytes(b"PK\x03\x04 a zip file of weights", &["is not an ONNX model"]);
    refuse_bytes(b"", &["model.onnx: "]);
    refuse_bytes(&model[..model.len() / 2], &["is not an ONNX model"]);
    refuse_bytes(&replaced(&model, b"strides", b"mystery"), &["(Conv)", "mystery = ", "the supported attributes are"]);
}

#[test]
fn files_of_other_kinds_are_told() {
    let name = |bytes: &[u8], words: &str| refuse_bytes(bytes, &["is not an ONNX model", words]);
    name(b"PK\x03\x04\x00\x00\x08\x08archive/data.pkl and weights", "a file of PyTorch");
    name(b"\x80\x02}q\x00.", "a file of PyTorch");
    name(b"[device]\nname = \"mine\"\n", "it is TOML");
    name(b"{\"conv1\": 0.5}", "it is JSON");
    name(b"layer;height;width\nconv1;3;3\n", "a table in text");
    let folder = tempfile::tempdir().expect("a folder for the test");
    refused(tilewright("map").arg(folder.path()), &["cannot be read"]);
}

/// What a terminal would obey is written out, also where clap says what is wrong.
#[cfg(unix)]
#[test]
fn no_name_reaches_a_terminal_as_it_is() {
    for arguments in ["map", "map lenet5", "cost lenet5 --chip", "plan lenet5 --losses"] {
        let hostile = "evil\u{1b}[31m\u{202e}\u{9b}.onnx";
        let output = tilewright(arguments).arg(hostile).output().expect("the command starts");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(!said.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{said:?}");
        assert!(said.contains("evil\\u{1b}[31m\\u{202e}\\u{9b}.onnx"), "{said:?}");
    }
}

#[test]
fn images_beyond_memory_are_refused() {
    let verify = |layer: &str| format!("verify --layer {layer} --scheme im2col");
    let maps = ["feature maps of 46475000000 values", "at most 268435456", "a smaller image"];
    refuse(&verify("in=3x65000x65000,out=8,k=3,p=1"), &maps);
    let weights = ["1000000000000 weights", "at most 536870912", "fewer or smaller layers"];
    refuse(&verify("in=1000000x1x1,out=1000000,k=1"), &weights);
    for command in ["report", "map --objective energy", "cost --objective area-delay"] {
        let layer = format!("{command} --layer in=3x65000x65000,out=8,k=3,p=1");
        refuse(&layer, &["\"layer\" can be mapped in", "at most 8388608 can be compared", "a smaller image"]);
    }
}

/// A name that is no text in UTF-8, and a network by that name.
#[cfg(target_os = "linux")]
#[test]
fn files_may_have_any_name() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().expect("a folder for the test");
    let model = folder.path().join(std::ffi::OsStr::from_bytes(b"net-\xff.onnx"));
    fs::copy(onnx_model(), &model).expect("the folder is writable");
    for command in ["map", "cost", "verify --scheme im2col"] {
        assert!(succeed(tilewright(command).arg(&model)).contains("net-\u{fffd}"), "{command}");
    }
    refused(tilewright("map").arg(std::ffi::OsStr::from_bytes(b"resnet20\xff")), &["no network \"resnet20\u{fffd}\""]);
    refused(tilewright("evaluate").arg(&model), &["nothing says what", "net-\u{fffd}.onnx classifies"]);
}

fn replaced(bytes: &[u8], what: &[u8], with: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = bytes.windows(what.len()).position(|window| window == what).expect("the model has it");
    bytes[at..at + what.len()].copy_from_slice(with);
    bytes
}

#[test]
fn crossbars_that_are_too_small() {
    let columns = "map resnet20 --crossbar 128x1 --scheme im2col";
    refuse(
        columns,
        &["layer \"conv1\" does not fit", "a weight takes 2 columns", "the crossbar has 1", "larger crossbars"],
    );
    let sub_image = "map resnet20 --crossbar 8 --scheme sub-image";
    refuse(sub_image, &["layer \"conv1\" does not fit", "takes 9 rows", "the crossbar has 8×8"]);
    let channel = "map --layer in=4x9x9,out=4,k=7 --crossbar 32 --scheme im2col --row-split channel";
    refuse(channel, &["layer \"layer\" does not fit", "takes 49 rows", "the row split element"]);
    refuse("export resnet20 --crossbar 8 --scheme sub-image", &["does not fit"]);
    refuse("verify lenet5 --crossbar 1x1", &["nothing to verify", "layer \"conv1\" does not fit"]);
    refuse("report lenet5 --crossbar 1x1", &["does not fit"]);
}

#[test]
fn sizes_that_make_no_sense() {
    for (crossbar, parts) in [
        ("0", ["--crossbar 0", "give 1 to 65536"]),
        ("128x0", ["--crossbar 128x0", "give 1 to 65536"]),
        ("65537", ["--crossbar 65537", "give 1 to 65536"]),
        ("-1", ["--crossbar -1", "such as 128 or 512x256"]),
        ("x", ["--crossbar x", "such as 128 or 512x256"]),
        ("99999999999999999999", ["--crossbar 999", "such as 128 or 512x256"]),
    ] {
        refuse(&format!("map resnet20 --crossbar {crossbar}"), &parts);
    }
    for (bits, allowed) in
        [("--weight-bits 1", "2 to 16"), ("--weight-bits 17", "2 to 16"), ("--cell-bits 0", "1 to 16")]
    {
        refuse(&format!("map resnet20 {bits}"), &["invalid value", allowed]);
    }
    refuse("verify lenet5 --input-bits 1", &["invalid value", "2 to 16"]);
    refuse("map resnet20 --window 0", &["--window", "at least 1 pixel"]);
    refuse("map resnet20 --budget 0", &["--budget", "give a whole number of 1 to"]);
    refuse("map resnet20 --kernels ratio=2", &["ratio 2", "give 0 to 1"]);
    refuse("map resnet20 --kernels 2d1d+relu", &["\"relu\" between", "give nothing, norm or norm-relu"]);
}

#[test]
fn layers_that_make_no_sense() {
    for (layer, parts) in [
        ("in=0x14x14,out=16,k=5", ["0 input channels", "give 1 to"]),
        ("in=6x14x14,out=16,k=0", ["kernel height 0", "give 1 to"]),
        ("in=6x14x14,out=16,k=5,s=0", ["stride height 0", "give 1 to"]),
        ("in=6x14x14,out=16,k=99", ["spanning 99 pixels", "pad the image"]),
        ("in=6x14x14,out=16", ["key \"k\" is missing", "needed"]),
        ("in=6x14x14,out=16,k=5,q=1", ["no key \"q\"", "the keys are"]),
        ("in=6x14x14,out=99999999999999999999,k=5", ["key \"out\" is", "one whole number"]),
        ("in=16777216x65536x65536,out=1,k=1", ["input values", "at most 1099511627776"]),
    ] {
        refuse(&format!("map --layer {layer}"), &[&["--layer"], parts.as_slice()].concat());
    }
}

#[test]
fn counts_beyond_64_bits() {
    let layer = "map --layer in=1048576x1024x1024,out=1048576,k=1 --crossbar 1x30 --weight-bits 16 --cell-bits 1";
    refuse(&format!("{layer} --scheme sub-image"), &["layer \"layer\"", "exceed 64 bits", "larger crossbars"]);
}

#[test]
fn names_that_are_not_known() {
    refuse("map resnet20 --scheme vwsdk", &["invalid value 'vwsdk'", "vw-sdk'", "kernel-position"]);
    refuse("map resnet20 --encoding diferential", &["invalid value", "differential"]);
    refuse("map resnet20 --objective speed", &["invalid value 'speed'", "latency"]);
    refuse("map resnet20 --kernels conv2", &["kernel plan", "\"conv2\"", "did you mean \"conv1\"?"]);
    refuse("mop resnet20", &["unrecognized subcommand 'mop'", "'map'"]);
    refuse("reproduce oh2024", &["unrecognized subcommand 'oh2024'", "oh2023"]);
}

#[test]
fn limits_that_contradict() {
    refuse("map resnet20 --objective activations --budget 9", &["activations takes no limit"]);
    refuse("map resnet20 --objective cycles --max-cycles 9", &["crossbar budget, not a cycle limit"]);
    refuse("map resnet20 --budget 3", &["a budget of 3 crossbars", "raise the budget"]);
    refuse("export resnet20 --limit 10", &["weights in one copy of every layer, the limit is 10", "raise --limit"]);
}

#[test]
fn outputs_that_cannot_be_written() {
    // The model is not there either: what is said first was checked before the work began.
    for arguments in [
        "map missing.onnx",
        "plan missing.onnx --losses missing.json",
        "cost missing.onnx",
        "chip",
        "zoo",
        "report missing.onnx",
        "verify missing.onnx",
        "evaluate missing.onnx --set cifar10",
        "simulate missing.onnx --set cifar10",
        "circuit --g-on 0",
        "circuit solve missing.json",
        "export missing.onnx",
        "export spice missing.onnx --layer conv1",
        "export onnx missing.onnx",
        "reproduce oh2023",
        "reproduce analog-rates",
        "data list",
        "data check",
    ] {
        let mut command = tilewright(arguments);
        refused(
            command.arg("-o").arg("no/such/folder/output"),
            &["cannot write no/such/folder/output", "you may write to", "No such file"],
        );
    }
    let file = tempfile::NamedTempFile::new().expect("a file for the test");
    refused(tilewright("export missing.onnx").arg("-o").arg(file.path()), &["it is a file; give a folder"]);
    let folder = tempfile::tempdir().expect("a folder for the test");
    for name in ["", "new/"] {
        let path = folder.path().join(name);
        refused(tilewright("map missing.onnx").arg("-o").arg(path), &["cannot write", "names a folder", "give a file"]);
    }
    let long = folder.path().join("x".repeat(300));
    refused(tilewright("map missing.onnx").arg("-o").arg(long), &["cannot write", "name too long"]);
    assert!(names(folder.path()).is_empty(), "what was found out leaves nothing behind");
}

#[cfg(unix)]
#[test]
fn a_reader_that_stops_early_is_no_error() {
    use std::process::Stdio;
    let mut child = tilewright("map resnet110 --scheme all --format json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("the command ends");
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn what_was_there_stays_until_the_new_one_is_whole() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("map.json");
    fs::write(&file, "before").expect("the folder is writable");
    refused(tilewright("map resnet20 --crossbar 128x1 -o").arg(&file), &["does not fit"]);
    assert_eq!(fs::read_to_string(&file).expect("it is still there"), "before");
    assert!(tilewright("map lenet5 --format json -o").arg(&file).status().expect("the command starts").success());
    let whole: serde_json::Value = serde_json::from_slice(&fs::read(&file).expect("it is there")).expect("it is whole");
    assert_eq!((whole["network"].as_str(), names(folder.path()).len()), (Some("lenet5"), 1));
}

fn names(folder: &Path) -> Vec<std::ffi::OsString> {
    fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it is readable").file_name()).collect()
}

#[test]
fn turns_that_no_mapping_takes() {
    let layer = "--layer in=16x8x8,out=16,k=3,g=16 --grouped turns";
    refuse(&format!("map {layer} --scheme unfolded"), &["driven in one step, in which its groups cannot take turns"]);
    for objective in ["--objective crossbars", "--budget 4", "--objective energy --chip generic-22nm"] {
        refuse(
            &format!("map {layer} {objective}"),
            &["an objective with groups that take turns", "take the groups packed or separate, or no objective"],
        );
    }
}
