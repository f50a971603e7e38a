//! Causes failures and repairs them. Each failure has ended when its function returns.

use std::time::Duration;

use harness::{Flow, Proxy, eventually_true};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use tokio::time::sleep;

use super::deployment::{Deployment, SERVERS};
use super::failure_log::Failure;

/// Copies every key to another database of Redis.
const BACK_UP_KEYS: &str = "redis.call('SELECT', 1) redis.call('FLUSHDB') redis.call('SELECT', 0) \
    for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', 1) end";
/// Replaces all keys by those copies.
const RESTORE_KEYS: &str = "redis.call('SELECT', 0) redis.call('FLUSHDB') redis.call('SELECT', 1) \
    for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', 0) end";

/// The maximum delay on a slow network to Redis: long for a cache, well below its time-out.
const SLOW_REDIS: Duration = Duration::from_millis(15);
/// The maximum delay on a slow network to the database: a whole write fits into one load.
const SLOW_DATABASE: Duration = Duration::from_millis(60);

/// The ways to cut off a server: to Redis, from Redis.
const CUTS: [(Flow, Flow); 6] = [
    (Flow::Held, Flow::Open),
    (Flow::Lost, Flow::Open),
    (Flow::Open, Flow::Held),
    (Flow::Open, Flow::Lost),
    (Flow::Held, Flow::Held),
    (Flow::Lost, Flow::Lost),
];

/// Draws failures and their course from one seed.
pub struct FailureInjector {
    rng: StdRng,
    failures: &'static [Failure],
    /// Failures not drawn yet in this round.
    remaining: Vec<Failure>,
    /// The maximum length of a failure, in milliseconds.
    longest: u64,
}

impl FailureInjector {
    /// An injector of these failures, none longer than `longest`.
    pub fn new(rng: StdRng, failures: &'static [Failure], longest: Duration) -> Self {
        Self { rng, failures, remaining: Vec::new(), longest: u64::try_from(longest.as_millis()).expect("a short time") }
    }

    /// Draws the next failure, and its server if it affects one.
    pub fn draw(&mut self) -> (Failure, Option<usize>) {
        if self.remaining.is_empty() {
            self.remaining = self.failures.to_vec();
            self.remaining.shuffle(&mut self.rng);
        }
        let failure = self.remaining.pop().expect("there are failures");
        let at_server = matches!(failure, Failure::Cut | Failure::SlowDatabase | Failure::KilledServer | Failure::HungServer);
        (failure, at_server.then(|| self.rng.random_range(0..SERVERS)))
    }

    /// Causes a failure and ends it.
    pub async fn inject(&mut self, failure: Failure, server: Option<usize>, to: &Deployment) {
        let server = server.unwrap_or_default();
        match failure {
            Failure::HungRedis => self.hang_redis(to).await,
            Failure::KilledRedis => self.kill_redis(to).await,
            Failure::OldSnapshot => self.restart_with_old_snapshot(to).await,
            Failure::RestoredKeys => self.restore_keys(to).await,
            Failure::Promotion => self.promote(to).await,
            Failure::Flush => self.repeat_command(to, &["FLUSHALL"]).await,
            Failure::ClosedConnections => {
                let kind = *["normal", "pubsub"].choose(&mut self.rng).expect("a kind");
                self.repeat_command(to, &["CLIENT", "KILL", "TYPE", kind]).await;
            }
            Failure::Cut => self.cut(server, to).await,
            Failure::SlowRedis => self.slow(SLOW_REDIS, to.members.iter().map(|member| &member.proxy).collect()).await,
            Failure::SlowDatabase => self.slow(SLOW_DATABASE, vec![&to.members[server].database]).await,
            Failure::KilledServer => self.kill_server(server, to).await,
            Failure::HungServer => self.hang_server(server, to).await,
        }
    }

    /// Waits for a random time.
    pub async fn pause(&mut self) {
        sleep(Duration::from_millis(self.rng.random_range(5..=self.longest))).await;
    }

    async fn hang_redis(&mut self, to: &Deployment) {
        to.primary().suspend();
        self.pause().await;
        to.primary().resume();
    }

    async fn kill_redis(&mut self, to: &Deployment) {
        to.primary().kill();
        self.pause().await;
        to.primary().start().await;
    }

    async fn restart_with_old_snapshot(&mut self, to: &Deployment) {
        to.primary().run(&["SAVE"]);
        self.pause().await;
        to.primary().kill();
        self.pause().await;
        to.primary().start_with_snapshot().await;
    }

    async fn restore_keys(&mut self, to: &Deployment) {
        to.primary().run(&["EVAL", BACK_UP_KEYS, "0"]);
        self.pause().await;
        to.primary().run(&["EVAL", RESTORE_KEYS, "0"]);
    }

    /// Promotes a replica that lags, before or after the old primary is killed; in between there are two primaries.
    async fn promote(&mut self, to: &Deployment) {
        let (old, new) = (to.primary(), to.spare());
        to.replication.redirect(old.port());
        new.start().await;
        new.run(&["REPLICAOF", "127.0.0.1", &to.replication.port().to_string()]);
        let synchronised = async || new.run(&["INFO", "replication"]).contains("master_link_status:up");
        eventually_true("the replica has caught up", synchronised).await;
        to.replication.cut(Flow::Held, Flow::Held);
        self.pause().await;
        if self.rng.random() {
            old.kill();
        }
        new.run(&["REPLICAOF", "NO", "ONE"]);
        for member in &to.members {
            member.proxy.redirect(new.port());
            sleep(Duration::from_millis(self.rng.random_range(0..100))).await;
        }
        old.kill();
        to.replication.repair();
        to.swap();
    }

    async fn repeat_command(&mut self, to: &Deployment, command: &[&str]) {
        for _ in 0..self.rng.random_range(1..=3) {
            to.primary().run(command);
            sleep(Duration::from_millis(self.rng.random_range(0..100))).await;
        }
    }

    async fn cut(&mut self, server: usize, to: &Deployment) {
        let proxy = &to.members[server].proxy;
        let (to_redis, from_redis) = *CUTS.choose(&mut self.rng).expect("a cut");
        proxy.cut(to_redis, from_redis);
        if self.rng.random() {
            proxy.refuse();
        }
        self.pause().await;
        proxy.repair();
    }

    async fn slow(&mut self, longest: Duration, networks: Vec<&Proxy>) {
        for network in &networks {
            network.slow(longest);
        }
        self.pause().await;
        for network in networks {
            network.repair();
        }
    }

    async fn kill_server(&mut self, server: usize, to: &Deployment) {
        for _ in 0..self.rng.random_range(1..=3) {
            to.kill(server);
            self.pause().await;
            to.restart(server).await;
            // The next kill comes during new writes, perhaps before the server has read much of the log.
            sleep(Duration::from_millis(self.rng.random_range(0..300))).await;
        }
    }

    async fn hang_server(&mut self, server: usize, to: &Deployment) {
        to.members[server].suspend();
        self.pause().await;
        to.members[server].resume();
    }
}
