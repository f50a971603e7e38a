//! Reads single variables and collects their errors and the text that may be shown of them.

use std::collections::BTreeMap;

use super::errors::{SettingError, SettingErrors};
use super::shown::Shown;
use super::table::{self, CACHE_TTL, CACHE_TTLS, RATE_LIMIT, Variable, Without};

/// The variables that are set, by name.
pub(crate) type Given = BTreeMap<String, String>;

/// The text that may be shown of every setting, by the variable's name.
pub(crate) type Overview = BTreeMap<&'static str, String>;

/// Reads every variable once.
pub(crate) struct Reader<'a> {
    given: &'a Given,
    errors: Vec<SettingError>,
    overview: Overview,
}

impl<'a> Reader<'a> {
    /// A reader of these variables.
    pub(crate) fn new(given: &'a Given) -> Self {
        Self { given, errors: Vec::new(), overview: Overview::new() }
    }

    /// The text of a variable; an empty one counts as absent.
    pub(crate) fn text(&self, variable: &Variable) -> Option<&'a str> {
        self.given.get(variable.name.as_ref()).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A setting with a default in the table; `None` if it is not valid.
    pub(crate) fn value<T>(&mut self, variable: &'static Variable, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        match &variable.without {
            Without::Default(default) => self.value_or(variable, default, parse),
            Without::Otherwise { .. } => self.optional(variable, parse),
        }
    }

    /// A setting whose default depends on others; `None` if it is not valid.
    pub(crate) fn value_or<T>(
        &mut self,
        variable: &'static Variable,
        default: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(variable).unwrap_or(default);
        self.read(variable, text, parse)
    }

    /// A setting that may be absent; `None` if it is absent or not valid.
    pub(crate) fn optional<T>(&mut self, variable: &'static Variable, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(variable);
        if text.is_none() {
            self.overview.insert(&variable.name, "(unset)".to_owned());
        }
        self.read(variable, text?, parse)
    }

    fn read<T>(&mut self, variable: &'static Variable, text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.overview.insert(&variable.name, variable.shown.of(text));
        let value = parse(text);
        if value.is_none() {
            let is = match variable.shown {
                Shown::Full => format!("; it is {text:?}"),
                Shown::Url | Shown::Secret => String::new(),
            };
            self.error(format!("{} must be {}{is}", variable.name, variable.allowed));
        }
        value
    }

    /// Adds an error that concerns several variables.
    pub(crate) fn error(&mut self, sentence: impl std::fmt::Display) {
        self.errors.push(SettingError::new(sentence));
    }

    /// Refuses times to live of unknown types: a misspelt name would have no effect.
    pub(crate) fn refuse_unknown_ttls(&mut self) {
        let known = |name: &str| CACHE_TTLS.iter().any(|(_, variable)| variable.name == name);
        for name in self.given.keys().filter(|name| name.starts_with(CACHE_TTL) && !known(name)) {
            let types: Vec<String> = infra::cache_entries().map(|(name, _)| name.to_uppercase()).collect();
            let sentence = format!("{name} must end with a cached type, one of {}", types.join(", "));
            self.errors.push(SettingError::new(sentence));
        }
    }

    /// Refuses unknown limits: a misspelt name would leave the default in force.
    pub(crate) fn refuse_unknown_limits(&mut self) {
        let known: Vec<&str> = table::all().map(|variable| &*variable.name).filter(|name| name.starts_with(RATE_LIMIT)).collect();
        for name in self.given.keys().filter(|name| name.starts_with(RATE_LIMIT) && !known.contains(&name.as_str())) {
            let sentence = format!("{name} is unknown: a limit is one of {}", known.join(", "));
            self.errors.push(SettingError::new(sentence));
        }
    }

    /// The settings that `build` returns, unless there are errors.
    pub(crate) fn finish<T>(self, build: impl FnOnce(Overview) -> Option<T>) -> Result<T, SettingErrors> {
        SettingErrors::unless_none(self.errors, build(self.overview))
    }
}
