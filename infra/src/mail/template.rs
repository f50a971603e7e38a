//! The texts of mails, and how they become plain text and HTML.
//!
//! A template is one text: its first line is the subject, and empty lines separate the paragraphs. The HTML has the same paragraphs,
//! so the two cannot differ. The paragraph that is the link becomes a link.

use std::collections::BTreeMap;

use domain::{Language, ServiceError};
use minijinja::{Environment, UndefinedBehavior, Value};

/// The text of a mail in every language.
pub(crate) struct Template {
    /// English.
    pub(crate) en: &'static str,
    /// German.
    pub(crate) de: &'static str,
}

/// The values of a template, by name. An empty one counts as absent.
pub(crate) type Values = BTreeMap<&'static str, String>;

/// A mail's subject and its two bodies.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// What is said beside a link without a site that has its page.
const NOTE: Template = Template { en: include_str!("texts/note.en.txt"), de: include_str!("texts/note.de.txt") };

/// A link as the texts show it.
pub(super) struct ShownLink {
    pub(super) url: String,
    /// The request that uses the token, if the site has no pages.
    pub(super) request: Option<String>,
}

struct Paragraph {
    text: String,
    is_link: bool,
}

impl Template {
    fn text(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::De => self.de,
        }
    }

    /// Renders the mail. A value has one line in it, whatever it was.
    pub(super) fn render(&self, language: Language, values: &Values, link: Option<&ShownLink>) -> Result<Rendered, ServiceError> {
        let mut values: Values = values.iter().map(|(name, value)| (*name, one_line(value))).collect();
        values.extend(link.map(|link| ("link", link.url.clone())));
        let text = filled(self.text(language), &values)?;
        let (subject, body) = text.split_once('\n').unwrap_or((&text, ""));
        let mut paragraphs = paragraphs(body, link);
        if let Some(request) = link.and_then(|link| link.request.clone()) {
            let note = filled(NOTE.text(language), &Values::from([("request", request)]))?;
            let after = paragraphs.iter().position(|paragraph| paragraph.is_link).map_or(paragraphs.len(), |at| at + 1);
            paragraphs.splice(after..after, self::paragraphs(&note, None));
        }
        let text: Vec<&str> = paragraphs.iter().map(|paragraph| paragraph.text.as_str()).collect();
        let html = html(language, subject, &paragraphs)?;
        Ok(Rendered { subject: one_line(subject), text: format!("{}\n", text.join("\n\n")), html })
    }
}

/// A text on one line, without control characters.
fn one_line(text: &str) -> String {
    let is_break = |char: char| char.is_control() || matches!(char, '\u{2028}' | '\u{2029}');
    let text: String = text.chars().map(|char| if is_break(char) { ' ' } else { char }).collect();
    text.trim().to_owned()
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}

/// A plain text with its values. Its name has no ending that asks for escapes.
fn filled(template: &'static str, values: &Values) -> Result<String, ServiceError> {
    environment()
        .render_named_str("mail.txt", template, Value::from_pairs(values.iter().map(|(name, value)| (*name, value))))
        .map_err(ServiceError::bug)
}

/// The HTML of the paragraphs. The name of the template makes every value escaped.
fn html(language: Language, subject: &str, paragraphs: &[Paragraph]) -> Result<String, ServiceError> {
    let paragraph = |paragraph: &Paragraph| {
        Value::from_pairs([("text", Value::from(&paragraph.text)), ("is_link", Value::from(paragraph.is_link))])
    };
    let paragraphs: Vec<Value> = paragraphs.iter().map(paragraph).collect();
    let values =
        [("language", Value::from(language.tag())), ("subject", Value::from(subject)), ("paragraphs", Value::from(paragraphs))];
    let values = Value::from_pairs(values);
    environment().render_named_str("layout.html", include_str!("texts/layout.html"), values).map_err(ServiceError::bug)
}

fn paragraphs(body: &str, link: Option<&ShownLink>) -> Vec<Paragraph> {
    let texts = body.split("\n\n").map(str::trim).filter(|text| !text.is_empty());
    let is_link = |text: &str| link.is_some_and(|link| link.url == text);
    texts.map(|text| Paragraph { text: text.to_owned(), is_link: is_link(text) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: Template = Template {
        en: "About {{ topic }}\n\nHello{% if name %} {{ name }}{% endif %},\n\n{{ link }}\n\nBye.",
        de: "Über {{ topic }}\n\nHallo{% if name %} {{ name }}{% endif %},\n\n{{ link }}\n\nTschüss.",
    };

    fn rendered(name: &str, request: Option<&str>) -> Rendered {
        let values = Values::from([("topic", "keys".to_owned()), ("name", name.to_owned())]);
        let link = ShownLink { url: "https://example.com/x?token=1".to_owned(), request: request.map(str::to_owned) };
        TEMPLATE.render(Language::De, &values, Some(&link)).unwrap()
    }

    #[test]
    fn text_and_html_have_the_same_paragraphs() {
        let mail = rendered("Anna", None);
        assert_eq!(mail.subject, "Über keys");
        assert_eq!(mail.text, "Hallo Anna,\n\nhttps://example.com/x?token=1\n\nTschüss.\n");
        for part in [
            "<html lang=\"de\">",
            "<p>Hallo Anna,</p>",
            "<a href=\"https:&#x2f;&#x2f;example.com&#x2f;x?token=1\">",
            "<p>Tschüss.</p>",
        ] {
            assert!(mail.html.contains(part), "{}", mail.html);
        }
        assert!(rendered("", None).text.starts_with("Hallo,\n"));
    }

    #[test]
    fn a_value_adds_no_paragraph_and_no_markup() {
        let mail = rendered("A\r\nBcc: b@example.com\n\n<img src=x>\u{2028}{{ topic }}", None);
        assert_eq!(mail.text.lines().next(), Some("Hallo A  Bcc: b@example.com  <img src=x> {{ topic }},"));
        assert!(!mail.html.contains("<img") && mail.html.contains("&lt;img src=x&gt;"), "{}", mail.html);
    }

    #[test]
    fn a_link_without_a_page_is_explained_beside_it() {
        let mail = rendered("", Some("POST /x {\"token\": \"1\"}"));
        let at = |text: &str| mail.text.find(text).unwrap();
        assert!(at("https://example.com/x") < at("POST /x {\"token\": \"1\"}") && at("POST /x") < at("Tschüss"), "{}", mail.text);
    }

    #[test]
    fn a_missing_value_is_an_error() {
        assert!(TEMPLATE.render(Language::En, &Values::new(), None).is_err());
    }
}
