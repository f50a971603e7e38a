//! The constraints and triggers of the database itself.

use harness::{Site, User, postgres_only};

/// Statements that break an invariant of anna's ledger.
const BREAKS: [(&str, &str); 22] = [
    ("I1", "UPDATE coin_accounts SET held = balance + 1"),
    ("I1", "UPDATE coin_accounts SET held = -1"),
    ("I2", "INSERT INTO coin_entries SELECT 'twin', user_id, seq, kind, amount, balance_after, counter_account, purpose, reference, NULL, NULL, actor_id, created_at FROM coin_entries WHERE kind = 'expire'
        UNION ALL SELECT 'twin', user_id, 1, 'expire', -1, 9, 'expired', 'x', NULL, NULL, NULL, NULL, now() FROM coin_accounts WHERE balance > 0"),
    ("I3", "UPDATE coin_lots SET held = remaining + 1"),
    ("I3", "UPDATE coin_lots SET remaining = granted + 1"),
    ("I3", "UPDATE coin_holds SET slices = NULL WHERE state = 'held'"),
    ("I4", "UPDATE coin_accounts SET balance = balance + 1"),
    ("I4", "UPDATE coin_accounts SET issued = issued + 1"),
    ("I5", "UPDATE coin_holds SET refunded = captured + 1"),
    ("I5", "UPDATE coin_holds SET captured = amount + 1"),
    ("I5", "UPDATE coin_holds SET state = 'voided' WHERE captured > 0"),
    ("I6", "INSERT INTO coin_lots SELECT 'twin', user_id, source, grant_key, granted, 0, 0, 0, created_at FROM coin_lots LIMIT 1"),
    ("I7", "UPDATE coin_entries SET purpose = 'another one'"),
    ("I7", "DELETE FROM coin_entries"),
    ("I7", "TRUNCATE coin_entries"),
    ("I2", "UPDATE coin_lots SET taken = -1"),
    ("I2", "UPDATE coin_lots SET taken = granted - remaining + 1"),
    ("I9", "UPDATE coin_lots SET target = granted + 1"),
    ("I9", "UPDATE coin_lots SET owed = 1"),
    ("I9", "UPDATE coin_lots SET origin = id"),
    ("I5", "UPDATE coin_lots SET hold_id = (SELECT min(id) FROM coin_holds)"),
    ("accounts", "DELETE FROM coin_accounts WHERE balance > 0"),
];

postgres_only! {
    async fn the_database_refuses_what_breaks_an_invariant(site: Site) {
        let (admin, anna): (User, User) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        anna.spend(3).await;
        anna.hold(2).await;
        for (invariant, sql) in BREAKS {
            let complaint = site.database().try_query(sql).expect_err(sql);
            assert!(complaint.contains("violates") || complaint.contains("never changed"), "{invariant}: {complaint}");
        }
    }

    async fn the_ledger_outlives_its_user(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        anna.spend(3).await;
        site.database().query(&format!("DELETE FROM users WHERE id = '{}'", anna.id));
        let audit = admin.get("/v1/admin/invariants").await.expect(200);
        assert_eq!((&audit["ok"], &audit["checked"]["entries"]), (&true.into(), &2.into()), "{audit:?}");
    }
}
