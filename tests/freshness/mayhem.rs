//! How faults are caused, and what mends them. Every fault has ended when its function returns.

use std::time::Duration;

use harness::{Flow, Proxy, eventually_true};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use tokio::time::sleep;

use super::deployment::{Deployment, SERVERS};
use super::troubles::Fault;

/// Puts every key aside, in another of Redis' databases.
const PUT_ASIDE: &str = "redis.call('SELECT', 1) redis.call('FLUSHDB') redis.call('SELECT', 0) \
    for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', 1) end";
/// Puts back what was put aside, and nothing else.
const PUT_BACK: &str = "redis.call('SELECT', 0) redis.call('FLUSHDB') redis.call('SELECT', 1) \
    for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', 0) end";

/// The longest that answers of Redis take on a slow network: long for a cache, and far from its time-out.
const SLOW_REDIS: Duration = Duration::from_millis(15);
/// The longest that answers of the database take: time for a whole write elsewhere while something is loaded.
const SLOW_DATABASE: Duration = Duration::from_millis(60);

/// The ways in which a server can be cut off.
const CUTS: [(Flow, Flow); 6] = [
    (Flow::Held, Flow::Open),
    (Flow::Lost, Flow::Open),
    (Flow::Open, Flow::Held),
    (Flow::Open, Flow::Lost),
    (Flow::Held, Flow::Held),
    (Flow::Lost, Flow::Lost),
];

/// Draws faults, and how each goes, from one seed.
pub struct Mayhem {
    dice: StdRng,
    faults: &'static [Fault],
    /// Faults that have not been drawn since all were.
    bag: Vec<Fault>,
    /// The longest that a fault goes on, in milliseconds.
    longest: u64,
}

impl Mayhem {
    /// Mayhem of these faults, none longer than that.
    pub fn new(dice: StdRng, faults: &'static [Fault], longest: Duration) -> Self {
        Self { dice, faults, bag: Vec::new(), longest: u64::try_from(longest.as_millis()).expect("a short time") }
    }

    /// The next fault, and the server that it happens to if it happens to one.
    pub fn draw(&mut self) -> (Fault, Option<usize>) {
        if self.bag.is_empty() {
            self.bag = self.faults.to_vec();
            self.bag.shuffle(&mut self.dice);
        }
        let fault = self.bag.pop().expect("there are faults");
        let at_server = matches!(fault, Fault::Cut | Fault::SlowDatabase | Fault::KilledServer | Fault::HungServer);
        (fault, at_server.then(|| self.dice.random_range(0..SERVERS)))
    }

    /// Lets it happen.
    pub async fn cause(&mut self, fault: Fault, server: Option<usize>, to: &Deployment) {
        let server = server.unwrap_or_default();
        match fault {
            Fault::HungRedis => self.hang_redis(to).await,
            Fault::KilledRedis => self.kill_redis(to).await,
            Fault::OldSnapshot => self.restart_with_old_snapshot(to).await,
            Fault::RestoredKeys => self.restore_keys(to).await,
            Fault::Promotion => self.promote(to).await,
            Fault::Flush => self.again_and_again(to, &["FLUSHALL"]).await,
            Fault::ClosedConnections => {
                let kind = *["normal", "pubsub"].choose(&mut self.dice).expect("a kind");
                self.again_and_again(to, &["CLIENT", "KILL", "TYPE", kind]).await;
            }
            Fault::Cut => self.cut(server, to).await,
            Fault::SlowRedis => self.slow(SLOW_REDIS, to.members.iter().map(|member| &member.proxy).collect()).await,
            Fault::SlowDatabase => self.slow(SLOW_DATABASE, vec![&to.members[server].database]).await,
            Fault::KilledServer => self.kill_server(server, to).await,
            Fault::HungServer => self.hang_server(server, to).await,
        }
    }

    /// Goes on for a random while.
    pub async fn go_on(&mut self) {
        sleep(Duration::from_millis(self.dice.random_range(5..=self.longest))).await;
    }

    async fn hang_redis(&mut self, to: &Deployment) {
        to.primary().suspend();
        self.go_on().await;
        to.primary().resume();
    }

    async fn kill_redis(&mut self, to: &Deployment) {
        to.primary().kill();
        self.go_on().await;
        to.primary().start().await;
    }

    async fn restart_with_old_snapshot(&mut self, to: &Deployment) {
        to.primary().run(&["SAVE"]);
        self.go_on().await;
        to.primary().kill();
        self.go_on().await;
        to.primary().start_with_snapshot().await;
    }

    async fn restore_keys(&mut self, to: &Deployment) {
        to.primary().run(&["EVAL", PUT_ASIDE, "0"]);
        self.go_on().await;
        to.primary().run(&["EVAL", PUT_BACK, "0"]);
    }

    /// A replica falls behind and becomes the primary, before or after the old one has died; in between both are.
    async fn promote(&mut self, to: &Deployment) {
        let (old, new) = (to.primary(), to.spare());
        to.link.redirect(old.port());
        new.start().await;
        new.run(&["REPLICAOF", "127.0.0.1", &to.link.port().to_string()]);
        let synchronised = async || new.run(&["INFO", "replication"]).contains("master_link_status:up");
        eventually_true("the replica has caught up", synchronised).await;
        to.link.cut(Flow::Held, Flow::Held);
        self.go_on().await;
        if self.dice.random() {
            old.kill();
        }
        new.run(&["REPLICAOF", "NO", "ONE"]);
        for member in &to.members {
            member.proxy.redirect(new.port());
            sleep(Duration::from_millis(self.dice.random_range(0..100))).await;
        }
        old.kill();
        to.link.repair();
        to.swap();
    }

    async fn again_and_again(&mut self, to: &Deployment, command: &[&str]) {
        for _ in 0..self.dice.random_range(1..=3) {
            to.primary().run(command);
            sleep(Duration::from_millis(self.dice.random_range(0..100))).await;
        }
    }

    async fn cut(&mut self, server: usize, to: &Deployment) {
        let proxy = &to.members[server].proxy;
        let (to_redis, from_redis) = *CUTS.choose(&mut self.dice).expect("a cut");
        proxy.cut(to_redis, from_redis);
        if self.dice.random() {
            proxy.refuse();
        }
        self.go_on().await;
        proxy.repair();
    }

    async fn slow(&mut self, longest: Duration, networks: Vec<&Proxy>) {
        for network in &networks {
            network.slow(longest);
        }
        self.go_on().await;
        for network in networks {
            network.repair();
        }
    }

    async fn kill_server(&mut self, server: usize, to: &Deployment) {
        for _ in 0..self.dice.random_range(1..=3) {
            to.kill(server);
            self.go_on().await;
            to.restart(server).await;
            // It dies again in the middle of new writes, and perhaps before it has seen much of the log.
            sleep(Duration::from_millis(self.dice.random_range(0..300))).await;
        }
    }

    async fn hang_server(&mut self, server: usize, to: &Deployment) {
        to.members[server].suspend();
        self.go_on().await;
        to.members[server].resume();
    }
}
