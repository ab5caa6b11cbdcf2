//! Maps of stuck cells, from a table or from arrays of numpy.

use crate::own::npy::{self, Array, Numbers};
use anyhow::{Context, Result, anyhow};
use std::fs;
use tilewright::hardware::{FaultMap, FaultyCell, StuckAt};

/// The arrays of an archive, a value a cell each.
const ARRAYS: [&str; 4] = ["crossbar", "row", "column", "state"];

/// Reads a CSV file ([`FaultMap::from_csv`]), or an NPZ archive of the arrays `crossbar`, `row`, `column` and `state`, whole numbers, the last 1 for
/// a cell that is stuck on and 0 for one that is stuck off.
///
/// # Errors
/// Names the file, the place in it, what was found and what is allowed.
pub fn fault_map(file: &str) -> Result<FaultMap> {
    let unreadable = || format!("cannot read the fault map {file}");
    let bytes = fs::read(file).with_context(unreadable)?;
    if !bytes.starts_with(b"PK") {
        let text = String::from_utf8(bytes).map_err(|_| anyhow!("{}: it is neither CSV nor NPZ", unreadable()))?;
        return Ok(FaultMap::from_csv(&text, file)?);
    }
    let arrays = npy::read(&bytes).with_context(unreadable)?;
    let [crossbars, rows, columns, states] = of_archive(arrays).with_context(unreadable)?;
    let cell = |place: usize| {
        let number = |array: usize, values: &[i64]| {
            u32::try_from(values[place]).map_err(|_| {
                anyhow!("{file}: {}[{place}] is {}; give whole numbers from 0 on", ARRAYS[array], values[place])
            })
        };
        let state = match states[place] {
            0 => StuckAt::Off,
            1 => StuckAt::On,
            other => return Err(anyhow!("{file}: state[{place}] is {other}; give 1 for on and 0 for off")),
        };
        Ok(FaultyCell { crossbar: number(0, &crossbars)?, row: number(1, &rows)?, column: number(2, &columns)?, state })
    };
    let cells = (0..crossbars.len()).map(cell).collect::<Result<_>>()?;
    Ok(FaultMap::new(file, cells)?)
}

/// The four arrays, all of one length.
fn of_archive(arrays: Vec<(String, Array)>) -> Result<[Vec<i64>; 4]> {
    let names = arrays.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    if arrays.len() != ARRAYS.len() {
        return Err(anyhow!("it has the arrays {names}; give {}", ARRAYS.join(", ")));
    }
    let mut found = ARRAYS.map(|_| None);
    for (name, Array { shape, numbers }) in arrays {
        let place = ARRAYS.iter().position(|known| *known == name);
        let place = place.ok_or_else(|| anyhow!("it has the arrays {names}; give {}", ARRAYS.join(", ")))?;
        if shape.len() != 1 {
            return Err(anyhow!("array {name:?} has the shape {shape:?}; give one value per cell"));
        }
        found[place] = Some(match numbers {
            Numbers::Bytes(values) => values.into_iter().map(i64::from).collect(),
            Numbers::Integers(values) => values,
            Numbers::Reals(_) => return Err(anyhow!("array {name:?} has fractions; give whole numbers")),
        });
    }
    let found: [Vec<i64>; 4] = found.map(Option::unwrap_or_default);
    match found.iter().any(|values| values.len() != found[0].len()) {
        true => Err(anyhow!(
            "its arrays have {} values; give each a value a cell",
            found.map(|values| values.len().to_string()).join(", ")
        )),
        false => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(kind: &str, values: &[u8], count: usize) -> Vec<u8> {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({count},), }}\n");
        let length = u16::try_from(header.len()).expect("short").to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat()
    }

    fn array(name: &str, values: &[u8]) -> (String, Array) {
        let read = npy::read(&npy("|u1", values, values.len())).expect("an array");
        (name.into(), read.into_iter().next().expect("one array").1)
    }

    #[test]
    fn arrays_of_an_archive_are_cells() {
        let of = |state: &[u8]| {
            of_archive(vec![
                array("state", state),
                array("row", &[3, 4]),
                array("column", &[5, 6]),
                array("crossbar", &[0, 7]),
            ])
        };
        assert_eq!(of(&[1, 0]).expect("four arrays"), [vec![0, 7], vec![3, 4], vec![5, 6], vec![1, 0]]);
        let said = of(&[1]).expect_err("too few").to_string();
        assert_eq!(said, "its arrays have 2, 2, 2, 1 values; give each a value a cell");
        let said = of_archive(vec![array("rows", &[1])]).expect_err("others").to_string();
        assert_eq!(said, "it has the arrays rows; give crossbar, row, column, state");
    }

    #[test]
    fn a_table_is_a_map() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let file = folder.path().join("faults.csv");
        fs::write(&file, "crossbar,row,column,state\n1,2,3,on\n").expect("writable");
        let map = fault_map(&file.display().to_string()).expect("a map");
        assert_eq!(map.cells(), [FaultyCell { crossbar: 1, row: 2, column: 3, state: StuckAt::On }]);
        fs::write(&file, [0xff, 0xfe]).expect("writable");
        let said = fault_map(&file.display().to_string()).expect_err("neither").to_string();
        assert!(said.contains("neither CSV nor NPZ"), "{said}");
    }
}
