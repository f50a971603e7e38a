//! The people of the two years, and what they do.

use harness::{Response, Site, Stripe, User};
use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use super::World;

/// Somebody's ways.
pub(super) struct Person {
    pub(super) id: String,
    pub(super) email: String,
    /// The plan to subscribe to; whoever has none takes any.
    plan: Option<&'static str>,
    /// Payments come in the end, soon enough, and nothing is returned.
    pub(super) reliable: bool,
    /// Pauses, resumes, cancels and changes the plan at random.
    fickle: bool,
}

/// Everybody, registered. Those who are reliable and not fickle stay for the whole time.
pub(super) async fn all(site: &Site) -> Vec<Person> {
    let ways = [
        ("ada", Some("pro"), true, false),
        ("ben", Some("plus"), true, false),
        ("cleo", Some("plus"), true, false),
        ("dan", None, true, true),
        ("eva", None, false, true),
        ("fay", Some("pro"), false, false),
    ];
    let mut people = Vec::new();
    for (name, plan, reliable, fickle) in ways {
        let user = site.register(name).await;
        if name == "ben" {
            // Without a trial the first period begins on the last day of January.
            user.subscribe("plus").await;
            user.command_subscription("cancel", json!({"at_period_end": false})).await.expect(200);
        }
        people.push(Person { id: user.id.clone(), email: user.email.clone(), plan, reliable, fickle });
    }
    people
}

impl Person {
    /// Whether the subscription is the same all the time.
    pub(super) fn stays(&self) -> bool {
        self.reliable && !self.fickle
    }
}

impl World {
    /// Everybody who stays looks at the subscription in each step, others now and then; and they spend, buy and wish.
    pub(super) async fn people_act(&mut self) {
        for person in 0..self.people.len() {
            if self.step == 0 || self.people[person].stays() || self.dice.random_bool(0.4) {
                let user = self.sign_in(person).await;
                self.spends(&user).await;
                self.wishes(person, &user).await;
            }
        }
    }

    /// Spends some of what there is, and sometimes buys more.
    async fn spends(&mut self, user: &User) {
        let available = user.get("/v1/coins").await.expect(200).number("available");
        if available > 0 && self.dice.random_bool(0.7) {
            user.spend(self.dice.random_range(1..=available)).await;
        }
        if self.dice.random_bool(0.05) {
            user.buy("small").await;
        }
    }

    async fn wishes(&mut self, person: usize, user: &User) {
        let before = user.subscription().await;
        self.seen.note(&before);
        let wish = if before["allowed_actions"] == json!(["subscribe"]) {
            Some("subscribe".to_owned())
        } else {
            self.people[person].fickle.then(|| self.any_of(&before)).flatten()
        };
        if let Some(wish) = wish {
            let heard = self.wish(person, user, &wish).await;
            assert!(matches!(heard.status(), 200 | 201 | 400), "{wish}: {heard:?}");
            if heard.status() != 400 {
                self.seen.note(&heard);
            }
        }
    }

    /// One of the actions that are allowed, seldom to cancel at once.
    fn any_of(&mut self, subscription: &Response) -> Option<String> {
        let allowed: Vec<_> = subscription["allowed_actions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let wish = *allowed.choose(&mut self.dice)?;
        let wanted = self.dice.random_bool(if wish == "cancel" { 0.1 } else { 0.6 });
        wanted.then(|| wish.to_owned())
    }

    async fn wish(&mut self, person: usize, user: &User, wish: &str) -> Response {
        let any = *["plus", "pro"].choose(&mut self.dice).unwrap();
        let plan = self.people[person].plan.unwrap_or(any);
        match wish {
            "subscribe" => {
                let new = user.subscribe(plan).await;
                if new["state"] == "trialing" && (self.people[person].stays() || self.dice.random_bool(0.7)) {
                    self.post.write(Stripe::set_up(new.id()), self.step, &mut self.dice);
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
