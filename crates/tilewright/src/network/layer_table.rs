//! Networks as tables of layers, as two other tools read them.
//!
//! - NeuroSim's `NetWork.csv`: input height, width, channels, kernel height, width, output channels, whether a 2×2 pool comes after, stride;
//!   no header. Padding keeps ⌈side / stride⌉ outputs ("same").
//! - SCALE-Sim's topology: a header, then name, input height, width, kernel height, width, channels, output channels, stride. Inputs have
//!   their padding already.
//!
//! A table does not say how its layers are joined. Where one does not take what the one before yields, an operation stands between them
//! that is known by name only (`"rearranged"`): such a network can be mapped and counted, not run.

use super::{Conv, Network, NetworkError, NodeId, Op, Padding, Pool};

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
