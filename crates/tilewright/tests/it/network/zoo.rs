//! The zoo against published counts, and its small networks run.

use tilewright::network::reference::float;
use tilewright::network::{Network, NetworkError, Op, zoo};

/// The counts of one network.
struct Counts {
    name: &'static str,
    /// Weights of convolutions and dense layers, exactly.
    weights: u64,
    /// Multiply-accumulate operations, exactly.
    macs: u64,
    /// What the publication counts beside the weights.
    beside: Beside,
    /// Published parameters, to the digits published.
    parameters: &'static str,
    /// Published multiply-accumulate operations, to the digits published; empty if there are none for this variant.
    published_macs: &'static str,
}

/// Parameters that are not weights.
#[derive(Clone, Copy)]
enum Beside {
    /// A bias for every output channel; scale and shift of normalisations.
    Biases,
    /// A bias for the outputs of dense layers only; scale and shift of normalisations.
    DenseBiases,
    /// As `Biases`, and the running mean and variance, as Keras counts.
    BiasesAndMoments,
}

const fn counts(
    name: &'static str,
    [weights, macs]: [u64; 2],
    beside: Beside,
    [parameters, published_macs]: [&'static str; 2],
) -> Counts {
    Counts { name, weights, macs, beside, parameters, published_macs }
}

use Beside::{Biases, BiasesAndMoments, DenseBiases};

#[rustfmt::skip] // One network a line, sources above.
const PUBLISHED: &[Counts] = &[
    // LeCun et al. 1998 count 60 000: see `lenet5_differs_from_the_paper_as_documented`.
    counts("lenet5", [61_470, 416_520], Biases, ["61706", ""]),
    // Sze, Chen, Yang, Emer 2017, "Efficient processing of deep neural networks", table II.
    counts("alexnet", [60_954_656, 724_406_816], Biases, ["61 M", "724 M"]),
    // torchvision 0.29, `num_params` and `_ops` of the IMAGENET1K_V1 weights (operations there are multiply-accumulates).
    counts("alexnet-torchvision", [61_090_496, 714_188_480], Biases, ["61100840", "0.714 G"]),
    counts("vgg11", [132_851_392, 7_609_090_048], Biases, ["132863336", "7.609 G"]),
    counts("vgg13", [133_035_712, 11_308_466_176], Biases, ["133047848", "11.308 G"]),
    counts("vgg16", [138_344_128, 15_470_264_320], Biases, ["138357544", "15.470 G"]),
    counts("resnet18", [11_678_912, 1_814_073_344], DenseBiases, ["11689512", "1.814 G"]),
    counts("resnet34", [21_779_648, 3_663_761_408], DenseBiases, ["21797672", "3.664 G"]),
    counts("resnet50", [25_502_912, 4_089_184_256], DenseBiases, ["25557032", "4.089 G"]),
    counts("squeezenet1.1", [1_231_552, 349_151_936], Biases, ["1235496", "0.349 G"]),
    counts("mobilenetv2", [3_469_760, 300_774_272], DenseBiases, ["3504872", "0.301 G"]),
    // Parameters as PyTorch counts them in the DNN+NeuroSim layer list with biases, and in Liu's pytorch-cifar models.
    counts("vgg8", [12_973_440, 615_917_568], Biases, ["12976266", ""]),
    counts("vgg11-cifar", [9_222_848, 152_769_536], Biases, ["9231114", ""]),
    counts("vgg13-cifar", [9_407_168, 228_267_008], Biases, ["9416010", ""]),
    counts("vgg16-cifar", [14_715_584, 313_201_664], Biases, ["14728266", ""]),
    counts("resnet18-cifar", [11_164_352, 555_422_720], DenseBiases, ["11173962", "0.56 G"]),
    // Keras summary of the MLPerf Tiny reference model.
    counts("resnet8", [77_360, 12_501_632], BiasesAndMoments, ["78666", ""]),
    // Parameters: He, Zhang, Ren, Sun 2016, table 6. Operations: He, Kang, Dong, Fu, Yang 2018 (soft filter pruning) for 20
    // and 32 layers, Lin et al. 2020 (HRank) for 56 and 110.
    counts("resnet20", [268_336, 40_551_040], DenseBiases, ["0.27 M", "40.6 M"]),
    counts("resnet32", [461_872, 68_862_592], DenseBiases, ["0.46 M", "68.9 M"]),
    counts("resnet56", [848_944, 125_485_696], DenseBiases, ["0.85 M", "125.49 M"]),
    counts("resnet110", [1_719_856, 252_887_680], DenseBiases, ["1.7 M", "252.89 M"]),
    // Howard et al. 2017, table 8; exactly, the sums of TensorFlow's mobilenet_v1.py (3 185 088 weights, 567 716 352
    // operations) and `fc`.
    counts("mobilenetv1", [4_209_088, 568_740_352], DenseBiases, ["4.2 M", "569 M"]),
    // Huang, Liu, van der Maaten, Weinberger 2017, table 2.
    counts("densenet40", [1_001_616, 264_812_928], DenseBiases, ["1.0 M", ""]),
];

/// Checks `count` against a published figure such as `1.814 G`, rounded to its digits.
fn check_rounded(name: &str, count: u64, published: &str) {
    let (digits, unit) = published.split_once(' ').unwrap_or((published, ""));
    let scale = match unit {
        "G" => 1e9,
        "M" => 1e6,
        _ => 1.0,
    };
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(format!("{:.decimals$}", count as f64 / scale), digits, "{name}: {count} against {published}");
}

/// Weights, and what the publication counts beside them.
fn parameters(network: &Network, beside: Beside) -> u64 {
    let bias = |op: &Op| match op {
        Op::Conv(conv) if !matches!(beside, DenseBiases) => conv.out_channels,
        Op::Dense(dense) => dense.out_features,
        _ => 0,
    };
    let per_channel = if matches!(beside, BiasesAndMoments) { 4 } else { 2 };
    let extra: usize = network
        .nodes()
        .iter()
        .map(|node| if matches!(node.op, Op::BatchNorm(_)) { per_channel * node.shape[0] } else { bias(&node.op) })
        .sum();
    network.weights() + extra as u64
}

#[test]
fn counts_are_the_published_ones() {
    for row in PUBLISHED {
        let network = zoo::build(row.name).unwrap();
        assert_eq!((network.weights(), network.macs()), (row.weights, row.macs), "{}", row.name);
        check_rounded(row.name, parameters(&network, row.beside), row.parameters);
        if !row.published_macs.is_empty() {
            check_rounded(row.name, row.macs, row.published_macs);
        }
    }
}

#[test]
fn every_network_is_counted_and_valid() {
    for entry in zoo::entries() {
        let rows = PUBLISHED.iter().filter(|row| row.name == entry.name).count();
        assert_eq!(rows, 1, "{} has {rows} rows of published counts", entry.name);
        let network = entry.build().unwrap();
        network.verify().unwrap();
        assert_eq!(network.name, entry.name);
        let classes = if entry.data_set == "ImageNet" { 1000 } else { 10 };
        assert_eq!(network.shape(network.output()), [classes], "{}", entry.name);
    }
    assert_eq!(PUBLISHED.len(), zoo::entries().len());
}

#[test]
fn lenet5_differs_from_the_paper_as_documented() {
    let ours = parameters(&zoo::build("lenet5").unwrap(), Biases);
    // 36 of 96 pairs of maps not connected; a factor and a bias for each of 6 + 16 subsampled maps; no output layer.
    assert_eq!(ours - 36 * 25 + 2 * (6 + 16) - (84 * 10 + 10), 60_000);
}

#[test]
fn small_networks_run() {
    for name in ["lenet5", "resnet8", "resnet20"] {
        let network = zoo::build(name).unwrap().initialize(1).unwrap();
        let output = float::run(&network, &network.random_image(2)).unwrap().pop().unwrap();
        assert_eq!(output.shape(), [10], "{name}");
        assert!(output.values().iter().all(|value| value.is_finite()), "{name}: {:?}", output.values());
        let first = output.values()[0];
        assert!(output.values().iter().any(|&value| value != first), "{name}: {:?}", output.values());
    }
}

#[test]
fn an_unknown_name_suggests_the_nearest() {
    for (name, expected) in [("resnet-20", Some("resnet20")), ("VGG16", Some("vgg16")), ("transformer", None)] {
        let Err(NetworkError::UnknownNetwork { name: asked, suggestion }) = zoo::build(name) else {
            panic!("{name} is no network");
        };
        assert_eq!((asked.as_str(), suggestion.as_deref()), (name, expected));
    }
    let message = zoo::build("resnet-20").unwrap_err().to_string();
    assert_eq!(message, r#"no network "resnet-20" in the zoo; did you mean "resnet20"?"#);
}
