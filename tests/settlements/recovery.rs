//! How soon the jobs of a killed process ran again.

use std::collections::BTreeMap;

use super::failure_log::FailureLog;
use super::records::{Attempt, Records};

/// The times from the death of a worker to the next attempt of its jobs.
#[derive(Default)]
pub struct Recovery {
    /// In milliseconds, the shortest first.
    pub times: Vec<i64>,
    /// Attempts that were lost although their worker had not been killed.
    pub not_killed: u64,
    /// Attempts that ran again too late.
    pub findings: Vec<String>,
}

/// Measures the time from a worker's death to the next attempt of each of its jobs. Each must be within `limit` milliseconds while
/// Postgres was up.
pub fn measure(records: &Records, failures: &FailureLog, limit: i64) -> Recovery {
    let (last_signs, mut recovery) = (last_signs(records), Recovery::default());
    for (id, job) in &records.jobs {
        let attempts = job.attempts.as_deref().unwrap_or_default();
        for (index, lost) in attempts.iter().enumerate().filter(|(_, attempt)| attempt.outcome == "lost") {
            let Some(death) = failures.death_after(last_signs[lost.worker.as_str()]).filter(|death| *death <= lost.ended) else {
                recovery.not_killed += 1;
                continue;
            };
            // The last loss of a job that has failed has no next attempt.
            let again = attempts.get(index + 1).map_or(lost.ended, |next| next.started);
            recovery.times.push(again - death);
            if again > failures.deadline(death, limit) {
                recovery.findings.push(format!("job {id} ran again {} ms after the death of its worker", again - death));
            }
        }
    }
    recovery.times.sort_unstable();
    recovery
}

/// When each worker last began or ended an attempt. The end of a lost attempt is recorded by another.
fn last_signs(records: &Records) -> BTreeMap<&str, i64> {
    let sign = |attempt: &Attempt| if attempt.outcome == "lost" { attempt.started } else { attempt.ended };
    let mut signs: BTreeMap<&str, i64> = BTreeMap::new();
    for attempt in records.attempts() {
        let last = signs.entry(&attempt.worker).or_insert(i64::MIN);
        *last = (*last).max(sign(attempt));
    }
    signs
}
