//! The jobs, their attempts and the kept mails, as the database has them at the end.

use std::collections::BTreeMap;

use harness::Database;
use harness::ledger_audit::read_all;
use serde_json::Value;

use super::deployment::Deployment;

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    pub state: String,
    /// Indexed by their order; `None` if they cannot be read.
    pub attempts: Option<Vec<Attempt>>,
}

/// An attempt of a job. Times are in milliseconds since 1970.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub fence: i64,
    pub worker: String,
    pub outcome: String,
    pub started: i64,
    pub ended: i64,
}

/// A kept mail.
#[derive(Clone, Debug)]
pub struct Mail {
    pub job: String,
    pub recipient: String,
}

/// What the database has recorded.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// By their ids.
    pub jobs: BTreeMap<String, Job>,
    /// Jobs that ended and were purged.
    pub purged: usize,
    pub mails: Vec<Mail>,
}

impl Records {
    /// Reads everything: on Postgres from the tables, else through the API, which does not list attempts.
    pub async fn read(deployment: &Deployment) -> Self {
        if deployment.is_on_postgres() {
            return Self::of_tables(deployment.site.database());
        }
        let admin = deployment.admin().await;
        let jobs = read_all(&admin, "/v1/admin/jobs", 100).await;
        let jobs = jobs.iter().filter(|job| job["kind"] == "send_mail");
        let mails = read_all(&admin, "/v1/admin/mails", 100).await;
        let mail = |row: &Value| Mail { job: text(row, "id"), recipient: text(row, "recipient") };
        Self {
            jobs: jobs.map(|row| (text(row, "id"), Job { state: text(row, "state"), attempts: None })).collect(),
            purged: 0,
            mails: mails.iter().map(mail).collect(),
        }
    }

    fn of_tables(database: &Database) -> Self {
        let rows = |sql: &str| -> Vec<Vec<String>> {
            let printed = database.query(sql);
            printed.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
        };
        let job = |row: Vec<String>| (row[0].clone(), Job { state: row[1].clone(), attempts: Some(Vec::new()) });
        let mut jobs: BTreeMap<String, Job> =
            rows("SELECT id, state FROM jobs WHERE kind = 'send_mail'").into_iter().map(job).collect();
        for row in rows(ATTEMPTS) {
            let attempts = jobs.get_mut(&row[0]).and_then(|job| job.attempts.as_mut()).expect("an attempt has a job");
            attempts.push(attempt(&row));
        }
        let purged = database.query("SELECT COALESCE(SUM(purged), 0) FROM job_totals WHERE kind = 'send_mail'");
        let mail = |row: Vec<String>| Mail { job: row[0].clone(), recipient: row[1].clone() };
        let mails = rows("SELECT id, recipient FROM mails").into_iter().map(mail).collect();
        Self { jobs, purged: purged.parse().expect("a number"), mails }
    }

    /// The number of jobs in a state.
    pub fn count(&self, state: &str) -> usize {
        self.jobs.values().filter(|job| job.state == state).count()
    }

    /// All attempts.
    pub fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.jobs.values().flat_map(|job| job.attempts.iter().flatten())
    }
}

const ATTEMPTS: &str = "SELECT a.job_id, a.fence, a.worker_id, a.outcome,
        (extract(epoch FROM a.started_at) * 1000)::bigint, (extract(epoch FROM a.ended_at) * 1000)::bigint
    FROM job_attempts a JOIN jobs j ON j.id = a.job_id WHERE j.kind = 'send_mail' ORDER BY a.job_id, a.fence";

fn attempt(row: &[String]) -> Attempt {
    let number = |column: usize| row[column].parse().expect("a number");
    Attempt { fence: number(1), worker: row[2].clone(), outcome: row[3].clone(), started: number(4), ended: number(5) }
}

fn text(row: &Value, member: &str) -> String {
    row[member].as_str().unwrap_or_else(|| panic!("expected text in {member}: {row}")).to_owned()
}
