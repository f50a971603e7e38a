//! A connection to Redis behind its breaker.

use std::sync::Arc;

use fred::clients::Client;
use fred::error::{Error, ErrorKind};

use super::breaker::Breaker;
use super::store::Away;

/// A client that nobody waits for while Redis is away. Clones are one connection.
#[derive(Clone)]
pub(super) struct Guarded {
    pub(super) client: Client,
    pub(super) breaker: Arc<Breaker>,
}

/// Why a command has no answer.
pub(super) enum Refused {
    WrongType,
    Away(Away),
}

impl From<Refused> for Away {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::WrongType => Self("a key holds a foreign type".into()),
            Refused::Away(away) => away,
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
                return Err(Refused::Away(Away("the breaker is open".into())));
            }
            command.await.map_err(|error| self.refused(&error))
        }
    }

    /// Asks what an operator wants to know: that it takes long says nothing about Redis.
    pub(super) async fn wonder<T>(&self, command: impl Future<Output = Result<T, Error>> + Send) -> Result<T, Away> {
        let command = Box::pin(command);
        if self.breaker.is_open() {
            return Err(Away("the breaker is open".into()));
        }
        command.await.map_err(|error| Away(error.to_string()))
    }

    fn refused(&self, error: &Error) -> Refused {
        let silent = [ErrorKind::IO, ErrorKind::Timeout, ErrorKind::Canceled, ErrorKind::Backpressure, ErrorKind::Tls];
        match error.kind() {
            ErrorKind::InvalidArgument if error.details().starts_with("WRONGTYPE") => return Refused::WrongType,
            kind if silent.contains(kind) => self.breaker.trip(),
            _ => {}
        }
        Refused::Away(Away(error.to_string()))
    }
}
