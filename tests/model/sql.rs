//! The database: transactions whose order of ids is not their order of commits, and the change log that commits with them.
//!
//! SQLite, with one writer at a time, is the case in which no two transactions are open together.

use super::state::{Position, State, Version};
use super::steps::{Write, Writing};

impl State {
    /// The version that a statement reads now.
    pub fn committed(&self) -> Version {
        self.writes.iter().map(|write| write.version).max().unwrap_or_default()
    }

    /// The id that the next transaction will get.
    pub fn next_position(&self) -> Position {
        1 + self.writes.iter().map(|write| write.position).max().unwrap_or_default()
    }

    /// "every change below it is visible to every reader of it": `pg_snapshot_xmin(pg_current_snapshot())`.
    pub fn horizon(&self) -> Position {
        let open = self.writes.iter().filter(|write| matches!(write.step, Writing::Worked | Writing::Open | Writing::InDoubt));
        open.map(|write| write.position).min().unwrap_or_else(|| self.next_position())
    }

    /// The log's visible rows at these positions.
    pub fn rows(&self, range: impl std::ops::RangeBounds<Position>) -> u8 {
        let visible =
            |&(_, write): &(usize, &Write)| write.logged && write.position >= self.pruned && range.contains(&write.position);
        self.writes.iter().enumerate().filter(visible).fold(0, |rows, (w, _)| rows | 1 << w)
    }

    /// The write's transaction opens and gets its id.
    pub fn open(&mut self, w: usize, step: Writing) {
        self.writes[w].position = self.next_position();
        self.writes[w].step = step;
    }

    /// The write's transaction commits, its log row with it.
    pub fn commit(&mut self, w: usize, logged: bool) {
        self.writes[w].version = self.committed() + 1;
        self.writes[w].logged = logged;
    }
}
