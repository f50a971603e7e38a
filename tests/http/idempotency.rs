//! Idempotency keys: a command may be sent repeatedly and happens once.

use futures_util::future::join_all;
use harness::{Client, Document, Request, Response, Site, User, backends};
use serde_json::{Value, json};

const HEADER: &str = "Idempotency-Key";
const SPEND: &str = "/v1/coins/spend";

/// A command that requires a key: client, path of the document, path of the request, and a valid body.
struct Command<'a> {
    client: &'a Client,
    template: &'static str,
    path: String,
    body: Value,
}

impl Command<'_> {
    fn request(&self) -> Request {
        self.client.post(self.path.clone()).json(self.body.clone())
    }
}

/// Every command that requires a key, in an order in which all of them succeed.
async fn commands<'a>(admin: &'a User, anna: &'a User, shop: &'a Client) -> Vec<Command<'a>> {
    admin.grant(anna, 100).await;
    let (spent, of_shop) = (anna.spend(5).await, shop.spend(5).await);
    let (captured, voided) = (anna.hold(7).await, anna.hold(7).await);
    let (captured_by_admin, voided_by_admin) = (anna.hold(7).await, shop.hold(7).await);
    let command = |client, template: &'static str, id: &str, body| {
        let path = template.replace("{id}", id);
        Command { client, template, path, body }
    };
    let bought = anna.buy("small").await;
    let (anna, admin, user): (&Client, &Client, _) = (anna, admin, &anna.id);
    let refund = json!({"entry_id": spent["entry_id"], "amount": 2, "reason": "for the test"});
    let plan = json!({
        "code": "team", "name": "Team", "price_cents": 4900, "currency": "USD", "interval": "month", "trial_days": 0,
        "coins_per_period": 0, "rollover_cap": 0,
        "limits": {"messages_per_day": 9, "images_per_day": 9, "concurrent_jobs": 9, "characters": 9},
    });
    vec![
        command(admin, "/v1/admin/coins/grants", "", json!({"user_id": user, "amount": 10, "reason": "for the test"})),
        command(admin, "/v1/admin/coins/holds/{id}/capture", captured_by_admin.id(), json!({"amount": 4})),
        command(admin, "/v1/admin/coins/holds/{id}/void", voided_by_admin.id(), json!({})),
        command(admin, "/v1/admin/coins/refunds", "", refund),
        command(admin, "/v1/admin/payments/{id}/settle", bought.id(), json!({})),
        command(admin, "/v1/admin/payments/{id}/refunds", bought.id(), json!({"amount_cents": 1, "reason": "for the test"})),
        command(admin, "/v1/admin/plans", "", plan),
        command(shop, "/v1/usage", "", json!({"images": 1})),
        command(shop, "/v1/coins/refunds", "", json!({"entry_id": of_shop["entry_id"], "reason": "for the test"})),
        command(anna, "/v1/coins/holds", "", json!({"amount": 3, "purpose": "a picture"})),
        command(anna, "/v1/coins/holds/{id}/capture", captured.id(), json!({"amount": 4})),
        command(anna, "/v1/coins/holds/{id}/void", voided.id(), json!({})),
        command(anna, "/v1/coins/purchases", "", json!({"package_code": "small"})),
        command(anna, SPEND, "", json!({"amount": 1, "purpose": "a picture"})),
        command(anna, "/v1/me/exports", "", json!({})),
        command(anna, "/v1/subscription", "", json!({"plan_code": "pro"})),
        command(anna, "/v1/subscription/change", "", json!({"plan_code": "plus"})),
        command(anna, "/v1/subscription/pause", "", json!({})),
        command(anna, "/v1/subscription/resume", "", json!({})),
        command(anna, "/v1/subscription/cancel", "", json!({"at_period_end": false})),
    ]
}

/// The administrator, a user, and the site acting for that user.
async fn people(site: &Site) -> (User, User, Client) {
    let (admin, anna) = (site.admin().await, site.register("anna").await);
    let shop = admin.create_service_key(&["coins:write"]).await.of_user(&anna);
    (admin, anna, shop)
}

async fn spend(user: &Client, key: &str, amount: i64) -> Response {
    user.post(SPEND).key(key).json(json!({"amount": amount, "purpose": "a picture"})).await
}

backends! {
    async fn every_command_that_wants_a_key_is_tried_here(site: Site) {
        let (admin, anna, shop) = people(&site).await;
        let operations = Document::committed().operations().filter(|operation| operation.takes(HEADER));
        let mut documented: Vec<&str> = operations.map(|operation| operation.template).collect();
        let mut tried: Vec<&str> = commands(&admin, &anna, &shop).await.iter().map(|command| command.template).collect();
        documented.sort_unstable();
        tried.sort_unstable();
        assert_eq!(documented, tried);
    }

    async fn a_command_without_a_usable_key_does_nothing(site: Site) {
        let (admin, anna, shop) = people(&site).await;
        let commands = commands(&admin, &anna, &shop).await;
        let ledger = anna.get("/v1/coins/ledger").await.expect(200);
        for command in commands {
            command.request().await.expect(400).problem("idempotency-key-missing");
            for key in ["a b", "é", &"x".repeat(256)] {
                let response = command.request().key(key).await;
                response.expect(400).problem("validation-failed").pointing_at("/header/Idempotency-Key");
            }
        }
        assert_eq!(anna.get("/v1/coins/ledger").await.expect(200).json(), ledger.json());
        assert_eq!(anna.subscription().await.text("state"), "none");
    }

    async fn the_same_command_again_gets_the_same_answer_and_happens_once(site: Site) {
        let (admin, anna, shop) = people(&site).await;
        for command in commands(&admin, &anna, &shop).await {
            let again = || command.request().key(command.template);
            let first = again().await;
            assert!(first.status() < 300 && first.find_header("idempotent-replayed").is_none(), "{first:?}");
            let (balance, subscription) = (anna.balance().await, anna.subscription().await);
            for _ in 0..2 {
                let again = again().await.expect(first.status());
                assert_eq!((again.header("idempotent-replayed"), again.json()), ("true", first.json()));
            }
            assert_eq!((anna.balance().await, anna.subscription().await.json()), (balance, subscription.json()));
        }
    }

    async fn a_key_stands_for_one_command(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        spend(&anna, "one", 1).await.expect(201);
        spend(&anna, "one", 2).await.expect(422).problem("idempotency-key-reused");
        let subscribe = anna.post("/v1/subscription").key("one").json(json!({"plan_code": "plus"}));
        subscribe.await.expect(422).problem("idempotency-key-reused");
        assert_eq!(anna.balance().await, 9);
    }

    async fn the_order_and_layout_of_a_body_do_not_matter(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        for body in [r#"{"amount":1,"purpose":"a picture"}"#, "{ \"purpose\" : \"a picture\",\n \"amount\": 1 }"] {
            anna.post(SPEND).key("one").raw("application/json", body).await.expect(201);
        }
        assert_eq!(anna.balance().await, 9);
    }

    async fn a_key_is_each_users_own(site: Site) {
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        for user in [&anna, &ben] {
            admin.grant(user, 10).await;
        }
        spend(&anna, "one", 1).await.expect(201);
        let theirs = spend(&ben, "one", 3).await.expect(201);
        assert!(theirs.find_header("idempotent-replayed").is_none());
        assert_eq!((anna.balance().await, ben.balance().await), (9, 7));
    }

    async fn of_many_at_once_one_happens_and_the_others_get_a_conflict(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 100).await;
        let responses = join_all((0..20).map(|_| spend(&anna, "one", 1))).await;
        let done: Vec<_> = responses.iter().filter(|response| response.status() == 201).collect();
        assert!(!done.is_empty() && done.iter().all(|response| response.json() == done[0].json()), "{responses:?}");
        for response in responses.iter().filter(|response| response.status() != 201) {
            response.clone().expect(409).problem("idempotency-key-in-use");
        }
        assert_eq!(anna.balance().await, 99);
    }

    async fn a_refusal_is_kept_under_its_key(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let first = spend(&anna, "one", 5).await.expect(402);
        admin.grant(&anna, 10).await;
        let again = spend(&anna, "one", 5).await.expect(402);
        assert_eq!((again.header("idempotent-replayed"), &again["available"]), ("true", &first["available"]));
        spend(&anna, "two", 5).await.expect(201);
    }

    async fn a_faulty_request_does_not_use_up_its_key(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        spend(&anna, "one", -1).await.expect(400);
        spend(&anna, "one", 1).await.expect(201);
    }

    async fn a_command_is_remembered_by_every_server_and_after_a_crash(mut site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let first = spend(&anna, "one", 4).await.expect(201);
        let second = site.second_server().await;
        let there = spend(&anna.at(&second), "one", 4).await.expect(201);
        site.replace_server().await;
        let later = spend(&anna.at(site.server()), "one", 4).await.expect(201);
        assert!(there.json() == first.json() && later.json() == first.json());
        assert_eq!(anna.at(site.server()).balance().await, 6);
    }
}
