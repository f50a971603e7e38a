//! Coins that are taken back and restored, on SQLite.

use domain::billing::coins::{Capture, Ender, Refund, Void};
use domain::ids::LotId;

use super::*;
use crate::billing::coins::{settle_target, take_unspent};
use EntryKind::{Capture as Captured, Clawback, Expire, Grant as Granted, Refund as Refunded, Restore};

impl Fixture {
    async fn settle(&self, key: &str, target: i64, now: i64) {
        self.write(async |tx, user| settle_target(&tx, user, key, target, purpose(), at(now)).await).await;
    }

    /// Refunds all that the last capture of the user captured.
    async fn refund_last_capture(&self, now: i64) {
        let all = PageRequest { limit: 100, cursor: None };
        let page = reads::ledger(self.db.reader(), self.user, &all).await.unwrap();
        let captured = page.items.into_iter().find(|entry| entry.kind == Captured).unwrap();
        let command = Refund { entry: captured.id, amount: None, reason: purpose() };
        let refund = async |tx: Tx, user| holds::refund(&tx, (user, &captured), command, Ender::SYSTEM, at(now)).await;
        self.write(refund).await.unwrap();
    }

    /// The coins of all lots: source, remaining, taken and owed.
    async fn lots(&self) -> Vec<(String, i64, i64, i64)> {
        let sql = "SELECT source, remaining, taken, owed FROM coin_lots ORDER BY grant_key";
        let rows =
            self.db.reader().query_all_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, sql)).await.unwrap();
        let number = |row: &sea_orm::QueryResult, name| row.try_get::<i64>("", name).unwrap();
        rows.iter()
            .map(|row| (row.try_get("", "source").unwrap(), number(row, "remaining"), number(row, "taken"), number(row, "owed")))
            .collect()
    }
}

fn lot(source: &str, remaining: i64, taken: i64, owed: i64) -> (String, i64, i64, i64) {
    (source.to_owned(), remaining, taken, owed)
}

#[tokio::test]
async fn a_target_takes_the_unheld_rest_of_its_lot_alone_and_only_once() {
    let fixture = Fixture::new().await;
    fixture.grant(10, Source::Purchase, None, "pay:a").await;
    fixture.grant(5, Source::Admin, None, "gift").await;
    fixture.spend(7).await;
    fixture.hold(3, 20).await;
    for key in ["pay:a", "pay:a", "nothing"] {
        fixture.settle(key, 10, 1).await;
        assert_eq!(fixture.balance(1).await, (3, 3, 0));
        fixture.audit().await;
    }
    release_expired(&fixture.db, at(20)).await.unwrap();
    assert_eq!(fixture.lots().await, [lot("admin", 0, 0, 0), lot("purchase", 0, 8, 2)]);
    let entries = [(Granted, 10), (Granted, 5), (Captured, -7), (Clawback, -5), (Clawback, -3)];
    assert_eq!(fixture.entries().await, entries);
    fixture.audit().await;
}

#[tokio::test]
async fn an_empty_lot_owes_what_a_refund_of_its_spend_gives() {
    let fixture = Fixture::new().await;
    fixture.grant(10, Source::Purchase, None, "pay:a").await;
    fixture.grant(5, Source::Admin, None, "gift").await;
    fixture.spend(15).await;
    fixture.settle("pay:a", 10, 1).await;
    assert_eq!((fixture.lots().await[1].3, fixture.balance(1).await), (10, (0, 0, 0)));
    fixture.audit().await;
    fixture.refund_last_capture(2).await;
    fixture.audit().await;
    let lots = [lot("admin", 0, 0, 0), lot("purchase", 0, 0, 0), lot("refund", 5, 0, 0), lot("refund", 0, 10, 0)];
    assert_eq!(fixture.lots().await, lots);
    fixture.settle("pay:a", 4, 3).await;
    assert_eq!(fixture.balance(3).await, (11, 0, 11));
    assert_eq!(fixture.entries().await[3..], [(Refunded, 15), (Clawback, -10), (Restore, 6)]);
    fixture.audit().await;
}

#[tokio::test]
async fn rolled_over_coins_belong_to_the_lot_that_they_came_from() {
    let fixture = Fixture::new().await;
    fixture.grant(10, Source::Subscription, Some(50), "sub:1").await;
    fixture.grant(4, Source::Subscription, Some(50), "sub:2").await;
    release_expired(&fixture.db, at(50)).await.unwrap();
    let of_source = async |tx: Tx, user| Ok(unspent_at(&tx, user, Source::Subscription, at(50)).await?);
    let unspent: Vec<(LotId, i64)> = fixture.write(of_source).await;
    for (origin, coins) in &unspent {
        let (origin, expires_at) = (Some(*origin), Some(at(90)));
        let rollover = Grant { amount: amount(*coins), source: Source::Rollover, origin, purpose: purpose(), expires_at };
        let key = format!("zroll:{coins:02}");
        fixture.write(async |tx, user| grant(&tx, user, rollover, key, at(50)).await).await;
    }
    fixture.settle("sub:1", 7, 51).await;
    assert_eq!(fixture.lots().await[2..], [lot("rollover", 4, 0, 0), lot("rollover", 3, 7, 0)]);
    fixture.audit().await;
    // Its time is over: nothing is restored.
    release_expired(&fixture.db, at(90)).await.unwrap();
    fixture.settle("sub:1", 0, 91).await;
    assert_eq!((fixture.balance(91).await, fixture.lots().await[3].2), ((0, 0, 0), 7));
    fixture.audit().await;
    let again = async |tx: Tx, user| Ok(unspent_at(&tx, user, Source::Rollover, at(90)).await?);
    let mut unspent_again = fixture.write(again).await;
    unspent_again.sort_by_key(|(_, coins)| -coins);
    assert_eq!(unspent_again.iter().map(|(_, coins)| *coins).collect::<Vec<_>>(), [4, 3]);
    assert!(unspent_again.iter().all(|(root, _)| unspent.iter().any(|(origin, _)| origin == root)));
}

#[tokio::test]
async fn unspent_trial_coins_are_taken_and_held_ones_when_they_are_released() {
    let fixture = Fixture::new().await;
    fixture.grant(10, Source::Trial, Some(900), "trial").await;
    fixture.spend(3).await;
    fixture.hold(4, 100).await;
    let unspent = async |tx: Tx, user| take_unspent(&tx, user, "trial", purpose(), at(1)).await;
    fixture.write(unspent).await;
    assert_eq!(fixture.lots().await, [lot("trial", 4, 3, 4)]);
    fixture.audit().await;
    let all = PageRequest { limit: 100, cursor: None };
    let holds = reads::holds(fixture.db.reader(), fixture.user, &all).await.unwrap().items;
    let open = holds.into_iter().find(|hold| hold.state == HoldState::Held).unwrap();
    let capture = Capture { hold: open.id, amount: amount(1) };
    let captured = async |tx: Tx, user| holds::capture(&tx, user, capture, Ender::SYSTEM, at(2)).await;
    fixture.write(captured).await.unwrap();
    assert_eq!((fixture.lots().await, fixture.balance(2).await), (vec![lot("trial", 0, 6, 1)], (0, 0, 0)));
    fixture.audit().await;
    let void = Void { hold: open.id };
    let ended = async |tx: Tx, user| holds::void(&tx, user, void, Ender::SYSTEM, at(3)).await;
    assert!(fixture.write(ended).await.is_err());
    assert!(fixture.entries().await.iter().all(|(kind, _)| *kind != Expire));
}
