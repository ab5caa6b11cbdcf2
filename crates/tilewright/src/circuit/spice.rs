//! A crossbar as a netlist, so that a circuit simulator can check it.

use super::crossbar::inputs;
use super::{CellCurve, CircuitError, Collect, Crossbar, Drive};
use std::fmt::Write;

/// A netlist for ngspice of `crossbar`, whose cells follow `curve`, under one input, `voltages` `[row]`, in volt: an operating point whose sink
/// currents are printed. Cells that are not linear are sources of a current that depends on their voltage (`Bcell<row>_<column>`), a selector with
/// its cell's resistor before it.
///
/// Word nodes are `w<row>_<column>`, bit nodes `b<row>_<column>`, the source of a row `Vrow<row>`, the sink of a column `Vcol<column>`, at 0 V: its
/// current is the column's. Where wires are ideal their nodes are one. `currents` `[column]`, in ampere, what is expected, stand
/// beside as comments, for instance [`Solution::currents`](super::Solution::currents). Open cells are left out, as they are no resistors.
///
/// # Errors
/// If the curve is out of range, or there is not one voltage a row and one current a column.
pub fn netlist(
    crossbar: &Crossbar,
    curve: &CellCurve,
    title: &str,
    voltages: &[f64],
    currents: &[f64],
) -> Result<String, CircuitError> {
    curve.verify()?;
    if inputs(crossbar.rows(), voltages)? != 1 {
        let found = format!("{} values for {} rows", voltages.len(), crossbar.rows());
        return Err(CircuitError::value("V", &found, "give one voltage a row"));
    }
    if currents.len() != crossbar.columns() {
        let found = format!("{} values for {} columns", currents.len(), crossbar.columns());
        return Err(CircuitError::value("I", &found, "give one current a column"));
    }
    let mut text = String::new();
    let names = Names { crossbar };
    // The first line is a title; it must stay one line.
    let title = title.replace(['\n', '\r'], " ");
    writeln!(text, "* {title}: {} rows, {} columns", crossbar.rows(), crossbar.columns()).expect(INFALLIBLE);
    terminals(&mut text, &names, voltages);
    word_lines(&mut text, &names);
    cells(&mut text, &names, curve);
    bit_lines(&mut text, &names);
    ending(&mut text, currents);
    Ok(text)
}

const INFALLIBLE: &str = "writing to a string does not fail";

/// Names of nodes. A node that an ideal wire makes one with others has the name of the line or of its terminal.
struct Names<'a> {
    crossbar: &'a Crossbar,
}

impl Names<'_> {
    fn word(&self, row: usize, column: usize) -> String {
        let wiring = self.crossbar.wiring();
        match (wiring.r_word > 0.0, wiring.r_source > 0.0) {
            (true, _) => format!("w{row}_{column}"),
            (false, true) => format!("w{row}"),
            (false, false) => format!("row{row}"),
        }
    }

    fn bit(&self, row: usize, column: usize) -> String {
        let wiring = self.crossbar.wiring();
        match (wiring.r_bit > 0.0, wiring.r_sink > 0.0) {
            (true, _) => format!("b{row}_{column}"),
            (false, true) => format!("b{column}"),
            (false, false) => format!("col{column}"),
        }
    }
}

fn resistor(text: &mut String, name: &str, from: &str, to: &str, ohm: f64) {
    writeln!(text, "R{name} {from} {to} {ohm:e}").expect(INFALLIBLE);
}

/// Resistors in series from a terminal to the first node of a line; none where all is ideal.
fn end(text: &mut String, name: &str, terminal: &str, node: &str, wire: f64, own: f64) {
    match (wire > 0.0, own > 0.0) {
        (false, false) => {}
        (true, false) => resistor(text, &format!("{name}_wire"), terminal, node, wire),
        (false, true) => resistor(text, &format!("{name}_own"), terminal, node, own),
        (true, true) => {
            let between = format!("{terminal}_{name}");
            resistor(text, &format!("{name}_own"), terminal, &between, own);
            resistor(text, &format!("{name}_wire"), &between, node, wire);
        }
    }
}

fn terminals(text: &mut String, names: &Names, voltages: &[f64]) {
    for (row, volt) in voltages.iter().enumerate() {
        writeln!(text, "Vrow{row} row{row} 0 DC {volt:e}").expect(INFALLIBLE);
    }
    for column in 0..names.crossbar.columns() {
        writeln!(text, "Vcol{column} col{column} 0 DC 0").expect(INFALLIBLE);
    }
}

fn word_lines(text: &mut String, names: &Names) {
    let (rows, columns, wiring) = (names.crossbar.rows(), names.crossbar.columns(), names.crossbar.wiring());
    for row in 0..rows {
        let source = format!("row{row}");
        if wiring.drive != Drive::Right {
            let first = names.word(row, 0);
            end(text, &format!("left{row}"), &source, &first, wiring.r_word, wiring.r_source);
        }
        if wiring.drive != Drive::Left {
            let last = names.word(row, columns - 1);
            end(text, &format!("right{row}"), &source, &last, wiring.r_word, wiring.r_source);
        }
        for column in 1..if wiring.r_word > 0.0 { columns } else { 1 } {
            let (from, to) = (names.word(row, column - 1), names.word(row, column));
            resistor(text, &format!("w{row}_{column}"), &from, &to, wiring.r_word);
        }
    }
}

fn bit_lines(text: &mut String, names: &Names) {
    let (rows, columns, wiring) = (names.crossbar.rows(), names.crossbar.columns(), names.crossbar.wiring());
    for column in 0..columns {
        let sink = format!("col{column}");
        if wiring.collect != Collect::Bottom {
            let first = names.bit(0, column);
            end(text, &format!("top{column}"), &sink, &first, wiring.r_bit, wiring.r_sink);
        }
        if wiring.collect != Collect::Top {
            let last = names.bit(rows - 1, column);
            end(text, &format!("bottom{column}"), &sink, &last, wiring.r_bit, wiring.r_sink);
        }
        for row in 1..if wiring.r_bit > 0.0 { rows } else { 1 } {
            let (from, to) = (names.bit(row - 1, column), names.bit(row, column));
            resistor(text, &format!("b{row}_{column}"), &from, &to, wiring.r_bit);
        }
    }
}

fn cells(text: &mut String, names: &Names, curve: &CellCurve) {
    let columns = names.crossbar.columns();
    for (place, &siemens) in names.crossbar.conductances().iter().enumerate() {
        let (row, column) = (place / columns, place % columns);
        if siemens > 0.0 {
            let (word, bit) = (names.word(row, column), names.bit(row, column));
            cell(text, &format!("cell{row}_{column}"), [&word, &bit], siemens, curve);
        }
    }
}

/// A cell between two nodes.
fn cell(text: &mut String, name: &str, [word, bit]: [&str; 2], siemens: f64, curve: &CellCurve) {
    let mut source =
        |from: &str, current: String| writeln!(text, "B{name} {from} {bit} I = {current}").expect(INFALLIBLE);
    match curve {
        CellCurve::Sinh { k } if *k > 0.0 => {
            source(word, format!("{:e}*sinh({k:e}*V({word},{bit}))", siemens / k));
        }
        CellCurve::Measured { points } => {
            let negative = points.iter().rev().map(|[volt, ampere]| [-volt, -ampere]);
            let all = negative.chain([[0.0; 2]]).chain(points.iter().copied());
            let all: Vec<String> = all.map(|[volt, ampere]| format!("{volt:e},{ampere:e}")).collect();
            let by = siemens * points[0][0] / points[0][1];
            source(word, format!("{by:e}*pwl(V({word},{bit}),{})", all.join(",")));
        }
        CellCurve::Selector { current, voltage } if *voltage > 0.0 => {
            let between = format!("{name}_selector");
            source(&between, format!("{current:e}*sinh(V({between},{bit})/{voltage:e})"));
            resistor(text, name, word, &between, siemens.recip());
        }
        CellCurve::Transistor { resistance } => resistor(text, name, word, bit, siemens.recip() + resistance),
        CellCurve::Linear | CellCurve::Sinh { .. } | CellCurve::Selector { .. } => {
            resistor(text, name, word, bit, siemens.recip());
        }
    }
}

fn ending(text: &mut String, currents: &[f64]) {
    for (column, ampere) in currents.iter().enumerate() {
        writeln!(text, "* expected: i(vcol{column}) = {ampere:.12e}").expect(INFALLIBLE);
    }
    let printed: Vec<String> = (0..currents.len()).map(|column| format!("print i(vcol{column})")).collect();
    // Solver tolerances far below what is compared; no conductance added to nodes.
    writeln!(text, ".options reltol=1e-12 abstol=1e-18 vntol=1e-15 gmin=1e-24 numdgt=15").expect(INFALLIBLE);
    writeln!(text, ".control\nset numdgt=15\nop\n{}\n.endc\n.end", printed.join("\n")).expect(INFALLIBLE);
}
