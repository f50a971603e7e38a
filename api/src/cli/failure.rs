//! Failures of commands, as messages for the user.

use std::error::Error;
use std::io::Write;
use std::iter;
use std::process::ExitCode;

use infra::StartError;

use crate::config::SettingErrors;

/// The failure of a command.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingErrors),
    /// A step failed.
    #[error("{what}")]
    Because {
        /// The step.
        what: String,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The arguments are wrong.
    #[error("{0}")]
    Arguments(&'static str),
    /// The command is refused.
    #[error("{0}")]
    Refused(&'static str),
    /// A failure that the operator can correct, as a sentence that says how.
    #[error("{0}")]
    Sentence(String),
}

impl Failure {
    /// A failed step with its cause.
    pub(crate) fn because(what: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Because { what: what.into(), source: source.into() }
    }

    /// A failed step of the start. A sentence for the operator is reported without the step.
    pub(crate) fn start(what: impl Into<String>, error: StartError) -> Self {
        match error {
            StartError::Database(sentence) | StartError::Refused(sentence) => Self::Sentence(sentence),
            StartError::Service(error) => Self::because(what, error),
        }
    }

    /// Writes the failure to standard error and returns the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let _ = writeln!(std::io::stderr(), "atelier: {}", self.message());
        ExitCode::from(if matches!(self, Self::Settings(_) | Self::Arguments(_)) { 2 } else { 1 })
    }

    /// The failure with its causes.
    fn message(&self) -> String {
        let chain = iter::successors(Some(self as &dyn Error), |error: &&dyn Error| (*error).source());
        let mut causes: Vec<String> = chain.map(ToString::to_string).collect();
        // Libraries often repeat their source in their own message.
        causes.dedup_by(|source, error| error.ends_with(source.as_str()));
        causes.join(": ")
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_failure_names_each_cause_once() {
        let refused = io::Error::other("connection refused");
        let failure = Failure::because("cannot connect", domain::ServiceError::unavailable(refused));
        assert_eq!(failure.message(), "cannot connect: a dependency is unavailable: connection refused");
        let repeating = Failure::because("cannot write a: no space", io::Error::other("no space"));
        assert_eq!(repeating.message(), "cannot write a: no space");
    }
}
