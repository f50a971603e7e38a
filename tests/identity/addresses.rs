//! E-mail addresses and usernames of new accounts, and those of accounts from before the present rules.

use harness::{PASSWORD, Response, Site, User, backends, on_backends};
use serde_json::json;

/// Texts that are no e-mail address.
const NO_ADDRESSES: [&str; 33] = [
    "a@b",
    "a@-.com",
    "q@host:80",
    "a,b@x.com",
    "<script>b1@x.com",
    "*@*",
    "a@localhost",
    "a@x-.com",
    "a@[127.0.0.1]",
    "a@[IPv6:::1]",
    "a@127.0.0.1",
    "\"a b\"@x.com",
    "\"anna\"@x.com",
    "(c)anna@x.com",
    "anna(c)@x.com",
    "Anna <anna@x.com>",
    "anna@x.com.",
    "anna@x..com",
    "anna@.x.com",
    ".anna@x.com",
    "anna.@x.com",
    "an..na@x.com",
    "a@@x.com",
    "a@b@x.com",
    "an\u{202e}na@x.com",
    "jö\u{200b}rg@x.com",
    "jö\u{3164}rg@x.com",
    "an\u{0}na@x.com",
    "\u{212a}arl@x.com",
    "a@ｅxample.com",
    "a@exa_mple.com",
    "a@xn--.com",
    "a b@x.com",
];

async fn register(site: &Site, email: &str, username: &str) -> Response {
    site.client().post("/v1/auth/register").json(json!({"email": email, "username": username, "password": PASSWORD})).await
}

backends! {
    async fn text_that_is_no_address_is_refused(site: Site) {
        let longest = format!("{}@example.com", "x".repeat(65));
        let anna = site.register("anna").await;
        for text in NO_ADDRESSES.iter().copied().chain([longest.as_str()]) {
            register(&site, text, "ben").await.expect(400).problem("validation-failed").pointing_at("/email");
            let change = json!({"email": text, "present_password": PASSWORD});
            anna.patch("/v1/me").if_match("*").json(change).await.expect(400).pointing_at("/email");
        }
    }

    async fn internationalised_addresses_name_one_mailbox_in_every_spelling(site: Site) {
        let jörg = register(&site, "JO\u{308}RG@Bücher.example", "joerg").await.expect(201);
        assert_eq!(jörg.text("email"), "jörg@xn--bcher-kva.example");
        for spelling in ["jörg@bücher.example", "Jo\u{308}rg@BU\u{308}CHER.example", " jörg@xn--bcher-kva.example "] {
            register(&site, spelling, "other").await.expect(409).problem("email-taken");
            User::sign_in(&site.client(), spelling, PASSWORD).await;
        }
        let other = register(&site, "jorg@bücher.example", "jorg").await.expect(201);
        assert_eq!(other.text("email"), "jorg@xn--bcher-kva.example");
        register(&site, "user@example.com", "user").await.expect(201);
        register(&site, "jörg@example.com", "jo.erg").await.expect(201);
    }

    async fn a_username_begins_and_ends_with_a_letter_or_a_digit(site: Site) {
        for name in ["...", "---", "___", "-anna", "anna.", "_a_", "\u{430}nna", "an na"] {
            register(&site, "anna@example.com", name).await.expect(400).pointing_at("/username");
        }
        register(&site, "anna@example.com", "a.-_b").await.expect(201);
    }
}

on_backends! {
    [postgres_memory PostgresMemory, postgres_redis PostgresRedis]
    async fn accounts_from_before_the_rules_stay_usable(site: Site) {
        for (number, (email, username)) in [("admin@localhost", "..."), ("a,b@x.com", "---")].into_iter().enumerate() {
            let user = site.register(&format!("user{number}")).await;
            site.database().query(&format!(
                "UPDATE users SET email = '{email}', username = '{username}', username_key = '{username}' WHERE id = '{}'",
                user.id
            ));
            let user = User::sign_in(&site.client(), &email.to_uppercase(), PASSWORD).await;
            let me = user.change("/v1/me", json!({"display_name": "An old account"})).await;
            assert_eq!((me.text("email"), me.text("username")), (email, username));
        }
    }
}
