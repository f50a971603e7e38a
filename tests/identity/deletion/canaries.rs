//! Every field of a user is filled with a text of its own. After the erasure no text is found anywhere.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use harness::{PASSWORD, Site, SiteBuilder, User, backends, eventually_true, redis_backends};
use serde_json::json;
use ulid::Ulid;

use super::search::{files_with, places_with};
use super::{delete, erased};

/// Texts of their own, by field.
#[derive(Default)]
struct Canaries {
    /// Texts that are in names of cached entries too: the change log keeps those for 26 hours.
    in_cache_keys: Vec<String>,
    others: Vec<String>,
}

impl Canaries {
    /// A new text, of letters and digits.
    fn text(&mut self, field: &str) -> String {
        let text = format!("canary{field}{}", &Ulid::new().to_string()[16..]).to_lowercase();
        self.others.push(text.clone());
        text
    }

    /// A new text that becomes part of the name of a cached entry.
    fn name(&mut self, field: &str) -> String {
        let text = self.text(field);
        self.others.pop();
        self.in_cache_keys.push(text.clone());
        text
    }

    fn all(&self) -> Vec<String> {
        [self.in_cache_keys.as_slice(), &self.others].concat()
    }
}

async fn sign_up(site: &Site, canaries: &mut Canaries) -> User {
    let (client, email) = (site.client(), format!("{}@example.com", canaries.name("email")));
    let body = json!({"email": email, "username": canaries.text("user"), "password": PASSWORD});
    client.post("/v1/auth/register").json(body).await.expect(201);
    let login = json!({"email": email, "password": PASSWORD, "device": canaries.text("device")});
    client.post("/v1/auth/login").header("User-Agent", &canaries.text("agent")).json(login).await.expect(200);
    let user = User::sign_in(&client, &email, PASSWORD).await;
    user.change("/v1/me", json!({"display_name": canaries.text("display")})).await;
    let settings = json!({
        "default_model": canaries.text("model"), "profile": canaries.text("profile"), "max_group_reply_rounds": 3,
    });
    let seen = user.get("/v1/me/settings").await.expect(200).etag();
    user.put("/v1/me/settings").if_match(&seen).json(settings).await.expect(200);
    user.post("/v1/api-keys").json(json!({"name": canaries.text("key"), "scopes": ["me:read"]})).await.expect(201);
    user
}

async fn write_content(user: &User, canaries: &mut Canaries) {
    for is_public in [false, true] {
        let name = canaries.name("name");
        let mut character = json!({"name": name, "rating": "general", "tags": [canaries.text("tag")]});
        for field in ["description", "personality", "scenario", "first_mes"] {
            character[field] = canaries.text(&field.replace('_', "")).into();
        }
        let character = user.post("/v1/me/characters").json(character).await.expect(201);
        if is_public {
            user.publish(&character).await;
            user.get(format!("/v1/characters/{name}")).await.expect(200);
            user.get("/v1/characters").await.expect(200);
        }
        user.remember(character.id(), "long", &canaries.text("memory")).await;
        let chat = json!({"character": name, "title": canaries.text("title")});
        let chat = user.post("/v1/chats").json(chat).await.expect(201);
        user.send_message(chat.id(), &canaries.text("message")).await;
        user.get(format!("/v1/chats/{}/messages", chat.id())).await.expect(200);
        user.get(format!("/v1/me/characters/by-name/{name}")).await.expect(200);
    }
    for path in ["/v1/me/settings", "/v1/me/characters", "/v1/coins", "/v1/subscription"] {
        user.get(path).await.expect(200);
    }
}

/// What administrators write about a user.
async fn administer(admin: &User, user: &User, canaries: &mut Canaries) {
    let reason = json!({"user_id": user.id, "amount": 100, "reason": canaries.text("grant")});
    admin.post("/v1/admin/coins/grants").idempotent().json(reason).await.expect(201);
    let permission = json!({"scope": "coins:admin", "until": "2027-02-07T18:00:00Z", "reason": canaries.text("permission")});
    admin.post(format!("/v1/admin/users/{}/grants", user.id)).json(permission).await.expect(201);
    let suspension = json!({"suspended": true, "reason": canaries.text("suspension")});
    admin.change(&format!("/v1/admin/users/{}", user.id), suspension).await;
    admin.change(&format!("/v1/admin/users/{}", user.id), json!({"suspended": false})).await;
}

async fn spend(user: &User, canaries: &mut Canaries) {
    let mut command = |amount| json!({"amount": amount, "purpose": canaries.text("purpose"), "reference": canaries.text("ref")});
    let (spend, hold, kept) = (command(5), command(7), command(9));
    user.post("/v1/coins/spend").idempotent().json(spend).await.expect(201);
    let hold = user.post("/v1/coins/holds").idempotent().json(hold).await.expect(201);
    user.capture(hold.id(), 3).await.expect(200);
    user.post("/v1/coins/holds").idempotent().json(kept).await.expect(201);
    user.subscribe("plus").await;
}

/// A user with a canary in every field, who then is erased.
async fn fill_and_delete(site: &Site) -> Canaries {
    let mut canaries = Canaries::default();
    let (admin, user) = (site.admin().await, sign_up(site, &mut canaries).await);
    administer(&admin, &user, &mut canaries).await;
    // What an administrator did is kept for replays for a day.
    site.pass(TimeDelta::hours(25), &[]).await;
    let user = user.again().await;
    spend(&user, &mut canaries).await;
    write_content(&user, &mut canaries).await;
    read_often(site).await;
    user.post("/v1/me/exports").idempotent().await.expect(202);
    erased(site, &delete(&user).await).await;
    canaries
}

/// Reads the public characters until Redis has counts of these reads, of which one in eight is counted.
async fn read_often(site: &Site) {
    let client = site.client();
    eventually_true("the reads are counted", async || {
        for name in client.get("/v1/characters").await.expect(200).each("name") {
            client.get(format!("/v1/characters/{name}")).await.expect(200);
        }
        !site.settings().contains_key("REDIS_URL")
            || !site.redis().keys(&format!("{}{{reads}}:*", site.settings()["REDIS_PREFIX"])).is_empty()
    })
    .await;
}

async fn open(builder: SiteBuilder) -> Site {
    builder.at("2027-01-31T10:00:00Z").set("RUST_LOG", "debug").open().await
}

/// The folder of a SQLite file.
fn folder(site: &Site) -> Option<PathBuf> {
    let url = site.database().url();
    let file = url.strip_prefix("sqlite://")?.split('?').next()?;
    Path::new(file).parent().map(Path::to_owned)
}

backends! {
    async fn nothing_of_an_erased_user_is_found_anywhere(builder: SiteBuilder) {
        let mut site = open(builder).await;
        let canaries = fill_and_delete(&site).await;
        assert_eq!(places_with(&site, &canaries.all()), [""; 0]);
        let admin = site.admin().await;
        assert_eq!(admin.get("/v1/admin/invariants").await.expect(200)["ok"], true);
        let folders = [folder(&site), Some(PathBuf::from(&site.settings()["DATA_DIR"]))];
        site.stop_server().await;
        for folder in folders.into_iter().flatten() {
            assert_eq!(files_with(&folder, &canaries.others), [""; 0]);
        }
    }
}

redis_backends! {
    async fn the_search_finds_what_is_stored(builder: SiteBuilder) {
        let site = open(builder).await;
        let mut canaries = Canaries::default();
        let user = sign_up(&site, &mut canaries).await;
        write_content(&user, &mut canaries).await;
        let places = places_with(&site, &canaries.all());
        assert!(places.iter().any(|place| place.starts_with("the key ")), "{places:?}");
        if let Some(folder) = folder(&site) {
            assert!(!files_with(&folder, &canaries.others).is_empty());
        } else {
            assert!(places.iter().any(|place| place.starts_with("messages: ")), "{places:?}");
        }
    }
}
