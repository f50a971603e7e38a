//! Refunds.

use harness::ledger_audit::audit;
use harness::{SiteBuilder, Stripe};
use serde_json::json;

use super::{START, payment, send, subscriber, summary};

both_pairs! {
    async fn a_refund_of_a_part_takes_the_coins_in_proportion(builder: SiteBuilder) {
        let (site, anna, paid) = subscriber(builder).await;
        send(&site, &Stripe::refunded(&paid, &json!(1))).await;
        assert_eq!(anna.balance().await, 2000, "rounded down");
        send(&site, &Stripe::refunded(&paid, &json!(2899))).await;
        assert_eq!((anna.balance().await, summary(&anna).await.0.as_str()), (1, "active"));
        let seen = payment(&site, &paid["id"]).await;
        assert_eq!((&seen["state"], &seen["refunded_cents"], &seen["gone_cents"]), (&json!("paid"), &json!(2899), &json!(2899)));
        send(&site, &Stripe::refunded(&paid, &json!(2900))).await;
        assert_eq!((anna.balance().await, summary(&anna).await.0.as_str()), (0, "canceled"));
        audit(&anna, 10).await;
    }

    async fn refunds_count_once_by_their_ids_and_a_failed_one_is_undone(builder: SiteBuilder) {
        let (site, anna, paid) = subscriber(builder).await;
        let refund = |id, cents, status| Stripe::refund(&paid, id, cents, status);
        for event in [refund("re_1", 1450, "pending"), Stripe::refunded(&paid, &json!(1450)), refund("re_1", 1450, "succeeded")] {
            send(&site, &event).await;
            assert_eq!(anna.balance().await, 1000);
        }
        send(&site, &refund("re_2", 1450, "succeeded")).await;
        assert_eq!((anna.balance().await, summary(&anna).await.0.as_str()), (0, "canceled"));
        send(&site, &refund("re_2", 1450, "failed")).await;
        send(&site, &refund("re_2", 1450, "succeeded")).await;
        assert_eq!((anna.balance().await, summary(&anna).await.0.as_str()), (1000, "active"));
        send(&site, &refund("re_1", 1450, "canceled")).await;
        assert_eq!(anna.balance().await, 2000);
        audit(&anna, 10).await;
    }

    async fn the_refund_of_an_upgrade_restores_the_earlier_plan_and_price_at_once(builder: SiteBuilder) {
        let (site, anna) = (builder.at(START).paid_by_stripe().open().await, "anna");
        let anna = site.register(anna).await;
        let trial = anna.subscribe("plus").await;
        send(&site, &Stripe::set_up(trial.id())).await;
        site.move_to("2027-02-07T10:01:00Z".parse().unwrap(), &[]).await;
        let anna = anna.again().await;
        send(&site, &Stripe::paid(&anna.subscription().await["open_payment"])).await;
        let upgrade = anna.command_subscription("change", json!({"plan_code": "pro"})).await.expect(200)["open_payment"].clone();
        send(&site, &Stripe::paid(&upgrade)).await;
        assert_eq!((summary(&anna).await.1.as_str(), anna.balance().await > 500), ("pro", true));
        send(&site, &Stripe::refunded(&upgrade, &upgrade["amount_cents"])).await;
        assert_eq!((summary(&anna).await.1.as_str(), anna.balance().await), ("plus", 500));
        site.move_to("2027-03-07T10:01:00Z".parse().unwrap(), &[]).await;
        let anna = anna.again().await;
        assert_eq!(anna.subscription().await["open_payment"]["amount_cents"], 900);
        audit(&anna, 10).await;
    }
}
