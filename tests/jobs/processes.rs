//! Which processes run jobs, and what their ends do to them.

use harness::{Server, SiteBuilder, eventually_true, postgres_only, program};

use super::{insert_job, job_id};

postgres_only! {
    async fn a_server_without_workers_leaves_jobs_to_worker_processes(builder: SiteBuilder) {
        let site = builder.set("WORKERS", 0).open().await;
        insert_job(site.database(), &job_id(1), &[]);
        let state = || site.database().query("SELECT state FROM jobs");
        let admin = site.admin().await;
        assert_eq!(admin.get("/v1/admin/jobs").await.expect(200).each("state"), ["queued"]);
        let mut settings = site.settings().clone();
        settings.insert("WORKERS".to_owned(), "2".to_owned());
        let mut worker = Server::start_worker(&settings);
        eventually_true("the worker runs the job", async || state() == "succeeded").await;
        worker.terminate();
        assert!(worker.wait_until_exited().await.success(), "{}", worker.log());
        insert_job(site.database(), &job_id(2), &[]);
        let jobs = admin.get("/v1/admin/jobs").await.expect(200);
        assert_eq!(jobs.each("state"), ["queued", "succeeded"]);
    }
}

#[test]
fn a_worker_without_slots_does_not_start() {
    assert!(program::run(&["worker"], [("WORKERS", "0")]).fail_with(1).contains("WORKERS"));
    assert!(program::run(&["worker"], [("WORKERS", "many")]).fail_with(2).contains("WORKERS"));
}
