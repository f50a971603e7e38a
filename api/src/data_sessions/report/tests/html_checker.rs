//! Checks that a page is well-formed, accessible in its structure, and loads and runs nothing.

use std::collections::BTreeSet;

const VOID: &[&str] = &["meta"];

/// A tag with the text after it.
struct Tag<'a> {
    text: &'a str,
    name: &'a str,
    closes_itself: bool,
    attributes: Vec<(&'a str, &'a str)>,
}

#[track_caller]
pub(super) fn check(page: &str) {
    let body = page.strip_prefix("<!doctype html>").unwrap();
    let (head, rest) = body.split_once("<style>").unwrap();
    let (style, rest) = rest.split_once("</style>").unwrap();
    for forbidden in ["url(", "@import", "<"] {
        assert!(!style.contains(forbidden), "{forbidden} in the style");
    }
    let html = format!("{head}{rest}");
    let tags: Vec<Tag<'_>> = html.split('<').skip(1).map(tag).collect();
    check_balance(&tags);
    check_references(&tags);
    tags.iter().for_each(check_tag);
    assert!(!page.contains("http://") && !page.contains("https://"), "an address");
}

#[track_caller]
fn tag(part: &str) -> Tag<'_> {
    let (tag, text) = part.split_once('>').unwrap_or_else(|| panic!("a tag is not closed: {part}"));
    assert!(!text.contains('>'), "> in a text: {text}");
    let (name, rest) = tag.split_at(tag.find([' ', '/']).filter(|at| *at > 0).unwrap_or(tag.len()));
    let closes_itself = tag.ends_with('/') || VOID.contains(&name);
    Tag { text, name, closes_itself, attributes: attributes(rest.trim_end_matches('/')) }
}

/// The attributes of a tag: each has a name, `=` and a value in double quotes.
#[track_caller]
fn attributes(mut rest: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    while let Some((name, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("a value is not closed: {rest}"));
        let name = name.strip_prefix(' ').unwrap_or_else(|| panic!("no space before {name}"));
        assert!(name.chars().all(|char| char.is_ascii_alphabetic() || char == '-'), "the attribute {name}");
        found.push((name, value));
        rest = after;
    }
    assert_eq!(rest.trim(), "", "text in a tag");
    found
}

#[track_caller]
fn check_balance(tags: &[Tag<'_>]) {
    let mut open = Vec::new();
    for tag in tags {
        match tag.name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "before {}", tag.text),
            None if tag.closes_itself => {}
            None => open.push(tag.name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[track_caller]
fn check_references(tags: &[Tag<'_>]) {
    let attributes = || tags.iter().flat_map(|tag| &tag.attributes);
    let ids: Vec<&str> = attributes().filter(|(name, _)| *name == "id").map(|(_, value)| *value).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an id occurs twice");
    for (name, value) in attributes() {
        let id = if *name == "href" { value.strip_prefix('#') } else { Some(*value) };
        assert!(!["href", "aria-labelledby"].contains(name) || id.is_some_and(|id| unique.contains(id)), "{name} {value}");
    }
}

#[track_caller]
fn check_tag(tag: &Tag<'_>) {
    let Tag { name, attributes, .. } = tag;
    assert!(!["script", "link", "img", "iframe", "object", "style", "base", "form"].contains(name), "{name}");
    let value = |wanted: &str| attributes.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    for forbidden in ["style", "src", "srcset", "action"] {
        assert_eq!(value(forbidden), None, "{forbidden} in {name}");
    }
    assert!(attributes.iter().all(|(name, _)| !name.starts_with("on")), "a handler in {name}");
    match *name {
        "svg" => assert!(value("role") == Some("img") && value("aria-label").is_some_and(|label| !label.is_empty())),
        "th" => assert!(value("scope").is_some(), "a th without a scope"),
        "table" => assert!(tag.text.trim().is_empty()),
        _ => {}
    }
    for coordinate in ["viewBox", "d", "points", "x", "y", "width", "height"].into_iter().filter_map(value) {
        assert!(coordinate.chars().all(|char| char.is_ascii_digit() || " .,-MH".contains(char)), "{coordinate}");
    }
}
