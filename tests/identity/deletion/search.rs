//! Searches everything that a site stores for texts.

use std::fs;
use std::path::Path;

use harness::Site;

/// Tables whose rows are purged with time, without regard to a deletion; see the inventory.
const PURGED_WITH_TIME: [&str; 1] = ["cache_log"];

/// The places that contain one of the texts: tables of a Postgres, keys of Redis, the log of the server.
pub fn places_with(site: &Site, texts: &[String]) -> Vec<String> {
    let mut places = Vec::new();
    if site.database().url().starts_with("postgres") {
        places.extend(tables_with(site, texts));
    }
    if site.settings().contains_key("REDIS_URL") {
        places.extend(keys_with(site, texts));
    }
    places.extend(found("the log", &site.server().log(), texts));
    places
}

fn found(place: &str, content: &str, texts: &[String]) -> Vec<String> {
    let contains = |text: &&String| content.contains(text.as_str()) || content.contains(&hexadecimal(text));
    texts.iter().filter(contains).map(|text| format!("{place}: {text}")).collect()
}

fn hexadecimal(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn tables_with(site: &Site, texts: &[String]) -> Vec<String> {
    let tables = site.database().query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
    let searched = tables.lines().filter(|table| !PURGED_WITH_TIME.contains(table));
    searched
        .flat_map(|table| {
            // Bytes appear as hexadecimal digits.
            let rows = site.database().query(&format!("SELECT CAST(t AS TEXT) FROM {table} t"));
            found(table, &rows, texts)
        })
        .collect()
}

fn keys_with(site: &Site, texts: &[String]) -> Vec<String> {
    let (redis, prefix) = (site.redis(), &site.settings()["REDIS_PREFIX"]);
    let mut places = Vec::new();
    for key in redis.keys(&format!("{prefix}*")) {
        let content = match redis.run(&["TYPE", &key]).as_str() {
            "string" => redis.run(&["GET", &key]),
            "hash" => redis.run(&["HGETALL", &key]),
            "zset" => redis.run(&["ZRANGE", &key, "0", "-1"]),
            _ => String::new(),
        };
        places.extend(found(&format!("the key {key}"), &format!("{key} {content}"), texts));
    }
    places
}

/// The files below a folder that contain one of the texts.
pub fn files_with(folder: &Path, texts: &[String]) -> Vec<String> {
    let entries = fs::read_dir(folder).map(|entries| entries.filter_map(Result::ok).collect::<Vec<_>>());
    let files = entries.unwrap_or_default().into_iter().map(|entry| entry.path());
    files
        .flat_map(|path| {
            if path.is_dir() {
                return files_with(&path, texts);
            }
            let bytes = fs::read(&path).unwrap_or_default();
            let contains = |text: &&String| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            texts.iter().filter(contains).map(|text| format!("{}: {text}", path.display())).collect()
        })
        .collect()
}
