//! The signed-in user.

use harness::{PASSWORD, Site, backends};
use serde_json::json;

backends! {
    async fn a_user_sees_and_changes_the_own_account(site: Site) {
        let anna = site.register("anna").await;
        let before = anna.get("/v1/me").await.expect(200);
        let change = json!({"display_name": "Anna of the Sea"});
        let after = anna.patch("/v1/me").if_match(&before.etag()).json(change).await.expect(200);
        assert_eq!(after.text("display_name"), "Anna of the Sea");
        assert_eq!((after.id(), after.text("email")), (before.id(), before.text("email")));
        assert_ne!(after.etag(), before.etag());
        let read = anna.get("/v1/me").await.expect(200);
        assert_eq!((read.json(), read.etag()), (after.json(), after.etag()));
    }

    async fn null_and_an_empty_text_clear_the_display_name(site: Site) {
        let anna = site.register("anna").await;
        for cleared in [json!(null), json!(""), json!("  ")] {
            anna.change("/v1/me", json!({"display_name": "Anna"})).await;
            anna.change("/v1/me", json!({"display_name": cleared})).await;
            let me = anna.get("/v1/me").await.expect(200);
            assert!(me.json().get("display_name").is_none(), "{me:?}");
        }
    }

    async fn a_change_names_the_state_it_starts_from(site: Site) {
        let anna = site.register("anna").await;
        let first = anna.get("/v1/me").await.expect(200).etag();
        let change = json!({"display_name": "Anna"});
        anna.patch("/v1/me").json(change.clone()).await.expect(428).problem("precondition-required");
        anna.patch("/v1/me").if_match(&first).json(change.clone()).await.expect(200);
        anna.patch("/v1/me").if_match(&first).json(change.clone()).await.expect(412).problem("precondition-failed");
        anna.patch("/v1/me").if_match("\"nonsense\"").json(change.clone()).await.expect(412);
        anna.patch("/v1/me").if_match("*").json(change).await.expect(200);
    }

    async fn an_invalid_change_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        let faults = [
            ("/email", json!({"email": "anna"})),
            ("/email", json!({"email": null})),
            ("/username", json!({"username": "a"})),
            ("/display_name", json!({"display_name": "one\ntwo"})),
            ("/role", json!({"role": "admin"})),
        ];
        for (pointer, change) in faults {
            let response = anna.patch("/v1/me").if_match("*").json(change).await;
            response.expect(400).problem("validation-failed").pointing_at(pointer);
        }
    }

    async fn an_address_or_username_of_somebody_else_is_taken(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let change = |body| anna.patch("/v1/me").if_match("*").json(body);
        change(json!({"email": ben.email, "present_password": PASSWORD})).await.expect(409).problem("email-taken");
        change(json!({"username": "Ben"})).await.expect(409).problem("name-taken");
        change(json!({"username": "Anna"})).await.expect(200);
    }
}
