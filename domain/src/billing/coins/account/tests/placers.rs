//! Every placer of a hold and everybody who may try to end it.

use super::*;
use crate::ids::ApiKeyId;

fn site() -> Ender {
    Ender::of(&Placement { placer: Placer::Site(ApiKeyId::generate(at(0))), ..any_user() })
}

/// Whether a capture, a void and a refund by `by` succeed on holds of a placer; and that refusals change nothing.
fn allowed(placer: HoldPlacer, by: Ender) -> [bool; 3] {
    let mut account = account_with(&[(9, Source::Admin, None)]);
    let mut open = || {
        let expires_in = HoldTime::try_from(100).unwrap();
        account.hold(NewHold { amount: amount(2), purpose: purpose(), reference: None, expires_in }, placer, at(0)).unwrap()
    };
    let (first, second, third) = (open(), open(), open());
    let spent = account.capture(third, amount(2), by_administrator(), at(1)).unwrap().unwrap().0;
    let before = account.clone();
    let captured = account.capture(first, amount(1), by, at(1)).unwrap();
    let voided = account.void(second, by, at(1)).unwrap();
    for refusal in [captured.as_ref().err(), voided.as_ref().err()].into_iter().flatten() {
        assert_eq!(*refusal, HoldRefusal::NotPlacer(placer));
    }
    let refunded = account.refund(spent, None, &[], (purpose(), by), at(1));
    assert!(matches!(refunded, Ok(Ok(_)) | Err(CoinError::NotOwnCapture)), "{refunded:?}");
    let allowed = [captured.is_ok(), voided.is_ok(), refunded.is_ok()];
    assert!(allowed != [false; 3] || account == before);
    allowed
}

#[test]
fn only_the_placer_or_an_administrator_ends_a_hold_and_only_the_site_refunds_its_own() {
    assert_eq!(allowed(HoldPlacer::User, by_user()), [true, true, false]);
    assert_eq!(allowed(HoldPlacer::User, site()), [false, false, false]);
    assert_eq!(allowed(HoldPlacer::User, by_administrator()), [true, true, true]);
    assert_eq!(allowed(HoldPlacer::Site, by_user()), [false, false, false]);
    assert_eq!(allowed(HoldPlacer::Site, site()), [true, true, true]);
    assert_eq!(allowed(HoldPlacer::Site, by_administrator()), [true, true, true]);
}

#[test]
fn the_placer_is_asked_before_the_state() {
    let mut account = account_with(&[(9, Source::Admin, None)]);
    let open = hold(&mut account, 2, 0).unwrap();
    let ended = account.void(open, by_user(), at(1)).unwrap().unwrap();
    assert_eq!(account.void(ended.clone(), site(), at(1)).unwrap(), Err(HoldRefusal::NotPlacer(HoldPlacer::User)));
    assert_eq!(account.void(ended, by_user(), at(1)).unwrap(), Err(HoldRefusal::Finished(HoldState::Voided)));
}

#[test]
fn an_entry_names_the_user_and_the_service_key() {
    let mut account = account_with(&[(9, Source::Admin, None)]);
    let site = Placement { placer: Placer::Site(ApiKeyId::generate(at(0))), ..any_user() };
    let command = Spend { amount: amount(2), purpose: purpose(), reference: None };
    let (hold, entry) = account.spend(command, &site, at(1)).unwrap().unwrap();
    assert_eq!((hold.placer, entry.actor_id, entry.key_id), (HoldPlacer::Site, Some(site.user), site.placer.key()));
}
