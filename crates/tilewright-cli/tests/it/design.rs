//! One design behind a rate and a price.

use crate::command::{json_of, output_of, succeed, tilewright};
use crate::simulate::images;
use serde_json::Value;
use std::fs;
use std::path::Path;

fn simulated(design: &Path) -> Value {
    let mut command = tilewright("simulate lenet5-fashion-int8 --limit 8 --layer-images 0 --format json --data");
    command.arg(images()).arg("--design").arg(design);
    serde_json::from_str(&succeed(&mut command)).expect("JSON")
}

fn priced(design: &Path) -> Value {
    serde_json::from_str(&succeed(tilewright("cost lenet5-fashion-int8 --format json --design").arg(design)))
        .expect("JSON")
}

/// Crossbars, their size, bits of weights, of cells and of converters: as simulated and as priced.
fn machines(design: &Path) -> [Vec<Value>; 2] {
    let (rate, price) = (simulated(design), priced(design));
    let run = &rate["runs"][0];
    let of = |of: &Value, bits: &Value| {
        vec![
            of["scheme"].clone(),
            of["crossbars"].clone(),
            of["crossbar"].clone(),
            of["encoding"].clone(),
            bits.clone(),
        ]
    };
    [of(run, &run["hardware"]["adc"]["bits"]), of(&price, &price["adc"]["bits"])]
}

#[test]
fn a_rate_and_a_price_are_of_the_same_machine() {
    for design in ["isaac", "generic-22nm", "generic-65nm"] {
        let [rate, price] = machines(Path::new(design));
        assert_eq!(rate, price, "{design}");
    }
    let folder = tempfile::tempdir().expect("a folder for the test");
    let mine = folder.path().join("mine.toml");
    let text = output_of("design isaac");
    let write = |text: &str| fs::write(&mine, text).expect("writable");
    write(&text);
    let [before, _] = machines(&mine);
    for (line, changed) in [
        ("rows = 128, columns = 128", "rows = 64, columns = 64"),
        ("bits = 8", "bits = 6"),
        ("cell_bits = 2", "cell_bits = 4"),
    ] {
        assert!(text.contains(line), "{line}");
        write(&text.replacen(line, changed, 1));
        let [rate, price] = machines(&mine);
        assert_eq!(rate, price, "{changed}");
        assert_ne!(rate, before, "{changed}");
    }
}

/// A single column holds its weights shifted, as ISAAC's does; nothing is wrong with it, so that the rate is the integer network's.
#[test]
fn single_columns_are_exact() {
    let report = simulated(Path::new("isaac"));
    let run = &report["runs"][0];
    assert_eq!(run["mean"]["mean"], run["digital"]["rate"]);
    let exact = json_of(&format!(
        "simulate lenet5-fashion-int8 --scheme im2col --encoding single --cell-bits 2 --limit 8 --layer-images 4 --format json --data {}",
        images().display()
    ));
    let errors = exact["runs"][0]["layers"].as_array().expect("layers");
    assert!(errors.iter().all(|layer| layer["own"]["snr_db"].is_null()), "{exact}");
}

/// The old names still mean the same.
#[test]
fn chips_are_designs() {
    assert_eq!(output_of("chip isaac"), output_of("design isaac"));
    assert_eq!(
        output_of("cost lenet5 --chip isaac --format csv"),
        output_of("cost lenet5 --design isaac --format csv")
    );
}

/// The page of the documentation is the list; `TILEWRIGHT_BLESS=1` writes it.
#[test]
fn the_page_of_settings_is_the_list() {
    let listed = output_of("design --settings --format markdown");
    let page = format!(
        "# Settings\n\nEvery setting of a design that can be given by itself: as an option of the command (`--adc-bits 8`), an argument in Python\n(`adc_bits=8`), \
         or a value of `--vary` and of a search space. The values shown are those of `analog-22nm`, the default. Design files\nhold these settings \
         and [more](how-to/design.md#change-one-setting); `tilewright design NAME` prints one. `tilewright design --settings --format markdown` writes this page.\n\n{listed}"
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    if std::env::var_os("TILEWRIGHT_BLESS").is_some() {
        fs::write(&file, &page).expect("writable");
    }
    assert_eq!(fs::read_to_string(&file).expect("docs/settings.md"), page);
}
