//! Clients without a principal: their address, as proxies tell it and as they cannot forge it.

use harness::{Request, Site, SiteBuilder, backends};

use super::exhaust;

/// The default public list, which the edge repeats.
const PUBLIC: &str = "/v1/characters";

fn from(site: &Site, forwarded: &str) -> Request {
    site.client().get(PUBLIC).header("X-Forwarded-For", forwarded)
}

async fn behind_a_proxy(builder: SiteBuilder) -> Site {
    builder.set("RATE_LIMIT_ADDRESS", "20/86400").open().await
}

backends! {
    async fn a_forged_address_changes_nothing(builder: SiteBuilder) {
        let site = builder.set("RATE_LIMIT_ADDRESS", "20/86400").set("TRUSTED_PROXIES", "none").open().await;
        let number = std::cell::Cell::new(0);
        let forged = || {
            number.set(number.get() + 1);
            from(&site, &format!("203.0.113.{}", number.get() % 250))
        };
        assert_eq!(exhaust(20, forged).await.0, 20);
    }

    async fn behind_a_trusted_proxy_each_client_has_its_own_limit(builder: SiteBuilder) {
        let site = behind_a_proxy(builder).await;
        assert_eq!(exhaust(20, || from(&site, "203.0.113.9")).await.0, 20);
        // What the client itself wrote stands further left.
        from(&site, "198.51.100.7, 203.0.113.9").await.expect(429);
        from(&site, "203.0.113.10").await.expect(200);
        site.client().get(PUBLIC).header("Forwarded", "for=203.0.113.9").await.expect(429);
        site.client().get(PUBLIC).header("X-Forwarded-For", "::ffff:203.0.113.9").await.expect(429);
    }

    async fn addresses_of_a_64_share_a_limit_and_wider_networks_have_larger_ones(builder: SiteBuilder) {
        let site = behind_a_proxy(builder).await;
        let host = std::cell::Cell::new(0);
        let next = |network: &str| {
            host.set(host.get() + 1);
            from(&site, &format!("{network}:{:x}", host.get()))
        };
        assert_eq!(exhaust(20, || next("2001:db8:1:1:")).await.0, 20);
        next("2001:db8:1:2:").await.expect(200);
        let subnet = std::cell::Cell::new(2);
        let walk = || {
            subnet.set(subnet.get() + 1);
            from(&site, &format!("2001:db8:1:{:x}::1", subnet.get()))
        };
        assert_eq!(exhaust(160, walk).await.0, 160 - 21, "the /48 has 8 times as many");
        next("2001:db8:2:1:").await.expect(200);
    }

    async fn a_failed_authentication_is_charged_to_the_address(builder: SiteBuilder) {
        let site = behind_a_proxy(builder).await;
        let anna = site.register("anna").await;
        let failing = || site.client().bearing("no token").get("/v1/me");
        for _ in 0..5 {
            failing().await.expect(401);
        }
        exhaust(20, failing).await;
        site.client().get("/v1/me").await.expect(429);
        anna.get("/v1/me").await.expect(200);
    }
}
