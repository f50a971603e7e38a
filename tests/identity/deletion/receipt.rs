//! The receipt of a deletion.

use chrono::TimeDelta;
use harness::{Server, SiteBuilder, backends};

use super::{delete, erased, of_area};

backends! {
    async fn an_erasure_whose_job_is_canceled_goes_on(builder: SiteBuilder) {
        let site = builder.set("WORKERS", 0).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let path = delete(&anna).await;
        let jobs = admin.get("/v1/admin/jobs?kind=erase_account").await.expect(200);
        admin.post(format!("/v1/admin/jobs/{}/cancel", jobs.items()[0]["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(site.client().get(&path).await.expect(200).text("state"), "pending");
        let mut settings = site.settings().clone();
        settings.insert("WORKERS".to_owned(), "2".to_owned());
        let _worker = Server::start_worker(&settings);
        erased(&site, &path).await;
        let jobs = admin.get("/v1/admin/jobs?kind=erase_account&state=canceled").await.expect(200);
        assert_eq!(jobs.items().len(), 1, "{jobs:?}");
    }

    async fn a_receipt_can_be_read_for_thirty_days_by_its_token_alone(builder: SiteBuilder) {
        let site = builder.at("2027-01-31T10:00:00Z").open().await;
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let path = delete(&anna).await;
        let receipt = erased(&site, &path).await;
        assert_eq!(of_area(&receipt, "erased", "users", "records"), serde_json::Value::Null, "the row stays, without a name");
        for other in ["/v1/deletions/nonsense".to_owned(), format!("/v1/deletions/{}", ben.id), format!("{path}0")] {
            site.client().get(other).await.expect(404).problem("not-found");
        }
        site.pass(TimeDelta::days(29), &[]).await;
        site.client().get(&path).await.expect(200);
        site.pass(TimeDelta::days(2), &[]).await;
        site.client().get(&path).await.expect(404).problem("not-found");
    }
}
