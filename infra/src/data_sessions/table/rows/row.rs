//! A row of cells.

/// How cells are delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Format {
    /// Character between cells; nothing in a table of one column.
    pub(in super::super) delimiter: Option<u8>,
    /// Several spaces or tabs are one delimiter.
    pub(in super::super) collapse: bool,
    /// Character around cells.
    pub(in super::super) quote: Option<u8>,
    /// Inside quotes, a backslash before a quote or a backslash makes it an ordinary character.
    pub(in super::super) backslash: bool,
}

/// A row.
#[derive(Debug, Default)]
pub(in super::super) struct Row {
    pub(super) bytes: Vec<u8>,
    pub(super) ends: Vec<usize>,
    /// Line of the file in which it begins, from 1.
    pub(in super::super) line: u64,
    /// Cells in quotes.
    pub(in super::super) quoted: usize,
    /// Cells with text after the closing quote.
    pub(in super::super) irregular: usize,
    /// Whether its first cell is in quotes.
    pub(in super::super) first_quoted: bool,
}

impl Row {
    /// Its cells.
    pub(in super::super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All cells without what is between them; nothing if it is not UTF-8.
    pub(in super::super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// The cells of the row's [`text`](Self::text).
    pub(in super::super) fn cells<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> + Clone {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let cell = text.get(start..*end).unwrap_or_default();
            start = *end;
            cell
        })
    }

    /// Whether the text of the first cells begins with a byte.
    pub(in super::super) fn starts_with(&self, byte: u8) -> bool {
        self.bytes.first() == Some(&byte)
    }

    /// Where the cell that is being read begins.
    pub(super) fn start_of_last(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Removes all cells.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.quoted = 0;
        self.irregular = 0;
        self.first_quoted = false;
    }
}
