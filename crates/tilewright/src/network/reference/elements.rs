//! Elements of tensors by their indices.

use crate::network::Tensor;

/// A tensor of `shape` with `f(index)` at every index.
pub(super) fn gather(shape: &[usize], mut f: impl FnMut(&[usize]) -> f32) -> Tensor<f32> {
    let mut output = Tensor::filled(shape.to_vec(), 0f32);
    for_each_index(shape, |flat, at| output.values_mut()[flat] = f(at));
    output
}

/// Visits every index of `shape` in row-major order, with its position.
pub(super) fn for_each_index(shape: &[usize], mut visit: impl FnMut(usize, &[usize])) {
    let mut at = vec![0; shape.len()];
    for flat in 0..shape.iter().product() {
        visit(flat, &at);
        for axis in (0..shape.len()).rev() {
            at[axis] += 1;
            if at[axis] < shape[axis] {
                break;
            }
            at[axis] = 0;
        }
    }
}

pub(super) fn value(tensor: &Tensor<f32>, at: &[usize]) -> f32 {
    tensor.values()[offset(tensor.shape(), at)]
}

pub(super) fn offset(shape: &[usize], at: &[usize]) -> usize {
    shape.iter().zip(at).fold(0, |offset, (length, i)| offset * length + i)
}
