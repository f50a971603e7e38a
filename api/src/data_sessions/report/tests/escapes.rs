use domain::data_sessions::{DataSession, TableInfo, Training};

use super::samples::{classification, table, training, used_session};
use super::{assert_shows, checked};

/// Texts that could end an element, an attribute or a direction.
const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='x",
    "</style></table>",
    "&lt;b&gt; &amp; {{ 7 * 7 }} {% raw %}",
    "\u{202E}gnp.exe\u{2066}",
    "a\0b\x1Bc\u{85}d\ne",
    "`<i>` `",
];

#[test]
fn text_of_a_table_cannot_break_the_page() {
    for text in HOSTILE {
        let page = checked(&hostile_session(text), Some(&hostile_table(text)), Some(&hostile_training(text)));
        assert!(!page.contains("<script") && !page.contains("<i>`") && !page.contains("49 "), "{text:?}");
        let is_invisible = |char: char| (char.is_control() && char != '\n') || ('\u{202A}'..='\u{202E}').contains(&char);
        assert!(!page.contains(is_invisible), "{text:?}");
    }
}

#[test]
fn an_error_cannot_break_the_page() {
    for text in HOSTILE {
        checked(&used_session(), None, Some(&training("failed", serde_json::json!({ "error": text }))));
    }
}

#[test]
fn a_long_name_is_cut_and_its_title_has_the_rest() {
    let name = "ä".repeat(90);
    let page = checked(&used_session(), Some(&hostile_table(&name)), None);
    assert!(page.contains(&format!("title=\"{name}\">{}…</bdi>", "ä".repeat(59))));
}

#[test]
fn a_name_in_another_direction_is_isolated() {
    let page = checked(&used_session(), Some(&hostile_table("שם הלקוח")), None);
    assert!(page.contains("<bdi class=\"name\">שם הלקוח</bdi>"));
    assert_shows(&page, &["שם הלקוח"]);
}

fn hostile_session(text: &str) -> DataSession {
    let mut session = used_session();
    text.clone_into(&mut session.model.as_mut().unwrap().target);
    session
}

fn hostile_table(text: &str) -> TableInfo {
    let mut table = table();
    let column = &mut table.columns[0];
    column.name = text.to_owned();
    column.original_name = Some(text.to_owned());
    column.evidence = text.to_owned();
    column.top[0].value = text.to_owned();
    column.earliest = Some(text.to_owned());
    column.latest = Some(text.to_owned());
    table.dialect[0].value = text.to_owned();
    table.dialect[0].evidence = text.to_owned();
    table.warnings[0].column = Some(text.to_owned());
    table.warnings[0].detail = text.to_owned();
    table
}

fn hostile_training(text: &str) -> Training {
    let mut training = classification();
    training.report.request.target = text.to_owned();
    let result = training.report.result.as_mut().unwrap();
    result.target = text.to_owned();
    result.task_evidence = text.to_owned();
    result.model_reason = text.to_owned();
    result.candidates[0].detail = text.to_owned();
    result.confusion.as_mut().unwrap().classes[0] = text.to_owned();
    result.importance[0].column = text.to_owned();
    result.balance.classes[0].class = text.to_owned();
    result.notes[0].column = Some(text.to_owned());
    result.notes[0].detail = text.to_owned();
    training
}
