//! Checks the bytes of a model before the protobuf parser sees them.
//!
//! The parser trusts its input in four ways: it allocates whatever length a field announces, adds lengths without looking for
//! overflow, never ends on a number of ten continued bytes, and recurses as deep as messages nest. So every message the parser
//! will enter is walked here first: each number ends, each length fits into what holds it, nesting and message count are
//! limited. Afterwards the parser's memory is within a constant factor of the file.

use crate::error::Problem;
use rten_onnx::onnx::ModelProto;

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
        (M::Model, 8) => M::OperatorSet,
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

/// Parses a model that passed the checks of this module.
pub(crate) fn parse(bytes: &[u8]) -> Result<ModelProto, Problem> {
    let mut messages = 0;
    walk(bytes, Message::Model, 0, &mut messages).map_err(Problem::NotOnnx)?;
    ModelProto::parse_buf(bytes).map_err(|error| Problem::NotOnnx(error.to_string()))
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
