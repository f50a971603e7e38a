//! Which processes run jobs, and what their ends do to them.

use harness::{Server, Site, SiteBuilder, eventually_true, postgres_only, program};

use super::{insert_job, job_id, metric, scraped};

postgres_only! {
    async fn a_server_without_workers_leaves_jobs_to_worker_processes(builder: SiteBuilder) {
        let site = builder.set("WORKERS", 0).open().await;
        insert_job(site.database(), &job_id(1), &[]);
        let state = || site.database().query("SELECT state FROM jobs");
        let admin = site.admin().await;
        assert_eq!(admin.get("/v1/admin/jobs").await.expect(200).each("state"), ["queued"]);
        let scraped = scraped(site.server()).await;
        let tasks: Vec<&str> = scraped.lines().filter(|line| line.starts_with("atelier_scheduled_task_lag_seconds{")).collect();
        assert!(tasks.len() == 1 && tasks[0].contains("record_last_uses"), "tasks that other processes run have no lag: {tasks:?}");
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

/// Rows of which none is old.
const RECENT: [(&str, &str); 4] = [
    (
        "jobs",
        "INSERT INTO jobs (id, kind, queue, priority, payload, state, run_at, created_at)
        SELECT '01K001' || lpad(n::text, 20, '0'), 'send_mail', 'mail', 0, 'null', 'scheduled', now() + interval '1 day', now()
        FROM generate_series(1, 60000) n",
    ),
    (
        "provider_events",
        "INSERT INTO provider_events (provider, event_id, kind, outcome, received_at)
        SELECT 'stripe', n, 'ping', 'ignored', now() FROM generate_series(1, 20000) n",
    ),
    (
        "idempotency_keys",
        "INSERT INTO idempotency_keys (owner, key, fingerprint, outcome, created_at)
        SELECT 'site', n, '\\x00', 'null', now() FROM generate_series(1, 20000) n",
    ),
    (
        "account_attempts",
        "INSERT INTO account_attempts (account, full_at_us)
        SELECT decode(lpad(n::text, 64, '0'), 'hex'), 4000000000000000 FROM generate_series(1, 20000) n",
    ),
];

postgres_only! {
    async fn scheduled_tasks_do_not_scan_tables_without_old_rows(builder: SiteBuilder) {
        let mut site = builder.open().await;
        site.database().query(MANY);
        for (table, rows) in RECENT {
            site.database().query(rows);
            site.database().query(&format!("ANALYZE {table}"));
        }
        let name = site.database().query("SELECT current_database()");
        // A plan that is made without the values of a statement expects many old rows.
        site.database().query(&format!("ALTER DATABASE {name} SET plan_cache_mode = force_generic_plan"));
        site.replace_server().await;
        let scans = || {
            let sql = "SELECT sum(seq_scan) FROM pg_stat_user_tables
                WHERE relname IN ('jobs', 'provider_events', 'idempotency_keys', 'account_attempts')";
            site.database().query(sql).parse::<u64>().expect("a number")
        };
        let runs = async |task: &str| metric(site.server(), "runs_total", &format!("task=\"{task}\",result=\"ok\"")).await;
        // A connection reports its scans within a second.
        let all_ran = async |times: f64| {
            eventually_true("the tasks run", async || runs("purge_jobs").await >= times && runs("purge_account_attempts").await >= times).await;
        };
        all_ran(3.0).await;
        let before = scans();
        all_ran(9.0).await;
        assert_eq!(scans(), before);
    }
}

#[test]
fn a_worker_without_slots_does_not_start() {
    assert!(program::run(&["worker"], [("WORKERS", "0")]).fail_with(1).contains("WORKERS"));
    assert!(program::run(&["worker"], [("WORKERS", "many")]).fail_with(2).contains("WORKERS"));
}
