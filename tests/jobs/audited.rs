//! The books of jobs: the audit reports each tampered row.

use harness::{Site, eventually_true, postgres_only, program};

use super::{insert_job, job_id};

const TAMPERINGS: [&str; 6] = [
    "UPDATE jobs SET failures = failures + 1",
    "UPDATE jobs SET losses = losses + 1",
    "UPDATE jobs SET fence = fence + 1",
    "UPDATE jobs SET state = 'failed'",
    "UPDATE job_attempts SET outcome = 'retried'",
    "DELETE FROM job_attempts",
];

postgres_only! {
    async fn every_kind_of_tampered_job_is_reported(site: Site) {
        let (admin, database) = (site.admin().await, site.database());
        insert_job(database, &job_id(1), &[]);
        eventually_true("the job succeeds", async || database.query("SELECT state FROM jobs") == "succeeded").await;
        database.query("CREATE TABLE good_jobs AS TABLE jobs; CREATE TABLE good_attempts AS TABLE job_attempts");
        for tampering in TAMPERINGS {
            let audit = admin.get("/v1/admin/invariants").await.expect(200);
            assert!(audit["ok"] == true && audit["checked"]["jobs"] == 1, "{audit:?}");
            database.query(tampering);
            let audit = admin.get("/v1/admin/invariants").await.expect(200);
            let finding = &audit["findings"][0];
            assert_eq!((&finding["invariant"], &finding["subject"], &finding["id"]), (&"I10".into(), &"job".into(), &job_id(1).into()), "{tampering}");
            assert!(program::run(&["audit"], site.settings()).fail_printing().0.contains("I10 job"));
            database.query("DELETE FROM jobs; INSERT INTO jobs TABLE good_jobs; INSERT INTO job_attempts TABLE good_attempts");
        }
    }
}
