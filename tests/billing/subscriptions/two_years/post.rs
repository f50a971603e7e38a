//! The provider of payments: what becomes of each payment, and how its events arrive.

use std::collections::HashSet;
use std::mem::take;
use std::time::Duration;

use futures_util::future::{join, join_all};
use harness::{Client, Stripe, Time, eventually_true};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::World;

/// By how many steps an event comes late at most.
const LATE: usize = 2;
/// How often an event is sent at most.
const COPIES: usize = 5;

/// Events on their way.
#[derive(Default)]
pub(super) struct Post {
    /// In which step they arrive.
    letters: Vec<(usize, Stripe)>,
    /// Payments whose fate is decided, and for which attempt.
    decided: HashSet<(String, i64)>,
}

impl Post {
    /// Sends an event on its way: it arrives soon, and copies of it then or later.
    pub(super) fn write(&mut self, event: Stripe, step: usize, dice: &mut StdRng) {
        for _ in 1..dice.random_range(1..=COPIES) {
            self.letters.push((step + dice.random_range(0..=LATE), event.clone()));
        }
        self.letters.push((step, event));
    }

    /// Nothing that is on its way is late any more.
    pub(super) fn hurry(&mut self) {
        self.letters.iter_mut().for_each(|(step, _)| *step = 0);
    }

    fn due(&mut self, step: usize) -> Vec<Stripe> {
        let (due, later) = take(&mut self.letters).into_iter().partition(|(due, _)| *due <= step);
        self.letters = later;
        due.into_iter().map(|(_, event): (usize, _)| event).collect()
    }

    /// Attempts may fail, and the payment comes in the end: before the period is over, or in the step that finds it over. A first payment
    /// is not awaited for long.
    fn pays(&mut self, payment: &Value, step: usize, dice: &mut StdRng) {
        let step = step + usize::from(payment["period_index"] != 1 && dice.random_bool(0.3));
        for _ in 0..dice.random_range(0..=2) {
            self.write(Stripe::failed(payment), step, dice);
        }
        self.write(Stripe::paid(payment), step, dice);
    }

    /// Anything may become of it, in any order.
    fn fares(&mut self, payment: &Value, step: usize, dice: &mut StdRng) {
        let mut events = vec![Stripe::failed(payment); dice.random_range(0..=2)];
        match dice.random_range(0..20) {
            0..12 => events.push(Stripe::paid(payment)),
            12..14 => events.extend([Stripe::paid(payment), Stripe::refunded(payment, &payment["amount_cents"])]),
            14 => events.push(Stripe::refunded(payment, &payment["amount_cents"])),
            15 => events.extend([Stripe::paid(payment), Stripe::disputed(payment)]),
            16 => events.extend([Stripe::paid(payment), Stripe::refunded(payment, &json!(50))]),
            _ => {}
        }
        for event in events {
            self.write(event, step + dice.random_range(0..=LATE), dice);
        }
    }
}

impl World {
    /// The provider decides on payments that are open, and what has arrived is delivered, sometimes while a server dies.
    pub(super) async fn post_comes(&mut self) {
        for state in ["pending", "failed"] {
            let open = self.admin.get(format!("/v1/admin/payments?state={state}&limit=100")).await.expect(200);
            open.items().iter().for_each(|payment| self.decide(payment));
        }
        let mut letters = self.post.due(self.step);
        letters.shuffle(&mut self.dice);
        let dangerous = letters.split_off(if self.dice.random_bool(0.15) { letters.len() / 2 } else { letters.len() });
        let together = letters.split_off(letters.len() / 2);
        self.deliver(letters).await;
        self.deliver_at_once(together).await;
        self.deliver_to_the_dying(dangerous).await;
    }

    fn decide(&mut self, payment: &Value) {
        let id = payment["id"].as_str().unwrap().to_owned();
        let reliable = self.people.iter().any(|person| person.reliable && payment["user_id"] == person.id);
        let attempt = if reliable { 0 } else { payment["attempts"].as_i64().unwrap() };
        match self.post.decided.insert((id, attempt)) {
            true if reliable => self.post.pays(payment, self.step, &mut self.dice),
            true => self.post.fares(payment, self.step, &mut self.dice),
            false => {}
        }
    }

    /// One after the other, to the servers in turn.
    async fn deliver(&self, letters: Vec<Stripe>) {
        for (letter, door) in letters.iter().zip(self.doors().iter().cycle()) {
            letter.send(door, self.site.now()).await.expect(204);
        }
    }

    async fn deliver_at_once(&self, letters: Vec<Stripe>) {
        let (doors, now) = (self.doors(), self.site.now());
        let sent = letters
            .iter()
            .zip(doors.iter().cycle())
            .map(|(letter, door)| async move { letter.send(door, now).await.expect(204) });
        join_all(sent).await;
    }

    /// A server dies somewhere in the middle. What it has not acknowledged is sent again.
    async fn deliver_to_the_dying(&mut self, letters: Vec<Stripe>) {
        if letters.is_empty() {
            return;
        }
        let (doors, now) = (self.doors(), self.site.now());
        let moment = Duration::from_millis(self.dice.random_range(0..60));
        let dying = self.dice.random_range(0..doors.len());
        let sent = join_all(letters.iter().zip(doors.iter().cycle()).map(|(letter, door)| acknowledged(letter, door, now)));
        let (heard, ()) = join(sent, async {
            sleep(moment).await;
            if dying == 0 { self.site.kill_server() } else { self.others[dying - 1].kill() }
        })
        .await;
        if dying == 0 {
            self.site.replace_server().await;
        } else {
            self.others[dying - 1] = self.site.second_server().await;
        }
        self.admin = self.site.admin().await;
        let doors = self.doors();
        for (letter, door) in
            letters.iter().zip(heard).filter(|(_, heard)| !heard).map(|(letter, _)| letter).zip(doors.iter().cycle())
        {
            eventually_true("an event is taken", async || acknowledged(letter, door, self.site.now()).await).await;
        }
    }
}

/// Whether the event was taken, as far as the provider hears.
async fn acknowledged(letter: &Stripe, door: &Client, now: Time) -> bool {
    letter.send(door, now).attempt().await.is_ok_and(|answer| answer.status() == 204)
}
