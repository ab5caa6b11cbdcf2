//! Errors name the node, the attribute, what was found and what is allowed.

use crate::build::{Model, fixed, float, int, ints, symbolic, text, value_info};
use rten_onnx::onnx::{AttributeProto, DataLocation, DataType, StringStringEntryProto, TensorProto};
use std::cell::RefCell;
use tilewright_onnx::{from_bytes, load};

fn check(bytes: &[u8], expected: &[&str]) {
    let error = match from_bytes(bytes, None, "model.onnx") {
        Ok(_) => panic!("imported, but expected {expected:?}"),
        Err(error) => error.to_string(),
    };
    for part in ["model.onnx"].iter().chain(expected) {
        assert!(error.contains(part), "{error:?} lacks {part:?}");
    }
}

#[test]
fn files_that_are_no_models() {
    check(b"", &["not an ONNX model", "no default operator set"]);
    check(b"PK\x03\x04\xff\xff\xff\xff\xff", &["not an ONNX model", "ZIP archive", "torch.onnx.export"]);
    check(b"\x89PNG\r\n\x1a\n", &["not an ONNX model"]);
    check(&[0xff; 100], &["not an ONNX model", "longer than 10 bytes"]);
    let bytes = Model::new(&[1, 2]).node("Relu", &["x"], &["y"], vec![]).bytes();
    check(&bytes[..bytes.len() - 5], &["not an ONNX model"]);
    let error = load("no/such/file.onnx".as_ref()).unwrap_err().to_string();
    assert!(error.starts_with("no/such/file.onnx: cannot be read"), "{error}");
}

#[test]
fn inputs_that_are_no_image() {
    check(&Model::new(&[8, 3, 4, 4]).bytes(), &["\"x\"", "fixed batch of 8", "symbolic batch"]);
    let mut model = Model::new(&[]);
    model.graph.input = vec![value_info("x", vec![fixed(1), fixed(3), symbolic("height"), fixed(4)])];
    check(&model.bytes(), &["axis 2", "\"height\"", "--input-shape 3x224x224"]);
    let mut model = Model::new(&[1, 2]);
    model.graph.input.push(value_info("z", vec![fixed(1)]));
    check(&model.bytes(), &["\"z\"", "1 axes"]);
    let mut model = Model::new(&[1, 2]);
    model.graph.input.push(value_info("x", vec![fixed(1), fixed(3)]));
    check(&model.bytes(), &["two inputs called \"x\""]);
    let mut model = Model::new(&[1, 2]);
    model.graph.input.clear();
    check(&model.bytes(), &["has no input"]);
    let mut model = Model::new(&[1, 2]);
    model.graph.input.push(value_info("z", vec![fixed(1), fixed(1 << 40), fixed(1 << 40)]));
    check(&model.bytes(), &["more values than can be counted"]);
    check(&Model::new(&[1, -3]).bytes(), &["axis 1", "-3"]);
    check(&Model::new(&[1, i64::MAX, i64::MAX]).bytes(), &["at most"]);
    let mut model = Model::new(&[1, 2]);
    model.opset = 6;
    check(&model.bytes(), &["operator set 6", "7 or newer"]);
}

#[test]
fn a_detector_is_told_as_one() {
    let model = |result: &str| {
        let model = Model::new(&[1, 4, 4]).node("Relu", &["x"], &["features"], vec![]);
        model.node("NonMaxSuppression", &["features", "features"], &[result], vec![])
    };
    check(&model("y").bytes(), &["(NonMaxSuppression)", "picks boxes", "--model-output", "backbone"]);
    // What comes before the boxes is a network as any other.
    let bytes = model("boxes").node("Relu", &["features"], &["y"], vec![]).bytes();
    from_bytes(&bytes, None, "model.onnx").unwrap();
}

#[test]
fn values_of_attributes_that_are_not_supported() {
    let conv = |attributes: Vec<AttributeProto>| {
        Model::new(&[1, 2, 8, 8]).zeros("w", &[2, 2, 3, 3]).node("Conv", &["x", "w"], &["y"], attributes).bytes()
    };
    check(&conv(vec![text("auto_pad", "SAME_BOTH")]), &["\"conv\" (Conv)", "auto_pad = \"SAME_BOTH\"", "SAME_UPPER"]);
    check(&conv(vec![ints("strides", &[0, 1])]), &["strides = [0, 1]", "1 to 65536"]);
    check(&conv(vec![ints("pads", &[-1, 0, 0, 0])]), &["pads = [-1, 0, 0, 0]"]);
    check(&conv(vec![ints("pads", &[1, 1])]), &["pads = [1, 1]", "4 values"]);
    check(&conv(vec![ints("kernel_shape", &[5, 5])]), &["kernel_shape", "[3, 3]"]);
    check(&conv(vec![int("group", -1)]), &["group = -1"]);
    check(&conv(vec![float("group", 1.0)]), &["group = 1", "an integer"]);
    check(&conv(vec![int("mystery", 3)]), &["mystery = 3", "the supported attributes are", "strides"]);

    let one = |operator: &str, attributes| Model::new(&[1, 2, 8, 8]).node(operator, &["x"], &["y"], attributes).bytes();
    let kernel = || ints("kernel_shape", &[2, 2]);
    check(&one("MaxPool", vec![kernel(), int("storage_order", 1)]), &["storage_order = 1", "0 is allowed"]);
    check(&one("MaxPool", vec![kernel(), ints("pads", &[2, 0, 0, 0])]), &["pads = 2", "extent 2"]);
    check(&one("AveragePool", vec![kernel(), int("count_include_pad", 2)]), &["count_include_pad = 2"]);
    check(&one("AveragePool", vec![]), &["lacks the attribute kernel_shape"]);
    check(&one("Transpose", vec![ints("perm", &[0, 1, 1, 3])]), &["perm", "permutation"]);
    check(&one("Softmax", vec![int("axis", 4)]), &["axis = 4", "-4 to 3"]);
    check(&one("Softmax", vec![int("axis", 0)]), &["axis = 0", "batch"]);
    check(&one("ReduceMean", vec![]), &["axes = []"]);
    check(&one("LeakyRelu", vec![float("alpha", f32::NAN)]), &["alpha = NaN", "finite"]);
    check(&one("Relu", vec![int("x", 1)]), &["x = 1", "no attribute is supported"]);

    let pad = Model::new(&[1, 2, 8, 8]).ints("p", &[0; 8]);
    check(&pad.node("Pad", &["x", "p"], &["y"], vec![text("mode", "mirror")]).bytes(), &["mode = \"mirror\""]);
    let pad = Model::new(&[1, 2, 8, 8]).ints("p", &[1, 0, 0, 0, 0, 0, 0, 0]);
    check(&pad.node("Pad", &["x", "p"], &["y"], vec![]).bytes(), &["axes = 0", "batch", "images would mix"]);
    let gemm = Model::new(&[1, 2]).zeros("w", &[2, 2]);
    check(&gemm.node("Gemm", &["x", "w"], &["y"], vec![int("transA", 1)]).bytes(), &["(Gemm)", "transA = 1"]);
    let weights = Model::new(&[1, 3, 4, 4]).stored(TensorProto {
        data_type: Some(DataType::INT8),
        raw_data: Some(RefCell::new(vec![1; 6])),
        ..tensor(&[2, 3, 1, 1], DataType::INT8, None)
    });
    let weights = weights.stored(TensorProto {
        name: Some("s".into()),
        float_data: vec![0.5; 3],
        ..tensor(&[3], DataType::FLOAT, None)
    });
    let weights = weights.node("DequantizeLinear", &["w", "s"], &["f"], vec![int("axis", 1)]);
    check(&weights.node("Conv", &["x", "f"], &["y"], vec![]).bytes(), &["(Conv)", "quantised along axis 1"]);
    let norm = Model::new(&[1, 2]).zeros("p", &[2]);
    let norm = norm.node("BatchNormalization", &["x", "p", "p", "p", "p"], &["y"], vec![int("training_mode", 1)]);
    check(&norm.bytes(), &["training_mode = 1", "0 is allowed"]);
}

#[test]
fn graphs_that_are_not_in_order() {
    let missing = Model::new(&[1, 2]).node("Relu", &["a"], &["y"], vec![]);
    check(&missing.bytes(), &["\"relu\" (Relu)", "\"a\"", "no input, initializer or node"]);
    check(&Model::new(&[1, 2]).node("Relu", &["y"], &["y"], vec![]).bytes(), &["a cycle through the node \"relu\""]);
    let circle = Model::new(&[1, 2]).node("Relu", &["b"], &["a"], vec![]).node("Tanh", &["a"], &["b"], vec![]);
    check(&circle.node("Abs", &["a"], &["y"], vec![]).bytes(), &["a cycle"]);
    let twice = Model::new(&[1, 2]).node("Relu", &["x"], &["y"], vec![]).node("Tanh", &["x"], &["y"], vec![]);
    check(&twice.bytes(), &["two nodes that yield the tensor \"y\""]);
    check(&Model::new(&[1, 2]).node("Relu", &["x"], &["x"], vec![]).bytes(), &["output \"y\"", "no node yields"]);
    check(&Model::new(&[1, 2]).bytes(), &["output \"y\"", "no node yields"]);
    check(&Model::new(&[1, 2]).node("Relu", &[], &["y"], vec![]).bytes(), &["lacks input 0"]);
    let places = Model::new(&[1, 2, 4, 4]).node("MaxPool", &["x"], &["y", "z"], vec![ints("kernel_shape", &[2, 2])]);
    assert!(from_bytes(&places.bytes(), None, "model").is_ok(), "an output that nothing takes is passed over");
    let places = Model::new(&[1, 2, 4, 4]).node("MaxPool", &["x"], &["a", "z"], vec![ints("kernel_shape", &[2, 2])]);
    check(&places.node("Add", &["a", "z"], &["y"], vec![]).bytes(), &["\"z\"", "not supported"]);
}

#[test]
fn operators_without_a_shape() {
    let model = Model::new(&[1, 2]).node("Mystery", &["x"], &["y"], vec![]);
    check(&model.bytes(), &["\"mystery\" (Mystery)", "\"y\"", "OPERATORS.md"]);
}

#[test]
fn recurrent_layers_in_other_forms() {
    let layer = |inputs: &[&str], attributes: Vec<AttributeProto>, weights: [&[i64]; 2]| {
        let model = Model::new(&[1, 5, 4]).zeros("w", weights[0]).zeros("r", weights[1]).zeros("p", &[1, 9]);
        let model = model.ints("n", &[3]).node("Transpose", &["x"], &["s"], vec![ints("perm", &[1, 0, 2])]);
        model.node("LSTM", inputs, &["y"], attributes).bytes()
    };
    let whole: [&[i64]; 2] = [&[1, 12, 4], &[1, 12, 3]];
    let plain = ["s", "w", "r"];
    check(&layer(&["x", "w", "r"], vec![], whole), &["shape [1, 5, 4]", "second axis of three is the batch"]);
    check(&layer(&["s", "w", "r", "", "", "", "", "p"], vec![], whole), &["peepholes, input 7"]);
    check(&layer(&["s", "w", "r", "", "n"], vec![], whole), &["a sequence of 3 steps in 5"]);
    check(&layer(&["s", "w", "r", "p"], vec![], whole), &["9 values as input 3; 1 × 24"]);
    check(&layer(&["s", "w"], vec![], whole), &["lacks its recurrent weights, input 2"]);
    check(&layer(&plain, vec![], [&[1, 9, 4], &[1, 9, 3]]), &["[1, 9, 4] and [1, 9, 3]", "4 gates"]);
    check(&layer(&plain, vec![], [&[1, 0, 4], &[1, 0, 0]]), &["4 gates"]);
    check(&layer(&plain, vec![int("layout", 1)], whole), &["layout = 1", "0 is allowed"]);
    check(&layer(&plain, vec![int("hidden_size", 4)], whole), &["another hidden_size"]);
    check(&layer(&plain, vec![float("clip", 1.0)], whole), &["clip = 1"]);
    check(&layer(&plain, vec![text("direction", "down")], whole), &["direction = \"down\"", "bidirectional"]);
}

#[test]
fn layers_that_do_not_fit() {
    let conv =
        |shape: &[i64]| Model::new(&[1, 2, 8, 8]).zeros("w", shape).node("Conv", &["x", "w"], &["y"], vec![]).bytes();
    check(&conv(&[2, 3, 3, 3]), &["conv", "weights of shape [2, 3, 3, 3]", "[2, 2, 3, 3]"]);
    check(&conv(&[2, 2, 9, 3]), &["kernel spanning 9"]);
    check(&conv(&[2]), &["weights of shape [2]"]);
    let reshape = Model::new(&[1, 6]).ints("s", &[1, 4]).node("Reshape", &["x", "s"], &["y"], vec![]);
    check(&reshape.bytes(), &["reshapes [1, 6] to [1, 4]"]);
    let vector = Model::new(&[1, 2, 4, 4]).ints("s", &[32]).node("Reshape", &["x", "s"], &["a"], vec![]);
    let gemm = vector.node("Gemm", &["a", "a"], &["y"], vec![int("transA", 1)]);
    check(&gemm.bytes(), &["\"gemm\" (Gemm)", "exchanges the last two axes of a value of shape [32]", "two or more"]);
    let rows = Model::new(&[1, 2, 4, 4]).ints("s", &[2, 1, 4, 4]).node("Reshape", &["x", "s"], &["a"], vec![]);
    let longer = rows.zeros("w", &[1, 1, 3, 3]).node("ConvTranspose", &["a", "w"], &["y"], vec![]);
    check(&longer.bytes(), &["(ConvTranspose)", "[2, 1, 4, 4]", "images of a batch would mix"]);
    let rows = Model::new(&[1, 2, 4, 4]).ints("s", &[2, 4, 4]).node("Reshape", &["x", "s"], &["a"], vec![]);
    let conv = rows.zeros("w", &[2, 1, 3, 3]).node("Conv", &["a", "w"], &["y"], vec![]);
    check(&conv.bytes(), &["(Conv)", "[2, 4, 4]", "weights of shape [2, 1, 3, 3]"]);
}

fn tensor(dims: &[i64], kind: DataType, raw: Option<Vec<u8>>) -> TensorProto {
    TensorProto {
        dims: dims.to_vec(),
        data_type: Some(kind),
        raw_data: raw.map(RefCell::new),
        name: Some("w".into()),
        ..TensorProto::default()
    }
}

#[test]
fn tensors_that_contradict_themselves() {
    let with = |tensor| Model::new(&[1, 2]).stored(tensor).node("Relu", &["x"], &["y"], vec![]).bytes();
    check(&with(tensor(&[2, 2], DataType::FLOAT, Some(vec![0; 15]))), &["\"w\"", "has 15 bytes", "needs 16"]);
    check(&with(tensor(&[2], DataType::FLOAT, None)), &["has 0 values", "needs 2"]);
    check(&with(tensor(&[-1], DataType::FLOAT, None)), &["shape [-1]"]);
    check(&with(tensor(&[i64::MAX, 2], DataType::FLOAT, None)), &["shape"]);
    check(&with(tensor(&[1 << 20, 1 << 20], DataType::FLOAT, Some(vec![]))), &["needs 4398046511104"]);
    check(&with(tensor(&[1; 11], DataType::FLOAT, None)), &["11 axes"]);
    check(&with(tensor(&[1], DataType::STRING, None)), &["type STRING"]);
    check(&with(tensor(&[1], DataType(99), Some(vec![0]))), &["type 99"]);
}

#[test]
fn files_outside_the_folder_are_not_read() {
    let folder = std::env::temp_dir().join(format!("tilewright-onnx-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("short.bin"), [0; 4]).unwrap();
    let error = |location: &str, offset: &str| {
        let entry =
            |key: &str, value: &str| StringStringEntryProto { key: Some(key.into()), value: Some(value.into()) };
        let tensor = TensorProto {
            data_location: Some(DataLocation::EXTERNAL),
            external_data: vec![entry("location", location), entry("offset", offset)],
            ..tensor(&[2], DataType::FLOAT, None)
        };
        let path = folder.join("model.onnx");
        let model = Model::new(&[1, 2]).stored(tensor).node("Relu", &["x"], &["y"], vec![]);
        std::fs::write(&path, model.bytes()).unwrap();
        load(&path).unwrap_err().to_string()
    };
    for outside in ["../short.bin", "/etc/hostname", "a/../../b", ""] {
        let error = error(outside, "0");
        assert!(error.contains("\"w\"") && error.contains("model.onnx"), "{error}");
        assert!(error.contains("only files in the model's folder") || outside.is_empty(), "{error}");
    }
    assert!(error("none.bin", "0").contains("cannot be read from \"none.bin\""));
    assert!(error("short.bin", "0").contains("8 bytes at 0 of \"short.bin\", which has 4 bytes"));
    assert!(error("short.bin", "18446744073709551615").contains("which has 4 bytes"));
    assert!(error("short.bin", "many").contains("offset \"many\""));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn networks_do_not_outgrow_the_model() {
    let mut model = Model::new(&[1, 2, 4]);
    let mut last = "x".to_owned();
    for index in 0..5500 {
        let next = format!("t{index}");
        model = model.node("Sub", &[&last, &last], &[&next], vec![]);
        last = next;
    }
    check(&model.node("Relu", &[&last], &["y"], vec![]).bytes(), &["(Sub)", "larger than 16384 nodes"]);
}

#[test]
fn constants_do_not_outgrow_the_file() {
    let model = Model::new(&[1, 2]).ints("s", &[1 << 39]).node("ConstantOfShape", &["s"], &["y"], vec![]);
    check(&model.bytes(), &["constantofshape", "far larger than the file"]);
    let model = Model::new(&[1, 2]).ints("s", &[0, 1 << 40, 1 << 40]).node("ConstantOfShape", &["s"], &["y"], vec![]);
    check(&model.bytes(), &["far larger than the file"]);
}

#[test]
fn weights_that_are_not_finite() {
    let with = |values: Vec<f32>| {
        let weights = TensorProto { float_data: values, ..tensor(&[1, 1, 2, 2], DataType::FLOAT, None) };
        Model::new(&[1, 1, 4, 4]).stored(weights).node("Conv", &["x", "w"], &["y"], vec![]).bytes()
    };
    assert!(from_bytes(&with(vec![0.0, 1.0, f32::MAX, -1.0]), None, "model").is_ok());
    check(&with(vec![0.0, f32::NAN, 2.0, f32::NAN]), &["\"conv\" (Conv)", "2 weights that are not a number", "of 4"]);
    check(&with(vec![0.0, f32::INFINITY, 2.0, 1.0]), &["\"conv\" (Conv)", "1 that are infinite"]);
}

/// Names are the file's: a terminal must not obey them, nor be flooded.
#[test]
fn names_and_values_are_shown_safely() {
    let mut model = Model::new(&[1, 2]).node("Mystery", &["x"], &["y"], vec![]);
    model.graph.node[0].name = Some("a\u{1b}[31m\u{202e}b".into());
    let bytes = model.bytes();
    check(&bytes, &["u{1b}[31m", "u{202e}b"]);
    let error = from_bytes(&bytes, None, "mod\u{1b}el").unwrap_err().to_string();
    assert!(!error.contains(['\u{1b}', '\u{202e}']), "{error}");
    let long = Model::new(&[1, 2]).node("Transpose", &["x"], &["y"], vec![ints("perm", &vec![7; 1 << 20])]);
    let error = from_bytes(&long.bytes(), None, "model").unwrap_err().to_string();
    assert!(error.len() < 600 && error.contains("perm"), "{} bytes: {error}", error.len());
}
