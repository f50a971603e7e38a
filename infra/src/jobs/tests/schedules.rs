//! Schedules enqueue jobs by product time.

use domain::identity::{Credential, Principal, Role, Scopes};
use domain::ids::{SessionId, UserId};
use domain::jobs::{CronText, Missed, Schedule, ScheduleChange, ScheduleService};
use domain::revision::Precondition;

use super::*;

/// A kind for schedules, whose payload is empty.
struct Nightly;

#[async_trait]
impl JobKind for Nightly {
    type Payload = ();
    const SPEC: Spec =
        Spec { name: "nightly", queue: Queue::Heavy, priority: 0, max_attempts: 1, deadline: Duration::from_secs(20) };

    async fn run(&self, (): (), _: &Run) -> Result<Done, Failure> {
        Ok(Done::empty())
    }
}

const PLANNED: [Planned; 1] = [Planned::of::<Nightly>("night", "0 3 * * *", Missed::All)];

fn administrator() -> Principal {
    Principal {
        user: Some(UserId::generate(Time::UNIX_EPOCH)),
        role: Role::Admin,
        credential: Credential::Session(SessionId::generate(Time::UNIX_EPOCH)),
        scopes: None,
        permissions: Scopes::NONE,
        expires_at: Time::MAX_UTC,
    }
}

impl Fixture {
    async fn with_schedule() -> (Self, SqlSchedules) {
        let fixture = Self::new().await;
        fixture.clock.0.store(0, Ordering::SeqCst);
        fixture.db.pools().migrate(&[&InstallSchedules(&PLANNED)]).await.unwrap();
        let schedules = SqlSchedules { db: fixture.db.clone(), clock: Arc::<TestClock>::clone(&fixture.clock) };
        fixture.pass(TimeDelta::seconds(1));
        fixture.look(Kinds::default().with(Nightly)).await;
        (fixture, schedules)
    }

    /// Enqueues what is due. Returns the number of schedules that were.
    async fn look(&self, kinds: Kinds) -> u64 {
        RunSchedules { db: self.db.clone(), kinds }.run(self.clock.now()).await.unwrap()
    }

    async fn enqueued(&self) -> i64 {
        self.number("SELECT COUNT(*) AS number FROM jobs WHERE kind = 'nightly'").await
    }
}

async fn present(schedules: &SqlSchedules) -> Schedule {
    schedules.schedule(&administrator(), "night").await.unwrap()
}

async fn change(schedules: &SqlSchedules, change: ScheduleChange) -> Schedule {
    let seen = Precondition::OneOf(vec![present(schedules).await.etag()]);
    schedules.change(&administrator(), "night", &seen, change).await.unwrap()
}

#[tokio::test]
async fn a_due_time_enqueues_one_job_and_moves_the_schedule() {
    let (fixture, schedules) = Fixture::with_schedule().await;
    let next = present(&schedules).await.next_at.unwrap();
    assert_eq!((next.to_rfc3339(), fixture.enqueued().await), ("1970-01-01T03:00:00+00:00".to_owned(), 0));
    fixture.pass(TimeDelta::hours(4));
    for expected in [1, 0] {
        assert_eq!(fixture.look(Kinds::default().with(Nightly)).await, expected);
    }
    let after = present(&schedules).await;
    assert_eq!((fixture.enqueued().await, after.last_at), (1, Some(next)));
    assert_eq!(after.next_at, Some(next + TimeDelta::days(1)));
}

#[tokio::test]
async fn a_jump_of_a_year_enqueues_what_the_policy_says() {
    for (missed, expected) in [(Missed::All, 100), (Missed::Once, 1), (Missed::Skip, 0)] {
        let (fixture, schedules) = Fixture::with_schedule().await;
        change(&schedules, ScheduleChange { missed: Some(missed), ..ScheduleChange::default() }).await;
        fixture.pass(TimeDelta::days(365));
        fixture.look(Kinds::default().with(Nightly)).await;
        assert_eq!(fixture.enqueued().await, expected, "{missed:?}");
        assert!(present(&schedules).await.next_at.unwrap() > fixture.clock.now());
    }
}

#[tokio::test]
async fn a_schedule_of_an_unknown_kind_is_left_to_others() {
    let (fixture, _) = Fixture::with_schedule().await;
    fixture.pass(TimeDelta::days(1));
    assert_eq!((fixture.look(Kinds::default()).await, fixture.enqueued().await), (0, 0));
    assert_eq!(fixture.look(Kinds::default().with(Nightly)).await, 1);
}

#[tokio::test]
async fn a_disabled_schedule_makes_up_for_nothing() {
    let (fixture, schedules) = Fixture::with_schedule().await;
    let disabled = change(&schedules, ScheduleChange { enabled: Some(false), ..ScheduleChange::default() }).await;
    assert_eq!((disabled.enabled, disabled.next_at), (false, None));
    fixture.pass(TimeDelta::days(3));
    fixture.look(Kinds::default().with(Nightly)).await;
    let cron = CronText::parse("30 4 * * *").ok();
    let enabled = change(&schedules, ScheduleChange { enabled: Some(true), cron, ..ScheduleChange::default() }).await;
    fixture.look(Kinds::default().with(Nightly)).await;
    assert!(enabled.next_at.unwrap() > fixture.clock.now() && fixture.enqueued().await == 0);
    fixture.db.pools().migrate(&[&InstallSchedules(&PLANNED)]).await.unwrap();
    assert_eq!(present(&schedules).await, enabled, "a start keeps what an administrator changed");
}

#[tokio::test]
async fn a_schedule_that_cannot_be_read_does_not_stop_the_others() {
    let (fixture, _) = Fixture::with_schedule().await;
    fixture
        .execute(
            "INSERT INTO schedules (name, kind, cron, zone, missed, next_at, version)
             SELECT 'a', kind, cron, 'Of/TheNextRelease', missed, next_at, 1 FROM schedules WHERE name = 'night'",
        )
        .await;
    fixture.pass(TimeDelta::hours(4));
    let kinds = Kinds::default().with(Nightly);
    let ran = RunSchedules { db: fixture.db.clone(), kinds }.run(fixture.clock.now()).await;
    assert!(ran.is_err() && fixture.enqueued().await == 1, "{ran:?}");
}
