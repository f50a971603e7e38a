//! Trainings: canceled, repeated, and apart from the server.

use harness::{Site, eventually_true};
use serde_json::json;

use super::DataSession;
use super::sample_tables::{flowers, result_by_forest};
use super::stored_content::frames;
use super::training_processes::TrainingProcess;

both_pairs! {
    async fn canceling_a_training_kills_its_process(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        let process = TrainingProcess::suspended(site.server(), &session).await;
        let before = frames(&site);
        let environment = process.environment();
        assert!(site.settings().keys().all(|name| !environment.contains(name)), "the process has no secrets: {environment}");
        session.post("/train").json(result_by_forest()).await.expect(409).problem("training-unfinished");
        session.try_upload("", "a,b\n1,2\n").await.expect(409).problem("training-unfinished");
        session.post("/cancel").await.expect(200);
        eventually_true("the process is killed", async || !process.runs()).await;
        assert_eq!(session.ended().await.text("state"), "canceled");
        session.post("/cancel").await.expect(409).problem("job-finished");
        session.get("/model").await.expect(409).problem("model-missing");
        assert_eq!(frames(&site), before, "nothing is left of the training");
        session.trained(json!({"target": "result", "model": "linear"})).await;
    }

    async fn deleting_a_session_ends_its_training(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        let process = TrainingProcess::suspended(site.server(), &session).await;
        session.delete().await.expect(204);
        eventually_true("the process is killed", async || !process.runs()).await;
        eventually_true("nothing is stored", async || frames(&site).is_empty()).await;
    }

    async fn the_same_seed_gives_the_same_model(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        session.upload(flowers()).await;
        let request = |seed: u64| json!({"target": "kind", "model": "forest", "seed": seed});
        session.trained(request(7)).await;
        let first = session.model().await;
        session.trained(request(8)).await;
        assert!(session.model().await != first, "another seed");
        session.trained(request(7)).await;
        assert!(session.model().await == first, "the same seed");
    }
}
