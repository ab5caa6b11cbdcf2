//! Kernel plans: what they select, what they make of a network, and that the result computes the same.

use proptest::prelude::*;
use std::sync::Arc;
use tilewright::network::reference::float;
use tilewright::network::{
    Between, Conv, ConvShape, KernelPlan, LayerKind, NamedLayer, Network, NetworkError, NodeId, Op, Padding,
    ReplaceRule, ReplacedLayers, Tensor, Weights, zoo,
};

fn replaced(network: &Network, plan: &KernelPlan) -> Network {
    plan.select(network).unwrap().apply(network).unwrap()
}

/// The names of the layers a plan selects, most-saved by weights.
fn selected(network: &Network, plan: &str) -> Vec<String> {
    let replacement = plan.parse::<KernelPlan>().unwrap().select_by(network, saved_weights).unwrap();
    replacement.layers().iter().map(|layer| network.node(layer.node).name.clone()).collect()
}

fn saved_weights(shape: &ConvShape, rank: usize) -> i64 {
    shape.weights() as i64 - (rank * shape.in_channels * (shape.taps() + shape.out_channels)) as i64
}

const ALL: ReplacedLayers = ReplacedLayers::All { rank: 1 };

fn named(name: &str, rank: usize) -> NamedLayer {
    NamedLayer { name: name.into(), rank }
}

#[test]
fn resnet20_has_nineteen_replaceable_layers_the_stem_among_them() {
    let network = zoo::build("resnet20").unwrap();
    let replacement = KernelPlan::from(ALL).select(&network).unwrap();
    assert_eq!((replacement.layers().len(), replacement.replaceable(), replacement.ratio()), (19, 19, 1.0));

    let network = replacement.apply(&network).unwrap();
    let names: Vec<&str> = network.nodes()[..5].iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["input", "conv1.2d", "conv1.1d", "conv1.batch_norm", "conv1.batch_norm.relu"]);
    let count = |kind| network.layers().iter().filter(|layer| layer.shape.kind() == kind).count();
    assert_eq!([LayerKind::Kernel2d, LayerKind::Kernel1d, LayerKind::Dense].map(count), [19, 19, 1]);
}

#[test]
fn only_standard_convolutions_of_several_taps_are_replaceable() {
    for (name, expected) in [("alexnet", 2), ("lenet5", 2), ("mobilenetv1", 1), ("resnet50", 17), ("densenet40", 37)] {
        assert_eq!(zoo::build(name).unwrap().replaceable_layers().len(), expected, "{name}");
    }
}

#[test]
fn every_network_keeps_its_shapes_and_saves_what_the_closed_form_says() {
    for entry in zoo::entries() {
        let network = entry.build().unwrap();
        let result = replaced(&network, &ALL.into());
        result.verify().unwrap();
        assert_eq!((&result.name, result.replaceable_layers().len()), (&network.name, 0), "{}", entry.name);
        for (id, node) in network.iter() {
            let replaced = network.layer(id).is_some_and(|layer| layer.shape.is_replaceable());
            let name = if replaced { format!("{}.1d", node.name) } else { node.name.clone() };
            let new = result.nodes().iter().find(|new| new.name == name).unwrap();
            assert_eq!(new.shape, node.shape, "{} {name}", entry.name);
        }
        // C·K² + C·M weights in place of C·K²·M; the 2D kernel makes C outputs per pixel, the 1D kernel M, each once.
        let (mut weights, mut macs) = (network.weights(), network.macs());
        for layer in network.replaceable_layers() {
            let shape = layer.shape;
            let pixels = shape.output().iter().product::<usize>() as u64;
            let new_weights = (shape.in_channels * shape.taps() + shape.in_channels * shape.out_channels) as u64;
            weights = weights + new_weights - shape.weights();
            macs = macs + new_weights * pixels - shape.macs();
        }
        assert_eq!((result.weights(), result.macs()), (weights, macs), "{}", entry.name);
    }
}

#[test]
fn rules_select_in_their_order() {
    let mut network = Network::new("rules", vec![4, 8, 8]);
    let mut x = network.input();
    for (name, channels) in [("a", 4), ("b", 8), ("c", 4), ("d", 8), ("e", 2)] {
        x = network.conv(name, x, Conv::same(channels, 3)).unwrap();
    }
    let network = network;
    // Weights saved: a 92, b 220, c 184, d 220, e 56.
    for (plan, expected) in [
        ("ratio=0.4", "a b"),
        ("ratio=0.5", "a b c"),
        ("ratio=0.49", "a b"),
        ("ratio=0.4:last", "d e"),
        ("ratio=0.2:most-saved", "b"),
        ("ratio=0.4:most-saved", "b d"),
        ("ratio=0.6:most-saved", "b c d"),
        ("ratio=0.8:most-saved", "a b c d"),
        ("e, a", "a e"),
        ("a,a", "a"),
        ("3d", ""),
        ("2d1d", "a b c d e"),
    ] {
        assert_eq!(selected(&network, plan).join(" "), expected, "{plan}");
    }
}

#[test]
fn only_replaced_layers_lose_their_weights_and_the_bias_moves_to_the_1d_kernel() {
    let bias: Arc<[f32]> = [1.0, 2.0, 3.0].into();
    let mut network = Network::new("weights", vec![2, 5, 5]);
    let x = network.conv("a", network.input(), Conv { bias: Some(bias.clone()), ..Conv::same(3, 3) }).unwrap();
    network.conv("b", x, Conv::same(3, 3)).unwrap();
    let network = network.initialize(1).unwrap();
    let result = replaced(&network, &"a".parse().unwrap());
    let conv = |network: &Network, name: &str| match &network.nodes().iter().find(|node| node.name == name).unwrap().op
    {
        Op::Conv(conv) => conv.clone(),
        op => panic!("{name} is a {}", op.name()),
    };
    let (kernel_2d, kernel_1d) = (conv(&result, "a.2d"), conv(&result, "a.1d"));
    assert_eq!((kernel_2d.weights, kernel_2d.bias), (None, None));
    assert_eq!((kernel_1d.weights, kernel_1d.bias), (None, Some(bias)));
    assert_eq!(conv(&result, "b"), conv(&network, "b"));
}

#[test]
fn a_rank_is_the_number_of_2d_kernels_per_channel_up_to_what_a_layer_can_use() {
    let network = zoo::build("lenet5").unwrap();
    let channels = |plan: &str| -> Vec<(usize, usize)> {
        let kernels = replaced(&network, &plan.parse().unwrap()).layers();
        let is_2d_or_1d = |name: &str| name.ends_with(".2d") || name.ends_with(".1d");
        let shapes = kernels.iter().filter(|layer| is_2d_or_1d(&layer.name)).map(|layer| layer.shape);
        shapes.map(|shape| (shape.in_channels, shape.out_channels)).collect()
    };
    assert_eq!(channels("2d1d"), [(1, 1), (1, 6), (6, 6), (6, 16)]);
    assert_eq!(channels("2d1d*3"), [(1, 3), (3, 6), (6, 18), (18, 16)]);
    assert_eq!(channels("conv2*2"), [(6, 12), (12, 16)]);
    assert_eq!(channels("ratio=0.5*2"), [(1, 2), (2, 6)]);
    // 6 outputs of conv1, 16 of conv2; 25 taps.
    assert_eq!(channels("2d1d*100"), [(1, 6), (6, 6), (6, 96), (96, 16)]);
}

#[test]
fn what_lies_between_the_kernels_is_named_after_the_2d_kernel_and_stays_digital() {
    let network = zoo::build("resnet8").unwrap();
    let with = |between| KernelPlan { layers: ReplacedLayers::Named(vec![named("stage2.block1.conv1", 1)]), between };
    let plain = replaced(&network, &with(Between::Nothing));
    for (between, added) in [
        (Between::Nothing, vec![]),
        (Between::Norm, vec!["stage2.block1.conv1.2d.batch_norm"]),
        (Between::NormRelu, vec!["stage2.block1.conv1.2d.batch_norm", "stage2.block1.conv1.2d.batch_norm.relu"]),
    ] {
        let result = replaced(&network, &with(between));
        result.verify().unwrap();
        let shapes = |network: &Network| network.layers().into_iter().map(|layer| layer.shape).collect::<Vec<_>>();
        assert_eq!(shapes(&result), shapes(&plain), "{between}");

        let at = |name: &str| result.nodes().iter().position(|node| node.name == name).unwrap();
        let (first, last) = (at("stage2.block1.conv1.2d"), at("stage2.block1.conv1.1d"));
        let names: Vec<&str> = result.nodes()[first + 1..last].iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, added);
        assert!((first + 1..=last).all(|id| result.nodes()[id].inputs == [NodeId(id - 1)]), "{between}: not a chain");
        let ops: Vec<&str> = result.nodes()[first + 1..last].iter().map(|node| node.op.name()).collect();
        assert_eq!(ops, ["batch_norm", "relu"][..added.len()]);
    }
}

#[test]
fn an_activation_between_the_kernels_cuts_what_the_2d_kernels_yield() {
    // One pixel: the 2D kernels yield 2·3 and −1·5, the 1D kernel adds both.
    let mut network = Network::new("relu", vec![2, 1, 1]);
    network.conv("conv", network.input(), Conv::same(1, 3)).unwrap();
    let image = Tensor::new(vec![2, 1, 1], vec![2.0, -1.0]);
    for (plan, expected) in [("2d1d", 1.0), ("2d1d+norm", 1.0), ("2d1d+norm-relu", 6.0)] {
        let pair = with_weights(&replaced(&network, &plan.parse().unwrap()), |name, shape| match name {
            // The tap in the middle of each 3×3 kernel.
            "conv.2d" => (0..shape.iter().product()).map(|at| [3.0, 5.0][at / 9] * f32::from(at % 9 == 4)).collect(),
            _ => vec![1.0; shape.iter().product()],
        });
        assert_eq!(float::run(&pair, &image).unwrap().pop().unwrap().values(), [expected], "{plan}");
    }
}

/// `network` with the weights of each convolution by its name and their shape.
fn with_weights(network: &Network, weights: impl Fn(&str, &[usize]) -> Vec<f32>) -> Network {
    let mut result = Network::new(&*network.name, network.shape(network.input()).to_vec());
    for (id, node) in network.iter().skip(1) {
        let mut op = node.op.clone();
        if let Op::Conv(conv) = &mut op {
            let shape = network.layer(id).unwrap().shape;
            let axes = vec![shape.out_channels, shape.group_inputs(), shape.kernel[0], shape.kernel[1]];
            let values = weights(&node.name, &axes);
            conv.weights = Some(Weights { values: Arc::new(Tensor::new(axes, values)), scale: None });
        }
        result.push(&node.name, op, &node.inputs).unwrap();
    }
    result
}

#[test]
fn plans_read_what_they_print() {
    for (text, plan) in [
        ("3d", ReplacedLayers::None),
        ("2d1d", ALL),
        ("2d1d*3", ReplacedLayers::All { rank: 3 }),
        ("ratio=0.5:first", ReplacedLayers::Ratio { ratio: 0.5, rule: ReplaceRule::First, rank: 1 }),
        ("ratio=1:most-saved*2", ReplacedLayers::Ratio { ratio: 1.0, rule: ReplaceRule::MostSaved, rank: 2 }),
        ("conv1,stage1.conv1*2", ReplacedLayers::Named(vec![named("conv1", 1), named("stage1.conv1", 2)])),
        ("a*b,a*2*1,*3*4", ReplacedLayers::Named(vec![named("a*b", 1), named("a*2", 1), named("*3", 4)])),
    ] {
        let plan = KernelPlan::from(plan);
        assert_eq!(text.parse::<KernelPlan>().unwrap(), plan);
        assert_eq!(plan.to_string(), text);
    }
    let default = ReplacedLayers::Ratio { ratio: 0.5, rule: ReplaceRule::First, rank: 1 };
    assert_eq!("ratio=0.5".parse::<KernelPlan>().unwrap(), default.into());
}

#[test]
fn errors_name_what_was_found_and_what_is_allowed() {
    let network = zoo::build("lenet5").unwrap();
    for (plan, expected) in [
        ("", r#"kernel plan is ""; give 3d, 2d1d, ratio=0.5, or layer names such as conv1,conv2"#),
        ("conv1,", r#"kernel plan is "conv1,"; give 3d, 2d1d, ratio=0.5, or layer names such as conv1,conv2"#),
        ("ratio=half", r#"kernel plan has the ratio "half"; give a number from 0 to 1, as in ratio=0.5"#),
        ("ratio=50", "kernel plan has the ratio 50; give 0 to 1, a share of the layers; did you mean 0.5 for 50 %?"),
        ("ratio=NaN", "kernel plan has the ratio NaN; give 0 to 1, a share of the layers"),
        ("2d1d+relu", r#"kernel plan puts "relu" between the 2D and the 1D kernel; give nothing, norm or norm-relu"#),
        ("ratio=0.5+", r#"kernel plan puts "" between the 2D and the 1D kernel; give nothing, norm or norm-relu"#),
        (
            "3d+nrom+norm",
            r#"kernel plan puts "nrom" between the 2D and the 1D kernel; give nothing, norm or norm-relu"#,
        ),
        ("3d+norm+norm", r#"kernel plan is "3d+norm" and more; give one word after the +"#),
        ("conv1+nrom", r#"kernel plan names "conv1+nrom", which is not a layer of "lenet5"; did you mean "conv1"?"#),
        ("+norm", r#"kernel plan is ""; give 3d, 2d1d, ratio=0.5, or layer names such as conv1,conv2"#),
        ("ratio=0.5:best", r#"kernel plan has the rule "best"; give first, last or most-saved"#),
        (
            "ratio=0.5:most-saved",
            "kernel plan replaces the layers that save most, but nobody said what each saves; give first or last",
        ),
        ("2d1d*0", r#"kernel plan has the rank 0 for "conv1"; give 1 or more"#),
        ("conv2*0", r#"kernel plan has the rank 0 for "conv2"; give 1 or more"#),
        ("2d1d*2+norm+norm", r#"kernel plan is "2d1d*2+norm" and more; give one word after the +"#),
        ("conv2*2,conv1,conv2", r#"kernel plan names "conv2" with the ranks 2 and 1; give one"#),
        ("conv3", r#"kernel plan names "conv3", which is not a layer of "lenet5"; did you mean "conv1"?"#),
        (
            "stage1",
            r#"kernel plan names "stage1", which is not a layer of "lenet5"; 2 can be replaced, the first are conv1, conv2"#,
        ),
        ("fc1", r#"kernel plan names "fc1", a dense layer; only 3d layers with more than one tap can be replaced"#),
        (
            "conv1.tanh",
            r#"kernel plan names "conv1.tanh", a tanh; only 3d layers with more than one tap can be replaced"#,
        ),
    ] {
        let error: NetworkError = plan.parse::<KernelPlan>().and_then(|plan| plan.select(&network)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let out_of_range = ReplacedLayers::Ratio { ratio: -0.1, rule: ReplaceRule::Last, rank: 1 };
    assert!(KernelPlan::from(out_of_range).select(&network).is_err());
}

#[test]
fn a_replacement_of_another_network_is_refused() {
    for (from, to) in [("lenet5", "vgg8"), ("resnet110", "resnet20")] {
        let [from, to] = [from, to].map(|name| zoo::build(name).unwrap());
        let replacement = KernelPlan::from(ALL).select(&from).unwrap();
        let message = replacement.apply(&to).unwrap_err().to_string();
        assert!(message.starts_with("kernel plan is of another network: node"), "{message}");
    }
}

fn any_plan() -> impl Strategy<Value = KernelPlan> {
    // Names with a plus or a star, and such as look like what may lie between or like a rank.
    let name = "[a-z][a-z0-9_./]{0,6}([*][0-9x]){0,2}([+](norm|norm-relu|nothing|x)){0,2}";
    let rank = 1..4usize;
    let layers = prop_oneof![
        Just(ReplacedLayers::None),
        rank.clone().prop_map(|rank| ReplacedLayers::All { rank }),
        (0.0..=1.0f64, any_rule(), rank.clone()).prop_map(|(ratio, rule, rank)| ReplacedLayers::Ratio {
            ratio,
            rule,
            rank
        }),
        prop::collection::vec((name, rank).prop_map(|(name, rank)| NamedLayer { name, rank }), 1..4)
            .prop_map(ReplacedLayers::Named),
    ];
    let between = prop_oneof![Just(Between::Nothing), Just(Between::Norm), Just(Between::NormRelu)];
    (layers, between).prop_map(|(layers, between)| KernelPlan { layers, between })
}

fn any_rule() -> impl Strategy<Value = ReplaceRule> {
    prop_oneof![Just(ReplaceRule::First), Just(ReplaceRule::Last), Just(ReplaceRule::MostSaved)]
}

proptest! {
    #[test]
    fn every_plan_reads_what_it_prints(plan in any_plan()) {
        prop_assert_eq!(plan.to_string().parse::<KernelPlan>().unwrap(), plan);
    }

    #[test]
    fn a_ratio_replaces_its_share_and_a_greater_one_more(
        name in prop::sample::select(vec!["lenet5", "resnet8", "resnet20", "squeezenet1.1", "vgg16"]),
        low in 0.0..=1.0f64,
        high in 0.0..=1.0f64,
        rule in any_rule(),
    ) {
        let network = zoo::build(name).unwrap();
        let plan = |ratio| KernelPlan::from(ReplacedLayers::Ratio { ratio, rule, rank: 1 });
        let at = |ratio| plan(ratio).select_by(&network, saved_weights).unwrap();
        prop_assert_eq!(at(0.0).apply(&network).unwrap(), network.clone());
        prop_assert_eq!(at(1.0), KernelPlan::from(ALL).select(&network).unwrap());

        let (few, many) = (at(low.min(high)), at(low.max(high)));
        prop_assert!(few.layers().iter().all(|layer| many.layers().contains(layer)));
        prop_assert!((few.ratio() - low.min(high)).abs() <= 0.5 / few.replaceable() as f64 + 1e-12);
        let result = many.apply(&network).unwrap();
        result.verify().unwrap();
        prop_assert_eq!(result.layers().len(), network.layers().len() + many.layers().len());
    }

    #[test]
    fn a_separable_kernel_computes_the_same_as_its_replacement(
        (inputs, outputs) in (1..5usize, 1..5usize),
        kernel in (1..4usize, 2..4usize),
        stride in (1..3usize, 1..3usize),
        dilation in (1..3usize, 1..3usize),
        padding in (0..3usize, 0..3usize, 0..3usize, 0..3usize),
        seed in any::<u64>(),
    ) {
        let conv = Conv {
            kernel: kernel.into(),
            stride: stride.into(),
            dilation: dilation.into(),
            padding: Padding { top: padding.0, left: padding.1, bottom: padding.2, right: padding.3 },
            bias: Some((0..outputs).map(|channel| channel as f32).collect()),
            ..Conv::same(outputs, 1)
        };
        prop_assume!((inputs, outputs) != (1, 1));
        let mut network = Network::new("separable", vec![inputs, 7, 8]);
        let x = network.conv("conv", network.input(), conv).unwrap();
        network.relu(x).unwrap();

        let pair = replaced(&network, &ALL.into()).initialize(seed).unwrap();
        let network = with_product_of(&pair, &network);
        let image = network.random_image(seed);
        let [ours, theirs] = [&network, &pair].map(|net| float::run(net, &image).unwrap().pop().unwrap());
        prop_assert_eq!(ours.shape(), theirs.shape());
        for (a, b) in ours.values().iter().zip(theirs.values()) {
            prop_assert!((a - b).abs() <= 1e-5 * (1.0 + a.abs()), "{a} against {b}");
        }
    }
}

/// `network` with the kernel W\[m\]\[c\] = p\[m\]\[c\] · d\[c\] at its convolution, from `pair`'s 2D kernels d and 1D kernels p.
fn with_product_of(pair: &Network, network: &Network) -> Network {
    let values = |id: usize| match &pair.node(NodeId(id)).op {
        Op::Conv(Conv { weights: Some(weights), .. }) => weights.values.values().to_vec(),
        op => panic!("node {id} is a {}", op.name()),
    };
    let (kernels_2d, kernels_1d) = (values(1), values(2));
    let shape = network.layers()[0].shape;
    let taps = shape.taps();
    let product = kernels_1d.iter().enumerate().flat_map(|(index, p)| {
        let channel = index % shape.in_channels;
        kernels_2d[channel * taps..][..taps].iter().map(move |d| p * d)
    });
    let axes = vec![shape.out_channels, shape.in_channels, shape.kernel[0], shape.kernel[1]];
    let weights = Weights { values: Arc::new(Tensor::new(axes, product.collect())), scale: None };
    let mut result = Network::new("separable", network.shape(network.input()).to_vec());
    for node in &network.nodes()[1..] {
        let mut op = node.op.clone();
        if let Op::Conv(conv) = &mut op {
            conv.weights = Some(weights.clone());
        }
        result.push(&node.name, op, &node.inputs).unwrap();
    }
    result
}
