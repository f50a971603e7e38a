//! Which processes run jobs, and what their ends do to them.

use harness::{Server, Site, SiteBuilder, eventually_true, postgres_only, program};

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

/// Finished mails, and queued jobs of a kind that no worker knows: an estimate of many queued mails, of which there is none.
const MANY: &str = "INSERT INTO jobs (id, kind, queue, priority, payload, state, run_at, created_at, finished_at)
    SELECT '01K000' || lpad(n::text, 20, '0'), CASE WHEN n % 5 = 0 THEN 'unknown' ELSE 'send_mail' END,
        CASE WHEN n % 5 = 0 THEN 'default' ELSE 'mail' END, 0, 'null', CASE WHEN n % 5 = 0 THEN 'queued' ELSE 'succeeded' END, now(), now(),
        CASE WHEN n % 5 = 0 THEN NULL ELSE now() END FROM generate_series(1, 20000) n";

postgres_only! {
    async fn workers_that_look_for_jobs_do_not_scan_the_table(site: Site) {
        site.database().query(MANY);
        site.database().query("ANALYZE jobs");
        let scans = |column: &str| -> u64 {
            let sql = format!("SELECT {column} FROM pg_stat_user_tables WHERE relname = 'jobs'");
            site.database().query(&sql).parse().expect("a number")
        };
        // Scans before the statistics of the table are reported late.
        let many_looks = async || {
            let before = scans("idx_scan");
            eventually_true("the worker looks for jobs", async || scans("idx_scan") > before + 40).await;
        };
        many_looks().await;
        let before = scans("seq_scan");
        many_looks().await;
        assert_eq!(scans("seq_scan"), before);
    }
}

#[test]
fn a_worker_without_slots_does_not_start() {
    assert!(program::run(&["worker"], [("WORKERS", "0")]).fail_with(1).contains("WORKERS"));
    assert!(program::run(&["worker"], [("WORKERS", "many")]).fail_with(2).contains("WORKERS"));
}
