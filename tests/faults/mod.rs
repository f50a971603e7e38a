//! Faults of what the servers depend on, and of their clients: an unavailable Postgres or Redis, failovers, disconnects.

mod client_disconnects;
mod postgres_unavailable;
mod redis_topologies;
mod redis_unavailable;
