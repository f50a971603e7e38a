//! The operations of a caller and their responses.

use harness::Response;
use serde_json::Value;

use super::command::Command;

/// An operation under one key.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The index of the user who owns the coins.
    pub user: usize,
    pub key: String,
    pub command: Command,
    /// The final responses in their order; empty when the client disconnected before the first.
    pub responses: Vec<FinalResponse>,
    /// Whether a request without a response may have arrived.
    pub lost: bool,
}

/// One final response.
#[derive(Clone, Debug)]
pub struct FinalResponse {
    pub status: u16,
    /// The body, without the id of the request.
    pub body: Value,
    /// Whether it is marked as a replay.
    pub replayed: bool,
}

impl FinalResponse {
    /// The final response in `response`.
    pub fn of(response: &Response) -> Self {
        let mut body = response.json().clone();
        if let Some(members) = body.as_object_mut() {
            members.remove("request_id");
        }
        Self { status: response.status(), body, replayed: response.find_header("idempotent-replayed") == Some("true") }
    }
}

/// The outcome of an operation, as far as its client knows.
pub enum Outcome<'a> {
    /// It succeeded; the body of the response.
    Done(&'a Value),
    Refused,
    /// It may have happened once or not at all.
    Unknown,
}

impl Operation {
    /// The outcome that its client knows.
    pub fn outcome(&self) -> Outcome<'_> {
        match self.responses.first() {
            Some(first) if first.status == self.command.final_statuses().0 => Outcome::Done(&first.body),
            Some(_) => Outcome::Refused,
            None => Outcome::Unknown,
        }
    }
}
