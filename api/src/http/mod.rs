//! The core of the HTTP layer: server, edge, principal, bodies, parameters, problems, replies and the document.
//!
//! It guarantees that every request gets a response and that every error is a problem document. It depends on no feature. The
//! operations are left to the feature folders, and their list to the root of the crate.

pub(crate) mod access;
pub(crate) mod body;
pub(crate) mod body_rules;
pub(crate) mod client_address;
pub(crate) mod compression;
pub(crate) mod conditional;
pub(crate) mod cors;
pub(crate) mod credential;
pub(crate) mod docs;
pub(crate) mod document;
pub(crate) mod download;
pub(crate) mod edge;
pub(crate) mod host;
pub(crate) mod idempotency;
pub(crate) mod json;
pub(crate) mod limits;
pub(crate) mod metrics;
pub(crate) mod operation;
pub(crate) mod parameter;
pub(crate) mod params;
pub(crate) mod principal;
pub(crate) mod problem;
pub(crate) mod rate_limit;
pub(crate) mod repeat;
pub(crate) mod reply;
pub(crate) mod request_id;
pub(crate) mod router;
pub(crate) mod scalar;
pub(crate) mod schema;
pub(crate) mod server;
pub(crate) mod shutdown;
pub(crate) mod spool;
pub mod sse;
pub(crate) mod tags;
pub(crate) mod text;
pub(crate) mod upload;
pub(crate) mod view;
pub mod websocket;
