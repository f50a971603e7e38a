//! Tampered targets of lots, and what was taken for them.

use harness::{SiteBuilder, Stripe, User, postgres_only};

use super::tampering::{Tampering, report_each, tamperings};

const START: &str = "2027-01-31T10:00:00Z";

// `$A` and `$B` are anna and ben. `P` is the lot of a payment that went back, and `D` a lot of refunded coins that came from it.
tamperings! {
    "I2 lot" "$P" "UPDATE coin_lots SET taken = taken + 1 WHERE id = '$ROW'";
    "I2 lot" "$P" "UPDATE coin_lots SET taken = -1 WHERE id = '$ROW'";
    "I2 lot" "$D" "UPDATE coin_lots SET taken = 0 WHERE id = '$ROW'";
    "I2 lot" "$D" "UPDATE coin_lots SET taken = 9223372036854775807 WHERE id = '$ROW'";
    "I2 lot" "$D" "UPDATE coin_lots SET hold_id = NULL WHERE id = '$ROW'";
    "I2 lot" "SELECT min(id) FROM coin_lots WHERE source = 'admin' AND user_id = '$A'" "UPDATE coin_lots SET hold_id = (SELECT hold_id FROM coin_lots WHERE id = '$D') WHERE id = '$ROW'";
    "I2 lot" "SELECT 'forged'" "INSERT INTO coin_lots (id, user_id, source, grant_key, granted, remaining, held, expired, created_at, hold_id) SELECT 'forged', user_id, 'refund', 'forged', 5, 5, 0, 0, now(), hold_id FROM coin_lots WHERE id = '$D'";
    "I2 entry" "SELECT id FROM coin_entries WHERE lot_id = '$D'" "UPDATE coin_lots SET hold_id = (SELECT min(id) FROM coin_holds WHERE user_id = '$B') WHERE id = '$D'";
    "I2 entry" "SELECT id FROM coin_entries WHERE lot_id = '$D'" "UPDATE coin_lots SET granted = granted + 1, expired = expired + 1 WHERE id = '$D'";
    "I2 user" "$A" "INSERT INTO coin_entries SELECT 'forged', user_id, seq + 1, 'restore', 1, balance + 1, 'clawed_back', 'x', NULL, NULL, NULL, NULL, now(), NULL FROM coin_accounts WHERE user_id = '$A'";
    "I4 entry" "SELECT max(id) FROM coin_entries WHERE kind = 'clawback' AND user_id = '$A'" "UPDATE coin_entries SET kind = 'restore' WHERE id = '$ROW'";
    "I4 entry" "SELECT max(id) FROM coin_entries WHERE kind = 'refund' AND user_id = '$A'" "UPDATE coin_entries SET kind = 'restore' WHERE id = '$ROW'";
    "I4 entry" "SELECT max(id) FROM coin_entries WHERE kind = 'grant' AND user_id = '$A'" "UPDATE coin_entries SET kind = 'restore', counter_account = 'issued' WHERE id = '$ROW'";
    "I4 user" "$A" "UPDATE coin_lots SET taken = taken - 1, expired = expired + 1 WHERE id = '$P'";
    "I4 user" "$A" "UPDATE coin_accounts SET clawed_back = clawed_back + 1, expired = expired - 1 WHERE user_id = '$A'";
    "I4 user" "$A" "UPDATE coin_accounts SET clawed_back = -1, revenue = revenue + clawed_back + 1 WHERE user_id = '$A'";
    "I5 hold" "SELECT hold_id FROM coin_lots WHERE id = '$D'" "UPDATE coin_lots SET hold_id = (SELECT id FROM coin_holds WHERE user_id = '$A' AND state = 'held') WHERE id = '$D'";
    "I5 hold" "SELECT id FROM coin_holds WHERE user_id = '$A' AND state = 'held'" "UPDATE coin_lots SET hold_id = '$ROW' WHERE id = '$D'";
    "I5 hold" "SELECT hold_id FROM coin_lots WHERE id = '$D'" "UPDATE coin_lots SET granted = granted - 1, taken = taken - 1 WHERE id = '$D'";
    "I9 lot" "$P" "UPDATE coin_lots SET owed = owed - 1 WHERE id = '$ROW'";
    "I9 lot" "$P" "UPDATE coin_lots SET owed = owed + 1 WHERE id = '$ROW'";
    "I9 lot" "$P" "UPDATE coin_lots SET target = target - 1 WHERE id = '$ROW'";
    "I9 lot" "$P" "UPDATE coin_lots SET target = granted + 1, owed = owed + 1 WHERE id = '$ROW'";
    "I9 lot" "$P" "UPDATE coin_lots SET target = -1, owed = 0 WHERE id = '$ROW'";
    "I9 lot" "$P" "UPDATE coin_lots SET target = 60, owed = 0 WHERE id = '$ROW'";
    "I9 lot" "$P" "UPDATE coin_lots SET remaining = remaining + 1, taken = taken - 1, owed = owed + 1 WHERE id = '$ROW'";
    "I9 lot" "$P" "UPDATE coin_lots SET origin = NULL WHERE id = '$D'";
    "I9 lot" "$D" "UPDATE coin_lots SET origin = id WHERE id = '$ROW'";
    "I9 lot" "$D" "UPDATE coin_lots SET origin = 'nonsense' WHERE id = '$ROW'";
    "I9 lot" "$D" "UPDATE coin_lots SET origin = (SELECT min(id) FROM coin_lots WHERE user_id = '$B') WHERE id = '$ROW'";
    "I9 lot" "$D" "UPDATE coin_lots SET target = 1 WHERE id = '$ROW'";
    "I9 lot" "$D" "UPDATE coin_lots SET owed = 1 WHERE id = '$ROW'";
    "I9 lot" "SELECT max(id) FROM coin_lots WHERE source = 'admin' AND user_id = '$A'" "UPDATE coin_lots SET origin = '$P' WHERE id = '$ROW'";
    "I9 lot" "SELECT max(id) FROM coin_lots WHERE source = 'admin' AND user_id = '$A'" "UPDATE coin_lots SET target = 1, owed = 1 WHERE id = '$ROW'";
    "I9 lot" "SELECT max(id) FROM coin_lots WHERE source = 'admin' AND user_id = '$A'" "UPDATE coin_lots SET owed = 1 WHERE id = '$ROW'";
    "I9 payment" "SELECT p.id FROM payments p JOIN coin_lots l USING (grant_key) WHERE l.id = '$P'" "UPDATE coin_lots SET target = target - 1, owed = owed - 1 WHERE id = '$P'";
    "I9 payment" "SELECT p.id FROM payments p JOIN coin_lots l USING (grant_key) WHERE l.id = '$P'" "UPDATE payments SET state = 'paid', refunded_cents = 0 WHERE id = '$ROW'";
    "I9 payment" "SELECT id FROM payments WHERE state = 'paid' AND user_id = '$A'" "UPDATE payments SET state = 'charged_back' WHERE id = '$ROW'";
    "I9 payment" "SELECT id FROM payments WHERE state = 'paid' AND user_id = '$A'" "UPDATE payments SET refunded_cents = amount_cents WHERE id = '$ROW'";
}

/// Bought coins whose payment went back: 30 were spent, 10 of these refunded, 12 released by a void after that; 5 are held. Others are
/// paid for.
async fn create_ledger(admin: &User, person: &User, send: impl AsyncFn(Stripe)) {
    let bought = person.buy("small").await;
    send(Stripe::paid(bought.json())).await;
    let spent = person.spend(30).await;
    admin.refund(spent.text("entry_id"), 10).await.expect(201);
    let voided = person.hold(12).await;
    person.hold(5).await;
    send(Stripe::refunded(bought.json(), &bought["amount_cents"])).await;
    assert_eq!(person.coins().await, [17, 17, 0]);
    person.void(voided.id()).await.expect(200);
    assert_eq!(person.coins().await, [5, 5, 0]);
    let kept = person.buy("small").await;
    send(Stripe::paid(kept.json())).await;
    admin.grant(person, 7).await;
}

postgres_only! {
    async fn every_kind_of_tampered_target_is_reported(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        let send = async |event: Stripe| drop(event.send(&site.client(), site.now()).await.expect(204));
        create_ledger(&admin, &anna, &send).await;
        create_ledger(&admin, &ben, &send).await;
        let lot = |which: &str| format!("SELECT id FROM coin_lots WHERE user_id = '{}' AND {which}", anna.id);
        let [bought, refunded] = ["target > 0", "source = 'refund'"].map(|which| site.database().query(&lot(which)));
        let names = [("$A", anna.id.as_str()), ("$B", &ben.id), ("$P", &bought), ("$D", &refunded)];
        report_each(TAMPERINGS, &names, &site, &admin).await;
    }
}
