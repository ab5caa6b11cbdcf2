use crate::command::{succeed, tilewright};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A layer with everything uneven.
const UNEVEN: &str = "in=6x9x8,out=4,k=3x2,s=2x1,p=1/0/2/1,d=1x2,g=2";

/// One array of the archive: whole numbers, whatever their width.
type Arrays = BTreeMap<String, Vec<usize>>;

fn export(arguments: &str, to: &Path) {
    succeed(tilewright(&format!("export {arguments}")).arg("-o").arg(to));
}

fn document(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("placement.json")).expect("it is there")).expect("it is JSON")
}

/// Reads the NPZ file.
fn arrays(folder: &Path) -> Arrays {
    let bytes = fs::read(folder.join("placement.npz")).expect("it is there");
    let archive = rawzip::ZipArchive::from_slice(&bytes).expect("it is a ZIP archive");
    let mut arrays = Arrays::new();
    for entry in archive.entries() {
        let entry = entry.expect("the directory is whole");
        let name = String::from_utf8(entry.file_path().as_ref().to_vec()).expect("names are ASCII");
        let data = archive.get_entry(entry.wayfinder()).expect("the entry is there");
        arrays.insert(name.trim_end_matches(".npy").into(), values(data.data()));
    }
    arrays
}

fn values(npy: &[u8]) -> Vec<usize> {
    assert_eq!(&npy[..8], b"\x93NUMPY\x01\x00");
    let start = 10 + usize::from(u16::from_le_bytes([npy[8], npy[9]]));
    let header = std::str::from_utf8(&npy[10..start]).expect("the header is ASCII");
    let at = header.find("'<u").expect("unsigned, least significant byte first") + 3;
    let width: usize = header[at..=at].parse().expect("a width in bytes");
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte));
    npy[start..].chunks(width).map(number).collect()
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a whole number")).expect("it fits")
}

fn pair(value: &Value) -> [usize; 2] {
    [number(&value[0]), number(&value[1])]
}

/// Any integers, the same in every run.
fn integers(count: usize) -> Vec<i64> {
    (0..count as u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as i64 - 128).collect()
}

/// What the exported crossbars compute, as `docs/placement.md` says to.
struct Run<'a> {
    layer: &'a Value,
    arrays: &'a Arrays,
    weights: Vec<i64>,
    input: Vec<i64>,
}

impl<'a> Run<'a> {
    fn new(layer: &'a Value, arrays: &'a Arrays) -> Self {
        let shape = &layer["shape"];
        let [height, width] = pair(&shape["input"]);
        let inputs = number(&shape["in_channels"]);
        let taps: usize = pair(&shape["kernel"]).iter().product();
        let weights = number(&shape["out_channels"]) * inputs / number(&shape["groups"]) * taps;
        Self { layer, arrays, weights: integers(weights), input: integers(inputs * height * width) }
    }

    fn array(&self, name: &str) -> &'a [usize] {
        &self.arrays[&format!("{}/{name}", self.layer["arrays"].as_str().expect("a prefix"))]
    }

    /// Row and column of a window among all windows, if it exists.
    fn window(&self, load: usize, slot: usize) -> Option<[usize; 2]> {
        let [down, across] =
            [0, 1].map(|axis| self.layer["windows"][axis]["start"].as_array().expect("an array").len());
        let index = load * number(&self.layer["tiling"]["packing"]["windows"]) + slot;
        (index < down * across).then(|| [index / across, index % across])
    }

    fn of_window(&self, key: &str, axis: usize, window: [usize; 2]) -> usize {
        number(&self.layer["windows"][axis][key][window[axis]])
    }

    fn driven(&self, load: usize, row: &[usize]) -> i64 {
        let shape = &self.layer["shape"];
        let Some(window) = self.window(load, row[0]) else { return 0 };
        let [height, width] = pair(&shape["input"]);
        let pixel = |axis: usize, side: &str| {
            let stride = pair(&shape["stride"])[axis];
            (self.of_window("start", axis, window) * stride + row[1 + axis])
                .checked_sub(number(&shape["padding"][side]))
        };
        match (pixel(0, "top"), pixel(1, "left")) {
            (Some(y), Some(x)) if y < height && x < width => self.input[(row[3] * height + y) * width + x],
            _ => 0,
        }
    }

    fn output(&self) -> Vec<i64> {
        let [height, width] = pair(&self.layer["output"]);
        let mut output = vec![0; number(&self.layer["shape"]["out_channels"]) * height * width];
        let entries = |name: &str, crossbar: usize| self.array(name)[crossbar]..self.array(name)[crossbar + 1];
        for crossbar in 0..number(&self.layer["crossbars"]) {
            let rows = entries("row_offset", crossbar);
            let columns = entries("column_offset", crossbar);
            for load in 0..number(&self.layer["loads"]) {
                let mut sums = vec![0; columns.len()];
                for cell in entries("cell_offset", crossbar) {
                    let row = rows.start + self.array("cell_row")[cell];
                    let weight = self.weights[self.array("cell_weight")[cell]];
                    let driven = self.driven(load, &self.array("row_input")[4 * row..4 * row + 4]);
                    sums[self.array("cell_column")[cell]] += weight * driven;
                }
                for (column, sum) in columns.clone().zip(sums) {
                    let [slot, y, x, channel] = *self.array("column_output")[4 * column..].first_chunk().expect("four");
                    let Some(window) = self.window(load, slot) else { continue };
                    let owned = |axis, place| place >= self.of_window("owned_from", axis, window);
                    if owned(0, y) && owned(1, x) {
                        let [y, x] = [self.of_window("start", 0, window) + y, self.of_window("start", 1, window) + x];
                        output[(channel * height + y) * width + x] += sum;
                    }
                }
            }
        }
        output
    }

    /// The plain convolution.
    fn expected(&self) -> Vec<i64> {
        let tensor = |values: &[i64], shape: Vec<usize>| {
            let values = values.iter().map(|&value| i32::try_from(value).expect("8 bits")).collect();
            tilewright::network::Tensor::new(shape, values)
        };
        let shape: tilewright::network::ConvShape =
            serde_json::from_value(self.layer["shape"].clone()).expect("a shape");
        let [height, width] = shape.input;
        let input = tensor(&self.input, vec![shape.in_channels, height, width]);
        let weights = tensor(&self.weights, vec![self.weights.len()]);
        tilewright::network::reference::integer::convolve(&shape, &input, &weights).values().to_vec()
    }
}

#[test]
fn the_arrays_alone_compute_the_layer() {
    for scheme in ["im2col", "smd", "sdk", "vw-sdk", "kernel-position", "sub-image", "unfolded", "optimal"] {
        let folder = tempfile::tempdir().expect("a folder for the test");
        export(&format!("--layer {UNEVEN} --crossbar 24x20 --scheme {scheme}"), folder.path());
        let (document, arrays) = (document(folder.path()), arrays(folder.path()));
        assert_eq!((&document["schema"], &document["scheme"]), (&Value::from(1), &Value::from(scheme)));
        let run = Run::new(&document["layers"][0], &arrays);
        assert_eq!(run.output(), run.expected(), "{scheme}");
    }
}

#[test]
fn every_weight_of_a_network_is_placed() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let place = folder.path().join("new");
    export("lenet5 --scheme im2col", &place);
    let (document, arrays) = (document(&place), arrays(&place));
    for layer in document["layers"].as_array().expect("an array") {
        let mut weights = arrays[&format!("{}/cell_weight", layer["arrays"].as_str().expect("a prefix"))].clone();
        weights.sort_unstable();
        assert!(weights.into_iter().eq(0..number(&layer["weights_placed"])), "{layer}");
    }
    // A second export replaces the files and leaves nothing else.
    export("resnet8", &place);
    assert_eq!(fs::read_dir(&place).expect("it is there").count(), 2);
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1);
}

/// numpy reads the files, and a program that shares nothing with this one computes the layer from cell levels.
///
/// Runs where a Python with numpy is: the one `TILEWRIGHT_PYTHON` names, or `python3`.
#[test]
fn numpy_computes_the_layer_from_cell_levels() {
    let python = std::env::var_os("TILEWRIGHT_PYTHON");
    let named = python.is_some();
    let python = python.unwrap_or_else(|| "python3".into());
    let has_numpy = Command::new(&python).args(["-c", "import numpy"]).output().is_ok_and(|ran| ran.status.success());
    if !has_numpy {
        assert!(!named, "{} has no numpy", python.display());
        eprintln!("not run: no python3 with numpy");
        return;
    }
    let encodings =
        ["differential --cell-bits 3", "offset --cell-bits 8", "offset --cell-bits 3", "single --cell-bits 3"];
    let folder = tempfile::tempdir().expect("a folder for the test");
    let mut check = Command::new(&python);
    check.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/placement.py"));
    for encoding in encodings {
        for scheme in ["im2col", "smd", "vw-sdk", "sub-image", "unfolded", "optimal"] {
            let place = folder.path().join(format!("{scheme}-{}", encoding.replace(' ', "-")));
            export(&format!("--layer {UNEVEN} --crossbar 24x40 --scheme {scheme} --encoding {encoding}"), &place);
            check.arg(place);
        }
        let place = folder.path().join(format!("turns-{}", encoding.replace(' ', "-")));
        let layer = "in=12x6x5,out=12,k=3,g=12";
        export(
            &format!("--layer {layer} --crossbar 36x40 --scheme im2col --grouped turns --encoding {encoding}"),
            &place,
        );
        check.arg(place);
    }
    assert_eq!(succeed(&mut check).trim(), "layers equal: 28");
}
