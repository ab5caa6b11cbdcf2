//! Checks the bytes of a model before the protobuf parser sees them.
//!
//! The parser trusts its input in four ways: it allocates whatever length a field announces, adds lengths without looking for
//! overflow, never ends on a number of ten continued bytes, and recurses as deep as messages nest. So every message the parser
//! will enter is walked here first: each number ends, each length fits into what holds it, nesting and message count are
//! limited. Afterwards the parser's memory is within a constant factor of the file.

use crate::error::Problem;
use crate::functions::Function;
use crate::scopes::{self, Scope};
use rten_onnx::onnx::ModelProto;
use std::collections::HashMap;

/// Messages within messages; a model without control flow needs 8.
const MAX_DEPTH: usize = 48;
/// Messages in a model; a network of a thousand layers has about 50 000.
const MAX_MESSAGES: usize = 1 << 18;

/// The message types of `onnx.proto` that the parser enters.
#[derive(Clone, Copy)]
enum Message {
    Model,
    OperatorSet,
    KeyValue,
    Graph,
    Node,
    Attribute,
    Tensor,
    ValueInfo,
    Type,
    TensorType,
    SequenceType,
    Shape,
    Dimension,
    Function,
}

/// What a field of announced length holds.
#[derive(Clone, Copy)]
enum Content {
    Bytes,
    Numbers,
    FixedNumbers(usize),
    Message(Message),
}

/// The field numbers of `onnx.proto`; a field that is not listed is skipped by the parser.
fn content(message: Message, field: u64) -> Content {
    use Message as M;
    Content::Message(match (message, field) {
        (M::Model, 7) | (M::Attribute, 6) => M::Graph,
        (M::Model, 8) | (M::Function, 9) => M::OperatorSet,
        (M::Model, 25) => M::Function,
        (M::Function, 7) => M::Node,
        (M::Function, 11) => M::Attribute,
        (M::Model, 14) | (M::Tensor, 13) => M::KeyValue,
        (M::Graph, 1) => M::Node,
        (M::Graph, 5) | (M::Attribute, 5) => M::Tensor,
        (M::Graph, 11..=13) => M::ValueInfo,
        (M::Node, 5) => M::Attribute,
        (M::ValueInfo, 2) | (M::SequenceType, 1) => M::Type,
        (M::Type, 1) => M::TensorType,
        (M::Type, 4) => M::SequenceType,
        (M::TensorType, 2) => M::Shape,
        (M::Shape, 1) => M::Dimension,
        (M::Tensor, 4) => return Content::FixedNumbers(4),
        (M::Tensor, 10) => return Content::FixedNumbers(8),
        (M::Tensor, 5 | 7) => return Content::Numbers,
        _ => return Content::Bytes,
    })
}

/// What a file holds.
pub(crate) struct Parsed {
    pub model: ModelProto,
    pub functions: Vec<Function>,
    /// Where in a PyTorch module nodes come from, by the first tensor they yield.
    pub scopes: HashMap<String, Scope>,
}

/// Parses a model that passed the checks of this module.
pub(crate) fn parse(bytes: &[u8]) -> Result<Parsed, Problem> {
    let mut messages = 0;
    walk(bytes, Message::Model, 0, &mut messages)
        .map_err(|problem| Problem::NotOnnx(format!("{problem}{}", instead(bytes))))?;
    let model = ModelProto::parse_buf(bytes).map_err(|error| Problem::NotOnnx(error.to_string()))?;
    let functions = functions(bytes).map_err(Problem::NotOnnx)?;
    let scopes = scopes::of_metadata(bytes).map_err(Problem::NotOnnx)?;
    Ok(Parsed { model, functions, scopes })
}

/// What a file that is no model may be.
fn instead(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'P', b'K', 3, 4, ..] => {
            "; it is a ZIP archive, as torch.save writes: export the module with torch.onnx.export, or give it to tilewright.from_torch in Python"
        }
        [0x80, 2..=5, ..] => "; it looks like a Python pickle: export the module with torch.onnx.export",
        [0x89, b'H', b'D', b'F', ..] => "; it is an HDF5 file, as Keras writes: export the model with tf2onnx",
        _ => "",
    }
}

/// The functions of a checked model, which the parser leaves out. Their nodes are those of a graph that is made to hold them.
fn functions(mut bytes: &[u8]) -> Result<Vec<Function>, String> {
    let mut functions = vec![];
    while let Some((field, body)) = next_field(&mut bytes)? {
        if field == 25 {
            functions.push(function(body)?);
        }
    }
    Ok(functions)
}

fn function(mut bytes: &[u8]) -> Result<Function, String> {
    let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
    let mut function = Function::default();
    let (mut nodes, mut defaults, mut opsets) = (vec![], vec![], vec![]);
    while let Some((field, body)) = next_field(&mut bytes)? {
        match field {
            1 => function.name = text(body),
            4 => function.inputs.push(text(body)),
            5 => function.outputs.push(text(body)),
            7 => {
                put_field(&mut nodes, 1, body);
                references(body, &mut function.references)?;
            }
            9 => put_field(&mut opsets, 8, body),
            10 => function.domain = text(body),
            11 => put_field(&mut defaults, 5, body),
            _ => {}
        }
    }
    // The defaults travel as the attributes of a last node.
    put_field(&mut nodes, 1, &defaults);
    let mut model = opsets;
    put_field(&mut model, 7, &nodes);
    let model = ModelProto::parse_buf(&model).map_err(|error| error.to_string())?;
    function.opset = model
        .opset_import
        .iter()
        .find(|set| set.domain.as_deref().unwrap_or("").is_empty())
        .and_then(|set| set.version);
    function.nodes = model.graph.map(|graph| graph.node).unwrap_or_default();
    function.defaults = function.nodes.pop().map(|node| node.attribute).unwrap_or_default();
    Ok(function)
}

/// The attributes of a node that take the value of an attribute of the function.
fn references(mut node: &[u8], found: &mut Vec<[String; 3]>) -> Result<(), String> {
    let (mut output, mut attributes) = (None, vec![]);
    while let Some((field, body)) = next_field(&mut node)? {
        match field {
            2 if output.is_none() => output = Some(String::from_utf8_lossy(body).into_owned()),
            5 => attributes.push(body),
            _ => {}
        }
    }
    for mut attribute in attributes {
        let (mut name, mut outer) = (String::new(), None);
        while let Some((field, body)) = next_field(&mut attribute)? {
            match field {
                1 => name = String::from_utf8_lossy(body).into_owned(),
                21 => outer = Some(String::from_utf8_lossy(body).into_owned()),
                _ => {}
            }
        }
        found.extend(outer.map(|outer| [output.clone().unwrap_or_default(), name, outer]));
    }
    Ok(())
}

/// The next field of announced length, with its number; others are passed over.
pub(crate) fn next_field<'a>(bytes: &mut &'a [u8]) -> Result<Option<(u64, &'a [u8])>, String> {
    while !bytes.is_empty() {
        let tag = varint(bytes)?;
        match tag & 7 {
            0 => drop(varint(bytes)?),
            1 => drop(take(bytes, 8)?),
            5 => drop(take(bytes, 4)?),
            _ => {
                let length = varint(bytes)?;
                return Ok(Some((tag >> 3, take(bytes, length)?)));
            }
        }
    }
    Ok(None)
}

fn put_field(bytes: &mut Vec<u8>, field: u8, body: &[u8]) {
    bytes.push(field << 3 | 2);
    let mut length = body.len();
    while length > 0x7f {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend(body);
}

fn walk(mut bytes: &[u8], message: Message, depth: usize, messages: &mut usize) -> Result<(), String> {
    *messages += 1;
    if depth > MAX_DEPTH || *messages > MAX_MESSAGES {
        return Err(format!("it has more than {MAX_MESSAGES} messages or nests deeper than {MAX_DEPTH}"));
    }
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        match tag & 7 {
            0 => drop(varint(&mut bytes)?),
            1 => drop(take(&mut bytes, 8)?),
            5 => drop(take(&mut bytes, 4)?),
            2 => {
                let length = varint(&mut bytes)?;
                let body = take(&mut bytes, length)?;
                check_field(body, content(message, tag >> 3), depth, messages)?;
            }
            kind => return Err(format!("a field has the wire type {kind}; 0, 1, 2 and 5 are allowed")),
        }
    }
    Ok(())
}

fn check_field(mut body: &[u8], content: Content, depth: usize, messages: &mut usize) -> Result<(), String> {
    match content {
        Content::Bytes => {}
        Content::Message(message) => walk(body, message, depth + 1, messages)?,
        Content::FixedNumbers(size) if !body.len().is_multiple_of(size) => {
            return Err(format!("a list of {size}-byte numbers is {} bytes long", body.len()));
        }
        Content::FixedNumbers(_) => {}
        Content::Numbers => {
            while !body.is_empty() {
                varint(&mut body)?;
            }
        }
    }
    Ok(())
}

fn varint(bytes: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0u64;
    for index in 0..10 {
        let Some((&byte, rest)) = bytes.split_first() else { return Err("it ends within a number".into()) };
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return if index == 9 && byte > 1 { Err("a number exceeds 64 bits".into()) } else { Ok(value) };
        }
    }
    Err("a number is longer than 10 bytes".into())
}

fn take<'a>(bytes: &mut &'a [u8], length: u64) -> Result<&'a [u8], String> {
    let body = usize::try_from(length).ok().and_then(|length| bytes.split_at_checked(length));
    let Some((body, rest)) = body else {
        return Err(format!("a field announces {length} bytes where {} are left", bytes.len()));
    };
    *bytes = rest;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_ten_continued_bytes_ends() {
        assert!(parse(&[0xff; 64]).is_err());
    }

    #[test]
    fn a_hostile_length_is_not_allocated() {
        // Graph (field 7) → initializer (5) → raw_data (9) announcing 2^60 bytes.
        let mut raw = vec![9 << 3 | 2];
        raw.extend([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]);
        let tensor = [vec![5 << 3 | 2, raw.len() as u8], raw].concat();
        let model = [vec![7 << 3 | 2, tensor.len() as u8], tensor].concat();
        assert!(parse(&model).is_err_and(|problem| problem.to_string().contains("announces")));
    }

    #[test]
    fn nesting_is_limited() {
        // graph → node → attribute → graph → …
        let mut bytes = vec![];
        for _ in 0..10_000 {
            for field in [6u8, 5, 1] {
                let mut length = vec![];
                let mut rest = bytes.len();
                while rest > 0x7f {
                    length.push((rest & 0x7f) as u8 | 0x80);
                    rest >>= 7;
                }
                length.push(rest as u8);
                bytes.splice(0..0, [vec![field << 3 | 2], length].concat());
            }
            if bytes.len() > 4096 {
                break;
            }
        }
        let mut model = vec![7 << 3 | 2, (bytes.len() & 0x7f) as u8 | 0x80, (bytes.len() >> 7) as u8];
        model.extend(bytes);
        assert!(parse(&model).is_err_and(|problem| problem.to_string().contains("nests")));
    }
}
