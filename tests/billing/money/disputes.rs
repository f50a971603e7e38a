//! Disputes.

use chrono::TimeDelta;
use harness::ledger_audit::audit;
use harness::{SiteBuilder, Stripe};
use serde_json::json;

use super::{payment, send, subscriber, summary};

both_pairs! {
    async fn a_dispute_that_is_won_brings_the_plan_and_the_coins_back(builder: SiteBuilder) {
        let (site, anna, paid) = subscriber(builder).await;
        let all = &paid["amount_cents"];
        send(&site, &Stripe::dispute(&paid, "created", "warning_needs_response", all)).await;
        assert_eq!((summary(&anna).await.0.as_str(), anna.balance().await), ("active", 2000), "an inquiry moves nothing");
        send(&site, &Stripe::dispute(&paid, "created", "needs_response", all)).await;
        let ended = anna.subscription().await;
        assert_eq!((ended.text("state"), ended.text("end_reason"), anna.balance().await), ("canceled", "returned", 0));
        assert_eq!(payment(&site, &paid["id"]).await["state"], "charged_back");
        send(&site, &Stripe::dispute(&paid, "funds_reinstated", "won", all)).await;
        send(&site, &Stripe::dispute(&paid, "closed", "won", all)).await;
        send(&site, &Stripe::dispute(&paid, "funds_withdrawn", "under_review", all)).await;
        let back = anna.subscription().await;
        assert_eq!((back.text("state"), &back["entitled"], &back["cancel_at_period_end"]), ("active", &json!(true), &json!(true)));
        assert_eq!((anna.balance().await, payment(&site, &paid["id"]).await["state"].as_str()), (2000, Some("paid")));
        audit(&anna, 10).await;
    }

    async fn a_dispute_of_a_part_takes_its_share_and_stops_further_requests(builder: SiteBuilder) {
        let (site, anna, paid) = subscriber(builder).await;
        anna.spend(1900).await;
        send(&site, &Stripe::dispute(&paid, "created", "needs_response", &json!(1450))).await;
        let disputed = anna.subscription().await;
        assert_eq!((disputed.text("state"), &disputed["cancel_at_period_end"]), ("active", &json!(true)));
        assert_eq!((&disputed["needs_payment_method"], anna.balance().await), (&json!(true), 0), "half of the coins, as far as unspent");
        anna.command_subscription("resume", json!({})).await.expect(409);
        send(&site, &Stripe::set_up(disputed.id())).await;
        let resumed = anna.command_subscription("resume", json!({})).await.expect(200);
        assert_eq!(resumed["cancel_at_period_end"], json!(false));
        send(&site, &Stripe::dispute(&paid, "closed", "lost", &json!(1450))).await;
        assert_eq!(payment(&site, &paid["id"]).await["attention"], "dispute_lost");
        assert_eq!(anna.subscription().await["cancel_at_period_end"], json!(false), "the same dispute stops once");
        audit(&anna, 10).await;
    }

    async fn a_won_dispute_revives_nothing_whose_time_is_over_or_that_was_replaced(builder: SiteBuilder) {
        let (site, anna, paid) = subscriber(builder).await;
        send(&site, &Stripe::disputed(&paid)).await;
        let second = anna.subscribe("pro").await["open_payment"].clone();
        send(&site, &Stripe::paid(&second)).await;
        send(&site, &Stripe::dispute(&paid, "closed", "won", &paid["amount_cents"])).await;
        let live = anna.subscription().await;
        assert_eq!((live.text("state"), live["cancel_at_period_end"].clone(), anna.balance().await), ("active", json!(false), 4000));
        send(&site, &Stripe::disputed(&second)).await;
        site.pass(TimeDelta::days(40), &[]).await;
        let anna = anna.again().await;
        send(&site, &Stripe::dispute(&second, "closed", "won", &second["amount_cents"])).await;
        assert_eq!((summary(&anna).await.0.as_str(), anna.balance().await), ("canceled", 0));
        audit(&anna, 10).await;
    }
}
