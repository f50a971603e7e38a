//! Judges whether each hold ended once, as a response said or as an operation without a response requested.

use std::collections::BTreeSet;

use serde_json::Value;

use super::command::Command;
use super::journal::{Operation, Outcome};
use super::rows::{Rows, group, items_of, number, text};

/// The findings about the ends of these holds.
pub fn judge_hold_ends(holds: &[Value], rows: &Rows<'_>, operations: &[&Operation]) -> Vec<String> {
    let spends = operations.iter().filter(|operation| matches!(operation.command, Command::Spend { .. }));
    let spends: BTreeSet<&str> = spends.map(|spend| spend.key.as_str()).collect();
    let ids: BTreeSet<&str> = holds.iter().map(|hold| text(hold, "id")).collect();
    let ends = group(operations.iter().filter_map(|operation| match &operation.command {
        Command::Capture { hold, .. } | Command::Void { hold } => Some((hold.as_str(), *operation)),
        _ => None,
    }));
    let judge = |hold: &Value| {
        let captured = rows.captured(text(hold, "id"));
        let ends = items_of(&ends, text(hold, "id"));
        let belongs_to_spend = spends.contains(text(hold, "reference"));
        let fits = if belongs_to_spend { ends.is_empty() && is_spend(hold, &captured) } else { fits(hold, &captured, ends) };
        (!fits).then(|| format!("captured {captured:?} of {hold}; requested: {ends:?}"))
    };
    let unknown = ends.iter().filter(|(id, _)| !ids.contains(**id));
    holds.iter().filter_map(judge).chain(unknown.map(|(id, ends)| format!("no hold {id}: {ends:?}"))).collect()
}

/// A spend is a hold that was captured at once and completely.
fn is_spend(hold: &Value, captured: &[i64]) -> bool {
    hold["state"] == "captured" && hold["captured"] == hold["amount"] && captured == [number(hold, "amount")]
}

fn fits(hold: &Value, captured: &[i64], ends: &[&Operation]) -> bool {
    let done: Vec<&&Operation> = ends.iter().filter(|end| matches!(end.outcome(), Outcome::Done(_))).collect();
    let may_have = ends.iter().filter(|end| matches!(end.outcome(), Outcome::Unknown));
    let mut possible: Vec<&&Operation> = if done.is_empty() { may_have.collect() } else { done.clone() };
    let as_reported = done.iter().all(|end| matches!(end.outcome(), Outcome::Done(reported) if is_reported_end(reported, hold)));
    possible.retain(|end| match end.command {
        Command::Capture { amount, .. } => hold["state"] == "captured" && hold["captured"] == amount && captured == [amount],
        _ => hold["state"] == "voided" && captured.is_empty(),
    });
    let is_open = hold["state"] == "held" && captured.is_empty() && done.is_empty();
    done.len() <= 1 && as_reported && (is_open || !possible.is_empty())
}

/// Whether a response reported this end; the refunded amount may differ later.
fn is_reported_end(reported: &Value, hold: &Value) -> bool {
    ["id", "state", "amount", "captured"].iter().all(|member| reported[member] == hold[member])
}
