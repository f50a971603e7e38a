//! Data sessions: a table is uploaded, described and used to train a model; then all of it expires.

/// Declares tests on SQLite without Redis, and on Postgres with Redis.
macro_rules! both_pairs {
    ($(async fn $name:ident($($parameter:tt)*) $body:block)*) => {$(
        harness::on_backends! {
            [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
            async fn $name($($parameter)*) $body
        }
    )*};
}

mod allowances;
mod anonymous;
mod corpus;
mod data_session;
mod expiry;
mod job_limit;
mod journey;
mod killed;
mod lifecycle;
mod predictions;
mod progress;
mod redis;
mod redis_settings;
mod refused_trainings;
mod removal;
mod report;
mod sample_tables;
mod statistics;
mod stored_content;
mod training_limits;
mod training_processes;
mod trainings;
mod two_servers;
mod upload_limits;
mod upload_settings;
mod web_socket;

use data_session::DataSession;
