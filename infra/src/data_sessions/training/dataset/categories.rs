//! The different texts of a column.

use std::collections::HashMap;
use std::sync::Arc;

/// Estimated memory of an entry beside its text.
const ENTRY: usize = 64;

/// The different texts of a column, in the order in which they were met.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Categories {
    positions: HashMap<Arc<str>, u32>,
    /// The texts.
    pub(in super::super) names: Vec<Arc<str>>,
}

impl Categories {
    /// The position of a text, and the bytes that a new entry takes; `None` if it is new and there is no room for it.
    pub(super) fn position(&mut self, text: &str, limit: usize, bytes: usize) -> Option<(u32, usize)> {
        if let Some(position) = self.positions.get(text) {
            return Some((*position, 0));
        }
        let needed = text.len() + ENTRY;
        if self.names.len() >= limit || needed > bytes {
            return None;
        }
        let position = u32::try_from(self.names.len()).ok()?;
        let name: Arc<str> = text.into();
        self.names.push(Arc::clone(&name));
        self.positions.insert(name, position);
        Some((position, needed))
    }

    /// The sorted texts, and for each position its place among them.
    pub(in super::super) fn sorted(&self) -> (Vec<String>, Vec<u32>) {
        let mut order: Vec<u32> = (0..).take(self.names.len()).collect();
        order.sort_by(|a, b| self.names[*a as usize].cmp(&self.names[*b as usize]));
        let mut places = vec![0; order.len()];
        for (place, position) in (0..).zip(&order) {
            places[*position as usize] = place;
        }
        (order.iter().map(|position| self.names[*position as usize].to_string()).collect(), places)
    }
}
