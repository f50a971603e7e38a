//! Ridge regression by the normal equations, which are summed row by row.
//!
//! Hoerl and Kennard, "Ridge Regression: Biased Estimation for Nonorthogonal Problems", Technometrics 12 (1970). The intercept is not
//! penalised: the equations are those of centred columns.

use smartcore::linalg::basic::arrays::Array;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linalg::traits::cholesky::CholeskyDecomposable;

use super::super::progress::Progress;
use super::Weights;
use super::design::Row;

/// The penalty of the squared weights.
const PENALTY: f64 = 1.0;

/// The sums over the rows that the equations are made of.
struct Sums {
    columns: usize,
    /// Products of each two columns; the upper triangle, row by row.
    products: Vec<f64>,
    columns_sum: Vec<f64>,
    with_target: Vec<f64>,
    target: f64,
    rows: f64,
}

/// Fits the weights of some rows. `rows` calls its argument with each row and its target.
pub(super) fn fit(
    columns: usize,
    count: usize,
    progress: &Progress,
    mut row_of: impl FnMut(usize, &mut Row) -> f64,
) -> Result<Weights, String> {
    let zeros = || vec![0.0; columns];
    let mut sums = Sums {
        columns,
        products: vec![0.0; columns * columns],
        columns_sum: zeros(),
        with_target: zeros(),
        target: 0.0,
        rows: 0.0,
    };
    let mut row = Row::default();
    for index in 0..count {
        let target = row_of(index, &mut row);
        sums.add(&row, target);
        if index % 4096 == 0 {
            progress.within(index, count);
        }
    }
    sums.solve()
}

impl Sums {
    fn add(&mut self, row: &Row, target: f64) {
        self.rows += 1.0;
        self.target += target;
        row.add_to(&mut self.columns_sum, 1.0);
        row.add_to(&mut self.with_target, target);
        let (numbers, columns) = (&row.numbers, self.columns);
        for (a, first) in numbers.iter().enumerate() {
            let line = &mut self.products[a * columns..][..columns];
            line[a..].iter_mut().zip(&numbers[a..]).for_each(|(sum, second)| *sum += first * second);
            row.ones.iter().for_each(|b| line[*b] += first);
        }
        for (place, a) in row.ones.iter().enumerate() {
            row.ones[place..].iter().for_each(|b| self.products[a * columns + b] += 1.0);
        }
    }

    fn solve(mut self) -> Result<Weights, String> {
        let columns = self.columns;
        let mean = self.target / self.rows;
        for a in 0..columns {
            for b in a..columns {
                let value = self.products[a * columns + b] - self.columns_sum[a] * self.columns_sum[b] / self.rows;
                self.products[a * columns + b] = value;
                self.products[b * columns + a] = value;
            }
            self.products[a * columns + a] += PENALTY;
            self.with_target[a] -= self.columns_sum[a] * mean;
        }
        let left = DenseMatrix::new(columns, columns, self.products, false).map_err(|error| error.to_string())?;
        let right = DenseMatrix::new(columns, 1, self.with_target, false).map_err(|error| error.to_string())?;
        let solved = left.cholesky_solve_mut(right).map_err(|error| error.to_string())?;
        let weights: Vec<f64> = (0..columns).map(|index| *solved.get((index, 0))).collect();
        let offset: f64 = weights.iter().zip(&self.columns_sum).map(|(weight, sum)| weight * sum / self.rows).sum();
        Ok(Weights { intercepts: vec![mean - offset], weights })
    }
}
