//! The harness: deploys Atelier for each test and holds every answer to the contract.
//!
//! A test asks for what it needs by the type of its parameter, a running [`Site`] or a [`Blueprint`] to change first, and
//! is repeated on every [`Backend`]. It has its own database, its own prefix in Redis and its own servers; Postgres and
//! Redis are shared by the run, are the suite's own, and die with it. What a good answer is to one question is left to
//! the tests; what every answer must be is checked here.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "only tests use this"
)]

mod actions;
mod answer;
pub mod backend;
mod blueprint;
mod cache_status;
mod client;
pub mod cluster;
mod coin_actions;
mod crowd;
mod database;
mod demands;
mod document;
mod eventually;
pub mod ledger_audit;
pub mod nursery;
mod people;
pub mod place;
pub mod program;
mod proxy;
mod redis;
mod redis_cluster;
mod request;
mod schema;
mod sentinels;
mod server;
mod signal;
mod site;

mod stripe;
mod virtual_time;
mod wire;

pub use answer::Answer;
pub use backend::{Backend, OnBackend, run, run_alone};
pub use blueprint::Blueprint;
pub use cache_status::CacheStatus;
pub use client::Client;
pub use crowd::{Crowd, Heard};
pub use database::Database;
pub use document::{Document, Operation};
pub use eventually::{eventually, eventually_true};
pub use people::{ADMIN_PASSWORD, PASSWORD, User};
pub use place::{free_port, unique};
pub use proxy::{Flow, Proxy};
pub use redis::Redis;
pub use redis_cluster::RedisCluster;
pub use request::Request;
pub use schema::Schema;
pub use sentinels::Sentinels;
pub use server::{Server, Settings};
pub use site::Site;
pub use stripe::Stripe;
pub use virtual_time::{Time, written};
pub use wire::Wire;
