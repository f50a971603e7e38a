//! Plans and subscriptions: commands, due transitions and payments.

mod basics;
mod changes;
mod renewals;
mod two_years;

use harness::{Client, Response, Site, Stripe, Time, User};
use serde_json::Value;

/// The start time of these tests: a day that not every month has.
const START: &str = "2027-01-31T10:00:00Z";

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

/// Sends the event that the open payment is paid.
async fn pays(site: &Site, anna: &User) {
    let open = anna.subscription().await["open_payment"].clone();
    Stripe::paid(&open).send(&site.client(), site.now()).await.expect(204);
}

/// Sends the event that an attempt of the open payment failed.
async fn fails(site: &Site, anna: &User) {
    let open = anna.subscription().await["open_payment"].clone();
    Stripe::failed(&open).send(&site.client(), site.now()).await.expect(204);
}

/// The kinds of the history, the oldest first.
async fn history(client: &Client) -> Vec<String> {
    let events = client.get("/v1/subscription/events?limit=100").await.expect(200);
    events.each("kind").into_iter().rev().map(str::to_owned).collect()
}

/// State, plan and number of the period.
fn summary(subscription: &Response) -> (String, String, Value) {
    let text = |member| subscription.text(member).to_owned();
    (text("state"), text("plan_code"), subscription["period_index"].clone())
}

/// The remaining coins of each non-empty lot of this source.
async fn lots(client: &Client, source: &str) -> Vec<i64> {
    let lots = client.get("/v1/coins/lots").await.expect(200);
    let of_source = lots.items().iter().filter(|lot| lot["source"] == source);
    of_source.map(|lot| lot["remaining"].as_i64().unwrap()).collect()
}
