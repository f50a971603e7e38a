//! The history of a chat, in pages.

use harness::{Site, backends};

use super::{messages, open};

backends! {
    async fn a_history_is_read_backwards_in_pages_each_the_newest_last(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        for number in 1..=5 {
            anna.send_message(chat.id(), &number.to_string()).await;
        }
        let path = messages(&chat);
        assert_eq!(anna.get(&path).await.expect(200).each("content"), ["1", "2", "3", "4", "5"]);
        let last = anna.get(format!("{path}?limit=2")).await.expect(200);
        let middle = anna.get(format!("{path}?limit=2&before={}", last.text("next_cursor"))).await.expect(200);
        let first = anna.get(format!("{path}?limit=2&before={}", middle.text("next_cursor"))).await.expect(200);
        assert_eq!(
            [last.each("content"), middle.each("content"), first.each("content")],
            [vec!["4", "5"], vec!["2", "3"], vec!["1"]]
        );
        assert!(first.json().get("next_cursor").is_none(), "{first:?}");
    }

    async fn a_page_goes_up_to_the_message_before(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        let one = anna.send_message(chat.id(), "one").await;
        let two = anna.send_message(chat.id(), "two").await;
        let before = |id: &str| format!("{}?before={id}", messages(&chat));
        assert_eq!(anna.get(before(two.id())).await.expect(200).each("content"), ["one"]);
        assert!(anna.get(before(one.id())).await.expect(200).items().is_empty());
    }

    async fn a_new_message_is_in_the_history_of_every_page_size_at_once(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        let path = messages(&chat);
        for number in 1..=3 {
            anna.send_message(chat.id(), &number.to_string()).await;
            for limit in [1, 2, 20] {
                let page = anna.get(format!("{path}?limit={limit}")).await.expect(200);
                assert_eq!(page.each("content").last(), Some(&number.to_string().as_str()));
            }
        }
    }

    async fn an_invalid_page_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        let other = anna.open_chat("Mira").await;
        let stranger = anna.send_message(other.id(), "elsewhere").await;
        for (name, value) in [("limit", "0"), ("limit", "101"), ("limit", "x"), ("before", "x")] {
            let response = anna.get(format!("{}?{name}={value}", messages(&chat))).await.expect(400);
            assert!(
                response.text("type").ends_with("invalid-cursor")
                    || response.clone().pointing_at(&format!("/query/{name}")).status() == 400
            );
        }
        let response = anna.get(format!("{}?before={}", messages(&chat), stranger.id())).await;
        response.expect(400).problem("invalid-cursor");
    }
}
