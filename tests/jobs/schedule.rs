//! Scheduled tasks: each due run happens once on all servers, and missed runs are caught up.

use chrono::TimeDelta;
use harness::{Client, Response, Server, Site, SiteBuilder, Stripe, backends, eventually_true, postgres_only};
use serde_json::json;
use ulid::Ulid;

use super::metric;

const START: &str = "2027-01-31T10:00:00Z";
const PURGE: &str = "purge_idempotency_keys";

async fn spend(user: &Client, key: &str) -> Response {
    user.post("/v1/coins/spend").key(key).json(json!({"amount": 1, "purpose": "a picture"})).await.expect(201)
}

fn is_replayed(response: &Response) -> bool {
    response.find_header("idempotent-replayed").is_some()
}

/// The number of keys purged by these servers.
async fn purged(servers: &[&Server]) -> f64 {
    let mut sum = 0.0;
    for server in servers {
        sum += metric(server, "items_total", &format!("task=\"{PURGE}\"")).await;
    }
    sum
}

/// The number of rows that a task has deleted.
async fn deleted(site: &Site, task: &str) -> f64 {
    metric(site.server(), "items_total", &format!("task=\"{task}\"")).await
}

async fn runs(server: &Server, result: &str) -> f64 {
    metric(server, "runs_total", &format!("task=\"{PURGE}\",result=\"{result}\"")).await
}

fn is(count: f64, expected: u32) -> bool {
    (count - f64::from(expected)).abs() < 0.5
}

backends! {
    async fn every_server_runs_its_scheduled_tasks_and_reports_them(site: Site) {
        let second = site.second_server().await;
        for server in [site.server(), &second] {
            eventually_true("the task runs", async || runs(server, "ok").await > 1.0).await;
            assert!(is(runs(server, "failed").await, 0));
            assert!(metric(server, "lag_seconds", &format!("task=\"{PURGE}\"")).await < 60.0);
        }
    }

    async fn a_key_is_replayed_for_a_day_and_then_purged_once(builder: SiteBuilder) {
        let (site, others) = builder.at(START).open_with_others(1).await;
        let servers = [site.server(), &others[0]];
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let first = spend(&anna, "one").await;
        site.pass(TimeDelta::minutes(24 * 60 - 5), &[&others[0]]).await;
        let anna = anna.again().await;
        let again = spend(&anna, "one").await;
        assert!(is_replayed(&again) && again.json() == first.json());
        assert!(is(purged(&servers).await, 0));
        site.pass(TimeDelta::minutes(6), &[&others[0]]).await;
        assert!(is(purged(&servers).await, 2), "the keys of a grant and of a spend");
        assert!(!is_replayed(&spend(&anna, "one").await));
        assert_eq!(anna.balance().await, 8);
    }

    async fn rows_that_nothing_needs_any_more_are_deleted_by_age(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let (paid, lost) = (Stripe::paid(anna.buy("small").await.json()), Stripe::paid(&json!({"id": Ulid::new().to_string(), "amount_cents": 100})));
        for event in [&paid, &lost] {
            event.send(&site.client(), site.now()).await.expect(204);
        }
        anna.create_character("Muse").await;
        let chat = anna.open_chat("Muse").await;
        anna.send_message(chat.text("id"), "Hello").await;
        site.pass(TimeDelta::days(89), &[]).await;
        assert!(is(deleted(&site, "purge_provider_events").await + deleted(&site, "purge_daily_usage").await, 0));
        site.pass(TimeDelta::days(3), &[]).await;
        assert!(is(deleted(&site, "purge_provider_events").await, 1), "an event that found no payment stays");
        assert!(is(deleted(&site, "purge_daily_usage").await, 1));
        paid.send(&site.client(), site.now()).await.expect(204);
        assert_eq!(anna.again().await.balance().await, 100, "an event that comes again after that changes nothing");
    }

    async fn tasks_due_while_every_server_was_down_are_caught_up(builder: SiteBuilder) {
        let mut site = builder.at(START).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        spend(&anna, "one").await;
        site.kill_server();
        site.pass_unnoticed(site.now() + TimeDelta::days(3));
        site.replace_server().await;
        eventually_true("the keys are purged", async || is(purged(&[site.server()]).await, 2)).await;
    }
}

postgres_only! {
    async fn an_outdated_key_is_not_replayed_even_if_the_purge_is_late(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        for spent in 1..=10 {
            assert!(!is_replayed(&spend(&anna, "one").await));
            assert_eq!(anna.balance().await, 10 - spent);
            // The purge runs once a second, so most of these requests precede it.
            site.database().query("UPDATE idempotency_keys SET created_at = created_at - interval '24 hours 1 second'");
        }
    }

    async fn many_keys_are_purged_once_by_many_servers_of_which_one_dies(builder: SiteBuilder) {
        let (site, mut others) = builder.open_with_others(2).await;
        let anna = site.register("anna").await;
        let old = |keys: &str| {
            site.database().query(&format!(
                "INSERT INTO idempotency_keys (owner, key, fingerprint, outcome, created_at)
                 SELECT '{}', '{keys}' || n, '\\x00', 'null', now() - interval '25 hours' FROM generate_series(1, 4000) n",
                anna.id
            ));
        };
        let left = || site.database().query("SELECT count(*) FROM idempotency_keys");
        old("a");
        eventually_true("all are purged", async || left() == "0").await;
        let servers = [site.server(), &others[0], &others[1]];
        eventually_true("each is counted once", async || is(purged(&servers).await, 4000)).await;
        old("b");
        others[0].kill();
        eventually_true("the others go on", async || left() == "0").await;
    }

    async fn a_scheduled_task_that_fails_is_counted_and_retried(builder: SiteBuilder) {
        let site = builder.on_own_postgres().open().await;
        let frozen = site.database().suspend();
        eventually_true("the task fails", async || runs(site.server(), "failed").await > 0.0).await;
        drop(frozen);
        let before = runs(site.server(), "ok").await;
        eventually_true("it is done again", async || runs(site.server(), "ok").await > before + 1.0).await;
    }
}
