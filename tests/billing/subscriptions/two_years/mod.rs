//! Two years of virtual time with failures, downtime and a provider whose events are delivered late, repeatedly and in any order.
//!
//! Random decisions follow a seed, which a failure prints. The timing of kills and of concurrent requests is left to the machine.

mod people;
mod provider_events;
mod verification;

use chrono::TimeDelta;
use harness::{Client, PASSWORD, Server, Site, SiteBuilder, Time, User, eventually_true, on_backends};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::START;
use people::Person;
use provider_events::ProviderEvents;
use verification::ObservedPeriods;

/// The simulated time.
const YEARS: TimeDelta = TimeDelta::days(731);
/// The number of steps between two verifications.
const VERIFY_EVERY: usize = 25;

/// A site with its users, and the provider of its payments.
struct Simulation {
    site: Site,
    others: Vec<Server>,
    rng: StdRng,
    /// Signed in at the current time of the servers.
    admin: User,
    people: Vec<Person>,
    provider: ProviderEvents,
    observed: ObservedPeriods,
    step: usize,
}

impl Simulation {
    async fn start(builder: SiteBuilder, others: usize) -> Self {
        let seed = rand::random();
        println!("seed {seed}");
        // Each move waits until all servers have polled.
        let builder = builder.set("CHANGE_LOG_POLL_MS", 100);
        let (site, others) = builder.at(START).paid_by_stripe().open_with_others(others).await;
        let admin = site.admin().await;
        let people = people::register(&site).await;
        let (rng, provider) = (StdRng::seed_from_u64(seed), ProviderEvents::default());
        let mut simulation = Self { site, others, rng, admin, people, provider, observed: ObservedPeriods::default(), step: 0 };
        simulation.act().await;
        simulation.deliver_events().await;
        simulation
    }

    async fn run(&mut self) {
        let end = self.site.now() + YEARS;
        while self.site.now() < end {
            self.step += 1;
            self.advance_time().await;
            self.act().await;
            self.deliver_events().await;
            if self.step.is_multiple_of(VERIFY_EVERY) {
                self.verify().await;
            }
        }
        self.provider.deliver_all_now();
        self.deliver_events().await;
        self.move_time(self.site.now() + TimeDelta::minutes(1)).await;
        self.verify().await;
        verification::verify_end(self).await;
    }

    /// Advances mostly by a third of a period, sometimes by a day, sometimes by weeks without a server.
    async fn advance_time(&mut self) {
        let now = self.site.now();
        let mut hours = |days: std::ops::Range<i64>| TimeDelta::hours(self.rng.random_range(24 * days.start..24 * days.end));
        let (third, weeks) = (hours(10..13), hours(12..45));
        match self.rng.random_range(0..20) {
            0..3 => self.move_time(now + TimeDelta::days(1)).await,
            3..6 => {
                self.stop_servers_until(now + weeks).await;
                // The new servers catch up by themselves soon; advancing the clock does it at once.
                self.move_time(now + weeks + TimeDelta::hours(1)).await;
            }
            _ => self.move_time(now + third).await,
        }
    }

    /// Moves the time of all servers. All users have to sign in again.
    async fn move_time(&mut self, to: Time) {
        self.admin.move_clock(to).await.expect(200);
        self.site.pass_unnoticed(to);
        self.admin = self.site.admin().await;
        // A server whose poll is late on a busy machine follows late. Until then it serves nothing cached.
        for server in self.servers() {
            let follows = async || self.admin.at(server).shown_clock().await >= to;
            eventually_true("the server follows", follows).await;
        }
    }

    /// Kills all servers and starts others later.
    async fn stop_servers_until(&mut self, restart: Time) {
        self.site.kill_server();
        self.others.iter_mut().for_each(Server::kill);
        self.site.pass_unnoticed(restart);
        self.site.replace_server().await;
        for server in 0..self.others.len() {
            self.others[server] = self.site.second_server().await;
        }
        self.admin = self.site.admin().await;
    }

    fn servers(&self) -> impl Iterator<Item = &Server> {
        std::iter::once(self.site.server()).chain(&self.others)
    }

    /// Clients of all servers, signed out.
    fn clients(&self) -> Vec<Client> {
        self.servers().map(|server| self.site.client().at(server)).collect()
    }

    /// Signs in a user through a random server.
    async fn sign_in(&mut self, person: usize) -> User {
        let clients = self.clients();
        let client = &clients[self.rng.random_range(0..clients.len())];
        User::sign_in(client, &self.people[person].email, PASSWORD).await
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn in_two_years_on_one_server_grants_are_the_periods_paid(builder: SiteBuilder) {
        Simulation::start(builder, 0).await.run().await;
    }
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn in_two_years_on_two_servers_grants_are_the_periods_paid(builder: SiteBuilder) {
        Simulation::start(builder, 1).await.run().await;
    }
}
