//! One-time tickets over HTTP: the parameter, the answer that issues one, and the problem of one that is not valid.
//!
//! An operation that takes a ticket is public in the document. It checks the request, redeems the ticket, and judges its holder with
//! `Authenticator::reauthenticate`. The operations are left to the features of the resources.

use domain::tickets::{IssuedTicket, TicketError};
use poem_openapi::registry::MetaSchema;
use poem_openapi::types::{ParseError, ParseFromParameter, ParseResult};
use serde_json::{Value, json};

use crate::http::problem::{Kind, Problem};
use crate::http::reply::ResponseBody;
use crate::http::scalar::scalar;

/// An example of a ticket.
const EXAMPLE: &str = "k3v9QmT2xWbR7yLc5hJd8sNfA1uGzPe6oXiYqB4tVwE";

/// The parameter `ticket`.
#[derive(Clone)]
pub struct Ticket(pub String);

scalar! { Ticket, "ticket", required: true, MetaSchema {
    min_length: Some(43),
    max_length: Some(43),
    pattern: Some("^[0-9A-Za-z]{43}$".to_owned()),
    description: Some("A one-time ticket for this resource, at most 30 seconds old."),
    example: Some(EXAMPLE.into()),
    ..MetaSchema::new("string")
}}

impl ParseFromParameter for Ticket {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        let is_ticket = text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_ticket { Ok(Self(text.to_owned())) } else { Err(ParseError::custom("must be a ticket")) }
    }
}

impl ResponseBody for IssuedTicket {
    fn example() -> Value {
        json!({"ticket": EXAMPLE, "expires_at": "2027-01-31T10:00:30Z"})
    }
}

impl From<TicketError> for Problem {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::Invalid => Self::new(
                Kind::InvalidCredentials,
                "The ticket is unknown, used or expired, or for another resource. Request another one.",
            ),
            TicketError::Service(error) => error.into(),
        }
    }
}
