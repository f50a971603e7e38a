//! The harness: deploys Atelier for each test and checks every response against the contract.
//!
//! The type of a test's parameter says what it needs: a running [`Site`], or a [`SiteBuilder`] to configure first. Each test runs
//! on every [`Backend`], with its own database, its own prefix in Redis and its own servers. Postgres and Redis are the suite's
//! own, shared by the tests of a run, and end with it. What holds for every response is checked here; the rest is left to the
//! tests.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "only tests use this"
)]

mod actions;
pub mod backend;
mod cache_status;
pub mod child_process;
mod client;
mod coin_actions;
mod concurrent_clients;
mod database;
mod document;
mod eventually;
mod expectations;
mod keys;
pub mod ledger_audit;
mod mail_server;
pub mod postgres;
pub mod program;
mod proxy;
mod redis;
mod redis_cluster;
mod request;
mod response;
mod schema;
pub mod scratch;
mod sentinels;
mod server;
pub mod signal;
mod site;
mod site_builder;
mod users;

mod raw_connection;
mod received_mail;
mod stripe;
mod virtual_time;
mod web_socket;

pub use backend::{Backend, OnBackend, run, run_alone};
pub use cache_status::CacheStatus;
pub use client::Client;
pub use concurrent_clients::{ClientResponse, ConcurrentClients};
pub use database::Database;
pub use document::{Document, Operation};
pub use eventually::{eventually, eventually_true, eventually_within};
pub use keys::Key;
pub use mail_server::{MailServer, Treatment};
pub use proxy::{Flow, Proxy};
pub use raw_connection::RawConnection;
pub use received_mail::ReceivedMail;
pub use redis::Redis;
pub use redis_cluster::RedisCluster;
pub use request::Request;
pub use response::Response;
pub use schema::Schema;
pub use scratch::{free_port, unique};
pub use sentinels::Sentinels;
pub use server::{Server, Settings};
pub use site::Site;
pub use site_builder::SiteBuilder;
pub use stripe::Stripe;
pub use users::{ADMIN_PASSWORD, PASSWORD, User};
pub use virtual_time::{Time, rfc3339};
pub use web_socket::{Received, WebSocket};
