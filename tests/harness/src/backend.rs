//! The deployments on which every test of behaviour runs.

use std::future::Future;

/// A database and a cache.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// One file, one process.
    SqliteMemory,
    /// One file, Redis.
    SqliteRedis,
    /// Postgres, one process.
    PostgresMemory,
    /// Postgres and Redis: the deployment of several workers.
    PostgresRedis,
}

/// Where the cache lives.
pub enum Cache {
    /// In the server.
    Memory,
    /// In Redis.
    Redis,
}

impl Backend {
    /// Where this deployment's cache lives.
    pub fn cache(self) -> Cache {
        match self {
            Self::SqliteMemory | Self::PostgresMemory => Cache::Memory,
            Self::SqliteRedis | Self::PostgresRedis => Cache::Redis,
        }
    }
}

/// The types that a test may take as its parameter: a running `Site`, or a `SiteBuilder` to configure first.
pub trait OnBackend {
    /// Creates it on a backend.
    #[expect(async_fn_in_trait, reason = "it is awaited where it is called")]
    async fn on(backend: Backend) -> Self;
}

/// Runs one test on one backend.
pub fn run<T: OnBackend, F: Future<Output = ()>>(backend: Backend, test: impl FnOnce(T) -> F) {
    runtime().block_on(async { test(T::on(backend).await).await });
}

/// Runs one test that creates what it needs itself.
pub fn run_alone<T>(test: impl Future<Output = T>) -> T {
    runtime().block_on(test)
}

fn runtime() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().expect("a runtime")
}

/// Declares tests that hold on every deployment.
#[macro_export]
macro_rules! backends {
    ($(async fn $name:ident($($parameter:tt)*) $body:block)*) => {$(
        $crate::on_backends! {
            [sqlite_memory SqliteMemory, sqlite_redis SqliteRedis, postgres_memory PostgresMemory, postgres_redis PostgresRedis]
            async fn $name($($parameter)*) $body
        }
    )*};
}

/// Declares tests that need Redis.
#[macro_export]
macro_rules! redis_backends {
    ($(async fn $name:ident($($parameter:tt)*) $body:block)*) => {$(
        $crate::on_backends! {
            [sqlite_redis SqliteRedis, postgres_redis PostgresRedis]
            async fn $name($($parameter)*) $body
        }
    )*};
}

/// Declares tests that start their own kind of Redis, or query Postgres directly.
#[macro_export]
macro_rules! postgres_only {
    ($(async fn $name:ident($($parameter:tt)*) $body:block)*) => {$(
        $crate::on_backends! {
            [postgres PostgresMemory]
            async fn $name($($parameter)*) $body
        }
    )*};
}

/// Declares one test, on the named backends.
#[macro_export]
macro_rules! on_backends {
    ([$($test:ident $backend:ident),+] async fn $name:ident($($parameter:tt)*) $body:block) => {
        mod $name {
            use super::*;

            async fn body($($parameter)*) $body

            $(#[test]
            fn $test() {
                $crate::run($crate::Backend::$backend, body);
            })+
        }
    };
}
