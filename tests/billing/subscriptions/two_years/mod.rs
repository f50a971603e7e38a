//! Two years of virtual time with failures, downtime and a provider whose events come late, several times and in any order.
//!
//! What is random follows a seed, which a failure tells. Where servers are killed, and what they make of requests that arrive at the
//! same time, is left to the machine.

mod people;
mod post;
mod reckoning;

use chrono::TimeDelta;
use harness::{Client, PASSWORD, Server, Site, SiteBuilder, Time, User, on_backends};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::START;
use people::Person;
use post::Post;
use reckoning::Seen;

/// How long it goes on.
const YEARS: TimeDelta = TimeDelta::days(731);
/// After how many steps everything is reckoned up; it is at the end as well.
const RECKONING: usize = 25;

/// A site with its users, and the provider of its payments.
struct World {
    site: Site,
    others: Vec<Server>,
    dice: StdRng,
    /// Signed in at this moment of the servers' time.
    admin: User,
    people: Vec<Person>,
    post: Post,
    seen: Seen,
    step: usize,
}

impl World {
    async fn begins(builder: SiteBuilder, others: usize) -> Self {
        let seed = rand::random();
        println!("seed {seed}");
        let (site, others) = builder.at(START).paid_by_stripe().open_with_others(others).await;
        let admin = site.admin().await;
        let people = people::all(&site).await;
        let (dice, post) = (StdRng::seed_from_u64(seed), Post::default());
        let mut world = Self { site, others, dice, admin, people, post, seen: Seen::default(), step: 0 };
        world.people_act().await;
        world.post_comes().await;
        world
    }

    async fn lives(&mut self) {
        let end = self.site.now() + YEARS;
        while self.site.now() < end {
            self.step += 1;
            self.time_passes().await;
            self.people_act().await;
            self.post_comes().await;
            if self.step.is_multiple_of(RECKONING) {
                self.reckon().await;
            }
        }
        self.post.hurry();
        self.post_comes().await;
        self.moves_to(self.site.now() + TimeDelta::minutes(1)).await;
        self.reckon().await;
        reckoning::nobody_was_lost(self).await;
    }

    /// Mostly a third of a period, sometimes a day, sometimes weeks in which no server runs.
    async fn time_passes(&mut self) {
        let now = self.site.now();
        let mut hours = |days: std::ops::Range<i64>| TimeDelta::hours(self.dice.random_range(24 * days.start..24 * days.end));
        let (third, weeks) = (hours(10..13), hours(12..45));
        match self.dice.random_range(0..20) {
            0..3 => self.moves_to(now + TimeDelta::days(1)).await,
            3..6 => {
                self.is_down_until(now + weeks).await;
                // The new servers catch up by themselves within moments; the test does not wait for moments.
                self.moves_to(now + weeks + TimeDelta::hours(1)).await;
            }
            _ => self.moves_to(now + third).await,
        }
    }

    /// Moves the clocks of all servers. Whoever signed in before has to do so again.
    async fn moves_to(&mut self, to: Time) {
        for server in self.servers() {
            self.admin.at(server).move_clock(to).await.expect(200);
        }
        self.site.pass_unnoticed(to);
        self.admin = self.site.admin().await;
    }

    /// All servers die, and others take their places later.
    async fn is_down_until(&mut self, back: Time) {
        self.site.kill_server();
        self.others.iter_mut().for_each(Server::kill);
        self.site.pass_unnoticed(back);
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
    fn doors(&self) -> Vec<Client> {
        self.servers().map(|server| self.site.client().at(server)).collect()
    }

    /// A person, signed in through any server.
    async fn sign_in(&mut self, person: usize) -> User {
        let doors = self.doors();
        let door = &doors[self.dice.random_range(0..doors.len())];
        User::sign_in(door, &self.people[person].email, PASSWORD).await
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn in_two_years_on_one_server_grants_are_the_periods_paid(builder: SiteBuilder) {
        World::begins(builder, 0).await.lives().await;
    }
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn in_two_years_on_two_servers_grants_are_the_periods_paid(builder: SiteBuilder) {
        World::begins(builder, 1).await.lives().await;
    }
}
