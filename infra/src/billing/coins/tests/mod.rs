//! Tests of the ledger on SQLite: grants for other services, expiry, constraints; coins that are taken back; migrations.

mod targets;
mod upgrade;

use chrono::TimeDelta;
use domain::billing::coins::{Amount, CoinError, EntryKind, Grant, HoldState, HoldTime, NewHold, Purpose, Source, Spend};
use domain::billing::ledger_audit::{AuditService, Invariant};
use domain::identity::{Placement, Placer};
use domain::ids::UserId;
use domain::page::PageRequest;
use domain::{ServiceError, Time};
use sea_orm::ConnectionTrait;

use super::open_account::OpenCoinAccount;
use super::sweep::release_expired;
use super::{grant, holds, reads, touched, unspent_at};
use crate::billing::ledger_audit::SqlAudit;
use crate::db::test_database::TestDatabase;
use crate::db::{Database, Tx};
use crate::identity::NewUserHook;

/// A database with one user and their coin account.
struct Fixture {
    db: Database,
    user: UserId,
    _file: TestDatabase,
}

fn at(seconds: i64) -> Time {
    Time::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn amount(coins: i64) -> Amount {
    Amount::try_from(coins).unwrap()
}

/// A command of the user.
fn own(user: UserId) -> Placement {
    Placement { user, placer: Placer::User }
}

fn purpose() -> Purpose {
    Purpose::parse("test").unwrap()
}

impl Fixture {
    async fn new() -> Self {
        let file = TestDatabase::migrated().await;
        let db = file.uncached();
        let user = UserId::generate(at(0));
        let fixture = Self { db, user, _file: file };
        fixture.write(async |tx, user| Ok(OpenCoinAccount.on_new_user(&tx, user).await?)).await;
        fixture
    }

    /// Runs the work in a transaction and commits it.
    async fn write<T: Send + 'static>(&self, work: impl AsyncFnOnce(Tx, UserId) -> Result<T, CoinError>) -> T {
        let tx = Tx::new(self.db.pools().begin().await.unwrap());
        let value = work(Tx::clone(&tx), self.user).await.unwrap();
        Tx::into_inner(tx).unwrap().commit().await.unwrap();
        value
    }

    async fn grant(&self, coins: i64, source: Source, expires: Option<i64>, key: &str) {
        let new_grant = Grant { amount: amount(coins), source, origin: None, purpose: purpose(), expires_at: expires.map(at) };
        self.write(async |tx, user| grant(&tx, user, new_grant, key.to_owned(), at(0)).await).await;
    }

    async fn hold(&self, coins: i64, seconds: i64) {
        let expires_in = HoldTime::try_from(seconds).unwrap();
        let command = NewHold { amount: amount(coins), purpose: purpose(), reference: None, expires_in };
        self.write(async |tx, user| holds::hold(&tx, own(user), command, at(0)).await).await.unwrap();
    }

    async fn spend(&self, coins: i64) {
        let command = Spend { amount: amount(coins), purpose: purpose(), reference: None };
        self.write(async |tx, user| holds::spend(&tx, own(user), command, at(0)).await).await.unwrap();
    }

    async fn balance(&self, now: i64) -> (i64, i64, i64) {
        let balance = reads::balance(self.db.reader(), self.user, at(now)).await.unwrap().value().unwrap();
        (balance.balance, balance.held, balance.available)
    }

    async fn entries(&self) -> Vec<(EntryKind, i64)> {
        let all = PageRequest { limit: 100, cursor: None };
        let page = reads::ledger(self.db.reader(), self.user, &all).await.unwrap();
        page.items.iter().rev().map(|entry| (entry.kind, entry.amount)).collect()
    }

    async fn audit(&self) {
        let audit = SqlAudit::new(self.db.pools().clone()).audit().await.unwrap();
        // These tests grant purchased coins without payments, which violates I9.
        assert!(audit.findings.iter().all(|finding| finding.invariant == Invariant::I9), "{audit:#?}");
        assert_eq!(audit.checked.accounts, 1);
    }
}

#[tokio::test]
async fn a_sweep_releases_expired_holds_and_lots_once_and_nothing_else() {
    let fixture = Fixture::new().await;
    fixture.grant(10, Source::Trial, Some(50), "a").await;
    fixture.grant(10, Source::Purchase, None, "b").await;
    fixture.hold(12, 20).await;
    fixture.hold(1, 90).await;
    for (now, settled, left) in [(19, 0, (20, 13, 7)), (20, 1, (20, 1, 19)), (20, 0, (20, 1, 19)), (50, 1, (10, 1, 9))] {
        assert_eq!(release_expired(&fixture.db, at(now)).await.unwrap(), settled, "at {now}");
        assert_eq!(fixture.balance(now).await, left, "at {now}");
        fixture.audit().await;
    }
    assert_eq!(release_expired(&fixture.db, at(90)).await.unwrap(), 1);
    let all = PageRequest { limit: 100, cursor: None };
    let holds = reads::holds(fixture.db.reader(), fixture.user, &all).await.unwrap();
    assert!(holds.items.iter().all(|hold| hold.state == HoldState::Expired), "{holds:?}");
    fixture.audit().await;
}

#[tokio::test]
async fn two_servers_sweep_at_the_same_time() {
    let fixture = Fixture::new().await;
    fixture.grant(10, Source::Trial, Some(50), "a").await;
    fixture.hold(3, 20).await;
    let (one, other) = tokio::join!(release_expired(&fixture.db, at(60)), release_expired(&fixture.db, at(60)));
    assert!(one.unwrap() + other.unwrap() >= 1);
    assert_eq!(fixture.entries().await, [(EntryKind::Grant, 10), (EntryKind::Expire, -3), (EntryKind::Expire, -7)]);
    fixture.audit().await;
}

#[tokio::test]
async fn expired_unspent_coins_are_counted_by_source_and_time() {
    let fixture = Fixture::new().await;
    for (coins, source, expires, key) in [
        (10, Source::Subscription, Some(50), "a"),
        (4, Source::Subscription, Some(60), "b"),
        (5, Source::Rollover, Some(50), "c"),
        (2, Source::Purchase, None, "d"),
    ] {
        fixture.grant(coins, source, expires, key).await;
    }
    fixture.spend(3).await;
    let unspent =
        async |source, seconds| fixture.write(async |tx, user| Ok(unspent_at(&tx, user, source, at(seconds)).await?)).await;
    assert_eq!(unspent(Source::Subscription, 50).await, []);
    release_expired(&fixture.db, at(70)).await.unwrap();
    for (source, seconds, coins) in [
        (Source::Subscription, 50, vec![7]),
        (Source::Subscription, 60, vec![4]),
        (Source::Subscription, 55, vec![]),
        (Source::Rollover, 50, vec![5]),
        (Source::Purchase, 50, vec![]),
    ] {
        let unspent: Vec<i64> = unspent(source, seconds).await.into_iter().map(|(_, coins)| coins).collect();
        assert_eq!(unspent, coins, "{source:?} at {seconds}");
    }
    fixture.audit().await;
}

#[tokio::test]
async fn a_grant_key_is_used_once() {
    let fixture = Fixture::new().await;
    fixture.grant(10, Source::Purchase, None, "pay:a").await;
    let again = Grant { amount: amount(1), source: Source::Purchase, origin: None, purpose: purpose(), expires_at: None };
    let user = fixture.user;
    let work = move |tx: Tx| async move {
        grant(&tx, user, again, "pay:a".to_owned(), at(0)).await?;
        Ok::<_, CoinError>(())
    };
    assert!(matches!(fixture.db.write(touched(user), work).await, Err(CoinError::Conflict(_))));
    assert_eq!(fixture.balance(1).await, (10, 0, 10));
}

#[tokio::test]
async fn sqlite_refuses_to_change_or_delete_an_entry() {
    let fixture = Fixture::new().await;
    fixture.grant(10, Source::Admin, None, "a").await;
    for sql in ["UPDATE coin_entries SET purpose = 'another one'", "DELETE FROM coin_entries"] {
        let refused = fixture.db.reader().execute_unprepared(sql).await.unwrap_err().to_string();
        assert!(refused.contains("never changed"), "{sql}: {refused}");
    }
    fixture.audit().await;
}

#[tokio::test]
async fn one_audit_runs_at_a_time() -> Result<(), ServiceError> {
    let file = TestDatabase::migrated().await;
    let audit = SqlAudit::new(file.pools.clone());
    let (one, other) = tokio::join!(audit.audit(), audit.audit());
    assert!(one?.ok && matches!(other, Err(ServiceError::Unavailable(_))));
    assert!(audit.audit().await?.ok);
    Ok(())
}
