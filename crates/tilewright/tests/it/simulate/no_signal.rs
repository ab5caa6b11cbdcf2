//! A layer whose exact outputs are all 0 has no signal-to-noise ratio.

use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::{Dense, Network, Op, Rounding, Tensor, Weights, integer_layers};
use tilewright::report::figure::snr_by_layer;
use tilewright::simulate::{Chip, Hardware, Plan, layer_errors};

#[test]
fn it_is_said_and_has_no_place_in_a_figure() {
    let mut network = Network::new("silent", vec![3]);
    for (name, weight) in [("loud", 1.0), ("silent", 0.0)] {
        let values = Arc::new(Tensor::new(vec![3, 3], vec![weight; 9]));
        let dense = Dense { weights: Some(Weights { values, scale: None }), ..Dense::new(3) };
        network.push(name, Op::Dense(dense), &[network.output()]).expect("a layer");
    }
    let device = Generic { programming_error: vec![0.05], ..Generic::default() };
    let hardware = Hardware::new(Arc::from(device.device().expect("a device")));
    let target = Target::new(CrossbarSize { rows: 8, columns: 8 }, Encoding::whole(SignRule::Differential));
    let mapping = map_network(&network, scheme::find("im2col").expect("a scheme"), &target, None).expect("it fits");
    let images = [network.random_image(1), network.random_image(2)];
    let layers = integer_layers(&network, &images, Rounding::to_bits(8, 8)).expect("weights");
    let plan = Plan {
        network: &network,
        mapping: &mapping,
        layers: &layers,
        hardware: &hardware,
        calibration: &images,
        threads: 1,
    };
    let chip = Chip::program(&plan, 1, &|_, _| ControlFlow::Continue(())).expect("programmed");
    let errors = layer_errors(&chip, &plan.ideal().expect("programmed"), &plan, &images).expect("errors");
    assert!(errors[0].own.signal && errors[0].own.snr_db.is_some_and(f64::is_finite), "{:?}", errors[0]);
    for error in [errors[1].own, errors[1].reached] {
        assert_eq!((error.signal, error.snr_db, error.snr().as_str()), (false, None, "no signal"));
        assert!(error.gain.is_finite() && error.bias.is_finite(), "{error:?}");
    }
    let figure = snr_by_layer(&errors).to_string();
    assert!(!figure.contains("NaN") && !figure.contains("inf") && figure.contains("no signal"), "{figure}");
}
