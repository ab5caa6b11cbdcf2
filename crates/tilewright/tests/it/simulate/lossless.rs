//! Bits of a converter that loses nothing, against every current that any input makes.

use super::one_layer;
use crate::mapping::problem::MappingProblem;
use tilewright::hardware::Subtraction;
use tilewright::mapping::placement::crossbars;
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, Tiles, scheme};
use tilewright::network::{ConvShape, IntegerLayer, Rounding, integer_layers};
use tilewright::simulate::{Hardware, Plan};

/// The fewest bits whose codes, whole numbers or two's complement, are all currents that inputs of the layer make: each of the
/// four inputs is each integer of its range, one pulse after the other.
fn enumerated(layer: &IntegerLayer, tiles: &Tiles, pairs: Subtraction, dac_bits: u32) -> u32 {
    let encoding = &tiles.encoding;
    let (mut least, mut greatest) = (0i64, 0i64);
    for placed in crossbars(tiles) {
        let programmed = placed.program(&layer.weights, encoding);
        let value = |row: &[i32], column: usize| i64::from(row[column]);
        let levels_of = |row: &[i32]| -> Vec<i64> {
            match (encoding.sign, pairs) {
                (SignRule::Differential, Subtraction::Analog) => {
                    row.chunks(2).map(|pair| i64::from(pair[0] - pair[1])).collect()
                }
                (SignRule::Offset, _) => {
                    (0..row.len() - 1).map(|column| value(row, column) - value(row, row.len() - 1)).collect()
                }
                _ => (0..row.len()).map(|column| value(row, column)).collect(),
            }
        };
        let rows: Vec<Vec<i64>> = programmed.levels.chunks(programmed.columns).map(levels_of).collect();
        // Every input is every integer; of the sums of a pulse only the ends matter, and rows are independent.
        let digits: Vec<i64> = (layer.input.range[0]..=layer.input.range[1])
            .flat_map(|x| {
                let digit =
                    move |pulse: u32| i64::from((x.unsigned_abs() >> (pulse * dac_bits)) & ((1 << dac_bits) - 1));
                (0..16 / dac_bits).map(move |pulse| digit(pulse) * i64::from(x.signum()))
            })
            .collect();
        for channel in 0..rows[0].len() {
            let of_rows = rows.iter().map(|row| {
                let products: Vec<i64> = digits.iter().map(|digit| digit * row[channel]).collect();
                [products.iter().copied().fold(0, i64::min), products.iter().copied().fold(0, i64::max)]
            });
            let [low, high] = of_rows.fold([0, 0], |[a, b], [c, d]| [a + c, b + d]);
            (least, greatest) = (least.min(low), greatest.max(high));
        }
    }
    let holds = |bits: &u32| match least < 0 {
        true => least >= -(1i64 << (bits - 1)) && greatest < 1i64 << (bits - 1),
        false => greatest < 1i64 << bits,
    };
    (1..40).find(holds).expect("some are enough")
}

/// Under every sign rule that has cells, pairs subtracted or not, pulses of any width, inputs with and without a sign.
#[test]
fn they_are_those_of_the_currents_that_there_are() {
    let crossbar = CrossbarSize { rows: 16, columns: 64 };
    for (sign, weight_bits, cell_bits) in [
        (SignRule::Differential, 5, 2),
        (SignRule::Differential, 4, 4),
        (SignRule::Offset, 5, 2),
        (SignRule::Offset, 3, 1),
    ] {
        let target = Target::new(crossbar, Encoding { sign, weight_bits, cell_bits });
        let problem = MappingProblem { shape: ConvShape::dense(4, 3), target, seed: 7 };
        let network = one_layer::network(&problem);
        let mapping = one_layer::map(&problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
        let rounding = Rounding::to_bits(weight_bits, 8);
        let mut layers = integer_layers(&network, &[], rounding).expect("it is rounded");
        for range in [[0, 15], [-7, 7], [-128, 127], [0, 1]] {
            layers[0].input.range = range;
            layers[0].driven_bits = layers[0].input.bits();
            for pairs in [Subtraction::Analog, Subtraction::Digital] {
                for dac_bits in [None, Some(1), Some(2)] {
                    let hardware = Hardware { dac_bits, pairs, ..Hardware::ideal() };
                    let plan = Plan {
                        network: &network,
                        mapping: &mapping,
                        layers: &layers,
                        hardware: &hardware,
                        calibration: &[],
                        threads: 1,
                    };
                    let tiles = Tiles::new(&problem.shape, mapping.layers[0].tiling, crossbar, target.encoding);
                    let pulse = dac_bits.unwrap_or(8).min(layers[0].input.bits());
                    let expected = enumerated(&layers[0], &tiles.expect("it fits"), pairs, pulse);
                    let found = plan.lossless_bits().expect("a plan");
                    assert_eq!(
                        found,
                        [expected],
                        "{sign:?} {weight_bits} {cell_bits} {range:?} {pairs:?} {dac_bits:?}"
                    );
                }
            }
        }
    }
}
