//! How much memory a training needs, estimated before it is allocated.

use super::error::TrainError;
use super::task::Task;

/// Greatest number of cells that a tree is grown on. Beyond, each tree gets a sample of the rows.
pub(super) const TREE_CELLS: usize = 8_000_000;

/// Memory of the process without a table.
const BASE: u64 = 24 << 20;

/// Bytes of a stored cell.
const STORED_CELL: u64 = 4;

/// Bytes of a cell that a tree is grown on: the copy, the order of the column (`usize`), and the tree's own elements (`u64`).
const TREE_CELL: u64 = 20;

/// Bytes of a row: target, number, share of the split, and predictions.
const ROW: u64 = 80;

/// The bytes that a training on so many rows needs.
pub(super) fn estimate(rows: u64, columns: u64) -> u64 {
    let cells = rows.saturating_mul(columns);
    let stored = cells.saturating_mul(STORED_CELL).saturating_add(rows.saturating_mul(ROW));
    stored.saturating_add(cells.min(TREE_CELLS as u64) * TREE_CELL).saturating_add(BASE)
}

/// Fails if so many rows need more memory than the task allows.
pub(super) fn check(task: &Task, rows: u64) -> Result<(), TrainError> {
    let columns = task.columns.len();
    let needed = estimate(rows, columns as u64);
    if needed <= task.memory_bytes {
        return Ok(());
    }
    let mebibytes = |bytes: u64| bytes >> 20;
    Err(TrainError::Memory { rows, columns, needed: mebibytes(needed), limit: mebibytes(task.memory_bytes) })
}
