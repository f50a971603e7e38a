//! The layout and the words of the source: which folder imports which, and how items are named.
//!
//! These tests read the Rust files of the workspace as tokens: comments and literals do not count, paths inside macros and tests do.
//! A path through a `use` of another module is followed to its end, except through a glob.

mod folders;
mod imports;
mod names;
mod source;
mod words;

use folders::Folders;
use source::{Crate, Import, source_files, workspace};
use words::REPLACED;

/// The layers, with their core folders and those that are neither core nor a feature.
const LAYERS: [(&str, &[&str], &[&str]); 3] = [
    ("domain", &[], &[]),
    ("infra", &["db", "cache", "jobs", "mail", "tickets", "workers"], &[]),
    ("api", &["http", "telemetry", "tickets"], &["cli", "config", "seed"]),
];

/// Files beside the folders that may import features: they put the parts together.
const ASSEMBLY: [&str; 3] = ["lib.rs", "main.rs", "assemble.rs"];

#[test]
fn no_cycle_between_folders() {
    let cycles: Vec<String> = LAYERS.iter().flat_map(|(layer, ..)| Folders::of(&Crate::read(layer)).cycles()).collect();
    assert!(cycles.is_empty(), "folders import each other:\n{}", cycles.join("\n"));
}

#[test]
fn core_imports_no_feature() {
    let found: Vec<String> =
        LAYERS.iter().flat_map(|&(layer, core, neutral)| feature_imports(&Crate::read(layer), core, neutral)).collect();
    assert!(found.is_empty(), "core imports features:\n{}", found.join("\n"));
}

/// The imports of features by core folders and, except in `api`, by files beside the folders.
fn feature_imports(source: &Crate, core: &[&str], neutral: &[&str]) -> Vec<String> {
    let is_core = |import: &Import| match import.folder.first() {
        Some(folder) => core.contains(&folder.as_str()),
        None => source.name() != "api" && !ASSEMBLY.contains(&import.file_name()),
    };
    let feature = |import: &Import| {
        let target = import.target.first().filter(|_| import.folder.first() != import.target.first())?;
        (!core.contains(&target.as_str()) && !neutral.contains(&target.as_str())).then(|| target.clone())
    };
    let imports = source.imports().into_iter().filter(is_core);
    imports.filter_map(|import| Some(format!("{import} imports the feature `{}`", feature(&import)?))).collect()
}

#[test]
fn an_import_of_a_feature_by_the_core_is_found() {
    let files = [
        ("lib.rs", "mod cache;\nmod chats;\nmod db;\nuse chats::Chats;"),
        ("assemble.rs", "use crate::chats::Chats;"),
        ("clock.rs", "use crate::chats::Chats;"),
        ("cache/mod.rs", "use crate::db::Pool;\nfn f() { crate::chats::rows::g(); }"),
        ("chats/mod.rs", "mod rows;\nuse crate::db::Pool;"),
        ("chats/rows.rs", ""),
        ("db/mod.rs", "pub struct Pool;"),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let found = feature_imports(&Crate::of("infra", files), &["cache", "db"], &[]);
    let expected = [
        "infra/src/clock.rs:1: crate::chats::Chats imports the feature `chats`",
        "infra/src/cache/mod.rs:2: crate::chats::rows::g imports the feature `chats`",
    ];
    assert_eq!(found, expected);
}

#[test]
fn no_name_uses_the_replaced_words() {
    let mut found = Vec::new();
    for file in ["api", "domain", "infra", "tests"].iter().flat_map(|folder| source_files(&workspace().join(folder))) {
        let shown = file.strip_prefix(workspace()).unwrap_or(&file).display().to_string();
        let in_path = shown.trim_end_matches(".rs").split('/').map(|part| (part.to_owned(), 0)).collect();
        let text = std::fs::read_to_string(&file).expect("a source file");
        for (name, line) in [in_path, names::items(&text)].concat() {
            found.extend(
                words::replaced(&name, REPLACED).map(|(old, new)| format!("{shown}:{line}: `{name}`: not {old}, but {new}")),
            );
        }
    }
    found.dedup();
    assert!(found.is_empty(), "{} names use replaced words:\n{}", found.len(), found.join("\n"));
}
