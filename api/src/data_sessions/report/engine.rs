//! The templates and the functions that they call.

use std::borrow::Cow;

use domain::Time;
use domain::data_sessions::StepError;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, context, escape_formatter};

use super::view::PageView;
use super::{numbers, plot, text};

/// Every template by its name. The ending of a name decides whether values are escaped.
const TEMPLATES: &[(&str, &str)] = &[
    ("page.html", include_str!("templates/page.html")),
    ("macros.html", include_str!("templates/macros.html")),
    ("session.html", include_str!("templates/session.html")),
    ("table.html", include_str!("templates/table.html")),
    ("missing.html", include_str!("templates/missing.html")),
    ("columns.html", include_str!("templates/columns.html")),
    ("training.html", include_str!("templates/training.html")),
    ("result.html", include_str!("templates/result.html")),
    ("scores.html", include_str!("templates/scores.html")),
    ("confusion.html", include_str!("templates/confusion.html")),
    ("style.html", concat!("<style>\n", include_str!("templates/style.css"), "</style>\n")),
];

pub(super) fn render(page: &PageView<'_>) -> Result<String, Error> {
    environment()?.get_template("page.html")?.render(Serde(page))
}

fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_formatter(format_visible);
    add_numbers(&mut environment);
    add_texts(&mut environment);
    add_plots(&mut environment);
    for (name, template) in TEMPLATES {
        environment.add_template(name, template)?;
    }
    Ok(environment)
}

fn add_numbers(environment: &mut Environment<'_>) {
    environment.add_filter("count", |value: u64| unbroken(&numbers::count(value)));
    environment.add_filter("number", |value: f64| unbroken(&numbers::number(value)));
    environment.add_filter("share", |value: f64| unbroken(&numbers::share(value)));
    environment.add_filter("percent_of", |part: f64, whole: f64| unbroken(&numbers::share(numbers::fraction(part, whole))));
    environment.add_filter("level_of", level);
    environment.add_filter("bytes", |value: u64| unbroken(&numbers::bytes(value)));
    environment.add_filter("time", time);
}

fn add_texts(environment: &mut Environment<'_>) {
    environment.add_filter("cut", |value: &str, length: usize| text::cut(value, length));
    environment.add_filter("prose", |value: &str| Value::from_safe_string(text::prose(value)));
}

fn add_plots(environment: &mut Environment<'_>) {
    environment.add_function("share_bar", |part: f64, whole: f64, full: Option<f64>| {
        Value::from_safe_string(plot::share_bar(part, whole, full.unwrap_or(whole)))
    });
    environment.add_function("signed_bar", |name: Cow<'_, str>, value: f64, least: f64, greatest: f64| {
        Value::from_safe_string(plot::signed_bar(&name, value, least, greatest))
    });
    environment.add_function("histogram", |name: Cow<'_, str>, counts: Vec<u64>, from: f64, to: f64| {
        Value::from_safe_string(plot::histogram(&name, &counts, from, to))
    });
    environment.add_function("line_plot", |name: Cow<'_, str>, steps: Serde<Vec<StepError>>| {
        plot::line_plot(&name, &steps).map(line_value)
    });
}

fn line_value(plot: plot::LinePlot) -> Value {
    let plot::LinePlot { svg, values, first, last } = plot;
    context! { svg => Value::from_safe_string(svg), values, first, last }
}

/// Writes a value of a template, escaped, with its invisible characters made visible.
fn format_visible(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => escape_formatter(out, state, &Value::from(text::visible(text))),
        _ => escape_formatter(out, state, value),
    }
}

/// A number whose spaces do not break.
fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{A0}")
}

/// The share of a part as a level of colour from 0 to 9. Only nothing has level 0.
fn level(part: f64, whole: f64) -> String {
    format!("{:.0}", (numbers::fraction(part, whole) * 9.0).ceil())
}

/// A time for people, to the minute.
fn time(text: &str) -> Result<String, Error> {
    let time: Time = text.parse().map_err(|_| Error::new(ErrorKind::InvalidOperation, "not a time"))?;
    Ok(time.format("%-d\u{A0}%B\u{A0}%Y, %H:%M\u{A0}UTC").to_string())
}
