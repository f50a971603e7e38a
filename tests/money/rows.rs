//! The rows of a user's ledger, by the key of the operation that made them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ledger::Ledger;

/// Rows by a key.
pub type ByKey<'a> = BTreeMap<&'a str, Vec<&'a Value>>;

/// The rows of one user.
pub struct Rows<'a> {
    pub grants: ByKey<'a>,
    pub refunds: ByKey<'a>,
    pub holds: ByKey<'a>,
    /// Indexed by hold.
    pub captures: ByKey<'a>,
    /// Entries of other kinds.
    pub others: Vec<&'a Value>,
}

impl<'a> Rows<'a> {
    /// The rows of a ledger.
    pub fn of(ledger: &'a Ledger) -> Self {
        let of_kind = |kind: &'static str, member| {
            let entries = ledger.entries.iter().filter(move |entry| text(entry, "kind") == kind);
            group(entries.map(move |entry| (text(entry, member), entry)))
        };
        let is_other = |entry: &&Value| !["grant", "refund", "capture"].contains(&text(entry, "kind"));
        Self {
            grants: of_kind("grant", "purpose"),
            refunds: of_kind("refund", "purpose"),
            captures: of_kind("capture", "hold_id"),
            holds: group(ledger.holds.iter().map(|hold| (text(hold, "reference"), hold))),
            others: ledger.entries.iter().filter(is_other).collect(),
        }
    }

    /// The captures of all holds that this operation has made.
    pub fn captures_by(&self, key: &str) -> Vec<&'a Value> {
        let holds = items_of(&self.holds, key).iter();
        holds.flat_map(|hold| items_of(&self.captures, text(hold, "id"))).copied().collect()
    }

    /// The coins of each capture of a hold.
    pub fn captured(&self, hold: &str) -> Vec<i64> {
        items_of(&self.captures, hold).iter().map(|entry| -number(entry, "amount")).collect()
    }
}

/// Groups items by key.
pub fn group<'a, T>(items: impl Iterator<Item = (&'a str, T)>) -> BTreeMap<&'a str, Vec<T>> {
    let mut groups: BTreeMap<&str, Vec<T>> = BTreeMap::new();
    items.for_each(|(key, item)| groups.entry(key).or_default().push(item));
    groups
}

/// The items of a key.
pub fn items_of<'b, T>(groups: &'b BTreeMap<&str, Vec<T>>, key: &str) -> &'b [T] {
    groups.get(key).map_or(&[], Vec::as_slice)
}

/// A number of a row.
pub fn number(row: &Value, member: &str) -> i64 {
    row[member].as_i64().unwrap_or_default()
}

/// A text of a row.
pub fn text<'a>(row: &'a Value, member: &str) -> &'a str {
    row[member].as_str().unwrap_or_default()
}
