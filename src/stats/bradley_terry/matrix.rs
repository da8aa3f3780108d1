//! Solving with a symmetric positive definite matrix.

/// The lower triangle L of A = L·Lᵀ, row by row.
#[derive(Debug)]
pub(super) struct Cholesky {
    n: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Of a matrix given row by row; `None` where it is not positive definite.
    pub(super) fn of(matrix: &[f64], n: usize) -> Option<Self> {
        let mut lower = vec![0.0; n * n];
        for row in 0..n {
            for column in 0..=row {
                let known: f64 = (0..column).map(|k| lower[row * n + k] * lower[column * n + k]).sum();
                let rest = matrix[row * n + column] - known;
                lower[row * n + column] = if row == column {
                    Some(rest.sqrt()).filter(|root| *root > 0.0 && root.is_finite())?
                } else {
                    rest / lower[column * n + column]
                };
            }
        }
        Some(Self { n, lower })
    }

    /// x of A·x = b.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.n;
        let mut x = b.to_vec();
        for row in 0..n {
            let known: f64 = (0..row).map(|k| self.lower[row * n + k] * x[k]).sum();
            x[row] = (x[row] - known) / self.lower[row * n + row];
        }
        for row in (0..n).rev() {
            let known: f64 = (row + 1..n).map(|k| self.lower[k * n + row] * x[k]).sum();
            x[row] = (x[row] - known) / self.lower[row * n + row];
        }
        x
    }

    /// A⁻¹, row by row.
    pub(super) fn inverse(&self) -> Vec<f64> {
        let unit = |at: usize| (0..self.n).map(|k| if k == at { 1.0 } else { 0.0 }).collect::<Vec<f64>>();
        (0..self.n).flat_map(|at| self.solve(&unit(at))).collect()
    }
}
