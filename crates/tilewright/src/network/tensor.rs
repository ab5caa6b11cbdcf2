//! Dense row-major arrays: feature maps, weights and constants.

use serde::{Deserialize, Serialize};

/// A dense array in row-major order (the last axis varies fastest).
///
/// Feature maps have the axes `[channels, height, width]`, vectors `[features]`. There is no batch axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tensor<T> {
    shape: Vec<usize>,
    values: Vec<T>,
}

impl<T: Clone> Tensor<T> {
    /// An array of `shape` over `values` in row-major order.
    ///
    /// # Panics
    /// If the number of values is not the product of the axes.
    pub fn new(shape: Vec<usize>, values: Vec<T>) -> Self {
        assert_eq!(
            shape.iter().product::<usize>(),
            values.len(),
            "a tensor of shape {shape:?} holds as many values as the product of its axes"
        );
        Self { shape, values }
    }

    /// An array of `shape` with the same value everywhere.
    pub fn filled(shape: Vec<usize>, value: T) -> Self {
        let len = shape.iter().product();
        Self { shape, values: vec![value; len] }
    }

    /// The length of each axis, outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The values in row-major order.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The values in row-major order, to be written.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// The values in row-major order, for good.
    pub fn into_values(self) -> Vec<T> {
        self.values
    }

    /// The same values under another shape.
    ///
    /// # Panics
    /// If the shapes hold different numbers of values.
    pub fn reshaped(self, shape: Vec<usize>) -> Self {
        Self::new(shape, self.values)
    }

    /// The same shape with `f` applied to every value.
    pub fn map<U: Clone>(&self, f: impl FnMut(&T) -> U) -> Tensor<U> {
        Tensor { shape: self.shape.clone(), values: self.values.iter().map(f).collect() }
    }
}
