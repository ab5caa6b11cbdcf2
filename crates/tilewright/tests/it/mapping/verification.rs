//! A whole network verified: the same on any number of threads, and ended when nobody waits.

use std::ops::ControlFlow;
use tilewright::mapping::scheme::{SCHEMES, find};
use tilewright::mapping::verification::{Question, VerificationError, verify_network};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, Targets};
use tilewright::network::{Dense, Network, Op, Tensor, Weights, zoo};

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
