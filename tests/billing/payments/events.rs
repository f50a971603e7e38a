//! Events that are delivered late, repeatedly and in any order.

use std::future::IntoFuture;

use futures_util::future::join_all;
use harness::ledger_audit::audit;
use harness::{Client, Site, SiteBuilder, Stripe, backends, eventually_true};
use rand::seq::SliceRandom;
use serde_json::{Value, json};

use super::{START, deliver, entries, ledger};

/// All events of a payment that is finally refunded.
fn all_events(payment: &Value) -> Vec<Stripe> {
    vec![
        Stripe::failed(payment),
        Stripe::paid(payment),
        Stripe::refunded(payment, &json!(50)),
        Stripe::refunded(payment, &payment["amount_cents"]),
    ]
}

async fn deliver_in_any_order(site: &Site, mut events: Vec<Stripe>) {
    events.shuffle(&mut rand::rng());
    for event in &events {
        deliver(site, event).await;
    }
}

async fn state(client: &Client, purchase: &Value) -> String {
    let path = format!("/v1/coins/purchases/{}", purchase["id"].as_str().unwrap());
    client.get(path).await.expect(200).text("state").to_owned()
}

backends! {
    async fn five_times_each_and_shuffled_they_settle_as_once_and_in_order(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        for round in 1..=3 {
            let bought = anna.buy("small").await;
            let once = all_events(bought.json());
            let fivefold: Vec<_> = once.iter().cycle().take(5 * once.len()).cloned().collect();
            deliver_in_any_order(&site, fivefold).await;
            assert_eq!(state(&anna, bought.json()).await, "refunded");
            // The refund of a part is taken back by itself, if it is reported before that of the whole.
            let granted = ledger(&anna).await.iter().filter(|entry| **entry == ("grant".to_owned(), 100)).count();
            assert_eq!((granted, anna.balance().await), (round, 0));
        }
        audit(&anna, 10).await;
    }

    async fn one_event_that_arrives_many_times_at_once_happens_once(builder: SiteBuilder) {
        let (site, others) = builder.at(START).paid_by_stripe().open_with_others(1).await;
        let anna = site.register("anna").await;
        let event = Stripe::paid(anna.buy("small").await.json());
        let clients = [site.client(), site.client().at(&others[0])];
        let sent = (0..20).map(|n| event.send(&clients[n % 2], site.now()).into_future());
        for response in join_all(sent).await {
            response.expect(204);
        }
        assert_eq!(ledger(&anna).await, entries([("grant", 100)]));
    }

    async fn an_event_about_a_payment_that_is_not_known_yet_waits_for_it(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let bought = anna.buy("small").await;
        deliver(&site, &Stripe::disputed(bought.json())).await;
        assert_eq!(state(&anna, bought.json()).await, "pending");
        deliver(&site, &Stripe::paid(bought.json())).await;
        eventually_true("the dispute finds its payment", async || state(&anna, bought.json()).await == "charged_back").await;
        assert_eq!(ledger(&anna).await, entries([("grant", 100), ("clawback", -100)]));
    }

    async fn an_event_about_an_unknown_object_is_accepted_and_ignored(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let stranger = json!({"id": "01HZZZZZZZZZZZZZZZZZZZZZZZ", "amount_cents": 199});
        for event in [Stripe::paid(&stranger), Stripe::disputed(&stranger), Stripe::event("customer.created", &json!({}))] {
            deliver(&site, &event).await;
            deliver(&site, &event).await;
        }
        assert!(ledger(&anna).await.is_empty());
    }

    async fn one_payment_of_the_provider_pays_for_one_thing(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let (first, second) = (anna.buy("small").await, anna.buy("small").await);
        deliver(&site, &Stripe::paid(first.json())).await;
        let intent = format!("pi_{}", first.id());
        let again = json!({
            "id": intent, "amount_received": 199, "currency": "usd", "metadata": {"payment_id": second.id()},
        });
        deliver(&site, &Stripe::event("payment_intent.succeeded", &again)).await;
        assert_eq!((state(&anna, second.json()).await.as_str(), anna.balance().await), ("pending", 100));
    }
}
