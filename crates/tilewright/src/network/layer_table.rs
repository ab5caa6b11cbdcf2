//! Networks as tables of layers, as two other tools read them, and as TOML.
//!
//! - NeuroSim's `NetWork.csv`: input height, width, channels, kernel height, width, output channels, whether a 2×2 pool comes after, stride;
//!   no header. Padding keeps ⌈side / stride⌉ outputs ("same").
//! - SCALE-Sim's topology: a header, then name, input height, width, kernel height, width, channels, output channels, stride. Inputs have
//!   their padding already.
//! - TOML: a table `[[layer]]` for each layer, with the keys of a [`LayerSpec`]; lengths of axes are a number, a text such as `"3x5"`, or
//!   numbers in brackets, and `name` is `layer1`, `layer2` and so on unless it is given.
//!
//! A table does not say how its layers are joined. Where one does not take what the one before yields, an operation stands between them
//! that is known by name only (`"rearranged"`): such a network can be mapped and counted, not run.

use super::{Conv, ConvShape, LayerSpec, Network, NetworkError, NodeId, Op, Padding, Pool};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The longest table that is read.
const MAX_LAYERS: usize = 1 << 14;

/// One row.
struct Row {
    name: String,
    input: [usize; 3],
    conv: Conv,
    pooled: bool,
}

/// Reads a table of layers as a network called `name`.
///
/// # Errors
/// [`NetworkError`] with the line, what was found and what is allowed.
pub fn read(name: &str, text: &str) -> Result<Network, NetworkError> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let lines: Vec<(usize, &str)> = lines.filter(|(_, line)| !line.is_empty()).collect();
    let Some(((_, first), rest)) = lines.split_first() else { return Err(table(name, "is empty".into())) };
    if lines.len() > MAX_LAYERS {
        return Err(table(name, format!("has {} layers; at most {MAX_LAYERS} are supported", lines.len())));
    }
    let headed = cells(first).first().is_some_and(|cell| cell.parse::<f64>().is_err());
    let rows: Result<Vec<Row>, NetworkError> = if headed {
        rest.iter().map(|&(line, text)| scale_sim(name, line, text)).collect()
    } else {
        lines.iter().map(|&(line, text)| neurosim(name, line, text)).collect()
    };
    joined(name, &rows?)
}

/// A table in TOML.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layers {
    layer: Vec<BTreeMap<String, toml::Value>>,
}

/// Reads a table of layers in TOML as a network called `name`.
///
/// # Errors
/// [`NetworkError`] with the layer, the key, what was found and what is allowed.
pub fn read_toml(name: &str, text: &str) -> Result<Network, NetworkError> {
    let wrong = |error: toml::de::Error| {
        let problem = error.to_string().trim_end().replace('\n', " ");
        table(name, format!("is no table of layers: {problem}; give [[layer]] with in, out and k for each"))
    };
    let Layers { layer: layers } = toml::from_str(text).map_err(wrong)?;
    let specs = layers.iter().enumerate().map(|(index, keys)| {
        let which = match keys.get("name") {
            Some(toml::Value::String(given)) => format!("{} ({given:?})", index + 1),
            _ => (index + 1).to_string(),
        };
        let of_layer = |problem| table(name, format!("has a table whose layer {which} cannot be read: {problem}"));
        let values = keys.iter().map(|(key, value)| Ok((key.as_str(), written(key, value)?)));
        let values = values.collect::<Result<BTreeMap<&str, String>, String>>().map_err(of_layer)?;
        LayerSpec::of(&values).map_err(of_layer)
    });
    of_specs(name, &specs.collect::<Result<Vec<_>, _>>()?)
}

/// A value of a layer's key as a [`LayerSpec`] writes it.
fn written(key: &str, value: &toml::Value) -> Result<String, String> {
    let wrong =
        || format!("key {key:?} is {value}; give a whole number, whole numbers in brackets, or a text such as \"3x5\"");
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) if key != "name" => Ok(number.to_string()),
        toml::Value::Array(numbers) if key != "name" => {
            let numbers: Option<Vec<String>> =
                numbers.iter().map(|number| Some(number.as_integer()?.to_string())).collect();
            let separator = if numbers.as_ref().is_some_and(|numbers| numbers.len() == 4) { "/" } else { "x" };
            Ok(numbers.ok_or_else(wrong)?.join(separator))
        }
        _ if key == "name" => Err(format!("key \"name\" is {value}; give a text")),
        _ => Err(wrong()),
    }
}

/// A network called `name` of layers one behind the other, joined as those of a table. One layer without a name is called `layer`,
/// several are `layer1`, `layer2` and so on.
///
/// # Errors
/// [`NetworkError`]: no layer, too many, or two of one name.
pub fn of_specs(name: &str, layers: &[LayerSpec]) -> Result<Network, NetworkError> {
    if layers.len() > MAX_LAYERS {
        return Err(table(name, format!("has {} layers; at most {MAX_LAYERS} are supported", layers.len())));
    }
    let named = |index: usize| if layers.len() == 1 { "layer".into() } else { format!("layer{}", index + 1) };
    let rows = layers.iter().enumerate().map(|(index, LayerSpec { name, shape })| {
        let ConvShape { in_channels, out_channels, input, kernel, stride, dilation, padding, groups } = *shape;
        Row {
            name: name.clone().unwrap_or_else(|| named(index)),
            input: [in_channels, input[0], input[1]],
            conv: Conv { kernel, stride, dilation, padding, groups, ..Conv::same(out_channels, 1) },
            pooled: false,
        }
    });
    joined(name, &rows.collect::<Vec<_>>())
}

fn joined(name: &str, rows: &[Row]) -> Result<Network, NetworkError> {
    let Some(first) = rows.first() else { return Err(table(name, "has no layer".into())) };
    let mut network = Network::new(name, first.input.to_vec());
    let mut last = network.input();
    for row in rows {
        last = taken(&mut network, last, row)?;
        last = network.conv(&row.name, last, row.conv.clone())?;
        if row.pooled && network.shape(last)[1..].iter().all(|&side| side > 1) {
            last = network.pool(last, Pool::max(2, 2))?;
        }
    }
    network.verify()?;
    Ok(network)
}

/// What a layer takes: what the layers before yield, perhaps as a vector.
fn taken(network: &mut Network, last: NodeId, row: &Row) -> Result<NodeId, NetworkError> {
    let (found, wanted) = (network.shape(last).to_vec(), row.input.to_vec());
    if found == wanted {
        return Ok(last);
    }
    let flat = wanted[1..] == [1, 1] && found.iter().product::<usize>() == wanted[0];
    let op = if flat {
        Op::Reshape { shape: wanted }
    } else {
        Op::Opaque { operator: "rearranged".into(), shape: wanted, macs: Some(0) }
    };
    network.push(format!("{}.input", row.name), op, &[last])
}

fn neurosim(name: &str, line: usize, text: &str) -> Result<Row, NetworkError> {
    let cells = cells(text);
    let numbers: Option<Vec<usize>> = cells.iter().map(|cell| cell.parse().ok()).collect();
    let Some(&[height, width, channels, kernel_height, kernel_width, outputs, pooled, stride]) = numbers.as_deref()
    else {
        let allowed =
            "input height, width, channels, kernel height, width, output channels, pooled after (0 or 1), stride";
        return Err(at(name, line, format!("is {text:?}; eight whole numbers are expected: {allowed}")));
    };
    let (input, kernel) = ([height, width], [kernel_height, kernel_width]);
    let [top, bottom] = same(name, line, height, kernel_height, stride)?;
    let [left, right] = same(name, line, width, kernel_width, stride)?;
    let padding = Padding { top, left, bottom, right };
    if pooled > 1 {
        return Err(at(name, line, format!("says {pooled} of the pool after the layer; 0 or 1 is expected")));
    }
    let conv = Conv { kernel, stride: [stride; 2], padding, ..Conv::same(outputs, 1) };
    let what = if input == [1, 1] { "fc" } else { "conv" };
    Ok(Row { name: format!("{what}{line}"), input: [channels, height, width], conv, pooled: pooled == 1 })
}

fn scale_sim(name: &str, line: usize, text: &str) -> Result<Row, NetworkError> {
    let cells = cells(text);
    let numbers: Option<Vec<usize>> = cells.iter().skip(1).take(7).map(|cell| cell.parse().ok()).collect();
    let Some(&[height, width, kernel_height, kernel_width, channels, outputs, stride]) = numbers.as_deref() else {
        let allowed = "name, input height, width, kernel height, width, channels, filters, stride";
        return Err(at(name, line, format!("is {text:?}; a name and seven whole numbers are expected: {allowed}")));
    };
    let conv = Conv {
        kernel: [kernel_height, kernel_width],
        stride: [stride; 2],
        padding: Padding::all(0),
        ..Conv::same(outputs, 1)
    };
    Ok(Row { name: cells[0].to_owned(), input: [channels, height, width], conv, pooled: false })
}

/// Padding before and after an axis that leaves ⌈length / stride⌉ outputs.
fn same(name: &str, line: usize, length: usize, kernel: usize, stride: usize) -> Result<[usize; 2], NetworkError> {
    if length == 0 || kernel == 0 || stride == 0 {
        return Err(at(name, line, "has a side, kernel or stride of 0; give 1 and more"));
    }
    let reach = (length.div_ceil(stride) - 1).saturating_mul(stride).saturating_add(kernel);
    let all = reach.saturating_sub(length);
    Ok([all / 2, all - all / 2])
}

/// The cells of a line, without the empty one after a comma at its end.
fn cells(line: &str) -> Vec<&str> {
    let mut cells: Vec<&str> = line.split(',').map(str::trim).collect();
    if cells.last() == Some(&"") {
        cells.pop();
    }
    cells
}

fn at(name: &str, line: usize, problem: impl std::fmt::Display) -> NetworkError {
    table(name, format!("has a table whose line {line} {problem}"))
}

fn table(name: &str, problem: String) -> NetworkError {
    NetworkError::Layer { layer: name.into(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE_SIM: &str =
        "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
Conv1,224,224,7,7,3,64,2,
FC6,1,1,1,1,2048,1000,1,
";

    #[test]
    fn a_row_is_a_layer() {
        let network =
            read("vgg", "32,32,3,3,3,128,1,1\n16,16,128,3,3,256,1,2\n1,1,4096,1,1,10,0,1\n").expect("a table");
        let names: Vec<&str> = network.nodes().iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["input", "conv1", "conv1.max_pool", "conv2", "conv2.max_pool", "fc3.input", "fc3"]);
        assert_eq!(network.node(NodeId(3)).shape, [256, 8, 8]);
        assert_eq!(network.node(NodeId(5)).op, Op::Reshape { shape: vec![4096, 1, 1] });
    }

    #[test]
    fn a_header_says_that_inputs_are_padded() {
        let network = read("resnet", SCALE_SIM).expect("a table");
        assert_eq!(network.node(NodeId(1)).shape, [64, 109, 109]);
        assert!(matches!(network.node(NodeId(2)).op, Op::Opaque { .. }), "no pool is told");
    }

    #[test]
    fn a_table_in_toml_is_the_same_layers() {
        let text = "[[layer]]\nname = \"stem\"\nin = [3, 32, 30]\nout = 8\nk = 3\np = 1\n\
                    [[layer]]\nin = \"8x32x30\"\nout = 16\nk = \"3x5\"\ns = [2, 1]\np = [1, 2, 3, 4]\ng = 4\nd = 1\n\
                    [[layer]]\nin = [8192, 1, 1]\nout = 10\nk = 1\n";
        let network = read_toml("mine", text).expect("a table");
        let layers: Vec<(String, ConvShape)> =
            network.layers().into_iter().map(|layer| (layer.name, layer.shape)).collect();
        let padding = Padding { top: 1, left: 2, bottom: 3, right: 4 };
        let second = ConvShape::new(8, [32, 30], 16, 3);
        let second = ConvShape { kernel: [3, 5], stride: [2, 1], padding, groups: 4, ..second };
        let stem = ConvShape { padding: Padding::all(1), ..ConvShape::new(3, [32, 30], 8, 3) };
        let fc = ConvShape::new(8192, [1, 1], 10, 1);
        assert_eq!(layers, [("stem".into(), stem), ("layer2".into(), second), ("layer3".into(), fc)]);
        assert_eq!(network.node(NodeId(2)).name, "layer2", "it takes what the stem yields");
    }

    #[test]
    fn errors_in_toml_name_the_layer_and_the_key() {
        let good = "[[layer]]\nin = [3, 8, 8]\nout = 8\nk = 3\n";
        for (text, parts) in [
            ("layer = 3", ["no table of layers", "[[layer]]"]),
            ("[[layers]]\nin = 3", ["layers", "[[layer]]"]),
            ("", ["layer", "[[layer]]"]),
            ("layer = []", ["has no layer", ""]),
            ("[[layer]]\nname = \"a\"\nout = 8\nk = 3", ["layer 1 (\"a\")", "key \"in\" is missing"]),
            ("[[layer]]\nin = [3, 8]\nout = 8\nk = 3", ["layer 1", "key \"in\" is \"3x8\""]),
            ("[[layer]]\nin = [3, 8, 8]\nout = 8\nk = 3.5", ["layer 1", "key \"k\" is 3.5"]),
            ("[[layer]]\nin = [3, 8, 8]\nout = 8\nk = -1", ["key \"k\" is \"-1\"", "whole number"]),
            ("[[layer]]\nin = [3, 8, 8]\nout = 8\nk = 3\nstride = 2", ["no key \"stride\"", "in, out, k, s"]),
            ("[[layer]]\nin = [3, 8, 8]\nout = 8\nk = 9", ["layer 1", "spanning 9 pixels"]),
            ("[[layer]]\nname = 3\nin = [3, 8, 8]\nout = 8\nk = 3", ["key \"name\" is 3", "give a text"]),
        ] {
            for (text, which) in [(text.to_owned(), "1"), (format!("{good}{text}"), "2")] {
                if which == "2" && !text.contains("[[layer]]\nin = [3, 8, 8]\nout = 8\nk = 3\n[[layer]]") {
                    continue;
                }
                let error = read_toml("mine", &text).expect_err(&text).to_string();
                let parts = parts.map(|part| part.replace("layer 1", &format!("layer {which}")));
                assert!(parts.iter().all(|part| error.contains(part)), "{text}: {error}");
            }
        }
        let twice = format!("{good}name = \"a\"\n{good}name = \"a\"\n");
        let error = read_toml("mine", &twice).expect_err("one name twice").to_string();
        assert!(error.contains("\"a\""), "{error}");
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, parts) in [
            ("", ["is empty", ""]),
            ("32,32,3,3,3,128,0,1\n32,32,3,3,3,128,0\n", ["line 2", "eight whole numbers"]),
            ("32,32,3,3,3,128,2,1\n", ["line 1", "0 or 1"]),
            ("32,32,3,3,3,128,0,0\n", ["line 1", "stride of 0"]),
            ("name,a\nConv1,224,x,7,7,3,64,2\n", ["line 2", "seven whole numbers"]),
        ] {
            let error = read("table", text).expect_err("a wrong table").to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
    }
}
