//! Refunds.

use super::*;

#[test]
fn captured_coins_are_refunded_once_in_parts_or_at_once() {
    let mut account = account_with(&[(9, Source::Admin, None)]);
    let (spent, _) = spend(&mut account, 5, 0).unwrap();
    let spent = refund(&mut account, &spent, Some(2), &[], 1).unwrap();
    assert_eq!(refund(&mut account, &spent, Some(4), &[], 1), Err(RefundRefusal { left: 3 }));
    let spent = refund(&mut account, &spent, None, &[], 1).unwrap();
    for more in [None, Some(1)] {
        assert_eq!(refund(&mut account, &spent, more, &[], 1), Err(RefundRefusal { left: 0 }));
    }
    assert_eq!((amounts(&account, 1), account.totals.revenue), ((9, 0, 9), 0));
}

#[test]
fn refunded_coins_expire_with_the_last_spent_lot_but_not_within_a_week() {
    let expiry_of_refund = |lots: &[(i64, Source, Option<i64>)], coins| {
        let mut account = account_with(lots);
        let origins = account.lots.clone();
        let (spent, _) = spend(&mut account, coins, 0).unwrap();
        refund(&mut account, &spent, None, &origins, 1).unwrap();
        account.lots.last().unwrap().expires_at
    };
    let lots = [(3, Source::Trial, Some(8 * DAY)), (3, Source::Subscription, Some(20 * DAY)), (3, Source::Purchase, None)];
    assert_eq!(expiry_of_refund(&lots, 3), Some(at(8 * DAY)));
    assert_eq!(expiry_of_refund(&lots, 4), Some(at(20 * DAY)));
    assert_eq!(expiry_of_refund(&lots, 7), None);
    assert_eq!(expiry_of_refund(&[(3, Source::Trial, Some(5))], 1), Some(at(7 * DAY + 1)));
}

/// The new lots of a refund: their source, their root and their coins.
fn refund_lots(account: &mut Account) -> Vec<(Source, LotId, i64)> {
    account.take_changes().new_lots.iter().map(|lot| (lot.source, lot.root(), lot.granted)).collect()
}

#[test]
fn coins_are_refunded_into_one_lot_for_each_origin_in_the_order_of_spending() {
    let mut account = account_with(&[(3, Source::Trial, None), (4, Source::Subscription, None), (9, Source::Purchase, None)]);
    let lots = account.lots.clone();
    let (spent, _) = spend(&mut account, 10, 0).unwrap();
    account.take_changes();
    let spent = refund(&mut account, &spent, Some(5), &lots, 1).unwrap();
    let root = |index: usize| lots[index].id;
    assert_eq!(refund_lots(&mut account), [(Source::Refund, root(0), 3), (Source::Refund, root(1), 2)]);
    let spent = refund(&mut account, &spent, Some(4), &lots, 1).unwrap();
    assert_eq!(refund_lots(&mut account), [(Source::Refund, root(1), 2), (Source::Refund, root(2), 2)]);
    let rest = account.refund(spent, None, &lots, (purpose(), by_administrator()), at(1)).unwrap().unwrap();
    assert_eq!((rest.0.refunded, rest.1.amount), (10, 1));
    assert_eq!((rest.1.lot_id, account.balance_at(at(1)).available), (account.lots.last().map(|lot| lot.id), 16));
}

#[test]
fn a_refund_of_refunded_coins_remembers_the_first_lot() {
    let mut account = account_with(&[(5, Source::Purchase, None)]);
    let root = account.lots[0].id;
    let (spent, _) = spend(&mut account, 5, 0).unwrap();
    let lots = account.lots.clone();
    refund(&mut account, &spent, None, &lots, 1).unwrap();
    let (spent, _) = spend(&mut account, 4, 2).unwrap();
    account.take_changes();
    let lots = account.lots.clone();
    refund(&mut account, &spent, None, &lots, 3).unwrap();
    assert_eq!(refund_lots(&mut account), [(Source::Refund, root, 4)]);
}

#[test]
fn a_refund_above_the_balance_limit_is_refused() {
    let mut account = account_with(&[(9, Source::Admin, None)]);
    let (spent, _) = spend(&mut account, 5, 0).unwrap();
    account.totals.balance = MAX_BALANCE - 4;
    let before = account.clone();
    let refused = account.refund(spent, None, &[], (purpose(), by_administrator()), at(1));
    assert!(matches!(refused, Err(CoinError::BalanceLimitExceeded)));
    assert_eq!(account, before);
}

#[test]
fn a_refund_of_a_spend_without_slices_never_expires() {
    let mut account = account_with(&[(9, Source::Trial, Some(50))]);
    let (mut spent, _) = spend(&mut account, 5, 0).unwrap();
    spent.slices = None;
    refund(&mut account, &spent, None, &[], 1).unwrap();
    let lot = account.lots.last().unwrap();
    assert_eq!((lot.expires_at, lot.origin), (None, None));
}
