//! Every write invalidates the affected values before it is acknowledged.

use harness::{Client, PASSWORD, Site, User, backends, redis_backends};
use serde_json::json;

use super::{CachedRead, Fixture};

async fn cancel(user: &Client, at_period_end: bool) {
    let body = json!({"at_period_end": at_period_end});
    user.post("/v1/subscription/cancel").idempotent().json(body).await.expect(200);
}

fn own(id: &str) -> String {
    format!("/v1/me/characters/{id}")
}

backends! {
    async fn a_subscription_is_invalidated_by_every_transition(site: Site) {
        let anna = site.register("anna").await;
        let read = CachedRead::new(&anna, "/v1/subscription");
        read.expect_invalidated_by("a start", async || anna.subscribe("plus").await).await;
        read.expect_invalidated_by("a cancellation at the end", async || cancel(&anna, true).await).await;
        read.expect_invalidated_by("a cancellation", async || cancel(&anna, false).await).await;
    }

    async fn statistics_are_invalidated_by_use_and_by_a_new_period(site: Site) {
        let fixture = Fixture::create(&site).await;
        let (admin, anna) = (&fixture.admin, &fixture.anna);
        let read = CachedRead::new(anna, "/v1/subscription/stats");
        read.expect_invalidated_by("a message", async || anna.send_message(&fixture.chat, "Well.").await).await;
        read.expect_invalidated_by("a grant", async || admin.grant(anna, 5).await).await;
        read.expect_invalidated_by("a spend", async || anna.spend(5).await).await;
        let nora = read.expect_invalidated_by("a character", async || anna.create_character("Nora").await).await;
        read.expect_invalidated_by("a deletion", async || anna.delete(own(nora.id())).await.expect(204)).await;
        read.expect_invalidated_by("a cancellation", async || cancel(anna, false).await).await;
        read.expect_invalidated_by("a new subscription", async || anna.subscribe("pro").await).await;
    }

    async fn a_balance_is_invalidated_by_every_entry(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let read = CachedRead::new(&anna, "/v1/coins");
        read.expect_invalidated_by("a grant", async || admin.grant(&anna, 50).await).await;
        let spent = read.expect_invalidated_by("a spend", async || anna.spend(20).await).await;
        let hold = read.expect_invalidated_by("a hold", async || anna.hold(9).await).await;
        read.expect_invalidated_by("a capture", async || anna.capture(hold.id(), 1).await.expect(200)).await;
        let hold = read.expect_invalidated_by("another hold", async || anna.hold(9).await).await;
        read.expect_invalidated_by("a void", async || anna.void(hold.id()).await.expect(200)).await;
        read.expect_invalidated_by("a refund", async || admin.refund(spent.text("entry_id"), 3).await.expect(201)).await;
        read.expect_invalidated_by("a subscription", async || anna.subscribe("pro").await).await;
    }

    async fn the_public_list_is_invalidated_by_whatever_changes_it(site: Site) {
        let fixture = Fixture::create(&site).await;
        let (anna, path) = (&fixture.anna, own(&fixture.mira));
        let read = CachedRead::new(anna, "/v1/characters");
        let nora = anna.create_character("Nora").await;
        read.expect_invalidated_by("a publication", async || anna.publish(&nora).await).await;
        read.expect_invalidated_by("a rename", async || anna.change(&path, json!({"name": "Petra"})).await).await;
        read.expect_invalidated_by("a description", async || anna.change(&path, json!({"description": "Stern."})).await).await;
        read.expect_invalidated_by("a withdrawal", async || anna.unpublish(&fixture.mira).await).await;
        read.expect_invalidated_by("a deletion", async || anna.delete(own(nora.id())).await.expect(204)).await;
        read.expect_kept_by("a private character", async || anna.create_character("Olga").await).await;
    }

    async fn a_public_character_is_invalidated_by_whatever_changes_it(site: Site) {
        let fixture = Fixture::create(&site).await;
        let (anna, path) = (&fixture.anna, own(&fixture.mira));
        let read = CachedRead::new(anna, "/v1/characters/Mira");
        read.expect_invalidated_by("an update", async || anna.change(&path, json!({"scenario": "A storm."})).await).await;
        read.expect_deleted_by("a rename", async || anna.change(&path, json!({"name": "Petra"})).await).await;
        let renamed = CachedRead::new(anna, "/v1/characters/Petra");
        renamed.expect_deleted_by("a withdrawal", async || anna.unpublish(&fixture.mira).await).await;
        anna.get("/v1/characters/Petra").await.expect(404);
        anna.publish(&anna.get(&path).await).await;
        renamed.expect_deleted_by("a deletion", async || anna.delete(&path).await.expect(204)).await;
    }

    async fn generation_settings_are_invalidated_by_a_replacement(site: Site) {
        let admin = site.admin().await;
        let read = CachedRead::new(&admin, "/v1/generation-settings");
        let replace = async || {
            let now = admin.get("/v1/generation-settings").await.expect(200);
            let mut values = now.json().clone();
            values.as_object_mut().unwrap().retain(|name, _| !["version", "updated_at"].contains(&name.as_str()));
            values["prices"]["image"] = json!(now["prices"]["image"].as_i64().unwrap() + 1);
            admin.put("/v1/admin/generation-settings").if_match(&now.etag()).json(values).await.expect(200)
        };
        read.expect_invalidated_by("a replacement", replace).await;
    }

    async fn a_history_is_invalidated_by_whatever_changes_it(site: Site) {
        let fixture = Fixture::create(&site).await;
        let (anna, chat) = (&fixture.anna, &fixture.chat);
        let path = format!("/v1/chats/{chat}/messages");
        let read = CachedRead::new(anna, &path);
        let message_sent = read.expect_invalidated_by("a message", async || anna.send_message(chat, "Well.").await).await;
        let (message, edit) = (format!("{path}/{}", message_sent.id()), json!({"content": "Well, well."}));
        read.expect_invalidated_by("an edit", async || anna.patch(&message).if_match(&message_sent.etag()).json(edit).await.expect(200)).await;
        let body = json!({"content": "Or not.", "parent_id": message_sent["parent_id"]});
        read.expect_invalidated_by("a branch", async || anna.post(&path).json(body).await.expect(201)).await;
        let older = CachedRead::new(anna, &format!("{path}?limit=1"));
        older.warm().await;
        let head = read.now().await.each("id").last().unwrap().to_string();
        read.expect_invalidated_by("a deletion", async || anna.delete(format!("{path}/{head}")).await.expect(204)).await;
        assert!(older.now().await.cache().is_fill(), "a page of another size was not dropped");
        read.expect_deleted_by("the end of the chat", async || anna.delete(format!("/v1/chats/{chat}")).await.expect(204)).await;
    }

    async fn user_settings_are_invalidated_by_a_replacement(site: Site) {
        let anna = site.register("anna").await;
        let body = json!({"max_group_reply_rounds": 8});
        let replace = async || anna.put("/v1/me/settings").if_match("*").json(body).await.expect(200);
        CachedRead::new(&anna, "/v1/me/settings").expect_invalidated_by("a replacement", replace).await;
    }

    async fn a_profile_is_invalidated_by_whatever_changes_it(site: Site) {
        let fixture = Fixture::create(&site).await;
        let (anna, path) = (&fixture.anna, own(&fixture.mira));
        let read = CachedRead::new(anna, "/v1/me/characters/by-name/Mira");
        read.expect_invalidated_by("an update", async || anna.change(&path, json!({"personality": "stern"})).await).await;
        read.expect_invalidated_by("a withdrawal", async || anna.unpublish(&fixture.mira).await).await;
        let memory = read.expect_invalidated_by("a memory", async || anna.remember(&fixture.mira, "short", "Rain.").await).await;
        let (memory, body) = ((format!("{path}/memories/{}", memory.id()), memory.etag()), json!({"text": "Snow."}));
        read.expect_invalidated_by("a change of a memory", async || anna.patch(&memory.0).if_match(&memory.1).json(body).await.expect(200))
            .await;
        read.expect_invalidated_by("a forgotten memory", async || anna.delete(&memory.0).await.expect(204)).await;
        read.expect_deleted_by("a rename", async || anna.change(&path, json!({"name": "Petra"})).await).await;
        let renamed = CachedRead::new(anna, "/v1/me/characters/by-name/Petra");
        renamed.expect_deleted_by("a deletion", async || anna.delete(&path).await.expect(204)).await;
    }

    async fn the_own_list_is_invalidated_by_whatever_changes_it(site: Site) {
        let fixture = Fixture::create(&site).await;
        let (anna, path) = (&fixture.anna, own(&fixture.mira));
        let read = CachedRead::new(anna, "/v1/me/characters");
        read.expect_invalidated_by("a creation", async || anna.create_character("Nora").await).await;
        read.expect_invalidated_by("an update", async || anna.change(&path, json!({"tags": ["storm"]})).await).await;
        read.expect_invalidated_by("a rename", async || anna.change(&path, json!({"name": "Petra"})).await).await;
        read.expect_invalidated_by("a withdrawal", async || anna.unpublish(&fixture.mira).await).await;
        read.expect_invalidated_by("a deletion", async || anna.delete(&path).await.expect(204)).await;
    }

    async fn other_users_data_stays(site: Site) {
        let (fixture, ben) = (Fixture::create(&site).await, site.register("ben").await);
        for (policy, read) in fixture.reads() {
            read.warm().await;
            read.expect_kept_by(policy.key, async || {
                ben.put("/v1/me/settings").if_match("*").json(json!({"max_group_reply_rounds": 2})).await.expect(200)
            })
            .await;
        }
        fixture.admin.grant(&ben, 5).await;
        ben.create_character("Mira").await;
        for (policy, read) in fixture.reads() {
            assert!(read.now().await.cache().is_hit(), "{}", policy.key);
        }
    }
}

redis_backends! {
    async fn the_lookup_of_an_address_is_invalidated_by_registration_and_change(site: Site) {
        let login = |email: &str| json!({"email": email, "password": PASSWORD});
        site.client().post("/v1/auth/login").json(login("anna@example.com")).await.expect(401);
        let lookup = |email: &str| site.redis_keys(&format!("user:email:{}", email.replace('@', "[@%]*")));
        assert_eq!(lookup("anna@example.com").len(), 1);
        let registration = json!({"email": "anna@example.com", "username": "anna", "password": PASSWORD});
        site.client().post("/v1/auth/register").json(registration).await.expect(201);
        assert_eq!(lookup("anna@example.com"), [""; 0]);
        let anna = User::sign_in(&site.client(), "anna@example.com", PASSWORD).await;
        site.client().post("/v1/auth/login").json(login("ann@example.com")).await.expect(401);
        assert_eq!((lookup("anna@example.com").len(), lookup("ann@example.com").len()), (1, 1));
        anna.change("/v1/me", json!({"email": "ann@example.com", "present_password": PASSWORD})).await;
        assert_eq!((lookup("anna@example.com").len(), lookup("ann@example.com").len()), (0, 0));
    }

    async fn the_id_of_a_name_is_invalidated_by_creation_rename_and_deletion(site: Site) {
        let anna = site.register("anna").await;
        let id_of = |name: &str| site.redis_keys(&format!("char_id:{}:{name}", anna.id));
        let read = async |name: &str| anna.get(format!("/v1/me/characters/by-name/{name}")).await.status();
        read("Mira").await;
        let mira = anna.create_character("Mira").await;
        assert_eq!((id_of("mira"), read("Mira").await, id_of("mira").len()), (vec![], 200, 1));
        read("Petra").await;
        anna.change(&own(mira.id()), json!({"name": "Petra"})).await;
        assert_eq!((id_of("mira"), id_of("petra"), read("Petra").await, id_of("petra").len()), (vec![], vec![], 200, 1));
        anna.delete(own(mira.id())).await.expect(204);
        assert_eq!((id_of("petra"), read("Petra").await), (vec![], 404));
    }
}
