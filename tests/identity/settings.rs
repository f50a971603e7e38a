//! A user's own settings for chatting.

use harness::{Site, backends};
use serde_json::json;

const PATH: &str = "/v1/me/settings";

backends! {
    async fn a_new_user_has_the_default_settings(site: Site) {
        let settings = site.register("anna").await.get(PATH).await.expect(200);
        assert_eq!(settings.number("max_group_reply_rounds"), 3);
        assert!(settings.json().get("default_model").is_none() && settings.json().get("profile").is_none(), "{settings:?}");
    }

    async fn settings_are_replaced_as_a_whole(site: Site) {
        let anna = site.register("anna").await;
        let full = json!({
            "default_model": "quill-1", "ctx_max_chat": 8000, "ctx_max_stm": 1000, "ctx_max_ltm": 2000,
            "profile": "I am called Anna,\nand I live by the sea.", "max_group_reply_rounds": 5,
        });
        let before = anna.get(PATH).await.expect(200);
        let after = anna.put(PATH).if_match(&before.etag()).json(full.clone()).await.expect(200);
        assert!(after.text("updated_at") >= before.text("updated_at"));
        let read = anna.get(PATH).await.expect(200);
        assert_eq!((read.json(), read.etag()), (after.json(), after.etag()));
        for (name, value) in full.as_object().unwrap() {
            assert_eq!(read[name], *value, "{name}");
        }
        let short = json!({"max_group_reply_rounds": 1});
        let replaced = anna.put(PATH).if_match(&read.etag()).json(short).await.expect(200);
        assert!(replaced.json().get("default_model").is_none(), "{replaced:?}");
    }

    async fn of_two_changes_from_one_state_one_is_refused(site: Site) {
        let anna = site.register("anna").await;
        let etag = anna.get(PATH).await.expect(200).etag();
        let body = json!({"max_group_reply_rounds": 4});
        anna.put(PATH).json(body.clone()).await.expect(428).problem("precondition-required");
        anna.put(PATH).if_match(&etag).json(body.clone()).await.expect(200);
        anna.put(PATH).if_match(&etag).json(body).await.expect(412).problem("precondition-failed");
    }

    async fn an_invalid_value_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        let faults = [
            ("/max_group_reply_rounds", json!({"max_group_reply_rounds": -1})),
            ("/max_group_reply_rounds", json!({"max_group_reply_rounds": "three"})),
            ("/max_group_reply_rounds", json!({"max_group_reply_rounds": 1.5})),
            ("/ctx_max_chat", json!({"max_group_reply_rounds": 3, "ctx_max_chat": -5})),
            ("/ctx_max_stm", json!({"max_group_reply_rounds": 3, "ctx_max_stm": 99_999_999_999_i64})),
            ("/default_model", json!({"max_group_reply_rounds": 3, "default_model": "x".repeat(101)})),
            ("/profile", json!({"max_group_reply_rounds": 3, "profile": "x".repeat(4001)})),
            ("/theme", json!({"max_group_reply_rounds": 3, "theme": "dark"})),
        ];
        for (pointer, body) in faults {
            let response = anna.put(PATH).if_match("*").json(body).await;
            response.expect(400).problem("validation-failed").pointing_at(pointer);
        }
    }

    async fn settings_are_each_users_own(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        anna.put(PATH).if_match("*").json(json!({"max_group_reply_rounds": 7})).await.expect(200);
        assert_eq!(ben.get(PATH).await.expect(200).number("max_group_reply_rounds"), 3);
    }
}
