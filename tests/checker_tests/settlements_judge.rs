//! Forged records of jobs: the judge must report each, and nothing else.

use checkers::settlements::caller::{Asked, Outcome};
use checkers::settlements::failure_log::FailureLog;
use checkers::settlements::judge::judge;
use checkers::settlements::records::{Attempt, Job, Mail, Records};
use checkers::settlements::recovery::measure;

fn attempt(fence: i64, outcome: &str, (started, ended): (i64, i64)) -> Attempt {
    Attempt { fence, worker: format!("W{started}"), outcome: outcome.to_owned(), started, ended }
}

fn job(state: &str, attempts: Vec<Attempt>) -> Job {
    Job { state: state.to_owned(), attempts: Some(attempts) }
}

fn mail(job: &str, recipient: &str) -> Mail {
    Mail { job: job.to_owned(), recipient: recipient.to_owned() }
}

fn asked(address: &str, outcome: Outcome) -> Asked {
    Asked { address: address.to_owned(), outcome }
}

/// Records without a fault: a job that succeeded, one that lost a worker, one that lost three; and a request without a response.
fn correct() -> (Records, Vec<Asked>) {
    let lost = |fence: i64| attempt(fence, "lost", (fence * 10_000, fence * 10_000 + 7_000));
    let jobs = [
        ("A", job("succeeded", vec![attempt(1, "succeeded", (100, 110))])),
        ("B", job("succeeded", vec![attempt(1, "lost", (1_000, 8_000)), attempt(2, "succeeded", (9_000, 9_010))])),
        ("C", job("failed", vec![lost(1), lost(2), lost(3)])),
    ];
    let records = Records {
        jobs: jobs.map(|(id, job)| (id.to_owned(), job)).into(),
        purged: 0,
        mails: vec![mail("A", "a"), mail("B", "b")],
    };
    let asked = ["a", "b", "c"].map(|address| asked(address, Outcome::Acknowledged));
    (records, asked.into_iter().chain([self::asked("cut", Outcome::Unknown)]).collect())
}

fn findings((records, asked): &(Records, Vec<Asked>)) -> Vec<String> {
    judge(asked, records)
}

fn forged(forge: impl FnOnce(&mut Records, &mut Vec<Asked>)) -> (Records, Vec<Asked>) {
    let (mut records, mut asked) = correct();
    forge(&mut records, &mut asked);
    (records, asked)
}

fn attempts<'a>(records: &'a mut Records, id: &str) -> &'a mut Vec<Attempt> {
    records.jobs.get_mut(id).and_then(|job| job.attempts.as_mut()).expect("a job with attempts")
}

fn add(records: &mut Records, id: &str, recipient: &str) {
    records.jobs.insert(id.to_owned(), job("succeeded", vec![attempt(1, "succeeded", (100, 110))]));
    records.mails.push(mail(id, recipient));
}

#[test]
fn correct_records_are_accepted_whether_or_not_a_request_without_a_response_made_a_job() {
    assert_eq!(findings(&correct()), Vec::<String>::new());
    assert_eq!(findings(&forged(|records, _| add(records, "D", "cut"))), Vec::<String>::new());
}

type Forgery = (&'static str, fn(&mut Records, &mut Vec<Asked>));

const FORGERIES: [Forgery; 15] = [
    ("a job that is lost", |records, _| drop((records.jobs.remove("A"), records.mails.remove(0)))),
    ("a job that is open", |records, _| "queued".clone_into(&mut records.jobs.get_mut("A").unwrap().state)),
    ("a job that was canceled", |records, _| "canceled".clone_into(&mut records.jobs.get_mut("C").unwrap().state)),
    ("two jobs of one request", |records, _| add(records, "D", "a")),
    ("two jobs of a request without a response", |records, _| {
        add(records, "D", "cut");
        add(records, "E", "cut");
    }),
    ("a job that no request made", |records, _| add(records, "D", "unknown")),
    ("a mail that is lost", |records, _| drop(records.mails.remove(0))),
    ("a mail of a job that failed", |records, _| records.mails.push(mail("C", "c"))),
    ("a mail without a job", |records, _| records.mails.push(mail("X", "cut"))),
    ("two mails of one job", |records, _| records.mails.push(mail("A", "cut"))),
    ("a success without an attempt", |records, _| attempts(records, "A").clear()),
    ("two successes of one job", |records, _| "succeeded".clone_into(&mut attempts(records, "B")[0].outcome)),
    ("two attempts of one claim", |records, _| attempts(records, "B")[1].fence = 1),
    ("a failure after two losses", |records, _| drop(attempts(records, "C").pop())),
    ("attempts that overlap", |records, _| attempts(records, "B")[1].started = 7_000),
];

#[test]
fn every_forgery_is_found() {
    for (name, forge) in FORGERIES {
        assert!(!findings(&forged(forge)).is_empty(), "not found: {name}");
    }
}

#[test]
fn a_job_that_runs_again_too_late_is_found_unless_postgres_was_down() {
    let found = |kills: &[i64], outages: &[(i64, i64)], limit| {
        let failures = FailureLog { kills: kills.to_vec(), outages: outages.to_vec(), redis: 0 };
        let recovery = measure(&correct().0, &failures, limit);
        (recovery.times.len(), recovery.findings.len())
    };
    let kills = [1_000, 10_000, 20_000, 30_000];
    assert_eq!(found(&kills, &[], 10_000), (4, 0));
    assert_eq!(found(&kills, &[], 8_500), (4, 2), "the second attempts of C and the third");
    assert_eq!(found(&kills, &[(12_000, 13_000), (22_000, 23_000)], 8_500), (4, 0));
    assert_eq!(found(&kills[1..], &[], 8_500), (3, 2), "the worker of B was not killed");
}
