//! Eleven published compute-in-memory macros: what their printed efficiencies say of models of converters.
//!
//! `macros.csv` says of every figure where it was read, or that it is recalled. In order of publication the six macros of one class
//! (binary RRAM, 9 or 16 rows at once, read as currents) alternate: three are fitted to, three are held out. Five of other classes
//! (voltage sensing, several bits a cell, phase change with all rows at once) are held out too, and show how far the class reaches.
//!
//! | | points | median error of TOPS/W | worst, a factor |
//! |---|---|---|---|
//! | `nvm-macro`, fitted | 5 | 18 % | 1.27 |
//! | `nvm-macro`, held out, same class | 5 | 21 % | 1.44 |
//! | `nvm-macro`, held out, other classes | 6 | 72 % | 2.5 |
//! | `walden-typical`, same class | 10 | 73 % of the fitted, 91 % of the held out, all too low | 33 |
//!
//! Ten per cent on the fitted half is out of reach of anything that knows bits and node only: macros of one group, node and width print
//! 146, 194 and 196 TOPS/W for 1-bit products and 11.9, 15.6 and 21.6 for 8-bit ones, spreads of 1.3 and of 1.8. Outside the class
//! voltage sensing at 130 nm takes less than the node says; phase-change cores of 14 nm, priced at 22 nm, the least node with data, take
//! more.

use crate::figures::{Figure, Publication};
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::hardware::{AdcSettings, Design};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule};

const MACROS: &str = include_str!("macros.csv");

struct Macro {
    name: String,
    node_nm: f64,
    input_bits: u32,
    weight_bits: u32,
    tops_per_w: f64,
    group: String,
}

impl Macro {
    /// Of a multiply-accumulate, in fJ.
    fn product_fj(&self) -> f64 {
        2e3 / self.tops_per_w
    }

    fn product_bits(&self) -> f64 {
        f64::from(self.input_bits * self.weight_bits)
    }

    /// Energy of a multiply-accumulate by a model, in fJ, on a chip of converters only: 16 rows of binary cells, bit-serial inputs.
    fn priced_fj(&self, model: &str) -> f64 {
        let preset = Design::preset("generic-22nm").expect("a preset");
        let adc = AdcSettings { model: model.into(), ..preset.adc.clone().expect("it has converters") };
        let chip = Design {
            node_nm: self.node_nm.max(22.0),
            crossbar: CrossbarSize { rows: 16, columns: 512 },
            encoding: Encoding { sign: SignRule::Single, weight_bits: self.weight_bits.max(2), cell_bits: 1 }.into(),
            input_bits: self.input_bits,
            adc: Some(adc),
            ..preset
        };
        let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).expect("it is valid");
        let conversion_pj = model.explain("adc").expect("a part")[0].energies[0].1;
        conversion_pj * 1e3 * chip.pulses() * f64::from(self.weight_bits) / 16.0
    }

    /// The same by the formula of `nvm-macro`, which also holds where weights have 1 bit and cannot be mapped.
    fn formula_fj(&self, [energy_fj, by_bits, by_node]: [f64; 3]) -> f64 {
        energy_fj * self.product_bits().powf(by_bits) * (self.node_nm.max(22.0) / 22.0).powf(by_node)
    }
}

fn macros() -> Vec<Macro> {
    let line = |line: &str| {
        // The cells and the source may hold commas, in quotes.
        let mut fields: Vec<String> = vec![String::new()];
        let mut quoted = false;
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                _ => fields.last_mut().expect("one at least").push(letter),
            }
        }
        let number = |place: usize| fields[place].parse::<f64>().expect("a number");
        Macro {
            name: fields[0].clone(),
            node_nm: number(1),
            input_bits: number(3) as u32,
            weight_bits: number(4) as u32,
            tops_per_w: number(5),
            group: fields[8].clone(),
        }
    };
    MACROS.lines().skip(1).map(line).collect()
}

pub(crate) fn publication() -> Publication {
    let about = "TOPS/W of whole RRAM and phase-change macros by the model `nvm-macro`. Those marked *fit* are what its three constants are \
                 fitted to; the others are held out. Of other classes (voltage sensing, several bits a cell, phase change) it is off \
                 by up to a factor of 2.5.";
    let constants = constants();
    let figure = |point: &Macro| {
        let Macro { name, input_bits, weight_bits, tops_per_w, group, .. } = point;
        let what = format!("`{name}`, {input_bits}×{weight_bits} bits, *{group}*");
        Figure::new(what, *tops_per_w, 2e3 / point.formula_fj(constants))
    };
    let figures = macros().iter().map(figure).collect();
    Publication { title: "Published macros", about, citation: include_str!("citation.bib"), figures }
}

fn constants() -> [f64; 3] {
    let library = Library::built_in();
    ["energy", "bits-exponent", "node-exponent"]
        .map(|name| library.get(&format!("adc.nvm-macro.{name}")).expect("a constant").value)
}

/// Median of the relative errors of TOPS/W, and the greatest factor between modelled and printed.
fn errors(macros: &[Macro], group: &str, product_fj: impl Fn(&Macro) -> f64) -> (f64, f64) {
    let mut errors = Vec::new();
    let mut worst = 1.0f64;
    for point in macros.iter().filter(|point| point.group == group) {
        let ratio = point.product_fj() / product_fj(point);
        let Macro { name, input_bits, weight_bits, tops_per_w, .. } = point;
        println!(
            "{name}, {input_bits}-bit inputs, {weight_bits}-bit weights: {:.2} TOPS/W, printed {tops_per_w}, {group}",
            ratio * tops_per_w
        );
        errors.push((ratio - 1.0).abs());
        worst = worst.max(ratio.max(1.0 / ratio));
    }
    errors.sort_by(f64::total_cmp);
    let middle = errors.len() / 2;
    let median = if errors.len() % 2 == 1 { errors[middle] } else { f64::midpoint(errors[middle - 1], errors[middle]) };
    println!("{group}: median {:.1} %, worst a factor of {worst:.2}", 100.0 * median);
    (median, worst)
}

#[test]
fn macros_of_the_class_are_met() {
    let (macros, constants) = (macros(), constants());
    let by_formula = |group: &str| errors(&macros, group, |point| point.formula_fj(constants));
    let [fitted, held_out, others] = ["fit", "held out", "other class"].map(by_formula);
    assert!(fitted.0 <= 0.18 && fitted.1 <= 1.28, "{fitted:?}");
    assert!(held_out.0 <= 0.21 && held_out.1 <= 1.45, "{held_out:?}");
    // Not met, and by how much.
    assert!(others.1 <= 2.6, "{others:?}");
}

/// What the model prices is the formula, where weights have the 2 bits that a mapping takes.
#[test]
fn the_model_is_the_formula() {
    for point in macros().iter().filter(|point| point.weight_bits > 1) {
        let (priced, formula) = (point.priced_fj("nvm-macro"), point.formula_fj(constants()));
        assert!((priced / formula - 1.0).abs() < 1e-9, "{}: {priced} {formula}", point.name);
    }
}

/// A converter of the survey at every 1-bit product of 16 rows takes many times what whole macros print.
#[test]
fn converters_of_the_survey_are_no_macros() {
    let macros = macros();
    for group in ["fit", "held out"] {
        let (median, _) = errors(&macros, group, |point| point.priced_fj("walden-typical"));
        assert!((0.4..0.95).contains(&median), "{median}");
    }
    let four_megabit = macros.iter().find(|point| point.name == "xue_isscc_2021" && point.input_bits == 8);
    let four_megabit = four_megabit.expect("it is in the table");
    let tops_per_w = |model: &str| 2e3 / four_megabit.priced_fj(model);
    println!("{} by walden-typical, {} by nvm-macro", tops_per_w("walden-typical"), tops_per_w("nvm-macro"));
    assert!(tops_per_w("walden-typical") < 0.15 * four_megabit.tops_per_w);
    assert!((0.7..1.4).contains(&(tops_per_w("nvm-macro") / four_megabit.tops_per_w)));
}

/// The constants in the data file are the least squares of logarithms over the macros marked so, and no others.
#[test]
fn constants_are_the_fit() {
    let rows: Vec<[f64; 4]> = macros()
        .iter()
        .filter(|point| point.group == "fit")
        .map(|point| [1.0, point.product_bits().ln(), (point.node_nm / 22.0).ln(), point.product_fj().ln()])
        .collect();
    let sum = |a: usize, b: usize| rows.iter().map(|row| row[a] * row[b]).sum::<f64>();
    // Normal equations by Cramer's rule.
    let matrix = [0, 1, 2].map(|row| [0, 1, 2].map(|column| sum(row, column)));
    let determinant = |m: [[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let solved = [0, 1, 2].map(|column| {
        let mut replaced = matrix;
        (0..3).for_each(|row| replaced[row][column] = sum(row, 3));
        determinant(replaced) / determinant(matrix)
    });
    let fitted = [solved[0].exp(), solved[1], solved[2]];
    for (value, fitted) in constants().into_iter().zip(fitted) {
        println!("{value}, fitted {fitted:.5}");
        assert!((value / fitted - 1.0).abs() < 1e-4, "{value}, fitted {fitted}");
    }
}
