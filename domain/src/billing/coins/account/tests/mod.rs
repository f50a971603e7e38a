//! Examples of each rule.

mod placers;
mod refunds;
mod storage;
mod targets;

use chrono::TimeDelta;

use super::*;
use crate::billing::coins::{
    Amount, CoinError, Ender, Grant, Hold, HoldPlacer, HoldRefusal, HoldState, HoldTime, Insufficient, MAX_BALANCE, NewHold,
    RefundRefusal, Slice, Source, Spend,
};
use crate::identity::{Credential, Placement, Placer, Principal, Role, Scopes};
use crate::ids::{SessionId, UserId};

fn at(seconds: i64) -> Time {
    Time::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

const DAY: i64 = 24 * 60 * 60;

fn amount(coins: i64) -> Amount {
    Amount::try_from(coins).unwrap()
}

fn purpose() -> Purpose {
    Purpose::parse("test").unwrap()
}

/// A user who commands with their own session.
fn any_user() -> Placement {
    Placement { user: UserId::generate(at(0)), placer: Placer::User }
}

fn by_user() -> Ender {
    Ender::of(&any_user())
}

fn by_administrator() -> Ender {
    let (user, credential) = (Some(UserId::generate(at(0))), Credential::Session(SessionId::generate(at(0))));
    let (scopes, permissions) = (None, Scopes::NONE);
    Ender::administrator(&Principal { user, role: Role::Admin, credential, scopes, permissions, expires_at: at(0) })
}

fn account_with(lots: &[(i64, Source, Option<i64>)]) -> Account {
    let mut account = Account::new(AccountTotals::default(), Vec::new());
    for &(coins, source, expires) in lots {
        let grant = Grant { amount: amount(coins), source, origin: None, purpose: purpose(), expires_at: expires.map(at) };
        account.grant(grant, Actor::SYSTEM, at(0)).unwrap();
    }
    account.take_changes();
    account
}

fn hold(account: &mut Account, coins: i64, now: i64) -> Result<Hold, Insufficient> {
    let expires_in = HoldTime::try_from(100).unwrap();
    account.hold(NewHold { amount: amount(coins), purpose: purpose(), reference: None, expires_in }, HoldPlacer::User, at(now))
}

fn capture(account: &mut Account, hold: &Hold, coins: i64, now: i64) -> Result<(Hold, Entry), HoldRefusal> {
    account.capture(hold.clone(), amount(coins), by_user(), at(now)).unwrap()
}

fn spend(account: &mut Account, coins: i64, now: i64) -> Result<(Hold, Entry), Insufficient> {
    account.spend(Spend { amount: amount(coins), purpose: purpose(), reference: None }, &any_user(), at(now)).unwrap()
}

fn refund(account: &mut Account, hold: &Hold, coins: Option<i64>, origins: &[Lot], now: i64) -> Result<Hold, RefundRefusal> {
    let refunded = account.refund(hold.clone(), coins.map(amount), origins, (purpose(), by_administrator()), at(now)).unwrap();
    refunded.map(|(hold, _)| hold)
}

/// The balance, the held coins and the available coins.
fn amounts(account: &Account, now: i64) -> (i64, i64, i64) {
    let Balance { balance, held, available, .. } = account.balance_at(at(now));
    (balance, held, available)
}

fn appended_entries(account: &mut Account) -> Vec<(EntryKind, i64)> {
    account.take_changes().entries.iter().map(|entry| (entry.kind, entry.amount)).collect()
}

#[test]
fn coins_are_spent_by_priority_then_expiry_then_age() {
    let mut account = account_with(&[
        (1, Source::Purchase, None),
        (1, Source::Rollover, Some(70)),
        (1, Source::Refund, Some(65)),
        (1, Source::Subscription, Some(50)),
        (1, Source::Admin, None),
        (1, Source::Promo, Some(90)),
        (1, Source::Trial, Some(60)),
    ]);
    let grant = Grant { amount: amount(1), source: Source::Trial, origin: None, purpose: purpose(), expires_at: Some(at(60)) };
    account.grant(grant, Actor::SYSTEM, at(1)).unwrap();
    let order = |account: &Account, hold: &Hold| -> Vec<(Source, i64)> {
        let lot = |slice: &Slice| account.lots.iter().find(|lot| lot.id == slice.lot_id).unwrap();
        hold.slices.iter().flatten().map(|slice| (lot(slice).source, lot(slice).created_at.timestamp())).collect()
    };
    let all = hold(&mut account, 8, 2).unwrap();
    let expected = [
        (Source::Trial, 0),
        (Source::Trial, 1),
        (Source::Promo, 0),
        (Source::Admin, 0),
        (Source::Subscription, 0),
        (Source::Refund, 0),
        (Source::Rollover, 0),
        (Source::Purchase, 0),
    ];
    assert_eq!(order(&account, &all), expected);
}

#[test]
fn expired_coins_cannot_be_spent_even_before_they_are_written_off() {
    let mut account = account_with(&[(5, Source::Trial, Some(10))]);
    assert_eq!(account.balance_at(at(9)).next_expiry, Some(NextExpiry { amount: 5, at: at(10) }));
    assert_eq!(spend(&mut account, 1, 10), Err(Insufficient { required: 1, available: 0 }));
    assert_eq!(amounts(&account, 10), (5, 0, 0));
    account.expire(at(10));
    account.expire(at(10));
    assert_eq!(appended_entries(&mut account), [(EntryKind::Expire, -5)]);
    assert_eq!((account.totals.balance, account.lots[0].expired), (0, 5));
}

#[test]
fn a_grant_above_the_balance_limit_is_refused() {
    let full = AccountTotals { balance: MAX_BALANCE - 1, issued: MAX_BALANCE - 1, ..AccountTotals::default() };
    let mut account = Account::new(full, Vec::new());
    let grant =
        |coins| Grant { amount: amount(coins), source: Source::Admin, origin: None, purpose: purpose(), expires_at: None };
    assert!(matches!(account.grant(grant(2), Actor::SYSTEM, at(0)), Err(CoinError::BalanceLimitExceeded)));
    assert_eq!((account.totals, account.take_changes()), (full, Changes::default()));
    account.grant(grant(1), Actor::SYSTEM, at(0)).unwrap();
}

#[test]
fn a_capture_spends_the_first_coins_and_releases_the_rest() {
    let mut account = account_with(&[(3, Source::Trial, Some(500)), (4, Source::Purchase, None)]);
    let open = hold(&mut account, 6, 1).unwrap();
    assert_eq!(amounts(&account, 1), (7, 6, 1));
    let (finished, entry) = capture(&mut account, &open, 4, 2).unwrap();
    assert_eq!((finished.state, finished.captured, entry.hold_id), (HoldState::Captured, 4, Some(open.id)));
    assert_eq!(amounts(&account, 2), (3, 0, 3));
    let remaining: Vec<_> = account.lots.iter().map(|lot| (lot.source, lot.remaining)).collect();
    assert_eq!(remaining, [(Source::Trial, 0), (Source::Purchase, 3)]);
    assert_eq!(appended_entries(&mut account), [(EntryKind::Capture, -4)]);
}

#[test]
fn a_finished_hold_stays_finished() {
    let mut account = account_with(&[(9, Source::Admin, None)]);
    let mut open = || hold(&mut account, 2, 0).unwrap();
    let (captured, voided, expired) = (open(), open(), open());
    let captured = capture(&mut account, &captured, 1, 1).unwrap().0;
    let voided = account.void(voided, by_user(), at(1)).unwrap().unwrap();
    let expired = account.release(expired, at(100)).unwrap();
    for (hold, state) in [(captured, HoldState::Captured), (voided, HoldState::Voided), (expired, HoldState::Expired)] {
        let before = account.clone();
        assert_eq!(hold.state, state);
        assert_eq!(capture(&mut account, &hold, 1, 101), Err(HoldRefusal::Finished(state)));
        assert_eq!(account.void(hold.clone(), by_user(), at(101)).unwrap(), Err(HoldRefusal::Finished(state)));
        assert_eq!(account.release(hold.clone(), at(101)).unwrap(), hold);
        assert_eq!(account, before);
    }
    assert_eq!(amounts(&account, 101), (8, 0, 8));
}

#[test]
fn a_hold_expires_at_its_expiry_and_not_before() {
    let mut account = account_with(&[(2, Source::Admin, None)]);
    let open = hold(&mut account, 2, 0).unwrap();
    assert_eq!(account.release(open.clone(), at(99)).unwrap().state, HoldState::Held);
    assert_eq!(capture(&mut account, &open, 1, 100), Err(HoldRefusal::Finished(HoldState::Expired)));
    assert_eq!(account.release(open, at(100)).unwrap().state, HoldState::Expired);
    assert_eq!(amounts(&account, 100), (2, 0, 2));
}

#[test]
fn a_capture_cannot_exceed_its_hold() {
    let mut account = account_with(&[(9, Source::Admin, None)]);
    let open = hold(&mut account, 2, 0).unwrap();
    assert_eq!(capture(&mut account, &open, 3, 1), Err(HoldRefusal::TooMuch(2)));
    assert!(capture(&mut account, &open, 2, 1).is_ok());
}

#[test]
fn coins_that_expire_while_held_can_be_captured_but_are_not_released() {
    let mut account = account_with(&[(9, Source::Trial, Some(10))]);
    let (spent, voided) = (hold(&mut account, 3, 0).unwrap(), hold(&mut account, 2, 0).unwrap());
    account.expire(at(10));
    assert_eq!(amounts(&account, 10), (5, 5, 0));
    capture(&mut account, &spent, 1, 11).unwrap();
    account.void(voided, by_user(), at(11)).unwrap().unwrap();
    assert_eq!(amounts(&account, 11), (0, 0, 0));
    let entries = [(EntryKind::Expire, -4), (EntryKind::Capture, -1), (EntryKind::Expire, -2), (EntryKind::Expire, -2)];
    assert_eq!((appended_entries(&mut account), account.lots[0].expired), (entries.to_vec(), 8));
}

#[test]
fn a_hold_whose_coins_are_missing_is_a_bug() {
    let mut account = account_with(&[(9, Source::Trial, None)]);
    let open = hold(&mut account, 5, 0).unwrap();
    account.lots.clear();
    assert!(account.clone().capture(open.clone(), amount(1), by_user(), at(1)).is_err());
    assert!(account.clone().void(open.clone(), by_user(), at(1)).is_err());
    assert!(account.release(Hold { slices: None, ..open }, at(100)).is_err());
}

#[test]
fn a_hold_lasts_one_second_to_one_week() {
    for seconds in [0, -1, 604_801, i64::MAX] {
        assert!(HoldTime::try_from(seconds).is_err(), "{seconds}");
    }
    assert_eq!(HoldTime::try_from(604_800).unwrap().expiry(at(0)), at(7 * DAY));
    assert_eq!(HoldTime::DEFAULT.expiry(at(0)), at(900));
}
