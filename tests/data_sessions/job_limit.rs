//! The plan limits the jobs that a user has started and that have not ended.

use harness::{Site, eventually_true};

use super::DataSession;
use super::sample_tables::{measurements, result_by_forest};
use super::training_processes::TrainingProcess;

both_pairs! {
    async fn a_user_has_as_many_open_jobs_as_the_plan_allows(site: Site) {
        let anna = site.register("anna").await;
        let [first, second] = [DataSession::create(&anna).await, DataSession::create(&anna).await];
        second.upload(measurements(60)).await;
        TrainingProcess::suspended(site.server(), &first).await;
        let train = || second.post("/train").json(result_by_forest());
        let export = || anna.post("/v1/me/exports").idempotent();
        for refused in [train().await, export().await] {
            let refused = refused.expect(403).problem("plan-limit");
            assert_eq!((refused.number("limit"), refused.number("used"), refused.text("plan")), (1, 1, "free"));
        }
        second.get("/progress").await.expect(409).problem("model-missing");
        let ben = site.register("ben").await;
        ben.post("/v1/me/exports").idempotent().await.expect(202);
        anna.subscribe("plus").await;
        train().await.expect(202);
        assert_eq!(export().await.expect(403).problem("plan-limit").number("used"), 2);
        second.post("/cancel").await.expect(200);
        let exported = export().await.expect(202);
        let path = format!("/v1/me/exports/{}", exported.id());
        first.post("/cancel").await.expect(200);
        eventually_true("the export is ready", async || anna.get(&path).await.expect(200).text("state") == "ready").await;
    }
}
