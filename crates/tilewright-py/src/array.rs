//! Numbers to and from the bytes that numpy holds.

use crate::error::{Failure, Outcome};
use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use tilewright::network::Tensor;

/// Types with a fixed number of bytes.
pub(crate) trait Element: Copy {
    /// Appends its bytes in the machine's order.
    fn write(self, bytes: &mut [u8]);
    /// How many they are.
    const SIZE: usize;
}

macro_rules! element {
    ($type:ty) => {
        impl Element for $type {
            const SIZE: usize = size_of::<$type>();

            fn write(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_ne_bytes());
            }
        }
    };
}

element!(u32);
element!(u64);
element!(i64);
element!(f32);

/// A byte array that numpy can take over without a copy.
pub(crate) fn bytes<'py, T: Element>(py: Python<'py>, values: &[T]) -> PyResult<Bound<'py, PyByteArray>> {
    PyByteArray::new_with(py, values.len() * T::SIZE, |bytes| {
        bytes.chunks_exact_mut(T::SIZE).zip(values).for_each(|(bytes, value)| value.write(bytes));
        Ok(())
    })
}

/// A tensor of numpy's `int32` values; `what` names it in the error.
pub(crate) fn tensor(what: &str, shape: Vec<usize>, bytes: &[u8]) -> Outcome<Tensor<i32>> {
    let (values, rest) = bytes.as_chunks::<4>();
    let expected: usize = shape.iter().product();
    if values.len() != expected || !rest.is_empty() {
        return Err(Failure::new(format!("{what} has {} values; {shape:?} has {expected}", values.len())));
    }
    Ok(Tensor::new(shape, values.iter().map(|&value| i32::from_ne_bytes(value)).collect()))
}

/// numpy's `float32` values; `what` names them in the error.
pub(crate) fn real(what: &str, bytes: &[u8]) -> Outcome<Vec<f32>> {
    let (values, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(Failure::new(format!("{what} are {} bytes, which are no float32 values", bytes.len())));
    }
    Ok(values.iter().map(|&value| f32::from_ne_bytes(value)).collect())
}
