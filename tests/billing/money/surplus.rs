//! Charges that no payment expects.

use harness::ledger_audit::audit;
use harness::{SiteBuilder, Stripe};
use serde_json::json;

use super::{START, payment, send, subscriber};

both_pairs! {
    async fn a_charge_that_pays_for_nothing_is_listed_until_it_is_returned(builder: SiteBuilder) {
        let (site, anna, paid) = subscriber(builder).await;
        let bought = anna.buy("small").await;
        for event in [
            Stripe::paid_again(&paid, "pi_second", &paid["amount_cents"], "usd"),
            Stripe::paid_again(bought.json(), "pi_other_amount", &json!(150), "usd"),
            Stripe::paid_again(bought.json(), "pi_other_currency", &json!(199), "eur"),
        ] {
            send(&site, &event).await;
            send(&site, &event).await;
        }
        let admin = site.admin().await;
        let listed = admin.get("/v1/admin/payments?needs_attention=true").await.expect(200);
        let reasons: Vec<_> = listed.items().iter().rev().map(|item| (&item["attention"], &item["surplus_of"], &item["state"])).collect();
        let (unapplied, purchase) = (json!("unapplied"), json!(bought.id()));
        let (second, other) = (json!("second_charge"), json!("other_amount"));
        assert_eq!(reasons, [(&second, &paid["id"], &unapplied), (&other, &purchase, &unapplied), (&other, &purchase, &unapplied)]);
        assert_eq!((anna.balance().await, &listed.items()[2]["provider_reference"]), (2000, &json!("pi_second")));
        let refund = json!({"id": "re_1", "payment_intent": "pi_second", "amount": paid["amount_cents"], "status": "succeeded"});
        send(&site, &Stripe::event("refund.created", &refund)).await;
        let returned = payment(&site, &listed.items()[2]["id"]).await;
        assert_eq!((&returned["state"], returned.get("attention")), (&json!("refunded"), None));
        send(&site, &Stripe::paid(bought.json())).await;
        assert_eq!(anna.balance().await, 2100);
        audit(&anna, 10).await;
    }

    async fn money_for_what_has_ended_is_listed(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let open = anna.subscribe("pro").await["open_payment"].clone();
        anna.command_subscription("cancel", json!({"at_period_end": false})).await.expect(200);
        send(&site, &Stripe::paid(&open)).await;
        assert_eq!((&payment(&site, &open["id"]).await["attention"], anna.balance().await), (&json!("ended"), 0));
        send(&site, &Stripe::refunded(&open, &open["amount_cents"])).await;
        assert_eq!(payment(&site, &open["id"]).await["state"], "refunded");
        let own = anna.get(format!("/v1/payments/{}", open["id"].as_str().unwrap())).await.expect(200);
        assert_eq!((own.text("state"), anna.get("/v1/payments").await.expect(200).items().len()), ("refunded", 1));
        site.register("ben").await.get(format!("/v1/payments/{}", own.id())).await.expect(404);
    }
}
