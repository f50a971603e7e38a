//! The platform's generation settings.

use harness::{Response, Site, backends};
use serde_json::{Value, json};

const READ: &str = "/v1/generation-settings";
const REPLACE: &str = "/v1/admin/generation-settings";

/// The settings in the form of a replacement.
fn values(settings: &Response) -> Value {
    let mut values = settings.json().clone();
    let members = values.as_object_mut().unwrap();
    members.retain(|name, _| !["version", "updated_at"].contains(&name.as_str()));
    values
}

backends! {
    async fn a_new_site_has_settings_that_hold_together(site: Site) {
        let settings = site.register("anna").await.get(READ).await.expect(200);
        let (model, models) = (&settings["text"]["model"], settings["models"].as_array().unwrap());
        assert!(models.iter().any(|offered| offered["code"] == *model), "{settings:?}");
        assert!(settings["samplers"].as_array().unwrap().contains(&settings["image"]["sampler"]));
    }

    async fn an_administrator_replaces_them_and_every_user_sees_it(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let before = anna.get(READ).await.expect(200);
        let mut wanted = values(&before);
        wanted["text"]["temperature"] = json!(0.5);
        wanted["prices"]["image"] = json!(9);
        let after = admin.put(REPLACE).if_match(&before.etag()).json(wanted.clone()).await.expect(200);
        assert_eq!(values(&after), wanted);
        let read = anna.get(READ).await.expect(200);
        assert_eq!((read.json(), read.etag()), (after.json(), after.etag()));
        assert_ne!(read.etag(), before.etag());
    }

    async fn of_two_changes_from_one_state_one_is_refused(site: Site) {
        let admin = site.admin().await;
        let before = admin.get(READ).await.expect(200);
        let body = values(&before);
        admin.put(REPLACE).json(body.clone()).await.expect(428).problem("precondition-required");
        admin.put(REPLACE).if_match(&before.etag()).json(body.clone()).await.expect(200);
        admin.put(REPLACE).if_match(&before.etag()).json(body).await.expect(412).problem("precondition-failed");
    }

    async fn only_an_administrator_replaces_them(site: Site) {
        let anna = site.register("anna").await;
        let before = anna.get(READ).await.expect(200);
        anna.put(REPLACE).if_match(&before.etag()).json(values(&before)).await.expect(403).problem("forbidden");
        site.client().put(REPLACE).if_match(&before.etag()).json(values(&before)).await.expect(401);
        assert_eq!(anna.get(READ).await.expect(200).etag(), before.etag());
    }

    async fn contradictory_settings_are_reported_with_their_pointers(site: Site) {
        let admin = site.admin().await;
        let before = admin.get(READ).await.expect(200);
        let faults = [
            ("/text/temperature", json!(99)),
            ("/text/temperature", json!("hot")),
            ("/text/model", json!("no-such-model")),
            ("/image/sampler", json!("no-such-sampler")),
            ("/image/width", json!(1)),
            ("/ranges/steps/min", json!("few")),
            ("/prices/image", json!(-1)),
        ];
        for (pointer, value) in faults {
            let mut body = values(&before);
            *body.pointer_mut(pointer).unwrap() = value;
            let response = admin.put(REPLACE).if_match("*").json(body).await;
            response.expect(400).problem("validation-failed").pointing_at(pointer);
        }
        assert_eq!(admin.get(READ).await.expect(200).etag(), before.etag());
    }
}
