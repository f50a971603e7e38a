//! The paths of a source file: those of `use`, with nested trees, and inline ones.

use std::iter::once;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::Names;

/// A path that a file names.
#[derive(Debug, PartialEq)]
pub struct Reference {
    pub line: usize,
    /// The module that names it.
    pub module: Names,
    /// From the crate's root.
    pub path: Names,
    /// The name that `use` gives it.
    pub alias: Option<String>,
    /// Whether it begins with `crate`, `self` or `super`; else `path` is what it is if it leads to a module below `module`.
    pub is_absolute: bool,
}

/// The references of a file, and the modules within it.
pub fn references(text: &str, module: &[String]) -> (Vec<Reference>, Vec<Names>) {
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", module.join("::")));
    let mut scan = Scan::default();
    scan.walk(tokens, module);
    (scan.references, scan.modules)
}

#[derive(Default)]
struct Scan {
    references: Vec<Reference>,
    modules: Vec<Names>,
}

impl Scan {
    fn walk(&mut self, tokens: TokenStream, module: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at += match &tokens[at..] {
                [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(body), ..] if word == "mod" => {
                    let inner = append(module, name.to_string());
                    self.walk(body.stream(), &inner);
                    self.modules.push(inner);
                    3
                }
                [TokenTree::Ident(word), rest @ ..] if word == "use" => {
                    let end = rest.iter().position(|token| is_punct(token, ';')).unwrap_or(rest.len());
                    self.tree(&rest[..end], &[], module);
                    end + 1
                }
                rest => self.inline(rest, module),
            };
        }
    }

    /// One branch of a `use`, after the names before it.
    fn tree(&mut self, tokens: &[TokenTree], before: &[String], module: &[String]) {
        let mut names = before.to_vec();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    let alias = tokens.get(index + 1).map(ToString::to_string);
                    return self.add(token, &names, alias, module);
                }
                TokenTree::Ident(name) => names.push(name.to_string()),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let branches: Vec<TokenTree> = group.stream().into_iter().collect();
                    return branches.split(|token| is_punct(token, ',')).for_each(|branch| self.tree(branch, &names, module));
                }
                _ => {}
            }
        }
        if let Some(token) = tokens.first() {
            let is_glob = tokens.last().is_some_and(|token| is_punct(token, '*'));
            let alias = names.iter().rev().find(|name| *name != "self").filter(|_| !is_glob).cloned();
            self.add(token, &names, alias, module);
        }
    }

    /// A path in code that begins here, or nothing; returns the number of tokens that it has.
    fn inline(&mut self, tokens: &[TokenTree], module: &[String]) -> usize {
        if let TokenTree::Group(group) = &tokens[0] {
            self.walk(group.stream(), module);
            return 1;
        }
        let mut names = Vec::new();
        let mut length = 0;
        while let Some(TokenTree::Ident(name)) = tokens.get(length) {
            names.push(name.to_string());
            let goes_on = tokens.get(length + 1..length + 3).is_some_and(|next| next.iter().all(|token| is_punct(token, ':')));
            length += if goes_on { 3 } else { 1 };
            if !goes_on {
                break;
            }
        }
        if names.len() > 1 && ["crate", "self", "super"].contains(&names[0].as_str()) {
            self.add(&tokens[0], &names, None, module);
        }
        length.max(1)
    }

    fn add(&mut self, token: &TokenTree, names: &[String], alias: Option<String>, module: &[String]) {
        let mut path = if names.first().is_some_and(|name| name == "crate") { Names::new() } else { module.to_vec() };
        for name in names {
            match name.as_str() {
                "crate" | "self" => {}
                "super" => drop(path.pop()),
                name => path.push(name.to_owned()),
            }
        }
        let is_absolute = names.first().is_some_and(|name| ["crate", "self", "super"].contains(&name.as_str()));
        if is_absolute || path.len() > module.len() {
            let line = token.span().start().line;
            self.references.push(Reference { line, module: module.to_vec(), path, alias, is_absolute });
        }
    }
}

fn append(names: &[String], name: String) -> Names {
    names.iter().cloned().chain(once(name)).collect()
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

/// The paths of a text in the module `here`, with their lines.
#[cfg(test)]
fn paths(text: &str) -> Vec<(usize, String)> {
    let (references, _) = references(text, &["here".to_owned()]);
    references.iter().filter(|reference| reference.is_absolute).map(|found| (found.line, found.path.join("::"))).collect()
}

#[test]
fn a_nested_use_tree_is_resolved() {
    let text = "use crate::{a::{self, b::C}, d as e};\nuse super::f::{g, h::*};\nuse self::i::J;";
    let found: Vec<String> = paths(text).into_iter().map(|(_, path)| path).collect();
    assert_eq!(found, ["a", "a::b::C", "d", "f::g", "f::h", "here::i::J"]);
}

#[test]
fn inline_paths_are_found_also_in_macros_and_inner_modules() {
    let text = "fn f() -> crate::a::B {\n    format!(\"{}\", crate::c::d())\n}\nmod inner {\n    fn g(x: super::E, y: super::super::h::I) {}\n}";
    let expected = [(1, "a::B"), (2, "c::d"), (5, "here::E"), (5, "h::I")].map(|(line, path)| (line, path.to_owned()));
    assert_eq!(paths(text), expected);
}

#[test]
fn comments_and_literals_are_ignored() {
    let text =
        "//! crate::a::B\n// use crate::c::D;\n/// [`crate::e`]\npub(crate) fn f() -> &'static str {\n    \"crate::g::H\"\n}";
    assert_eq!(paths(text), []);
}
