use super::{difference, largest};
use tilewright::circuit::{Collect, Crossbar, Drive, Keep, SolveOptions, Wiring, solve, solve_with, transfer};

fn wiring(r_word: f64, r_bit: f64, r_source: f64, r_sink: f64) -> Wiring {
    Wiring { r_word, r_bit, r_source, r_sink, ..Wiring::default() }
}

/// Conductances between 1 µS and 1 mS that follow no pattern.
fn scattered(count: usize) -> Vec<f64> {
    (0..count).map(|place| 1e-6 * 10f64.powf((place * 7919 % 1000) as f64 / 333.0)).collect()
}

fn all_sides() -> impl Iterator<Item = (Drive, Collect)> {
    [Drive::Left, Drive::Right, Drive::Both]
        .into_iter()
        .flat_map(|drive| [Collect::Bottom, Collect::Top, Collect::Both].map(|collect| (drive, collect)))
}

#[test]
fn ideal_wires_are_the_plain_product_bit_for_bit() {
    let cells = scattered(7 * 5);
    let voltages = [0.2, -0.1, 0.0, 0.3, 0.05, -0.25, 0.15];
    for (drive, collect) in all_sides() {
        let wiring = Wiring { drive, collect, ..Wiring::default() };
        let crossbar = Crossbar::new(7, 5, cells.clone(), wiring).expect("valid");
        assert_eq!(transfer(&crossbar).expect("finite").matrix(), cells);
        let solution = solve(&crossbar, &voltages).expect("it converges");
        let product: Vec<f64> =
            (0..5).map(|column| (0..7).map(|row| cells[row * 5 + column] * voltages[row]).sum()).collect();
        assert!(difference(&solution.currents, &product) <= 1e-15 * largest(&product));
    }
}

#[test]
fn a_single_cell_is_a_series_circuit() {
    for (drive, collect) in all_sides() {
        for [r_word, r_bit, r_source, r_sink] in
            [[2.5, 2.5, 5.0, 7.0], [0.0, 3.0, 0.0, 7.0], [0.0, 0.0, 5.0, 7.0], [1.0, 0.0, 0.0, 0.0]]
        {
            let wiring = Wiring { drive, collect, ..wiring(r_word, r_bit, r_source, r_sink) };
            let crossbar = Crossbar::new(1, 1, vec![1e-4], wiring).expect("valid");
            let parallel = |both: bool| if both { 0.5 } else { 1.0 };
            let ohm = (r_word + r_source) * parallel(drive == Drive::Both)
                + 1e4
                + (r_bit + r_sink) * parallel(collect == Collect::Both);
            let found = [
                transfer(&crossbar).expect("finite").matrix()[0],
                solve(&crossbar, &[1.0]).expect("converges").currents[0],
            ];
            assert!(found.iter().all(|siemens| (siemens * ohm - 1.0).abs() < 1e-14), "{found:?} {ohm}");
        }
    }
}

/// A row of equal cells between ideal bit lines is an RC-like ladder without C: its drops follow hyperbolic cosines.
#[test]
fn one_row_of_equal_cells_decays_like_a_ladder() {
    let (columns, siemens, ohm) = (40, 1e-3, 10.0);
    let crossbar = Crossbar::new(1, columns, vec![siemens; columns], wiring(ohm, 0.0, 0.0, 0.0)).expect("valid");
    // v[c-1] - 2 v[c] + v[c+1] = G r v[c], v[-1] = 1, no current after the last cell: v[c] ∝ cosh((columns - ½ - c) a).
    let a = (1.0 + siemens * ohm / 2.0).acosh();
    let at = |column: f64| ((columns as f64 - 0.5 - column) * a).cosh() / ((columns as f64 + 0.5) * a).cosh();
    let expected: Vec<f64> = (0..columns).map(|column| siemens * at(column as f64)).collect();
    let matrix = transfer(&crossbar).expect("finite");
    assert!(difference(matrix.matrix(), &expected) <= 1e-14 * siemens);
    let solution = solve(&crossbar, &[1.0]).expect("it converges");
    assert!(difference(&solution.currents, &expected) <= 1e-14 * siemens);
}

/// The wires' resistance shrinks, the currents tend to the plain product, and no digit is lost on the way.
#[test]
fn tiny_wire_resistances_lose_no_digits() {
    let cells = scattered(12 * 9);
    let error = |ohm: f64| {
        let crossbar = Crossbar::new(12, 9, cells.clone(), Wiring::wires(ohm)).expect("valid");
        let matrix = transfer(&crossbar).expect("finite");
        let solution = solve(&crossbar, &[0.2; 12]).expect("it converges");
        let product = matrix.currents(&[0.2; 12]).expect("voltages");
        assert!(difference(&solution.currents, &product) <= 1e-13 * largest(&product));
        assert!(solution.residual < 1e-10, "{ohm} ohm: {}", solution.residual);
        matrix.matrix().iter().zip(&cells).map(|(loaded, cell)| (1.0 - loaded / cell).abs()).fold(0.0, f64::max)
    };
    // First order in the resistance, six decades apart.
    let ratio = error(1e-3) / error(1e-9);
    assert!((ratio / 1e6 - 1.0).abs() < 1e-3, "{ratio}");
}

#[test]
fn open_lines_carry_nothing_and_disturb_nobody() {
    let mut cells = scattered(6 * 6);
    (0..6).for_each(|place| {
        cells[place * 6 + 2] = 0.0;
        cells[4 * 6 + place] = 0.0;
    });
    let crossbar = Crossbar::new(6, 6, cells, wiring(2.5, 2.5, 10.0, 20.0)).expect("valid");
    let matrix = transfer(&crossbar).expect("finite");
    for place in 0..6 {
        assert_eq!(matrix.matrix()[place * 6 + 2], 0.0);
        assert_eq!(matrix.matrix()[4 * 6 + place], 0.0);
    }
    let solution = solve(&crossbar, &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]).expect("it converges");
    assert_eq!(solution.currents[2], 0.0);
    let nothing = Crossbar::new(3, 4, vec![0.0; 12], Wiring::wires(1.0)).expect("valid");
    assert_eq!(transfer(&nothing).expect("finite").matrix(), [0.0; 12]);
    let solution = solve(&nothing, &[1.0; 3]).expect("it converges");
    assert_eq!((solution.currents, solution.residual), (vec![0.0; 4], 0.0));
}

#[test]
fn inputs_superpose_and_keep_their_order() {
    let crossbar = Crossbar::new(10, 6, scattered(60), wiring(2.5, 1.0, 10.0, 20.0)).expect("valid");
    let voltages: Vec<f64> = (0..30).map(|place| ((place * 31 % 17) as f64 - 8.0) / 20.0).collect();
    let options = SolveOptions { tolerance: 5e-13, keep: Keep::Nodes, ..SolveOptions::default() };
    let together = solve_with(&crossbar, &voltages, &options).expect("it converges");
    assert_eq!((together.inputs, together.nodes.len()), (3, 3));
    for input in 0..3 {
        let alone: Vec<f64> = voltages.iter().skip(input).step_by(3).copied().collect();
        let alone = solve_with(&crossbar, &alone, &options).expect("it converges");
        let part: Vec<f64> = together.currents.iter().skip(input).step_by(3).copied().collect();
        assert_eq!(part, alone.currents);
    }
    let sum: Vec<f64> = voltages.chunks(3).map(|row| row[0] + 2.0 * row[1] - row[2]).collect();
    let sum = solve_with(&crossbar, &sum, &options).expect("it converges").currents;
    let combined: Vec<f64> =
        together.currents.chunks(3).map(|column| column[0] + 2.0 * column[1] - column[2]).collect();
    assert!(difference(&sum, &combined) <= 1e-12 * largest(&sum));
}

/// Sizes around those of the tiles that the crossbar is cut into, on both sides of a power of two.
#[test]
fn sizes_that_tiles_do_not_divide() {
    for (rows, columns) in [(1, 70), (70, 1), (31, 33), (64, 7), (65, 64), (3, 130)] {
        let crossbar =
            Crossbar::new(rows, columns, scattered(rows * columns), wiring(2.5, 2.5, 5.0, 5.0)).expect("valid");
        let voltages: Vec<f64> = (0..rows).map(|row| 0.1 + row as f64 / 300.0).collect();
        let product = transfer(&crossbar).expect("finite").currents(&voltages).expect("voltages");
        let solution = solve(&crossbar, &voltages).expect("it converges");
        assert!(difference(&product, &solution.currents) <= 1e-12 * largest(&product), "{rows}x{columns}");
    }
}

#[test]
fn a_harsh_crossbar_is_solved_too() {
    let crossbar = Crossbar::new(96, 96, vec![1e-2; 96 * 96], Wiring::wires(50.0)).expect("valid");
    let solution = solve(&crossbar, &[0.2; 96]).expect("it converges");
    let product = transfer(&crossbar).expect("finite").currents(&[0.2; 96]).expect("voltages");
    assert!(
        difference(&product, &solution.currents) <= 1e-11 * largest(&product),
        "{} iterations",
        solution.iterations
    );
    assert!(solution.residual < 1e-10);
}

/// 1 kΩ cells in a 1e-9 Ω mesh beside 1e12 Ω terminals: every entry comes out right, however small.
#[test]
fn entries_are_right_one_by_one() {
    let crossbar = Crossbar::new(2, 1, vec![1e-3, 1e-15], wiring(1e-9, 1e-9, 0.0, 0.0)).expect("valid");
    let matrix = transfer(&crossbar).expect("finite");
    assert!((matrix.matrix()[0] / 1e-3 - 1.0).abs() < 1e-11);
    assert!((matrix.matrix()[1] / 1e-15 - 1.0).abs() < 1e-11);
}
