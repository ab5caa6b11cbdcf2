//! The zoo: published networks by name, untrained.
//!
//! A name is the family and depth in lower case; the data set follows where it is not the one of the paper that introduced
//! the network (`vgg16` is the ImageNet network of its paper, `vgg16-cifar` the one others cut down).
//!
//! Modelled: every convolution and dense layer with its true stride, padding and groups, batch normalisation, activations,
//! pooling, shortcuts. Left out of every network, because none of it reaches a crossbar: biases, dropout, local response
//! normalisation, the final softmax.
//!
//! # Adding a network
//! 1. One file here with a `build(&mut Network) -> Result<(), NetworkError>` that appends the layers to a network that has
//!    only its input; its module documentation names the source and every choice the source leaves open.
//! 2. One line in `NETWORKS` below.
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
    layers: fn(&mut Network) -> Result<(), NetworkError>,
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
    entry("vgg8-cifar", CIFAR, "Peng, Huang, Jiang, Lu, Yu 2019, the benchmark of DNN+NeuroSim", vgg::vgg8_cifar),
    entry("vgg11-cifar", CIFAR, "Simonyan, Zisserman 2015, A; cut down by Liu (pytorch-cifar)", |net| vgg::cifar(net, vgg::A)),
    entry("vgg13-cifar", CIFAR, "Simonyan, Zisserman 2015, B; cut down by Liu (pytorch-cifar)", |net| vgg::cifar(net, vgg::B)),
    entry("vgg16-cifar", CIFAR, "Simonyan, Zisserman 2015, D; cut down by Liu (pytorch-cifar)", |net| vgg::cifar(net, vgg::D)),
    entry("vgg11", IMAGENET, "Simonyan, Zisserman 2015, table 1, A", |net| vgg::imagenet(net, vgg::A)),
    entry("vgg13", IMAGENET, "Simonyan, Zisserman 2015, table 1, B", |net| vgg::imagenet(net, vgg::B)),
    entry("vgg16", IMAGENET, "Simonyan, Zisserman 2015, table 1, D", |net| vgg::imagenet(net, vgg::D)),
    entry("resnet8", CIFAR, "Banbury et al. 2021, the image classifier of MLPerf Tiny", resnet8::build),
    entry("resnet20", CIFAR, "He, Zhang, Ren, Sun 2016, section 4.2, n = 3", |net| resnet_cifar::build(net, 3)),
    entry("resnet32", CIFAR, "He, Zhang, Ren, Sun 2016, section 4.2, n = 5", |net| resnet_cifar::build(net, 5)),
    entry("resnet56", CIFAR, "He, Zhang, Ren, Sun 2016, section 4.2, n = 9", |net| resnet_cifar::build(net, 9)),
    entry("resnet110", CIFAR, "He, Zhang, Ren, Sun 2016, section 4.2, n = 18", |net| resnet_cifar::build(net, 18)),
    entry("resnet18", IMAGENET, "He, Zhang, Ren, Sun 2016, table 1", resnet::resnet18),
    entry("resnet34", IMAGENET, "He, Zhang, Ren, Sun 2016, table 1", resnet::resnet34),
    entry("resnet50", IMAGENET, "He, Zhang, Ren, Sun 2016, table 1; strides as torchvision (v1.5)", resnet::resnet50),
    entry("resnet18-cifar", CIFAR, "He, Zhang, Ren, Sun 2016; small stem by Liu (pytorch-cifar)", resnet::resnet18_cifar),
    entry("squeezenet1.1", IMAGENET, "Iandola et al. 2016, release 1.1", squeezenet::build),
    entry("mobilenetv1", IMAGENET, "Howard et al. 2017, table 1, width 1.0", mobilenetv1::build),
    entry("mobilenetv2", IMAGENET, "Sandler, Howard, Zhu, Zhmoginov, Chen 2018, table 2, width 1.0", mobilenetv2::build),
    entry("densenet40", CIFAR, "Huang, Liu, van der Maaten, Weinberger 2017, L = 40, k = 12", |net| densenet::build(net, 40, 12)),
];

const fn entry(
    name: &'static str,
    (data_set, input): (&'static str, [usize; 3]),
    source: &'static str,
    layers: fn(&mut Network) -> Result<(), NetworkError>,
) -> Entry {
    Entry { name, input, data_set, source, layers }
}

impl Entry {
    /// The network, without weights.
    ///
    /// # Errors
    /// Never for an entry of this zoo, which its tests build in full.
    pub fn build(&self) -> Result<Network, NetworkError> {
        let mut network = Network::new(self.name, self.input.to_vec());
        (self.layers)(&mut network)?;
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

/// The network called `name`, without weights; [`Network::initialize`] gives it random ones.
///
/// ```
/// let network = tilewright::network::zoo::build("resnet20")?;
/// assert_eq!(network.layers().len(), 20);
/// # Ok::<(), tilewright::network::NetworkError>(())
/// ```
///
/// # Errors
/// [`NetworkError::UnknownNetwork`] with the nearest name there is.
pub fn build(name: &str) -> Result<Network, NetworkError> {
    match NETWORKS.iter().find(|entry| entry.name == name) {
        Some(entry) => entry.build(),
        None => {
            Err(NetworkError::UnknownNetwork { name: name.into(), suggestion: nearest(name, names()).map(Into::into) })
        }
    }
}
