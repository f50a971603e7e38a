//! Collects warnings, bounded.

use super::views::Warning;

/// The first warnings and the number of the others.
#[derive(Debug)]
pub(super) struct Notices {
    limit: usize,
    /// The first ones.
    pub(super) listed: Vec<Warning>,
    /// How many there are beyond those.
    pub(super) omitted: u64,
}

impl Notices {
    /// Lists at most `limit`.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, listed: Vec::new(), omitted: 0 }
    }

    /// Adds one. `detail` is called only if it is listed.
    pub(super) fn add(&mut self, row: Option<u64>, column: Option<&str>, detail: impl FnOnce() -> String) {
        if self.listed.len() < self.limit {
            self.listed.push(Warning { row, column: column.map(str::to_owned), detail: detail() });
        } else {
            self.omitted += 1;
        }
    }

    /// Adds one about a kind of row, if there are such rows.
    pub(super) fn add_tally(&mut self, tally: &Tally, detail: &str) {
        if let Some(first) = tally.rows.first() {
            self.add(Some(*first).filter(|row| *row > 0), None, || format!("{detail}; {} in all{}", tally.count, tally.list()));
        }
    }
}

/// Rows of one kind: how many, and the first of them.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Number of rows.
    pub(super) count: u64,
    rows: Vec<u64>,
}

impl Tally {
    const LISTED: usize = 10;

    /// Counts a row.
    pub(super) fn add(&mut self, row: u64) {
        self.count += 1;
        if self.rows.len() < Self::LISTED {
            self.rows.push(row);
        }
    }

    /// The first numbers.
    pub(super) fn list(&self) -> String {
        let numbers = self.rows.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let more = if self.count > self.rows.len() as u64 { ", …" } else { "" };
        format!(": {numbers}{more}")
    }
}
