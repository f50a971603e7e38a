//! Commands that may arrive twice and happen once.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, Document, Site, User, backends};

const HEADER: &str = "Idempotency-Key";
const SPEND: &str = "/v1/coins/spend";

/// Every command that wants a key, with a body that succeeds; `coins` tries those that need a hold.
fn commands<'a>(admin: &'a User, anna: &'a User) -> [(&'a Client, &'static str, Value); 5] {
    let grant = json!({"user_id": anna.id, "amount": 10, "reason": "for the test"});
    [
        (admin, "/v1/admin/coins/grants", grant),
        (anna, SPEND, json!({"amount": 1, "purpose": "a picture"})),
        (anna, "/v1/coins/holds", json!({"amount": 1, "purpose": "a picture"})),
        (anna, "/v1/subscription", json!({"plan_code": "plus"})),
        (anna, "/v1/subscription/cancel", json!({"at_period_end": false})),
    ]
}

async fn spend(user: &Client, key: &str, amount: i64) -> Answer {
    user.post(SPEND).key(key).json(json!({"amount": amount, "purpose": "a picture"})).await
}

#[test]
fn every_command_that_wants_a_key_is_tried_here() {
    let wants_key =
        |parameters: &Value| parameters.as_array().is_some_and(|all| all.iter().any(|parameter| parameter["name"] == HEADER));
    let operations = Document::committed().operations().filter(|operation| wants_key(&operation.says["parameters"]));
    let mut documented: Vec<&str> = operations.map(|operation| operation.template).collect();
    documented.sort_unstable();
    let tried = [
        "/v1/admin/coins/grants",
        "/v1/admin/coins/refunds",
        "/v1/coins/holds",
        "/v1/coins/holds/{id}/capture",
        "/v1/coins/holds/{id}/void",
        SPEND,
        "/v1/subscription",
        "/v1/subscription/cancel",
    ];
    assert_eq!(documented, tried);
}

backends! {
    async fn a_command_without_a_usable_key_does_nothing(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        for (client, path, body) in commands(&admin, &anna) {
            client.post(path).json(body.clone()).await.expect(400).problem("idempotency-key-missing");
            for key in ["a b", "é", &"x".repeat(256)] {
                let answer = client.post(path).key(key).json(body.clone()).await;
                answer.expect(400).problem("validation-failed").pointing_at("/header/Idempotency-Key");
            }
        }
        assert!(anna.get("/v1/coins/ledger").await.expect(200).items().is_empty());
        assert_eq!(anna.get("/v1/subscription").await.expect(200).text("state"), "none");
    }

    async fn the_same_command_again_gets_the_same_answer_and_happens_once(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        for (client, path, body) in commands(&admin, &anna) {
            let first = client.post(path).key(path).json(body.clone()).await;
            assert!(first.status() < 300 && first.find_header("idempotent-replayed").is_none(), "{first:?}");
            let balance = anna.balance().await;
            for _ in 0..2 {
                let again = client.post(path).key(path).json(body.clone()).await.expect(first.status());
                assert_eq!((again.header("idempotent-replayed"), again.json()), ("true", first.json()));
            }
            assert_eq!(anna.balance().await, balance);
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

    async fn of_many_at_once_one_happens_and_the_others_hear_of_it(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 100).await;
        let answers = join_all((0..20).map(|_| spend(&anna, "one", 1))).await;
        let done: Vec<_> = answers.iter().filter(|answer| answer.status() == 201).collect();
        assert!(!done.is_empty() && done.iter().all(|answer| answer.json() == done[0].json()), "{answers:?}");
        for answer in answers.iter().filter(|answer| answer.status() != 201) {
            answer.clone().expect(409).problem("idempotency-key-in-use");
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
