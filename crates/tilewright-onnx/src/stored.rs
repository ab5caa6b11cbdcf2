//! Tensors as the file stores them: `TensorProto` → [`Constant`].
//!
//! Sizes are compared with the bytes at hand before anything is allocated.

use crate::constant::{Constant, IntType};
use crate::error::Problem;
use crate::external::{self, Folder};
use rten_onnx::onnx::{DataLocation, DataType, TensorProto};

/// The most axes a tensor may have.
pub(crate) const MAX_RANK: usize = 10;

/// Reads a stored tensor; `folder` is where files beside the model are looked for. Its bytes are taken out of `tensor`.
pub(crate) fn read(tensor: &TensorProto, folder: &Folder<'_>) -> Result<Constant, Problem> {
    let name = tensor.name.as_deref().unwrap_or("");
    let shape = shape(tensor, name)?;
    let count: usize = shape.iter().product();
    let kind = tensor.data_type.unwrap_or(DataType(0));
    if tensor.data_location == Some(DataLocation::EXTERNAL) {
        let bytes = external::read(tensor, name, byte_count(name, kind, count)?, folder)?;
        return from_bytes(name, &shape, kind, &bytes);
    }
    if let Some(raw) = &tensor.raw_data {
        return from_bytes(name, &shape, kind, &raw.take());
    }
    from_fields(tensor, name, shape, kind)
}

fn shape(tensor: &TensorProto, name: &str) -> Result<Vec<usize>, Problem> {
    let dims = &tensor.dims;
    if dims.len() > MAX_RANK {
        return Err(Problem::tensor(name, format!("has {} axes; at most {MAX_RANK} are supported", dims.len())));
    }
    let fail = || Problem::tensor(name, format!("has the shape {dims:?}; axes are 0 to 2^40 values together"));
    let mut values = 1u64;
    for &dim in dims {
        let length = u64::try_from(dim).map_err(|_| fail())?;
        values = values.checked_mul(length.max(1)).filter(|&values| values <= 1 << 40).ok_or_else(fail)?;
    }
    Ok(dims.iter().map(|&dim| dim as usize).collect())
}

/// Bytes that `count` values take.
fn byte_count(name: &str, kind: DataType, count: usize) -> Result<usize, Problem> {
    let bits = match kind {
        DataType::DOUBLE | DataType::INT64 | DataType::UINT64 => 64,
        DataType::FLOAT | DataType::INT32 | DataType::UINT32 => 32,
        DataType::FLOAT16 | DataType::BFLOAT16 | DataType::INT16 | DataType::UINT16 => 16,
        DataType::INT8 | DataType::UINT8 | DataType::BOOL => 8,
        DataType::INT4 | DataType::UINT4 => 4,
        other => return Err(unsupported_type(name, other)),
    };
    Ok((count * bits).div_ceil(8))
}

fn unsupported_type(name: &str, kind: DataType) -> Problem {
    Problem::tensor(
        name,
        format!("is of type {kind}; floats of 16, 32 or 64 bits, integers of 4 to 64 bits and BOOL are supported"),
    )
}

fn from_bytes(name: &str, shape: &[usize], kind: DataType, bytes: &[u8]) -> Result<Constant, Problem> {
    let count = shape.iter().product();
    let wanted = byte_count(name, kind, count)?;
    if bytes.len() != wanted {
        let problem = format!("of shape {shape:?} and type {kind} has {} bytes; it needs {wanted}", bytes.len());
        return Err(Problem::tensor(name, problem));
    }
    let ints = |values: Vec<i64>, kind| Constant::int(shape.to_vec(), values, kind);
    let floats = |values: Vec<f32>| Constant::float(shape.to_vec(), values);
    Ok(match kind {
        DataType::FLOAT => floats(each(bytes, f32::from_le_bytes)),
        DataType::DOUBLE => floats(each(bytes, |b| f64::from_le_bytes(b) as f32)),
        DataType::FLOAT16 => floats(each(bytes, |b| half(u16::from_le_bytes(b)))),
        DataType::BFLOAT16 => floats(each(bytes, |b| brain(u16::from_le_bytes(b)))),
        DataType::INT8 => ints(each(bytes, |b| i8::from_le_bytes(b).into()), IntType::I8),
        DataType::UINT8 => ints(each(bytes, |b| u8::from_le_bytes(b).into()), IntType::U8),
        DataType::BOOL => ints(each(bytes, |[b]| i64::from(b != 0)), IntType::Bool),
        DataType::INT16 => ints(each(bytes, |b| i16::from_le_bytes(b).into()), IntType::I16),
        DataType::UINT16 => ints(each(bytes, |b| u16::from_le_bytes(b).into()), IntType::U16),
        DataType::INT32 => ints(each(bytes, |b| i32::from_le_bytes(b).into()), IntType::I32),
        DataType::UINT32 => ints(each(bytes, |b| u32::from_le_bytes(b).into()), IntType::U32),
        DataType::INT64 => ints(each(bytes, i64::from_le_bytes), IntType::Wide),
        DataType::UINT64 => ints(each(bytes, |b| u64::from_le_bytes(b) as i64), IntType::Wide),
        DataType::INT4 => ints(nibbles(bytes, count, |n| i64::from(n) - if n > 7 { 16 } else { 0 }), IntType::I4),
        DataType::UINT4 => ints(nibbles(bytes, count, i64::from), IntType::U4),
        other => return Err(unsupported_type(name, other)),
    })
}

/// The typed lists of `TensorProto`; small types travel in `int32_data`.
fn from_fields(tensor: &TensorProto, name: &str, shape: Vec<usize>, kind: DataType) -> Result<Constant, Problem> {
    let count: usize = shape.iter().product();
    let check = |found: usize| {
        let problem = || format!("of shape {shape:?} and type {kind} has {found} values; it needs {count}");
        if found == count { Ok(()) } else { Err(Problem::tensor(name, problem())) }
    };
    let small = &tensor.int32_data;
    let int_type = match kind {
        DataType::FLOAT => {
            check(tensor.float_data.len())?;
            return Ok(Constant::float(shape, tensor.float_data.clone()));
        }
        DataType::DOUBLE => {
            check(tensor.double_data.len())?;
            return Ok(Constant::float(shape, tensor.double_data.iter().map(|&x| x as f32).collect()));
        }
        DataType::FLOAT16 | DataType::BFLOAT16 => {
            check(small.len())?;
            let decode = if kind == DataType::FLOAT16 { half } else { brain };
            return Ok(Constant::float(shape, small.iter().map(|&bits| decode(bits as u16)).collect()));
        }
        DataType::INT64 => {
            check(tensor.int64_data.len())?;
            return Ok(Constant::int(shape, tensor.int64_data.clone(), IntType::Wide));
        }
        DataType::INT8 => IntType::I8,
        DataType::UINT8 => IntType::U8,
        DataType::INT16 => IntType::I16,
        DataType::UINT16 => IntType::U16,
        DataType::INT32 => IntType::I32,
        DataType::BOOL => IntType::Bool,
        DataType::INT4 | DataType::UINT4 => {
            // Two values an entry, the first in the low half of its lowest byte; the upper bytes may repeat a sign.
            let found = small.len();
            if found != count.div_ceil(2) {
                let problem =
                    format!("of shape {shape:?} and type {kind} has {found} pairs; it needs {}", count.div_ceil(2));
                return Err(Problem::tensor(name, problem));
            }
            let bytes: Vec<u8> = small.iter().map(|&pair| pair as u8).collect();
            return from_bytes(name, &shape, kind, &bytes);
        }
        other => return Err(unsupported_type(name, other)),
    };
    check(small.len())?;
    let values: Vec<i64> = small.iter().map(|&x| x.into()).collect();
    match values.iter().find(|&&value| int_type.cast(value) != value) {
        None => Ok(Constant::int(shape, values, int_type)),
        Some(value) => Err(Problem::tensor(name, format!("of type {kind} holds {value}, which the type does not"))),
    }
}

/// The integer type of a cast.
pub(crate) const fn int_kind(kind: DataType) -> Option<IntType> {
    Some(match kind {
        DataType::INT4 => IntType::I4,
        DataType::UINT4 => IntType::U4,
        DataType::INT8 => IntType::I8,
        DataType::UINT8 => IntType::U8,
        DataType::INT16 => IntType::I16,
        DataType::UINT16 => IntType::U16,
        DataType::INT32 => IntType::I32,
        DataType::UINT32 => IntType::U32,
        DataType::BOOL => IntType::Bool,
        DataType::INT64 | DataType::UINT64 => IntType::Wide,
        _ => return None,
    })
}

fn each<const N: usize, T>(bytes: &[u8], decode: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|&chunk| decode(chunk)).collect()
}

/// Two values a byte, the first in the low half.
fn nibbles(bytes: &[u8], count: usize, decode: impl Fn(u8) -> i64) -> Vec<i64> {
    (0..count).map(|index| decode(bytes[index / 2] >> (4 * (index % 2)) & 0xf)).collect()
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2f32.powi(exponent - 25),
    }
}

/// bfloat16: the upper half of an `f32`.
fn brain(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bit_floats() {
        assert_eq!(half(0x3c00), 1.0);
        assert_eq!(half(0xc000), -2.0);
        assert_eq!(half(0x0001), 2f32.powi(-24));
        assert_eq!(half(0x7bff), 65504.0);
        assert_eq!(brain(0x4049), 3.140_625);
    }

    #[test]
    fn signed_nibbles() {
        let decode = |n: u8| i64::from(n) - if n > 7 { 16 } else { 0 };
        assert_eq!(nibbles(&[0x8f, 0x07], 3, decode), [-1, -8, 7]);
    }
}
