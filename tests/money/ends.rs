//! Whether holds have ended once, as their clients were told, or as somebody wanted who was not told.

use std::collections::BTreeSet;

use serde_json::Value;

use super::journal::{Operation, Outcome};
use super::rows::{Rows, found, group, number, text};
use super::wish::Wish;

/// Everything that is wrong with the ends of these holds.
pub fn judge_ends(holds: &[Value], rows: &Rows<'_>, operations: &[&Operation]) -> Vec<String> {
    let spends = operations.iter().filter(|operation| matches!(operation.wish, Wish::Spend { .. }));
    let spends: BTreeSet<&str> = spends.map(|spend| spend.key.as_str()).collect();
    let ids: BTreeSet<&str> = holds.iter().map(|hold| text(hold, "id")).collect();
    let ends = group(operations.iter().filter_map(|operation| match &operation.wish {
        Wish::Capture { hold, .. } | Wish::Void { hold } => Some((hold.as_str(), *operation)),
        _ => None,
    }));
    let judge = |hold: &Value| {
        let captured = rows.captured(text(hold, "id"));
        let ends = found(&ends, text(hold, "id"));
        let is_spend = spends.contains(text(hold, "reference"));
        let fits = if is_spend { ends.is_empty() && is_spent(hold, &captured) } else { fits(hold, &captured, ends) };
        (!fits).then(|| format!("captured {captured:?} of {hold}; wanted: {ends:?}"))
    };
    let unknown = ends.iter().filter(|(id, _)| !ids.contains(**id));
    holds.iter().filter_map(judge).chain(unknown.map(|(id, ends)| format!("no hold {id}: {ends:?}"))).collect()
}

/// A spend is a hold that was captured at once, all of it.
fn is_spent(hold: &Value, captured: &[i64]) -> bool {
    hold["state"] == "captured" && hold["captured"] == hold["amount"] && captured == [number(hold, "amount")]
}

fn fits(hold: &Value, captured: &[i64], ends: &[&Operation]) -> bool {
    let done: Vec<&&Operation> = ends.iter().filter(|end| matches!(end.outcome(), Outcome::Done(_))).collect();
    let may_have = ends.iter().filter(|end| matches!(end.outcome(), Outcome::Unknown));
    let mut possible: Vec<&&Operation> = if done.is_empty() { may_have.collect() } else { done.clone() };
    let as_told = done.iter().all(|end| matches!(end.outcome(), Outcome::Done(told) if is_end(told, hold)));
    possible.retain(|end| match end.wish {
        Wish::Capture { amount, .. } => hold["state"] == "captured" && hold["captured"] == amount && captured == [amount],
        _ => hold["state"] == "voided" && captured.is_empty(),
    });
    let is_open = hold["state"] == "held" && captured.is_empty() && done.is_empty();
    done.len() <= 1 && as_told && (is_open || !possible.is_empty())
}

/// Whether a client was told of this end; what was refunded later may differ.
fn is_end(told: &Value, hold: &Value) -> bool {
    ["id", "state", "amount", "captured"].iter().all(|member| told[member] == hold[member])
}
