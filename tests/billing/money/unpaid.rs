//! Payments that are not received.

use chrono::TimeDelta;
use harness::{SiteBuilder, Stripe, Time};
use serde_json::json;

use super::{START, payment, send, subscriber, summary};

/// The end of the first period.
fn end() -> Time {
    "2027-02-28T10:00:00Z".parse().unwrap()
}

both_pairs! {
    async fn a_canceled_unpaid_period_is_not_asked_for_again(builder: SiteBuilder) {
        let (site, anna, _) = subscriber(builder).await;
        site.move_to(end() + TimeDelta::minutes(1), &[]).await;
        let mut anna = anna.again().await;
        let open = anna.subscription().await["open_payment"].clone();
        send(&site, &Stripe::failed(&open)).await;
        let canceled = anna.command_subscription("cancel", json!({"at_period_end": true})).await.expect(200);
        assert_eq!((canceled.text("state"), &canceled["open_payment"]), ("past_due", &json!(null)));
        for day in [1, 3, 5] {
            site.move_to(end() + TimeDelta::days(day) + TimeDelta::minutes(2), &[]).await;
            anna = anna.again().await;
            assert_eq!(anna.subscription().await.text("state"), "past_due");
            let seen = payment(&site, &open["id"]).await;
            assert_eq!((&seen["state"], &seen["attempts"]), (&json!("void"), &json!(1)));
        }
        let resumed = anna.command_subscription("resume", json!({})).await.expect(200);
        assert_eq!((&resumed["open_payment"]["id"], &resumed["grace_until"]), (&open["id"], &canceled["grace_until"]));
        anna.command_subscription("cancel", json!({"at_period_end": true})).await.expect(200);
        // What is paid all the same pays its period, since that lives.
        send(&site, &Stripe::paid(&open)).await;
        let paid = anna.subscription().await;
        assert_eq!((paid.text("state"), &paid["period_paid"], &paid["cancel_at_period_end"]), ("active", &json!(true), &json!(true)));
    }

    async fn an_unpaid_period_is_due_when_it_is_first_asked_for_even_without_an_event(builder: SiteBuilder) {
        let (site, anna, _) = subscriber(builder).await;
        site.move_to(end() + TimeDelta::minutes(1), &[]).await;
        let anna = anna.again().await;
        let asked = anna.subscription().await;
        assert_eq!((asked.text("state"), &asked["entitled"]), ("active", &json!(true)));
        assert!(asked.text("grace_until").starts_with("2027-03-07T10:0"), "{asked:?}");
        site.move_to(end() + TimeDelta::hours(25), &[]).await;
        let anna = anna.again().await;
        assert_eq!(summary(&anna).await.0, "past_due");
        site.move_to(end() + TimeDelta::days(7) + TimeDelta::minutes(10), &[]).await;
        let anna = anna.again().await;
        let ended = anna.subscription().await;
        assert_eq!((ended.text("state"), ended.text("end_reason"), &ended["entitled"]), ("canceled", "unpaid", &json!(false)));
    }

    async fn unspent_coins_outlast_a_pause_as_they_outlast_a_renewal(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        anna.command_subscription("pause", json!({})).await.expect(200);
        site.move_to(end() + TimeDelta::minutes(1), &[]).await;
        let anna = anna.again().await;
        assert_eq!((summary(&anna).await.0.as_str(), anna.balance().await), ("paused", 0));
        site.move_to(end() + TimeDelta::days(3), &[]).await;
        let anna = anna.again().await;
        anna.command_subscription("resume", json!({})).await.expect(200);
        assert_eq!((summary(&anna).await.0.as_str(), anna.balance().await), ("active", 3000));
    }
}
