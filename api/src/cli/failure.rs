//! Why a command failed, in words for the person who gave it.

use std::error::Error;
use std::io::Write;
use std::iter;
use std::process::ExitCode;

use crate::config::SettingErrors;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingErrors),
    /// Something that had to work did not.
    #[error("{what}")]
    Because {
        /// What could not be done.
        what: String,
        /// Why not.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It is not done, whatever the circumstances.
    #[error("{0}")]
    Refused(&'static str),
}

impl Failure {
    /// Something that had to work did not.
    pub(crate) fn because(what: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Because { what: what.into(), source: source.into() }
    }

    /// Tells it on the standard error, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let _ = writeln!(std::io::stderr(), "atelier: {}", self.told());
        ExitCode::from(if matches!(self, Self::Settings(_)) { 2 } else { 1 })
    }

    /// The failure with its reasons.
    fn told(&self) -> String {
        let chain = iter::successors(Some(self as &dyn Error), |error: &&dyn Error| (*error).source());
        let mut told: Vec<String> = chain.map(ToString::to_string).collect();
        // Libraries often repeat their source in their own words.
        told.dedup_by(|source, error| error.ends_with(source.as_str()));
        told.join(": ")
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_failure_is_told_with_its_reasons_and_each_once() {
        let refused = io::Error::other("connection refused");
        let failure = Failure::because("cannot connect", domain::ServiceError::unavailable(refused));
        assert_eq!(failure.told(), "cannot connect: a dependency is unavailable: connection refused");
        let repeating = Failure::because("cannot write a: no space", io::Error::other("no space"));
        assert_eq!(repeating.told(), "cannot write a: no space");
    }
}
