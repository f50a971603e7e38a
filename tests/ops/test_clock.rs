//! The test clock, and the values that its jumps make outdated.

use chrono::TimeDelta;
use harness::{Client, Response, Site, SiteBuilder, Time, backends, eventually, eventually_true, program, rfc3339};
use serde_json::json;

const CLOCK: &str = "/v1/admin/clock";
const START: &str = "2027-01-31T10:00:00Z";

/// Reads until the response is a hit.
async fn cached(client: &Client, path: &str) -> Response {
    let read = async || Some(client.get(path).await.expect(200)).filter(|response| response.cache().is_hit());
    eventually("the cache has it", read).await
}

/// The cached available coins and their remaining seconds.
async fn cached_coins(client: &Client) -> (i64, i64) {
    let balance = cached(client, "/v1/coins").await;
    (balance.number("available"), balance.cache().ttl())
}

#[test]
fn production_runs_on_no_test_clock() {
    let secret = "a secret that is long enough for the suite";
    let settings = [
        ("ATELIER_ENV", "production"),
        ("TOKEN_SECRET", secret),
        ("PAYMENT_PROVIDER", "manual"),
        ("REQUIRE_VERIFIED_EMAIL", "false"),
    ];
    assert!(program::run(&["serve", "--test-clock"], settings).fail_with(2).contains("--test-clock"));
}

backends! {
    async fn without_the_flag_there_is_no_clock_to_move(site: Site) {
        let admin = site.admin().await;
        admin.get(CLOCK).undocumented().await.expect(404).problem("not-found");
        admin.post(CLOCK).json(json!({"now": START})).undocumented().await.expect(404).problem("not-found");
    }

    async fn the_service_runs_on_the_clock_which_flows_on(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let (admin, start) = (site.admin().await, START.parse::<Time>().unwrap());
        let began = admin.shown_clock().await;
        assert!(began >= start && began < start + TimeDelta::minutes(2), "{began}");
        eventually_true("the clock flows on", async || admin.shown_clock().await > began).await;
        let anna = site.register("anna").await;
        assert!(anna.get("/v1/me").await.expect(200).text("created_at").starts_with("2027-01-31T10:0"));
        site.pass(TimeDelta::days(28), &[]).await;
        let later = anna.again().await.subscribe("pro").await;
        assert!(later.text("period_start").starts_with("2027-02-28T10:0"), "{later:?}");
    }

    async fn only_administrators_move_it(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        for (client, status, problem) in [(site.client(), 401, "invalid-credentials"), ((*anna).clone(), 403, "forbidden")] {
            client.get(CLOCK).undocumented().await.expect(status).problem(problem);
            client.move_clock(site.now() + TimeDelta::days(1)).await.expect(status).problem(problem);
        }
        let refused = site.admin().await.delete(CLOCK).undocumented().await.expect(405);
        assert_eq!(refused.header("allow"), "GET, POST, HEAD, OPTIONS");
    }

    async fn it_goes_forwards_only(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let admin = site.admin().await;
        for now in [json!("2027-01-31T09:59:59Z"), json!("2027-02-30T10:00:00Z"), json!("tomorrow"), json!(7)] {
            let refused = admin.post(CLOCK).json(json!({"now": now})).undocumented().await;
            refused.expect(400).problem("validation-failed").pointing_at("/now");
        }
        admin.post(CLOCK).json(json!({})).undocumented().await.expect(400).pointing_at("/now");
        let to = START.parse::<Time>().unwrap() + TimeDelta::minutes(10);
        let moved: Time = admin.move_clock(to).await.expect(200).text("now").parse().unwrap();
        assert!(moved >= to && admin.shown_clock().await >= moved);
        admin.move_clock(to - TimeDelta::minutes(1)).await.expect(400).pointing_at("/now");
    }

    async fn a_token_expires_in_a_jump_and_the_session_does_not(builder: SiteBuilder) {
        let (site, others) = builder.at(START).open_with_others(1).await;
        let anna = site.register("anna").await;
        for place in [site.client(), anna.at(&others[0])] {
            place.bearing(anna.token()).get("/v1/me").await.expect(200);
        }
        site.pass(TimeDelta::minutes(16), &[&others[0]]).await;
        for place in [site.client(), anna.at(&others[0])] {
            place.bearing(anna.token()).get("/v1/me").await.expect(401).problem("token-expired");
        }
        let refreshed = site.client().post("/v1/auth/refresh").json(json!({"refresh_token": anna.refresh_token})).await;
        site.client().bearing(refreshed.expect(200).text("access_token")).get("/v1/me").await.expect(200);
    }

    async fn a_balance_that_is_cached_everywhere_never_outlives_its_coins(builder: SiteBuilder) {
        let (site, others) = builder.at(START).open_with_others(1).await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 30).await;
        let trial = anna.subscribe("plus").await;
        assert_eq!(trial.text("state"), "trialing");
        anna.command_subscription("cancel", json!({})).await.expect(200);
        let with_trial = anna.balance().await;
        let end: Time = trial.text("period_end").parse().unwrap();
        site.move_to(end - TimeDelta::seconds(20), &[&others[0]]).await;
        let anna = anna.again().await;
        for place in [(*anna).clone(), anna.at(&others[0])] {
            let (available, ttl) = cached_coins(&place).await;
            assert!(available == with_trial && ttl < 20, "{available} for {ttl} s");
        }
        site.move_to(end, &[&others[0]]).await;
        for place in [anna.at(&others[0]), (*anna).clone()] {
            assert_eq!(cached_coins(&place).await.0, 30);
        }
        site.pass(TimeDelta::days(3650), &[&others[0]]).await;
        let anna = anna.again().await;
        assert_eq!(cached_coins(&anna).await.0, 30);
    }

    async fn statistics_do_not_outlive_their_period(builder: SiteBuilder) {
        let (site, others) = builder.at(START).open_with_others(1).await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 30).await;
        anna.spend(10).await;
        site.move_to("2027-01-31T23:59:45Z".parse().unwrap(), &[&others[0]]).await;
        let anna = anna.again().await;
        for place in [(*anna).clone(), anna.at(&others[0])] {
            let stats = cached(&place, "/v1/subscription/stats").await;
            assert_eq!((stats.number("coins_spent"), stats.text("resets_at")), (10, "2027-02-01T00:00:00Z"));
            assert!(stats.cache().ttl() < 15, "{stats:?}");
        }
        let february = "2027-02-01T00:00:00Z".parse().unwrap();
        site.move_to(february, &[&others[0]]).await;
        for place in [anna.at(&others[0]), (*anna).clone()] {
            let stats = place.get("/v1/subscription/stats").await.expect(200);
            assert_eq!((stats.number("coins_spent"), stats.text("period_start")), (0, "2027-02-01T00:00:00Z"));
        }
    }

    async fn a_server_that_starts_later_starts_at_the_sites_time(builder: SiteBuilder) {
        let mut site = builder.at(START).open().await;
        site.pass(TimeDelta::days(400), &[]).await;
        let before = site.now();
        site.replace_server().await;
        let admin = site.admin().await;
        let now = admin.shown_clock().await;
        assert!(now >= before, "{} is before {}", rfc3339(now), rfc3339(before));
    }
}
