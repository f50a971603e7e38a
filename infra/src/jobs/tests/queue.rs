//! Enqueuing, claiming and settling.

use domain::LimitReached;
use domain::ids::UserId;
use domain::jobs::{BackgroundWork, JobError, JobService};

use super::*;
use crate::jobs::claims::{Request, claim};
use crate::jobs::permit::JobPermit;

#[tokio::test]
async fn a_job_runs_once_with_its_effect_and_its_result() {
    let fixture = Fixture::new().await;
    let (_one, _two) = (fixture.worker().await, fixture.worker().await);
    let id = fixture.enqueue(NewJob::of(Act::Succeed)).await;
    let job = fixture.until(id, JobState::Succeeded).await.job;
    assert_eq!((job.attempt, job.result, job.progress), (1, Some(json!({"done": true})), Some(1.0)));
    assert!(job.finished_at.is_some() && fixture.effects().await == 1);
    assert_eq!(fixture.outcomes(id).await, ["succeeded"]);
}

#[tokio::test]
async fn many_jobs_on_several_workers_each_run_once() {
    let fixture = Fixture::new().await;
    let _workers = [fixture.worker().await, fixture.worker().await, fixture.worker().await];
    for _ in 0..100 {
        fixture.enqueue(NewJob::of(Act::Succeed)).await;
    }
    eventually(async || (fixture.effects().await == 100).then_some(())).await;
    assert_eq!(fixture.work.0.started.lock().len(), 100);
}

#[tokio::test]
async fn an_equal_job_that_waits_is_the_same_and_one_that_runs_is_not() {
    let fixture = Fixture::new().await;
    let equal = |act| Row { dedup_key: Some("the same".to_owned()), ..fixture.row(act) };
    let first = fixture.insert(equal(Act::Wait)).await;
    assert_eq!(fixture.insert(equal(Act::Succeed)).await, first);
    assert_ne!(fixture.insert(Row { dedup_key: Some("another".to_owned()), ..fixture.row(Act::Succeed) }).await, first);
    let _worker = fixture.worker().await;
    fixture.until(first, JobState::Running).await;
    let second = fixture.insert(equal(Act::Succeed)).await;
    assert_ne!(second, first, "a change after the start is not lost");
    fixture.until(second, JobState::Succeeded).await;
}

#[tokio::test]
async fn jobs_with_one_serial_key_never_run_together() {
    let fixture = Fixture::new().await;
    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.push(fixture.enqueue(NewJob::of(Act::Succeed).serial("one at a time")).await);
        fixture.pass(TimeDelta::milliseconds(1));
    }
    let _workers = [fixture.worker().await, fixture.worker().await];
    // Each settlement queues the next one.
    fixture.retry_now().await;
    for id in &ids {
        fixture.until(*id, JobState::Succeeded).await;
    }
    assert_eq!(fixture.work.0.most.load(Ordering::SeqCst), 1);
    assert_eq!(*fixture.work.0.started.lock(), ids);
}

#[tokio::test]
async fn a_job_is_not_run_before_its_time() {
    let fixture = Fixture::new().await;
    let id = fixture.insert_later(Act::Succeed).await;
    let _worker = fixture.worker().await;
    fixture.pass(TimeDelta::minutes(59));
    assert_eq!(PromoteJobs(fixture.db.clone()).run(fixture.clock.now()).await.unwrap(), 0);
    assert_eq!(fixture.job(id).await.job.state, JobState::Scheduled);
    fixture.pass(TimeDelta::minutes(1));
    assert_eq!(PromoteJobs(fixture.db.clone()).run(fixture.clock.now()).await.unwrap(), 1);
    fixture.until(id, JobState::Succeeded).await;
}

#[tokio::test]
async fn some_claims_take_the_oldest_job_before_those_of_higher_priority() {
    let fixture = Fixture::new().await;
    let worker = fixture.register().await;
    let low = fixture.insert(Row { spec: Spec { priority: 9, ..Work::SPEC }, ..fixture.row(Act::Succeed) }).await;
    fixture.pass(TimeDelta::seconds(1));
    let first = fixture.enqueue(NewJob::of(Act::Succeed)).await;
    fixture.pass(TimeDelta::seconds(1));
    let second = fixture.enqueue(NewJob::of(Act::Succeed)).await;
    let claim = async |by_age| {
        let request = Request { worker, queue: Queue::Default, kinds: fixture.kinds().literals(), at_most: 1, by_age };
        claim(&fixture.db, request, fixture.clock.now()).await.unwrap()[0].job
    };
    assert_eq!([claim(false).await, claim(true).await, claim(false).await], [first, low, second]);
}

#[tokio::test]
async fn the_owner_of_a_job_sees_an_error_without_its_causes() {
    let fixture = Fixture::new().await;
    let anna = UserId::generate(Time::UNIX_EPOCH);
    let _worker = fixture.worker().await;
    let first = fixture.enqueue(NewJob::of(Act::BreakEffect)).await;
    fixture.until(first, JobState::Succeeded).await;
    let id = fixture.enqueue(NewJob::of(Act::BreakEffect).owned_by(JobPermit(anna))).await;
    for _ in 0..2 {
        fixture.until(id, JobState::Scheduled).await;
        fixture.retry_now().await;
    }
    let all = fixture.until(id, JobState::Failed).await;
    let jobs = SqlJobs { db: fixture.db.clone(), clock: Arc::<TestClock>::clone(&fixture.clock) };
    let (causes, shown) = (all.job.error.unwrap(), jobs.job(anna, id).await.unwrap().error.unwrap());
    assert!(causes.contains("constraint") && causes.starts_with(&shown) && !shown.contains(':'), "{shown} of {causes}");
}

#[tokio::test]
async fn a_job_waits_for_a_worker_that_knows_its_kind() {
    let fixture = Fixture::new().await;
    let ignorant = fixture.worker_of(Kinds::default(), 4).await;
    let id = fixture.enqueue(NewJob::of(Act::Succeed)).await;
    let own = *ignorant.id.lock();
    ignorant.worker.claim_now(own).await.unwrap();
    assert_eq!(fixture.job(id).await.job.state, JobState::Queued);
    let _worker = fixture.worker().await;
    fixture.until(id, JobState::Succeeded).await;
}

#[tokio::test]
async fn an_owner_follows_and_cancels_own_jobs_only() {
    let fixture = Fixture::new().await;
    let [anna, ben] = [1, 2].map(|second| UserId::generate(Time::UNIX_EPOCH + TimeDelta::seconds(second)));
    let jobs = SqlJobs { db: fixture.db.clone(), clock: Arc::<TestClock>::clone(&fixture.clock) };
    let id = fixture.enqueue(NewJob::of(Act::Wait).owned_by(JobPermit(anna))).await;
    assert!(matches!(jobs.job(ben, id).await, Err(JobError::NotFound)));
    assert!(matches!(jobs.cancel(ben, id).await, Err(JobError::NotFound)));
    let queued = jobs.next(anna, id, 0).await.unwrap();
    let _worker = fixture.worker().await;
    let running =
        eventually(async || Some(jobs.next(anna, id, queued.version).await.unwrap()).filter(|job| job.progress == Some(0.5)))
            .await;
    assert_eq!((running.state, running.attempt), (JobState::Running, 1));
    jobs.cancel(anna, id).await.unwrap();
    let canceled = fixture.until(id, JobState::Canceled).await;
    assert!(canceled.cancel_requested && matches!(jobs.cancel(anna, id).await, Err(JobError::Finished)));
    assert_eq!((fixture.outcomes(id).await, fixture.effects().await), (vec!["canceled".to_owned()], 0));
}

#[tokio::test]
async fn a_waiting_job_is_canceled_at_once() {
    let fixture = Fixture::new().await;
    let anna = UserId::generate(Time::UNIX_EPOCH);
    let jobs = SqlJobs { db: fixture.db.clone(), clock: Arc::<TestClock>::clone(&fixture.clock) };
    let id = fixture.enqueue(NewJob::of(Act::Succeed).owned_by(JobPermit(anna))).await;
    assert_eq!(jobs.cancel(anna, id).await.unwrap().state, JobState::Canceled);
    let _worker = fixture.worker().await;
    let next = fixture.enqueue(NewJob::of(Act::Succeed)).await;
    fixture.until(next, JobState::Succeeded).await;
    assert_eq!(*fixture.work.0.started.lock(), [next]);
}

#[tokio::test]
async fn finished_jobs_are_purged_after_a_month_and_stay_in_the_totals() {
    let fixture = Fixture::new().await;
    let worker = fixture.worker().await;
    for _ in 0..3 {
        let id = fixture.enqueue(NewJob::of(Act::Succeed)).await;
        fixture.until(id, JobState::Succeeded).await;
    }
    worker.worker.stop().await;
    let open = fixture.enqueue(NewJob::of(Act::Succeed)).await;
    let purge = PurgeJobs(fixture.db.clone());
    assert_eq!(purge.run(fixture.clock.now() + TimeDelta::days(30)).await.unwrap(), 0);
    assert_eq!(purge.run(fixture.clock.now() + TimeDelta::days(31)).await.unwrap(), 3);
    assert_eq!(fixture.number("SELECT purged AS number FROM job_totals WHERE kind = 'work' AND state = 'succeeded'").await, 3);
    assert_eq!(fixture.number("SELECT COUNT(*) AS number FROM job_attempts").await, 0);
    assert_eq!(fixture.job(open).await.job.state, JobState::Queued);
}

#[tokio::test]
async fn jobs_of_a_user_and_about_a_user_are_canceled_and_erased_and_others_stay() {
    let fixture = Fixture::new().await;
    let [anna, ben] = [1, 2].map(|second| UserId::generate(Time::UNIX_EPOCH + TimeDelta::seconds(second)));
    let own = fixture.enqueue(NewJob::of(Act::Succeed).owned_by(JobPermit(anna))).await;
    let about = fixture.enqueue(NewJob::of(Act::Succeed).about(anna)).await;
    let other = fixture.enqueue(NewJob::of(Act::Succeed).owned_by(JobPermit(ben))).await;
    let now = fixture.clock.now();
    fixture.db.write(Keys::none(), async move |tx: Tx| cancel_all(&tx, anna, now).await).await.unwrap();
    for (job, state) in [(own, JobState::Canceled), (about, JobState::Canceled), (other, JobState::Queued)] {
        assert_eq!(fixture.job(job).await.job.state, state);
    }
    assert!(!has_open(fixture.db.reader(), anna).await.unwrap() && has_open(fixture.db.reader(), ben).await.unwrap());
    let erased = fixture.db.write(Keys::none(), async move |tx: Tx| erase_finished(&tx, anna, 10).await);
    assert_eq!((erased.await.unwrap(), fixture.number("SELECT COUNT(*) AS number FROM jobs").await), (2, 1));
}

/// A limit of two jobs.
struct TwoJobs;

#[async_trait]
impl JobLimit for TwoJobs {
    async fn lock(&self, _: &Tx, _: UserId, _: Time) -> Result<(i64, String), ServiceError> {
        Ok((2, "free".to_owned()))
    }
}

/// Why a job was not started.
#[derive(Debug, thiserror::Error)]
enum NotStarted {
    #[error(transparent)]
    LimitReached(#[from] LimitReached),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

#[tokio::test]
async fn a_user_starts_as_many_jobs_as_the_limit_and_another_when_one_has_ended() {
    let fixture = Fixture::new().await;
    let [anna, ben] = [1, 2].map(|second| UserId::generate(Time::UNIX_EPOCH + TimeDelta::seconds(second)));
    let now = fixture.clock.now();
    let start = async |owner: UserId| {
        let work = async move |tx: Tx| {
            let permit = permit_job::<NotStarted>(&tx, &TwoJobs, owner, now).await?;
            Ok(enqueue::<Work>(&tx, NewJob::of(Act::Succeed).owned_by(permit), now).await?)
        };
        fixture.db.write(Keys::none().enqueuing(), work).await
    };
    // Jobs of the site about a user are not the user's.
    fixture.enqueue(NewJob::of(Act::Succeed).about(anna)).await;
    let first = start(anna).await.unwrap();
    start(anna).await.unwrap();
    let refused = start(anna).await;
    let expected = LimitReached { limit: 2, used: 2, plan: "free".to_owned() };
    assert!(matches!(&refused, Err(NotStarted::LimitReached(reached)) if *reached == expected), "{refused:?}");
    assert_eq!(fixture.number("SELECT COUNT(*) AS number FROM jobs").await, 3, "a refused job is not stored");
    start(ben).await.unwrap();
    fixture.db.write(Keys::none(), async move |tx: Tx| cancel_job(&tx, first, now).await).await.unwrap();
    start(anna).await.unwrap();
}
