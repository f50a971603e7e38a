//! Creating, reading, changing and deleting own characters.

use std::future::IntoFuture;

use futures_util::future::join_all;
use harness::{Site, backends};
use serde_json::json;

const PATH: &str = "/v1/me/characters";

backends! {
    async fn a_new_character_is_private_and_found_by_id_and_by_name(site: Site) {
        let anna = site.register("anna").await;
        let created = anna.create_character("Mira").await;
        assert_eq!((created.text("name"), created.text("visibility"), created.text("rating")), ("Mira", "private", "general"));
        assert_eq!(created["tags"], json!(["sea"]));
        let by_id = anna.get(format!("{PATH}/{}", created.id())).await.expect(200);
        assert_eq!((by_id.json(), by_id.etag()), (created.json(), created.etag()));
        let by_name = anna.get(format!("{PATH}/by-name/MIRA")).await.expect(200);
        assert_eq!((by_name.id(), &by_name["memories"]), (created.id(), &json!({"short": [], "long": []})));
        assert_eq!(anna.get(PATH).await.expect(200).each("id"), [created.id()]);
    }

    async fn own_characters_are_listed_in_pages_by_name(site: Site) {
        let anna = site.register("anna").await;
        for name in ["cleo", "Bo", "anders"] {
            anna.create_character(name).await;
        }
        let first = anna.get(format!("{PATH}?limit=2")).await.expect(200);
        let second = anna.get(format!("{PATH}?limit=2&cursor={}", first.text("next_cursor"))).await.expect(200);
        assert_eq!([first.each("name"), second.each("name")].concat(), ["anders", "Bo", "cleo"]);
        anna.delete(format!("{PATH}/{}", second.items()[0]["id"].as_str().unwrap())).await.expect(204);
        assert!(anna.get(format!("{PATH}?limit=2")).await.expect(200).json().get("next_cursor").is_none());
    }

    async fn all_of_a_card_is_kept(site: Site) {
        let anna = site.register("anna").await;
        let card = json!({
            "name": "Zoë Marchetti", "description": "Line one.\nLine two — “quoted”. 🦀", "personality": "calm",
            "scenario": "A harbour at night.", "first_mes": "Good evening.", "mes_example": "<START>\n{{char}}: Aye.",
            "creator_notes": "Best by candle-light.", "tags": ["Sea", "sea", "night"],
        });
        let created = anna.post(PATH).json(card.clone()).await.expect(201);
        for member in ["name", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes"] {
            assert_eq!(created[member], card[member], "{member}");
        }
        assert_eq!(created["tags"], json!(["sea", "night"]));
    }

    async fn a_name_is_given_once_among_ones_own(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        anna.create_character("Mira").await;
        let nora = anna.create_character("Nora").await;
        anna.post(PATH).json(json!({"name": " mira"})).await.expect(409).problem("name-taken");
        let rename = anna.patch(format!("{PATH}/{}", nora.id())).if_match(&nora.etag()).json(json!({"name": "MIRA"}));
        rename.await.expect(409).problem("name-taken");
        ben.create_character("Mira").await;
    }

    async fn of_two_characters_of_one_name_at_once_one_is_made(site: Site) {
        let anna = site.register("anna").await;
        let responses = join_all((0..4).map(|_| async { anna.post(PATH).json(json!({"name": "Mira"})).await })).await;
        assert_eq!(responses.iter().filter(|response| response.status() == 201).count(), 1);
        assert_eq!(anna.get(PATH).await.expect(200).items().len(), 1);
    }

    async fn a_change_touches_what_it_names_and_nothing_else(site: Site) {
        let anna = site.register("anna").await;
        let created = anna.create_character("Mira").await;
        let path = format!("{PATH}/{}", created.id());
        let changed = anna.patch(&path).if_match(&created.etag()).json(json!({"personality": "stern"})).await.expect(200);
        assert_eq!((changed.text("personality"), &changed["description"]), ("stern", &created["description"]));
        assert!(changed.number("version") > created.number("version"));
        assert_eq!(anna.get(&path).await.expect(200).etag(), changed.etag());
    }

    async fn a_renamed_character_has_its_new_name_everywhere_and_the_old_one_nowhere(site: Site) {
        let anna = site.register("anna").await;
        let created = anna.create_character("Mira").await;
        anna.get(format!("{PATH}/by-name/Mira")).await.expect(200);
        anna.change(&format!("{PATH}/{}", created.id()), json!({"name": "Petra"})).await;
        anna.get(format!("{PATH}/by-name/Mira")).await.expect(404).problem("not-found");
        assert_eq!(anna.get(format!("{PATH}/by-name/Petra")).await.expect(200).id(), created.id());
        assert_eq!(anna.get(PATH).await.expect(200).each("name"), ["Petra"]);
        let heir = anna.create_character("Mira").await;
        assert_eq!(anna.get(format!("{PATH}/by-name/Mira")).await.expect(200).id(), heir.id());
    }

    async fn of_two_changes_from_one_state_one_is_refused(site: Site) {
        let anna = site.register("anna").await;
        let created = anna.create_character("Mira").await;
        let path = format!("{PATH}/{}", created.id());
        anna.patch(&path).json(json!({"scenario": "x"})).await.expect(428).problem("precondition-required");
        let change = |n: usize| anna.patch(&path).if_match(&created.etag()).json(json!({"scenario": n.to_string()})).into_future();
        let responses = join_all((0..5).map(change)).await;
        let count = |status| responses.iter().filter(|response| response.status() == status).count();
        assert_eq!((count(200), count(412)), (1, 4), "{responses:?}");
    }

    async fn a_publication_names_the_state_it_starts_from(site: Site) {
        let anna = site.register("anna").await;
        let created = anna.create_character("Mira").await;
        let path = format!("{PATH}/{}/publication", created.id());
        let body = json!({"visibility": "public", "rating": "mature"});
        anna.put(&path).json(body.clone()).await.expect(428);
        let published = anna.put(&path).if_match(&created.etag()).json(body.clone()).await.expect(200);
        assert_eq!((published.text("visibility"), published.text("rating")), ("public", "mature"));
        anna.put(&path).if_match(&created.etag()).json(body).await.expect(412);
    }

    async fn a_deleted_character_is_gone(site: Site) {
        let anna = site.register("anna").await;
        let created = anna.create_character("Mira").await;
        let path = format!("{PATH}/{}", created.id());
        anna.get(format!("{PATH}/by-name/Mira")).await.expect(200);
        anna.delete(&path).await.expect(204);
        anna.delete(&path).await.expect(404);
        anna.get(&path).await.expect(404).problem("not-found");
        anna.get(format!("{PATH}/by-name/Mira")).await.expect(404);
        assert!(anna.get(PATH).await.expect(200).items().is_empty());
    }

    async fn another_users_character_is_not_found(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let created = anna.create_character("Mira").await;
        let created = anna.publish(&created).await;
        let path = format!("{PATH}/{}", created.id());
        ben.get(&path).await.expect(404);
        ben.patch(&path).if_match(&created.etag()).json(json!({"name": "Mine"})).await.expect(404);
        ben.put(format!("{path}/publication"))
            .if_match("*")
            .json(json!({"visibility": "private", "rating": "general"}))
            .await
            .expect(404);
        ben.delete(&path).await.expect(404);
        ben.get(format!("{PATH}/by-name/Mira")).await.expect(404);
        assert_eq!(anna.get(&path).await.expect(200).json(), created.json());
    }

    async fn an_invalid_character_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        let faults = [
            ("/name", json!({})),
            ("/name", json!({"name": "   "})),
            ("/name", json!({"name": "x".repeat(81)})),
            ("/name", json!({"name": "two\nlines"})),
            ("/description", json!({"name": "Mira", "description": "x".repeat(20_001)})),
            ("/description", json!({"name": "Mira", "description": "a\u{0}b"})),
            ("/tags/1", json!({"name": "Mira", "tags": ["ok", ""]})),
            ("/tags", json!({"name": "Mira", "tags": "sea"})),
            ("/owner", json!({"name": "Mira", "owner": "ben"})),
        ];
        for (pointer, body) in faults {
            anna.post(PATH).json(body).await.expect(400).problem("validation-failed").pointing_at(pointer);
        }
        assert!(anna.get(PATH).await.expect(200).items().is_empty());
    }
}
