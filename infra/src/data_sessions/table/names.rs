//! Names of columns: trimmed, never empty, unique after all renaming.

use std::collections::HashSet;

/// Characters of a name.
const LONGEST: usize = 200;
/// Characters of the name in the file that are repeated.
const LONGEST_ORIGINAL: usize = 1_000;

/// The name of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnName {
    /// Unique name.
    pub(super) name: String,
    /// The text in the file, if it is another.
    pub(super) original: Option<String>,
}

/// Names all columns. A name that is unique in the file is never taken by a renamed one.
pub(super) fn assign(header: &[String]) -> Vec<ColumnName> {
    let plain = header.iter().map(|text| clean(text)).collect::<Vec<_>>();
    let mut taken = plain.iter().filter(|name| !name.is_empty()).cloned().collect::<HashSet<_>>();
    let mut used = HashSet::with_capacity(plain.len());
    let mut assigned = Vec::with_capacity(plain.len());
    let mut next = std::collections::HashMap::new();
    for (index, (name, text)) in plain.into_iter().zip(header).enumerate() {
        let name = match name.as_str() {
            "" => unique(&format!("column_{}", index + 1), &taken, &mut next, true),
            _ if used.contains(&name) => unique(&name, &taken, &mut next, false),
            _ => name,
        };
        taken.insert(name.clone());
        used.insert(name.clone());
        let original = (name != *text).then(|| text.chars().take(LONGEST_ORIGINAL).collect());
        assigned.push(ColumnName { name, original });
    }
    assigned
}

/// One line without byte order marks, control characters and white space around it.
fn clean(text: &str) -> String {
    let visible = text.chars().filter(|c| *c != '\u{feff}').map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let words = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(LONGEST).collect::<String>().trim_end().to_owned()
}

/// The name itself if it may be used as it is, else the name with the least free number from 2.
fn unique(name: &str, taken: &HashSet<String>, next: &mut std::collections::HashMap<String, u64>, as_it_is: bool) -> String {
    if as_it_is && !taken.contains(name) {
        return name.to_owned();
    }
    let number = next.entry(name.to_owned()).or_insert(2);
    loop {
        let candidate = format!("{name}_{number}");
        *number += 1;
        if !taken.contains(&candidate) {
            return candidate;
        }
    }
}
