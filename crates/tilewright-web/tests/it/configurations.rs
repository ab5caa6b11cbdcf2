//! Random configurations, as questions and as command lines.

use serde_json::{Map, Value, json};
use tilewright::random::philox4x32;

const NETWORKS: [&str; 10] = [
    "lenet5",
    "vgg8",
    "vgg11-cifar",
    "resnet8",
    "resnet20",
    "resnet32",
    "resnet18",
    "resnet18-cifar",
    "squeezenet1.1",
    "mobilenetv1",
];
const SCHEMES: [&str; 8] = ["im2col", "smd", "sdk", "vw-sdk", "kernel-position", "sub-image", "unfolded", "optimal"];
const CHIPS: [&str; 6] = ["generic-22nm", "generic-65nm", "isaac", "puma", "neurram", "seed"];
const CROSSBARS: [&str; 7] = ["64", "128", "256", "512", "128x64", "96x200", "1024"];
const ENCODINGS: [&str; 3] = ["differential", "offset", "single"];
const KERNELS: [&str; 5] = ["3d", "2d1d", "ratio=0.5", "ratio=0.25:most-saved", "ratio=0.75:last"];
const WEIGHT_BITS: [u32; 3] = [4, 6, 8];
const CELL_BITS: [u32; 4] = [1, 2, 3, 4];
const INPUT_BITS: [u32; 3] = [4, 6, 8];

/// Options by their names without dashes, `model` among them.
pub(crate) type Options = Map<String, Value>;

/// The configuration of a number; every other option is left to the design.
pub(crate) fn configuration(number: u32) -> Options {
    let words = |block| philox4x32([number, block, 0, 0], [20, 5]);
    let [a, b, c] = [0, 1, 2].map(words);
    let pick = |word: u32, count: usize| word as usize % count;
    let mut options = Options::new();
    options.insert("model".into(), NETWORKS[pick(a[0], NETWORKS.len())].into());
    options.insert("scheme".into(), SCHEMES[pick(a[1], SCHEMES.len())].into());
    options.insert("chip".into(), CHIPS[pick(a[2], CHIPS.len())].into());
    let mut maybe = |name: &str, word: u32, values: &[Value]| {
        if word & (1 << 20) != 0 {
            options.insert(name.into(), values[pick(word, values.len())].clone());
        }
    };
    maybe("crossbar", b[0], &CROSSBARS.map(Value::from));
    maybe("encoding", b[1], &ENCODINGS.map(Value::from));
    maybe("kernels", b[2], &KERNELS.map(Value::from));
    maybe("weight-bits", b[3], &WEIGHT_BITS.map(Value::from));
    maybe("cell-bits", c[0], &CELL_BITS.map(Value::from));
    maybe("input-bits", c[1], &INPUT_BITS.map(Value::from));
    options
}

/// The question that the page asks.
pub(crate) fn question(options: &Options) -> Value {
    json!({ "ask": "look", "setup": options, "layer": null })
}
