//! Coins that are taken back and restored.

use super::*;
use EntryKind::{Capture, Clawback, Expire, Grant as Granted, Refund, Restore};

/// Sets the target of a lot that must be loaded.
fn settle(account: &mut Account, root: LotId, target: i64, now: i64) {
    account.settle_target(root, target, purpose(), at(now)).unwrap();
}

/// An account with bought coins that never expire, and their lot.
fn bought(coins: i64) -> (Account, LotId) {
    let account = account_with(&[(coins, Source::Purchase, None)]);
    let root = account.lots[0].id;
    (account, root)
}

/// The remaining, taken and owed coins of a lot.
fn of_lot(account: &Account, id: LotId) -> (i64, i64, i64) {
    let lot = account.lots.iter().find(|lot| lot.id == id).unwrap();
    (lot.remaining, lot.taken, lot.owed)
}

fn roll_over(account: &mut Account, coins: i64, origin: LotId, expires: Option<i64>, now: i64) -> LotId {
    let (amount, source, expires_at) = (amount(coins), Source::Rollover, expires.map(at));
    let grant = Grant { amount, source, origin: Some(origin), purpose: purpose(), expires_at };
    account.grant(grant, Actor::SYSTEM, at(now)).unwrap().lot_id.unwrap()
}

#[test]
fn free_coins_are_taken_in_proportion_and_the_rest_stays_spendable() {
    let (mut account, root) = bought(10);
    settle(&mut account, root, 4, 1);
    assert_eq!((of_lot(&account, root), amounts(&account, 1)), ((6, 4, 0), (6, 0, 6)));
    settle(&mut account, root, 4, 2);
    assert_eq!(appended_entries(&mut account), [(Clawback, -4)]);
    settle(&mut account, root, 10, 3);
    assert_eq!((of_lot(&account, root), account.totals.clawed_back), ((0, 10, 0), 10));
}

#[test]
fn the_same_target_again_changes_nothing() {
    let (mut account, root) = bought(10);
    spend(&mut account, 8, 0).unwrap();
    settle(&mut account, root, 5, 1);
    account.take_changes();
    let before = account.clone();
    settle(&mut account, root, 5, 2);
    assert_eq!(account, before);
}

#[test]
fn held_coins_are_owed_and_taken_when_they_are_released() {
    let mut account = account_with(&[(9, Source::Purchase, None), (1, Source::Trial, None)]);
    let (spent, voided) = (hold(&mut account, 4, 0).unwrap(), hold(&mut account, 2, 0).unwrap());
    let expired = hold(&mut account, 1, 0).unwrap();
    let root = account.lots.iter().find(|lot| lot.source == Source::Purchase).unwrap().id;
    settle(&mut account, root, 9, 1);
    assert_eq!((of_lot(&account, root), amounts(&account, 1)), ((6, 3, 6), (7, 7, 0)));
    capture(&mut account, &spent, 3, 3).unwrap();
    account.void(voided, by_user(), at(3)).unwrap().unwrap();
    account.release(expired, at(100)).unwrap();
    let entries = [(Clawback, -3), (Capture, -3), (Clawback, -1), (Clawback, -2), (Clawback, -1)];
    assert_eq!((appended_entries(&mut account), amounts(&account, 100)), (entries.to_vec(), (0, 0, 0)));
    assert_eq!((of_lot(&account, root), account.totals.clawed_back), ((0, 7, 2), 7), "two are spent");
}

#[test]
fn released_coins_that_are_not_owed_stay() {
    let (mut account, root) = bought(10);
    let open = hold(&mut account, 8, 0).unwrap();
    settle(&mut account, root, 5, 1);
    assert_eq!(of_lot(&account, root), (8, 2, 3));
    account.void(open, by_user(), at(2)).unwrap().unwrap();
    assert_eq!((of_lot(&account, root), amounts(&account, 2)), ((5, 5, 0), (5, 0, 5)));
}

#[test]
fn a_refund_of_a_spend_gives_nothing_net_if_its_payment_was_returned() {
    let (mut account, root) = bought(10);
    let lots = account.lots.clone();
    let (spent, _) = spend(&mut account, 10, 0).unwrap();
    settle(&mut account, root, 10, 1);
    let spent = refund(&mut account, &spent, Some(6), &lots, 2).unwrap();
    assert_eq!((spent.refunded, of_lot(&account, root), amounts(&account, 2)), (6, (0, 0, 4), (0, 0, 0)));
    assert_eq!(appended_entries(&mut account), [(Capture, -10), (Refund, 6), (Clawback, -6)]);
    settle(&mut account, root, 7, 3);
    refund(&mut account, &spent, None, &lots, 4).unwrap();
    assert_eq!(amounts(&account, 4), (3, 0, 3), "seven of ten are gone");
}

#[test]
fn a_refund_takes_only_what_its_own_origin_owes() {
    let mut account = account_with(&[(3, Source::Subscription, None), (9, Source::Purchase, None)]);
    let lots = account.lots.clone();
    let (spent, _) = spend(&mut account, 8, 0).unwrap();
    settle(&mut account, lots[1].id, 9, 1);
    assert_eq!(amounts(&account, 1), (0, 0, 0));
    let spent = refund(&mut account, &spent, None, &lots, 2).unwrap();
    assert_eq!((spent.refunded, amounts(&account, 2)), (8, (3, 0, 3)));
    assert_eq!(of_lot(&account, lots[1].id), (0, 4, 0));
}

#[test]
fn rolled_over_coins_are_taken_too_and_at_once_if_they_are_owed() {
    let mut account = account_with(&[(10, Source::Subscription, Some(50))]);
    let root = account.lots[0].id;
    let open = hold(&mut account, 4, 0).unwrap();
    account.expire(at(50));
    let next = roll_over(&mut account, 6, root, Some(500), 50);
    settle(&mut account, root, 8, 51);
    assert_eq!((of_lot(&account, next), of_lot(&account, root)), ((0, 6, 0), (4, 0, 2)));
    account.void(open, by_user(), at(60)).unwrap().unwrap();
    assert_eq!(of_lot(&account, root), (0, 0, 2), "coins whose time is over expire; they are not taken");
    let late = roll_over(&mut account, 4, root, Some(500), 60);
    assert_eq!((of_lot(&account, late), of_lot(&account, root), amounts(&account, 60)), ((2, 2, 0), (0, 0, 0), (2, 0, 2)));
    let entries = [(Expire, -6), (Granted, 6), (Clawback, -6), (Expire, -4), (Granted, 4), (Clawback, -2)];
    assert_eq!(appended_entries(&mut account), entries);
}

#[test]
fn a_lower_target_is_owed_less_first_and_then_restores_into_the_same_lots() {
    let mut account = account_with(&[(10, Source::Purchase, None)]);
    let (root, lots) = (account.lots[0].id, account.lots.clone());
    let (spent, _) = spend(&mut account, 6, 0).unwrap();
    refund(&mut account, &spent, Some(2), &lots, 1).unwrap();
    let refunded = account.lots.last().unwrap().id;
    settle(&mut account, root, 10, 2);
    assert_eq!((of_lot(&account, root), of_lot(&account, refunded)), ((0, 4, 4), (0, 2, 0)));
    account.take_changes();
    settle(&mut account, root, 7, 3);
    assert_eq!((of_lot(&account, root), appended_entries(&mut account)), ((0, 4, 1), vec![]));
    settle(&mut account, root, 3, 4);
    assert_eq!(
        (of_lot(&account, root), of_lot(&account, refunded)),
        ((1, 3, 0), (2, 0, 0)),
        "what was taken last is restored first"
    );
    settle(&mut account, root, 0, 5);
    assert_eq!((of_lot(&account, root), amounts(&account, 5)), ((4, 0, 0), (6, 0, 6)));
    assert_eq!((appended_entries(&mut account), account.totals.clawed_back), (vec![(Restore, 3), (Restore, 3)], 0));
}

#[test]
fn an_expired_lot_gets_nothing_back_and_is_not_taken_from_again() {
    let mut account = account_with(&[(10, Source::Subscription, Some(50))]);
    let root = account.lots[0].id;
    settle(&mut account, root, 10, 1);
    settle(&mut account, root, 6, 49);
    assert_eq!(of_lot(&account, root), (4, 6, 0));
    account.expire(at(50));
    settle(&mut account, root, 0, 50);
    assert_eq!((of_lot(&account, root), amounts(&account, 50)), ((0, 6, 0), (0, 0, 0)));
    settle(&mut account, root, 8, 51);
    assert_eq!(of_lot(&account, root), (0, 6, 2), "six of eight were taken before");
}

#[test]
fn a_full_account_does_not_refuse_a_restore() {
    let (mut account, root) = bought(10);
    settle(&mut account, root, 10, 1);
    account.totals.balance = MAX_BALANCE;
    settle(&mut account, root, 0, 2);
    assert_eq!(account.totals.balance, MAX_BALANCE + 10);
    let grant = Grant { amount: amount(1), source: Source::Admin, origin: None, purpose: purpose(), expires_at: None };
    assert!(matches!(account.grant(grant, Actor::SYSTEM, at(3)), Err(CoinError::BalanceLimitExceeded)));
}

#[test]
fn unspent_coins_are_taken_and_spent_ones_are_not_owed() {
    let mut account = account_with(&[(10, Source::Trial, Some(500))]);
    let root = account.lots[0].id;
    let lots = account.lots.clone();
    let (spent, _) = spend(&mut account, 3, 0).unwrap();
    let open = hold(&mut account, 5, 0).unwrap();
    account.take_unspent(root, purpose(), at(1)).unwrap();
    assert_eq!((of_lot(&account, root), account.lots[0].target), ((5, 2, 5), 7));
    capture(&mut account, &open, 1, 2).unwrap();
    assert_eq!((of_lot(&account, root), amounts(&account, 2)), ((0, 6, 1), (0, 0, 0)));
    account.take_unspent(root, purpose(), at(3)).unwrap();
    assert_eq!((of_lot(&account, root), account.lots[0].target), ((0, 6, 0), 6));
    refund(&mut account, &spent, None, &lots, 4).unwrap();
    assert_eq!(amounts(&account, 4), (3, 0, 3));
}

#[test]
fn a_target_is_at_most_what_was_granted_and_needs_its_lot() {
    let (mut account, root) = bought(10);
    settle(&mut account, root, 11, 1);
    assert_eq!(account.lots[0].target, 10);
    settle(&mut account, root, -1, 2);
    assert_eq!((account.lots[0].target, amounts(&account, 2)), (0, (10, 0, 10)));
    let unknown = LotId::generate(at(3));
    assert!(account.settle_target(unknown, 1, purpose(), at(3)).is_err());
    assert!(account.take_unspent(unknown, purpose(), at(3)).is_err());
}

#[test]
fn lots_are_included_once() {
    let (mut account, root) = bought(10);
    let stored = account.lots.clone();
    spend(&mut account, 10, 0).unwrap();
    account.include(stored.clone());
    assert_eq!(of_lot(&account, root), (0, 0, 0));
    account.lots.clear();
    account.include(stored);
    assert_eq!(of_lot(&account, root), (10, 0, 0));
}
