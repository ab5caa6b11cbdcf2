//! Recognition rates: of the stored networks against those ONNX Runtime recorded, and the command's forms and refusals.

use crate::command::{onnx_model, refused, succeed, tilewright};
use serde_json::{Value, json};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tilewright::accuracy::{Trial, evaluate};
use tilewright_data::Places;
use tilewright_data::catalog::Entry;
use tilewright_models::trained::{self, Card, Precision, Recognised};

/// The images that an unoptimised build has time for.
const FIRST: usize = 500;

/// The folder of a data set: where the command looks, or beside the repository; `None` says that it is not there.
pub(crate) fn folder(entry: &Entry) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let found = Places::new(None).find(entry).or_else(|| Places::new(Some(&beside)).find(entry));
    if found.is_none() {
        eprintln!("not run: {0} is not here; get it with `tilewright data fetch {0}`", entry.name);
    }
    found
}

/// With all images in an optimised build (`just test-slow`), and then exactly what the card says; with the first 500 otherwise.
/// `TILEWRIGHT_BLESS=1` writes what is counted into the cards, of all images only; review the difference.
#[test]
fn stored_networks_recognise_what_the_card_and_onnx_runtime_do() {
    let blessing = std::env::var_os("TILEWRIGHT_BLESS").is_some_and(|value| value == "1");
    for network in trained::entries() {
        let mut card = network.card().unwrap_or_else(|error| panic!("{error}"));
        let entry = Entry::named(&card.data_set).expect("a data set of the catalog");
        let Some(folder) = folder(entry) else { continue };
        let set = tilewright_data::load(entry, &entry.test, &folder).unwrap_or_else(|error| panic!("{error:#}"));
        assert_eq!(set.len() as u64, card.test.images, "{}", network.name);
        let limit = if cfg!(debug_assertions) { FIRST } else { set.len() };
        let normalization = card.normalization();
        let trial = Trial { set: &set, first: 0, limit, normalization: &normalization, top: 1, threads: 2 };
        let recorded = card.onnxruntime;
        for (precision, recorded) in [(Precision::Float, recorded.float), (Precision::Int8, recorded.int8)] {
            let model = network.network(precision).unwrap_or_else(|error| panic!("{error}"));
            let found = evaluate(&model, &trial, &|_, _| ControlFlow::Continue(())).expect("it goes with its data set");
            let name = network.name_of(precision);
            if limit != FIRST {
                let told = told(&mut card, precision);
                if blessing {
                    *told = found.top1.correct;
                }
                assert_eq!(*told, found.top1.correct, "{name}: the card's count and this one");
            }
            let Recognised { first_500, all } = recorded;
            let (expected, allowed) = if limit == FIRST { (first_500, 1) } else { (all, limit as u64 / 2_000) };
            let difference = found.top1.correct.abs_diff(expected);
            assert!(difference <= allowed, "{name}: {found:?}, ONNX Runtime {expected}");
        }
        if blessing && limit != FIRST {
            write(&card);
        }
    }
}

/// What a card says its stored network recognises.
fn told(card: &mut Card, precision: Precision) -> &mut u64 {
    let stored = card.training.stored_seed;
    let run = card.test.runs.iter_mut().find(|run| run.seed == stored).expect("checked with the card");
    match precision {
        Precision::Float => &mut run.float,
        Precision::Int8 => &mut run.int8,
    }
}

/// Into the folder of the trained zoo.
fn write(card: &Card) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tilewright-models/trained");
    let text = serde_json::to_string_pretty(card).expect("a card has a JSON form");
    fs::write(folder.join(format!("{}.json", card.name)), text + "\n").expect("the folder is writable");
}

/// A card's normalisation is that of its data set, unless there is a reason that this test then names.
#[test]
fn cards_normalise_as_their_data_sets() {
    for network in trained::entries() {
        let card = network.card().unwrap_or_else(|error| panic!("{error}"));
        let entry = Entry::named(&card.data_set).expect("a data set of the catalog");
        assert_eq!(card.normalization(), entry.normalization, "{}", network.name);
        assert_eq!(card.test.images as usize, entry.test.images, "{}", network.name);
    }
}

/// A folder with files in the form of Fashion-MNIST: black test images, labelled 0 to 9 in turn.
fn black_images() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).expect("written");
    write("t10k-images-idx3-ubyte", [words(&[0x0803, 10_000, 28, 28]), vec![0; 10_000 * 28 * 28]].concat());
    write("t10k-labels-idx1-ubyte", [words(&[0x0801, 10_000]), (0..10_000).map(|i| (i % 10) as u8).collect()].concat());
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"].iter().for_each(|name| write(name, vec![]));
    folder
}

#[test]
fn rates_in_every_form() {
    let folder = black_images();
    let of = |arguments: &str| {
        let mut command = tilewright(&format!("evaluate lenet5-fashion --limit 50 {arguments}"));
        succeed(command.arg("--data").arg(folder.path()))
    };
    // Equal images are all taken for one class, which is right for every tenth.
    let found: Value = serde_json::from_str(&of("--top 10 --confusion --format json")).expect("JSON");
    assert_eq!(
        (&found["top1"]["correct"], &found["top1"]["images"], &found["top1"]["rate"]),
        (&json!(5), &json!(50), &json!(0.1))
    );
    assert_eq!((&found["top"]["classes"], &found["top"]["correct"]), (&json!(10), &json!(50)));
    assert_eq!((&found["images"], &found["mean"]), (&json!("fashion-mnist test"), &json!([0.286])));
    let confusion = found["confusion"].as_array().expect("rows");
    let taken = confusion[0].as_array().expect("a row").iter().position(|count| *count == json!(5)).expect("one class");
    assert!(confusion.iter().all(|row| row[taken] == json!(5)), "{confusion:?}");
    let plain: Value = serde_json::from_str(&of("--format json")).expect("JSON");
    assert!(plain.get("confusion").is_none() && plain["top"]["classes"] == json!(5));
    let other: Value =
        serde_json::from_str(&of("--mean 0.5 --std 0.25 --set fashion-mnist --format json")).expect("JSON");
    assert_eq!((&other["mean"], &other["std"]), (&json!([0.5]), &json!([0.25])));
    let text = of("--confusion");
    assert!(text.contains("10.00%") && text.contains("4.35% to 21.36%") && text.contains("images a second"), "{text}");
    let csv = of("--format csv");
    assert!(csv.starts_with(
        "network,images,classes,correct,of,rate,low,high,version,command\nlenet5-fashion,fashion-mnist test,1,5,50,0.1,"
    ));
    assert_eq!(csv.lines().count(), 3);
}

#[test]
fn what_cannot_be_evaluated_is_refused() {
    let folder = black_images();
    let with = |arguments: &str| {
        let mut command = tilewright(&format!("evaluate {arguments}"));
        command.arg("--data").arg(folder.path());
        command
    };
    let empty = tempfile::tempdir().expect("a folder for the test");
    refused(
        tilewright("evaluate lenet5-fashion").arg("--data").arg(empty.path()),
        &["fashion-mnist is not in", "data fetch"],
    );
    let file = onnx_model().display().to_string();
    refused(&mut with(&file), &["nothing says what", "classifies", "--set cifar10, cifar100, mnist, fashion-mnist"]);
    refused(&mut with("lenet5 --set fashion-mnist"), &["lenet5 has no weights", "lenet5-fashion, lenet5-fashion-int8"]);
    refused(&mut with("lenet5-fashionable"), &["did you mean \"lenet5-fashion\"?"]);
    refused(&mut with("lenet5-fashion --limit 0"), &["--limit"]);
    refused(&mut with("lenet5-fashion --top 11"), &["the 11 best classes", "1 to 10"]);
    refused(&mut with("lenet5-fashion --mean 0.5"), &["--std"]);
    refused(&mut with("lenet5-fashion --mean 0.5 --std 0"), &["--std", "0.000001 to 10"]);
    refused(&mut with("lenet5-fashion --mean 0.5,0.5 --std 1"), &["--mean has 2 numbers and --std 1"]);
    refused(&mut with("lenet5-fashion --mean 0.5,0.5 --std 1,1"), &["2 channels", "has images of 1"]);
    refused(
        &mut with(&format!("{} --set fashion-mnist", onnx_model().display())),
        &["takes images of", "has images of 1×28×28"],
    );
}
