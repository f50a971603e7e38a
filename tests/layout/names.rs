//! The names of items: functions, types, variants, traits, modules, constants and macros.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Keywords that a name of an item follows.
const KEYWORDS: [&str; 8] = ["fn", "struct", "enum", "trait", "mod", "const", "static", "type"];
/// Words between a keyword and a name, which begin another item or none.
const MODIFIERS: [&str; 6] = ["fn", "unsafe", "async", "extern", "mut", "_"];

/// The names of all items in a text, each with its line.
pub fn items(text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    walk(text.parse().expect("Rust source"), &mut found);
    found
}

fn walk(tokens: TokenStream, found: &mut Vec<(String, usize)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match (token, &tokens[at + 1..]) {
            (TokenTree::Group(group), _) => walk(group.stream(), found),
            // A lifetime or a raw pointer.
            _ if at > 0 && ["'", "*"].contains(&tokens[at - 1].to_string().as_str()) => {}
            (TokenTree::Ident(word), [TokenTree::Punct(_), name @ TokenTree::Ident(_), ..]) if word == "macro_rules" => {
                found.push(named(name));
            }
            (TokenTree::Ident(word), [name @ TokenTree::Ident(_), rest @ ..])
                if KEYWORDS.iter().any(|keyword| word == keyword) =>
            {
                if !MODIFIERS.contains(&name.to_string().as_str()) {
                    found.push(named(name));
                }
                if word == "enum" {
                    variants(rest, found);
                }
            }
            _ => {}
        }
    }
}

/// The variants of the enum whose name these tokens follow.
fn variants(tokens: &[TokenTree], found: &mut Vec<(String, usize)>) {
    let is_body = |token: &&TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let Some(TokenTree::Group(body)) = tokens.iter().find(is_body) else { return };
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let name = |variant: &[TokenTree]| variant.iter().find(|token| matches!(token, TokenTree::Ident(_))).map(named);
    found.extend(tokens.split(is_comma).filter_map(name));
}

fn named(token: &TokenTree) -> (String, usize) {
    (token.to_string(), token.span().start().line)
}

#[test]
fn items_of_every_kind_are_found() {
    let text = "mod a { pub(crate) struct B; }\nenum C<T> { #[doc = \"x\"] D(T), E { f: u8 } }\nconst fn g() {}\n\
                macro_rules! h { () => { fn i() {} }; }\ntrait J { type K; const L: &'static str; }\nfn m(p: *const u8, q: fn(u8)) {}";
    let names: Vec<String> = items(text).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "B", "C", "D", "E", "g", "h", "i", "J", "K", "L", "m"]);
    assert_eq!(items("\n\nfn x() {}"), [("x".to_owned(), 3)]);
}
