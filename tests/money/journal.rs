//! What a client remembers of what it wanted.

use harness::Response;
use serde_json::Value;

use super::wish::Wish;

/// An operation under one key.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The number of the user whose coins it is about.
    pub user: usize,
    pub key: String,
    pub wish: Wish,
    /// What was heard, in that order; nothing when the client went away before it was told.
    pub heard: Vec<Heard>,
    /// Whether a request may have arrived that nobody was told about.
    pub lost: bool,
}

/// One answer that is final.
#[derive(Clone, Debug)]
pub struct Heard {
    pub status: u16,
    /// The body, without the id of the request.
    pub body: Value,
    /// Whether it said that it is an earlier attempt's.
    pub replayed: bool,
}

impl Heard {
    /// What an answer says.
    pub fn of(answer: &Response) -> Self {
        let mut body = answer.json().clone();
        if let Some(members) = body.as_object_mut() {
            members.remove("request_id");
        }
        Self { status: answer.status(), body, replayed: answer.find_header("idempotent-replayed") == Some("true") }
    }
}

/// What became of an operation, as its client knows.
pub enum Outcome<'a> {
    /// It happened; the body of the answer.
    Done(&'a Value),
    Refused,
    /// It may have happened once or not at all.
    Unknown,
}

impl Operation {
    /// What its client knows of it.
    pub fn outcome(&self) -> Outcome<'_> {
        match self.heard.first() {
            Some(heard) if heard.status == self.wish.answers().0 => Outcome::Done(&heard.body),
            Some(_) => Outcome::Refused,
            None => Outcome::Unknown,
        }
    }
}
