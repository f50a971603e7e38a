//! The administration of users over HTTP: find, suspend, restore, role, sessions.

use futures_util::future::join_all;
use harness::{PASSWORD, Response, Site, SiteBuilder, User, backends};
use serde_json::{Value, json};

const USERS: &str = "/v1/admin/users";

fn path(user: &User) -> String {
    format!("{USERS}/{}", user.id)
}

fn suspension() -> Value {
    json!({"suspended": true, "reason": "Offers of stolen accounts."})
}

async fn login(site: &Site, user: &User, password: &str) -> Response {
    site.client().post("/v1/auth/login").json(json!({"email": user.email, "password": password})).await
}

async fn open(builder: SiteBuilder) -> Site {
    builder.set("CHANGE_LOG_POLL_MS", 50).open().await
}

/// An administrator besides the first.
async fn administrator(site: &Site, name: &str) -> User {
    let user = site.register(name).await;
    site.admin().await.change(&path(&user), json!({"role": "admin"})).await;
    user
}

backends! {
    async fn users_are_found_by_address_name_and_id(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        site.register("ann_e").await;
        site.register("annxe").await;
        let found = async |query: &str| {
            admin.get(format!("{USERS}?{query}")).await.expect(200).each("username").iter().map(|name| (*name).to_owned()).collect()
        };
        let names: Vec<String> = found("email=ANNA@example.com").await;
        assert_eq!(names, ["anna"]);
        let names: Vec<String> = found(&format!("id={}", anna.id)).await;
        assert_eq!(names, ["anna"]);
        let names: Vec<String> = found("name=ANN").await;
        assert_eq!(names, ["anna", "ann_e", "annxe"]);
        let names: Vec<String> = found("name=ann_").await;
        assert_eq!(names, ["ann_e"]);
        let names: Vec<String> = found("name=%25").await;
        assert_eq!(names, [""; 0]);
        let first = admin.get(format!("{USERS}?limit=3")).await.expect(200);
        assert_eq!(first.items().len(), 3);
        let rest = admin.get(format!("{USERS}?limit=3&cursor={}", first.text("next_cursor"))).await.expect(200);
        assert_eq!(rest.items().len(), 1);
        let one = admin.get(path(&anna)).await.expect(200);
        assert_eq!((one.text("email"), one.text("role"), &one["suspended"]), (anna.email.as_str(), "user", &json!(false)));
        admin.get(path(&anna)).if_none_match(&one.etag()).await.expect(304);
        admin.get(format!("{USERS}/01HZZZZZZZZZZZZZZZZZZZZZZZ")).await.expect(404).problem("not-found");
        anna.get(USERS).await.expect(403).problem("forbidden");
    }

    async fn a_suspension_cancels_the_jobs_that_wait_and_a_restoration_starts_none(builder: SiteBuilder) {
        let site = builder.set("WORKERS", 0).open().await;
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        for user in [&anna, &ben] {
            user.post("/v1/me/exports").idempotent().json(json!({})).await.expect(202);
        }
        admin.change(&path(&anna), suspension()).await;
        admin.change(&path(&anna), json!({"suspended": false})).await;
        for (user, state) in [(&anna, "canceled"), (&ben, "queued")] {
            let user = user.again().await;
            assert_eq!(user.get("/v1/jobs").await.expect(200).each("state"), [state]);
        }
    }

    async fn a_suspended_user_is_refused_on_every_server_until_restored(builder: SiteBuilder) {
        let site = open(builder).await;
        let (admin, anna, second) = (site.admin().await, site.register("anna").await, site.second_server().await);
        anna.at(&second).get("/v1/me").await.expect(200);
        let before = admin.get(path(&anna)).await.expect(200);
        let suspended = admin.patch(path(&anna)).if_match(&before.etag()).json(suspension()).await.expect(200);
        assert_eq!((&suspended["suspended"], suspended.text("suspended_reason")), (&json!(true), "Offers of stolen accounts."));
        for path in ["/v1/me", "/v1/coins", "/v1/chats", "/v1/auth/sessions"] {
            anna.at(&second).get(path).await.expect(403).problem("account-suspended");
        }
        anna.get("/v1/plans").await.expect(200);
        login(&site, &anna, "not the password").await.expect(401).problem("invalid-credentials");
        login(&site, &anna, PASSWORD).await.expect(403).problem("account-suspended");
        let refresh = || async { site.client().post("/v1/auth/refresh").json(json!({"refresh_token": anna.refresh_token})).await };
        refresh().await.expect(403).problem("account-suspended");
        admin.change(&path(&anna), json!({"suspended": false})).await;
        anna.at(&second).get("/v1/me").await.expect(200);
        refresh().await.expect(200);
        login(&site, &anna, PASSWORD).await.expect(200);
    }

    async fn a_suspension_has_a_reason_and_a_change_names_its_version(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let first = admin.get(path(&anna)).await.expect(200).etag();
        let change = |body: Value| admin.patch(path(&anna)).if_match(&first).json(body);
        admin.patch(path(&anna)).json(suspension()).await.expect(428);
        change(json!({})).await.expect(400);
        change(json!({"suspended": true})).await.expect(400).pointing_at("/reason");
        change(json!({"suspended": true, "reason": "  "})).await.expect(400).pointing_at("/reason");
        change(json!({"suspended": false, "reason": "none"})).await.expect(400).pointing_at("/reason");
        change(json!({"role": "owner"})).await.expect(400).pointing_at("/role");
        assert_eq!(change(json!({"suspended": false, "role": "user"})).await.expect(200).etag(), first);
        change(suspension()).await.expect(200);
        change(json!({"suspended": false})).await.expect(412).problem("precondition-failed");
    }

    async fn a_suspension_voids_the_holds_that_the_user_placed(builder: SiteBuilder) {
        let site = open(builder).await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 100).await;
        anna.hold(30).await;
        anna.hold(20).await;
        admin.change(&path(&anna), suspension()).await;
        admin.change(&path(&anna), json!({"suspended": false})).await;
        assert_eq!(anna.coins().await, [100, 0, 100]);
        let states = anna.get("/v1/coins/holds").await.expect(200);
        assert_eq!(states.each("state"), ["voided", "voided"]);
    }

    async fn a_promotion_and_a_demotion_are_effective_on_every_server(builder: SiteBuilder) {
        let site = open(builder).await;
        let (admin, anna, second) = (site.admin().await, site.register("anna").await, site.second_server().await);
        anna.at(&second).get(USERS).await.expect(403);
        admin.change(&path(&anna), json!({"role": "admin"})).await;
        anna.at(&second).get(USERS).await.expect(200);
        admin.change(&path(&anna), json!({"role": "user"})).await;
        anna.at(&second).get(USERS).await.expect(403).problem("forbidden");
        anna.at(&second).get("/v1/me").await.expect(200);
    }

    async fn the_sessions_of_a_user_are_ended_on_every_server(builder: SiteBuilder) {
        let site = open(builder).await;
        let (admin, anna, second) = (site.admin().await, site.register("anna").await, site.second_server().await);
        anna.at(&second).get("/v1/me").await.expect(200);
        admin.post(format!("{}/logout-all", path(&anna))).await.expect(204);
        anna.at(&second).get("/v1/me").await.expect(401).problem("token-revoked");
        admin.get("/v1/me").await.expect(200);
    }

    async fn one_administrator_stays_active(builder: SiteBuilder) {
        let site = open(builder).await;
        let admin = site.admin().await;
        for change in [json!({"role": "user"}), suspension()] {
            admin.patch(path(&admin)).if_match("*").json(change).await.expect(403).problem("forbidden");
        }
        let other = administrator(&site, "other").await;
        admin.change(&path(&other), suspension()).await;
        admin.patch(path(&admin)).if_match("*").json(json!({"role": "user"})).await.expect(403).problem("forbidden");
        admin.change(&path(&other), json!({"suspended": false})).await;
        admin.change(&path(&admin), json!({"role": "user"})).await;
        other.patch(path(&other)).if_match("*").json(suspension()).await.expect(403).problem("forbidden");
    }

    async fn of_administrators_who_end_each_other_at_once_one_stays(builder: SiteBuilder) {
        let site = open(builder).await;
        let second = site.second_server().await;
        let administrators = [site.admin().await, administrator(&site, "anna").await, administrator(&site, "ben").await];
        let end = |by: usize, change: Value| {
            let target = &administrators[(by + 1) % 3];
            administrators[by].at(if by == 1 { &second } else { site.server() }).patch(path(target)).if_match("*").json(change)
        };
        let changes = [json!({"role": "user"}), suspension(), json!({"role": "user"})];
        let ended = join_all(changes.into_iter().enumerate().map(|(by, change)| async move { end(by, change).await.status() })).await;
        assert!(ended.iter().filter(|status| **status == 200).count() <= 2, "{ended:?}");
        let mut active = 0;
        for administrator in &administrators {
            active += u32::from(administrator.get(USERS).await.status() == 200);
        }
        assert!(active >= 1, "{ended:?}");
    }
}
