//! What administrators see of jobs, and do with them.

use harness::{Client, Response, Site, eventually, postgres_only};
use serde_json::Value;

use super::{insert_job, job_id};

/// The job, as administrators see it.
async fn job(admin: &Client, id: &str) -> Value {
    let all = admin.get("/v1/admin/jobs?limit=100").await.expect(200);
    all.items().iter().find(|job| job["id"] == id).unwrap_or_else(|| panic!("no {id} in {all:?}")).clone()
}

async fn until(admin: &Client, id: &str, state: &str) -> Value {
    eventually(&format!("the job is {state}"), async || Some(job(admin, id).await).filter(|job| job["state"] == state)).await
}

async fn retried(admin: &Client, id: &str) -> Response {
    admin.post(format!("/v1/admin/jobs/{id}/retry")).await.expect(201)
}

postgres_only! {
    async fn a_job_runs_and_is_run_again_on_request(site: Site) {
        let admin = site.admin().await;
        insert_job(site.database(), &job_id(1), &[]);
        let done = until(&admin, &job_id(1), "succeeded").await;
        assert_eq!((&done["attempt"], &done["result"]["ok"], &done["queue"]), (&1.into(), &true.into(), &"heavy".into()));
        let again = retried(&admin, &job_id(1)).await;
        assert_ne!(again.id(), job_id(1));
        until(&admin, again.id(), "succeeded").await;
        admin.post(format!("/v1/admin/jobs/{}/cancel", job_id(1))).await.expect(409).problem("job-finished");
        let path = "/v1/admin/jobs?state=succeeded&kind=audit_ledger&queue=heavy";
        assert_eq!(admin.get(path).await.expect(200).items().len(), 2);
        assert!(admin.get("/v1/admin/jobs?state=failed").await.expect(200).items().is_empty());
        admin.get("/v1/admin/jobs?state=lost").await.expect(400).problem("validation-failed");
    }

    async fn a_job_of_an_unknown_kind_waits_and_can_be_canceled(site: Site) {
        let admin = site.admin().await;
        insert_job(site.database(), &job_id(1), &[("kind", "'of_the_next_release'")]);
        insert_job(site.database(), &job_id(2), &[]);
        until(&admin, &job_id(2), "succeeded").await;
        assert_eq!(job(&admin, &job_id(1)).await["state"], "queued");
        admin.post(format!("/v1/admin/jobs/{}/retry", job_id(1))).await.expect(409).problem("job-unfinished");
        admin.post(format!("/v1/admin/jobs/{}/cancel", job_id(1))).await.expect(200);
        until(&admin, &job_id(1), "canceled").await;
    }

    async fn a_payload_of_another_release_is_kept_and_tried_again(site: Site) {
        let admin = site.admin().await;
        insert_job(site.database(), &job_id(1), &[("payload", "'{\"of\": \"the next release\"}'")]);
        let waiting = until(&admin, &job_id(1), "scheduled").await;
        assert_eq!((&waiting["failures"], &waiting["payload"]["of"]), (&1.into(), &"the next release".into()));
        assert!(waiting["error"].as_str().unwrap().contains("another release"), "{waiting}");
    }

    async fn a_job_whose_worker_is_gone_runs_again(site: Site) {
        let admin = site.admin().await;
        let gone = [
            ("state", "'running'"),
            ("worker_id", "'01JZ0000000000000000000000'"),
            ("fence", "1"),
            ("started_at", "'2026-01-01 00:00:00+00:00'"),
        ];
        insert_job(site.database(), &job_id(1), &gone);
        let twice_lost = [gone.as_slice(), &[("losses", "2")]].concat();
        insert_job(site.database(), &job_id(2), &twice_lost);
        let done = until(&admin, &job_id(1), "succeeded").await;
        assert_eq!((&done["losses"], &done["failures"], &done["attempt"]), (&1.into(), &0.into(), &2.into()));
        let poison = until(&admin, &job_id(2), "failed").await;
        assert!(poison["error"].as_str().unwrap().contains("lost"), "{poison}");
    }
}
