//! Public answers that are repeated before routing: they have the headers and the freshness of ordinary ones.

use futures_util::future::join_all;
use harness::{Client, Request, Response, Site, backends, eventually_true, redis_backends};
use serde_json::json;

use super::{CachedRead, Fixture};
use crate::http::compression::decoded;

/// Public reads.
const PATHS: [&str; 3] = ["/v1/characters/Mira", "/v1/characters?limit=5", "/v1/generation-settings"];
/// The number of reads after which a public answer is repeated: one fills, one copies, one hits the copy.
const READS: usize = 4;

/// Reads until the answer is repeated. No header tells, so it reads often enough.
async fn repeat(client: &Client, path: &str) -> Response {
    CachedRead::new(client, path).warm().await;
    for _ in 0..READS {
        client.get(path).await.expect(200);
    }
    client.get(path).await.expect(200)
}

/// The same read on the ordinary path: a request that announces a body is never answered before routing.
fn ordinary(client: &Client, path: &str) -> Request {
    client.get(path).header("Content-Length", "0")
}

/// The headers that both paths must agree on. A kept body is compressed better, so its length may differ.
fn headers(response: &Response) -> Vec<(&'static str, Option<String>)> {
    let names = [
        "content-type",
        "content-length",
        "etag",
        "cache-control",
        "vary",
        "x-content-type-options",
        "content-encoding",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "x-request-id",
    ];
    let is_plain = response.find_header("content-encoding").is_none();
    let compared = names.into_iter().filter(|name| is_plain || *name != "content-length");
    compared.map(|name| (name, response.find_header(name).map(str::to_owned))).collect()
}

backends! {
    async fn a_repeated_answer_has_the_headers_of_an_ordinary_one(site: Site) {
        let fixture = Fixture::create(&site).await;
        for path in PATHS {
            let etag = repeat(&fixture.anna, path).await.etag();
            for (name, value) in [
                ("Accept", "*/*"), ("Accept-Encoding", "gzip"), ("Accept-Encoding", "zstd, identity;q=0"),
                ("If-None-Match", &*etag), ("If-None-Match", "\"other\""), ("Origin", "https://app.example"),
            ] {
                let ask = |request: Request| request.header(name, value).header("X-Request-Id", "r-1").undocumented();
                let [repeated, routed] = [ask(fixture.anna.get(path)).await, ask(ordinary(&fixture.anna, path)).await];
                assert_eq!(repeated.status(), routed.status(), "{path} with {name}: {value}");
                assert_eq!(headers(&repeated), headers(&routed), "{path} with {name}: {value}");
                assert_eq!(decoded(&repeated), decoded(&routed), "{path} with {name}: {value}");
                let [repeated, routed] = [repeated.cache(), routed.cache()];
                assert!(repeated.is_hit() && routed.is_hit(), "{path}");
                assert!((repeated.ttl() - routed.ttl()).abs() <= 5 && repeated.layer() == routed.layer(), "{path}");
            }
        }
    }

    async fn a_repeated_answer_is_new_after_a_write(site: Site) {
        let fixture = Fixture::create(&site).await;
        let (character, own) = ("/v1/characters/Mira", format!("/v1/me/characters/{}", fixture.mira));
        for round in 0..20 {
            let readers = join_all((0..4).map(|_| repeat(&fixture.anna, character))).await;
            assert!(readers.iter().all(|response| response.cache().is_hit()));
            repeat(&fixture.anna, "/v1/characters").await;
            let tag = format!("tag {round}");
            fixture.anna.change(&own, json!({"tags": [tag]})).await;
            assert_eq!(fixture.anna.get(character).await.expect(200)["tags"], json!([tag]));
            assert_eq!(fixture.anna.get("/v1/characters").await.expect(200).items()[0]["tags"], json!([tag]));
        }
        repeat(&fixture.anna, character).await;
        fixture.anna.delete(&own).if_match("*").await.expect(204);
        fixture.anna.get(character).await.expect(404);
    }

    async fn repeated_answers_are_counted_like_others(site: Site) {
        let (admin, fixture) = (site.admin().await, Fixture::create(&site).await);
        repeat(&fixture.anna, "/v1/characters/Mira").await;
        let hits = async || {
            let stats = admin.get("/v1/admin/cache/stats").await.expect(200);
            let types = stats["worker"]["types"].as_array().unwrap().clone();
            types.iter().find(|of| of["type"] == "character").unwrap()["hits_memory"].as_i64().unwrap()
        };
        let metric = async || {
            let metrics = site.client().get("/metrics").undocumented().await.expect(200);
            let text = String::from_utf8_lossy(metrics.body()).into_owned();
            let name = r#"http_server_requests_total{method="GET",route="/v1/characters/{name}",status="200"} "#;
            text.lines().find_map(|line| line.strip_prefix(name)).unwrap().parse::<i64>().unwrap()
        };
        let before = (hits().await, metric().await);
        for _ in 0..25 {
            fixture.anna.get("/v1/characters/Mira").await.expect(200);
        }
        assert_eq!((hits().await, metric().await), (before.0 + 25, before.1 + 25));
    }
}

redis_backends! {
    async fn a_repeated_answer_changes_on_other_servers_too(site: Site) {
        let (fixture, second) = (Fixture::create(&site).await, site.second_server().await);
        let (there, own) = (fixture.anna.at(&second), format!("/v1/me/characters/{}", fixture.mira));
        for round in 0..5 {
            repeat(&there, "/v1/characters/Mira").await;
            let tag = format!("tag {round}");
            fixture.anna.change(&own, json!({"tags": [tag]})).await;
            let is_new = async || there.get("/v1/characters/Mira").await.expect(200)["tags"] == json!([tag]);
            eventually_true("the other server shows the change", is_new).await;
        }
    }
}
