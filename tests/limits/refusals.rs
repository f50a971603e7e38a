//! Refused requests: the delay, the headers, and that nothing is charged.

use std::time::Instant;

use harness::{SiteBuilder, backends, eventually};

use super::{exhaust, parameter, remaining};

backends! {
    async fn a_refusal_names_a_delay_after_which_the_request_is_admitted(builder: SiteBuilder) {
        let site = builder.set("RATE_LIMIT_USER", "5/10").open().await;
        let anna = site.register("anna").await;
        let (admitted, refused) = exhaust(5, || anna.get("/v1/me")).await;
        assert!(admitted <= 5, "{admitted}");
        let delay: u32 = refused.header("retry-after").parse().expect("whole seconds");
        assert!((1..=2).contains(&delay), "{refused:?}");
        assert_eq!((remaining(&refused, "user"), parameter(&refused, "ratelimit-policy", "user", "w")), (0, 10));
        let began = Instant::now();
        eventually("the request is admitted", async || (anna.get("/v1/me").await.status() == 200).then_some(())).await;
        let took = began.elapsed().as_secs_f64();
        assert!(took <= f64::from(delay) + 1.0, "after {took} s instead of {delay} s");
    }

    async fn every_answer_to_a_principal_says_what_is_left(builder: SiteBuilder) {
        let site = builder.set("RATE_LIMIT_USER", "100/86400").open().await;
        let anna = site.register("anna").await;
        let first = remaining(&anna.get("/v1/me").await.expect(200), "user");
        let missing = anna.get("/v1/me/characters/by-name/Nobody").await.expect(404);
        let created = anna.create_character("Mira").await;
        let left = [remaining(&missing, "user"), remaining(&created, "user"), remaining(&anna.get("/v1/me").await, "user")];
        assert_eq!(left, [first - 1, first - 2, first - 3]);
        assert_eq!(parameter(&created, "ratelimit-policy", "user", "q"), 100);
        assert_eq!(site.client().get("/v1/plans").await.expect(200).find_header("ratelimit"), None);
    }

    async fn a_request_that_one_limit_refuses_is_charged_to_none(builder: SiteBuilder) {
        let site = builder.set("RATE_LIMIT_USER", "500/86400").open().await;
        let admin = site.admin().await;
        let audit = || admin.get("/v1/admin/invariants");
        let (admitted, _) = exhaust(160, audit).await;
        assert!((120..160).contains(&admitted), "{admitted}");
        let before = remaining(&admin.get("/v1/me").await.expect(200), "user");
        let mut refused = 0;
        for _ in 0..20 {
            refused += i64::from(audit().await.status() == 429);
        }
        let after = remaining(&admin.get("/v1/me").await.expect(200), "user");
        assert_eq!(before - after, 1 + 20 - refused, "{refused} refused");
        assert!(refused > 0);
    }

    async fn limits_can_be_switched_off(builder: SiteBuilder) {
        let site = builder.set("RATE_LIMIT_USER", "1/86400").set("RATE_LIMITS", "false").open().await;
        let anna = site.register("anna").await;
        for _ in 0..5 {
            assert_eq!(anna.get("/v1/me").await.expect(200).find_header("ratelimit"), None);
        }
    }

    async fn probes_and_metrics_are_not_limited(builder: SiteBuilder) {
        let site = builder.set("RATE_LIMIT_ADDRESS", "1/86400").open().await;
        exhaust(1, || site.client().get("/v1/plans")).await;
        for _ in 0..5 {
            site.client().get("/health/live").await.expect(200);
            site.client().get("/metrics").undocumented().await.expect(200);
        }
    }
}
