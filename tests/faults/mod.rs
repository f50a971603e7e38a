//! Faults of dependencies and clients: an unavailable Postgres or Redis, failovers, disconnects.

mod client_disconnects;
mod postgres_unavailable;
mod redis_topologies;
mod redis_unavailable;
mod slow_readers;
