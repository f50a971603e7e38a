//! Jobs while their worker is paused, or their database is locked.

use std::time::Duration;

use harness::{
    Client, Database, MailServer, Server, Site, SiteBuilder, Treatment, User, eventually_true, eventually_within, on_backends,
};
use sea_orm::{ConnectOptions, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use serde_json::{Value, json};

/// The time within which a job of a lost worker runs again, or a job that failed.
const AGAIN: Duration = Duration::from_secs(30);

async fn ask(client: &Client, email: &str) -> u16 {
    client.post("/v1/auth/password-reset").json(json!({"email": email})).await.status()
}

async fn received(mails: &MailServer, count: usize) {
    eventually_within(AGAIN, "the mail arrives", async || (mails.received().len() >= count).then_some(())).await;
    assert_eq!(mails.received().len(), count);
}

/// The jobs of mails, the newest first.
async fn jobs(admin: &User) -> Vec<Value> {
    admin.get("/v1/admin/jobs?kind=send_mail").await.expect(200).items().to_vec()
}

fn worker(site: &Site) -> Server {
    let mut settings = site.settings().clone();
    settings.insert("WORKERS".to_owned(), "2".to_owned());
    Server::start_worker(&settings)
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn the_job_of_a_paused_worker_runs_elsewhere_and_the_worker_goes_on_later(builder: SiteBuilder) {
        let (site, mails) = builder.set("WORKERS", 0).open_with_mail().await;
        let admin = site.admin().await;
        let paused = worker(&site);
        mails.treat([Treatment::Hang]);
        ask(&admin, &admin.email).await;
        eventually_true("the mail is on its way", async || mails.connections() == 1).await;
        paused.suspend();
        let mut second = worker(&site);
        received(&mails, 1).await;
        paused.resume();
        eventually_true("the worker drops its job", async || paused.log().contains("gone")).await;
        second.terminate();
        second.wait_until_exited().await;
        ask(&admin, &admin.email).await;
        received(&mails, 2).await;
        eventually_true("both jobs have succeeded", async || jobs(&admin).await.iter().all(|job| job["state"] == "succeeded")).await;
        let losses: Vec<_> = jobs(&admin).await.iter().map(|job| job["losses"].clone()).collect();
        assert_eq!(losses, [0, 1]);
    }
}

/// Acquires the write lock of the file, as another program may.
async fn lock(database: &Database) -> DatabaseTransaction {
    let db = sea_orm::Database::connect(ConnectOptions::new(database.url())).await.expect("a connection");
    let immediate = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    db.begin_with_options(immediate).await.expect("the write lock")
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn jobs_wait_for_a_file_that_another_program_has_locked(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let admin = site.admin().await;
        mails.treat([Treatment::Recipient("450 4.7.1 greylisted")]);
        assert_eq!(ask(&admin, &admin.email).await, 202);
        eventually_true("the first attempt", async || mails.connections() == 1).await;
        let locked = lock(site.database()).await;
        // Longer than the retry waits.
        assert_eq!(ask(&admin, &admin.email).await, 503);
        admin.get("/v1/me").await.expect(200);
        locked.rollback().await.expect("an unlocked file");
        received(&mails, 1).await;
        eventually_true("the job has succeeded", async || jobs(&admin).await.iter().all(|job| job["state"] == "succeeded")).await;
        assert_eq!(ask(&admin, &admin.email).await, 202);
        received(&mails, 2).await;
    }
}
