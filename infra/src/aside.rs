//! Threads beside those of the requests, for what everybody waits for: the loads of what is not cached, the connections to Redis
//! and the tail of the change log. If these had to queue behind a crowd of requests, the crowd would make Redis look slow, the
//! log look old and the database look hung, and so fall upon the database, of all times then.

use std::io;
use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// Runs a task there; among the requests, should the machine have no threads left.
pub(crate) fn spawn<F>(task: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    static THREADS: LazyLock<io::Result<Runtime>> =
        LazyLock::new(|| Builder::new_multi_thread().thread_name("aside").enable_all().build());
    match &*THREADS {
        Ok(threads) => threads.spawn(task),
        Err(_) => tokio::spawn(task),
    }
}
