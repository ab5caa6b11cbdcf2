//! The executors against results worked out by hand.

use tilewright::network::reference::{float, integer, quantized};
use tilewright::network::{
    Conv, ConvShape, IntegerLayer, Network, Op, Padding, Pool, Rounding, Tensor, integer_layers,
};

#[test]
fn integer_convolution_by_hand() {
    // 1×3×3 image 1..9, kernel [[1, 2], [3, 4]]: e.g. first output 1·1 + 2·2 + 3·4 + 4·5 = 37.
    let shape = ConvShape::new(1, [3, 3], 1, 2);
    let output = integer::convolve(
        &shape,
        &Tensor::new(vec![1, 3, 3], (1..=9).collect()),
        &Tensor::new(vec![1, 1, 2, 2], vec![1, 2, 3, 4]),
    );
    assert_eq!(output.values(), [37, 47, 67, 77]);
}

#[test]
fn stride_dilation_and_asymmetric_padding_by_hand() {
    // 1×1×4 image 1 2 3 4 with one zero on the left, taps 2 apart, outputs 2 apart: 0·1 + 2·10, 2·1 + 4·10.
    let shape = ConvShape {
        kernel: [1, 2],
        stride: [1, 2],
        dilation: [1, 2],
        padding: Padding { left: 1, ..Padding::all(0) },
        ..ConvShape::new(1, [1, 4], 1, 1)
    };
    let output = integer::convolve(
        &shape,
        &Tensor::new(vec![1, 1, 4], vec![1, 2, 3, 4]),
        &Tensor::new(vec![1, 1, 1, 2], vec![1, 10]),
    );
    assert_eq!(output.values(), [20, 42]);
}

#[test]
fn groups_do_not_see_each_other() {
    let shape = ConvShape { groups: 2, ..ConvShape::new(2, [1, 1], 4, 1) };
    let output = integer::convolve(
        &shape,
        &Tensor::new(vec![2, 1, 1], vec![3, 5]),
        &Tensor::new(vec![4, 1, 1, 1], vec![1, 2, 3, 4]),
    );
    assert_eq!(output.values(), [3, 6, 15, 20]);
}

#[test]
fn a_quantized_run_is_near_the_float_run() {
    let mut network = Network::new("small", vec![3, 8, 8]);
    let x = network.conv("conv1", network.input(), Conv::same(8, 3)).unwrap();
    let x = network.relu(x).unwrap();
    let x = network.pool(x, Pool::max(2, 2)).unwrap();
    let x = network.flatten(x).unwrap();
    network.dense("fc", x, 5).unwrap();
    let network = network.initialize(1).unwrap();
    network.verify().unwrap();

    let image = network.random_image(2);
    let float = float::run(&network, &image).unwrap().pop().unwrap();
    let error_at = |bits: u32| {
        let rounding = Rounding::to_bits(bits, bits);
        let layers = integer_layers(&network, std::slice::from_ref(&image), rounding).unwrap();
        let convolve = |layer: &IntegerLayer, input: &Tensor<i32>| {
            Ok(integer::convolve(&layer.layer.shape, input, &layer.weights))
        };
        let output = quantized::run(&network, &layers, &image, convolve).unwrap().pop().unwrap();
        let difference = |(a, b): (&f32, &f32)| (a - b).abs();
        float.values().iter().zip(output.values()).map(difference).fold(0f32, f32::max)
    };
    assert!(error_at(12) < 0.02, "{}", error_at(12));
    assert!(error_at(12) < error_at(6) && error_at(6) < error_at(3), "more bits, less error");
}

#[test]
fn rounding_clamps_values_beyond_every_integer() {
    let mut network = Network::new("rounding", vec![3]);
    let rounding = Op::FakeQuantize { scale: 0.25, zero_point: 10, range: [-128, 127] };
    network.then(network.input(), rounding).unwrap();
    let image = Tensor::new(vec![3], vec![3e38, -3e38, 0.3]);
    let output = float::run(&network, &image).unwrap().pop().unwrap();
    assert_eq!(output.values(), [29.25, -34.5, 0.25]);
}
