//! Compressed answers: which codings a client gets, and what the entity tags are.

use std::io::Read;

use harness::{Response, Site, User, backends};
use reqwest::Method;

/// Public and private answers, the document and a page, all above the size from which bodies are compressed.
async fn large(anna: &User) -> [String; 4] {
    for number in 0..8 {
        let mira = anna.create_character(&format!("Mira {number}")).await;
        anna.publish(&mira).await;
    }
    ["/v1/characters", "/v1/me/characters", "/openapi.json", "/docs/swagger-ui.js"].map(str::to_owned)
}

/// The body without its content coding.
pub fn decoded(response: &Response) -> Vec<u8> {
    let (mut plain, body) = (Vec::new(), response.body());
    match response.find_header("content-encoding") {
        Some("gzip") => flate2::read::GzDecoder::new(body).read_to_end(&mut plain).expect("gzip"),
        Some("zstd") => zstd::Decoder::new(body).expect("zstd").read_to_end(&mut plain).expect("zstd"),
        None => return body.to_vec(),
        Some(other) => panic!("the coding is {other}"),
    };
    plain
}

backends! {
    async fn large_answers_are_compressed_as_the_client_asks(site: Site) {
        let anna = site.register("anna").await;
        for path in large(&anna).await {
            let plain = anna.get(&path).undocumented().await.expect(200);
            assert_eq!((plain.find_header("content-encoding"), plain.header("vary")), (None, "accept-encoding"), "{path}");
            for (accept, coding) in [("gzip", "gzip"), ("zstd", "zstd"), ("gzip;q=0.5, zstd", "zstd"), ("zstd;q=0, *", "gzip")] {
                // The first compresses, the later ones may get what was kept.
                for _ in 0..3 {
                    let compressed = anna.get(&path).header("Accept-Encoding", accept).undocumented().await.expect(200);
                    assert_eq!(compressed.header("content-encoding"), coding, "{path}");
                    assert_eq!(compressed.header("vary"), "accept-encoding", "{path}");
                    assert!(compressed.body().len() < plain.body().len(), "{path}");
                    assert_eq!(decoded(&compressed), plain.body(), "{path}");
                }
            }
            for accept in ["", "identity", "br", "gzip;q=0", "*;q=0"] {
                let same = anna.get(&path).header("Accept-Encoding", accept).undocumented().await.expect(200);
                assert_eq!((same.find_header("content-encoding"), same.body()), (None, plain.body()), "{path}: {accept}");
            }
        }
    }

    async fn small_answers_and_304_are_not_compressed(site: Site) {
        let anna = site.register("anna").await;
        let small = anna.get("/v1/me").header("Accept-Encoding", "gzip").await.expect(200);
        assert_eq!(small.find_header("content-encoding"), None);
        for path in large(&anna).await {
            let compressed = anna.get(&path).header("Accept-Encoding", "gzip").undocumented().await.expect(200);
            let again = anna.get(&path).header("Accept-Encoding", "gzip").if_none_match(&compressed.etag()).undocumented();
            let again = again.await.expect(304);
            assert_eq!((again.find_header("content-encoding"), again.header("vary"), again.body()), (None, "accept-encoding", &b""[..]));
            assert_eq!(again.etag(), compressed.etag(), "{path}");
        }
    }

    async fn a_compressed_answer_has_the_weak_tag_of_the_plain_one(site: Site) {
        let anna = site.register("anna").await;
        for path in large(&anna).await {
            let plain = anna.get(&path).undocumented().await.expect(200);
            let compressed = anna.get(&path).header("Accept-Encoding", "gzip").undocumented().await.expect(200);
            assert_eq!(compressed.etag(), format!("W/{}", plain.etag()), "{path}");
            for etag in [plain.etag(), compressed.etag()] {
                anna.get(&path).if_none_match(&etag).undocumented().await.expect(304);
                anna.get(&path).header("Accept-Encoding", "gzip").if_none_match(&etag).undocumented().await.expect(304);
            }
        }
    }

    async fn head_announces_the_length_that_get_sends(site: Site) {
        let anna = site.register("anna").await;
        for path in large(&anna).await {
            for accept in ["gzip", "zstd", "identity"] {
                let ask = async |method| anna.request(method, path.as_str()).header("Accept-Encoding", accept).undocumented().await.expect(200);
                ask(Method::GET).await;
                let (whole, head) = (ask(Method::GET).await, ask(Method::HEAD).await);
                assert_eq!(head.header("content-length"), whole.body().len().to_string(), "{path}: {accept}");
                assert_eq!((head.etag(), head.find_header("content-encoding")), (whole.etag(), whole.find_header("content-encoding")));
            }
        }
    }

    async fn a_compressed_request_body_is_refused(site: Site) {
        let anna = site.register("anna").await;
        let compressed = anna.post("/v1/me/characters").header("Content-Encoding", "gzip").json(serde_json::json!({"name": "Mira"}));
        compressed.await.expect(415);
        let plain = anna.post("/v1/me/characters").header("Content-Encoding", "identity").json(serde_json::json!({"name": "Mira"}));
        plain.await.expect(201);
    }
}
