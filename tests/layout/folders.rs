//! The graph of folders: an edge for each import between two of them, at their lowest common ancestor.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Crate, Import};

/// Imports that a report shows of one edge.
const SHOWN: usize = 5;

/// Edges between the direct sub-folders of one folder.
type Edges = BTreeMap<(String, String), Vec<String>>;

/// The edges of a crate, by the path of the folder that contains both ends.
pub struct Folders(BTreeMap<String, Edges>);

impl Folders {
    /// The graph of a crate.
    pub fn of(source: &Crate) -> Self {
        let mut graph: BTreeMap<String, Edges> = BTreeMap::new();
        for import in source.imports() {
            let common = import.folder.iter().zip(&import.target).take_while(|(from, to)| from == to).count();
            if let (Some(from), Some(to)) = (import.folder.get(common), import.target.get(common)) {
                let parent = format!("{}/src/{}", source.name(), import.folder[..common].join("/"));
                let edge = (from.clone(), to.clone());
                graph.entry(parent).or_default().entry(edge).or_default().push(Import::to_string(&import));
            }
        }
        Self(graph)
    }

    /// A report of each edge that is part of a cycle.
    pub fn cycles(&self) -> Vec<String> {
        self.0.iter().flat_map(|(parent, edges)| of_folder(parent.trim_end_matches('/'), edges)).collect()
    }
}

fn of_folder(parent: &str, edges: &Edges) -> Vec<String> {
    let in_cycle = edges.iter().filter(|((from, to), _)| reachable(edges, to).contains(from));
    let report = |((from, to), imports): ((&String, &String), &Vec<String>)| {
        format!("{parent}: {from} → {to}\n    {}", imports[..imports.len().min(SHOWN)].join("\n    "))
    };
    in_cycle.map(|((from, to), imports)| report(((from, to), imports))).collect()
}

fn reachable<'a>(edges: &'a Edges, start: &'a str) -> BTreeSet<&'a String> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(folder) = open.pop() {
        let next = edges.keys().filter(|(from, _)| from == folder).map(|(_, to)| to);
        open.extend(next.filter(|to| reached.insert(*to)).map(String::as_str));
    }
    reached
}

#[cfg(test)]
fn cycles(files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    Folders::of(&Crate::of("infra", files)).cycles()
}

#[test]
fn a_cycle_is_found_and_its_paths_are_named() {
    let found = cycles(&[
        ("a/mod.rs", "mod x;"),
        ("a/x.rs", "\nuse crate::b::B;"),
        ("b/mod.rs", "fn f() { crate::c::g() }"),
        ("c/mod.rs", "mod tests { use super::super::a::X; }"),
        ("d/mod.rs", "use crate::a::Y;"),
    ]);
    let expected = [
        "infra/src: a → b\n    infra/src/a/x.rs:2: crate::b::B",
        "infra/src: b → c\n    infra/src/b/mod.rs:1: crate::c::g",
        "infra/src: c → a\n    infra/src/c/mod.rs:1: crate::a::X",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_cycle_below_a_folder_is_found() {
    let found = cycles(&[
        ("p/mod.rs", "mod a;\nmod b;\nuse self::a::A;"),
        ("p/a/mod.rs", "use super::b::B;"),
        ("p/b/mod.rs", "mod x;"),
        ("p/b/x.rs", "use crate::p::a::A;"),
    ]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("infra/src/p: a → b"), "{found:?}");
}

#[test]
fn a_name_that_the_root_re_exports_leads_to_its_folder() {
    let root = ("lib.rs", "mod a;\nmod b;\npub use a::A;\nuse crate::b::B as Alias;");
    let found = cycles(&[root, ("a/mod.rs", "use crate::Alias;\npub struct A;"), ("b/mod.rs", "use crate::A;\npub struct B;")]);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_folder_and_its_ancestor_are_no_cycle() {
    let found =
        cycles(&[("a/mod.rs", "mod b;\nuse b::B;"), ("a/b/mod.rs", "use super::C;\nuse crate::D;"), ("lib.rs", "mod a;")]);
    assert_eq!(found, [""; 0]);
}
