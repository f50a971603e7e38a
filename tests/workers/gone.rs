//! Who is live: orderly ends, kills, stopped processes, outages of the database.

use std::time::{Duration, Instant};

use harness::{Site, SiteBuilder, backends, eventually_true, eventually_within, postgres_only};

use super::{counts, id};

/// Longer than a worker must stand still to be gone.
const LONG: Duration = Duration::from_secs(8);
/// Less than that.
const SHORT: Duration = Duration::from_secs(4);

backends! {
    async fn a_server_that_ends_is_not_counted_any_more(site: Site) {
        let (admin, mut second) = (site.admin().await, site.second_server().await);
        for server in [site.server(), &second] {
            eventually_true("both are counted", async || counts(&admin, server, 2).await).await;
        }
        second.terminate();
        assert!(second.wait_until_exited().await.success());
        let alone = async || counts(&admin, site.server(), 1).await.then_some(());
        eventually_within(SHORT, "the first is alone", alone).await;
    }

    async fn a_server_that_is_killed_is_not_counted_once_its_beat_has_stood_still(site: Site) {
        let (admin, mut second) = (site.admin().await, site.second_server().await);
        eventually_true("both are counted", async || counts(&admin, site.server(), 2).await).await;
        second.kill();
        assert!(counts(&admin, site.server(), 2).await, "its row is left");
        eventually_true("the first is alone", async || counts(&admin, site.server(), 1).await).await;
    }

    async fn a_stopped_server_is_gone_and_goes_on_under_a_new_identifier(site: Site) {
        let (admin, second) = (site.admin().await, site.second_server().await);
        for server in [site.server(), &second] {
            eventually_true("both are counted", async || counts(&admin, server, 2).await).await;
        }
        let (first_before, second_before) = (id(&admin, site.server()).await, id(&admin, &second).await);
        second.suspend();
        eventually_true("the first is alone", async || counts(&admin, site.server(), 1).await).await;
        second.resume();
        eventually_true("it takes a new identifier", async || id(&admin, &second).await != second_before).await;
        eventually_true("both are counted", async || counts(&admin, site.server(), 2).await).await;
        assert_eq!(id(&admin, site.server()).await, first_before);
    }
}

postgres_only! {
    async fn an_outage_of_the_database_loses_nobody(builder: SiteBuilder) {
        let (site, others) = builder.on_own_postgres().open_with_others(1).await;
        let admin = site.admin().await;
        let servers = [site.server(), &others[0]];
        let before = [id(&admin, servers[0]).await, id(&admin, servers[1]).await];
        let (stopped, outage) = (site.database().suspend(), Instant::now());
        eventually_true("the outage is long", async || outage.elapsed() > LONG).await;
        drop(stopped);
        let is_ready = async |server: &harness::Server| site.client().at(server).get("/health/ready").await.status() == 200;
        for (server, before) in servers.iter().zip(&before) {
            eventually_true("it is ready", async || is_ready(server).await).await;
            // As long as it would take to find somebody gone after the outage.
            let resumed = Instant::now();
            eventually_true("nobody is lost", async || counts(&admin, server, 2).await && resumed.elapsed() > SHORT).await;
            assert_eq!(id(&admin, server).await, *before);
        }
    }

    async fn a_lock_of_the_table_loses_nobody(builder: SiteBuilder) {
        let (site, others) = builder.open_with_others(1).await;
        let admin = site.admin().await;
        let before = [id(&admin, site.server()).await, id(&admin, &others[0]).await];
        site.database().query("BEGIN; LOCK TABLE workers IN EXCLUSIVE MODE; SELECT pg_sleep(8); COMMIT");
        let (locked, servers) = (Instant::now(), [site.server(), &others[0]]);
        eventually_true("beats go on", async || locked.elapsed() > SHORT).await;
        for (server, before) in servers.iter().zip(&before) {
            assert!(counts(&admin, server, 2).await && id(&admin, server).await == *before);
        }
    }
}
