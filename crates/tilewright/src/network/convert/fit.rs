//! Regularised least squares by normal equations: which change of the 1D kernels brings the outputs nearest.

use crate::network::executor::{BATCH, Images, Lanes};
use fearless_simd::{Level, dispatch};

/// Weight of staying near the start, per unit of mean input power: enough for inputs that depend on each other.
const RIDGE: f64 = 1e-6;

/// Pixels taken in together: those of a hundred planes stay in the second cache.
const PIXELS: usize = 64;

/// Sums over all pixels seen of z zᵀ and z eᵀ, z the inputs of a 1D kernel and e what its outputs lack.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    inputs: usize,
    outputs: usize,
    /// `[inputs, inputs]`, on the diagonal and below it
    gram: Vec<f64>,
    /// `[outputs, inputs]`
    right: Vec<f64>,
}

impl Fit {
    /// Nothing seen yet.
    pub(super) fn new(inputs: usize, outputs: usize) -> Self {
        Self { inputs, outputs, gram: vec![0.0; inputs * inputs], right: vec![0.0; outputs * inputs] }
    }

    /// Takes in the inputs `[inputs, height, width]` and what the outputs lack, `[outputs, height, width]`, of sixteen images;
    /// lanes of zeros do nothing.
    pub(super) fn add(&mut self, inputs: &Images, lacking: &Images) {
        dispatch!(Level::new(), _simd => self.add_planes(inputs.values(), lacking.values()));
    }

    #[inline(always)]
    fn add_planes(&mut self, inputs: &[Lanes], lacking: &[Lanes]) {
        let n = self.inputs;
        let pixels = inputs.len() / n;
        for from in (0..pixels).step_by(PIXELS) {
            let part = |at: usize| at * pixels + from..at * pixels + (from + PIXELS).min(pixels);
            for i in 0..n {
                for j in 0..=i {
                    self.gram[i * n + j] += product(&inputs[part(i)], &inputs[part(j)]);
                }
            }
            for o in 0..self.outputs {
                for i in 0..n {
                    self.right[o * n + i] += product(&lacking[part(o)], &inputs[part(i)]);
                }
            }
        }
    }

    /// The change Δ `[outputs, inputs]` with the least Σ|e − Δ z|² + λ|Δ|²; since Δ = 0 is allowed, Σ|e − Δ z|² is never
    /// more than Σ|e|². `None` if something is not finite.
    pub(super) fn solve(mut self) -> Option<Vec<f64>> {
        let n = self.inputs;
        let trace: f64 = (0..n).map(|i| self.gram[i * n + i]).sum();
        if trace == 0.0 {
            return Some(vec![0.0; self.outputs * n]);
        }
        (0..n).for_each(|i| self.gram[i * n + i] += RIDGE * trace / n as f64);
        factor(&mut self.gram, n)?;
        self.right.chunks_mut(n).for_each(|column| substitute(&self.gram, column));
        Some(self.right)
    }
}

/// A symmetric positive definite matrix becomes its Cholesky factor L, below and on the diagonal.
fn factor(matrix: &mut [f64], n: usize) -> Option<()> {
    for j in 0..n {
        for i in j..n {
            let (row_i, row_j) = (&matrix[i * n..][..j], &matrix[j * n..][..j]);
            let rest = matrix[i * n + j] - dot(row_i, row_j);
            matrix[i * n + j] = if i == j { positive(rest)?.sqrt() } else { rest / matrix[j * n + j] };
        }
    }
    Some(())
}

fn positive(value: f64) -> Option<f64> {
    (value > 0.0 && value.is_finite()).then_some(value)
}

/// Solves L Lᵀ x = b in place.
fn substitute(lower: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in 0..n {
        b[i] = (b[i] - dot(&lower[i * n..][..i], &b[..i])) / lower[i * n + i];
    }
    for i in (0..n).rev() {
        let rest: f64 = (i + 1..n).map(|k| lower[k * n + i] * b[k]).sum();
        b[i] = (b[i] - rest) / lower[i * n + i];
    }
}

/// Sum of the products of all pixels and images.
#[inline(always)]
fn product(a: &[Lanes], b: &[Lanes]) -> f64 {
    let mut sums = [0.0; BATCH];
    for (a, b) in a.iter().zip(b) {
        for (sum, (&a, &b)) in sums.iter_mut().zip(a.0.iter().zip(&b.0)) {
            *sum += f64::from(a) * f64::from(b);
        }
    }
    sums.iter().sum()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::{Fit, factor, substitute};
    use crate::network::executor::{Images, Lanes};

    #[test]
    fn a_known_system() {
        // [[4, 2], [2, 5]] x = [10, 13] has the solution [1.5, 2], and L is [[2, 0], [1, 2]].
        let mut matrix = vec![4.0, 2.0, 2.0, 5.0];
        factor(&mut matrix, 2).expect("positive definite");
        assert_eq!((matrix[0], matrix[2], matrix[3]), (2.0, 1.0, 2.0));
        let mut b = [10.0, 13.0];
        substitute(&matrix, &mut b);
        assert_eq!(b, [1.5, 2.0]);
        assert_eq!(factor(&mut [1.0, 2.0, 2.0, 1.0], 2), None);
    }

    #[test]
    fn what_is_lacking_is_found() {
        // e = 2 z₀ − 3 z₁ on four pixels.
        let first = |shape: [usize; 3], values: &[f32]| {
            let lanes =
                values.iter().map(|&value| Lanes(std::array::from_fn(|lane| if lane == 0 { value } else { 0.0 })));
            Images::new(shape.to_vec(), lanes.collect())
        };
        let z = first([2, 2, 2], &[1.0, 0.0, 2.0, 1.0, 0.0, 1.0, 1.0, -1.0]);
        let e = first([1, 2, 2], &[2.0, -3.0, 1.0, 5.0]);
        let mut fit = Fit::new(2, 1);
        fit.add(&z, &e);
        let change = fit.solve().expect("finite");
        assert!((change[0] - 2.0).abs() < 1e-4 && (change[1] + 3.0).abs() < 1e-4, "{change:?}");
        assert_eq!(Fit::new(2, 1).solve(), Some(vec![0.0; 2]));
    }
}
