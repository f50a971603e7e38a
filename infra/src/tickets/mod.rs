//! One-time tickets on SQL. A ticket is used by deleting its row, so it is used once whatever happens at the same time.

mod rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::identity::Holder;
use domain::tickets::{IssuedTicket, TICKET_SECONDS, TicketError, TicketResource, Tickets};
use domain::{Clock, ServiceError};
use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};

use crate::db::Database;
use crate::jobs::{OldRows, Since};

/// Characters of a ticket. 43 characters of 62 have 256 random bits.
const LENGTH: usize = 43;

/// Expired tickets.
pub(crate) const OLD_TICKETS: OldRows = OldRows::of("purge_tickets", "tickets", "hash", Since::Time("expires_at"));

/// [`Tickets`] on SQL.
pub(crate) struct SqlTickets {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Tickets for SqlTickets {
    async fn issue(&self, holder: Option<Holder>, resource: &TicketResource) -> Result<IssuedTicket, ServiceError> {
        let ticket = Alphanumeric.sample_string(&mut rand::rng(), LENGTH);
        let expires_at = self.clock.now() + TimeDelta::seconds(TICKET_SECONDS);
        rows::insert(&self.db, hash(&ticket), resource, holder, expires_at).await?;
        Ok(IssuedTicket { ticket, expires_at })
    }

    async fn redeem(&self, ticket: &str, resource: &TicketResource) -> Result<Option<Holder>, TicketError> {
        // Another text is no ticket, and needs no query.
        if ticket.len() != LENGTH {
            return Err(TicketError::Invalid);
        }
        let taken = rows::take(&self.db, hash(ticket), resource, self.clock.now()).await?;
        taken.ok_or(TicketError::Invalid)
    }
}

fn hash(ticket: &str) -> Vec<u8> {
    Sha256::digest(ticket).to_vec()
}
