//! Solving with the matrices of the model: weighted graphs, each node of which is tied to a common ground.

/// The matrix with −w between two nodes and, on the diagonal, a node's weights and its tie to the ground; eliminated node
/// by node. An eliminated node leaves weights between its neighbours (as star and mesh in an electric network): sums and
/// products of positive numbers, so nothing cancels however uneven the weights are, where Cholesky's method gives up.
#[derive(Debug)]
pub(super) struct Laplacian {
    n: usize,
    /// Row by row; of a node those to later ones, as they were when it was eliminated.
    weights: Vec<f64>,
    diagonal: Vec<f64>,
}

impl Laplacian {
    /// Of symmetric weights, row by row, whose diagonal is not looked at, and each node's tie to the ground; `None` where
    /// a node has neither.
    pub(super) fn of(mut weights: Vec<f64>, mut ground: Vec<f64>) -> Option<Self> {
        let n = ground.len();
        let mut diagonal = Vec::with_capacity(n);
        for node in 0..n {
            let total = ground[node] + weights[node * n + node + 1..(node + 1) * n].iter().sum::<f64>();
            if !(total > 0.0 && total.is_finite()) {
                return None;
            }
            for one in node + 1..n {
                let share = weights[node * n + one] / total;
                ground[one] += share * ground[node];
                for other in (node + 1..n).filter(|&other| other != one) {
                    weights[one * n + other] += share * weights[node * n + other];
                }
            }
            diagonal.push(total);
        }
        Some(Self { n, weights, diagonal })
    }

    /// x of A·x = b.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.n;
        let mut x = b.to_vec();
        for node in 0..n {
            for later in node + 1..n {
                x[later] += self.weights[node * n + later] / self.diagonal[node] * x[node];
            }
        }
        for node in (0..n).rev() {
            let known: f64 = (node + 1..n).map(|later| self.weights[node * n + later] * x[later]).sum();
            x[node] = (x[node] + known) / self.diagonal[node];
        }
        x
    }

    /// A⁻¹, row by row.
    pub(super) fn inverse(&self) -> Vec<f64> {
        let unit = |at: usize| (0..self.n).map(|k| if k == at { 1.0 } else { 0.0 }).collect::<Vec<f64>>();
        (0..self.n).flat_map(|at| self.solve(&unit(at))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_solution_solves(n in 1_usize..7, weights in prop::collection::vec(0.0_f64..9.0, 49), b in prop::collection::vec(-9.0_f64..9.0, 7)) {
            let weight = |i: usize, j: usize| if i == j { 0.0 } else { weights[i.min(j) * 7 + i.max(j)] };
            let ground: Vec<f64> = (0..n).map(|i| 0.1 + weights[i * 7 + i]).collect();
            let all = (0..n * n).map(|at| weight(at / n, at % n)).collect();
            let x = Laplacian::of(all, ground.clone()).unwrap().solve(&b[..n]);
            for i in 0..n {
                let row: f64 = (0..n).map(|j| weight(i, j) * (x[i] - x[j])).sum();
                prop_assert!((row + ground[i] * x[i] - b[i]).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_node_without_any_tie_has_no_solution() {
        assert!(Laplacian::of(vec![0.0; 4], vec![1.0, 0.0]).is_none());
    }
}
