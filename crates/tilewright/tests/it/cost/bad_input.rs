//! Bad chips and constants: one error that names file and key.

use tilewright::cost::{CostError, CostModel, InputHistograms, Library, Settings};
use tilewright::hardware::{Design, preset_text};

/// A preset with one line replaced.
fn broken(preset: &str, from: &str, to: &str) -> String {
    let text = preset_text(preset).expect("it is built in");
    assert!(text.contains(from), "{preset} has no {from:?}");
    let broken = text.replacen(from, to, 1);
    let error = Design::parse("mine.toml", &broken)
        .map_err(CostError::from)
        .and_then(|chip| CostModel::new(&chip, &Library::built_in(), Settings::default()).map(drop));
    error.expect_err("it is wrong").to_string()
}

fn assert_says(error: &str, words: &[&str]) {
    words.iter().for_each(|word| assert!(error.contains(word), "{error:?} does not say {word:?}"));
}

#[test]
fn chips() {
    let chip = |from: &str, to: &str| broken("generic-22nm", from, to);
    assert_says(&chip("node_nm = 22", "node_nm = 7"), &["mine.toml", "node_nm", "7 nm", "22 to 130 nm"]);
    assert_says(&chip("layout_overhead = 0.25", "layout_overhead = -1"), &["mine.toml", "layout_overhead", "-1"]);
    assert_says(
        &chip("component = \"driver\"", "component = \"drivr\""),
        &["macro[1].component", "did you mean \"driver\""],
    );
    assert_says(&chip("columns = 8", "columns = 0"), &["mine.toml", "adc.columns"]);
    assert_says(&chip("walden-typical", "waldn"), &["mine.toml", "adc.model", "andrulis"]);
    assert_says(&chip("rows = 128", "rows = 0"), &["mine.toml", "crossbar"]);
    assert_says(&chip("input_bits = 8", "input_bits = 99"), &["mine.toml", "input_bits", "1 to 16"]);
    assert_says(&chip("clock_ghz = 1.0", "clock_ghz = 0"), &["mine.toml", "clock_ghz", "above 0"]);
    assert_says(&chip("cell.1t1r-22nm", "cell.unknown"), &["mine.toml", "cell.unknown", "cell.1t1r-22nm"]);
    assert_says(&chip("clock_ghz = 1.0", "clock_ghz = 1.0\ncolour = 1"), &["mine.toml", "colour"]);
    assert_says(&chip("name = ", "name "), &["mine.toml", "line"]);
    let count = chip("component = \"driver\"", "component = \"driver\"\ncount = -2");
    assert_says(&count, &["mine.toml", "macro[1].count", "-2"]);
    let missing = chip("component = \"driver\"", "component = \"driver\"\nconstants = \"driver.none\"");
    assert_says(&missing, &["mine.toml", "driver", "driver.none", "driver.wl"]);
    assert_says(&Design::preset("isac").expect_err("a typing error").to_string(), &["did you mean \"isaac\""]);
}

#[test]
fn constants() {
    let merge = |text: &str| Library::built_in().merge("mine.toml", text).expect_err("it is wrong").to_string();
    let rest = "source = \"me\"\nstatus = \"assumed\"\n";
    assert_says(&merge(&format!("[\"a.area\"]\nvalue = 1.0\n{rest}")), &["mine.toml", "a.area", "unit"]);
    let unit = merge(&format!("[\"a.area\"]\nvalue = 1.0\nunit = \"acre\"\n{rest}"));
    assert_says(&unit, &["mine.toml", "a.area", "acre", "um^2"]);
    let negative = merge(&format!("[\"a.area\"]\nvalue = -1.0\nunit = \"um^2\"\n{rest}"));
    assert_says(&negative, &["mine.toml", "a.area", "-1", "at least 0"]);
    assert_says(&merge("[\"a.area\"]\nvalue = 1.0\nunit = \"um^2\"\n"), &["mine.toml", "a.area", "source"]);
    assert_says(&merge("]"), &["mine.toml"]);
}

#[test]
fn a_constant_of_another_kind_or_beyond_the_nodes() {
    let price = |entry: &str| {
        let mut library = Library::built_in();
        library.merge("mine.toml", entry).expect("it reads");
        let chip = Design::preset("generic-22nm").expect("it is built in");
        CostModel::new(&chip, &library, Settings::default()).map(drop).expect_err("it is wrong").to_string()
    };
    let volts = "[\"driver.wl.area\"]\nvalue = 1.0\nunit = \"V\"\nsource = \"me\"\nstatus = \"assumed\"\n";
    assert_says(&price(volts), &["mine.toml", "driver.wl.area", "\"V\"", "um^2"]);
    let beyond =
        "[\"driver.wl.area\"]\nvalue = 1.0\nunit = \"um^2\"\nnode_nm = 7\nsource = \"me\"\nstatus = \"assumed\"\n";
    assert_says(&price(beyond), &["mine.toml", "driver.wl.area", "7 nm", "22 to 130 nm"]);
}

/// A constant that nothing reads is refused if it is new, and told if it replaces a built-in one.
#[test]
fn constants_that_do_nothing() {
    let with = |id: &str| {
        let mut library = Library::built_in();
        let entry = "value = 1.0\nunit = \"um^2\"\nsource = \"me\"\nstatus = \"assumed\"\n";
        library.merge("mine.toml", &format!("[{id:?}]\n{entry}")).expect("it reads");
        let chip = Design::preset("generic-22nm").expect("a preset");
        let model = CostModel::new(&chip, &library, Settings::default()).expect("it is valid");
        library.verify_read(&model).map(|()| model)
    };
    let slip = with("drivr.wl.area").map(drop).expect_err("nothing reads it").to_string();
    assert_says(&slip, &["mine.toml", "drivr.wl.area", "generic-22nm", "did you mean \"driver.wl.area\"?"]);
    let network = tilewright::network::zoo::build("lenet5").expect("a network of the zoo");
    let notes = |id: &str| {
        let model = with(id).expect("it is known");
        let mapping = model.map(&network, &tilewright::mapping::scheme::Im2col).expect("it fits");
        model.cost(&network, &mapping).expect("it is priced").notes.join(" ")
    };
    assert_says(&notes("driver.isaac.area"), &["generic-22nm reads none", "driver.isaac.area"]);
    assert!(!notes("driver.wl.area").contains("reads none"));
    assert!(!notes("adc.isaac.area").contains("reads none"), "the spread over models reads it");
}

#[test]
fn inputs_of_a_layer_that_is_not_there() {
    let chip = Design { input_bits: 1, ..Design::preset("generic-22nm").expect("a preset") };
    let inputs = InputHistograms::parse("mine.json", "{\"*\": [1, 1], \"cnv1\": [1, 2]}").expect("it reads");
    let model =
        CostModel::new(&chip, &Library::built_in(), Settings { inputs, ..Settings::default() }).expect("it is valid");
    let network = tilewright::network::zoo::build("lenet5").expect("a network of the zoo");
    let im2col = &tilewright::mapping::scheme::Im2col;
    let mapping = model.map(&network, im2col).expect("it fits");
    let errors = [
        model.cost(&network, &mapping).map(drop),
        model.map_for(&network, im2col, &model.target(), (None, None)).map(drop),
    ];
    for error in errors {
        let error = error.expect_err("no such layer").to_string();
        assert_says(&error, &["mine.json", "cnv1", "lenet5", "did you mean \"conv1\"?"]);
    }
}

#[test]
fn inputs_of_a_layer_that_are_wider_than_the_chip() {
    let chip = Design { input_bits: 4, ..Design::preset("generic-22nm").expect("a preset") };
    let settings = Settings { layer_inputs: [("conv2".to_owned(), 6)].into_iter().collect(), ..Settings::default() };
    let model = CostModel::new(&chip, &Library::built_in(), settings).expect("it is valid");
    let network = tilewright::network::zoo::build("lenet5").expect("a network of the zoo");
    let mapping = model.map(&network, &tilewright::mapping::scheme::Im2col).expect("it fits");
    let error = model.cost(&network, &mapping).expect_err("too wide").to_string();
    assert_says(&error, &["\"conv2\"", "6 bits", "generic-22nm", "at most 4"]);
}

#[test]
fn a_mapping_for_another_chip() {
    let library = Library::built_in();
    let model =
        |name| CostModel::new(&Design::preset(name).expect("a preset"), &library, Settings::default()).expect("valid");
    let network = tilewright::network::zoo::build("lenet5").expect("a network of the zoo");
    let mapping = model("neurram").map(&network, &tilewright::mapping::scheme::Im2col).expect("it fits");
    let error = model("isaac").cost(&network, &mapping).expect_err("other crossbars");
    assert!(matches!(error, CostError::Setting { .. }));
    assert_says(&error.to_string(), &["256×256", "128×128", "isaac"]);
}
