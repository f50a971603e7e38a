//! Versions of plans, which administrators add.

use futures_util::future::join_all;
use harness::{Client, Request, Response, Site, on_backends};
use serde_json::{Value, json};

const PLANS: &str = "/v1/admin/plans";

/// A plan with other values.
fn team(changes: &[(&str, Value)]) -> Value {
    let mut plan = json!({
        "code": "team", "name": "Team", "price_cents": 4900, "currency": "USD", "interval": "month", "trial_days": 0,
        "coins_per_period": 4000, "rollover_cap": 2000,
        "limits": {"messages_per_day": 9, "images_per_day": 9, "concurrent_jobs": 9, "characters": 9},
    });
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        plan.pointer_mut(parent).expect("a member")[name] = value.clone();
    }
    plan
}

fn add(admin: &Client, plan: &Value) -> Request {
    admin.post(PLANS).idempotent().json(plan.clone())
}

/// The versions of a plan in a list, the first one first.
fn versions<'r>(list: &'r Response, code: &str) -> Vec<&'r Value> {
    list.items().iter().filter(|plan| plan["code"] == code).collect()
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn a_new_version_is_on_offer_at_once_and_subscribers_keep_theirs(mut site: Site) {
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        anna.subscribe("pro").await;
        let dearer = admin.limit_plan("pro", &[("characters", 3)]).await;
        assert_eq!((dearer.number("version"), &dearer["on_offer"], dearer.number("subscribers")), (2, &json!(true), 0));
        let offered = ben.get("/v1/plans").await.expect(200);
        assert_eq!(versions(&offered, "pro")[0]["limits"]["characters"], 3);
        ben.subscribe("pro").await;
        let kept = async |user: &Client| user.get("/v1/subscription/stats").await.expect(200)["limits"]["characters"].clone();
        assert_eq!((kept(&anna).await, kept(&ben).await), (json!(10_000), json!(3)));
        add(&admin, &team(&[])).await.expect(201);
        let list = admin.get(PLANS).await.expect(200);
        let shown = |plan: &&Value| (plan["version"].clone(), plan["on_offer"].clone(), plan["subscribers"].clone());
        let shown: Vec<_> = versions(&list, "pro").iter().map(shown).collect();
        assert_eq!(shown, [(json!(2), json!(true), json!(1)), (json!(1), json!(false), json!(1))]);
        let first = admin.get(format!("{PLANS}?limit=3")).await.expect(200);
        let rest = admin.get(format!("{PLANS}?limit=3&cursor={}", first.text("next_cursor"))).await.expect(200);
        assert_eq!([first.items(), rest.items()].concat(), list.items(), "the pages are the list");
        site.replace_server().await;
        let restarted = admin.at(site.server()).get(PLANS).await.expect(200);
        assert_eq!(restarted.json(), list.json(), "a start installs nothing in their place");
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn a_new_free_version_applies_at_once_to_users_without_a_subscription(site: Site) {
        let (admin, anna, second) = (site.admin().await, site.register("anna").await, site.second_server().await);
        let places = [(*anna).clone(), anna.at(&second)];
        let images = async |place: &Client| {
            let stats = place.get("/v1/subscription/stats").await.expect(200);
            (stats["limits"]["images_per_day"].clone(), stats["remaining"]["images"].clone())
        };
        for limit in [20, 7, 3] {
            if limit < 20 {
                admin.limit_plan("free", &[("images_per_day", limit)]).await;
            }
            for place in &places {
                assert_eq!(images(place).await, (json!(limit), json!(limit)), "no server shows the limit of the version before");
            }
        }
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn versions_that_are_added_at_once_have_numbers_of_their_own(site: Site) {
        let admin = site.admin().await;
        let added = join_all((0..6).map(|_| add(&admin, &team(&[])).into_future())).await;
        let mut numbers: Vec<i64> = added.into_iter().map(|added| added.expect(201).number("version")).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn an_invalid_version_is_reported_with_its_pointer(site: Site) {
        let admin = site.admin().await;
        let before = admin.get(PLANS).await.expect(200);
        let free = ("/code", json!("free"));
        for (pointer, changes) in [
            ("/code", vec![("/code", json!("Team"))]),
            ("/name", vec![("/name", json!(""))]),
            ("/price_cents", vec![("/price_cents", json!(49))]),
            ("/price_cents", vec![("/price_cents", json!(-1))]),
            ("/price_cents", vec![free.clone()]),
            ("/coins_per_period", vec![free, ("/price_cents", json!(0))]),
            ("/currency", vec![("/currency", json!("usd"))]),
            ("/interval", vec![("/interval", json!("week"))]),
            ("/trial_days", vec![("/trial_days", json!(7)), ("/price_cents", json!(0))]),
            ("/coins_per_period", vec![("/coins_per_period", json!(1_000_000_001))]),
            ("/limits/concurrent_jobs", vec![("/limits/concurrent_jobs", json!(-1))]),
            ("/limits/requests_per_minute", vec![("/limits/requests_per_minute", json!(0))]),
            ("/limits/rooms", vec![("/limits/rooms", json!(1))]),
            ("/version", vec![("/version", json!(1))]),
        ] {
            add(&admin, &team(&changes)).await.expect(400).problem("validation-failed").pointing_at(pointer);
        }
        assert_eq!(admin.get(PLANS).await.expect(200).json(), before.json(), "nothing is added");
    }
}
