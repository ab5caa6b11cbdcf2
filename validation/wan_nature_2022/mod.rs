//! NeuRRAM's eight precision points, 43.1 to 6.44 TOPS/W, by a chip with four fitted energies and one fitted time.
//!
//! The points and the split of energy are as CiMLoop's test data has them (digitised from figure 12). What is fitted:
//!
//! | constant | fitted to |
//! |---|---|
//! | `driver.neurram.energy`, a word line switched | word-line part of the split, eight rows, one number |
//! | `crossbar.neurram.row-energy`, an input pulse | input part of the split, eight rows, one number |
//! | `neuron.neurram.energy`, a neuron and pulse; `neuron.neurram.conversion`, an output bit | the eight efficiencies |
//! | `pulse_ns` of the chip | the eight throughputs |
//!
//! All fits are least squares of relative errors and are repeated here. The leave-one-out error fits the last pair to seven points
//! and predicts the eighth.

use crate::figures::{Figure, Publication};
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::hardware::Design;
use tilewright::mapping::scheme::Im2col;
use tilewright::network::{Dense, Network, Op};

const POINTS: &str = include_str!("points.csv");
/// Operations of one use of a core: 256 rows of 128 pairs, two a multiply-accumulate.
const OPERATIONS: f64 = 2.0 * 256.0 * 128.0;

struct Measured {
    input_bits: u32,
    output_bits: u32,
    tops: f64,
    tops_per_w: f64,
    /// Energy of word lines, neurons and inputs, in fJ an operation.
    split: [f64; 3],
}

impl Measured {
    fn pulses(&self) -> f64 {
        f64::from((self.input_bits - 1).max(1))
    }

    fn energy_fj(&self) -> f64 {
        1e3 / self.tops_per_w
    }
}

fn measured() -> Vec<Measured> {
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let line = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        Measured {
            input_bits: number(fields[0]) as u32,
            output_bits: number(fields[1]) as u32,
            tops: number(fields[2]),
            tops_per_w: number(fields[3]),
            split: [4, 5, 6].map(|place| number(fields[place])),
        }
    };
    POINTS.lines().skip(1).map(line).collect()
}

/// A dense layer that fills one core, on the preset with other bits: TOPS/W, and TOPS of 48 cores.
fn modelled(point: &Measured) -> (f64, f64) {
    let chip = Design {
        input_bits: point.input_bits,
        output_bits: point.output_bits,
        ..Design::preset("neurram").expect("it is built in")
    };
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
    let mut network = Network::new("one core", vec![256]);
    network.push("core", Op::Dense(Dense::new(128)), &[network.input()]).expect("a layer");
    let mapping = model.map(&network, &Im2col).expect("it fits");
    let cost = model.cost(&network, &mapping).expect("it is priced");
    assert_eq!(cost.crossbars, 1);
    assert_eq!(cost.operations as f64, OPERATIONS);
    (cost.tops_per_w, OPERATIONS * 48.0 / cost.layers[0].cycle_ns * 1e-3)
}

/// Least squares of relative errors by two numbers: what each is multiplied by, and the value.
fn fit(rows: &[([f64; 2], f64)]) -> [f64; 2] {
    let sum = |term: &dyn Fn(&[f64; 2]) -> f64| rows.iter().map(|(x, y)| term(&[x[0] / y, x[1] / y])).sum::<f64>();
    let (aa, ab, bb) = (sum(&|x| x[0] * x[0]), sum(&|x| x[0] * x[1]), sum(&|x| x[1] * x[1]));
    let (a, b) = (sum(&|x| x[0]), sum(&|x| x[1]));
    let determinant = aa * bb - ab * ab;
    [(a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant]
}

/// The same by one number.
fn fit_one(rows: &[(f64, f64)]) -> f64 {
    let sum = |term: fn(f64) -> f64| rows.iter().map(|(x, y)| term(x / y)).sum::<f64>();
    sum(|x| x) / sum(|x| x * x)
}

pub(crate) fn publication() -> Publication {
    let about = "NeuRRAM at eight precisions. Four energies and one time are fitted to these sixteen figures; a point that is left out of the \
                 fit is predicted to 5.4 % on average.";
    let figure = |point: &Measured| {
        let (tops_per_w, tops) = modelled(point);
        let bits = format!("{} bits in, {} bits out", point.input_bits, point.output_bits);
        let efficiency = Figure::new(format!("{bits}, TOPS/W"), point.tops_per_w, tops_per_w);
        [efficiency, Figure::new(format!("{bits}, TOPS"), point.tops, tops)]
    };
    let figures = measured().iter().flat_map(figure).collect();
    Publication { title: "NeuRRAM (Wan et al. 2022)", about, citation: include_str!("citation.bib"), figures }
}

#[test]
fn eight_efficiencies_within_six_percent() {
    let points = measured();
    let errors: Vec<f64> = points
        .iter()
        .map(|point| {
            let (tops_per_w, _) = modelled(point);
            let error = tops_per_w / point.tops_per_w - 1.0;
            println!(
                "{} b in, {} b out: {tops_per_w:.3} TOPS/W, published {} ({:+.1} %)",
                point.input_bits,
                point.output_bits,
                point.tops_per_w,
                100.0 * error
            );
            error.abs()
        })
        .collect();
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    println!("mean absolute error {:.2} %, 4 fitted energies", 100.0 * mean);
    assert!(mean <= 0.06, "{mean}");
    let worst = errors.into_iter().fold(0.0, f64::max);
    assert!(worst <= 0.12, "{worst}");
}

#[test]
fn left_out_points_are_predicted() {
    let points = measured();
    let row = |point: &Measured| ([point.pulses(), f64::from(point.output_bits)], point.energy_fj());
    let error = |left_out: usize| {
        let rest = points.iter().enumerate().filter(|(place, _)| *place != left_out).map(|(_, point)| row(point));
        let [per_pulse, per_bit] = fit(&rest.collect::<Vec<_>>());
        let (x, energy) = row(&points[left_out]);
        (energy / (per_pulse * x[0] + per_bit * x[1]) - 1.0).abs()
    };
    let mean = (0..points.len()).map(error).sum::<f64>() / points.len() as f64;
    println!("leave-one-out error {:.2} %", 100.0 * mean);
    assert!(mean <= 0.06, "{mean}");
}

/// The constants in the data files are these fits, and no others.
#[test]
fn constants_are_the_fits() {
    let points = measured();
    let split = |part: usize| fit_one(&points.iter().map(|p| (p.pulses(), p.split[part])).collect::<Vec<_>>());
    let (word_lines, inputs) = (split(0), split(2));
    let rows = points.iter().map(|p| ([p.pulses(), f64::from(p.output_bits)], p.energy_fj()));
    let [per_pulse, per_bit] = fit(&rows.collect::<Vec<_>>());
    let library = Library::built_in();
    for (id, per, fj) in [
        ("driver.neurram.energy", 256.0, word_lines),
        ("crossbar.neurram.row-energy", 256.0, inputs),
        ("neuron.neurram.energy", 128.0, per_pulse - word_lines - inputs),
        ("neuron.neurram.conversion", 128.0, per_bit),
    ] {
        let fitted = fj * 1e-3 * OPERATIONS / per;
        let value = library.get(id).expect("a constant").value;
        println!("{id}: {value} pJ, fitted {fitted:.4}");
        assert!((value / fitted - 1.0).abs() < 1e-3, "{id}: {value}, fitted {fitted}");
    }
    let times = points.iter().map(|p| (p.pulses(), 48.0 * OPERATIONS / p.tops * 1e-3)).collect::<Vec<_>>();
    let fitted = fit_one(&times);
    let pulse = Design::preset("neurram").expect("it is built in").pulse_ns.expect("given");
    assert!((pulse / fitted - 1.0).abs() < 1e-3, "{pulse}, fitted {fitted}");
}

/// One fitted time for eight throughputs.
#[test]
fn eight_throughputs() {
    let points = measured();
    let errors = points.iter().map(|point| (modelled(point).1 / point.tops - 1.0).abs());
    let mean = errors.sum::<f64>() / points.len() as f64;
    println!("throughput: mean absolute error {:.2} %", 100.0 * mean);
    assert!(mean <= 0.07, "{mean}");
}
