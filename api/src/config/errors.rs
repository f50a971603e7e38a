//! Errors in the settings, reported together.

use std::fmt;

/// An invalid setting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SettingError(String);

impl SettingError {
    /// An error, as a sentence that begins with the variable's name.
    pub(crate) fn new(sentence: impl fmt::Display) -> Self {
        Self(sentence.to_string())
    }
}

/// All invalid settings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SettingErrors(Vec<SettingError>);

impl SettingErrors {
    /// Returns the value if there are no errors.
    pub(crate) fn unless_none<T>(errors: Vec<SettingError>, value: Option<T>) -> Result<T, Self> {
        value.filter(|_| errors.is_empty()).ok_or(Self(errors))
    }

    /// The single errors.
    pub(crate) fn into_vec(self) -> Vec<SettingError> {
        self.0
    }
}

impl fmt::Display for SettingErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these settings are not valid")?;
        self.0.iter().try_for_each(|SettingError(sentence)| write!(f, "\n  {sentence}"))
    }
}

impl std::error::Error for SettingErrors {}
