//! Clawbacks and refunds.

use super::*;

#[test]
fn a_clawback_takes_free_coins_and_later_released_ones() {
    let mut account = account_with(&[(9, Source::Purchase, None), (1, Source::Trial, None)]);
    let (spent, voided) = (hold(&mut account, 4, 0).unwrap(), hold(&mut account, 2, 0).unwrap());
    let lot = account.lots.iter().find(|lot| lot.source == Source::Purchase).unwrap().id;
    account.claw_back(lot, purpose(), at(1)).unwrap();
    assert_eq!((account.claw_back(lot, purpose(), at(2)), amounts(&account, 1)), (None, (6, 6, 0)));
    capture(&mut account, &spent, 3, 3).unwrap();
    account.void(voided, by_user(), at(3)).unwrap().unwrap();
    let entries = [(EntryKind::Clawback, -4), (EntryKind::Capture, -3), (EntryKind::Clawback, -1), (EntryKind::Clawback, -2)];
    assert_eq!((appended_entries(&mut account), amounts(&account, 3)), (entries.to_vec(), (0, 0, 0)));
    assert_eq!(account.totals.clawed_back, 7);
}

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

#[test]
fn coins_of_a_revoked_lot_are_not_refunded() {
    let mut account = account_with(&[(3, Source::Subscription, None), (9, Source::Purchase, None)]);
    let mut origins = account.lots.clone();
    let (spent, _) = spend(&mut account, 8, 0).unwrap();
    origins[1].revoked_at = Some(at(1));
    assert_eq!(refund(&mut account, &spent, Some(4), &origins, 2), Err(RefundRefusal { left: 3 }));
    let spent = refund(&mut account, &spent, None, &origins, 2).unwrap();
    assert_eq!((spent.refunded, amounts(&account, 2)), (3, (7, 0, 7)));
    origins[0].revoked_at = Some(at(3));
    assert_eq!(refund(&mut account, &spent, None, &origins, 4), Err(RefundRefusal { left: 0 }));
}

#[test]
fn a_refund_of_a_spend_without_slices_never_expires() {
    let mut account = account_with(&[(9, Source::Trial, Some(50))]);
    let (mut spent, _) = spend(&mut account, 5, 0).unwrap();
    spent.slices = None;
    refund(&mut account, &spent, None, &[], 1).unwrap();
    assert_eq!(account.lots.last().unwrap().expires_at, None);
}
