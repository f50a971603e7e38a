//! Starts that fail: each is explained in one sentence, without the text of a driver and without credentials.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use harness::scratch::folder;
use harness::{Database, Settings, SiteBuilder, free_port, on_backends, postgres_only, program};

/// Texts of drivers, of SQL and of credentials, which no complaint may contain.
const FORBIDDEN: [&str; 11] = [
    "hush",
    "anna",
    "sqlx",
    "SELECT",
    "pool timed out",
    "internal error",
    "code: ",
    "os error",
    "Migration",
    "unable to open",
    "PANIC",
];

#[track_caller]
fn complaint(command: &str, settings: &[(&str, &str)], expected: &[&str]) {
    complaint_in(&folder("start"), command, settings, expected);
}

#[track_caller]
fn complaint_in(folder: &Path, command: &str, settings: &[(&str, &str)], expected: &[&str]) {
    let complaint = program::run_in(folder, &[command], settings.iter().copied()).fail_with(1);
    let sentence = complaint.lines().last().unwrap_or_default();
    assert!(sentence.starts_with("atelier: "), "{complaint}");
    for words in expected {
        assert!(sentence.contains(words), "{words:?} in {complaint}");
    }
    for forbidden in FORBIDDEN {
        assert!(!complaint.contains(forbidden), "{forbidden:?} in {complaint}");
    }
}

/// A Postgres that refuses every connection with a SQLSTATE. Returns its port.
fn refusing_postgres(code: &'static str) -> u16 {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 1024];
            let read = stream.read(&mut request).unwrap_or_default();
            if request[..read] == SSL_REQUEST {
                let _ = stream.write_all(b"N").and_then(|()| stream.read(&mut request).map(drop));
            }
            let fields = format!("SFATAL\0VFATAL\0C{code}\0Mrole anna hush\0\0");
            let length = u32::try_from(4 + fields.len()).unwrap().to_be_bytes();
            let _ = stream.write_all(&[b"E", &length[..], fields.as_bytes()].concat());
        }
    });
    port
}

/// A server that is no Postgres: it answers with bytes of its own, or with none at all.
fn foreign_server(answer: Option<&'static [u8]>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in listener.incoming().flatten() {
            if let Some(answer) = answer {
                let _ = stream.read(&mut [0; 1024]).and_then(|_| stream.write_all(answer));
            } else {
                open.push(stream);
            }
        }
    });
    port
}

#[test]
fn a_postgres_that_cannot_be_used_is_explained_in_time() {
    let url = |port: u16| format!("postgres://anna:hush@127.0.0.1:{port}/site");
    for (url, expected) in [
        (url(free_port()), &["refuses connections", "start it"][..]),
        (url(refusing_postgres("28P01")), &["refuses the user or the password"]),
        (url(refusing_postgres("28000")), &["refuses the user", "pg_hba.conf"]),
        (url(refusing_postgres("3D000")), &["has no database \"site\"", "create it"]),
        (url(refusing_postgres("53300")), &["no free connection", "max_connections"]),
        (url(refusing_postgres("55000")), &["database \"site\"", "accepts no connections"]),
        (url(refusing_postgres("57P03")), &["is starting or stopping", "try again"]),
        (url(refusing_postgres("XX000")), &["code XX000", "read its log"]),
        (url(foreign_server(Some(b"HTTP/1.1 400 Bad Request\r\n\r\n"))), &["does not answer as a Postgres does"]),
        (url(foreign_server(None)), &["does not answer within 2 seconds"]),
        (format!("{}?sslmode=require", url(refusing_postgres("28P01"))), &["TLS with Postgres", "sslmode"]),
        (format!("{}?sslpassword=hush", url(free_port())), &["unknown parameter \"sslpassword\"", "remove it"]),
        ("postgres://anna:hush@nowhere.invalid/site".to_owned(), &["host nowhere.invalid", "is unknown"]),
        ("postgres://anna:hush@localhost/site?sslmode=hush".to_owned(), &["a parameter of DATABASE_URL has an invalid value"]),
        ("postgres://anna:hush@localhost/site?host=/nowhere".to_owned(), &["no socket of Postgres at /nowhere"]),
    ] {
        for command in ["serve", "migrate", "audit"] {
            let started = Instant::now();
            complaint(command, &[("DATABASE_URL", &url), ("PORT", "0")], expected);
            assert!(started.elapsed() < Duration::from_secs(8), "{url} took {:?}", started.elapsed());
        }
    }
}

#[test]
fn a_sqlite_file_that_cannot_be_opened_is_explained() {
    let folder = folder("sqlite");
    fs::write(
        folder.join("text.db"),
        "a text that is no database, and longer than the header of one, which has a hundred bytes and the page size",
    )
    .unwrap();
    program::run_in(&folder, &["migrate"], [("DATABASE_URL", "sqlite://a.db?mode=rwc")]).succeed();
    for (url, expected) in [
        ("sqlite://x.db", &["x.db does not exist", "add ?mode=rwc"][..]),
        ("sqlite://none/x.db?mode=rwc", &["the folder none of the SQLite file does not exist", "create it"]),
        ("sqlite://text.db/x.db?mode=rwc", &["text.db is not a folder"]),
        ("sqlite://text.db?mode=rwc", &["text.db is not a SQLite database"]),
        ("sqlite://.?mode=rwc", &[". is a folder", "name a file"]),
        ("sqlite://?mode=rwc", &["names no SQLite file"]),
        ("sqlite:///sys/x.db?mode=rwc", &["cannot create files in /sys", "writable"]),
        ("sqlite://a.db?mode=ro", &["is read-only", "remove mode=ro"]),
        ("sqlite://a.db?immutable=1", &["is read-only"]),
        ("sqlite://a.db?key=hush", &["a parameter of DATABASE_URL is invalid"]),
        ("sqlite://a.db?mode=hush", &["a parameter of DATABASE_URL is invalid"]),
    ] {
        for command in ["serve", "migrate"] {
            complaint_in(&folder, command, &[("DATABASE_URL", url), ("PORT", "0")], expected);
        }
    }
}

#[test]
fn an_audit_without_a_database_creates_none() {
    let folder = folder("audit");
    complaint_in(
        &folder,
        "audit",
        &[("DATABASE_URL", "sqlite://a.db?mode=rwc")],
        &["a.db does not exist", "run: atelier migrate"],
    );
    assert!(!folder.join("a.db").exists());
    fs::write(folder.join("a.db"), "").unwrap();
    complaint_in(
        &folder,
        "audit",
        &[("DATABASE_URL", "sqlite://a.db?mode=rwc")],
        &["schema of this version", "run: atelier migrate"],
    );
}

#[test]
fn an_address_that_cannot_be_used_is_explained_before_anything_is_created() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (host, port, expected) in [
        ("127.0.0.1", port.as_str(), &["another program listens on 127.0.0.1", "set PORT"][..]),
        ("192.0.2.1", "8000", &["192.0.2.1 is no address of this machine", "set HOST"]),
        ("nowhere.invalid", "8000", &["host nowhere.invalid of HOST is unknown", "set HOST"]),
    ] {
        let folder = folder("address");
        complaint_in(&folder, "serve", &[("HOST", host), ("PORT", port)], expected);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "{host} {port}");
    }
}

#[test]
fn a_data_folder_that_cannot_be_used_is_explained() {
    let folder = folder("data");
    fs::write(folder.join("file"), "").unwrap();
    fs::create_dir_all(folder.join("locked/token-secret")).unwrap();
    fs::create_dir_all(folder.join("short")).unwrap();
    fs::write(folder.join("short/token-secret"), "hush").unwrap();
    for (data, expected) in [
        ("file", &["cannot create the folder file", "set DATA_DIR"][..]),
        ("file/data", &["cannot create the folder file/data", "set DATA_DIR"]),
        ("/sys/data", &["cannot create the folder /sys/data", "set DATA_DIR"]),
        ("locked", &["cannot read locked/token-secret", "set TOKEN_SECRET"]),
        ("short", &["no secret of at least 32 bytes in short/token-secret", "set TOKEN_SECRET"]),
    ] {
        complaint_in(&folder, "serve", &[("DATA_DIR", data), ("PORT", "0")], expected);
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_memory PostgresMemory]
    async fn an_audit_before_the_migration_is_explained(builder: SiteBuilder) {
        let database = builder.empty_database().await;
        complaint("audit", &[("DATABASE_URL", &database.url())], &["run: atelier migrate"]);
    }
}

postgres_only! {
    async fn a_database_of_a_newer_version_is_explained_and_left_as_it_is(builder: SiteBuilder) {
        let database = builder.empty_database().await;
        let url = database.url();
        program::run(&["migrate"], [("DATABASE_URL", &url)]).succeed();
        database.query("INSERT INTO seaql_migrations (version, applied_at) VALUES ('9999_newer', 0)");
        for command in ["serve", "migrate", "audit"] {
            complaint(command, &[("DATABASE_URL", &url), ("PORT", "0")], &["newer version of Atelier", "run that version"]);
        }
        assert_eq!(database.query("SELECT count(*) FROM seaql_migrations WHERE version = '9999_newer'"), "1");
    }

    async fn a_user_without_rights_on_the_schema_is_explained(builder: SiteBuilder) {
        let database = builder.empty_database().await;
        let role = harness::unique("guest");
        database.query(&format!("CREATE ROLE {role} LOGIN"));
        let url = database.url().replace("atelier@", &format!("{role}@"));
        complaint("migrate", &[("DATABASE_URL", &url)], &["may not change the schema", "grant it CREATE"]);
        database.query(&format!("DROP ROLE {role}"));
    }

    async fn an_unknown_database_is_explained(builder: SiteBuilder) {
        let url = Database::url(&builder.empty_database().await);
        let unknown = format!("{}/nothing", url.rsplit_once('/').unwrap().0);
        for command in ["serve", "migrate", "audit"] {
            complaint(command, &[("DATABASE_URL", &unknown), ("PORT", "0")], &["has no database \"nothing\""]);
        }
    }
}

#[test]
fn a_command_on_existing_users_creates_no_database_and_no_secret() {
    for arguments in [&["list"][..], &["show", "anna@example.com"], &["reset-password", "anna@example.com"]] {
        let folder = folder("nowhere");
        let complaint = program::run_in(&folder, &[&["user"], arguments].concat(), Settings::new()).fail_with(1);
        assert!(complaint.contains("does not exist") || complaint.contains("TOKEN_SECRET"), "{complaint}");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "{arguments:?}");
    }
}

#[test]
fn a_migration_creates_no_secret_and_leaves_one_file() {
    let folder = folder("migrated");
    program::run_in(&folder, &["migrate"], Settings::new()).succeed();
    assert!(folder.join("data/atelier.db").exists() && !folder.join("data/token-secret").exists());
    assert!(!folder.join("data/atelier.db-wal").exists(), "the write-ahead log was moved into the file");
    assert_eq!(program::run_in(&folder, &["user", "list"], Settings::new()).succeed(), "");
    assert!(!folder.join("data/token-secret").exists());
}

#[test]
fn user_create_needs_no_migration_before_it() {
    let folder = folder("user");
    let arguments = ["user", "create", "--email", "anna@example.com", "--username", "anna"];
    assert!(program::run_in(&folder, &arguments, Settings::new()).succeed().contains("username: anna"));
}
