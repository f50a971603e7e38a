//! The time of the product, which all servers of a database share.

use chrono::TimeDelta;
use harness::{Server, SiteBuilder, Time, User, backends, eventually_true, program};

const START: &str = "2027-01-31T10:00:00Z";

backends! {
    async fn a_move_on_one_server_moves_all(builder: SiteBuilder) {
        let (site, others) = builder.at(START).open_with_others(2).await;
        let servers = [site.server(), &others[0], &others[1]];
        for (mover, days) in servers.into_iter().zip([1, 40, 400]) {
            let to = START.parse::<Time>().unwrap() + TimeDelta::days(days);
            // A jump ends the token.
            site.admin().await.at(mover).move_clock(to).await.expect(200);
            let admin = site.admin().await;
            for server in servers {
                let shown = admin.at(server).shown_clock().await;
                assert!(shown >= to && shown < to + TimeDelta::minutes(5), "{shown} after a move to {to}");
            }
        }
    }

    async fn a_server_without_the_flag_follows_in_development_and_refuses_in_production(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let second = Server::start_at(site.settings(), None).await;
        let warns = async || second.log().contains("was moved by a test clock");
        eventually_true("it warns", warns).await;
        let anna = User::register(&site.client().at(&second), "anna").await;
        assert!(anna.get("/v1/me").await.expect(200).text("created_at").starts_with("2027-01-31T10:0"));
        site.pass(TimeDelta::minutes(16), &[]).await;
        anna.get("/v1/me").await.expect(401).problem("token-expired");
        let mut settings = site.settings().clone();
        settings.extend([("ATELIER_ENV", "production"), ("PAYMENT_PROVIDER", "manual"), ("REQUIRE_VERIFIED_EMAIL", "false")].map(|(name, value)| (name.into(), value.into())));
        let complaint = program::run(&["serve"], settings).fail_with(1);
        assert!(complaint.contains("moved by a test clock"), "{complaint}");
    }

    async fn a_start_at_an_earlier_time_does_not_turn_the_time_back(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        site.pass(TimeDelta::days(30), &[]).await;
        let second = Server::start_at(site.settings(), START.parse().ok()).await;
        let anna = User::register(&site.client().at(&second), "anna").await;
        assert!(anna.get("/v1/me").await.expect(200).text("created_at").starts_with("2027-03-02T"));
    }
}
