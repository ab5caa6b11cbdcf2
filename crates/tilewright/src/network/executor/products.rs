//! Products off the crossbars, on sixteen images at once.

use super::lanes::{Images, Lanes};
use super::strides::{positions, strides};
use crate::network::Tensor;
use fearless_simd::{Level, dispatch};

/// The last two axes as matrices, those before broadcast.
pub(super) fn mat_mul(level: Level, left: &Images, right: &Images, shape: &[usize]) -> Images {
    let (leading, &[rows, columns]) = shape.split_at(shape.len() - 2) else { unreachable!("matrices have two axes") };
    let inner = left.shape()[left.shape().len() - 1];
    let mut output = Tensor::filled(shape.to_vec(), Lanes::splat(0.0));
    let matrices = output.values_mut().chunks_exact_mut(rows * columns);
    let (lefts, rights) = (matrix_places(left, leading), matrix_places(right, leading));
    for ((output, left_at), right_at) in matrices.zip(lefts).zip(rights) {
        let (left, right) = (&left.values()[left_at..], &right.values()[right_at..]);
        dispatch!(level, _simd => {
            for (row, sums) in output.chunks_exact_mut(columns).enumerate() {
                for i in 0..inner {
                    let factor = left[row * inner + i];
                    for (sum, &other) in sums.iter_mut().zip(&right[i * columns..]) {
                        *sum = sum.with(factor.with(other, |a, b| a * b), |sum, product| sum + product);
                    }
                }
            }
        });
    }
    output
}

/// Where each matrix begins, for the leading axes of the product.
fn matrix_places(images: &Images, leading: &[usize]) -> impl Iterator<Item = usize> {
    let own = images.shape().len() - 2;
    let skipped = leading.len() - own;
    let mut steps = vec![0; leading.len()];
    for (axis, &step) in strides(images.shape())[..own].iter().enumerate() {
        steps[skipped + axis] = if images.shape()[axis] == 1 { 0 } else { step };
    }
    positions(leading, &steps, 0)
}
