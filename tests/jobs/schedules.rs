//! Schedules, as administrators see and change them.

use chrono::TimeDelta;
use harness::{Client, Response, Site, SiteBuilder, backends, eventually_true};
use serde_json::{Value, json};

const START: &str = "2027-01-31T10:00:00Z";
const NIGHTLY: &str = "/v1/admin/schedules/audit_ledger";

async fn audits(admin: &Client) -> Response {
    admin.get("/v1/admin/jobs?kind=audit_ledger&limit=100").await.expect(200)
}

async fn change(admin: &Client, change: Value) -> Response {
    let present = admin.get(NIGHTLY).await.expect(200);
    admin.patch(NIGHTLY).if_match(&present.etag()).json(change).await
}

async fn is_planned(admin: &Client) -> bool {
    admin.get(NIGHTLY).await.expect(200).json().get("next_at").is_some()
}

backends! {
    async fn a_schedule_enqueues_one_job_a_day_however_many_servers_there_are(builder: SiteBuilder) {
        let (site, others) = builder.at(START).open_with_others(1).await;
        eventually_true("a server has read the schedule", async || {
            let admin = site.admin().await;
            is_planned(&admin).await
        }).await;
        for days in 1..=2 {
            site.pass(TimeDelta::days(1), &[&others[0]]).await;
            let admin = site.admin().await;
            let jobs = audits(&admin).await;
            assert_eq!(jobs.each("state"), vec!["succeeded"; days]);
            assert!(jobs.items().iter().all(|job| job["result"]["ok"] == true), "{jobs:?}");
        }
        let schedule = site.admin().await.get(NIGHTLY).await.expect(200);
        assert_eq!((schedule.text("last_at"), schedule.text("next_at")), ("2027-02-02T03:30:00Z", "2027-02-03T03:30:00Z"));
    }

    // The job of the first step is purged in the last one.
    async fn days_without_a_run_are_made_up_for_as_the_policy_says(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        eventually_true("a server has read the schedule", async || {
            let admin = site.admin().await;
            is_planned(&admin).await
        }).await;
        for (missed, expected) in [("once", 1), ("skip", 1), ("all", 20)] {
            let admin = site.admin().await;
            change(&admin, json!({"missed": missed})).await.expect(200);
            site.pass(TimeDelta::days(20), &[]).await;
            let admin = site.admin().await;
            assert_eq!(audits(&admin).await.items().len(), expected, "{missed}");
        }
    }

    async fn a_schedule_is_changed_with_its_version(site: Site) {
        let admin = site.admin().await;
        let listed = admin.get("/v1/admin/schedules").await.expect(200);
        assert!(listed.each("name").contains(&"audit_ledger"), "{listed:?}");
        let changed = change(&admin, json!({"cron": " 15  4 * * SUN", "zone": "Europe/Berlin"})).await.expect(200);
        assert_eq!((changed.text("cron"), changed.text("zone"), changed.number("version")), ("15 4 * * SUN", "Europe/Berlin", 2));
        let disabled = change(&admin, json!({"enabled": false})).await.expect(200);
        assert!(disabled.json()["enabled"] == false && disabled.json().get("next_at").is_none(), "{disabled:?}");
        admin.patch(NIGHTLY).if_match(&changed.etag()).json(json!({"enabled": true})).await.expect(412);
        admin.patch(NIGHTLY).json(json!({"enabled": true})).await.expect(428);
        admin.get("/v1/admin/schedules/none").await.expect(404).problem("not-found");
    }

    async fn what_is_never_due_or_no_zone_is_refused(site: Site) {
        let admin = site.admin().await;
        for (field, text) in [
            ("cron", "0 0 30 2 *"), ("cron", "0 0 31 4 *"), ("cron", "* * * * * *"), ("cron", "61 0 * * *"), ("cron", "@reboot now"),
            ("cron", "30 2 * * * ; rm"), ("zone", "Middle/Earth"), ("zone", "UTC+25"),
        ] {
            let refused = change(&admin, json!({field: text})).await.expect(400).problem("validation-failed");
            assert_eq!(refused.json()["errors"][0]["pointer"], format!("/{field}"), "{text}: {refused:?}");
        }
        change(&admin, json!({})).await.expect(400);
        assert_eq!(admin.get(NIGHTLY).await.expect(200).number("version"), 1);
    }
}
