//! Device files: the built-in ones, and what is wrong with others.

use serde_json::json;
use tilewright::circuit::device::{Device, DeviceError, find, from_toml, names, text};

const MINE: &str = r#"
[device]
name = "mine"
model = "generic"
source = "measured"

[generic]
on = 5e-5
on_off_ratio = inf
levels = 8
drift = 0.01
"#;

const JOSHI: &str = include_str!("../../../../data/device/joshi_2020.toml");

fn error(text: &str) -> String {
    from_toml(text, "mine.toml").expect_err("a wrong file").to_string()
}

#[test]
fn every_built_in_device_can_be_had_and_says_where_it_is_from() {
    assert!(names().count() >= 5);
    for name in names() {
        let device = find(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(device.name(), name);
        assert!(!device.source().is_empty());
        assert!(device.range().off >= 0.0 && device.range().off < device.range().on);
    }
}

/// With one number changed it is another device.
#[test]
fn the_text_of_a_device_is_a_file_of_it() {
    for name in names() {
        let [built_in, read] = [find(name), from_toml(text(name).expect("its text"), "mine.toml")];
        let json = |device: Result<Box<dyn Device>, DeviceError>| {
            serde_json::to_value(&*device.expect("a device")).expect("its numbers")
        };
        assert_eq!(json(built_in), json(read), "{name}");
    }
    let mine = text("generic").expect("its text").replacen("drift = 0.0 ", "drift = 0.25 ", 1);
    let json = serde_json::to_value(&*from_toml(&mine, "mine.toml").expect("a device")).expect("its numbers");
    assert_eq!(json["drift"], 0.25);
}

#[test]
fn every_data_file_is_a_device_of_its_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/device");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("the data") {
        let path = entry.expect("readable").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let text = std::fs::read_to_string(&path).expect("readable");
        assert!(names().any(|known| known == name), "{name}.toml has no registry line");
        let device = from_toml(&text, &name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(device.name(), name);
        files += 1;
    }
    assert_eq!(files, names().count());
}

#[test]
fn an_unknown_name_gets_the_nearest() {
    let found = find("joshi_2002").expect_err("no such device");
    assert!(matches!(&found, DeviceError::Unknown { suggestion: Some(name), .. } if name == "joshi_2020"), "{found}");
    assert!(found.to_string().ends_with("(did you mean joshi_2020?), and files of your own (*.toml)"), "{found}");
}

#[test]
fn a_device_is_written_as_its_constants() {
    let written = |name| serde_json::to_value(&*find(name).expect("known")).expect("numbers");
    assert_eq!(written("milo_2021"), json!({"programming": [4.782321, -0.009107]}));
    for name in names() {
        assert!(written(name).as_object().is_some_and(|constants| !constants.is_empty()), "{name}");
    }
    let mine = from_toml(MINE, "mine.toml").unwrap_or_else(|error| panic!("{error}"));
    let mine = serde_json::to_value(&*mine).expect("numbers");
    assert_eq!([&mine["on"], &mine["levels"], &mine["drift"]], [&json!(5e-5), &json!(8), &json!(0.01)]);
}

#[test]
fn a_file_of_ones_own_is_a_device() {
    let device = from_toml(MINE, "mine.toml").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((device.name(), device.source()), ("mine", "measured"));
    assert_eq!((device.range().off, device.range().on), (0.0, 5e-5));
    let other = from_toml(&JOSHI.replace("value = 25.0", "value = 20.0"), "joshi.toml").expect("a device");
    assert_eq!(other.range().on, 20e-6);
}

/// MNSIM gives the shares of cells stuck off and stuck on apart.
#[test]
fn stuck_shares_can_be_given_apart() {
    let text = "[device]\nname = \"generic\"\nmodel = \"generic\"\nsource = \"test\"\n[generic]\non = 1e-4\non_off_ratio = 100.0\nstuck_off = \
                0.003\nstuck_on = 0.001\n";
    let stuck = from_toml(text, "mnsim_saf.toml").expect("a device").stuck();
    assert_eq!(
        [stuck.off_rate, stuck.on_rate, stuck.off_conductance, stuck.on_conductance],
        [0.003, 0.001, 1e-6, 1e-4]
    );
}

#[test]
fn what_is_wrong_in_a_file_is_named() {
    for (from, to, parts) in [
        ("levels = 8", "level = 8", ["unknown field `level`", "line 10", "`levels`"]),
        ("on = 5e-5", "on = \"much\"", ["invalid type", "line 8", "on = \"much\""]),
        ("levels = 8", "levels = 1", ["mine.toml: levels is 1", "allowed is", "2 or more"]),
        ("drift = 0.01", "drift = -1.0", ["mine.toml: drift is -1", "allowed is", "0 to 1"]),
        ("\"generic\"", "\"generis\"", ["mine.toml: device.model is \"generis\"", "allowed is one of", "joshi_2020"]),
        ("model = \"generic\"", "", ["mine.toml: device.model is missing", "allowed is", "a string"]),
        ("source = \"measured\"", "", ["missing field `source`", "mine.toml", "line 2"]),
        ("[generic]", "[generic", ["mine.toml: ", "line 7", "[generic"]),
    ] {
        assert!(MINE.contains(from), "{from}");
        let message = error(&MINE.replacen(from, to, 1));
        for part in parts {
            assert!(message.contains(part), "{to:?}: {part:?} is not in: {message}");
        }
    }
}

#[test]
fn constants_of_another_unit_or_size_are_refused() {
    let start = "value = 20.0\nunit = \"s\"";
    for (from, to, message) in [
        (start, "value = 20.0\nunit = \"ms\"", "drift_start.unit is \"ms\"; allowed is \"s\""),
        (start, "value = -1.0\nunit = \"s\"", "drift_start is -1; allowed is a positive number"),
        (start, "value = nan\nunit = \"s\"", "drift_start.value is NaN; allowed is finite numbers"),
        (
            "value = 25.0",
            "value = -25.0",
            "conductance range is 0e0 to -2.5e-5 S; allowed is from 0 or more up to more than that",
        ),
        ("0.049, 0.1]", "0.2, 0.1]", "drift_mean is 0.2 to 0.1; allowed is bounds from 0 or more upward"),
    ] {
        assert!(JOSHI.contains(from), "{from}");
        assert_eq!(error(&JOSHI.replacen(from, to, 1)), format!("mine.toml: {message}"));
    }
    let unknown = error(&JOSHI.replacen("status = \"READ\"", "status = \"GUESSED\"", 1));
    assert!(unknown.contains("unknown variant `GUESSED`, expected one of `READ`, `DERIVED`, `RECALLED`"), "{unknown}");
    let short = error(&JOSHI.replacen("[0.26348, 1.9650, -1.1731]", "[0.26348, 1.9650]", 1));
    assert!(short.contains("invalid length 2, expected an array of length 3"), "{short}");
}
