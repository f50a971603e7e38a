//! One-time tickets: what a browser puts into an address where it cannot send a header.
//!
//! A ticket opens one resource once, within [`TICKET_SECONDS`]. A holder of the resource requests it, and its bearer acts for
//! that holder. It is good for nothing else, so a ticket in a log or in the history of a browser is of no use. What a resource allows
//! its holders is left to the feature of the resource.

use std::fmt::Display;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Serialize;

use crate::identity::Holder;
use crate::{ServiceError, Time};

/// How long a ticket is valid, in seconds.
pub const TICKET_SECONDS: i64 = 30;

/// The only resource that a ticket opens, such as `data_session:01JZ…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketResource(String);

impl TicketResource {
    /// A resource by its kind and its id.
    pub fn new(kind: &'static str, id: impl Display) -> Self {
        Self(format!("{kind}:{id}"))
    }

    /// The text in storage.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A new ticket.
#[derive(Clone, Serialize, JsonSchema)]
pub struct IssuedTicket {
    /// The text for the parameter `ticket`. It is valid once.
    pub ticket: String,
    /// When it expires: 30 seconds after its creation.
    pub expires_at: Time,
}

/// Why a ticket was refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TicketError {
    /// It is unknown, used, expired, or for another resource (401). The error does not distinguish them.
    #[error("the ticket is not valid")]
    Invalid,
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// One-time tickets.
#[async_trait]
pub trait Tickets: Send + Sync {
    /// Issues a ticket to a holder; `None` for the holder of the secret of an anonymous resource.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn issue(&self, holder: Option<Holder>, resource: &TicketResource) -> Result<IssuedTicket, ServiceError>;

    /// Uses a ticket. Of several uses at once, one succeeds. The holder has not been judged again: its credential may have ended.
    ///
    /// # Errors
    /// [`TicketError`]. After [`TicketError::Service`] the ticket may be used.
    async fn redeem(&self, ticket: &str, resource: &TicketResource) -> Result<Option<Holder>, TicketError>;
}
