//! Reads rows into columns of numbers, and decides on the target and the held-out rows.
//!
//! Numbers are kept as `f32`, as trees of scikit-learn do. Texts are kept as positions in a dictionary of the column.

mod categories;
mod column;
mod split;
mod target;

pub(super) use categories::Categories;
pub(super) use column::{Column, DATE_PARTS, Part, date_parts};
pub(super) use split::{Split, split};
pub(super) use target::{Target, TargetColumn};

use super::budget;
use super::cell::Value;
use super::error::{TrainError, cut};
use super::task::Task;

/// Greatest size of all dictionaries of features together.
const DICTIONARY_BYTES: usize = 8 << 20;

/// The rows of a table that have a target.
pub(super) struct Dataset {
    /// The columns, in the order of the task. That of the target is ignored.
    pub(super) columns: Vec<Column>,
    /// The values of the target.
    pub(super) target: TargetColumn,
    /// Number of each row in the table, from 1.
    pub(super) numbers: Vec<u32>,
    /// All rows of the table.
    pub(super) total: u64,
}

/// Reads the rows of a table.
pub(super) struct Reader<'a> {
    task: &'a Task,
    position: usize,
    data: Dataset,
    dictionary_bytes: usize,
}

impl<'a> Reader<'a> {
    /// A reader of a task's table. Fails if the announced rows need too much memory.
    pub(super) fn new(task: &'a Task) -> Result<Self, TrainError> {
        let position = task.check()?;
        budget::check(task, task.rows.unwrap_or(0))?;
        let rows = usize::try_from(task.rows.unwrap_or(0)).unwrap_or(0);
        let target = TargetColumn::new(&task.columns[position], rows)?;
        let columns = task.columns.iter().enumerate();
        let columns = columns.map(|(index, column)| Column::new(column.format.kind, index == position, rows)).collect();
        let data = Dataset { columns, target, numbers: Vec::with_capacity(rows), total: 0 };
        Ok(Self { task, position, data, dictionary_bytes: 0 })
    }

    /// Reads whole rows of normalised CSV.
    pub(super) fn feed(&mut self, csv: &[u8]) -> Result<(), TrainError> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv);
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| TrainError::Input(error.to_string()))? {
            self.row(&record)?;
        }
        budget::check(self.task, self.data.total)
    }

    /// Rows read so far.
    pub(super) const fn rows(&self) -> u64 {
        self.data.total
    }

    /// All rows are read.
    pub(super) fn finish(self) -> Dataset {
        self.data
    }

    fn row(&mut self, record: &csv::StringRecord) -> Result<(), TrainError> {
        self.data.total += 1;
        let (found, expected) = (record.len(), self.task.columns.len());
        if found != expected {
            return Err(TrainError::Input(format!(
                "row {} has {found} cells, and the table has {expected} columns",
                self.data.total
            )));
        }
        let row = u32::try_from(self.data.total).map_err(|_| TrainError::Input("there are more than 2^32 rows".to_owned()))?;
        match self.value(record, self.position)? {
            Value::Missing => return Ok(()),
            value => self.data.target.push(&self.task.target, value)?,
        }
        self.data.numbers.push(row);
        for index in (0..expected).filter(|index| *index != self.position) {
            let value = self.value(record, index)?;
            self.dictionary_bytes += self.data.columns[index].push(value, DICTIONARY_BYTES.saturating_sub(self.dictionary_bytes));
        }
        Ok(())
    }

    fn value<'r>(&self, record: &'r csv::StringRecord, index: usize) -> Result<Value<'r>, TrainError> {
        let (column, text) = (&self.task.columns[index], record.get(index).unwrap_or_default());
        match column.format.read(text) {
            Value::Invalid => Err(TrainError::BadCell { column: column.name.clone(), row: self.data.total, value: cut(text) }),
            value => Ok(value),
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
