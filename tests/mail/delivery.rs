//! Delivery to a mail server that hangs, refuses, or closes the connection.

use std::collections::BTreeSet;
use std::time::Duration;

use harness::{Client, MailServer, SiteBuilder, Treatment, User, eventually_within, on_backends};
use serde_json::json;

/// Retries begin after five seconds, and double.
const RETRIES: Duration = Duration::from_mins(1);

async fn ask(client: &Client, email: &str) {
    client.post("/v1/auth/password-reset").json(json!({"email": email})).await.expect(202);
}

/// Waits until an address has received this many mails.
async fn wait_for(mails: &MailServer, email: &str, count: usize) {
    eventually_within(RETRIES, "the mail is sent again", async || {
        (mails.received().iter().filter(|mail| mail.recipient == email).count() >= count).then_some(())
    })
    .await;
}

async fn jobs(admin: &User, state: &str) -> usize {
    admin.get(format!("/v1/admin/jobs?kind=send_mail&state={state}")).await.expect(200).items().len()
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn a_mail_that_is_sent_again_is_the_same_mail(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
        mails.treat([Treatment::CloseAfterData, Treatment::Recipient("450 4.7.1 greylisted"), Treatment::Accept]);
        ask(&site.client(), &anna.email).await;
        wait_for(&mails, &anna.email, 3).await;
        let sent: Vec<_> = mails.received().into_iter().skip(1).collect();
        let ids: BTreeSet<String> = sent.iter().map(|mail| mail.header("message-id")).collect();
        assert_eq!((sent.len(), ids.len()), (2, 1), "{sent:?}");
        assert!(ids.iter().all(|id| id.starts_with('<') && id.ends_with("@mail.example.com>")), "{ids:?}");
        assert_eq!(sent[0].token(), sent[1].token());
        assert!(mails.greetings().iter().all(|name| name == "mail.example.com"), "{:?}", mails.greetings());
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn a_server_that_hangs_or_refuses_the_connection_delays_the_mail(builder: SiteBuilder) {
        let (site, mails) = builder.set("SMTP_TIMEOUT_SECONDS", 1).open_with_mail().await;
        let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
        mails.treat([Treatment::Hang, Treatment::Greet("421 busy")]);
        ask(&site.client(), &anna.email).await;
        wait_for(&mails, &anna.email, 2).await;
        assert_eq!((mails.connections(), jobs(&site.admin().await, "failed").await), (4, 0));
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn a_recipient_that_is_refused_for_good_is_not_tried_again(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let (admin, anna) = (site.admin().await, User::register_by_mail(&site.client(), &mails, "anna").await);
        // Servers often repeat the address.
        mails.treat([Treatment::Recipient("550 5.1.1 <Anna@example.com>: no such mailbox, anna@example.com")]);
        ask(&site.client(), &anna.email).await;
        eventually_within(RETRIES, "the job fails", async || (jobs(&admin, "failed").await == 1).then_some(())).await;
        assert_eq!(mails.connections(), 2);
        let failed = admin.get("/v1/admin/jobs?kind=send_mail&state=failed").await.expect(200);
        let job = &failed.items()[0];
        assert!(job["error"].as_str().is_some_and(|error| error.contains("refused the mail")), "{job}");
        let shown = format!("{job} {}", site.server().log()).to_lowercase();
        assert!(job["payload"].to_string().len() < 80 && !shown.contains("anna@example.com"), "{job}");
    }
}
