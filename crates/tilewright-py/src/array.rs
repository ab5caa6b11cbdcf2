//! Numbers to and from the bytes that numpy holds.

use crate::error::{Failure, Outcome};
use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use tilewright::network::Tensor;

/// Types with a fixed number of bytes, in the machine's order.
pub(crate) trait Element: Copy {
    /// Writes its bytes.
    fn write(self, bytes: &mut [u8]);
    /// Reads as many bytes as it has.
    fn read(bytes: &[u8]) -> Self;
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

            fn read(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<$type>()];
                own.copy_from_slice(bytes);
                Self::from_ne_bytes(own)
            }
        }
    };
}

element!(i32);
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

/// A tensor of numpy's values; `what` names it in the error.
pub(crate) fn tensor<T: Element>(what: &str, shape: Vec<usize>, bytes: &[u8]) -> Outcome<Tensor<T>> {
    let expected: usize = shape.iter().product();
    if bytes.len() != expected * T::SIZE {
        return Err(Failure::new(format!("{what} has {} values; {shape:?} has {expected}", bytes.len() / T::SIZE)));
    }
    Ok(Tensor::new(shape, bytes.chunks_exact(T::SIZE).map(T::read).collect()))
}

/// numpy's `float32` values; `what` names them in the error.
pub(crate) fn real(what: &str, bytes: &[u8]) -> Outcome<Vec<f32>> {
    let (values, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(Failure::new(format!("{what} are {} bytes, which are not float32 values", bytes.len())));
    }
    Ok(values.iter().map(|&value| f32::from_ne_bytes(value)).collect())
}
