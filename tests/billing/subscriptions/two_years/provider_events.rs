//! The provider of payments: the outcome of each payment, and the delivery of its events.

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

use super::Simulation;

/// The maximum delay of an event, in steps.
const MAX_DELAY: usize = 2;
/// The maximum of copies of an event.
const COPIES: usize = 5;

/// Events that are not delivered yet.
#[derive(Default)]
pub(super) struct ProviderEvents {
    /// With the step of their delivery.
    events: Vec<(usize, Stripe)>,
    /// Decided attempts of payments.
    decided: HashSet<(String, i64)>,
}

impl ProviderEvents {
    /// Queues an event for this step, and copies of it for this or later steps.
    pub(super) fn queue(&mut self, event: Stripe, step: usize, rng: &mut StdRng) {
        for _ in 1..rng.random_range(1..=COPIES) {
            self.events.push((step + rng.random_range(0..=MAX_DELAY), event.clone()));
        }
        self.events.push((step, event));
    }

    /// Makes all queued events due.
    pub(super) fn deliver_all_now(&mut self) {
        self.events.iter_mut().for_each(|(step, _)| *step = 0);
    }

    fn due(&mut self, step: usize) -> Vec<Stripe> {
        let (due, later) = take(&mut self.events).into_iter().partition(|(due, _)| *due <= step);
        self.events = later;
        due.into_iter().map(|(_, event): (usize, _)| event).collect()
    }

    /// Attempts may fail, and the payment finally succeeds in the same step, since an unpaid period does not apply for long.
    fn decide_reliable(&mut self, payment: &Value, step: usize, rng: &mut StdRng) {
        for _ in 0..rng.random_range(0..=2) {
            self.queue(Stripe::failed(payment), step, rng);
        }
        self.queue(Stripe::paid(payment), step, rng);
    }

    /// Any outcome, with its events in any order.
    fn decide_unreliable(&mut self, payment: &Value, step: usize, rng: &mut StdRng) {
        let mut events = vec![Stripe::failed(payment); rng.random_range(0..=2)];
        match rng.random_range(0..20) {
            0..12 => events.push(Stripe::paid(payment)),
            12..14 => events.extend([Stripe::paid(payment), Stripe::refunded(payment, &payment["amount_cents"])]),
            14 => events.push(Stripe::refunded(payment, &payment["amount_cents"])),
            15 => events.extend([Stripe::paid(payment), Stripe::disputed(payment)]),
            16 => events.extend([Stripe::paid(payment), Stripe::refunded(payment, &json!(50))]),
            17 => events.extend([
                Stripe::paid(payment),
                Stripe::disputed(payment),
                Stripe::dispute(payment, "closed", "won", &payment["amount_cents"]),
            ]),
            18 => events.extend(["succeeded", "failed"].map(|status| Stripe::refund(payment, "re_1", 100, status))),
            _ => {}
        }
        for event in events {
            self.queue(event, step + rng.random_range(0..=MAX_DELAY), rng);
        }
    }
}

impl Simulation {
    /// Decides on open payments and delivers the due events, sometimes while a server is killed.
    pub(super) async fn deliver_events(&mut self) {
        for state in ["pending", "failed"] {
            let open = self.admin.get(format!("/v1/admin/payments?state={state}&limit=100")).await.expect(200);
            open.items().iter().for_each(|payment| self.decide(payment));
        }
        let mut events = self.provider.due(self.step);
        events.shuffle(&mut self.rng);
        let during_kill = events.split_off(if self.rng.random_bool(0.15) { events.len() / 2 } else { events.len() });
        let at_once = events.split_off(events.len() / 2);
        self.deliver(events).await;
        self.deliver_at_once(at_once).await;
        self.deliver_during_kill(during_kill).await;
    }

    fn decide(&mut self, payment: &Value) {
        let id = payment["id"].as_str().unwrap().to_owned();
        let reliable = self.people.iter().any(|person| person.reliable && payment["user_id"] == person.id);
        let attempt = if reliable { 0 } else { payment["attempts"].as_i64().unwrap() };
        match self.provider.decided.insert((id, attempt)) {
            true if reliable => self.provider.decide_reliable(payment, self.step, &mut self.rng),
            true => self.provider.decide_unreliable(payment, self.step, &mut self.rng),
            false => {}
        }
    }

    /// One after the other, to the servers in turn.
    async fn deliver(&self, events: Vec<Stripe>) {
        for (event, client) in events.iter().zip(self.clients().iter().cycle()) {
            event.send(client, self.site.now()).await.expect(204);
        }
    }

    async fn deliver_at_once(&self, events: Vec<Stripe>) {
        let (clients, now) = (self.clients(), self.site.now());
        let sent = events
            .iter()
            .zip(clients.iter().cycle())
            .map(|(event, client)| async move { event.send(client, now).await.expect(204) });
        join_all(sent).await;
    }

    /// A server is killed during the delivery. Events without an acknowledgement are sent again.
    async fn deliver_during_kill(&mut self, events: Vec<Stripe>) {
        if events.is_empty() {
            return;
        }
        let (clients, now) = (self.clients(), self.site.now());
        let moment = Duration::from_millis(self.rng.random_range(0..60));
        let killed = self.rng.random_range(0..clients.len());
        let sent = join_all(events.iter().zip(clients.iter().cycle()).map(|(event, client)| acknowledged(event, client, now)));
        let (responded, ()) = join(sent, async {
            sleep(moment).await;
            if killed == 0 { self.site.kill_server() } else { self.others[killed - 1].kill() }
        })
        .await;
        if killed == 0 {
            self.site.replace_server().await;
        } else {
            self.others[killed - 1] = self.site.second_server().await;
        }
        self.admin = self.site.admin().await;
        let clients = self.clients();
        for (event, client) in
            events.iter().zip(responded).filter(|(_, responded)| !responded).map(|(event, _)| event).zip(clients.iter().cycle())
        {
            eventually_true("an event is accepted", async || acknowledged(event, client, self.site.now()).await).await;
        }
    }
}

/// Whether the provider received an acknowledgement.
async fn acknowledged(event: &Stripe, client: &Client, now: Time) -> bool {
    event.send(client, now).attempt().await.is_ok_and(|response| response.status() == 204)
}
