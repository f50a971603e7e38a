//! Ledgers from earlier versions, on Postgres: without holds, and with revoked lots.

use harness::{Database, SiteBuilder, postgres_only, program};
use serde_json::json;

macro_rules! scripts {
    ($($name:literal $file:literal;)+) => {
        [$(($name, include_str!(concat!("../../../infra/src/db/migrations/", $file, ".sql")))),+]
    };
}

/// The schema before lots had targets. Its first two scripts are the version without holds.
const SCHEMA: [(&str, &str); 18] = scripts! {
    "0001_first_slice" "0001_first_slice";
    "0002_change_log" "0002_change_log";
    "0003_ledger" "0003_ledger";
    "0003_ledger_triggers" "0003_triggers_postgres";
    "0004_billing" "0004_billing";
    "0005_usage" "0005_usage";
    "0006_events" "0006_events";
    "0007_workers" "0007_workers";
    "0008_limits" "0008_limits";
    "0009_principals" "0009_principals";
    "0010_accounts" "0010_accounts";
    "0011_jobs" "0011_jobs";
    "0012_mail" "0012_mail";
    "0013_erasure" "0013_erasure";
    "0013_erasure_triggers" "0013_triggers_postgres";
    "0014_old_rows" "0014_old_rows";
    "0015_tickets" "0015_tickets";
    "0016_data_sessions" "0016_data_sessions";
};

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

/// Bought coins of ben: 30 of 100 were spent and 10 of these refunded, 20 are held, and 50 were taken back when the payment was refunded.
/// `S` held 25 coins of one lot and 20 of another, and captured only those of the first.
const REVOKED_LOTS: &str = r#"
    INSERT INTO users (id, email, username, username_key, role, password_hash, created_at, version)
        SELECT '01HZZZZZZZZZZZZZZZZZZZZZZB', 'ben@example.com', 'ben', 'ben', 'user', 'x', now(), 1;
    INSERT INTO coin_accounts SELECT '01HZZZZZZZZZZZZZZZZZZZZZZB', 55, 20, 6, 150, 45, 0, 50;
    INSERT INTO coin_lots (id, user_id, source, grant_key, granted, remaining, held, expired, created_at, revoked_at)
        SELECT lot, '01HZZZZZZZZZZZZZZZZZZZZZZB', source, lot, granted, remaining, held, 0, at::timestamptz, revoked::timestamptz FROM (VALUES
        ('01HZZZZZZZZZZZZZZZZZZZZZBP', 'purchase', 100, 20, 20, '2026-01-01', '2026-01-04'),
        ('01HZZZZZZZZZZZZZZZZZZZZZBR', 'refund', 10, 10, 0, '2026-01-03', NULL),
        ('01HZZZZZZZZZZZZZZZZZZZZZBG', 'admin', 50, 25, 0, '2026-01-01', NULL)) AS lots (lot, source, granted, remaining, held, at, revoked);
    INSERT INTO coin_holds (id, user_id, amount, captured, refunded, state, purpose, slices, created_at, expires_at)
        SELECT hold, '01HZZZZZZZZZZZZZZZZZZZZZZB', amount, captured, refunded, state, 'p', slices::jsonb, '2026-01-02', '2036-01-01' FROM (VALUES
        ('01HZZZZZZZZZZZZZZZZZZZZZBH', 50, 30, 10, 'captured', '[{"lot_id": "01HZZZZZZZZZZZZZZZZZZZZZBP", "amount": 50}]'),
        ('01HZZZZZZZZZZZZZZZZZZZZZBS', 45, 25, 0, 'captured', '[{"lot_id": "01HZZZZZZZZZZZZZZZZZZZZZBG", "amount": 25}, {"lot_id": "01HZZZZZZZZZZZZZZZZZZZZZBP", "amount": 20}]'),
        ('01HZZZZZZZZZZZZZZZZZZZZZBK', 20, 0, 0, 'held', '[{"lot_id": "01HZZZZZZZZZZZZZZZZZZZZZBP", "amount": 20}]')
        ) AS holds (hold, amount, captured, refunded, state, slices);
    INSERT INTO coin_entries (id, user_id, seq, kind, amount, balance_after, counter_account, purpose, hold_id, lot_id, created_at)
        SELECT '01HZZZZZZZZZZZZZZZZZZZZZF' || seq, '01HZZZZZZZZZZZZZZZZZZZZZZB', seq, kind, amount, after, counter, 'p', hold, lot, at::timestamptz FROM (VALUES
        (1, 'grant', 100, 100, 'issued', NULL, '01HZZZZZZZZZZZZZZZZZZZZZBP', '2026-01-01'),
        (2, 'grant', 50, 150, 'issued', NULL, '01HZZZZZZZZZZZZZZZZZZZZZBG', '2026-01-01'),
        (3, 'capture', -30, 120, 'revenue', '01HZZZZZZZZZZZZZZZZZZZZZBH', NULL, '2026-01-02'),
        (4, 'capture', -25, 95, 'revenue', '01HZZZZZZZZZZZZZZZZZZZZZBS', NULL, '2026-01-02'),
        (5, 'refund', 10, 105, 'revenue', '01HZZZZZZZZZZZZZZZZZZZZZBH', '01HZZZZZZZZZZZZZZZZZZZZZBR', '2026-01-03'),
        (6, 'clawback', -50, 55, 'clawed_back', NULL, NULL, '2026-01-04')) AS entries (seq, kind, amount, after, counter, hold, lot, at);
    INSERT INTO payments (id, user_id, purpose, package_code, amount_cents, currency, coins, state, refunded_cents, attempts, provider, grant_key, created_at)
        SELECT '01HZZZZZZZZZZZZZZZZZZZZZBY', '01HZZZZZZZZZZZZZZZZZZZZZZB', 'purchase', 'small', 199, 'usd', 100, 'refunded', 199, 1, 'manual', '01HZZZZZZZZZZZZZZZZZZZZZBP', now();"#;

/// A database of an earlier version.
async fn database_with(builder: SiteBuilder, schema: &[(&str, &str)], ledger: &str) -> Database {
    let database = builder.empty_database().await;
    database.query("CREATE TABLE seaql_migrations (version VARCHAR PRIMARY KEY, applied_at BIGINT NOT NULL)");
    for (name, sql) in schema {
        let sql = sql.replace("JSON_VALUE", "JSONB");
        database.query(&sql.replace(" ROW_NUMBER,", " BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"));
        database.query(&format!("INSERT INTO seaql_migrations VALUES ('{name}', 0)"));
    }
    database.query(ledger);
    database
}

postgres_only! {
    async fn ledgers_of_an_earlier_version_are_migrated_and_balance(builder: SiteBuilder) {
        let database = database_with(builder, &SCHEMA[..2], LEDGER).await;
        program::run(&["migrate"], [("DATABASE_URL", database.url())]).succeed();
        let printed = program::run(&["audit"], [("DATABASE_URL", database.url())]).succeed();
        assert!(printed.starts_with("checked 1 accounts, 3 lots, 1 holds, 5 entries"), "{printed}");
        let account = database.query("SELECT balance, issued, revenue, expired, clawed_back FROM coin_accounts");
        assert_eq!(account, "6|15|4|5|0");
        let lots = database.query("SELECT lot_id FROM coin_entries WHERE lot_id IS NOT NULL ORDER BY seq");
        assert_eq!(json!(lots.lines().map(|id| &id[25..]).collect::<Vec<_>>()), json!(["1", "2", "3"]));
    }
    async fn revoked_lots_become_targets_and_their_spent_coins_are_owed(builder: SiteBuilder) {
        let database = database_with(builder, &SCHEMA, REVOKED_LOTS).await;
        program::run(&["migrate"], [("DATABASE_URL", database.url())]).succeed();
        program::run(&["audit"], [("DATABASE_URL", database.url())]).succeed();
        let lots = database.query("SELECT right(id, 1), taken, target, owed, right(hold_id, 1) FROM coin_lots ORDER BY id");
        assert_eq!(lots, "G|0|0|0|\nP|50|100|50|\nR|0|0|0|H");
    }
}
