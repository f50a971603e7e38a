//! Money that is gone, and money that is back: refunds, disputes, unexpected charges, and payments that are not received.

/// Declares tests on SQLite without Redis, and on Postgres with Redis.
macro_rules! both_pairs {
    ($(async fn $name:ident($($parameter:tt)*) $body:block)*) => {$(
        harness::on_backends! {
            [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
            async fn $name($($parameter)*) $body
        }
    )*};
}

mod administration;
mod disputes;
mod refunds;
mod surplus;
mod trials;
mod unpaid;
mod unusable_events;

use harness::{Site, SiteBuilder, Stripe, User};
use serde_json::Value;

/// The start time of these tests.
const START: &str = "2027-01-31T10:00:00Z";

/// A site that Stripe pays, and a user with the paid plan `pro` and its payment.
async fn subscriber(builder: SiteBuilder) -> (Site, User, Value) {
    let site = builder.at(START).paid_by_stripe().open().await;
    let anna = site.register("anna").await;
    let open = anna.subscribe("pro").await["open_payment"].clone();
    send(&site, &Stripe::paid(&open)).await;
    (site, anna, open)
}

/// Sends an event, which must be accepted.
async fn send(site: &Site, event: &Stripe) {
    event.send(&site.client(), site.now()).await.expect(204);
}

/// A payment as administrators see it.
async fn payment(site: &Site, id: &Value) -> Value {
    let payments = site.admin().await.get("/v1/admin/payments?limit=100").await.expect(200);
    payments.items().iter().find(|payment| payment["id"] == *id).expect("the payment is listed").clone()
}

/// State and plan of a subscription.
async fn summary(user: &User) -> (String, String) {
    let subscription = user.subscription().await;
    (subscription.text("state").to_owned(), subscription.text("plan_code").to_owned())
}
