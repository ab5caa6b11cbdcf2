//! Arrays that hold one copy of a network under im2col at 128×128, one column per weight, element row split, as PIMCOMP-NN
//! counts them: grouped and depthwise layers stored as dense matrices with zeros. AlexNet is the original two-group network.
//!
//! MobileNetV2's counts with block-diagonal packing and with one channel an array are derived, not published.

use crate::figures::{Figure, Publication};
use tilewright::mapping::{CrossbarSize, Encoding, GroupRule, SignRule, Target, map_network, scheme};
use tilewright::network::{LayerKind, zoo};

/// Crossbars of the convolutions and of the dense layers.
fn crossbars(network: &str, groups: GroupRule) -> [u64; 2] {
    let crossbar = CrossbarSize { rows: 128, columns: 128 };
    let target = Target { groups: Some(groups), ..Target::new(crossbar, Encoding::whole(SignRule::Single)) };
    let network = zoo::build(network).expect("in the zoo");
    let im2col = scheme::find("im2col").expect("a scheme");
    let mapping = map_network(&network, im2col, &target, None).expect("it fits");
    let sum = |dense: bool| {
        let layers = mapping.layers.iter().filter(|layer| (layer.kind == LayerKind::Dense) == dense);
        layers.map(|layer| layer.counts.crossbars).sum()
    };
    [sum(false), sum(true)]
}

pub(crate) fn publication() -> Publication {
    let about = "Arrays of 128×128 that hold one copy of a network under im2col, one column a weight; grouped layers as dense matrices \
                 with zeros.";
    Publication {
        title: "PIMCOMP (Sun et al. 2023)",
        about,
        citation: include_str!("citation.bib"),
        figures: figures(),
    }
}

fn figures() -> Vec<Figure> {
    let published =
        [("alexnet", [230, 3_584]), ("vgg16", [902, 7_552]), ("resnet18", [695, 32]), ("mobilenetv2", [2_926, 80])];
    let of_a_network = |(network, published): (&str, [u32; 2])| {
        let ours = crossbars(network, GroupRule::Dense);
        [("convolutions", 0), ("dense layers", 1)]
            .map(|(part, at)| Figure::new(format!("{network}, {part}"), published[at].into(), ours[at] as f64))
    };
    published.into_iter().flat_map(of_a_network).collect()
}

#[test]
fn one_copy_takes_the_published_arrays() {
    figures().iter().for_each(|figure| figure.assert_within(0.0));
}

#[test]
fn packing_the_depthwise_layers_saves_what_was_derived() {
    assert_eq!(crossbars("mobilenetv2", GroupRule::Packed).iter().sum::<u64>(), 816);
    assert_eq!(crossbars("mobilenetv2", GroupRule::Separate).iter().sum::<u64>(), 7_433);
}
