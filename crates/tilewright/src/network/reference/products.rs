//! Products off the crossbars: of two feature maps.

use super::elements::{gather, value};
use crate::network::Tensor;

/// The last two axes as matrices, those before broadcast.
pub(super) fn mat_mul(left: &Tensor<f32>, right: &Tensor<f32>, shape: &[usize]) -> Tensor<f32> {
    let inner = left.shape()[left.shape().len() - 1];
    gather(shape, |at| {
        let (leading, &[row, column]) = at.split_at(at.len() - 2) else { unreachable!("matrices have two axes") };
        let products = (0..inner).map(|i| {
            f64::from(value(left, &[&stretched(left, leading)[..], &[row, i]].concat()))
                * f64::from(value(right, &[&stretched(right, leading)[..], &[i, column]].concat()))
        });
        products.sum::<f64>() as f32
    })
}

/// The index of a matrix among those of `tensor`, axes of length 1 stretched.
fn stretched(tensor: &Tensor<f32>, leading: &[usize]) -> Vec<usize> {
    let own = &tensor.shape()[..tensor.shape().len() - 2];
    let skipped = leading.len() - own.len();
    own.iter().zip(&leading[skipped..]).map(|(&length, &i)| if length == 1 { 0 } else { i }).collect()
}
