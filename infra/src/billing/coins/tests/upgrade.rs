//! Ledgers of earlier versions.

use domain::ServiceError;
use domain::billing::ledger_audit::AuditService;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;

use crate::billing::ledger_audit::SqlAudit;
use crate::db::test_database::TestDatabase;
use crate::db::{Migrator, Pools};

/// Applies the next migrations and then a script.
async fn migrate_with(pools: &Pools, count: u32, script: &str) {
    let tx = pools.begin().await.unwrap();
    Migrator::up(&tx, Some(count)).await.unwrap();
    tx.execute_unprepared(script).await.unwrap();
    tx.commit().await.unwrap();
}

/// A ledger without holds, as it is before migration 3.
const OLD_LEDGER: &str = "
    INSERT INTO users VALUES ('01A', 'a@example.com', 'a', 'a', NULL, 'user', 'x', '2026-01-01T00:00:00+00:00', 1),
        ('01B', 'b@example.com', 'b', 'b', NULL, 'user', 'x', '2026-01-01T00:00:00+00:00', 1);
    INSERT INTO coin_accounts VALUES ('01A', 6, 0, 5), ('01B', 0, 0, 0);
    INSERT INTO coin_lots VALUES
        ('L1', '01A', 'admin', 'k1', 5, 1, 0, 't1', NULL), ('L2', '01A', 'admin', 'k2', 5, 5, 0, 't1', NULL),
        ('L3', '01A', 'trial', 'k3', 5, 0, 0, 't1', 't2');
    INSERT INTO coin_entries VALUES
        ('E1', '01A', 1, 'grant', 5, 5, 'issued', 'p', NULL, 't1'), ('E2', '01A', 2, 'grant', 5, 10, 'issued', 'p', NULL, 't1'),
        ('E3', '01A', 3, 'capture', -4, 6, 'revenue', 'p', 'r', 't1'),
        ('E4', '01A', 4, 'grant', 5, 11, 'issued', 'p', NULL, 't1'), ('E5', '01A', 5, 'expire', -5, 6, 'expired', 'p', NULL, 't3');";

#[tokio::test]
async fn a_ledger_from_before_holds_passes_the_audit_after_the_migration() -> Result<(), ServiceError> {
    let TestDatabase { pools, .. } = &TestDatabase::empty().await;
    migrate_with(pools, 2, OLD_LEDGER).await;
    pools.migrate(&[]).await.unwrap();
    let audit = SqlAudit::new(pools.clone()).audit().await?;
    assert!(audit.ok, "{audit:#?}");
    let checked = audit.checked;
    assert_eq!((checked.accounts, checked.lots, checked.holds, checked.entries), (2, 3, 1, 5));
    Ok(())
}

/// Bought coins before lots had targets: 30 of 100 were spent and 10 of these refunded, 20 are held, 50 were taken back when the payment
/// was refunded.
const REVOKED_LOT: &str = r#"
    INSERT INTO coin_lots (id, user_id, source, grant_key, granted, remaining, held, expired, created_at, revoked_at) VALUES
        ('P', '01B', 'purchase', 'pay:x', 100, 20, 20, 0, 't1', 't4'), ('R', '01B', 'refund', 'refund:H1:10', 10, 10, 0, 0, 't3', NULL);
    INSERT INTO coin_holds (id, user_id, amount, captured, refunded, state, purpose, slices, created_at, expires_at) VALUES
        ('H1', '01B', 50, 30, 10, 'captured', 'p', '[{"lot_id":"P","amount":50}]', 't2', 't9'),
        ('H2', '01B', 20, 0, 0, 'held', 'p', '[{"lot_id":"P","amount":20}]', 't2', 't9');
    INSERT INTO coin_entries (id, user_id, seq, kind, amount, balance_after, counter_account, purpose, hold_id, lot_id, created_at) VALUES
        ('F1', '01B', 1, 'grant', 100, 100, 'issued', 'p', NULL, 'P', 't1'), ('F2', '01B', 2, 'capture', -30, 70, 'revenue', 'p', 'H1', NULL, 't2'),
        ('F3', '01B', 3, 'refund', 10, 80, 'revenue', 'p', 'H1', 'R', 't3'), ('F4', '01B', 4, 'clawback', -50, 30, 'clawed_back', 'p', NULL, NULL, 't4');
    UPDATE coin_accounts SET balance = 30, held = 20, seq = 4, issued = 100, revenue = 20, clawed_back = 50 WHERE user_id = '01B';
    INSERT INTO payments (id, user_id, purpose, package_code, amount_cents, currency, coins, state, refunded_cents, attempts, provider, grant_key, created_at)
        VALUES ('Y', '01B', 'purchase', 'small', 199, 'usd', 100, 'refunded', 199, 1, 'manual', 'pay:x', 't1');"#;

#[tokio::test]
async fn a_revoked_lot_becomes_a_target_and_the_spent_coins_are_owed() -> Result<(), ServiceError> {
    let TestDatabase { pools, .. } = &TestDatabase::empty().await;
    migrate_with(pools, 2, OLD_LEDGER).await;
    migrate_with(pools, 16, REVOKED_LOT).await;
    pools.migrate(&[]).await.unwrap();
    let audit = SqlAudit::new(pools.clone()).audit().await?;
    assert!(audit.ok, "{audit:#?}");
    let sql = "SELECT id || ' ' || taken || ' ' || target || ' ' || owed || ' ' || COALESCE(hold_id, '-') AS line FROM coin_lots
        WHERE user_id = '01B' ORDER BY id";
    let rows = pools.reader().query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.try_get("", "line").unwrap()).collect();
    assert_eq!(lines, ["P 50 100 50 -", "R 0 0 0 H1"]);
    for (sql, refused) in [
        ("UPDATE coin_lots SET taken = taken + 31 WHERE id = 'P'", "CHECK"),
        ("UPDATE coin_lots SET target = 101 WHERE id = 'P'", "CHECK"),
        ("UPDATE coin_lots SET owed = 101 WHERE id = 'P'", "CHECK"),
        ("UPDATE coin_lots SET origin = 'P' WHERE id = 'P'", "CHECK"),
        ("UPDATE coin_lots SET origin = 'none' WHERE id = 'R'", "FOREIGN KEY"),
        ("UPDATE coin_lots SET hold_id = 'H1' WHERE id = 'P'", "CHECK"),
        ("UPDATE coin_entries SET amount = 101 WHERE id = 'F1'", "never changed"),
        ("DELETE FROM coin_entries", "never changed"),
    ] {
        let error = pools.reader().execute_unprepared(sql).await.unwrap_err().to_string();
        assert!(error.contains(refused), "{sql}: {error}");
    }
    Ok(())
}
