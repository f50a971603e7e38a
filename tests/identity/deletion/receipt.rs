//! The receipt of a deletion.

use chrono::TimeDelta;
use harness::{SiteBuilder, backends};

use super::{delete, erased, of_area};

backends! {
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
