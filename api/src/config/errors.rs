//! What is wrong with the settings, all of it at once.

use std::fmt;

/// One setting that is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SettingError(String);

impl SettingError {
    /// A fault, as a sentence that begins with the variable's name.
    pub(crate) fn new(sentence: impl fmt::Display) -> Self {
        Self(sentence.to_string())
    }
}

/// Everything that is wrong with the settings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SettingErrors(Vec<SettingError>);

impl SettingErrors {
    /// Lets a value pass only when nothing is wrong.
    pub(crate) fn unless_none<T>(faults: Vec<SettingError>, value: Option<T>) -> Result<T, Self> {
        value.filter(|_| faults.is_empty()).ok_or(Self(faults))
    }

    /// The faults one by one.
    pub(crate) fn into_vec(self) -> Vec<SettingError> {
        self.0
    }
}

impl fmt::Display for SettingErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these settings are wrong")?;
        self.0.iter().try_for_each(|SettingError(sentence)| write!(f, "\n  {sentence}"))
    }
}

impl std::error::Error for SettingErrors {}
