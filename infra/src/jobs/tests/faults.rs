//! Failures, lost workers and stops.

use domain::jobs::{BackgroundWork, MAX_LOSSES};

use super::*;
use crate::jobs::settlement::{Claimed, Ending, Settled, settle};

#[tokio::test]
async fn a_job_that_fails_is_retried_and_then_fails_for_good() {
    for act in [Act::Fail, Act::Panic, Act::BreakEffect] {
        let fixture = Fixture::new().await;
        effect_of_another(&fixture).await;
        let _worker = fixture.worker().await;
        let id = fixture.enqueue(NewJob::of(act)).await;
        for failures in 1..3 {
            let waiting = fixture.until(id, JobState::Scheduled).await;
            assert_eq!(waiting.failures, failures);
            assert!(waiting.job.run_at > fixture.clock.now(), "{act:?}");
            fixture.retry_now().await;
            eventually(async || (fixture.job(id).await.failures > failures).then_some(())).await;
        }
        let failed = fixture.until(id, JobState::Failed).await;
        assert_eq!((failed.failures, failed.job.attempt), (3, 3));
        assert!(failed.job.error.is_some() && fixture.effects().await == 1);
        assert_eq!(fixture.outcomes(id).await, ["retried", "retried", "failed"]);
    }
}

/// The row that a broken effect would insert a second time.
async fn effect_of_another(fixture: &Fixture) {
    fixture.execute("INSERT INTO installation (key, value, created_at) VALUES ('broken', '', '1970-01-01')").await;
}

#[tokio::test]
async fn a_failure_for_good_is_not_retried() {
    let fixture = Fixture::new().await;
    let _worker = fixture.worker().await;
    let id = fixture.enqueue(NewJob::of(Act::FailForGood)).await;
    let failed = fixture.until(id, JobState::Failed).await;
    assert_eq!((failed.failures, failed.job.error.as_deref()), (1, Some("never")));
}

#[tokio::test]
async fn a_payload_of_another_release_is_retried_and_kept() {
    let fixture = Fixture::new().await;
    let id = fixture.enqueue(NewJob::of(Act::Succeed)).await;
    fixture.execute("UPDATE jobs SET payload = '{\"of\": \"another release\"}'").await;
    let _worker = fixture.worker().await;
    let waiting = fixture.until(id, JobState::Scheduled).await;
    assert!(waiting.job.error.as_deref().is_some_and(|error| error.contains("another release")), "{waiting:?}");
    assert_eq!(waiting.payload, json!({"of": "another release"}));
}

/// Deletes the row of a worker, as others do when it is gone.
async fn delete_row(fixture: &Fixture, live: &Live) {
    let id = *live.id.lock();
    fixture.execute(&format!("DELETE FROM workers WHERE id = '{id}'")).await;
}

#[tokio::test]
async fn a_job_of_a_lost_worker_runs_again_and_only_one_effect_is_committed() {
    let fixture = Fixture::new().await;
    let lost = fixture.worker().await;
    let id = fixture.enqueue(NewJob::of(Act::Wait)).await;
    fixture.started(1).await;
    assert_eq!(fixture.recover().await, 0, "its worker is live");
    delete_row(&fixture, &lost).await;
    let _other = fixture.worker().await;
    assert_eq!(fixture.recover().await, 1);
    fixture.started(2).await;
    // The first attempt still runs: its worker does not know that it is gone.
    fixture.work.0.gate.add_permits(2);
    let job = fixture.until(id, JobState::Succeeded).await;
    eventually(async || (fixture.work.0.running.load(Ordering::SeqCst) == 0).then_some(())).await;
    assert_eq!((job.losses, job.failures, job.queue.as_str()), (1, 0, "isolation"));
    assert_eq!((fixture.effects().await, fixture.outcomes(id).await), (1, vec!["lost".to_owned(), "succeeded".to_owned()]));
}

#[tokio::test]
async fn a_worker_that_is_gone_drops_its_jobs_and_claims_under_its_new_name_only() {
    let fixture = Fixture::new().await;
    let live = fixture.worker().await;
    let id = fixture.enqueue(NewJob::of(Act::Wait)).await;
    fixture.started(1).await;
    delete_row(&fixture, &live).await;
    let other = fixture.enqueue(NewJob::of(Act::Succeed)).await;
    let own = *live.id.lock();
    live.worker.claim_now(own).await.unwrap();
    assert_eq!(fixture.job(other).await.job.state, JobState::Queued, "a worker without a row claims nothing");
    let new = fixture.register().await;
    *live.id.lock() = new;
    eventually(async || (fixture.work.0.running.load(Ordering::SeqCst) == 0).then_some(())).await;
    assert_eq!(fixture.recover().await, 1);
    fixture.work.0.gate.add_permits(1);
    fixture.until(id, JobState::Succeeded).await;
    fixture.until(other, JobState::Succeeded).await;
}

#[tokio::test]
async fn a_job_that_loses_three_workers_fails() {
    let fixture = Fixture::new().await;
    let id = fixture.enqueue(NewJob::of(Act::Wait)).await;
    for losses in 1..=MAX_LOSSES {
        let live = fixture.worker().await;
        eventually(async || (fixture.job(id).await.job.state == JobState::Running).then_some(())).await;
        delete_row(&fixture, &live).await;
        assert_eq!(fixture.recover().await, 1);
        assert_eq!(fixture.job(id).await.losses, losses);
    }
    let failed = fixture.job(id).await;
    assert_eq!((failed.job.state, failed.failures), (JobState::Failed, 0));
}

#[tokio::test]
async fn jobs_that_lost_a_worker_run_beside_no_other_such_job() {
    let fixture = Fixture::new().await;
    let lost = fixture.worker().await;
    for _ in 0..3 {
        fixture.enqueue(NewJob::of(Act::Wait)).await;
    }
    fixture.started(3).await;
    delete_row(&fixture, &lost).await;
    *lost.id.lock() = WorkerId::generate(fixture.clock.now());
    eventually(async || (fixture.work.0.running.load(Ordering::SeqCst) == 0).then_some(())).await;
    fixture.work.0.most.store(0, Ordering::SeqCst);
    assert_eq!(fixture.recover().await, 3);
    fixture.work.0.gate.add_permits(3);
    let _worker = fixture.worker().await;
    eventually(async || (fixture.effects().await == 3).then_some(())).await;
    assert_eq!(fixture.work.0.most.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_stop_hands_running_jobs_back_uncounted() {
    let fixture = Fixture::new().await;
    let live = fixture.worker().await;
    let id = fixture.enqueue(NewJob::of(Act::Wait)).await;
    fixture.started(1).await;
    live.worker.stop().await;
    let back = fixture.job(id).await;
    assert_eq!((back.job.state, back.failures, back.losses, back.job.attempt), (JobState::Queued, 0, 0, 0));
    let _other = fixture.worker().await;
    fixture.work.0.gate.add_permits(1);
    fixture.until(id, JobState::Succeeded).await;
    assert_eq!(fixture.outcomes(id).await, ["handed_back", "succeeded"]);
}

#[tokio::test]
async fn a_claim_whose_outcome_was_unknown_is_handed_back() {
    let fixture = Fixture::new().await;
    let live = fixture.worker().await;
    let id = fixture.insert_later(Act::Succeed).await;
    let own = *live.id.lock();
    // As if a claim had been committed and its answer lost.
    fixture
        .execute(&format!(
            "UPDATE jobs SET state = 'running', worker_id = '{own}', fence = 1, started_at = created_at WHERE id = '{id}'"
        ))
        .await;
    fixture.until(id, JobState::Succeeded).await;
    assert_eq!(fixture.outcomes(id).await, ["handed_back", "succeeded"]);
}

#[tokio::test]
async fn a_job_that_was_asked_to_stop_does_not_go_back() {
    let fixture = Fixture::new().await;
    let live = fixture.worker().await;
    let (lost, stopped) = (fixture.enqueue(NewJob::of(Act::Wait)).await, fixture.enqueue(NewJob::of(Act::Wait)).await);
    fixture.started(2).await;
    // As if the request came too late for the worker to see it.
    fixture.execute("UPDATE jobs SET cancel_requested = TRUE").await;
    delete_row(&fixture, &live).await;
    assert!(fixture.recover().await <= 2);
    live.worker.stop().await;
    for id in [lost, stopped] {
        assert_eq!(fixture.job(id).await.job.state, JobState::Canceled);
    }
    assert_eq!(fixture.effects().await, 0);
}

#[tokio::test]
async fn a_settlement_that_was_committed_is_repeated_without_a_second_effect() {
    let fixture = Fixture::new().await;
    let job = fixture.insert_later(Act::Succeed).await;
    let (worker, now) = (fixture.register().await, fixture.clock.now());
    fixture
        .execute(&format!(
            "UPDATE jobs SET state = 'running', worker_id = '{worker}', fence = 1, started_at = created_at WHERE id = '{job}'"
        ))
        .await;
    let claim = Claimed { job, worker, fence: 1, started_at: now, serial_key: None };
    let done = Done::empty().and(|tx| effect(tx, "one".to_owned()));
    for _ in 0..2 {
        // As if the answer to the first commit had been lost.
        let settled = settle(&fixture.db, claim.clone(), Ending::Succeeded(done.clone()), now).await.unwrap();
        assert_eq!(settled, Settled::Yes);
    }
    assert_eq!((fixture.effects().await, fixture.outcomes(job).await), (1, vec!["succeeded".to_owned()]));
}
