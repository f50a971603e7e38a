//! The example of the settings, and what the documents for people say of the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use harness::{Document, program};

use crate::cache::policies::POLICIES;

const SECRET: &str = "a secret that is long enough for the suite";

fn read(file: &str) -> String {
    fs::read_to_string(Document::path().with_file_name(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What `atelier config` prints, by name.
fn settings() -> BTreeMap<String, String> {
    let printed = program::run(&["config"], [("TOKEN_SECRET", SECRET)]).succeed();
    printed.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect()
}

#[test]
fn the_example_of_the_settings_names_every_setting_and_no_other() {
    let example = read(".env.example");
    let lines = example.lines().map(|line| line.trim_start_matches(['#', ' ']));
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let mut named: Vec<&str> =
        lines.filter_map(|line| line.split_once('=')).map(|(name, _)| name).filter(|name| is_name(name)).collect();
    named.sort_unstable();
    assert_eq!(named, settings().into_keys().collect::<Vec<_>>());
}

#[test]
fn the_stack_passes_every_setting_on() {
    let compose = read("docker-compose.yml");
    // Set by the container itself.
    let passed = |name: &str| compose.lines().any(|line| line.trim_start().starts_with(&format!("{name}:")));
    let missing: Vec<_> = settings().into_keys().filter(|name| !["HOST", "PORT", "DATA_DIR"].contains(&name.as_str())).collect();
    let missing: Vec<_> = missing.iter().filter(|name| !passed(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_setting_is_explained_above_its_line() {
    let example = read(".env.example");
    let lines: Vec<&str> = example.lines().collect();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.contains('=') && !line.contains(' ')) {
        let explained = lines[..index].iter().rev().take_while(|above| !above.is_empty()).any(|above| above.starts_with("# "));
        assert!(explained, "{line}");
    }
}

#[test]
fn the_cache_document_lists_the_policies_in_force() {
    let (document, settings) = (read("docs/cache.md"), settings());
    for policy in POLICIES {
        let row = document.lines().find(|line| line.starts_with(&format!("| `{}` |", policy.key)));
        let row = row.unwrap_or_else(|| panic!("docs/cache.md has no row for {}", policy.key));
        let shown = row.split('|').nth(2).and_then(seconds).unwrap_or_else(|| panic!("no time to live in {row}"));
        assert_eq!(shown.to_string(), settings[&format!("CACHE_TTL_{}", policy.name)], "{row}");
    }
}

/// The documents for people, by path.
fn documents() -> Vec<(String, String)> {
    let folder = Document::path().with_file_name("docs");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let paths = names.map(|name| format!("docs/{name}")).chain(["README.md".to_owned()]);
    paths.map(|path| (path.clone(), read(&path))).collect()
}

#[test]
fn the_table_of_scopes_lists_the_operations_of_the_document() {
    let mut by_scope: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for operation in Document::committed().operations() {
        let name = operation.spec["operationId"].as_str().expect("every operation has a name");
        if let Some(scope) = operation.spec["x-required-scope"].as_str() {
            by_scope.entry(scope).or_default().push(name);
        }
    }
    let quoted = |name: &&str| format!("`{name}`");
    let row = |(scope, mut names): (&str, Vec<&str>)| {
        names.sort_unstable();
        format!("| `{scope}` | {} |", names.iter().map(quoted).collect::<Vec<_>>().join(", "))
    };
    let expected: Vec<String> = by_scope.into_iter().map(row).collect();
    let document = read("docs/principals.md");
    let listed: Vec<&str> = document.lines().filter(|line| line.starts_with("| `") && line.contains(':')).collect();
    assert_eq!(listed, expected);
}

#[test]
fn the_readme_is_short_and_links_every_document() {
    let readme = read("README.md");
    assert!(readme.lines().count() <= 150, "{} lines", readme.lines().count());
    let documents = documents();
    assert!(documents.len() >= 9, "{} documents", documents.len());
    for (path, _) in documents.iter().filter(|(path, _)| path.starts_with("docs/")) {
        assert!(readme.contains(&format!("({path})")), "the README does not link {path}");
    }
}

#[test]
fn the_documents_name_folders_and_files_that_exist() {
    let folders = ["api/", "deploy/", "docs/", "domain/", "infra/", "tests/", "scripts/"];
    for (document, text) in documents() {
        let quoted = text.split('`').skip(1).step_by(2);
        let paths = quoted.filter(|text| text.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-".contains(c)));
        for path in paths.filter(|text| folders.iter().any(|folder| text.starts_with(folder))) {
            assert!(Document::path().with_file_name(path).exists(), "{document} names {path}");
        }
    }
}

/// `1 h`, `30 min` and `90 s`, at the beginning of a cell.
fn seconds(cell: &str) -> Option<i64> {
    let mut words = cell.split([' ', ',']).filter(|word| !word.is_empty());
    let number: i64 = words.next()?.parse().ok()?;
    let unit = match words.next()? {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        _ => return None,
    };
    Some(number * unit)
}

/// The text of every file in a folder.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let text = |path: &Path| if path.is_dir() { sources(path) } else { fs::read_to_string(path).expect("a source file") };
    entries.flatten().map(|entry| text(&entry.path())).collect()
}

/// The fingerprint of a command contains the name of its operation, which must stay the same from release to release.
#[test]
fn idempotent_commands_are_recorded_under_their_operation_ids() {
    let sources = sources(&Document::path().with_file_name("infra").join("src"));
    let mut commands = Document::committed().operations().filter(|operation| operation.takes("Idempotency-Key")).peekable();
    assert!(commands.peek().is_some());
    let missing: Vec<String> =
        commands.map(|operation| operation.spec["operationId"].to_string()).filter(|name| !sources.contains(name)).collect();
    assert!(missing.is_empty(), "infra/src names these operations differently: {missing:?}");
}
