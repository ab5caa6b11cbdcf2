//! The zoo: published networks by name, untrained.
//!
//! A name is the family and depth in lower case; the data set follows where it is not the one of the paper that introduced
//! the network (`vgg16` is the ImageNet network of its paper, `vgg16-cifar` the one others cut down).
//!
//! A network with stages can be made wider or narrower: `resnet20:width=1.5` has 1.5 times the channels everywhere,
//! `resnet20:width=1,1.5,2` another factor in each of its three stages. Channels are rounded to the nearest whole number, halves
//! up, and are at least 1; the stem goes with the first stage, and dense layers keep their outputs. The network is called so too,
//! unless every factor is 1.
//!
//! Modelled: every convolution and dense layer with its true stride, padding and groups, batch normalisation, activations,
//! pooling, shortcuts. Left out of every network, because none of it reaches a crossbar: biases, dropout, local response
//! normalisation, the final softmax.
//!
//! # Adding a network
//! 1. One file here with a `build(&mut Network) -> Result<(), NetworkError>` that appends the layers to a network that has
//!    only its input; its module documentation names the source and every choice the source leaves open. One with stages
//!    also takes their `&Widths` and asks it for the channels.
//! 2. One line in `NETWORKS` below, `entry` or, with the number of its stages, `staged`.
//! 3. Its row of published counts in `tests/it/network/zoo.rs`; then `TILEWRIGHT_BLESS=1 cargo test layer_tables` writes
//!    its layer table, to be reviewed against the source.

mod alexnet;
mod alexnet_torchvision;
mod block;
mod densenet;
mod lenet5;
mod mobilenetv1;
mod mobilenetv2;
mod resnet;
mod resnet8;
mod resnet_cifar;
mod squeezenet;
mod vgg;
mod width;

pub use width::{MAX_WIDTH, Widths};

use super::nearest::nearest;
use super::{Network, NetworkError};

/// A network of the zoo.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What [`build`] knows it by.
    pub name: &'static str,
    /// Shape of its image `[channels, height, width]`.
    pub input: [usize; 3],
    /// What it classifies.
    pub data_set: &'static str,
    /// Who published it where, and which variant it is.
    pub source: &'static str,
    layers: Layers,
}

/// How the layers of a network are appended.
#[derive(Clone, Copy, Debug)]
enum Layers {
    /// In one width.
    Fixed(fn(&mut Network) -> Result<(), NetworkError>),
    /// With as many width factors as there are stages.
    Staged(usize, fn(&mut Network, &Widths) -> Result<(), NetworkError>),
}

const MNIST: (&str, [usize; 3]) = ("MNIST", [1, 28, 28]);
const CIFAR: (&str, [usize; 3]) = ("CIFAR-10", [3, 32, 32]);
const IMAGENET: (&str, [usize; 3]) = ("ImageNet", [3, 224, 224]);
const IMAGENET_227: (&str, [usize; 3]) = ("ImageNet", [3, 227, 227]);

#[rustfmt::skip] // One network a line.
static NETWORKS: &[Entry] = &[
    entry("lenet5", MNIST, "LeCun, Bottou, Bengio, Haffner 1998, all maps of conv2 connected", lenet5::build),
    entry("alexnet", IMAGENET_227, "Krizhevsky, Sutskever, Hinton 2012, the original in two groups", alexnet::build),
    entry("alexnet-torchvision", IMAGENET, "Krizhevsky 2014, one column, as torchvision has it", alexnet_torchvision::build),
    staged("vgg8", CIFAR, "Peng, Huang, Jiang, Lu, Yu 2019, the benchmark of DNN+NeuroSim", 3, vgg::vgg8_cifar),
    staged("vgg11-cifar", CIFAR, "Simonyan, Zisserman 2015, A; cut down by Liu (pytorch-cifar)", 5, |net, widths| vgg::cifar(net, widths, vgg::A)),
    staged("vgg13-cifar", CIFAR, "Simonyan, Zisserman 2015, B; cut down by Liu (pytorch-cifar)", 5, |net, widths| vgg::cifar(net, widths, vgg::B)),
    staged("vgg16-cifar", CIFAR, "Simonyan, Zisserman 2015, D; cut down by Liu (pytorch-cifar)", 5, |net, widths| vgg::cifar(net, widths, vgg::D)),
    staged("vgg11", IMAGENET, "Simonyan, Zisserman 2015, table 1, A", 5, |net, widths| vgg::imagenet(net, widths, vgg::A)),
    staged("vgg13", IMAGENET, "Simonyan, Zisserman 2015, table 1, B", 5, |net, widths| vgg::imagenet(net, widths, vgg::B)),
    staged("vgg16", IMAGENET, "Simonyan, Zisserman 2015, table 1, D", 5, |net, widths| vgg::imagenet(net, widths, vgg::D)),
    staged("resnet8", CIFAR, "Banbury et al. 2021, the image classifier of MLPerf Tiny", 3, resnet8::build),
    staged("resnet20", CIFAR, "He, Zhang, Ren, Sun 2016, section 4.2, n = 3", 3, |net, widths| resnet_cifar::build(net, widths, 3)),
    staged("resnet32", CIFAR, "He, Zhang, Ren, Sun 2016, section 4.2, n = 5", 3, |net, widths| resnet_cifar::build(net, widths, 5)),
    staged("resnet56", CIFAR, "He, Zhang, Ren, Sun 2016, section 4.2, n = 9", 3, |net, widths| resnet_cifar::build(net, widths, 9)),
    staged("resnet110", CIFAR, "He, Zhang, Ren, Sun 2016, section 4.2, n = 18", 3, |net, widths| resnet_cifar::build(net, widths, 18)),
    staged("resnet18", IMAGENET, "He, Zhang, Ren, Sun 2016, table 1", 4, resnet::resnet18),
    staged("resnet34", IMAGENET, "He, Zhang, Ren, Sun 2016, table 1", 4, resnet::resnet34),
    staged("resnet50", IMAGENET, "He, Zhang, Ren, Sun 2016, table 1; strides as torchvision (v1.5)", 4, resnet::resnet50),
    staged("resnet18-cifar", CIFAR, "He, Zhang, Ren, Sun 2016; small stem by Liu (pytorch-cifar)", 4, resnet::resnet18_cifar),
    entry("squeezenet1.1", IMAGENET, "Iandola et al. 2016, release 1.1", squeezenet::build),
    staged("mobilenetv1", IMAGENET, "Howard et al. 2017, table 1, width 1.0", mobilenetv1::STAGES, mobilenetv1::build),
    entry("mobilenetv2", IMAGENET, "Sandler, Howard, Zhu, Zhmoginov, Chen 2018, table 2, width 1.0", mobilenetv2::build),
    entry("densenet40", CIFAR, "Huang, Liu, van der Maaten, Weinberger 2017, L = 40, k = 12", |net| densenet::build(net, 40, 12)),
];

type DataSet = (&'static str, [usize; 3]);

const fn entry(
    name: &'static str,
    (data_set, input): DataSet,
    source: &'static str,
    layers: fn(&mut Network) -> Result<(), NetworkError>,
) -> Entry {
    Entry { name, input, data_set, source, layers: Layers::Fixed(layers) }
}

const fn staged(
    name: &'static str,
    (data_set, input): DataSet,
    source: &'static str,
    stages: usize,
    layers: fn(&mut Network, &Widths) -> Result<(), NetworkError>,
) -> Entry {
    Entry { name, input, data_set, source, layers: Layers::Staged(stages, layers) }
}

impl Entry {
    /// How many stages there are whose width can be chosen; 0 if it cannot be.
    pub const fn stages(&self) -> usize {
        match self.layers {
            Layers::Fixed(_) => 0,
            Layers::Staged(stages, _) => stages,
        }
    }

    /// The network as published, without weights.
    ///
    /// # Errors
    /// Never for an entry of this zoo, which its tests build in full.
    pub fn build(&self) -> Result<Network, NetworkError> {
        self.build_at(&Widths::one(self.stages()))
    }

    fn build_at(&self, widths: &Widths) -> Result<Network, NetworkError> {
        let name = if widths.is_one() { self.name.into() } else { format!("{}:width={widths}", self.name) };
        let mut network = Network::new(name, self.input.to_vec());
        match self.layers {
            Layers::Fixed(layers) => layers(&mut network)?,
            Layers::Staged(_, layers) => layers(&mut network, widths)?,
        }
        Ok(network)
    }
}

/// All networks, families together, small before large.
pub fn entries() -> &'static [Entry] {
    NETWORKS
}

/// The names of all networks, in the order of [`entries`].
pub fn names() -> impl Iterator<Item = &'static str> {
    NETWORKS.iter().map(|entry| entry.name)
}

/// The network called `name`, without weights; [`Network::initialize`] gives it random ones. The width of its stages may come
/// after its name, one for all or one for each.
///
/// ```
/// use tilewright::network::zoo;
///
/// assert_eq!(zoo::build("resnet20")?.layers().len(), 20);
/// let wide = zoo::build("resnet20:width=1,1.5,2")?;
/// assert_eq!(wide.name, "resnet20:width=1,1.5,2");
/// assert_eq!(wide.layers()[18].shape.out_channels, 128);
/// # Ok::<(), tilewright::network::NetworkError>(())
/// ```
///
/// # Errors
/// [`NetworkError::UnknownNetwork`] with the nearest name there is; [`NetworkError::Width`] if the network has no stages, another
/// number of them, or cannot be that wide; [`NetworkError::Layer`] if a layer would become too large.
pub fn build(name: &str) -> Result<Network, NetworkError> {
    let (network, option) = name.split_once(':').map_or((name, None), |(network, option)| (network, Some(option)));
    let entry = NETWORKS.iter().find(|entry| entry.name == network).ok_or_else(|| NetworkError::UnknownNetwork {
        name: network.into(),
        suggestion: nearest(network, names()).map(Into::into),
    })?;
    let Some(option) = option else { return entry.build() };
    let Some(widths) = option.strip_prefix("width=") else {
        let problem = format!("has the option {option:?}; the one there is is width, as in {network}:width=1.5");
        return Err(NetworkError::Width { network: network.into(), problem });
    };
    entry.build_at(&Widths::parse(entry, widths)?)
}
