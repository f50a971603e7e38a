//! What removes sessions: an administrator's cleanup, and the deletion of an account.

use std::fs;

use chrono::TimeDelta;
use harness::{Client, PASSWORD, Response, Site, SiteBuilder, User, eventually};
use serde_json::json;

use super::DataSession;
use super::sample_tables::{flowers, kind_of_flower};
use super::stored_content::{check_nothing_is_left, folder};

/// Deletes all that has expired, as the administrator.
async fn clean_up(admin: &Client) -> [i64; 3] {
    let removed = admin.post("/v1/admin/data-sessions/cleanup").await.expect(200);
    ["sessions", "bytes", "orphaned_files"].map(|member| removed.number(member))
}

/// Puts a file beside those of the sessions, as a crash may leave one. Returns how many there are.
fn leave_file(site: &Site) -> i64 {
    let Some(folder) = folder(site) else { return 0 };
    let session = folder.join("01K00000000000000000000001/table-1");
    fs::create_dir_all(&session).unwrap();
    fs::write(session.join("0"), "a frame").unwrap();
    1
}

async fn erased(client: &Client, receipt: &str) -> Response {
    eventually("the content of the account is erased", async || {
        let receipt = client.get(receipt).await.expect(200);
        (receipt.text("state") == "done").then_some(receipt)
    })
    .await
}

both_pairs! {
    async fn a_cleanup_removes_what_has_expired_and_says_so(builder: SiteBuilder) {
        // A server without workers has no task that deletes expired sessions.
        let mut site = builder.at("2027-01-31T10:00:00Z").set("WORKERS", 0).open().await;
        let anna = site.register("anna").await;
        let expired = [DataSession::create(&anna).await, DataSession::create(&anna).await];
        for session in &expired {
            session.upload(flowers()).await;
        }
        site.stop_server().await;
        site.pass_unnoticed(site.now() + TimeDelta::minutes(61));
        site.replace_server().await;
        let anna = User::sign_in(&site.client(), &anna.email, PASSWORD).await;
        let admin = site.admin().await;
        let kept = DataSession::create(&anna).await;
        kept.upload("a,b\n1,2\n").await;
        let left = leave_file(&site);
        assert_eq!(clean_up(&admin).await, [2, 2 * i64::try_from(flowers().len()).unwrap(), left]);
        assert_eq!(clean_up(&admin).await, [0, 0, 0]);
        assert_eq!(kept.get("/data/preview").await.expect(200).number("total_rows"), 1);
        kept.delete().await.expect(204);
        check_nothing_is_left(&site, &[&expired[0].id, &expired[1].id, &kept.id]);
        anna.post("/v1/admin/data-sessions/cleanup").await.expect(403);
        site.client().post("/v1/admin/data-sessions/cleanup").await.expect(401);
    }

    async fn the_deletion_of_an_account_erases_its_sessions(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let sessions = [DataSession::create(&anna).await, DataSession::create(&anna).await];
        for session in &sessions {
            session.upload(flowers()).await;
        }
        sessions[0].trained(kind_of_flower()).await;
        let others = DataSession::create(&ben).await;
        others.upload("a,b\n1,2\n").await;
        let deleted = anna.delete("/v1/me").json(json!({"present_password": PASSWORD})).await.expect(202);
        let receipt = erased(&site.client(), deleted.text("receipt_url")).await;
        let areas = receipt["erased"].as_array().unwrap();
        let area = areas.iter().find(|area| area["area"] == "data_sessions").unwrap_or_else(|| panic!("{receipt:?}"));
        assert_eq!(area["records"], 2, "{receipt:?}");
        // Files without a session are deleted each 20 s, or now.
        clean_up(&*site.admin().await).await;
        assert_eq!(others.get("/data/info").await.expect(200).number("rows"), 1);
        others.delete().await.expect(204);
        check_nothing_is_left(&site, &[&sessions[0].id, &sessions[1].id]);
    }
}
