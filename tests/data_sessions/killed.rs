//! A server that is killed while it trains.

use std::time::Duration;

use harness::{Server, Site, eventually_within, on_backends};
use serde_json::json;

use super::DataSession;
use super::sample_tables::{measurements, result_by_forest};
use super::training_processes::TrainingProcess;

/// The time in which a process notices that its server is gone.
const NOTICED: Duration = Duration::from_secs(30);
/// The time in which the job of a killed server runs again.
const AGAIN: Duration = Duration::from_mins(2);

/// Starts a long training; its process.
async fn train(site: &Site, session: &DataSession) -> TrainingProcess {
    session.upload(measurements(3000)).await;
    session.train(result_by_forest()).await;
    TrainingProcess::of(site.server()).await
}

async fn check_ended(process: TrainingProcess) {
    eventually_within(NOTICED, "the process ends with its server", async || (!process.runs()).then_some(())).await;
}

async fn check_runs_again(server: &Server, session: &DataSession) {
    eventually_within(AGAIN, "the training runs again", async || (!TrainingProcess::all_of(server).is_empty()).then_some(()))
        .await;
    let running = async || (session.get("/progress").await.expect(200).text("state") == "running").then_some(());
    eventually_within(AGAIN, "its progress says so", running).await;
    session.post("/cancel").await.expect(200);
    assert_eq!(session.ended().await.text("state"), "canceled");
    session.trained(json!({"target": "result", "model": "linear"})).await;
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn the_training_of_a_killed_server_ends_and_runs_again_on_another(site: Site) {
        let mut site = site;
        let session = DataSession::create(&*site.register("anna").await).await;
        let process = train(&site, &session).await;
        let second = site.second_server().await;
        assert!(process.runs(), "a training that takes longer");
        site.kill_server();
        check_ended(process).await;
        check_runs_again(&second, &session.at(&second)).await;
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn the_training_of_a_killed_server_ends_and_runs_again_after_its_start(site: Site) {
        let mut site = site;
        let session = DataSession::create(&*site.register("anna").await).await;
        let process = train(&site, &session).await;
        assert!(process.runs(), "a training that takes longer");
        site.kill_server();
        check_ended(process).await;
        site.replace_server().await;
        check_runs_again(site.server(), &session.at(site.server())).await;
    }
}
