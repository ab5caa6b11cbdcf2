//! Cells whose current bends with the voltage, against the circuit solver and against linear cells.

use super::one_layer::{ACCESS, expected, image, map, run, with_chip};
use crate::mapping::problem::MappingProblem;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::circuit::{SolveOptions, Wiring, solve_nonlinear};
use tilewright::hardware::Cells;
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, scheme};
use tilewright::network::ConvShape;
use tilewright::simulate::{Hardware, LevelScale, SimulateError};

const VOLTS: f64 = 0.4;
/// Greatest magnitude of an input of the layer.
const MOST: f64 = 255.0;

/// Weights of 6 bits, each whole in one cell or one pair.
fn problem(sign: SignRule) -> MappingProblem {
    let target = Target::new(CrossbarSize { rows: 64, columns: 40 }, Encoding { sign, weight_bits: 6, cell_bits: 6 });
    MappingProblem { shape: ConvShape::dense(40, 10), target, seed: 11 }
}

fn on(device: Generic) -> Hardware {
    read_at(VOLTS, device)
}

fn read_at(read_voltage: f64, device: Generic) -> Hardware {
    let cells = Cells { read_voltage, ..Cells::default() };
    Hardware { cells, ..Hardware::new(Arc::from(device.device().expect("a device"))) }
}

fn bent() -> Generic {
    Generic { sinh_volts: Some(0.2), ..Generic::default() }
}

fn measured() -> Generic {
    Generic { curve: vec![[0.1, 1e-6], [0.2, 2.4e-6], [0.4, 9e-6]], ..Generic::default() }
}

/// A cell that sees nothing or the read voltage is a conductance.
#[test]
fn inputs_of_one_bit_are_those_of_linear_cells() {
    for sign in [SignRule::Differential, SignRule::Offset] {
        let problem = problem(sign);
        for scheme in scheme::SCHEMES {
            let Ok(mapping) = map(&problem, scheme) else { continue };
            for device in [bent(), measured()] {
                let hardware = Hardware { dac_bits: Some(1), ..on(device) };
                let found = run(&problem, &mapping, &hardware, 1, &[image(&problem)]).expect("it runs");
                assert_eq!(&found[0], &expected(&problem), "{}", scheme.name());
            }
        }
    }
}

#[test]
fn a_curve_without_a_bend_changes_no_bit() {
    let problem = problem(SignRule::Differential);
    let mapping = map(&problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    let straight = Generic { curve: vec![[0.1, 1e-6], [0.3, 3e-6], [0.5, 5e-6]], ..Generic::default() };
    let found = run(&problem, &mapping, &on(straight), 1, &[image(&problem)]).expect("it runs");
    assert_eq!(&found[0], &expected(&problem));
}

/// Inputs of eight bits at once, erring cells: the sums of the currents that the circuit solver finds.
#[test]
fn sums_are_those_of_the_circuit() {
    for sign in [SignRule::Differential, SignRule::Offset] {
        for device in [bent(), measured()] {
            let hardware = on(Generic { programming_error: vec![0.02], ..device });
            let problem = problem(sign);
            with_chip(&problem, &hardware, 3, |plan, chip, map| {
                let image = image(&problem);
                let found = chip.scores(0, std::slice::from_ref(&image)).expect("scores");
                let inputs = chip.row_inputs(plan, &ACCESS, 0, &image).expect("inputs");
                let volts: Vec<f64> = map.on_word_lines(&inputs).iter().map(|input| input * VOLTS).collect();
                let curve = hardware.device.curve();
                let cells = map.circuit(Wiring::default()).expect("a circuit");
                let currents =
                    solve_nonlinear(&cells, &curve, &volts, &SolveOptions::default()).expect("solved").currents;
                let step =
                    LevelScale::new(&problem.target.encoding, &plan.layers[0].weights, hardware.device.range()).step;
                let unit = curve.at(step, VOLTS).0 / MOST;
                let driven: f64 = inputs.iter().map(|input| input * MOST).sum();
                for (channel, &found) in found[0].values().iter().enumerate() {
                    let sum = match sign {
                        SignRule::Differential => (currents[2 * channel] - currents[2 * channel + 1]) / unit,
                        // The unit column takes one level of each row away, and digital logic 31 of the 32 of the offset.
                        _ => (currents[channel] - currents[10]) / unit - 31.0 * driven,
                    };
                    let wanted = plan.layers[0].real(channel)(sum);
                    assert!(
                        (f64::from(found) - wanted).abs() < 1e-5 * (1.0 + wanted.abs()),
                        "{channel}: {found} {wanted}"
                    );
                }
            });
        }
    }
}

/// How far the linearisation of a chip is off, and how far it is with all rows at the read voltage.
fn off(device: Generic, wiring: Wiring) -> (Option<f64>, f64) {
    let hardware = Hardware { wiring, ..on(device) };
    with_chip(&problem(SignRule::Differential), &hardware, 3, |_, chip, map| {
        let curve = hardware.device.curve();
        let volts = vec![VOLTS; map.rows];
        let cells = map.circuit(wiring).expect("a circuit");
        let exact = solve_nonlinear(&cells, &curve, &volts, &SolveOptions::default()).expect("solved").currents;
        // The matrix is by the current of a cell at the read voltage.
        let gain = curve.at(1.0, VOLTS).0 / VOLTS;
        let found = map.currents(&volts).into_iter().map(|current| current * gain);
        let most = exact.iter().copied().fold(0.0, f64::max);
        (
            chip.linearisation,
            found.zip(&exact).fold(0.0, |off: f64, (found, exact)| off.max((found - exact).abs())) / most,
        )
    })
}

#[test]
fn between_wires_the_linearisation_says_how_far_it_is_off() {
    let wires = Wiring { r_source: 20.0, r_sink: 10.0, ..Wiring::wires(5.0) };
    let (said, all_rows) = off(bent(), wires);
    let said = said.expect("cells are linearised");
    assert!(said >= all_rows * (1.0 - 1e-9) && all_rows > 1e-3 && said < 0.5, "{said} {all_rows}");
    let (less, _) = off(Generic { sinh_volts: Some(0.4), ..Generic::default() }, wires);
    let (hardly, _) = off(Generic { sinh_volts: Some(1000.0), ..Generic::default() }, wires);
    assert!(
        less.is_some_and(|less| less < said / 2.0) && hardly.is_some_and(|hardly| hardly < 1e-6),
        "{less:?} {hardly:?}"
    );
    assert_eq!(off(Generic::default(), wires).0, None);
    assert_eq!(off(bent(), Wiring::default()).0, None);
}

#[test]
fn what_cannot_be_read_is_refused() {
    let refused = |hardware: Hardware| hardware.verify().expect_err("refused").to_string();
    assert_eq!(
        refused(read_at(0.5, measured())),
        "read voltage: found 0.5; give at most 0.4 V, where the measured curve ends"
    );
    assert!(refused(read_at(20.0, bent())).starts_with("read voltage: found 20; give less"));
    assert!(matches!(read_at(0.0, bent()).verify(), Err(SimulateError::Setting { .. })));
    let both = Generic { sinh_volts: Some(1.0), ..measured() };
    assert_eq!(
        both.device().expect_err("two curves").to_string(),
        "device generic: sinh_volts is 1; allowed is left out beside `curve`"
    );
    let falling = Generic { curve: vec![[0.1, 1e-6], [0.2, 1e-6]], ..Generic::default() };
    assert!(falling.device().expect_err("no curve").to_string().starts_with("device generic: curve[1] is 0.2 V and"));
}
