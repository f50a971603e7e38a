//! Detects whether the first row holds names, by comparing it with the rows after it.

use super::super::error::shorten;
use super::super::limits::Limits;
use super::super::missing::trim;
use super::super::rows::RowReader;
use super::super::typing::{ColumnTyping, looks_typed};
use super::super::views::ColumnType;
use super::candidate::Candidate;
use super::sample::Sample;

/// Cells that are compared with the first row.
const CELLS: usize = 200_000;

/// Whether the first row holds names, and why.
pub(super) struct Header {
    /// Whether it does.
    pub(super) present: bool,
    /// Why.
    pub(super) evidence: String,
}

/// The first row and the columns below it.
#[derive(Default)]
struct Comparison {
    first: Vec<String>,
    columns: Vec<ColumnTyping>,
    /// A cell of the first row is a value of its column.
    recurring: Option<String>,
    rows: u64,
}

/// Compares the first row with those after it.
pub(super) fn detect(sample: &Sample, chosen: &Candidate, skip_lines: u64, limits: Limits) -> Header {
    let comparison = Comparison::read(sample, chosen, skip_lines, limits);
    let (names, values) = comparison.votes();
    let (present, evidence) = match names.cmp(&values) {
        std::cmp::Ordering::Less if comparison.names_years() => {
            (true, "the first row holds a series of years over other numbers".to_owned())
        }
        std::cmp::Ordering::Less => {
            (false, format!("{values} cells of the first row look like the values below them, {names} do not"))
        }
        _ if names > 0 => {
            (true, format!("{names} cells of the first row are texts over numbers, dates or booleans, {values} are not"))
        }
        _ => comparison.by_texts(),
    };
    Header { present, evidence }
}

impl Comparison {
    fn read(sample: &Sample, chosen: &Candidate, skip_lines: u64, limits: Limits) -> Self {
        let mut reader = RowReader::new(sample.text(), chosen.format, limits);
        let mut comparison = Self::default();
        let mut cells = 0;
        if reader.skip_lines(skip_lines).is_err() {
            return comparison;
        }
        while let Ok(Some(row)) = reader.next() {
            let Some(text) = row.text() else { break };
            comparison.add(row.cells(text), text);
            cells += row.len();
            if cells > CELLS {
                break;
            }
        }
        comparison
    }

    fn add<'a>(&mut self, cells: impl Iterator<Item = &'a str>, text: &str) {
        if self.first.is_empty() {
            self.first = cells.map(|cell| trim(cell).to_owned()).collect();
            self.columns = self.first.iter().map(|_| ColumnTyping::new()).collect();
            return;
        }
        let is_comment = text.starts_with('#');
        for ((column, first), cell) in self.columns.iter_mut().zip(&self.first).zip(cells).filter(|_| !is_comment) {
            column.add(self.rows + 1, cell);
            if self.recurring.is_none() && !first.is_empty() && trim(cell) == first {
                self.recurring = Some(first.clone());
            }
        }
        self.rows += 1;
    }

    /// Columns whose first cell is unlike the others, and columns where it is like them.
    fn votes(&self) -> (usize, usize) {
        let mut votes = (0, 0);
        for (column, first) in self.columns.iter().zip(&self.first).filter(|(_, first)| !first.is_empty()) {
            let is_value = looks_typed(first);
            match column.leading() {
                ColumnType::Empty | ColumnType::Text => votes.1 += usize::from(is_value),
                _ if is_value || column.fits(first) => votes.1 += 1,
                _ => votes.0 += 1,
            }
        }
        votes
    }

    /// Whether the numbers of the first row are consecutive years, which their columns are not.
    fn names_years(&self) -> bool {
        let year = |text: &str| text.parse::<u32>().ok().filter(|year| (1_800..=2_200).contains(year) && text.len() == 4);
        let numbers = self.first.iter().zip(&self.columns).filter(|(first, _)| looks_typed(first));
        let years = numbers.clone().map_while(|(first, _)| year(first)).collect::<Vec<_>>();
        let rising = years.windows(2).all(|pair| matches!(pair, [a, b] if a < b))
            || years.windows(2).all(|pair| matches!(pair, [a, b] if a > b));
        let other = numbers.clone().all(|(_, column)| column.example().is_none_or(|example| year(&example.value).is_none()));
        years.len() >= 2 && years.len() == numbers.count() && rising && other
    }

    fn by_texts(&self) -> (bool, String) {
        match &self.recurring {
            Some(value) => (false, format!("`{}` of the first row recurs in its column", shorten(value))),
            None => (true, "all cells of the first row are texts that do not recur below it".to_owned()),
        }
    }
}
