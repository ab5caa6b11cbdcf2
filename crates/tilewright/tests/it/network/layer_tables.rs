//! The layers of every network of the zoo, as files a person can compare with the papers.
//!
//! `TILEWRIGHT_BLESS=1` rewrites the files; review the difference.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tilewright::network::{ConvShape, Network, Padding, zoo};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/network/layer_tables")
}

#[test]
fn the_layers_are_those_on_file() {
    let blessing = std::env::var_os("TILEWRIGHT_BLESS").is_some_and(|value| value == "1");
    for name in zoo::names() {
        let path = folder().join(format!("{name}.txt"));
        let found = table(&zoo::build(name).unwrap());
        if blessing {
            std::fs::write(&path, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = (1..).zip(found.lines()).find(|(line, text)| expected.lines().nth(line - 1) != Some(text));
        assert!(found == expected, "{path:?} differs, first at {differs:?}; bless it if the new table is right");
    }
    // A file without a network is a leftover.
    let files: BTreeSet<String> =
        std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, zoo::names().map(|name| format!("{name}.txt")).collect());
}

/// A heading, one line a layer, and the sums.
fn table(network: &Network) -> String {
    let mut rows = vec![["layer", "kind", "input", "output", "k/s/p/g", "weights", "macs"].map(String::from)];
    for layer in network.layers() {
        let shape = layer.shape;
        rows.push([
            layer.name,
            shape.kind().to_string(),
            image(shape.in_channels, shape.input),
            image(shape.out_channels, shape.output()),
            window(&shape),
            shape.weights().to_string(),
            shape.macs().to_string(),
        ]);
    }
    let [weights, macs] = [network.weights(), network.macs()].map(|sum| sum.to_string());
    rows.push(["sum".into(), String::new(), String::new(), String::new(), String::new(), weights, macs]);
    let mut text = String::from("k/s/p/g: kernel / stride / padding (or top,left,bottom,right) / groups\n");
    for [layer, kind, input, output, window, weights, macs] in rows {
        writeln!(text, "{layer:<26} {kind:<7} {input:>12} {output:>12} {window:>16} {weights:>10} {macs:>12}").unwrap();
    }
    text
}

fn image(channels: usize, [height, width]: [usize; 2]) -> String {
    format!("{channels}x{height}x{width}")
}

fn window(shape: &ConvShape) -> String {
    let padding = match shape.padding {
        Padding { top, left, bottom, right } if [left, bottom, right] == [top; 3] => top.to_string(),
        Padding { top, left, bottom, right } => format!("{top},{left},{bottom},{right}"),
    };
    format!("{}/{}/{padding}/{}", pair(shape.kernel), pair(shape.stride), shape.groups)
}

fn pair([height, width]: [usize; 2]) -> String {
    if height == width { height.to_string() } else { format!("{height}x{width}") }
}
