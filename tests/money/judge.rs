//! Whether the books say what the clients heard, as a pure function.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::books::Books;
use super::ends::judge_ends;
use super::journal::{Operation, Outcome};
use super::rows::{ByKey, Rows, found, number, text};
use super::wish::Wish;

/// Everything that is wrong with the books of one user and the answers that were given about them.
pub fn judge(books: &Books, operations: &[&Operation]) -> Vec<String> {
    let rows = Rows::of(books);
    let mut findings: Vec<String> = operations.iter().flat_map(|operation| judge_answers(operation)).collect();
    findings.extend(judge_sums(books));
    findings.extend(operations.iter().filter_map(|operation| judge_rows(&rows, operation)));
    findings.extend(judge_ends(&books.holds, &rows, operations));
    findings.extend(strangers(&rows, operations));
    findings
}

/// One key has one answer, which is new once: to whoever heard it first, or to somebody who did not hear it.
fn judge_answers(operation: &Operation) -> Vec<String> {
    let Some(first) = operation.heard.first() else { return Vec::new() };
    let (done, refused) = operation.wish.answers();
    let differs = operation.heard.iter().any(|heard| (heard.status, &heard.body) != (first.status, &first.body));
    let new = operation.heard.iter().filter(|heard| !heard.replayed).count();
    let complaints = [
        (first.status != done && !refused.contains(&first.status), "an answer that does not belong to it"),
        (differs, "answered in two ways"),
        (new > 1, "new twice"),
        (new == 0 && !operation.lost, "replayed before anybody was told"),
    ];
    complaints.into_iter().filter(|(wrong, _)| *wrong).map(|(_, what)| format!("{what}: {operation:?}")).collect()
}

/// Entries follow each other without a gap and make the balance; open holds make what is held.
fn judge_sums(books: &Books) -> Vec<String> {
    let (mut balance, mut findings) = (0, Vec::new());
    for (place, entry) in books.entries.iter().enumerate() {
        balance += number(entry, "amount");
        if entry["seq"] != place + 1 || entry["balance_after"] != balance {
            findings.push(format!("entry {} does not make a balance of {balance}: {entry}", place + 1));
        }
    }
    let open = books.holds.iter().filter(|hold| hold["state"] == "held");
    let held: i64 = open.map(|hold| number(hold, "amount")).sum();
    if (books.balance, books.held) != (balance, held) {
        let Books { balance: said, held: said_held, .. } = books;
        findings.push(format!("a balance of {said}, {said_held} held; entries and holds make {balance}, {held}"));
    }
    findings
}

/// What an operation has made is there once, and as its client was told; not at all if it was refused.
fn judge_rows(rows: &Rows<'_>, operation: &Operation) -> Option<String> {
    let key = operation.key.as_str();
    let (made, amount) = match &operation.wish {
        Wish::Grant { amount } => (found(&rows.grants, key).to_vec(), Some(*amount)),
        Wish::Refund { amount, .. } => (found(&rows.refunds, key).to_vec(), *amount),
        Wish::Hold { amount } => (found(&rows.holds, key).to_vec(), Some(*amount)),
        Wish::Spend { amount } => (rows.captures_by(key), Some(-amount)),
        // Judged with their hold, which others may want to end as well.
        Wish::Capture { .. } | Wish::Void { .. } => return None,
    };
    let as_wanted = made.iter().all(|row| amount.is_none_or(|amount| row["amount"] == amount));
    let right = match operation.outcome() {
        Outcome::Done(told) => made.len() == 1 && is_told(told, made[0], &operation.wish),
        Outcome::Refused => made.is_empty(),
        Outcome::Unknown => made.len() <= 1,
    };
    (!right || !as_wanted).then(|| format!("there {} times: {made:?} for {operation:?}", made.len()))
}

fn is_told(told: &Value, row: &Value, wish: &Wish) -> bool {
    match wish {
        Wish::Spend { .. } => told["entry_id"] == row["id"] && told["balance"] == row["balance_after"],
        Wish::Hold { .. } => told["id"] == row["id"] && told["slices"] == row["slices"],
        _ => told == row,
    }
}

/// Rows that nobody wanted.
fn strangers(rows: &Rows<'_>, operations: &[&Operation]) -> Vec<String> {
    let wishes: BTreeMap<&str, &Wish> = operations.iter().map(|one| (one.key.as_str(), &one.wish)).collect();
    let wanted = |key: &str, names: &[&str]| wishes.get(key).is_some_and(|wish| names.contains(&wish.name()));
    let holds: BTreeSet<&str> = rows.holds.values().flatten().map(|hold| text(hold, "id")).collect();
    let mut found: Vec<&Value> = rows.others.clone();
    found.extend(unwanted(&rows.grants, |key| wanted(key, &["grant"])));
    found.extend(unwanted(&rows.refunds, |key| wanted(key, &["refund"])));
    found.extend(unwanted(&rows.holds, |key| wanted(key, &["hold", "spend"])));
    found.extend(unwanted(&rows.captures, |id| holds.contains(id)));
    found.into_iter().map(|row| format!("nobody wanted {row}")).collect()
}

fn unwanted<'a>(rows: &ByKey<'a>, wanted: impl Fn(&str) -> bool) -> Vec<&'a Value> {
    rows.iter().filter(|(key, _)| !wanted(key)).flat_map(|(_, rows)| rows.iter().copied()).collect()
}
