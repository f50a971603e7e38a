//! Purchases of coin packages, paid at once or later.

use harness::ledger_audit::{audit, read_all};
use harness::{Site, SiteBuilder, Stripe, backends, postgres_only, program};
use serde_json::json;

use super::{START, deliver, entries, ledger};

backends! {
    async fn packages_are_on_offer_the_cheapest_first(site: Site) {
        let packages = site.client().get("/v1/coins/packages").await.expect(200);
        assert_eq!(packages.each("code"), ["small", "medium", "large"]);
    }

    async fn without_a_provider_a_purchase_is_paid_at_once(site: Site) {
        let anna = site.register("anna").await;
        let bought = anna.buy("medium").await;
        assert_eq!((bought.text("state"), bought.number("coins"), bought.number("amount_cents")), ("paid", 550, 999));
        assert_eq!(anna.balance().await, 550);
        let lots = anna.get("/v1/coins/lots").await.expect(200);
        assert_eq!((&lots.items()[0]["source"], lots.items()[0].get("expires_at")), (&json!("purchase"), None));
        assert_eq!(anna.get(bought.header("location")).await.expect(200).json(), bought.json());
        audit(&anna, 10).await;
    }

    async fn an_unknown_package_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        let response = anna.post("/v1/coins/purchases").idempotent().json(json!({"package_code": "huge"})).await;
        response.expect(400).problem("validation-failed").pointing_at("/package_code");
    }

    async fn purchases_are_each_users_own_and_listed_the_latest_first(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let bought = [anna.buy("small").await, anna.buy("large").await, anna.buy("small").await];
        let listed: Vec<_> = read_all(&anna, "/v1/coins/purchases", 2).await.iter().map(|purchase| purchase["id"].clone()).collect();
        let ids: Vec<_> = bought.iter().rev().map(|purchase| json!(purchase.id())).collect();
        assert_eq!(listed, ids);
        ben.get(format!("/v1/coins/purchases/{}", bought[0].id())).await.expect(404).problem("not-found");
        assert!(ben.get("/v1/coins/purchases").await.expect(200).items().is_empty());
    }

    async fn with_a_provider_the_coins_come_with_the_payment(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let bought = anna.buy("medium").await;
        assert_eq!((bought.text("state"), anna.balance().await), ("pending", 0));
        deliver(&site, &Stripe::paid(bought.json())).await;
        let paid = anna.get(format!("/v1/coins/purchases/{}", bought.id())).await.expect(200);
        assert_eq!((paid.text("state"), anna.balance().await), ("paid", 550));
        assert!(paid.text("paid_at") >= paid.text("created_at"));
    }

    async fn a_failed_attempt_may_still_succeed(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let bought = anna.buy("small").await;
        let state = async || anna.get(format!("/v1/coins/purchases/{}", bought.id())).await.expect(200).text("state").to_owned();
        deliver(&site, &Stripe::failed(bought.json())).await;
        assert_eq!((state().await.as_str(), anna.balance().await), ("failed", 0));
        deliver(&site, &Stripe::paid(bought.json())).await;
        assert_eq!((state().await.as_str(), anna.balance().await), ("paid", 100));
    }

    async fn a_payment_may_be_tried_in_several_ways(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let bought = anna.buy("small").await;
        deliver(&site, &Stripe::failed(bought.json())).await;
        let another = json!({
            "id": "pi_another", "amount_received": 199, "currency": "usd", "metadata": {"payment_id": bought.id()},
        });
        deliver(&site, &Stripe::event("payment_intent.succeeded", &another)).await;
        assert_eq!(anna.balance().await, 100);
        deliver(&site, &Stripe::disputed(bought.json())).await;
        assert_eq!(anna.balance().await, 100, "the way that failed is not the one that was paid");
        let object = json!({"id": "dp_2", "payment_intent": "pi_another", "amount": 199, "status": "needs_response"});
        let dispute = Stripe::event("charge.dispute.created", &object);
        deliver(&site, &dispute).await;
        assert_eq!(anna.balance().await, 0);
    }

    async fn what_is_returned_takes_the_coins_that_are_left_and_no_others(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let bought = anna.buy("small").await;
        deliver(&site, &Stripe::paid(bought.json())).await;
        anna.spend(30).await;
        admin.grant(&anna, 50).await;
        deliver(&site, &Stripe::refunded(bought.json(), &json!(100))).await;
        assert_eq!(anna.balance().await, 70, "half of what was bought");
        deliver(&site, &Stripe::refunded(bought.json(), &bought["amount_cents"])).await;
        assert_eq!(ledger(&anna).await, entries([("grant", 100), ("capture", -30), ("grant", 50), ("clawback", -50), ("clawback", -20)]));
        let payments = admin.get("/v1/admin/payments?state=refunded").await.expect(200);
        assert_eq!(payments.items()[0]["id"], bought["id"]);
        audit(&anna, 10).await;
    }

    async fn a_chargeback_removes_the_coins(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let bought = anna.buy("small").await;
        deliver(&site, &Stripe::paid(bought.json())).await;
        deliver(&site, &Stripe::disputed(bought.json())).await;
        assert_eq!(anna.get(format!("/v1/coins/purchases/{}", bought.id())).await.expect(200).text("state"), "charged_back");
        assert_eq!(ledger(&anna).await, entries([("grant", 100), ("clawback", -100)]));
    }

    async fn another_amount_than_was_asked_for_pays_for_nothing(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let bought = anna.buy("small").await;
        let mut less = bought.json().clone();
        less["amount_cents"] = json!(1);
        deliver(&site, &Stripe::paid(&less)).await;
        deliver(&site, &Stripe::refunded(&less, &json!(1))).await;
        assert_eq!(anna.balance().await, 0, "nor does it when it is given back");
        deliver(&site, &Stripe::paid(bought.json())).await;
        assert_eq!(anna.balance().await, 100);
    }
}

postgres_only! {
    async fn what_an_operator_has_withdrawn_stays_withdrawn(site: Site) {
        site.database().query("DELETE FROM coin_packages WHERE code = 'small'; DELETE FROM plans WHERE code = 'plus'");
        let server = site.second_server().await;
        let restarted = site.client().at(&server);
        assert_eq!(restarted.get("/v1/coins/packages").await.expect(200).each("code"), ["medium", "large"]);
        assert_eq!(restarted.get("/v1/plans").await.expect(200).each("code"), ["free", "pro"]);
    }

    async fn an_account_at_its_limit_gets_no_coins_and_the_payment_is_unapplied(site: Site) {
        const LOT: &str = "01HZZZZZZZZZZZZZZZZZZZZZZA";
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        site.database().query(&format!(
            "INSERT INTO coin_lots VALUES ('{LOT}', '{0}', 'admin', 'all', 1e12, 1e12, 0, 0, '2026-01-01');
             INSERT INTO coin_entries
                VALUES ('{LOT}', '{0}', 1, 'grant', 1e12, 1e12, 'issued', 'x', NULL, NULL, '{LOT}', NULL, '2026-01-01');
             UPDATE coin_accounts SET balance = 1e12, seq = 1, issued = 1e12 WHERE user_id = '{0}'",
            anna.id
        ));
        assert_eq!(anna.buy("small").await.text("state"), "unapplied", "to be returned");
        assert_eq!(anna.subscribe("pro").await["period_paid"], true);
        assert_eq!(anna.balance().await, 1_000_000_000_000_i64);
        assert_eq!(admin.get("/v1/admin/payments?state=paid").await.expect(200).items().len(), 1);
        program::run(&["audit"], site.settings()).succeed();
    }
}
