//! Tickets on SQLite.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::Time;
use domain::identity::Credential;
use domain::ids::{ApiKeyId, SessionId, UserId};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::*;
use crate::db::test_database::TestDatabase;
use crate::jobs::{PurgeOldRows, ScheduledTask};

/// A clock that tests move, in seconds.
#[derive(Default)]
struct Seconds(AtomicI64);

impl Clock for Seconds {
    fn now(&self) -> Time {
        Time::UNIX_EPOCH + TimeDelta::seconds(self.0.load(Ordering::Relaxed))
    }
}

struct Fixture {
    tickets: Arc<SqlTickets>,
    clock: Arc<Seconds>,
    file: TestDatabase,
}

impl Fixture {
    async fn new() -> Self {
        let (file, clock) = (TestDatabase::migrated().await, Arc::new(Seconds::default()));
        let tickets = SqlTickets { db: file.uncached(), clock: Arc::<Seconds>::clone(&clock) };
        Self { tickets: Arc::new(tickets), clock, file }
    }

    async fn user(&self) -> UserId {
        let user = UserId::generate(Time::UNIX_EPOCH);
        let sql = "INSERT INTO users (id, email, username, username_key, display_name, role, password_hash, created_at, version)
                   VALUES ($1, $1, $1, $1, $1, 'user', 'x', $2, 1)";
        let values: [sea_orm::Value; 2] = [user.to_string().into(), Time::UNIX_EPOCH.into()];
        let insert = async move |tx: crate::db::Tx| crate::db::execute(&tx, sql, values).await;
        let inserted: Result<u64, ServiceError> = self.file.uncached().write(crate::db::Keys::none(), insert).await;
        assert_eq!(inserted.unwrap(), 1);
        user
    }

    async fn redeem(&self, ticket: &str, resource: &TicketResource) -> Option<Option<Holder>> {
        match self.tickets.redeem(ticket, resource).await {
            Ok(holder) => Some(holder),
            Err(TicketError::Invalid) => None,
            Err(TicketError::Service(error)) => panic!("{error}"),
        }
    }
}

fn resource() -> TicketResource {
    TicketResource::new("data_session", 7)
}

#[tokio::test]
async fn a_ticket_yields_its_holder_once() {
    let fixture = Fixture::new().await;
    let (user, now) = (fixture.user().await, Time::UNIX_EPOCH);
    let (session, key) = (SessionId::generate(now), ApiKeyId::generate(now));
    for holder in [
        None,
        Some(Holder { user: Some(user), credential: Credential::Session(session) }),
        Some(Holder { user: Some(user), credential: Credential::UserKey(key) }),
        Some(Holder { user: Some(user), credential: Credential::ServiceKey(key) }),
        Some(Holder { user: None, credential: Credential::ServiceKey(key) }),
    ] {
        let ticket = fixture.tickets.issue(holder, &resource()).await.unwrap().ticket;
        assert_eq!(fixture.redeem(&ticket, &resource()).await, Some(holder));
        assert_eq!(fixture.redeem(&ticket, &resource()).await, None);
    }
}

#[tokio::test]
async fn a_ticket_is_for_its_resource_only() {
    let fixture = Fixture::new().await;
    let ticket = fixture.tickets.issue(None, &resource()).await.unwrap().ticket;
    for other in [TicketResource::new("data_session", 8), TicketResource::new("room", 7)] {
        assert_eq!(fixture.redeem(&ticket, &other).await, None);
    }
    for wrong in ["", "x", &"x".repeat(43), &ticket.to_lowercase(), &format!("{ticket}x"), &ticket[..42]] {
        assert_eq!(fixture.redeem(wrong, &resource()).await, None, "{wrong}");
    }
    assert_eq!(fixture.redeem(&ticket, &resource()).await, Some(None));
}

#[tokio::test]
async fn of_many_uses_at_once_one_succeeds() {
    let fixture = Fixture::new().await;
    for _ in 0..10 {
        let ticket = fixture.tickets.issue(None, &resource()).await.unwrap().ticket;
        let uses = (0..16).map(|_| {
            let (tickets, ticket) = (Arc::clone(&fixture.tickets), ticket.clone());
            tokio::spawn(async move { tickets.redeem(&ticket, &resource()).await.is_ok() })
        });
        let uses = futures_util::future::join_all(uses).await;
        assert_eq!(uses.into_iter().filter(|used| *used.as_ref().unwrap()).count(), 1);
    }
}

#[tokio::test]
async fn an_expired_ticket_is_refused_and_purged() {
    let fixture = Fixture::new().await;
    let issue = async || fixture.tickets.issue(None, &resource()).await.unwrap();
    let (used, late) = (issue().await, issue().await);
    assert_eq!(used.expires_at, Time::UNIX_EPOCH + TimeDelta::seconds(30));
    fixture.clock.0.store(29, Ordering::Relaxed);
    assert_eq!(fixture.redeem(&used.ticket, &resource()).await, Some(None));
    fixture.clock.0.store(30, Ordering::Relaxed);
    assert_eq!(fixture.redeem(&late.ticket, &resource()).await, None);
    let purge = PurgeOldRows { db: fixture.file.uncached(), rows: OLD_TICKETS };
    let (fresh, purged_at) = (issue().await, fixture.clock.now() + TimeDelta::seconds(1));
    assert_eq!((purge.run(purged_at).await.unwrap(), purge.run(purged_at).await.unwrap()), (1, 0));
    assert_eq!(fixture.redeem(&fresh.ticket, &resource()).await, Some(None));
}

#[tokio::test]
async fn a_row_has_no_secret() {
    let fixture = Fixture::new().await;
    let ticket = fixture.tickets.issue(None, &resource()).await.unwrap().ticket;
    let rows =
        fixture.file.pools.reader().query_all_raw(Statement::from_string(DbBackend::Sqlite, "SELECT hash FROM tickets")).await;
    let hashes: Vec<Vec<u8>> = rows.unwrap().iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(hashes, [Sha256::digest(&ticket).to_vec()]);
}
