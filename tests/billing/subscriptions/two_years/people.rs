//! The users of the two years, and their actions.

use harness::{Response, Site, Stripe, User};
use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use super::Simulation;

/// A user and its behaviour.
pub(super) struct Person {
    pub(super) id: String,
    pub(super) email: String,
    /// The plan to subscribe to; `None` for a random one.
    plan: Option<&'static str>,
    /// Payments finally succeed in time, and nothing is refunded.
    pub(super) reliable: bool,
    /// Pauses, resumes, cancels and changes the plan at random.
    changing: bool,
}

/// Registers all users. Those that are reliable and not changing keep their subscription.
pub(super) async fn register(site: &Site) -> Vec<Person> {
    let behaviours = [
        ("ada", Some("pro"), true, false),
        ("ben", Some("plus"), true, false),
        ("cleo", Some("plus"), true, false),
        ("dan", None, true, true),
        ("eva", None, false, true),
        ("fay", Some("pro"), false, false),
    ];
    let mut people = Vec::new();
    for (name, plan, reliable, changing) in behaviours {
        let user = site.register(name).await;
        if name == "ben" {
            // Without a trial the first period starts on the last day of January.
            let trial = user.subscribe("plus").await;
            Stripe::set_up(trial.id()).send(&site.client(), site.now()).await.expect(204);
            user.command_subscription("cancel", json!({"at_period_end": false})).await.expect(200);
        }
        people.push(Person { id: user.id.clone(), email: user.email.clone(), plan, reliable, changing });
    }
    people
}

impl Person {
    /// Whether the subscription is the same all the time.
    pub(super) fn is_constant(&self) -> bool {
        self.reliable && !self.changing
    }
}

impl Simulation {
    /// Users with a constant subscription act in each step, others sometimes: they spend, buy and send commands.
    pub(super) async fn act(&mut self) {
        for person in 0..self.people.len() {
            if self.step == 0 || self.people[person].is_constant() || self.rng.random_bool(0.4) {
                let user = self.sign_in(person).await;
                self.spend_some(&user).await;
                self.send_command(person, &user).await;
            }
        }
    }

    /// Spends some of the available coins, and sometimes buys more.
    async fn spend_some(&mut self, user: &User) {
        let available = user.get("/v1/coins").await.expect(200).number("available");
        if available > 0 && self.rng.random_bool(0.7) {
            user.spend(self.rng.random_range(1..=available)).await;
        }
        if self.rng.random_bool(0.05) {
            user.buy("small").await;
        }
    }

    async fn send_command(&mut self, person: usize, user: &User) {
        let before = user.subscription().await;
        self.observed.record(&before);
        let command = if before["allowed_actions"] == json!(["subscribe"]) {
            Some("subscribe".to_owned())
        } else {
            self.people[person].changing.then(|| self.choose_action(&before)).flatten()
        };
        if let Some(command) = command {
            let response = self.command(person, user, &command).await;
            assert!(matches!(response.status(), 200 | 201 | 400), "{command}: {response:?}");
            if response.status() != 400 {
                self.observed.record(&response);
            }
        }
    }

    /// One of the allowed actions; an immediate cancellation is rare.
    fn choose_action(&mut self, subscription: &Response) -> Option<String> {
        let allowed: Vec<_> = subscription["allowed_actions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let command = *allowed.choose(&mut self.rng)?;
        let chosen = self.rng.random_bool(if command == "cancel" { 0.1 } else { 0.6 });
        chosen.then(|| command.to_owned())
    }

    async fn command(&mut self, person: usize, user: &User, command: &str) -> Response {
        let any = *["plus", "pro"].choose(&mut self.rng).unwrap();
        let plan = self.people[person].plan.unwrap_or(any);
        match command {
            "subscribe" => {
                let new = user.subscribe(plan).await;
                if new["needs_payment_method"] == true && (self.people[person].is_constant() || self.rng.random_bool(0.7)) {
                    Stripe::set_up(new.id()).send(&self.site.client(), self.site.now()).await.expect(204);
                }
                new
            }
            "cancel" => user.command_subscription("cancel", json!({"at_period_end": false})).await,
            "cancel_at_period_end" => user.command_subscription("cancel", json!({})).await,
            "change" => user.command_subscription("change", json!({"plan_code": any, "when": "now"})).await,
            "change_at_period_end" => user.command_subscription("change", json!({"plan_code": any, "when": "period_end"})).await,
            other => user.command_subscription(other, json!({})).await,
        }
    }
}
