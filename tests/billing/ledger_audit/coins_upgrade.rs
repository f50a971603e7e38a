//! A ledger from a version without holds, on Postgres.

use harness::{SiteBuilder, postgres_only, program};
use serde_json::json;

/// The schema of the released version without holds.
const SCHEMA: [(&str, &str); 2] = [
    ("0001_first_slice", include_str!("../../../infra/src/db/migrations/0001_first_slice.sql")),
    ("0002_change_log", include_str!("../../../infra/src/db/migrations/0002_change_log.sql")),
];

/// Two grants at the same time, a trial that expired, a spend.
const LEDGER: &str = "
    INSERT INTO users SELECT '01HZZZZZZZZZZZZZZZZZZZZZZA', 'old@example.com', 'old', 'old', NULL, 'user', 'x', now(), 1;
    INSERT INTO coin_accounts SELECT id, 6, 0, 5 FROM users;
    INSERT INTO coin_lots SELECT lot, id, source, lot, 5, remaining, 0, '2026-01-01', ends FROM users, (VALUES
        ('01HZZZZZZZZZZZZZZZZZZZZZZ1', 'admin', 1, NULL::timestamptz), ('01HZZZZZZZZZZZZZZZZZZZZZZ2', 'admin', 5, NULL),
        ('01HZZZZZZZZZZZZZZZZZZZZZZ3', 'trial', 0, '2026-01-02')) AS lots (lot, source, remaining, ends);
    INSERT INTO coin_entries SELECT '01HZZZZZZZZZZZZZZZZZZZZZE' || seq, id, seq, kind, amount, after, counter, 'p', NULL, '2026-01-01'
    FROM users, (VALUES (1, 'grant', 5, 5, 'issued'), (2, 'grant', 5, 10, 'issued'), (3, 'capture', -4, 6, 'revenue'),
        (4, 'grant', 5, 11, 'issued'), (5, 'expire', -5, 6, 'expired')) AS entries (seq, kind, amount, after, counter);";

postgres_only! {
    async fn ledgers_of_an_earlier_version_are_migrated_and_balance(builder: SiteBuilder) {
        let database = builder.empty_database().await;
        database.query("CREATE TABLE seaql_migrations (version VARCHAR PRIMARY KEY, applied_at BIGINT NOT NULL)");
        for (name, sql) in SCHEMA {
            database.query(&sql.replace("ROW_NUMBER", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"));
            database.query(&format!("INSERT INTO seaql_migrations VALUES ('{name}', 0)"));
        }
        database.query(LEDGER);
        program::run(&["migrate"], [("DATABASE_URL", database.url())]).succeed();
        let printed = program::run(&["audit"], [("DATABASE_URL", database.url())]).succeed();
        assert!(printed.starts_with("checked 1 accounts, 3 lots, 1 holds, 5 entries"), "{printed}");
        let account = database.query("SELECT balance, issued, revenue, expired, clawed_back FROM coin_accounts");
        assert_eq!(account, "6|15|4|5|0");
        let lots = database.query("SELECT lot_id FROM coin_entries WHERE lot_id IS NOT NULL ORDER BY seq");
        assert_eq!(json!(lots.lines().map(|id| &id[25..]).collect::<Vec<_>>()), json!(["1", "2", "3"]));
    }
}
