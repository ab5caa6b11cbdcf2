//! Networks of the zoo made wider and narrower: channels by stage, weights in closed form, published counts, refusals.

use proptest::prelude::*;
use tilewright::network::reference::float;
use tilewright::network::{Network, NetworkError, zoo};

/// Output channels of a stage's convolutions, each number once, in order of appearance.
fn channels(network: &Network, stage: usize) -> Vec<usize> {
    let layers = network.layers().into_iter().filter(|layer| layer.name.starts_with(&format!("stage{stage}.")));
    let mut channels: Vec<usize> = layers.map(|layer| layer.shape.out_channels).collect();
    channels.dedup();
    channels
}

/// 3×3 layers of 6n + 2: the stem, 2n layers a stage, the first of which takes the channels of the stage before; `fc`.
fn resnet_cifar_weights(blocks: u64, [a, b, c]: [u64; 3]) -> u64 {
    let (all, but_one) = (2 * blocks, 2 * blocks - 1);
    9 * (3 * a + all * a * a + a * b + but_one * b * b + b * c + but_one * c * c) + 10 * c
}

#[test]
fn each_stage_has_its_channels() {
    for (name, expected) in [
        ("resnet20", [16, 32, 64]),
        ("resnet20:width=1.5", [24, 48, 96]),
        ("resnet32:width=1,1.5,2", [16, 48, 128]),
        // 12.5, 16.3, 40.7: halves up, otherwise to the nearest.
        ("resnet20:width=0.78125,0.51,0.636", [13, 16, 41]),
        ("resnet56:width=0.001,0.001,1", [1, 1, 64]),
        ("resnet8:width=2,1,0.5", [32, 32, 32]),
        ("vgg8:width=0.25", [32, 64, 128]),
    ] {
        let network = zoo::build(name).unwrap();
        network.verify().unwrap();
        for (stage, expected) in (1..).zip(expected) {
            assert_eq!(channels(&network, stage), [expected], "{name}, stage {stage}");
        }
        let stem = network.layers()[0].shape.out_channels;
        assert_eq!(stem, expected[0], "{name}: the stem is as wide as the first stage");
    }
    let network = zoo::build("resnet50:width=0.5,1,1,1").unwrap();
    assert_eq!(channels(&network, 1)[..4], [32, 128, 32, 128]);
    assert_eq!(channels(&network, 2), channels(&zoo::build("resnet50").unwrap(), 2));
}

#[test]
fn a_width_of_one_is_the_network_itself() {
    for entry in zoo::entries().iter().filter(|entry| entry.stages() > 0) {
        let network = entry.build().unwrap();
        assert_eq!(zoo::build(&format!("{}:width=1", entry.name)).unwrap(), network, "{}", entry.name);
        let factors = vec!["1.0"; entry.stages()].join(",");
        assert_eq!(zoo::build(&format!("{}:width={factors}", entry.name)).unwrap(), network, "{}", entry.name);
        let wide = zoo::build(&format!("{}:width=2", entry.name)).unwrap();
        assert_eq!(wide.layers().len(), network.layers().len());
        assert!(wide.macs() > 2 * network.macs(), "{}", entry.name);
    }
}

#[test]
fn the_name_says_the_width() {
    for (asked, name) in [
        ("resnet20:width=1.50", "resnet20:width=1.5"),
        ("resnet20:width= 2, 2,2", "resnet20:width=2"),
        ("resnet20:width=1,1,2", "resnet20:width=1,1,2"),
        ("resnet20:width=1,1,1", "resnet20"),
    ] {
        let network = zoo::build(asked).unwrap();
        assert_eq!(network.name, name);
        assert_eq!(zoo::build(name).unwrap(), network);
    }
}

#[test]
fn mobilenet_has_the_counts_of_its_width_multipliers() {
    // Howard et al. 2017, table 6: multiply-adds and parameters in millions; ours leave the batch normalisation out.
    for (width, macs, parameters) in [("1", 569, 4.2), ("0.75", 325, 2.6), ("0.5", 149, 1.3), ("0.25", 41, 0.5)] {
        let network = zoo::build(&format!("mobilenetv1:width={width}")).unwrap();
        assert_eq!((network.macs() as f64 / 1e6).round() as u64, macs, "{width}");
        assert!((network.weights() as f64 / 1e6 - parameters).abs() < 0.06, "{width}: {}", network.weights());
    }
}

#[test]
fn a_network_of_odd_widths_runs() {
    for name in ["resnet20:width=0.3,0.45,0.7", "resnet8:width=0.4,0.2,0.3"] {
        let network = zoo::build(name).unwrap().initialize(1).unwrap();
        let output = float::run(&network, &network.random_image(2)).unwrap().pop().unwrap();
        assert!(output.shape() == [10] && output.values().iter().all(|value| value.is_finite()), "{name}");
    }
}

#[test]
fn errors_say_what_is_allowed() {
    for (name, expected) in [
        (
            "resnet20:width=0",
            r#"network "resnet20" has the width "0"; give a number above 0 and up to 1024, as in width=1.5"#,
        ),
        ("resnet20:width=1,-1,1", r#"has the width "-1"; give a number above 0"#),
        ("resnet20:width=NaN", r#"has the width "NaN"; give a number above 0"#),
        ("resnet20:width=inf", r#"has the width "inf"; give a number above 0"#),
        ("resnet20:width=1e300", r#"has the width "1e300"; give a number above 0"#),
        ("resnet20:width=", r#"has the width ""; give a number above 0"#),
        ("resnet20:width=wide", r#"has the width "wide"; give a number above 0"#),
        ("resnet20:width=1,2", r#"network "resnet20" has 2 widths; give one for all stages, or one for each of the 3"#),
        ("vgg16:width=1,1,1,1,1,1", "has 6 widths; give one for all stages, or one for each of the 5"),
        ("lenet5:width=2", r#"network "lenet5" has no stages to make wider"#),
        (
            "resnet20:depth=2",
            r#"network "resnet20" has the option "depth=2"; the one there is is width, as in resnet20:width=1.5"#,
        ),
        ("resnet20:", r#"has the option """#),
        (
            "resnet20:width=4,1,1",
            r#"network "resnet20:width=4,1,1" has a stage of 32 channels after one of 64, and a shortcut without weights cannot drop"#,
        ),
        ("vgg16:width=1024", "weight values; at most"),
        ("resnet21:width=2", r#"no network "resnet21" in the zoo; did you mean "resnet20"?"#),
    ] {
        let error: NetworkError = zoo::build(name).expect_err(name);
        assert!(error.to_string().contains(expected), "{name}: {error}");
    }
}

proptest! {
    #[test]
    fn weights_are_the_closed_form(
        (name, blocks) in prop::sample::select(vec![("resnet20", 3), ("resnet32", 5), ("resnet110", 18)]),
        // In sixteenths the factors and products are exact.
        mut sixteenths in prop::array::uniform3(1u64..40),
    ) {
        sixteenths.sort_unstable();
        let factors = sixteenths.map(|part| (part as f64 / 16.0).to_string()).join(",");
        let network = zoo::build(&format!("{name}:width={factors}")).unwrap();
        let [a, b, c] = sixteenths;
        let widths = [a, 2 * b, 4 * c];
        prop_assert_eq!(network.weights(), resnet_cifar_weights(blocks, widths));
        prop_assert_eq!(zoo::build(&network.name).unwrap(), network);
    }
}
