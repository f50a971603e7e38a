//! Browsing public characters.

use harness::{Client, Response, Site, User, backends};
use serde_json::json;

async fn published(owner: &User, name: &str) -> Response {
    let character = owner.create_character(name).await;
    owner.publish(&character).await
}

async fn names(client: &Client, query: &str) -> Vec<String> {
    let list = client.get(format!("/v1/characters{query}")).await.expect(200);
    list.each("name").into_iter().map(str::to_owned).collect()
}

backends! {
    async fn only_what_was_published_is_shown(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        anna.create_character("Secret").await;
        published(&anna, "Mira").await;
        assert_eq!(names(&ben, "").await, ["Mira"]);
        assert_eq!(ben.get("/v1/characters/Mira").await.expect(200).text("description"), "Mira keeps a lighthouse.");
        ben.get("/v1/characters/Secret").await.expect(404).problem("not-found");
        anna.get("/v1/characters/Secret").await.expect(404);
    }

    async fn what_a_character_remembers_is_not_public(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let mira = published(&anna, "Mira").await;
        anna.remember(mira.id(), "long", "The password of the harbour is kelp.").await;
        for path in ["/v1/characters", "/v1/characters/Mira"] {
            let shown = String::from_utf8(ben.get(path).await.expect(200).body().to_vec()).unwrap();
            assert!(!shown.contains("kelp") && !shown.contains(&anna.email), "{shown}");
        }
    }

    async fn the_list_is_filtered_and_sorted(site: Site) {
        let anna = site.register("anna").await;
        for (name, tag, rating) in [("Cleo", "desert", "general"), ("Anders", "sea", "mature"), ("Bo", "sea", "general")] {
            let character = anna.post("/v1/me/characters").json(json!({"name": name, "tags": [tag]})).await.expect(201);
            let publication = json!({"visibility": "public", "rating": rating});
            let path = format!("/v1/me/characters/{}/publication", character.id());
            anna.put(path).if_match(&character.etag()).json(publication).await.expect(200);
        }
        assert_eq!(names(&anna, "").await, ["Bo", "Anders", "Cleo"]);
        assert_eq!(names(&anna, "?sort=name").await, ["Anders", "Bo", "Cleo"]);
        assert_eq!(names(&anna, "?sort=newest").await, ["Bo", "Anders", "Cleo"]);
        assert_eq!(names(&anna, "?tag=sea&sort=name").await, ["Anders", "Bo"]);
        assert_eq!(names(&anna, "?tag=SEA&rating=general").await, ["Bo"]);
        assert_eq!(names(&anna, "?rating=mature").await, ["Anders"]);
        assert_eq!(names(&anna, "?q=ERS").await, ["Anders"]);
        assert_eq!(names(&anna, "?q=%25").await, [""; 0]);
        assert_eq!(names(&anna, "?q=_").await, [""; 0]);
        assert_eq!(names(&anna, "?tag=nothing").await, [""; 0]);
    }

    async fn the_list_is_read_in_pages(site: Site) {
        let anna = site.register("anna").await;
        for name in ["Dora", "Bo", "Edda", "Anders", "Cleo"] {
            published(&anna, name).await;
        }
        let (mut found, mut cursor) = (Vec::new(), String::new());
        for _ in 0..3 {
            let page = anna.get(format!("/v1/characters?sort=name&limit=2{cursor}")).await.expect(200);
            found.extend(page.each("name").into_iter().map(str::to_owned));
            cursor = page["next_cursor"].as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
        }
        assert_eq!((found.join(" "), cursor.as_str()), ("Anders Bo Cleo Dora Edda".into(), ""));
    }

    async fn an_invalid_query_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        let faults = [("limit", "0"), ("limit", "101"), ("limit", "-1"), ("limit", "ten"), ("sort", "random"), ("rating", "x")];
        for (name, value) in faults {
            let response = anna.get(format!("/v1/characters?{name}={value}")).await;
            response.expect(400).problem("validation-failed").pointing_at(&format!("/query/{name}"));
        }
    }

    async fn a_name_is_found_in_any_spelling(site: Site) {
        let anna = site.register("anna").await;
        published(&anna, "Zoë: {the} 50% *Seeker*?").await;
        for spelling in ["Zoë: {the} 50% *Seeker*?", "ZOË: {THE} 50% *SEEKER*?", "zoe\u{308}: {the} 50%  *seeker*?"] {
            let mut url = reqwest::Url::parse("http://host/v1/characters").unwrap();
            url.path_segments_mut().unwrap().push(spelling);
            let found = anna.get(url.path()).await.expect(200);
            assert_eq!(found.text("name"), "Zoë: {the} 50% *Seeker*?");
        }
    }

    async fn a_public_name_is_given_once(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        published(&anna, "Mira").await;
        let rival = ben.create_character("MIRA").await;
        let path = format!("/v1/me/characters/{}/publication", rival.id());
        let body = json!({"visibility": "public", "rating": "general"});
        ben.put(&path).if_match(&rival.etag()).json(body.clone()).await.expect(409).problem("name-taken");
        let other = ben.create_character("Nora").await;
        let other = ben.publish(&other).await;
        let rename = ben.patch(format!("/v1/me/characters/{}", other.id())).if_match(&other.etag());
        ben.delete(format!("/v1/me/characters/{}", rival.id())).await.expect(204);
        rename.json(json!({"name": "mira"})).await.expect(409).problem("name-taken");
    }

    async fn of_two_publications_of_one_name_at_once_one_succeeds(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let (first, second) = (anna.create_character("Mira").await, ben.create_character("Mira").await);
        let publish = async |owner: &User, character: &Response| {
            let path = format!("/v1/me/characters/{}/publication", character.id());
            owner.put(path).if_match("*").json(json!({"visibility": "public", "rating": "general"})).await.status()
        };
        let (a, b) = futures_util::join!(publish(&anna, &first), publish(&ben, &second));
        assert_eq!((a.min(b), a.max(b)), (200, 409));
    }

    async fn what_was_taken_back_renamed_or_deleted_is_gone_at_once(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        for name in ["Mira", "Nora", "Olga"] {
            published(&anna, name).await;
        }
        let id = |name: &str| {
            let path = format!("/v1/me/characters/by-name/{name}");
            async { anna.get(path).await.expect(200).id().to_owned() }
        };
        let (mira, nora, olga) = (id("Mira").await, id("Nora").await, id("Olga").await);
        assert_eq!(names(&ben, "?sort=name").await, ["Mira", "Nora", "Olga"]);
        anna.unpublish(&mira).await;
        anna.change(&format!("/v1/me/characters/{nora}"), json!({"name": "Petra"})).await;
        anna.delete(format!("/v1/me/characters/{olga}")).await.expect(204);
        assert_eq!(names(&ben, "?sort=name").await, ["Petra"]);
        for gone in ["Mira", "Nora", "Olga"] {
            ben.get(format!("/v1/characters/{gone}")).await.expect(404);
        }
        ben.get("/v1/characters/Petra").await.expect(200);
    }

    async fn the_public_list_needs_no_account(site: Site) {
        published(&site.register("anna").await, "Mira").await;
        assert_eq!(names(&site.client(), "").await, ["Mira"]);
        site.client().get("/v1/characters/Mira").await.expect(200);
    }
}
