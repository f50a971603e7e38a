//! The languages of mails, and values of users in them.

use harness::{Client, MailServer, PASSWORD, ReceivedMail, SiteBuilder, User, on_backends};
use serde_json::json;

async fn reset(client: &Client, mails: &MailServer, email: &str, language: &str, count: usize) -> ReceivedMail {
    let request = client.post("/v1/auth/password-reset").header("Accept-Language", language);
    request.json(json!({"email": email})).await.expect(202);
    mails.mail_to(email, count).await
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn mails_have_the_language_of_the_request_or_of_the_user(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let body = json!({"email": "anna@example.com", "username": "anna", "password": PASSWORD});
        let request = site.client().post("/v1/auth/register").header("Accept-Language", "de-AT, en;q=0.5").json(body);
        request.await.expect(202);
        let mail = mails.mail_to("anna@example.com", 1).await;
        assert_eq!(mail.header("subject"), "Registrierung bei Das Atelier bestätigen");
        assert!(mail.html.contains("<html lang=\"de\">") && mail.html.contains("Registrierung bei Das Atelier"), "{}", mail.html);
        site.client().post("/v1/auth/register/confirm").json(json!({"token": mail.token(), "password": PASSWORD})).await.expect(201);
        let anna = User::sign_in(&site.client(), "anna@example.com", PASSWORD).await;
        let english = reset(&site.client(), &mails, &anna.email, "fr, en;q=0.1", 2).await;
        assert_eq!(english.header("subject"), "Set a new password at Das Atelier");
        anna.put("/v1/me/settings").if_match("*").json(json!({"language": "de"})).await.expect(200);
        let german = reset(&site.client(), &mails, &anna.email, "en", 3).await;
        assert_eq!(german.header("subject"), "Neues Passwort bei Das Atelier");
        anna.put("/v1/me/settings").if_match("*").json(json!({"language": "tlh"})).await.expect(400).pointing_at("/language");
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn a_name_adds_no_header_no_paragraph_and_no_markup(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
        for name in ["Anna\r\nBcc: thief@example.com", "Anna\nX"] {
            let change = anna.patch("/v1/me").if_match("*").json(json!({"display_name": name}));
            change.await.expect(400).pointing_at("/display_name");
        }
        let name = "<img src=x onerror=alert(1)> {{ link }} \u{2028}&amp;";
        anna.change("/v1/me", json!({"display_name": name})).await;
        let mail = reset(&site.client(), &mails, &anna.email, "en", 2).await;
        assert!(!mail.html.contains("<img") && mail.html.contains("&lt;img src=x onerror=alert(1)&gt;"), "{}", mail.html);
        let greeting = mail.text.lines().next().unwrap_or_default();
        assert!(greeting.starts_with("Hello <img src=x onerror=alert(1)> {{ link }}") && greeting.ends_with("&amp;,"), "{greeting}");
        assert!(!mail.headers.contains_key("bcc"), "{:?}", mail.headers);
        for name in ["from", "to", "subject", "date", "message-id", "auto-submitted"] {
            mail.header(name);
        }
        assert_eq!(mail.header("to"), anna.email);
    }
}
