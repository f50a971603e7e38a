//! A connection to Redis behind its breaker.

use std::sync::Arc;

use fred::clients::Client;
use fred::error::{Error, ErrorKind};

use super::breaker::Breaker;
use super::store::StoreUnavailable;

/// A client whose commands fail at once while the breaker is open. Clones share one connection.
#[derive(Clone)]
pub(super) struct Guarded {
    pub(super) client: Client,
    pub(super) breaker: Arc<Breaker>,
}

/// The error of a command.
pub(super) enum CommandError {
    /// The key holds a value of another Redis type.
    WrongType,
    /// Redis did not answer, or answered with an error.
    StoreUnavailable(StoreUnavailable),
}

impl From<CommandError> for StoreUnavailable {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::WrongType => Self("a key holds a value of another Redis type".into()),
            CommandError::StoreUnavailable(error) => error,
        }
    }
}

impl Guarded {
    /// Runs a command unless the breaker is open. Trips the breaker if Redis does not answer.
    pub(super) fn ask<T>(
        &self,
        command: impl Future<Output = Result<T, Error>> + Send,
    ) -> impl Future<Output = Result<T, CommandError>> + Send {
        // fred's futures have kilobytes of state: boxed, they are moved once.
        let command = Box::pin(command);
        async move {
            if self.breaker.is_open() {
                return Err(CommandError::StoreUnavailable(StoreUnavailable("the circuit breaker is open".into())));
            }
            command.await.map_err(|error| self.command_error(&error))
        }
    }

    /// Runs a command for an operator. A slow one does not trip the breaker, since it does not mean that Redis is unavailable.
    pub(super) async fn ask_without_tripping<T>(
        &self,
        command: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, StoreUnavailable> {
        let command = Box::pin(command);
        if self.breaker.is_open() {
            return Err(StoreUnavailable("the circuit breaker is open".into()));
        }
        command.await.map_err(|error| StoreUnavailable(error.to_string()))
    }

    fn command_error(&self, error: &Error) -> CommandError {
        let no_reply = [ErrorKind::IO, ErrorKind::Timeout, ErrorKind::Canceled, ErrorKind::Backpressure, ErrorKind::Tls];
        match error.kind() {
            ErrorKind::InvalidArgument if error.details().starts_with("WRONGTYPE") => return CommandError::WrongType,
            kind if no_reply.contains(kind) => self.breaker.trip(),
            _ => {}
        }
        CommandError::StoreUnavailable(StoreUnavailable(error.to_string()))
    }
}
