//! Storage: the recorded changes are complete, so storage that writes only these holds the whole account.

use super::*;
use crate::billing::coins::MAX_AMOUNT;

/// A storage that writes only the recorded changes.
#[derive(Default)]
struct Storage {
    lots: BTreeMap<LotId, Lot>,
    totals: AccountTotals,
}

impl Storage {
    /// Writes the changes, and asserts that the stored state equals the account.
    #[track_caller]
    fn save(&mut self, account: &mut Account) {
        let Changes { entries, new_lots, lots } = account.take_changes();
        for entry in entries {
            let AccountTotals { balance, seq, issued, revenue, expired, clawed_back, .. } = &mut self.totals;
            (*balance, *seq) = (*balance + entry.amount, *seq + 1);
            assert_eq!((entry.balance_after, entry.seq), (*balance, *seq));
            match entry.kind.counter_account() {
                CounterAccount::Issued => *issued += entry.amount,
                CounterAccount::Revenue => *revenue -= entry.amount,
                CounterAccount::Expired => *expired -= entry.amount,
                CounterAccount::ClawedBack => *clawed_back -= entry.amount,
            }
        }
        self.lots.extend(new_lots.into_iter().map(|lot| (lot.id, lot)));
        self.lots.extend(lots);
        assert_eq!(self.lots, account.lots.iter().map(|lot| (lot.id, lot.clone())).collect());
        self.totals.held = account.lots.iter().map(|lot| lot.held).sum();
        assert_eq!(self.totals, account.totals);
        assert_eq!(self.totals.balance, self.lots.values().map(|lot| lot.remaining).sum::<i64>());
    }
}

/// A stored account with three lots of ten coins.
fn account_with_three_lots() -> (Account, Storage) {
    let (mut account, mut storage) = (Account::new(AccountTotals::default(), Vec::new()), Storage::default());
    for (source, expires) in [(Source::Trial, Some(50)), (Source::Subscription, Some(90)), (Source::Purchase, None)] {
        let grant = Grant { amount: amount(10), source, origin: None, purpose: purpose(), expires_at: expires.map(at) };
        account.grant(grant, Actor::SYSTEM, at(0)).unwrap();
        storage.save(&mut account);
    }
    (account, storage)
}

#[test]
fn operations_on_holds_record_all_changes() {
    let (mut account, mut storage) = account_with_three_lots();
    let open = hold(&mut account, 25, 1).unwrap();
    storage.save(&mut account);
    // One lot is captured in full, one in part and one not at all.
    account.capture(open, amount(15), by_user(), at(2)).unwrap().unwrap();
    storage.save(&mut account);
    let open = hold(&mut account, 7, 3).unwrap();
    account.void(open, by_user(), at(4)).unwrap().unwrap();
    storage.save(&mut account);
    let command = Spend { amount: amount(6), purpose: purpose(), reference: None };
    let (spent, _) = account.spend(command, &any_user(), at(5)).unwrap().unwrap();
    storage.save(&mut account);
    account.refund(spent, Some(amount(2)), &[], (purpose(), by_administrator()), at(6)).unwrap().unwrap();
    storage.save(&mut account);
    assert_eq!((account.totals.balance, account.totals.revenue), (11, 19));
}

#[test]
fn expiry_and_targets_record_all_changes() {
    let (mut account, mut storage) = account_with_three_lots();
    let open = hold(&mut account, 23, 1).unwrap();
    storage.save(&mut account);
    account.settle_target(account.lots[2].id, 10, purpose(), at(2)).unwrap();
    storage.save(&mut account);
    account.expire(at(60));
    storage.save(&mut account);
    assert_eq!((account.totals.balance, account.totals.expired), (23, 0), "held coins do not expire");
    account.release(open, at(101)).unwrap();
    storage.save(&mut account);
    assert_eq!(account.totals, AccountTotals { expired: 20, clawed_back: 10, issued: 30, seq: 6, ..AccountTotals::default() });
    account.settle_target(account.lots[2].id, 4, purpose(), at(102)).unwrap();
    storage.save(&mut account);
    assert_eq!((account.totals.balance, account.totals.clawed_back), (6, 4));
}

#[test]
fn lots_that_owe_as_soon_as_they_are_refunded_or_rolled_over_are_stored_with_what_was_taken() {
    let (mut account, mut storage) = account_with_three_lots();
    let command = Spend { amount: amount(30), purpose: purpose(), reference: None };
    let (spent, _) = account.spend(command, &any_user(), at(1)).unwrap().unwrap();
    let lots = account.lots.clone();
    account.settle_target(lots[2].id, 10, purpose(), at(2)).unwrap();
    storage.save(&mut account);
    account.refund(spent, None, &lots, (purpose(), by_administrator()), at(3)).unwrap().unwrap();
    storage.save(&mut account);
    assert_eq!((account.totals.balance, account.totals.clawed_back, account.lots.len()), (20, 10, 6));
}

#[test]
fn expiry_changes_only_expired_lots_with_free_coins() {
    let (mut account, mut storage) = account_with_three_lots();
    hold(&mut account, 10, 1).unwrap();
    storage.save(&mut account);
    account.expire(at(60));
    assert_eq!(account.take_changes(), Changes::default());
    account.expire(at(90));
    let lots = account.lots.clone();
    assert_eq!(account.take_changes().lots.into_values().collect::<Vec<_>>(), &lots[1..2]);
}

#[test]
fn a_grant_entry_names_its_lot_and_its_actor() {
    let (mut account, actor) = (Account::new(AccountTotals::default(), Vec::new()), by_administrator().actor);
    let grant = Grant { amount: amount(10), source: Source::Admin, origin: None, purpose: purpose(), expires_at: None };
    let entry = account.grant(grant, actor, at(0)).unwrap();
    assert_eq!((entry.lot_id, entry.actor_id), (Some(account.lots[0].id), actor.user));
    assert_eq!(account.take_changes().entries, [entry]);
}

#[test]
fn a_large_balance_accepts_a_large_grant() {
    let mut account = Account::new(AccountTotals { balance: 2_000_000_000, ..AccountTotals::default() }, Vec::new());
    let grant = Grant { amount: amount(MAX_AMOUNT), source: Source::Admin, origin: None, purpose: purpose(), expires_at: None };
    assert_eq!(account.grant(grant, Actor::SYSTEM, at(0)).unwrap().balance_after, 3_000_000_000);
}

#[test]
fn expired_coins_are_not_held_even_before_they_are_written_off() {
    let (mut account, mut storage) = account_with_three_lots();
    let open = hold(&mut account, 15, 60).unwrap();
    storage.save(&mut account);
    let from: Vec<_> = open.slices.iter().flatten().map(|slice| (slice.lot_id, slice.amount)).collect();
    let lot = |source| account.lots.iter().find(|lot| lot.source == source).unwrap().id;
    assert_eq!(from, [(lot(Source::Subscription), 10), (lot(Source::Purchase), 5)]);
}
