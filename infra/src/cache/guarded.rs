//! A connection to Redis behind its breaker.

use std::sync::Arc;

use fred::clients::Client;
use fred::error::{Error, ErrorKind};

use super::breaker::Breaker;
use super::store::StoreUnavailable;

/// A client that nobody waits for while Redis is away. Clones are one connection.
#[derive(Clone)]
pub(super) struct Guarded {
    pub(super) client: Client,
    pub(super) breaker: Arc<Breaker>,
}

/// Why a command has no answer.
pub(super) enum Refused {
    WrongType,
    StoreUnavailable(StoreUnavailable),
}

impl From<Refused> for StoreUnavailable {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::WrongType => Self("a key holds a foreign type".into()),
            Refused::StoreUnavailable(away) => away,
        }
    }
}

impl Guarded {
    /// Runs a command unless the breaker is open, and trips it if Redis did not answer.
    pub(super) fn ask<T>(
        &self,
        command: impl Future<Output = Result<T, Error>> + Send,
    ) -> impl Future<Output = Result<T, Refused>> + Send {
        // fred's futures take kilobytes: in a box they are moved once.
        let command = Box::pin(command);
        async move {
            if self.breaker.is_open() {
                return Err(Refused::StoreUnavailable(StoreUnavailable("the breaker is open".into())));
            }
            command.await.map_err(|error| self.refused(&error))
        }
    }

    /// Runs a command of an operator: that it takes long does not mean that Redis is unavailable.
    pub(super) async fn ask_without_tripping<T>(
        &self,
        command: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, StoreUnavailable> {
        let command = Box::pin(command);
        if self.breaker.is_open() {
            return Err(StoreUnavailable("the breaker is open".into()));
        }
        command.await.map_err(|error| StoreUnavailable(error.to_string()))
    }

    fn refused(&self, error: &Error) -> Refused {
        let silent = [ErrorKind::IO, ErrorKind::Timeout, ErrorKind::Canceled, ErrorKind::Backpressure, ErrorKind::Tls];
        match error.kind() {
            ErrorKind::InvalidArgument if error.details().starts_with("WRONGTYPE") => return Refused::WrongType,
            kind if silent.contains(kind) => self.breaker.trip(),
            _ => {}
        }
        Refused::StoreUnavailable(StoreUnavailable(error.to_string()))
    }
}
