use super::ngspice::currents;
use super::{difference, largest};
use tilewright::circuit::spice::netlist;
use tilewright::circuit::{CellCurve, Collect, Crossbar, Drive, SolveOptions, Wiring, solve_nonlinear, transfer};

fn crossbars() -> Vec<Crossbar> {
    let cells: Vec<f64> =
        (0..20).map(|place| if place == 7 { 0.0 } else { 1e-6 * f64::from(1 + place * 37 % 100) }).collect();
    let ohms = [
        [2.5, 1.5, 10.0, 20.0],
        [0.0, 2.0, 100.0, 0.0],
        [2.0, 0.0, 0.0, 50.0],
        [0.0, 0.0, 10.0, 30.0],
        [0.0; 4],
        [2.0, 2.0, 0.0, 0.0],
    ];
    let sides = [(Drive::Left, Collect::Bottom), (Drive::Right, Collect::Top), (Drive::Both, Collect::Both)];
    let all = ohms.into_iter().flat_map(|ohms| sides.map(|sides| (ohms, sides)));
    all.map(|([r_word, r_bit, r_source, r_sink], (drive, collect))| {
        let wiring = Wiring { r_word, r_bit, r_source, r_sink, drive, collect };
        Crossbar::new(5, 4, cells.clone(), wiring).expect("valid")
    })
    .collect()
}

const VOLTAGES: [f64; 5] = [0.2, -0.1, 0.0, 0.3, 0.15];

#[test]
fn a_netlist_by_hand() {
    let wiring = Wiring { r_word: 2.0, r_bit: 0.0, r_source: 5.0, r_sink: 7.0, ..Wiring::default() };
    let crossbar = Crossbar::new(1, 2, vec![1e-3, 0.0], wiring).expect("valid");
    let text = netlist(&crossbar, &CellCurve::Linear, "two cells", &[0.5], &[1e-4, 0.0]).expect("complete");
    assert_eq!(
        text,
        "* two cells: 1 rows, 2 columns\nVrow0 row0 0 DC 5e-1\nVcol0 col0 0 DC 0\nVcol1 col1 0 DC 0\n\
         Rleft0_own row0 row0_left0 5e0\nRleft0_wire row0_left0 w0_0 2e0\nRw0_1 w0_0 w0_1 2e0\nRcell0_0 w0_0 b0 1e3\n\
         Rbottom0_own col0 b0 7e0\nRbottom1_own col1 b1 7e0\n\
         * expected: i(vcol0) = 1.000000000000e-4\n* expected: i(vcol1) = 0.000000000000e0\n\
         .options reltol=1e-12 abstol=1e-18 vntol=1e-15 gmin=1e-24 numdgt=15\n\
         .control\nset numdgt=15\nop\nprint i(vcol0)\nprint i(vcol1)\n.endc\n.end\n"
    );
    assert!(netlist(&crossbar, &CellCurve::Linear, "", &[0.5, 0.5], &[0.0; 2]).is_err());
    assert!(netlist(&crossbar, &CellCurve::Linear, "", &[0.5], &[0.0; 3]).is_err());
}

#[test]
fn ngspice_finds_the_currents_in_the_comments() {
    for crossbar in crossbars() {
        let expected = transfer(&crossbar).expect("finite").currents(&VOLTAGES).expect("voltages");
        let text = netlist(&crossbar, &CellCurve::Linear, "test", &VOLTAGES, &expected).expect("complete");
        let Some(found) = currents(&text, crossbar.columns()) else {
            println!("not run: ngspice is not installed");
            return;
        };
        let error = difference(&found, &expected) / largest(&expected);
        assert!(error < 1e-9, "{:?}: {error:.1e}", crossbar.wiring());
    }
}

#[test]
fn ngspice_finds_the_currents_of_cells_that_bend() {
    let points = vec![[0.1, 1e-6], [0.2, 2.4e-6], [0.4, 9e-6]];
    for curve in [
        CellCurve::Sinh { k: 6.0 },
        CellCurve::Measured { points },
        CellCurve::Selector { current: 1e-6, voltage: 0.06 },
        CellCurve::Transistor { resistance: 5e3 },
    ] {
        for crossbar in crossbars() {
            let expected =
                solve_nonlinear(&crossbar, &curve, &VOLTAGES, &SolveOptions::default()).expect("solved").currents;
            let text = netlist(&crossbar, &curve, "test", &VOLTAGES, &expected).expect("complete");
            let Some(found) = currents(&text, crossbar.columns()) else {
                println!("not run: ngspice is not installed");
                return;
            };
            let error = difference(&found, &expected) / largest(&expected);
            assert!(error < 1e-9, "{curve:?}, {:?}: {error:.1e}", crossbar.wiring());
        }
    }
}
