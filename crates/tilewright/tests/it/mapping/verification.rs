//! A whole network verified: the same on any number of threads, and ended when nobody waits.

use super::problem::{integers, layers};
use proptest::prelude::*;
use std::ops::ControlFlow;
use tilewright::mapping::scheme::{SCHEMES, find};
use tilewright::mapping::verification::{Question, VerificationError, verify_network};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, Targets};
use tilewright::network::reference::integer;
use tilewright::network::{Conv, ConvShape, Dense, Network, Op, Tensor, Weights, exact_convolution, zoo};

fn question<'a>(network: &'a Network, targets: &'a Targets, threads: usize) -> Question<'a> {
    Question { network, schemes: &SCHEMES, targets, input_bits: 8, seed: 1, threads }
}

fn targets(columns: usize) -> Targets {
    (&Target::new(CrossbarSize { rows: 128, columns }, Encoding::whole(SignRule::Differential))).into()
}

#[test]
fn resnet8_is_equal_under_every_scheme_on_any_number_of_threads() {
    let (network, targets) = (zoo::build("resnet8").unwrap(), targets(96));
    let on =
        |threads| verify_network(&question(&network, &targets, threads), &|_, _| ControlFlow::Continue(())).unwrap();
    let one = on(1);
    assert!(one.equal);
    assert!(one.schemes.iter().all(|scheme| scheme.layers == one.layers && scheme.does_not_fit.is_empty()));
    assert_eq!(one, on(2));
    assert_eq!(one, on(5));
}

#[test]
fn a_watch_ends_the_work() {
    let (network, targets) = (zoo::build("lenet5").unwrap(), targets(128));
    for patience in [0, 1] {
        let ended = verify_network(&question(&network, &targets, 2), &|done, _| {
            if done >= patience { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(ended, Err(VerificationError::Interrupted));
    }
}

#[test]
fn nothing_that_fits_is_an_error() {
    let (network, targets) = (zoo::build("lenet5").unwrap(), targets(1));
    let nothing = verify_network(&question(&network, &targets, 2), &|_, _| ControlFlow::Continue(()));
    let Err(VerificationError::Nothing { reason }) = nothing else { panic!("{nothing:?}") };
    assert!(reason.contains("conv1"), "{reason}");
}

/// Neither NaN nor an overflow is an integer: nothing of such a network is called equal.
#[test]
fn what_is_not_a_number_is_never_equal() {
    let target = Target::new(CrossbarSize { rows: 16, columns: 16 }, Encoding::whole(SignRule::Differential));
    let targets = Targets::from(&target);
    for (weight, words) in
        [(f32::NAN, "NaN or infinite"), (f32::INFINITY, "NaN or infinite"), (3e38, "no integer stands for")]
    {
        let mut network = Network::new("wrong", vec![2]);
        for name in ["first", "second", "third"] {
            let values = std::sync::Arc::new(Tensor::new(vec![2, 2], vec![weight; 4]));
            let dense = Dense { weights: Some(Weights { values, scale: None }), ..Dense::new(2) };
            network.push(name, Op::Dense(dense), &[network.output()]).expect("a layer");
        }
        let schemes = [find("im2col").expect("a scheme")];
        let question =
            Question { network: &network, schemes: &schemes, targets: &targets, input_bits: 8, seed: 1, threads: 1 };
        let error = verify_network(&question, &|_, _| ControlFlow::Continue(())).expect_err("no network").to_string();
        assert!(error.contains(words), "{error}");
    }
}

/// The convolution that whole networks are verified against is the plain one, whether sums need 32 bits or 64.
fn check_exact(shape: &ConvShape, greatest: i32, seed: u64) {
    let kernels = vec![shape.out_channels, shape.group_inputs(), shape.kernel[0], shape.kernel[1]];
    let weights = integers(kernels, [-greatest, greatest], seed);
    let input = integers(vec![shape.in_channels, shape.input[0], shape.input[1]], [-greatest, greatest], seed + 1);
    let plain = integer::convolve(shape, &input, &weights);
    for threads in [1, 3] {
        let exact = exact_convolution::convolve(shape, &input, &weights, threads, &|_, _| ControlFlow::Continue(()));
        assert_eq!(exact.as_ref(), Some(&plain), "{shape:?}, up to {greatest}, {threads} threads");
    }
}

proptest! {
    #[test]
    fn the_exact_convolution_is_the_plain_one(shape in layers(), seed in 0..u64::from(u32::MAX)) {
        check_exact(&shape, 127, seed);
        check_exact(&shape, 1 << 24, seed);
    }
}

#[test]
fn the_exact_convolution_of_many_pixels_is_the_plain_one() {
    let shape =
        ConvShape { groups: 2, padding: tilewright::network::Padding::all(1), ..ConvShape::new(4, [31, 29], 14, 3) };
    check_exact(&shape, 127, 1);
    // The greatest sum of 18 products that 32 bits hold, and the next greater one.
    for (greatest, sum) in [(10_922, 2_147_221_512i64), (10_923, 2_147_614_722)] {
        let (weights, input) = (vec![greatest; 14 * 18], vec![greatest; 4 * 31 * 29]);
        let (weights, input) = (Tensor::new(vec![14, 2, 3, 3], weights), Tensor::new(vec![4, 31, 29], input));
        let exact = exact_convolution::convolve(&shape, &input, &weights, 2, &|_, _| ControlFlow::Continue(()));
        assert_eq!(exact.map(|exact| exact.values()[30]), Some(sum), "{greatest}");
    }
    let ended = exact_convolution::convolve(
        &shape,
        &Tensor::filled(vec![4, 31, 29], 1),
        &Tensor::filled(vec![14, 2, 3, 3], 1),
        1,
        &|_, _| ControlFlow::Break(()),
    );
    assert_eq!(ended, None);
}

#[test]
fn maps_that_are_needed_at_once_are_bounded() {
    let mut network = Network::new("large", vec![1 << 8, 1 << 11, 1 << 10]);
    network.conv("conv1", network.input(), Conv::same(1, 1)).expect("a layer");
    let targets = targets(128);
    let refused = verify_network(&question(&network, &targets, 1), &|_, _| ControlFlow::Continue(()));
    let error = refused.expect_err("too large").to_string();
    assert!(error.contains("feature maps of 538968064 values") && error.contains("268435456"), "{error}");
}
