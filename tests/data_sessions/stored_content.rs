//! What a site stores of data sessions: files on SQLite, rows on Postgres, keys in Redis.

use std::fs;
use std::path::{Path, PathBuf};

use harness::Site;

/// The logical keys of a session, without their beginning.
pub const KEYS: [&str; 5] = ["info", "raw_data", "processed_data", "metadata", "training_progress"];

/// The folder with the tables and models of a site on SQLite; `None` on Postgres.
pub fn folder(site: &Site) -> Option<PathBuf> {
    let url = site.database().url();
    let file = url.strip_prefix("sqlite://")?.split('?').next()?;
    Some(PathBuf::from(format!("{file}.data")))
}

/// The stored frames, each with its content. They are sorted by their places.
pub fn frames(site: &Site) -> Vec<(String, Vec<u8>)> {
    let mut frames = folder(site).map_or_else(|| rows(site), |folder| files(&folder));
    frames.sort();
    frames
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let content = |path: PathBuf| {
        let read = fs::read(&path).ok()?;
        Some((path.display().to_string(), read))
    };
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { content(path).into_iter().collect() }).collect()
}

fn rows(site: &Site) -> Vec<(String, Vec<u8>)> {
    let sql = "SELECT session_id || '/' || part || '/' || number, encode(content, 'hex') FROM data_session_frames";
    let rows = site.database().query(sql);
    let byte = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).unwrap_or_default(), 16).expect("a byte");
    let row = |row: &str| {
        let (place, content) = row.split_once('|').expect("two columns");
        (place.to_owned(), content.as_bytes().chunks(2).map(byte).collect())
    };
    rows.lines().filter(|row| !row.is_empty()).map(row).collect()
}

/// The keys of a session in Redis; none on a site without Redis.
pub fn redis_keys(site: &Site, session: &str) -> Vec<String> {
    if !site.settings().contains_key("REDIS_URL") {
        return Vec::new();
    }
    site.redis_keys(&format!("session:{session}:*"))
}

/// Asserts that a site stores nothing of any of these sessions.
pub fn check_nothing_is_left(site: &Site, sessions: &[&str]) {
    if folder(site).is_none() {
        assert_eq!(site.database().query("SELECT id FROM data_sessions"), "");
    }
    let places: Vec<String> = frames(site).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, [""; 0]);
    let folders = folder(site).and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().count();
    assert_eq!(folders, 0, "folders of sessions");
    for session in sessions {
        for key in redis_keys(site, session) {
            // What remains says that the value is gone.
            let bytes: u64 = site.redis().run(&["MEMORY", "USAGE", &key]).parse().unwrap_or_default();
            assert!(bytes < 300, "{key} has {bytes} bytes");
        }
    }
}
