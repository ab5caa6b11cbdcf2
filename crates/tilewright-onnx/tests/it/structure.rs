//! What the imported network looks like.

use crate::build::{Model, fixed, int, ints, symbolic, value_info};
use rten_onnx::onnx::{DataType, TensorProto};
use std::path::{Path, PathBuf};
use tilewright::network::reference::float;
use tilewright::network::{Conv, KernelPlan, Network, Op, Tensor, Weights};
use tilewright_onnx::{Imported, from_bytes, from_bytes_shaped, load};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).join("model.onnx")
}

fn import(model: Model) -> Imported {
    from_bytes(&model.bytes(), None, "model").unwrap()
}

fn names(network: &Network) -> Vec<&str> {
    network.nodes().iter().map(|node| node.name.as_str()).collect()
}

#[test]
fn names_are_the_models_and_unique() {
    let mut model = Model::new(&[1, 2]).node("Relu", &["x"], &["a"], vec![]).node("Relu", &["a"], &["b"], vec![]).node(
        "Tanh",
        &["b"],
        &["y"],
        vec![],
    );
    model.graph.node[2].name = None;
    let imported = import(model);
    assert_eq!(names(&imported.network), ["input", "relu", "relu.2", "y"]);
    assert_eq!(imported.network.node(imported.outputs["b"]).name, "relu.2");
}

/// A layer whose exporter made its name up goes by that and is called after its weights, as PyTorch's module is.
#[test]
fn layers_are_called_after_their_weights() {
    let older = load(&fixture("plain-torchscript17")).expect("a model").network;
    let network = load(&fixture("plain-dynamo20")).expect("a model").network;
    let names = |network: &Network| network.layers().into_iter().map(|layer| layer.name).collect::<Vec<_>>();
    assert_eq!(names(&older), names(&network));
    assert_eq!(older.name_of("/conv1/Conv"), "conv1");
    assert_eq!(names(&network)[..4], ["conv1", "depthwise", "pointwise", "fc1"]);
    assert_eq!(["node_Conv_35", "conv1", "nothing"].map(|name| network.name_of(name)), ["conv1", "conv1", "nothing"]);
    let planned = |plan: &str| {
        plan.parse::<KernelPlan>()
            .expect("a plan")
            .select(&network)
            .expect("its layer")
            .apply(&network)
            .expect("replaced")
    };
    assert_eq!(planned("node_Conv_35"), planned("conv1"));
    assert_eq!(planned("conv1").name_of("node_linear"), "fc1", "names are kept");
}

#[test]
fn a_batch_of_unknown_length_is_one_image() {
    for batch in [symbolic("N"), fixed(0), fixed(-1), fixed(1)] {
        let mut model = Model::new(&[]).node("Relu", &["x"], &["y"], vec![]);
        model.graph.input = vec![value_info("x", vec![batch, fixed(3), fixed(4), fixed(5)])];
        assert_eq!(import(model).network.nodes()[1].shape, [3, 4, 5]);
    }
}

/// What the inputs of a model hold follows one after the other in the network's one input, in the order of the model.
#[test]
fn several_inputs_are_one_vector() {
    for [first, second] in [["x", "z"], ["z", "x"]] {
        let mut model = Model::new(&[1, 2]).node("Flatten", &["z"], &["flat"], vec![]);
        model.graph.input.push(value_info("z", vec![symbolic("N"), fixed(3), fixed(2)]));
        let tensor = |name| if name == "z" { "flat" } else { name };
        let network =
            import(model.node("Concat", &[tensor(first), tensor(second)], &["y"], vec![int("axis", 1)])).network;
        assert_eq!(network.shape(network.input()), [8]);
        let image = Tensor::new(vec![8], (0..8).map(|value| value as f32).collect());
        let result = float::run(&network, &image).expect("results").pop().expect("one");
        let expected: [f32; 8] =
            if first == "x" { [0., 1., 2., 3., 4., 5., 6., 7.] } else { [2., 3., 4., 5., 6., 7., 0., 1.] };
        assert_eq!(result.values(), expected);
    }
    // A shape without a name is that of each input, one with a name of that input only.
    let mut model = Model::new(&[]);
    model.graph.input = ["x", "z"].map(|name| value_info(name, vec![fixed(1), symbolic("length")])).into();
    let bytes = model.node("Add", &["x", "z"], &["y"], vec![]).bytes();
    let shaped = |shape: &str| from_bytes_shaped(&bytes, None, "model", Some(&shape.parse().expect("a shape")));
    let network = shaped("4").expect("a network").network;
    assert_eq!((network.shape(network.input()), network.shape(network.output())), ([8].as_slice(), [4].as_slice()));
    let error = shaped("x=4").expect_err("the other is open").to_string();
    assert!(error.contains("\"z\"") && error.contains("\"length\""), "{error}");
    let error = shaped("w=4").expect_err("there is no such input").to_string();
    assert!(error.contains("[\"x\", \"z\"], not \"w\""), "{error}");
}

#[test]
fn a_known_shape_keeps_an_unknown_operator() {
    let imported = load(&fixture("unknown-operator")).unwrap();
    let digital: Vec<(&str, &str)> = imported.digital().map(|(_, node)| (node.name.as_str(), node.op.name())).collect();
    assert_eq!(
        digital,
        [("/elu1", "elu"), ("/bernoulli2", "Bernoulli"), ("/globallppool3", "GlobalLpPool"), ("/relu4", "relu")]
    );
    assert_eq!(imported.network.layers().len(), 1);

    let model = Model::new(&[1, 2]).shape("a", &[-1, 3]);
    let model = model.node("Mystery", &["x"], &["a"], vec![]).node("Relu", &["a"], &["y"], vec![]);
    assert_eq!(import(model).network.nodes()[2].shape, [3]);

    // Of several outputs, those that are used are operations, called as their tensors.
    let model = Model::new(&[1, 2]).shape("a", &[-1, 3]).node("Mystery", &["x"], &["a", "b"], vec![]);
    let network = import(model.node("Relu", &["a"], &["y"], vec![])).network;
    assert_eq!(names(&network), ["input", "a", "relu"]);
}

#[test]
fn a_result_that_other_nodes_follow_comes_last() {
    let mut model = Model::new(&[1, 2]).node("Relu", &["x"], &["y"], vec![]).node("Tanh", &["y"], &["z"], vec![]);
    model.graph.output.push(value_info("z", vec![fixed(1), fixed(2)]));
    let imported = import(model);
    let network = &imported.network;
    assert_eq!(names(network), ["input", "relu", "tanh", "y"]);
    assert_eq!(network.node(network.output()).inputs, [imported.outputs["y"]]);
}

fn weights(network: &Network) -> Vec<&Weights> {
    let of = |op: &Op| matches!(op, Op::Conv(_) | Op::Dense(_));
    let layers = network.nodes().iter().filter(|node| of(&node.op));
    let weights = layers.map(|node| match &node.op {
        Op::Conv(conv) => conv.weights.as_ref(),
        Op::Dense(dense) => dense.weights.as_ref(),
        _ => None,
    });
    weights.map(Option::unwrap).collect()
}

#[test]
fn quantised_weights_are_whole_multiples_of_their_scales() {
    for (model, per_channel) in [("quantized-per-tensor", false), ("quantized-per-channel", true)] {
        let Imported { network, .. } = load(&fixture(model)).unwrap();
        assert!(network.nodes().iter().any(|node| matches!(node.op, Op::FakeQuantize { .. })));
        for Weights { values, scale } in weights(&network) {
            let scale = scale.as_ref().unwrap();
            let outputs = values.shape()[0];
            assert_eq!(scale.len(), if per_channel { outputs } else { 1 });
            for (index, w) in values.values().iter().enumerate() {
                let level = w / scale[(index / (values.values().len() / outputs)) % scale.len()];
                assert!((level - level.round()).abs() < 1e-3 && level.abs() < 128.5, "{level}");
            }
        }
    }
}

/// Integers of fewer bits than their type: QuantizeLinear, Clip, DequantizeLinear.
#[test]
fn a_clip_between_narrows_the_integers() {
    let model = |least: i32, greatest: i32| {
        let byte = |name: &str, value: i32| TensorProto {
            data_type: Some(DataType::INT8),
            int32_data: vec![value],
            name: Some(name.into()),
            ..TensorProto::default()
        };
        let scale = TensorProto {
            data_type: Some(DataType::FLOAT),
            float_data: vec![0.5],
            name: Some("scale".into()),
            ..TensorProto::default()
        };
        let stored = [scale, byte("zero", 1), byte("least", least), byte("greatest", greatest)];
        let model = stored.into_iter().fold(Model::new(&[1, 2]), Model::stored);
        model
            .node("QuantizeLinear", &["x", "scale", "zero"], &["q"], vec![])
            .node("Clip", &["q", "least", "greatest"], &["c"], vec![])
            .node("DequantizeLinear", &["c", "scale", "zero"], &["d"], vec![])
            .node("DequantizeLinear", &["c", "scale", "zero"], &["e"], vec![])
            .node("Add", &["d", "e"], &["y"], vec![])
    };
    let network = import(model(-4, 127)).network;
    assert_eq!(names(&network), ["input", "quantizelinear", "add"], "rounded once for both users");
    assert_eq!(network.nodes()[1].op, Op::FakeQuantize { scale: 0.5, zero_point: 1, range: [-4, 127] });
    let error = from_bytes(&model(4, 3).bytes(), None, "model.onnx").err().unwrap().to_string();
    assert!(error.contains("\"clip\" (Clip)") && error.contains("no integer of -128 to 127"), "{error}");
}

#[test]
fn batch_normalisation_of_an_unfolded_export_can_be_merged() {
    let Imported { network, .. } = load(&fixture("plain-unfolded17")).unwrap();
    let normalisations =
        |network: &Network| network.nodes().iter().filter(|node| matches!(node.op, Op::BatchNorm(_))).count();
    let folded = network.fold_batch_norm().unwrap();
    assert_eq!([normalisations(&network), normalisations(&folded)], [2, 1], "the one after a pool stays");
    let result = |network: &Network| {
        let image = network.random_image(1);
        float::run(network, &image).unwrap().pop().unwrap()
    };
    let (before, after) = (result(&network), result(&folded));
    assert!(before.values().iter().zip(after.values()).all(|(a, b)| (a - b).abs() < 1e-5), "{before:?} {after:?}");
}

#[test]
fn one_dimensional_convolutions_have_height_one() {
    let Imported { network, .. } = load(&fixture("sequence-torchscript13")).unwrap();
    let layers = network.layers();
    assert_eq!(layers[0].shape.kernel, [1, 5]);
    assert_eq!((layers[0].shape.input, layers[0].shape.stride), ([1, 21], [1, 2]));
}

#[test]
fn same_padding_may_be_uneven() {
    let attributes = vec![crate::build::text("auto_pad", "SAME_UPPER"), ints("strides", &[2, 2])];
    let model = Model::new(&[1, 1, 4, 5]).zeros("w", &[1, 1, 3, 2]).node("Conv", &["x", "w"], &["y"], attributes);
    let Imported { network, .. } = import(model);
    let Op::Conv(Conv { padding, .. }) = &network.nodes()[1].op else { panic!("a convolution") };
    assert_eq!([padding.top, padding.left, padding.bottom, padding.right], [0, 0, 1, 1]);
}

#[test]
fn an_attribute_that_spells_out_the_default_is_fine() {
    let model = Model::new(&[1, 2]).zeros("w", &[2, 2]).node("Gemm", &["x", "w"], &["y"], vec![int("transA", 0)]);
    assert_eq!(import(model).network.layers().len(), 1);
}

/// One convolution in three dimensions and one transposed: 512 places of 16·27 weights; 8·8 pixels of 4·4·2·2.
#[test]
fn every_convolution_is_for_crossbars() {
    let macs = |model: Model| {
        let network = import(model).network;
        (network.macs(), network.digital_products().count())
    };
    let volume = Model::new(&[1, 1, 8, 8, 8]).zeros("w", &[16, 1, 3, 3, 3]);
    assert_eq!(macs(volume.node("Conv", &["x", "w"], &["y"], vec![ints("pads", &[1; 6])])), (512 * 16 * 27, 0));
    let transposed = Model::new(&[1, 4, 8, 8]).zeros("w", &[4, 4, 2, 2]);
    let strides = vec![ints("strides", &[2, 2])];
    assert_eq!(macs(transposed.node("ConvTranspose", &["x", "w"], &["y"], strides)), (64 * 64, 0));
}

#[test]
fn products_off_the_crossbars_are_counted() {
    let macs = |model: Model| {
        let network = import(model).network;
        network.digital_products().map(|(_, macs)| macs).collect::<Vec<_>>()
    };
    let product = Model::new(&[1, 4, 8, 8]).node("MatMul", &["x", "x"], &["y"], vec![]);
    assert_eq!(macs(product), [Some(4 * 8 * 8 * 8)]);
    let unknown = Model::new(&[1, 4]).zeros("w", &[4, 4]).shape("y", &[1, 4]);
    assert_eq!(macs(unknown.node("Mystery", &["x", "w"], &["y"], vec![])), [None]);
}

/// A roll by 0 places takes nothing from one end and everything from the other.
#[test]
fn what_takes_no_element_joins_nothing() {
    let model = Model::new(&[1, 3, 2]).ints("zero", &[0]).ints("far", &[i64::MAX]).ints("axis", &[1]);
    let model = model.node("Slice", &["x", "zero", "zero", "axis"], &["nothing"], vec![]);
    let model = model.node("Slice", &["x", "zero", "far", "axis"], &["all"], vec![]);
    let network = import(model.node("Concat", &["nothing", "all"], &["y"], vec![int("axis", 1)])).network;
    let image = network.random_image(1);
    let result = float::run(&network, &image).expect("results").pop().expect("one");
    assert_eq!((result.shape(), result.values()), ([3, 2].as_slice(), image.values()));
}
