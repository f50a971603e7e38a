//! Tampered ledgers, with constraints and triggers switched off: the audit reports each tampered row.

use harness::{Site, User, postgres_only};

use super::tampering::{Tampering, findings, report_each, tamperings};

// `$A` and `$B` are anna and ben.
tamperings! {
    "I1 user" "$A" "UPDATE coin_accounts SET held = balance + 1 WHERE user_id = '$A'";
    "I2 user" "$A" "UPDATE coin_accounts SET balance = balance + 5 WHERE user_id = '$A'";
    "I2 user" "$A" "UPDATE coin_accounts SET balance = 9223372036854775807 WHERE user_id = '$A'";
    "I4 platform" "" "UPDATE coin_accounts SET balance = balance + 5, issued = issued + 5 WHERE user_id = '$A'";
    "I2 user" "$A" "UPDATE coin_accounts SET seq = seq + 1 WHERE user_id = '$A'";
    "I2 lot" "SELECT min(id) FROM coin_lots WHERE user_id = '$A'" "UPDATE coin_lots SET remaining = remaining - 1 WHERE id = '$ROW'";
    "I2 lot" "SELECT min(id) FROM coin_lots WHERE user_id = '$A'" "UPDATE coin_lots SET granted = granted + 1 WHERE id = '$ROW'";
    "I2 lot" "SELECT min(id) FROM coin_lots WHERE user_id = '$A'" "UPDATE coin_lots SET expired = expired + 1 WHERE id = '$ROW'";
    "I2 lot" "SELECT min(id) FROM coin_lots WHERE user_id = '$A'" "UPDATE coin_lots SET remaining = -3 WHERE id = '$ROW'";
    "I2 lot" "SELECT 'forged'" "INSERT INTO coin_lots VALUES ('forged', '$A', 'admin', 'forged', 5, 5, 0, 0, now())";
    "I2 lot" "SELECT min(id) FROM coin_lots WHERE user_id = '$A'" "DELETE FROM coin_accounts WHERE user_id = '$A'";
    "I2 hold" "SELECT min(id) FROM coin_holds WHERE user_id = '$A'" "DELETE FROM coin_accounts WHERE user_id = '$A'";
    "I2 entry" "SELECT id FROM coin_entries WHERE user_id = '$A' AND seq = 1" "DELETE FROM coin_accounts WHERE user_id = '$A'";
    "I2 entry" "SELECT id FROM coin_entries WHERE user_id = '$A' AND seq = 1" "DELETE FROM coin_lots WHERE user_id = '$A'";
    "I2 entry" "SELECT id FROM coin_entries WHERE user_id = '$A' AND seq = 2" "UPDATE coin_entries SET amount = amount + 1 WHERE id = '$ROW'";
    "I2 entry" "SELECT id FROM coin_entries WHERE user_id = '$A' AND seq = 2" "UPDATE coin_entries SET balance_after = balance_after + 1 WHERE id = '$ROW'";
    "I2 entry" "SELECT id FROM coin_entries WHERE user_id = '$A' AND seq = 3" "DELETE FROM coin_entries WHERE user_id = '$A' AND seq = 2";
    "I2 user" "$A" "DELETE FROM coin_entries WHERE user_id = '$A' AND seq = (SELECT max(seq) FROM coin_entries WHERE user_id = '$A')";
    "I2 user" "$A" "UPDATE coin_entries SET user_id = '$B', seq = 99 WHERE user_id = '$A' AND seq = 2";
    "I3 user" "$A" "UPDATE coin_accounts SET held = held - 1 WHERE user_id = '$A'";
    "I3 user" "$A" "DELETE FROM coin_holds WHERE user_id = '$A' AND state = 'held'";
    "I3 lot" "SELECT min(id) FROM coin_lots WHERE user_id = '$A'" "UPDATE coin_lots SET held = held + 1 WHERE id = '$ROW'";
    "I3 lot" "SELECT max(id) FROM coin_lots WHERE user_id = '$A'" "UPDATE coin_lots SET held = remaining + 1 WHERE id = '$ROW'";
    "I3 hold" "SELECT id FROM coin_holds WHERE user_id = '$A' AND state = 'held'" "UPDATE coin_holds SET amount = amount + 1 WHERE id = '$ROW'";
    "I3 hold" "SELECT id FROM coin_holds WHERE user_id = '$A' AND state = 'held'" "UPDATE coin_holds SET slices = NULL WHERE id = '$ROW'";
    "I3 hold" "SELECT id FROM coin_holds WHERE user_id = '$A' AND state = 'held'" "UPDATE coin_holds SET slices = '\"nonsense\"' WHERE id = '$ROW'";
    "I3 hold" "SELECT id FROM coin_holds WHERE user_id = '$A' AND state = 'held'" "UPDATE coin_holds SET slices = '[7, {\"amount\": \"x\"}]' WHERE id = '$ROW'";
    "I3 hold" "SELECT id FROM coin_holds WHERE user_id = '$A' AND state = 'voided'" "UPDATE coin_holds SET slices = (SELECT slices FROM coin_holds WHERE user_id = '$B' LIMIT 1) WHERE id = '$ROW'";
    "I4 user" "$A" "UPDATE coin_accounts SET issued = issued + 1, revenue = revenue + 1 WHERE user_id = '$A'";
    "I4 user" "$A" "UPDATE coin_accounts SET expired = expired + 1 WHERE user_id = '$A'";
    "I4 entry" "SELECT id FROM coin_entries WHERE user_id = '$A' AND seq = 2" "UPDATE coin_entries SET counter_account = 'issued' WHERE id = '$ROW'";
    "I4 platform" "" "UPDATE coin_entries SET amount = amount + 1 WHERE user_id = '$A' AND seq = 1";
    "I5 hold" "SELECT id FROM coin_holds WHERE user_id = '$A' AND refunded > 0" "UPDATE coin_holds SET refunded = captured + 1 WHERE id = '$ROW'";
    "I5 hold" "SELECT id FROM coin_holds WHERE user_id = '$A' AND refunded > 0" "UPDATE coin_holds SET refunded = 0 WHERE id = '$ROW'";
    "I5 hold" "SELECT id FROM coin_holds WHERE user_id = '$A' AND refunded > 0" "UPDATE coin_holds SET state = 'held', captured = 0, refunded = 0 WHERE id = '$ROW'";
    "I5 hold" "SELECT id FROM coin_holds WHERE user_id = '$A' AND state = 'voided'" "UPDATE coin_holds SET state = 'captured', captured = amount WHERE id = '$ROW'";
    "I5 hold" "SELECT id FROM coin_holds WHERE user_id = '$A' AND state = 'voided'" "UPDATE coin_holds SET state = 'nonsense' WHERE id = '$ROW'";
    "I5 entry" "SELECT id FROM coin_entries WHERE user_id = '$A' AND seq = 2" "DELETE FROM coin_holds WHERE user_id = '$A' AND refunded > 0";
    "I5 entry" "SELECT id FROM coin_entries WHERE user_id = '$A' AND seq = 2" "UPDATE coin_entries SET hold_id = NULL WHERE id = '$ROW'";
    "I6 lot" "SELECT max(id) FROM coin_lots WHERE user_id = '$A'" "UPDATE coin_lots SET grant_key = 'twice' WHERE user_id = '$A'";
    "I6 lot" "SELECT min(id) FROM coin_lots WHERE user_id = '$A'" "UPDATE coin_entries SET lot_id = '$ROW' WHERE user_id = '$A' AND lot_id IS NOT NULL";
    "I7 entry" "SELECT id FROM coin_entries WHERE user_id = '$A' AND seq = 2" "UPDATE coin_entries SET purpose = 'another one' WHERE id = '$ROW'";
    "I7 entry" "SELECT id FROM coin_entries WHERE user_id = '$A' AND seq = 1" "UPDATE coin_entries SET created_at = now() WHERE id = '$ROW'";
    "I9 payment" "SELECT id FROM payments WHERE user_id = '$A' AND purpose = 'purchase'" "UPDATE payments SET grant_key = NULL WHERE id = '$ROW'";
    "I9 payment" "SELECT id FROM payments WHERE user_id = '$A' AND purpose = 'purchase'" "UPDATE payments SET state = 'failed' WHERE id = '$ROW'";
    "I9 payment" "SELECT id FROM payments WHERE user_id = '$A' AND purpose = 'purchase'" "UPDATE payments SET state = 'refunded' WHERE id = '$ROW'";
    "I9 payment" "SELECT id FROM payments WHERE user_id = '$A' AND purpose = 'purchase'" "DELETE FROM coin_lots WHERE user_id = '$A' AND source = 'purchase'";
    "I9 payment" "SELECT id FROM payments WHERE user_id = '$A' AND purpose = 'period'" "UPDATE coin_lots SET target = granted, owed = granted WHERE user_id = '$A' AND source = 'subscription'";
    "I9 lot" "SELECT id FROM coin_lots WHERE user_id = '$A' AND source = 'purchase'" "DELETE FROM payments WHERE user_id = '$A'";
    "I9 lot" "SELECT id FROM coin_lots WHERE user_id = '$A' AND source = 'subscription'" "DELETE FROM payments WHERE user_id = '$A'";
}

/// Creates spends, refunds, an open and a voided hold, bought coins and those of a paid period.
async fn create_ledger(admin: &User, person: &User) {
    admin.grant(person, 20).await;
    let spent = person.spend(5).await;
    admin.refund(spent.text("entry_id"), 2).await.expect(201);
    let voided = person.hold(4).await;
    person.void(voided.id()).await.expect(200);
    person.hold(3).await;
    admin.grant(person, 7).await;
    person.buy("small").await;
    person.subscribe("pro").await;
}

postgres_only! {
    async fn every_kind_of_tampered_row_is_reported(site: Site) {
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        create_ledger(&admin, &anna).await;
        create_ledger(&admin, &ben).await;
        report_each(TAMPERINGS, &[("$A", &anna.id), ("$B", &ben.id)], &site, &admin).await;
    }

    async fn a_ledger_without_its_triggers_is_reported(site: Site) {
        let admin = site.admin().await;
        site.database().query("ALTER TABLE coin_entries DISABLE TRIGGER coin_entries_stay");
        assert_eq!(findings(&admin).await, ["I7 platform "]);
        site.database().query("DROP TRIGGER coin_entries_stay ON coin_entries");
        assert_eq!(findings(&admin).await, ["I7 platform "]);
    }

    async fn an_audit_reports_a_hundred_rows_and_that_there_are_more(site: Site) {
        let admin = site.admin().await;
        let insert = "INSERT INTO coin_accounts SELECT 'x' || n, n, 0, 0, n, 0, 0, 0 FROM generate_series(1, 200) n";
        site.database().query(insert);
        let audit = admin.get("/v1/admin/invariants").await.expect(200);
        assert_eq!((audit["findings"].as_array().unwrap().len(), &audit["more"]), (100, &true.into()));
    }
}
