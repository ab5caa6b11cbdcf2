//! The trained zoo: every card against its files, the base network and the mapping engine.

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::executor::Executor;
use tilewright::network::reference::{integer, quantized};
use tilewright::network::{
    Conv, ConvShape, Dense, IntegerLayer, Network, Op, Rounding, Tensor, Weights, integer_layers,
};
use tilewright_models::trained::{self, Card, FileFacts, Precision, Role, Trained};
use tilewright_models::{named, resolve};

fn card(trained: &Trained) -> Card {
    trained.card().unwrap_or_else(|error| panic!("{error}"))
}

fn network(trained: &Trained, precision: Precision) -> Network {
    trained.network(precision).unwrap_or_else(|error| panic!("{error}"))
}

fn layers(network: &Network) -> Vec<(String, ConvShape)> {
    network.layers().into_iter().map(|layer| (layer.name, layer.shape)).collect()
}

fn weights(op: &Op) -> Option<&Weights> {
    match op {
        Op::Conv(Conv { weights, .. }) | Op::Dense(Dense { weights, .. }) => weights.as_ref(),
        _ => None,
    }
}

#[test]
fn every_run_has_its_log() {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("trained/logs");
    for trained in trained::entries() {
        let card = trained.card().expect("a card");
        for run in &card.test.runs {
            let log = logs.join(format!("{}-seed{}.csv", card.name, run.seed));
            let text = fs::read_to_string(&log).unwrap_or_else(|error| panic!("{}: {error}", log.display()));
            let last = text.lines().last().expect("epochs").split(',').collect::<Vec<_>>();
            assert_eq!(last[0], card.training.epochs.to_string(), "{}: the last epoch", log.display());
            // Training tests in its own precision, the card in single precision.
            let rate = 100.0 * run.float as f64 / card.test.images as f64;
            let logged: f64 = last[3].parse().expect("a rate");
            assert!((logged - rate).abs() < 0.3, "{}: {logged} % in the log, {rate} % in the card", log.display());
        }
    }
}

/// What a command starts from or is taught by is there: a network of the trained zoo, or a run of one or of its card.
#[test]
fn commands_name_networks_that_are_there() {
    let cards: Vec<Card> = trained::entries().iter().map(card).collect();
    let mut named = BTreeSet::new();
    for card in &cards {
        let before = &card.training.before;
        for command in before.iter().map(|run| &run.command).chain([&card.training.command]) {
            let words: Vec<&str> = command.split_whitespace().collect();
            for pair in words.windows(2).filter(|pair| ["--start", "--teacher"].contains(&pair[0])) {
                let run = pair[1].strip_prefix("runs/").and_then(|run| run.strip_suffix("-seed{seed}"));
                let name = run.unwrap_or(pair[1]);
                let is_known = cards.iter().any(|other| other.name == name)
                    || (run.is_some() && before.iter().any(|run| run.name == name));
                assert!(is_known, "{}: {command} names {name}", card.name);
                named.insert(name.to_owned());
            }
        }
        for (old, new) in &card.training.renamed {
            assert!(card.training.command.split(' ').any(|word| word == new), "{}: {new}", card.name);
            assert!(card.training.command.split(' ').all(|word| word != old), "{}: {old}", card.name);
        }
    }
    for card in cards.iter().filter(|card| card.role == Some(Role::Teacher)) {
        assert!(named.contains(&card.name), "nobody is taught by {}", card.name);
    }
}

#[test]
fn a_recipe_is_a_command_without_what_it_trains() {
    let recipe = trained::recipe;
    assert_eq!(
        recipe("python -m tilewright.train resnet8 --kernels 2d1d --epochs 8 --start a"),
        "--epochs 8 --start a"
    );
    assert_eq!(
        recipe("python -m tilewright.train resnet8 --epochs 8 --kernels=2d1d --no-flip"),
        "--epochs 8 --no-flip"
    );
    assert_eq!(recipe("python -m tilewright.train resnet8"), "");
    let mut card = card(&trained::entries()[0]);
    let own = card.recipe();
    let command = "python -m tilewright.train lenet5 --epochs 2".into();
    card.training.before = vec![trained::RunBefore { name: "first".into(), command }];
    assert_eq!(card.recipe(), format!("--epochs 2, then {own}"));
}

#[test]
fn every_file_in_the_folder_belongs_to_a_network() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("trained");
    let mut found: Vec<String> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name != "logs")
        .collect();
    found.sort();
    let files = |trained: &Trained| ["", "-int8"].map(|form| format!("{}{form}.onnx", trained.name));
    let card = |trained: &Trained| format!("{}.json", trained.name);
    let mut known: Vec<String> =
        trained::entries().iter().flat_map(|trained| files(trained).into_iter().chain([card(trained)])).collect();
    known.sort();
    assert_eq!(found, known, "files in the folder, and those of the networks in NETWORKS");
    let bytes =
        |trained: &Trained| Precision::ALL.map(|precision| trained.bytes(precision).len()).iter().sum::<usize>();
    let total: usize = trained::entries().iter().map(bytes).sum();
    assert!(total <= 25_000_000, "all networks together take {total} bytes; 25 MB may be embedded");
}

#[test]
fn files_are_those_of_the_card() {
    for trained in trained::entries() {
        let facts = card(trained).files;
        for (precision, facts) in [(Precision::Float, facts.float), (Precision::Int8, facts.int8)] {
            let bytes = trained.bytes(precision);
            let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(FileFacts { bytes: bytes.len() as u64, sha256 }, facts, "{}", trained.name_of(precision));
        }
    }
}

#[test]
fn layers_are_those_of_the_base_network_with_the_kernels_of_the_card() {
    for trained in trained::entries() {
        let base = card(trained).base().expect("checked with the card");
        for precision in Precision::ALL {
            let network = network(trained, precision);
            assert_eq!(network.name, trained.name_of(precision));
            assert_eq!(layers(&network), layers(&base), "{}", network.name);
            assert_eq!(network.shape(network.input()), base.shape(base.input()), "{}", network.name);
            assert_eq!(network.shape(network.output()), base.shape(base.output()), "{}", network.name);
        }
    }
}

#[test]
fn every_layer_has_weights_and_the_8_bit_form_has_integers() {
    for trained in trained::entries() {
        for precision in Precision::ALL {
            let network = network(trained, precision);
            for layer in network.layers() {
                let name = format!("{} of {}", layer.name, network.name);
                let node = network.node(layer.node);
                let weights = weights(&node.op).unwrap_or_else(|| panic!("{name} has no weights"));
                if precision == Precision::Float {
                    assert_eq!(weights.scale, None, "{name}");
                    continue;
                }
                let scale = weights.scale.as_ref().unwrap_or_else(|| panic!("{name} is not quantised"));
                assert_eq!(scale.len(), layer.shape.out_channels, "{name} has a scale per output channel");
                let per_channel = weights.values.values().len() / scale.len();
                for (index, weight) in weights.values.values().iter().enumerate() {
                    let level = weight / scale[index / per_channel];
                    assert!(
                        (level - level.round()).abs() < 1e-3 && level.abs() < 127.5,
                        "{name} has the level {level}"
                    );
                }
                let input = &network.node(node.inputs[0]).op;
                assert!(matches!(input, Op::FakeQuantize { .. }), "the input of {name} is not rounded");
            }
        }
    }
}

/// The fast executor computes them in the integers they hold: the same bits as exact sums, so `evaluate` and `simulate` run one
/// network.
#[test]
fn the_8_bit_form_is_one_integer_network() {
    let rounding = Rounding::to_bits(8, 8);
    let convolve =
        |layer: &IntegerLayer, input: &Tensor<i32>| Ok(integer::convolve(&layer.layer.shape, input, &layer.weights));
    for trained in trained::entries() {
        let network = network(trained, Precision::Int8);
        let layers = integer_layers(&network, &[], rounding).expect("it says what its layers take");
        let image = network.random_image(1);
        let expected = quantized::run(&network, &layers, &image, convolve).expect("an image of its shape");
        let found = Executor::new(&network).and_then(|executor| executor.run(&[image])).expect("an image of its shape");
        assert_eq!(Some(&found[0]), expected.last(), "{}", network.name);
    }
}

#[test]
fn crossbars_are_those_the_engine_counts() {
    let sub_image = scheme::find("sub-image").expect("a scheme");
    for trained in trained::entries() {
        let card = card(trained);
        let count = |side: usize| {
            let size = CrossbarSize { rows: side, columns: side };
            let target = Target::new(size, Encoding::whole(SignRule::Differential));
            let mapping = map_network(&network(trained, Precision::Float), sub_image, &target, None).expect("it fits");
            mapping.total().expect("no overflow").crossbars
        };
        let found = [count(128), count(256)];
        assert_eq!([card.crossbars.of_128, card.crossbars.of_256], found, "{}: \"crossbars\"", trained.name);
    }
}

/// Both count the same images with the same stored file, this crate's networks and ONNX Runtime.
#[test]
fn onnx_runtime_recognises_what_the_card_says() {
    for trained in trained::entries() {
        let Card { test, training, onnxruntime, .. } = card(trained);
        let run = test.runs.iter().find(|run| run.seed == training.stored_seed).expect("checked with the card");
        for (reported, recorded) in [(run.float, onnxruntime.float.all), (run.int8, onnxruntime.int8.all)] {
            let allowed = test.images.div_ceil(2_000);
            assert!(reported.abs_diff(recorded) <= allowed, "{}: {reported} and {recorded} images", trained.name);
        }
    }
}

#[test]
fn names_are_unique_and_found() {
    let names: Vec<String> = trained::names().collect();
    for name in &names {
        assert_eq!(names.iter().filter(|&other| other == name).count(), 1, "{name}");
        assert!(tilewright::network::zoo::names().all(|other| other != name), "{name} is in the zoo");
        assert_eq!(&resolve(name).unwrap_or_else(|error| panic!("{error}")).name, name);
    }
    let error = named("lenet5-fashoin-int8").expect_err("no such network").to_string();
    assert!(error.contains("did you mean \"lenet5-fashion-int8\"?"), "{error}");
    let error = resolve("resnet2").expect_err("no such network").to_string();
    assert!(error.contains("did you mean \"resnet20\"?") || error.contains("did you mean \"resnet8\"?"), "{error}");
}

#[test]
fn mean_and_deviation_are_those_of_the_seeds() {
    let mut card = card(&trained::entries()[0]);
    card.test.images = 100;
    let seeds: [(u64, u64); 3] = [(1, 90), (2, 92), (3, 97)];
    card.test.runs = seeds.map(|(seed, float)| trained::Run { seed, float, int8: 50, int4: None }).to_vec();
    let rate = card.rate(Precision::Float);
    // Mean 93; squares 9 + 1 + 16 over two degrees of freedom: 13.
    assert!((rate.mean - 0.93).abs() < 1e-12 && rate.seeds == 3, "{rate:?}");
    assert!((rate.deviation.expect("three seeds") - 13f64.sqrt() / 100.0).abs() < 1e-12, "{rate:?}");
    assert_eq!(card.rate(Precision::Int8).deviation, Some(0.0));
    card.test.runs.truncate(1);
    assert_eq!(card.rate(Precision::Float).deviation, None);
}

#[test]
fn wrong_cards_say_what_is_wrong() {
    let good = card(&trained::entries()[0]);
    let text = serde_json::to_value(&good).expect("JSON");
    assert_eq!(Card::parse(&good.name, &text.to_string()), Ok(good.clone()));
    for (place, value, expected) in [
        ("/name", "\"other\"", "\"name\" is \"other\""),
        ("/network", "\"lenet6\"", "no network \"lenet6\" in the zoo; did you mean \"lenet5\"?"),
        ("/kernels", "\"ratio=2\"", "\"network\" and \"kernels\""),
        ("/kernels", "\"ratio=0.5:most-saved\"", "give first or last"),
        ("/normalization/std", "[0.0]", "above 0"),
        ("/normalization/mean", "[0.1, 0.2]", "one of each a channel"),
        ("/training/stored_seed", "99", "stored seed 99"),
        ("/test/runs/0/seed", "2", "give one a seed"),
        ("/test/runs/0/float", "10001", "10001 images recognised of 10000"),
        ("/test/runs/0/float", "0.89", "floating point"),
        ("/test/images", "0", "of 0 tested"),
        ("/files/int8/sha256", "\"ABC\"", "64 digits"),
        ("/training", "{}", "missing field"),
    ] {
        let mut wrong = text.clone();
        *wrong.pointer_mut(place).expect("a key of the card") = serde_json::from_str(value).expect("JSON");
        let error = Card::parse(&good.name, &wrong.to_string()).expect_err(place).to_string();
        assert!(error.contains(&good.name) && error.contains(expected), "{place} = {value}: {error}");
    }
    let error = Card::parse("x", "{\"nme\": 1}").expect_err("an unknown key").to_string();
    assert!(error.contains("nme") && error.contains("line 1"), "{error}");
}
