//! Sums of columns and the bits that tell them apart, against plain enumeration.

use tilewright::mapping::{Encoding, SignRule, lossless_bits};

/// The fewest bits whose codes, whole numbers or two's complement, are all of these.
fn enough(least: i64, greatest: i64) -> u32 {
    let holds = |bits: &u32| match least < 0 {
        true => (-(1i64 << (bits - 1))..1i64 << (bits - 1)).contains(&least) && greatest < 1i64 << (bits - 1),
        false => greatest < 1i64 << bits,
    };
    (1..40).find(holds).expect("some are enough")
}

#[test]
fn bits_hold_both_ends_and_one_bit_less_does_not() {
    for least in -70..=0 {
        for greatest in 0..=70 {
            assert_eq!(lossless_bits([least, greatest]), enough(least, greatest), "{least} to {greatest}");
        }
    }
    // 128 rows of 2-bit cells, driven or not: 385 values.
    assert_eq!(lossless_bits([0, 128 * 3]), 9);
}

/// Least and greatest sum of a column, or a pair's difference, over all weights of all rows and all pulses.
fn enumerated(encoding: &Encoding, rows: u32, [low, high]: [i64; 2], subtracted: bool) -> [i64; 2] {
    let [least, greatest] = encoding.weight_range();
    let mut products = vec![];
    for weight in least..=greatest {
        // What one more level of a pair is for is not what any weight takes.
        if encoding.sign == SignRule::Differential && weight < -encoding.weight_limit() {
            continue;
        }
        let mut cells = vec![0; encoding.columns_per_weight()];
        encoding.encode(weight, &mut cells);
        let pairs = encoding.sign == SignRule::Differential && subtracted;
        let levels: Vec<i32> = if pairs { cells.chunks(2).map(|pair| pair[0] - pair[1]).collect() } else { cells };
        products.extend(levels.iter().flat_map(|&level| (low..=high).map(move |pulse| i64::from(level) * pulse)));
    }
    let ends = [products.iter().min(), products.iter().max()].map(|end| *end.expect("there are weights"));
    // Rows are independent: each takes its least, or its greatest.
    ends.map(|end| end * i64::from(rows))
}

#[test]
fn ends_are_those_of_every_weight_and_pulse() {
    for sign in [SignRule::Differential, SignRule::Offset, SignRule::Single] {
        for (weight_bits, cell_bits) in [(2, 1), (3, 1), (4, 2), (5, 2), (4, 4), (6, 3), (5, 8)] {
            let encoding = Encoding { sign, weight_bits, cell_bits };
            for pulse in [[0, 1], [0, 3], [-1, 1], [-3, 3]] {
                for subtracted in [false, true] {
                    for rows in [1, 3] {
                        let found = encoding.sum_ends(rows as usize, pulse, subtracted);
                        let expected = enumerated(&encoding, rows, pulse, subtracted);
                        let text =
                            format!("{encoding:?}, {pulse:?}, {subtracted}, {rows} rows: {found:?}, {expected:?}");
                        // Two's complement is not symmetric; that of whole weights is the only one that shows.
                        if sign == SignRule::Single {
                            assert!(found[0] <= expected[0] && expected[1] <= found[1], "{text}");
                            assert!(lossless_bits(found) <= lossless_bits(expected) + 1, "{text}");
                        } else {
                            assert_eq!(found, expected, "{text}");
                        }
                    }
                }
            }
        }
    }
}
