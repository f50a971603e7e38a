//! Whether the records agree with the responses.

use std::collections::BTreeMap;

use super::caller::{Asked, Outcome};
use super::records::{Attempt, Job, Records};

/// The number of lost workers after which a job fails.
const MAX_LOSSES: usize = 3;

/// What is wrong with the records, if anything.
pub fn judge(asked: &[Asked], records: &Records) -> Vec<String> {
    let mut findings = count_jobs(asked, records);
    for (id, job) in &records.jobs {
        findings.extend(judge_job(job).into_iter().map(|finding| format!("job {id}: {finding}")));
    }
    findings.extend(judge_mails(records));
    findings.extend(judge_addresses(asked, records));
    findings
}

/// An acknowledged request made one job, any other one or none.
fn count_jobs(asked: &[Asked], records: &Records) -> Vec<String> {
    let acknowledged = asked.iter().filter(|asked| asked.outcome == Outcome::Acknowledged).count();
    let jobs = records.jobs.len() + records.purged;
    let ended = ["succeeded", "failed", "canceled"].map(|state| records.count(state)).iter().sum::<usize>() + records.purged;
    let mut findings = Vec::new();
    if !(acknowledged..=asked.len()).contains(&jobs) {
        findings.push(format!("{jobs} jobs for {acknowledged} acknowledged of {} requests", asked.len()));
    }
    if jobs != ended {
        findings.push(format!("{jobs} jobs were enqueued, and {ended} have ended"));
    }
    findings
}

fn judge_job(job: &Job) -> Vec<String> {
    let mut findings = Vec::new();
    if job.state == "canceled" {
        findings.push("canceled, although no request asked for that".to_owned());
    }
    let Some(attempts) = &job.attempts else { return findings };
    let with = |outcome: &str| attempts.iter().filter(|attempt| attempt.outcome == outcome).count();
    if with("succeeded") != usize::from(job.state == "succeeded") {
        findings.push(format!("{}, and {} attempts succeeded: {attempts:?}", job.state, with("succeeded")));
    }
    if job.state == "failed" && with("lost") < MAX_LOSSES {
        findings.push(format!("failed, but not because its workers were lost: {attempts:?}"));
    }
    if !attempts.iter().map(|attempt| attempt.fence).eq(1..=i64::try_from(attempts.len()).unwrap_or_default()) {
        findings.push(format!("its claims are not recorded once each: {attempts:?}"));
    }
    if let Some(pair) = attempts.windows(2).find(|pair| overlap(&pair[0], &pair[1])) {
        findings.push(format!("an attempt began before the end of another: {pair:?}"));
    }
    findings
}

/// Whether an attempt began before the one before it had ended. Two processes may differ in the time by some milliseconds.
fn overlap(one: &Attempt, next: &Attempt) -> bool {
    next.started < one.ended - 50
}

/// Each job that succeeded has kept its mail, and no other has.
fn judge_mails(records: &Records) -> Vec<String> {
    let mut by_job: BTreeMap<&str, usize> = BTreeMap::new();
    records.mails.iter().for_each(|mail| *by_job.entry(&mail.job).or_default() += 1);
    let succeeded = records.jobs.iter().filter(|(_, job)| job.state == "succeeded");
    let without = succeeded.filter(|(id, _)| !by_job.contains_key(id.as_str()));
    let mut findings: Vec<String> = without.map(|(id, _)| format!("job {id} succeeded and kept no mail")).collect();
    for (job, mails) in by_job {
        let state = records.jobs.get(job).map_or("missing", |job| job.state.as_str());
        if mails != 1 || state != "succeeded" {
            findings.push(format!("job {job} is {state} and kept {mails} mails"));
        }
    }
    findings
}

/// Each acknowledged address has one mail, unless its job has failed; any other address at most one.
fn judge_addresses(asked: &[Asked], records: &Records) -> Vec<String> {
    let mut mails: BTreeMap<&str, usize> = BTreeMap::new();
    records.mails.iter().for_each(|mail| *mails.entry(&mail.recipient).or_default() += 1);
    let (mut findings, mut without) = (Vec::new(), Vec::new());
    for Asked { address, outcome } in asked {
        match (mails.remove(address.as_str()).unwrap_or_default(), outcome) {
            (0, Outcome::Acknowledged) => without.push(address),
            (0, Outcome::Unknown) | (1, _) => {}
            (more, _) => findings.push(format!("{address} has {more} mails")),
        }
    }
    if without.len() > records.count("failed") {
        findings.push(format!("no mail for {} acknowledged addresses, such as {}", without.len(), without[0]));
    }
    findings.extend(mails.keys().map(|address| format!("a mail to {address}, which no request named")));
    findings
}
