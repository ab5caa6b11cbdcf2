//! What is shown to compute the integer network, against chips that are programmed and run.

use super::one_layer::{expected_of, map, network_within};
use crate::mapping::problem::{MappingProblem, problems};
use proptest::prelude::*;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tilewright::circuit::Wiring;
use tilewright::circuit::device::Generic;
use tilewright::hardware::{Cells, Compensation, RangeRule, RangeScope, Subtraction};
use tilewright::mapping::scheme;
use tilewright::network::{Rounding, Tensor, integer_layers};
use tilewright::simulate::{Adc, Chip, Hardware, Plan};

/// Cells without errors, of any range.
fn devices() -> impl Strategy<Value = Generic> {
    (prop_oneof![Just(f64::INFINITY), 1.01..100.0f64], prop_oneof![4 => Just(None), 1 => (2..=256u32).prop_map(Some)])
        .prop_map(|(on_off_ratio, levels)| Generic { on_off_ratio, levels, ..Generic::default() })
}

fn converters() -> impl Strategy<Value = Option<Adc>> {
    let rules = prop_oneof![Just(RangeRule::Max), Just(RangeRule::Percentile(90.0)), Just(RangeRule::LeastSquares)];
    let scopes = prop_oneof![3 => Just(RangeScope::Layer), 1 => (1..9usize).prop_map(RangeScope::Columns)];
    let adc = (1..=16u32, rules, scopes).prop_map(|(bits, range, scope)| Adc { range, scope, ..Adc::new(bits) });
    prop_oneof![1 => Just(None), 3 => adc.prop_map(Some)]
}

/// What hardware is drawn of; `wrong` says what is wrong with it, mostly nothing.
#[derive(Clone, Debug)]
struct Drawn {
    device: Generic,
    adc: Option<Adc>,
    dac_bits: Option<u32>,
    pairs: Subtraction,
    wrong: u32,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let pairs = prop_oneof![Just(Subtraction::Analog), Just(Subtraction::Digital)];
    (devices(), converters(), prop_oneof![Just(None), (1..=3u32).prop_map(Some)], pairs, 0..12u32)
        .prop_map(|(device, adc, dac_bits, pairs, wrong)| Drawn { device, adc, dac_bits, pairs, wrong })
}

impl Drawn {
    fn hardware(&self) -> Hardware {
        let Self { device, adc, dac_bits, pairs, wrong } = self.clone();
        let device = match wrong {
            0 => Generic { programming_error: vec![1e-4], ..device },
            1 => Generic { read_noise: vec![1e-3], ..device },
            2 => Generic { drift: 0.01, ..device },
            3 => Generic { sinh_volts: Some(0.3), ..device },
            _ => device,
        };
        let wiring = if wrong == 4 { Wiring::wires(1e-2) } else { Wiring::default() };
        let compensation = Compensation { refresh: wrong == 5, ..Compensation::default() };
        let device = Arc::from(device.device().expect("numbers in range"));
        let cells = Cells { age: if wrong == 2 { 1e4 } else { 0.0 }, ..Cells::default() };
        Hardware { adc, dac_bits, pairs, wiring, compensation, cells, ..Hardware::new(device) }
    }
}

/// Whether the plan is shown to be exact, and whether the chip of a seed computes the integers. It is calibrated on a blank image, so that
/// no converter is told of any current.
fn compare(problem: &MappingProblem, scheme: &str, hardware: &Hardware, range: [i32; 2]) -> Option<[bool; 2]> {
    let network = network_within(problem, range);
    let mapping = map(problem, scheme::find(scheme).expect("a scheme")).ok()?;
    let rounding = Rounding::to_bits(problem.target.encoding.weight_bits, 8);
    let layers = integer_layers(&network, &[], rounding).expect("it is rounded");
    let inputs = problem.input();
    let calibration = [inputs.map(|_| 0.0)];
    let plan =
        Plan { network: &network, mapping: &mapping, layers: &layers, hardware, calibration: &calibration, threads: 1 };
    // Some encodings and settings do not go together.
    let is_exact = plan.is_exact().ok()?;
    let chip = Chip::program(&plan, 3, &|_, _| ControlFlow::Continue(())).expect("programmed");
    // Everything that can be driven, and the problem's own inputs.
    let ends = |end: i32| inputs.map(|_| end.clamp(-127, 127));
    let computes = |inputs: &Tensor<i32>| {
        let inputs = inputs.map(|&input| input.clamp(range[0], range[1]));
        let image = inputs.map(|&input| input as f32 * super::one_layer::INPUT_SCALE);
        chip.scores(0, &[image]).expect("scores")[0] == expected_of(problem, &inputs)
    };
    let computes = [inputs.clone(), ends(range[0]), ends(range[1])].iter().all(computes);
    Some([is_exact, computes])
}

/// Of many drawn plans, those shown to be exact compute the integers of every input, and most that do are shown to.
#[test]
fn chips_that_are_shown_to_be_exact_are() {
    let (shown, exact) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let schemes = prop::sample::select(scheme::SCHEMES.iter().map(|scheme| scheme.name()).collect::<Vec<_>>());
    let ranges = prop_oneof![Just([-255, 255]), Just([0, 255])];
    proptest!(ProptestConfig::with_cases(1500), |(problem in problems(), scheme in schemes, drawn in drawn(), range in ranges)| {
        if let Some([is_shown, computes]) = compare(&problem, scheme, &drawn.hardware(), range) {
            prop_assert!(!is_shown || computes);
            shown.fetch_add(usize::from(is_shown), Ordering::Relaxed);
            exact.fetch_add(usize::from(computes), Ordering::Relaxed);
        }
    });
    let [shown, exact] = [&shown, &exact].map(|count| count.load(Ordering::Relaxed));
    assert!(shown > 150 && shown * 5 > exact * 2, "{shown} of {exact} are shown to be exact");
}
