//! Trials.

use harness::{SiteBuilder, Stripe};
use serde_json::json;

use super::{START, send, summary};

both_pairs! {
    async fn a_trial_begins_with_a_payment_method_and_leads_to_a_plan_without_one_by_payment_only(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let awaiting = anna.subscribe("plus").await;
        assert_eq!((awaiting.text("state"), &awaiting["entitled"], anna.balance().await), ("incomplete", &json!(false), 0));
        send(&site, &Stripe::set_up(awaiting.id())).await;
        assert_eq!((summary(&anna).await.0.as_str(), anna.balance().await), ("trialing", 500));
        let changed = anna.command_subscription("change", json!({"plan_code": "pro"})).await.expect(200);
        assert_eq!((changed.text("plan_code"), &changed["open_payment"]["amount_cents"]), ("plus", &json!(2900)));
        send(&site, &Stripe::paid(&changed["open_payment"])).await;
        assert_eq!((summary(&anna).await, anna.balance().await), (("active".into(), "pro".into()), 2500));
        send(&site, &Stripe::refunded(&changed["open_payment"], &json!(2900))).await;
        assert_eq!((summary(&anna).await.0.as_str(), anna.balance().await), ("canceled", 500));
        harness::ledger_audit::audit(&anna, 10).await;
    }

    async fn a_canceled_trial_loses_its_unspent_coins_and_its_address_has_no_second_one(builder: SiteBuilder) {
        let site = builder.open().await;
        let anna = site.register("anna").await;
        anna.subscribe("plus").await;
        anna.spend(100).await;
        anna.command_subscription("cancel", json!({"at_period_end": false})).await.expect(200);
        assert_eq!(anna.balance().await, 0);
        anna.delete("/v1/me").json(json!({"present_password": harness::PASSWORD})).await.expect(202);
        let again = site.register("anna").await;
        assert_eq!(again.subscribe("plus").await.text("state"), "active", "paid at once, without a trial");
    }
}
