//! Arrays that hold one copy of a network under im2col at 128×128, one column per weight, element row split, as PIMCOMP-NN
//! counts them: grouped and depthwise layers stored as dense matrices with zeros. AlexNet is the original two-group network.
//!
//! MobileNetV2's counts with block-diagonal packing and with one channel an array are derived, not published.

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

#[test]
fn one_copy_takes_the_published_arrays() {
    assert_eq!(crossbars("alexnet", GroupRule::Dense), [230, 3_584]);
    assert_eq!(crossbars("vgg16", GroupRule::Dense), [902, 7_552]);
    assert_eq!(crossbars("resnet18", GroupRule::Dense), [695, 32]);
    assert_eq!(crossbars("mobilenetv2", GroupRule::Dense), [2_926, 80]);
}

#[test]
fn packing_the_depthwise_layers_saves_what_was_derived() {
    assert_eq!(crossbars("mobilenetv2", GroupRule::Packed).iter().sum::<u64>(), 816);
    assert_eq!(crossbars("mobilenetv2", GroupRule::Separate).iter().sum::<u64>(), 7_433);
}
