//! Singular value decomposition of small dense matrices by one-sided Jacobi rotations.
//!
//! Hestenes 1958; convergence and accuracy: Golub, Van Loan, "Matrix Computations", 4th ed., section 8.6.3. Columns are
//! rotated in pairs until all are orthogonal to working accuracy; their lengths are the singular values.

/// Rotations of every pair of columns before giving up; six to ten are usual.
const SWEEPS: usize = 60;
/// Two columns count as orthogonal below this cosine.
const COSINE: f64 = 1e-15;

/// A = Σᵢ `left[i]` · `right[i]`ᵀ, the terms in falling order of their norm.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Terms {
    /// Left singular vectors times their singular values.
    pub(super) left: Vec<Vec<f64>>,
    /// Right singular vectors, of length 1.
    pub(super) right: Vec<Vec<f64>>,
    /// Singular values.
    pub(super) values: Vec<f64>,
}

/// The terms of a matrix given by its columns, as many as there are columns; `None` if a value is not finite.
///
/// Columns may be more than rows; then the last terms are zero.
pub(super) fn decompose(columns: &[Vec<f64>]) -> Option<Terms> {
    if columns.iter().flatten().any(|value| !value.is_finite()) {
        return None;
    }
    let count = columns.len();
    let mut left = columns.to_vec();
    let mut right: Vec<Vec<f64>> =
        (0..count).map(|i| (0..count).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    // Beside the whole matrix a column this short is rounding, and its direction means nothing.
    let nothing = columns.iter().map(|column| dot(column, column)).sum::<f64>() * 1e-32;
    let mut sweeps = 0..SWEEPS;
    while sweep(&mut left, &mut right, nothing) {
        sweeps.next()?;
    }
    let mut order: Vec<(f64, usize)> =
        left.iter().enumerate().map(|(i, column)| (dot(column, column).sqrt(), i)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let pick = |from: &[Vec<f64>]| order.iter().map(|&(_, i)| from[i].clone()).collect();
    Some(Terms { left: pick(&left), right: pick(&right), values: order.iter().map(|&(value, _)| value).collect() })
}

/// Rotates every pair of columns that is not orthogonal; whether there was one.
fn sweep(left: &mut [Vec<f64>], right: &mut [Vec<f64>], nothing: f64) -> bool {
    let mut rotated = false;
    for q in 1..left.len() {
        for p in 0..q {
            let (pp, qq, pq) = (dot(&left[p], &left[p]), dot(&left[q], &left[q]), dot(&left[p], &left[q]));
            if pp <= nothing || qq <= nothing || pq.abs() <= COSINE * (pp * qq).sqrt() {
                continue;
            }
            let zeta = (qq - pp) / (2.0 * pq);
            let tangent = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
            let cosine = 1.0 / tangent.hypot(1.0);
            for columns in [&mut *left, &mut *right] {
                let (before, from_q) = columns.split_at_mut(q);
                rotate(&mut before[p], &mut from_q[0], cosine, cosine * tangent);
            }
            rotated = true;
        }
    }
    rotated
}

fn rotate(p: &mut [f64], q: &mut [f64], cosine: f64, sine: f64) {
    for (p, q) in p.iter_mut().zip(q) {
        (*p, *q) = (cosine * *p - sine * *q, sine * *p + cosine * *q);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::{decompose, dot};
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn known_matrices() {
        for (columns, expected) in [
            (vec![vec![3.0, 0.0], vec![0.0, -4.0]], vec![4.0, 3.0]),
            // [[4, 0], [3, -5]]: singular values √40 and √10.
            (vec![vec![4.0, 3.0], vec![0.0, -5.0]], vec![40f64.sqrt(), 10f64.sqrt()]),
            // Rank 1, more columns than rows.
            (vec![vec![1.0, 2.0], vec![2.0, 4.0], vec![3.0, 6.0]], vec![70f64.sqrt(), 0.0, 0.0]),
            (vec![vec![0.0; 3]; 2], vec![0.0, 0.0]),
            // Hilbert 3×3.
            (
                vec![vec![1.0, 0.5, 1.0 / 3.0], vec![0.5, 1.0 / 3.0, 0.25], vec![1.0 / 3.0, 0.25, 0.2]],
                vec![1.408_318_927_123_65, 0.122_327_065_853_906, 0.002_687_340_355_773_53],
            ),
        ] {
            let terms = decompose(&columns).expect("finite");
            for (found, expected) in terms.values.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-12, "{columns:?}: {:?}", terms.values);
            }
        }
        assert_eq!(decompose(&[vec![f64::NAN]]), None);
        assert_eq!(decompose(&[vec![f64::INFINITY]]), None);
    }

    proptest! {
        #[test]
        fn terms_sum_to_the_matrix_and_are_orthogonal(
            columns in (1usize..9, 1usize..9).prop_flat_map(|(rows, count)| vec(vec(-4i8..5, rows), count)),
            exponent in -30i32..30,
        ) {
            // Small integers make equal and dependent columns frequent.
            let scale = 10f64.powi(exponent);
            let columns: Vec<Vec<f64>> =
                columns.iter().map(|column| column.iter().map(|&value| f64::from(value) * scale).collect()).collect();
            let terms = decompose(&columns).expect("finite");
            let norm = columns.iter().map(|column| dot(column, column)).sum::<f64>().sqrt();
            for (at, column) in columns.iter().enumerate() {
                for (row, value) in column.iter().enumerate() {
                    let sum: f64 = terms.left.iter().zip(&terms.right).map(|(left, right)| left[row] * right[at]).sum();
                    prop_assert!((sum - value).abs() <= 1e-13 * norm);
                }
            }
            for (i, j) in (0..columns.len()).flat_map(|i| (0..i).map(move |j| (i, j))) {
                prop_assert!(dot(&terms.right[i], &terms.right[j]).abs() < 1e-13);
                prop_assert!(dot(&terms.left[i], &terms.left[j]).abs() <= 1e-13 * norm * norm);
                prop_assert!(terms.values[i] <= terms.values[j]);
            }
            prop_assert!(terms.right.iter().all(|right| (dot(right, right) - 1.0).abs() < 1e-13));
        }
    }
}
