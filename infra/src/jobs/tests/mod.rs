//! Tests of jobs on SQLite, with several workers in one process.

mod faults;
mod queue;
mod schedules;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::ids::{JobId, WorkerId};
use domain::jobs::{AdministeredJob, JobState};
use domain::{Clock, ServiceError, Time};
use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Statement};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Semaphore;

use super::enqueue::Row;
use super::entities::job;
use super::rows::administered;
use super::*;
use crate::db::test_database::TestDatabase;
use crate::db::{Database, Keys, Tx, service_error};

/// A clock that tests move, in milliseconds.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Time {
        Time::UNIX_EPOCH + TimeDelta::milliseconds(self.0.load(Ordering::SeqCst))
    }
}

/// What the jobs of a test do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Act {
    Succeed,
    Fail,
    FailForGood,
    Panic,
    /// Waits until the test opens the gate, then succeeds.
    Wait,
    /// Its effect violates a constraint.
    BreakEffect,
}

/// A kind whose effect is a row, so that a second effect of a job would violate a constraint.
#[derive(Clone)]
struct Work(Arc<Observed>);

struct Observed {
    gate: Semaphore,
    running: AtomicUsize,
    most: AtomicUsize,
    started: Mutex<Vec<JobId>>,
}

struct Counted<'a>(&'a Observed);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl JobKind for Work {
    type Payload = Act;
    const SPEC: Spec =
        Spec { name: "work", queue: Queue::Default, priority: 0, max_attempts: 3, deadline: Duration::from_secs(20) };

    async fn run(&self, act: Act, run: &Run) -> Result<Done, Failure> {
        let observed = &*self.0;
        observed.started.lock().push(run.job());
        let running = observed.running.fetch_add(1, Ordering::SeqCst) + 1;
        let _counted = Counted(observed);
        observed.most.fetch_max(running, Ordering::SeqCst);
        match act {
            Act::Fail => return Err(Failure::retry("not today")),
            Act::FailForGood => return Err(Failure::Permanent("never".to_owned())),
            Act::Panic => panic!("for the test"),
            Act::Wait => {
                run.progress(0.5).await?;
                observed.gate.acquire().await.map_err(ServiceError::bug)?.forget();
            }
            Act::Succeed | Act::BreakEffect => {}
        }
        let key = if act == Act::BreakEffect { "broken".to_owned() } else { run.job().to_string() };
        Ok(Done::with(json!({"done": true})).and(move |tx| effect(tx, key.clone())))
    }
}

async fn effect(tx: Tx, key: String) -> Result<Keys, ServiceError> {
    let sql = "INSERT INTO installation (key, value, created_at) VALUES ($1, '', '1970-01-01')";
    let insert = Statement::from_sql_and_values(tx.get_database_backend(), sql, [key.into()]);
    tx.execute_raw(insert).await.map_err(service_error)?;
    Ok(Keys::none())
}

/// A database, and what its jobs do.
struct Fixture {
    db: Database,
    clock: Arc<TestClock>,
    work: Work,
    _file: TestDatabase,
}

/// A worker with a row in the table of workers.
struct Live {
    worker: Arc<JobWorker>,
    id: Arc<Mutex<WorkerId>>,
}

#[derive(FromQueryResult)]
struct Number {
    number: i64,
}

impl Fixture {
    async fn new() -> Self {
        let file = TestDatabase::migrated().await;
        let observed = Observed {
            gate: Semaphore::new(0),
            running: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            started: Mutex::default(),
        };
        let clock = Arc::new(TestClock(AtomicI64::new(1_000_000_000_000)));
        Self { db: file.uncached(), clock, work: Work(Arc::new(observed)), _file: file }
    }

    fn kinds(&self) -> Kinds {
        Kinds::default().with(self.work.clone())
    }

    fn pass(&self, span: TimeDelta) {
        self.clock.0.fetch_add(span.num_milliseconds(), Ordering::SeqCst);
    }

    async fn enqueue(&self, new: NewJob<Act>) -> JobId {
        let now = self.clock.now();
        let work = async move |tx: Tx| enqueue::<Work>(&tx, new, now).await;
        self.db.write(Keys::none().enqueuing(), work).await.unwrap()
    }

    /// A job that is due now.
    fn row(&self, act: Act) -> Row {
        let (payload, run_at) = (serde_json::to_string(&act).unwrap(), self.clock.now());
        Row { spec: Work::SPEC, payload, owner: None, subject: None, dedup_key: None, serial_key: None, run_at }
    }

    async fn insert(&self, row: Row) -> JobId {
        let now = self.clock.now();
        self.db.write(Keys::none().enqueuing(), async move |tx: Tx| row.insert(&tx, now).await).await.unwrap()
    }

    /// Inserts a job that is due in an hour.
    async fn insert_later(&self, act: Act) -> JobId {
        self.insert(Row { run_at: self.clock.now() + TimeDelta::hours(1), ..self.row(act) }).await
    }

    /// Starts a worker of this many slots that knows these kinds.
    async fn worker_of(&self, kinds: Kinds, slots: usize) -> Live {
        let id = Arc::new(Mutex::new(self.register().await));
        let present = Arc::clone(&id);
        let worker = Arc::new(move || *present.lock());
        let (db, clock) = (self.db.clone(), Arc::<TestClock>::clone(&self.clock));
        let worker = JobWorker::new(WorkerParts { db, clock, kinds, worker, slots });
        worker.start();
        Live { worker, id }
    }

    async fn worker(&self) -> Live {
        self.worker_of(self.kinds(), 4).await
    }

    /// Inserts the row of a new worker.
    async fn register(&self) -> WorkerId {
        let id = WorkerId::generate(self.clock.now());
        self.execute(&format!(
            "INSERT INTO workers (id, kind, beat, staleness_ms, release, signs, accepts, started_at)
             VALUES ('{id}', 'server', 0, 0, '', '', '', '1970-01-01')"
        ))
        .await;
        id
    }

    async fn execute(&self, sql: &str) {
        let sql = sql.to_owned();
        let work = async move |tx: Tx| tx.execute_unprepared(&sql).await.map(drop).map_err(service_error);
        self.db.write(Keys::none(), work).await.unwrap();
    }

    /// The first column of a row, which the statement names `number`.
    async fn number(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.db.reader().get_database_backend(), sql);
        Number::find_by_statement(statement).one(self.db.reader()).await.unwrap().unwrap().number
    }

    async fn effects(&self) -> i64 {
        self.number("SELECT COUNT(*) AS number FROM installation").await
    }

    async fn job(&self, id: JobId) -> AdministeredJob {
        let row = job::Entity::find_by_id(id.to_string()).one(self.db.reader()).await.unwrap().unwrap();
        administered(row).unwrap()
    }

    /// The outcomes of a job's claims, in their order.
    async fn outcomes(&self, id: JobId) -> Vec<String> {
        #[derive(FromQueryResult)]
        struct Outcome {
            outcome: String,
        }
        let sql = format!("SELECT outcome FROM job_attempts WHERE job_id = '{id}' ORDER BY fence");
        let statement = Statement::from_string(self.db.reader().get_database_backend(), sql);
        let rows = Outcome::find_by_statement(statement).all(self.db.reader()).await.unwrap();
        rows.into_iter().map(|row| row.outcome).collect()
    }

    async fn until(&self, id: JobId, state: JobState) -> AdministeredJob {
        eventually(async || Some(self.job(id).await).filter(|job| job.job.state == state)).await
    }

    /// Moves the time over the longest back-off, and queues what is due.
    async fn retry_now(&self) {
        self.pass(TimeDelta::hours(2));
        PromoteJobs(self.db.clone()).run(self.clock.now()).await.unwrap();
    }

    async fn recover(&self) -> u64 {
        RecoverJobs(self.db.clone()).run(self.clock.now()).await.unwrap()
    }

    async fn started(&self, count: usize) {
        eventually(async || (self.work.0.started.lock().len() >= count).then_some(())).await;
    }
}

/// What `look` finds, within 20 s.
async fn eventually<T>(look: impl AsyncFn() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looking).await.expect("found in time")
}
