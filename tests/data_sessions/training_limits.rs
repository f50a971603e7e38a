//! The time and the memory of a training.

use harness::{SiteBuilder, eventually_true};
use serde_json::json;

use super::DataSession;
use super::training_processes::TrainingProcess;

/// A table with few bytes and so many cells that a model needs more than 64 MiB.
fn many_cells() -> String {
    let (columns, rows) = (400, 4500);
    let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
    let blank = ",".repeat(columns - 1);
    let cells = (0..rows).map(|row| format!("{}{blank}\n", row % 10));
    format!("{}\n{}", names.join(","), cells.collect::<String>())
}

both_pairs! {
    async fn a_training_that_takes_too_long_is_ended_and_says_so(builder: SiteBuilder) {
        let site = builder.set("TRAINING_SECONDS", 1).open().await;
        let session = DataSession::create(&*site.register("anna").await).await;
        let process = TrainingProcess::suspended(site.server(), &session).await;
        let ended = session.ended().await;
        assert_eq!(ended.text("state"), "failed");
        assert!(ended.text("error").contains("longer than 1 s") && ended.text("error").contains("fewer rows"), "{ended:?}");
        eventually_true("the process is killed", async || !process.runs()).await;
    }

    async fn a_training_that_needs_too_much_memory_is_ended_and_says_so(builder: SiteBuilder) {
        let site = builder.set("TRAINING_MEMORY_MB", 64).open().await;
        let session = DataSession::create(&*site.register("anna").await).await;
        session.upload(many_cells()).await;
        let error = session.failed(json!({"target": "c0"})).await;
        assert!(error.contains("memory") && error.contains("64 MiB") && error.contains("4500 rows"), "{error}");
        let process = TrainingProcess::suspended(site.server(), &session).await;
        process.kill();
        let ended = session.ended().await;
        assert!(ended.text("error").contains("more than 64 MiB of memory"), "{ended:?}");
        session.trained(json!({"target": "result", "model": "linear"})).await;
    }
}
