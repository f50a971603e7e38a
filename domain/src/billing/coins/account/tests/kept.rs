//! What storage keeps: it writes what it is told of, and what it reads back is the account.

use super::*;
use crate::billing::coins::MAX_AMOUNT;

/// Storage: it knows nothing but what it was told.
#[derive(Default)]
struct Kept {
    lots: BTreeMap<LotId, Lot>,
    totals: AccountTotals,
}

impl Kept {
    /// Writes what has changed, and demands that this is the account.
    #[track_caller]
    fn keeps(&mut self, account: &mut Account) {
        let Changes { entries, new_lots, lots } = account.changes();
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

/// An account with ten coins of each kind, of which storage knows.
fn rich() -> (Account, Kept) {
    let (mut account, mut kept) = (Account::new(AccountTotals::default(), Vec::new()), Kept::default());
    for (source, expires) in [(Source::Trial, Some(50)), (Source::Subscription, Some(90)), (Source::Purchase, None)] {
        let grant = Grant { amount: amount(10), source, purpose: purpose(), expires_at: expires.map(at) };
        account.grant(grant, None, at(0)).unwrap();
        kept.keeps(&mut account);
    }
    (account, kept)
}

#[test]
fn of_holds_storage_is_told_everything() {
    let (mut account, mut kept) = rich();
    let open = hold(&mut account, 25, 1).unwrap();
    kept.keeps(&mut account);
    // Of three lots one is captured, one in part and one not at all.
    account.capture(open, amount(15), somebody(), at(2)).unwrap().unwrap();
    kept.keeps(&mut account);
    let open = hold(&mut account, 7, 3).unwrap();
    account.void(open, at(4)).unwrap().unwrap();
    kept.keeps(&mut account);
    let wish = Spend { amount: amount(6), purpose: purpose(), reference: None };
    let (spent, _) = account.spend(wish, somebody(), at(5)).unwrap().unwrap();
    kept.keeps(&mut account);
    account.refund(spent, Some(amount(2)), &[], (purpose(), somebody()), at(6)).unwrap().unwrap();
    kept.keeps(&mut account);
    assert_eq!((account.totals.balance, account.totals.revenue), (11, 19));
}

#[test]
fn of_what_expires_and_is_taken_back_storage_is_told_everything() {
    let (mut account, mut kept) = rich();
    let open = hold(&mut account, 23, 1).unwrap();
    kept.keeps(&mut account);
    account.claw_back(account.lots[2].id, purpose(), at(2)).unwrap();
    kept.keeps(&mut account);
    account.expire(at(60));
    kept.keeps(&mut account);
    assert_eq!((account.totals.balance, account.totals.expired), (23, 0), "what is set aside does not expire");
    account.release(open, at(101)).unwrap();
    kept.keeps(&mut account);
    assert_eq!(account.totals, AccountTotals { expired: 20, clawed_back: 10, issued: 30, seq: 6, ..AccountTotals::default() });
}

#[test]
fn a_lot_without_free_coins_and_one_that_has_not_expired_are_left_alone() {
    let (mut account, mut kept) = rich();
    hold(&mut account, 10, 1).unwrap();
    kept.keeps(&mut account);
    account.expire(at(60));
    assert_eq!(account.changes(), Changes::default());
    account.expire(at(90));
    let lots = account.lots.clone();
    assert_eq!(account.changes().lots.into_values().collect::<Vec<_>>(), &lots[1..2]);
}

#[test]
fn a_gift_tells_its_lot_and_its_giver() {
    let (mut account, giver) = (Account::new(AccountTotals::default(), Vec::new()), somebody());
    let grant = Grant { amount: amount(10), source: Source::Admin, purpose: purpose(), expires_at: None };
    let entry = account.grant(grant, Some(giver), at(0)).unwrap();
    assert_eq!((entry.lot_id, entry.actor_id), (Some(account.lots[0].id), Some(giver)));
    assert_eq!(account.changes().entries, [entry]);
}

#[test]
fn whoever_has_much_can_be_given_much() {
    let mut account = Account::new(AccountTotals { balance: 2_000_000_000, ..AccountTotals::default() }, Vec::new());
    let grant = Grant { amount: amount(MAX_AMOUNT), source: Source::Admin, purpose: purpose(), expires_at: None };
    assert_eq!(account.grant(grant, None, at(0)).unwrap().balance_after, 3_000_000_000);
}

#[test]
fn what_has_expired_is_not_set_aside_even_if_nobody_has_written_it_off() {
    let (mut account, mut kept) = rich();
    let open = hold(&mut account, 15, 60).unwrap();
    kept.keeps(&mut account);
    let from: Vec<_> = open.slices.iter().flatten().map(|slice| (slice.lot_id, slice.amount)).collect();
    let lot = |source| account.lots.iter().find(|lot| lot.source == source).unwrap().id;
    assert_eq!(from, [(lot(Source::Subscription), 10), (lot(Source::Purchase), 5)]);
}
