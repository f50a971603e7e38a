//! The page as a whole: its states, its markup, its escapes, its bounds and its colours.

mod bounds;
mod contrast;
mod escapes;
mod html_checker;
mod samples;
mod states;

use domain::data_sessions::{DataSession, TableInfo, Training};

/// Renders a page and checks its markup.
fn checked(session: &DataSession, info: Option<&TableInfo>, training: Option<&Training>) -> String {
    let page = super::page(session, info, training).unwrap();
    html_checker::check(&page);
    page
}

/// The text of the page, without tags and with single spaces.
fn text_of(page: &str) -> String {
    let body = page.split_once("</style>").map_or(page, |(_, body)| body);
    let texts = body.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text));
    texts.collect::<Vec<_>>().join("").replace('\u{A0}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn assert_shows(page: &str, parts: &[&str]) {
    let text = text_of(page);
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}
