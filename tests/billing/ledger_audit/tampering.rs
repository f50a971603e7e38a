//! Tampers with a ledger, with constraints and triggers switched off, and expects that the audit reports it.

use harness::{Database, Site, User, program};

/// A change of anna's ledger, and the finding of an audit: `I2 lot`, and the row.
pub(super) struct Tampering {
    pub(super) sql: &'static str,
    pub(super) finding: &'static str,
    pub(super) row: &'static str,
}

macro_rules! tamperings {
    ($($finding:literal $row:literal $sql:literal;)+) => {
        const TAMPERINGS: &[Tampering] = &[$(Tampering { sql: $sql, finding: $finding, row: $row }),+];
    };
}
pub(super) use tamperings;

const TABLES: [&str; 5] = ["coin_accounts", "coin_lots", "coin_holds", "coin_entries", "payments"];

/// Switches off all constraints and copies the ledger.
fn disable_constraints(database: &Database) {
    database.query(
        "DO $$ DECLARE c RECORD; BEGIN
            FOR c IN SELECT conrelid::regclass AS of, conname FROM pg_constraint
                WHERE (conrelid::regclass::text LIKE 'coin_%' OR conrelid = 'payments'::regclass) AND contype IN ('c', 'f', 'u') ORDER BY contype
            LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.of, c.conname); END LOOP; END $$;
        DROP INDEX coin_entry_of_lot; DROP INDEX coin_capture_of_hold;",
    );
    for table in TABLES {
        database.query(&format!("CREATE TABLE good_{table} AS TABLE {table}"));
    }
}

fn run_without_triggers(database: &Database, sql: &str) {
    database
        .query(&format!("ALTER TABLE coin_entries DISABLE TRIGGER USER; {sql}; ALTER TABLE coin_entries ENABLE TRIGGER USER"));
}

fn restore_ledger(database: &Database) {
    for table in TABLES {
        run_without_triggers(database, &format!("DELETE FROM {table}; INSERT INTO {table} TABLE good_{table}"));
    }
}

/// The findings of an audit by an administrator, a line each.
pub(super) async fn findings(admin: &User) -> Vec<String> {
    let audit = admin.get("/v1/admin/invariants").await.expect(200);
    assert_eq!(audit["ok"] == true, audit["findings"].as_array().unwrap().is_empty());
    let text = |finding: &serde_json::Value, member: &str| finding[member].as_str().unwrap_or_default().to_owned();
    let line = |finding| ["invariant", "subject", "id"].map(|member| text(finding, member)).join(" ");
    audit["findings"].as_array().unwrap().iter().map(line).collect()
}

/// Makes each change alone, and expects its finding from an administrator's audit and from the command's. `names` stand for ids in the
/// statements, and `$ROW` for the row of the finding.
pub(super) async fn report_each(tamperings: &[Tampering], names: &[(&str, &str)], site: &Site, admin: &User) {
    let database = site.database();
    disable_constraints(database);
    let with_ids = |sql: &str| names.iter().fold(sql.to_owned(), |sql, (name, id)| sql.replace(name, id));
    for Tampering { sql, finding, row } in tamperings {
        assert_eq!(findings(admin).await, [""; 0]);
        let row = if row.starts_with("SELECT") { database.query(&with_ids(row)) } else { with_ids(row) };
        run_without_triggers(database, &with_ids(&sql.replace("$ROW", &row)));
        let (found, expected) = (findings(admin).await, format!("{finding} {row}"));
        assert!(found.contains(&expected), "{sql}: expected {expected}: {found:#?}");
        let complaint = program::run(&["audit"], site.settings());
        let (printed, error_stream) = complaint.fail_printing();
        assert!(
            printed.contains(&format!("{expected}:")) && error_stream.contains("violates its invariants"),
            "{printed}\n{error_stream}"
        );
        restore_ledger(database);
    }
}
