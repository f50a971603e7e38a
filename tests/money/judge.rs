//! Judges, as a pure function, whether the ledger agrees with the responses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::command::Command;
use super::hold_ends::judge_hold_ends;
use super::journal::{Operation, Outcome};
use super::ledger::Ledger;
use super::rows::{ByKey, Rows, items_of, number, text};

/// The findings about the ledger of one user and the responses about it.
pub fn judge(ledger: &Ledger, operations: &[&Operation]) -> Vec<String> {
    let rows = Rows::of(ledger);
    let mut findings: Vec<String> = operations.iter().flat_map(|operation| judge_responses(operation)).collect();
    findings.extend(judge_sums(ledger));
    findings.extend(operations.iter().filter_map(|operation| judge_rows(&rows, operation)));
    findings.extend(judge_hold_ends(&ledger.holds, &rows, operations));
    findings.extend(unexpected_rows(&rows, operations));
    findings
}

/// One key has one response, which is not a replay once: for the first reader, or for a client that did not receive it.
fn judge_responses(operation: &Operation) -> Vec<String> {
    let Some(first) = operation.responses.first() else { return Vec::new() };
    let (done, refused) = operation.command.final_statuses();
    let differs = operation.responses.iter().any(|response| (response.status, &response.body) != (first.status, &first.body));
    let new = operation.responses.iter().filter(|response| !response.replayed).count();
    let checks = [
        (first.status != done && !refused.contains(&first.status), "an unexpected status"),
        (differs, "different responses"),
        (new > 1, "two responses are not replays"),
        (new == 0 && !operation.lost, "a replay without a first response"),
    ];
    checks.into_iter().filter(|(wrong, _)| *wrong).map(|(_, what)| format!("{what}: {operation:?}")).collect()
}

/// Entries are contiguous and add up to the balance; open holds add up to the held coins.
fn judge_sums(ledger: &Ledger) -> Vec<String> {
    let (mut balance, mut findings) = (0, Vec::new());
    for (place, entry) in ledger.entries.iter().enumerate() {
        balance += number(entry, "amount");
        if entry["seq"] != place + 1 || entry["balance_after"] != balance {
            findings.push(format!("entry {} does not give a balance of {balance}: {entry}", place + 1));
        }
    }
    let open = ledger.holds.iter().filter(|hold| hold["state"] == "held");
    let held: i64 = open.map(|hold| number(hold, "amount")).sum();
    if (ledger.balance, ledger.held) != (balance, held) {
        let Ledger { balance: shown, held: shown_held, .. } = ledger;
        findings.push(format!("the balance is {shown}, {shown_held} held; entries and holds give {balance}, {held}"));
    }
    findings
}

/// The rows of an operation exist once, as its response said; not at all if it was refused.
fn judge_rows(rows: &Rows<'_>, operation: &Operation) -> Option<String> {
    let key = operation.key.as_str();
    let (created, amount) = match &operation.command {
        Command::Grant { amount } => (items_of(&rows.grants, key).to_vec(), Some(*amount)),
        Command::Refund { amount, .. } => (items_of(&rows.refunds, key).to_vec(), *amount),
        Command::Hold { amount } => (items_of(&rows.holds, key).to_vec(), Some(*amount)),
        Command::Spend { amount } => (rows.captures_by(key), Some(-amount)),
        // Judged with their hold, which other operations may end as well.
        Command::Capture { .. } | Command::Void { .. } => return None,
    };
    let as_requested = created.iter().all(|row| amount.is_none_or(|amount| row["amount"] == amount));
    let right = match operation.outcome() {
        Outcome::Done(reported) => created.len() == 1 && matches_response(reported, created[0], &operation.command),
        Outcome::Refused => created.is_empty(),
        Outcome::Unknown => created.len() <= 1,
    };
    (!right || !as_requested).then(|| format!("found {} times: {created:?} for {operation:?}", created.len()))
}

fn matches_response(reported: &Value, row: &Value, command: &Command) -> bool {
    match command {
        Command::Spend { .. } => reported["entry_id"] == row["id"] && reported["balance"] == row["balance_after"],
        Command::Hold { .. } => reported["id"] == row["id"] && reported["slices"] == row["slices"],
        _ => reported == row,
    }
}

/// Rows that no operation requested.
fn unexpected_rows(rows: &Rows<'_>, operations: &[&Operation]) -> Vec<String> {
    let commands: BTreeMap<&str, &Command> = operations.iter().map(|one| (one.key.as_str(), &one.command)).collect();
    let requested = |key: &str, names: &[&str]| commands.get(key).is_some_and(|command| names.contains(&command.name()));
    let holds: BTreeSet<&str> = rows.holds.values().flatten().map(|hold| text(hold, "id")).collect();
    let mut found: Vec<&Value> = rows.others.clone();
    found.extend(unrequested(&rows.grants, |key| requested(key, &["grant"])));
    found.extend(unrequested(&rows.refunds, |key| requested(key, &["refund"])));
    found.extend(unrequested(&rows.holds, |key| requested(key, &["hold", "spend"])));
    found.extend(unrequested(&rows.captures, |id| holds.contains(id)));
    found.into_iter().map(|row| format!("no operation requested {row}")).collect()
}

fn unrequested<'a>(rows: &ByKey<'a>, requested: impl Fn(&str) -> bool) -> Vec<&'a Value> {
    rows.iter().filter(|(key, _)| !requested(key)).flat_map(|(_, rows)| rows.iter().copied()).collect()
}
