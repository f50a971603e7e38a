//! The processes of the rivals, whose sources are in `rivals/`: on the server's core, with the Redis or the Postgres of the
//! benchmark.

use std::process::{Child, Command, Stdio};

use harness::child_process::{self, ChildOptions};
use harness::program::isolate;
use harness::scratch::free_port;
use harness::{Redis, eventually_true};

use crate::machine;

/// The sources of the rivals, and the folder of their installed dependencies (`scripts/bench`).
const SOURCES: &str = "tests/bench/rivals";
const INSTALLED: &str = "target/bench";

/// A running stack; it is killed when this is dropped.
pub struct Rival {
    process: Child,
    url: String,
}

impl Rival {
    /// `FastAPI` on uvicorn, with redis.asyncio.
    pub async fn fastapi(redis: &Redis) -> Self {
        let port = free_port();
        let mut command = ChildOptions::KILLED_WITH_SUITE.command(format!("{INSTALLED}/venv/bin/uvicorn"));
        isolate(&mut command);
        command.env("PYTHONDONTWRITEBYTECODE", "1").args(["fastapi_app:app", "--app-dir", SOURCES, "--port", &port.to_string()]);
        command.args(["--loop", "uvloop", "--http", "httptools", "--workers", "1", "--no-access-log", "--log-level", "warning"]);
        command.env("REDIS_URL", redis.url());
        Self::start(command, port).await
    }

    /// Fastify with `BentoCache` and ioredis.
    pub async fn fastify(redis: &Redis) -> Self {
        let port = free_port();
        let mut command = node("fastify_app.mjs", port);
        command.env("REDIS_URL", redis.url());
        Self::start(command, port).await
    }

    /// graphile-worker on this database.
    pub async fn graphile_worker(database: &str) -> Self {
        let port = free_port();
        let mut command = node("graphile_worker.mjs", port);
        command.env("DATABASE_URL", database).stdout(Stdio::null());
        Self::start(command, port).await
    }

    /// `BullMQ` on this Redis.
    pub async fn bullmq(redis: &Redis) -> Self {
        let port = free_port();
        let mut command = node("bullmq.mjs", port);
        command.env("REDIS_URL", redis.url());
        Self::start(command, port).await
    }

    /// Starts a rival on the server's core.
    async fn start(mut command: Command, port: u16) -> Self {
        command.stdin(Stdio::null());
        let process = child_process::spawn(command);
        eventually_true("the rival listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        machine::give_core(process.id());
        Self { process, url: format!("http://127.0.0.1:{port}") }
    }

    pub fn process(&self) -> u32 {
        self.process.id()
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The command of a program on Node.
fn node(program: &str, port: u16) -> Command {
    let mut command = ChildOptions::KILLED_WITH_SUITE.command("node");
    isolate(&mut command);
    command.env("NODE_ENV", "production").env("PORT", port.to_string()).arg(format!("{INSTALLED}/node/{program}"));
    command
}

impl Drop for Rival {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
