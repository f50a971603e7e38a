//! Limits: excess is refused early, without a growth of memory.

use harness::{PASSWORD, RawConnection, Request, Server, Site, SiteBuilder, backends, eventually_true, on_backends};

/// Repetitions of a costly request, so that its processor time can be read.
const TIMES: u64 = 40;
const MEGABYTE: u64 = 1 << 20;
const LOGIN: &str = "POST /v1/auth/login HTTP/1.1\r\nHost: atelier\r\nConnection: close\r\nContent-Type: application/json\r\n";

/// Asserts that an action does not increase the server's memory and that the server still responds.
async fn check_memory(site: &Site, what: impl AsyncFnOnce(&Server)) {
    let before = site.server().peak_memory();
    what(site.server()).await;
    // The kernel sums the counters of processors approximately, so a peak may be read lower than before.
    let grown = site.server().peak_memory().saturating_sub(before);
    assert!(grown < 32 * MEGABYTE, "memory grew by {grown} bytes");
    site.client().get("/health/live").await.expect(200);
}

backends! {
    async fn a_body_that_says_it_is_huge_is_refused_before_it_is_sent(site: Site) {
        check_memory(&site, async |server| {
            let mut wire = RawConnection::to(server).await;
            wire.send(format!("{LOGIN}Content-Length: 104857600\r\n\r\n").as_bytes()).await;
            assert_eq!(wire.read_status().await, Some(413));
        })
        .await;
    }

    async fn a_body_without_an_end_is_refused_early(site: Site) {
        check_memory(&site, async |server| {
            let mut wire = RawConnection::to(server).await;
            wire.send(format!("{LOGIN}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await;
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            let sent = wire.send_until_response(chunk.as_bytes(), 1600).await;
            assert!(sent < 800, "the server took {sent} chunks of 64 kB");
            assert!(matches!(wire.read_status().await, Some(413) | None));
        })
        .await;
    }

    async fn too_large_a_body_is_a_problem(site: Site) {
        let body = format!(r#"{{"email": "anna@example.com", "password": "{}"}}"#, "x".repeat(5 << 20));
        let response = site.client().post("/v1/auth/login").raw("application/json", body).attempt().await;
        if let Ok(response) = response {
            response.expect(413).problem("payload-too-large");
        }
        site.register("anna").await;
    }

    async fn deeply_nested_json_is_a_problem(site: Site) {
        let deep = "[".repeat(100_000);
        let bodies =
            [deep.clone(), format!("{{\"email\": {deep}"), format!("{deep}{}", "]".repeat(100_000)), "{\"a\":".repeat(100_000)];
        check_memory(&site, async |_| {
            for body in bodies {
                let response = site.client().post("/v1/auth/login").raw("application/json", body).await;
                assert!(matches!(response.status(), 400 | 413), "{response:?}");
            }
        })
        .await;
    }

    async fn too_large_a_head_is_refused(site: Site) {
        check_memory(&site, async |server| {
            let many = "X-Many: x\r\n".repeat(5000);
            for excess in
                [format!("X-Large: {}\r\n", "x".repeat(100_000)), format!("Cookie: {}\r\n", "a=b; ".repeat(20_000)), many]
            {
                let mut wire = RawConnection::to(server).await;
                wire.send(format!("GET /v1/plans HTTP/1.1\r\nHost: atelier\r\nConnection: close\r\n{excess}\r\n").as_bytes())
                    .await;
                let status = wire.read_status().await;
                assert!(matches!(status, None | Some(400 | 413 | 414 | 431)), "{status:?}");
            }
        })
        .await;
    }

    async fn a_host_that_is_absent_or_doubled_or_invalid_is_a_problem(site: Site) {
        let answer = async |request: String| {
            let mut wire = RawConnection::to(site.server()).await;
            wire.send(request.as_bytes()).await;
            wire.read_to_end().await
        };
        for host in ["", "Host: a\r\nHost: a\r\n", "Host: a\r\nhost: b\r\n", "Host: a b\r\n", "Host: http://a\r\n", "Host:\r\n"] {
            for path in ["/v1/plans", "/health/live", "/nowhere"] {
                let response = answer(format!("GET {path} HTTP/1.1\r\n{host}Connection: close\r\n\r\n")).await;
                assert!(response.starts_with("HTTP/1.1 400 ") && response.contains("/problems/validation-failed"), "{response}");
            }
        }
        for accepted in ["GET /v1/plans HTTP/1.0\r\n\r\n", "GET /v1/plans HTTP/1.1\r\nHost: [::1]:8000\r\nConnection: close\r\n\r\n"] {
            let response = answer(accepted.to_owned()).await;
            assert_eq!(response.split(' ').nth(1), Some("200"), "{response}");
        }
    }

    async fn what_is_not_http_is_refused(site: Site) {
        check_memory(&site, async |server| {
            for nonsense in [
                "nonsense\r\n\r\n",
                "GET /v1/plans HTTP/9.9\r\n\r\n",
                "\x16\x03\x01\x02\x00\x01",
                "GET /v1/plans HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            ] {
                let mut wire = RawConnection::to(server).await;
                wire.send(nonsense.as_bytes()).await;
                let status = wire.read_status().await;
                assert!(matches!(status, None | Some(400 | 408 | 505)), "{nonsense:?}: {status:?}");
            }
        })
        .await;
    }

    async fn a_long_address_or_query_is_a_problem(site: Site) {
        let anna = site.register("anna").await;
        let long = "x".repeat(7000);
        anna.get(format!("/v1/characters?q={long}")).await.expect(400).pointing_at("/query/q");
        anna.get(format!("/v1/coins/ledger?cursor={long}")).await.expect(400);
        anna.get(format!("/v1/characters/{long}")).await.expect(400).pointing_at("/path/name");
    }

    async fn a_text_of_the_documented_length_fits_in_any_spelling(site: Site) {
        let anna = site.register("anna").await;
        let raw = "東".repeat(20_000);
        // One character of two escaped UTF-16 units.
        let escaped = r"\ud83d\ude00".repeat(20_000);
        for text in [raw, escaped] {
            let names = ["description", "personality", "scenario", "first_mes", "mes_example", "creator_notes"];
            let texts: Vec<String> = names.iter().map(|name| format!(r#""{name}": "{text}""#)).collect();
            let body = format!(r#"{{"name": "Mira {}", {}}}"#, text.len(), texts.join(",\n"));
            let created = anna.post("/v1/me/characters").raw("application/json", body).await.expect(201);
            let read = anna.get(format!("/v1/me/characters/{}", created.id())).await.expect(200);
            assert!(names.iter().all(|name| read.text(name).chars().count() == 20_000));
        }
        let body = "x".repeat(2 << 20);
        if let Ok(response) = anna.post("/v1/me/characters").raw("application/json", body).attempt().await {
            response.expect(413).problem("payload-too-large");
        }
    }

    async fn a_password_is_not_hashed_at_any_length(site: Site) {
        let anna = site.register("anna").await;
        let body = serde_json::json!({"email": anna.email, "password": PASSWORD.repeat(2000)});
        let response = site.client().post("/v1/auth/login").json(body).await;
        assert!(matches!(response.status(), 400 | 401), "{response:?}");
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn the_time_for_a_request_of_errors_grows_with_its_size_only(site: Site) {
        let anna = site.register("anna").await;
        let many = |item: &str, size: usize| item.repeat(size / item.len());
        let json = |body: String| anna.patch("/v1/me").if_match("*").raw("application/json", body);
        let unknown: Vec<String> = (0..24_000).map(|number| format!(r#""a{number}":0"#)).collect();
        let unknown = unknown.join(",");
        let requests: [(&str, usize, &dyn Fn() -> Request); 9] = [
            ("unknown parameters, then repeated ones", 16, &|| anna.get("/v1/characters?".to_owned() + &many("a&", 7980) + &many("q&", 7980))),
            ("repeated parameters", 16, &|| anna.get("/v1/characters?".to_owned() + &many("q&", 15_900))),
            ("percent-encoding", 16, &|| anna.get("/v1/characters?q=".to_owned() + &many("%C3%A9", 15_900))),
            ("path", 16, &|| anna.get("/v1/characters/".to_owned() + &many("a/", 15_900)).undocumented()),
            ("If-None-Match", 15, &|| anna.get("/v1/me").if_none_match(&many("\"a\",", 15_000))),
            ("If-Match", 15, &|| anna.patch("/v1/me").if_match(&(many("\"a\",", 15_000) + "\"a\"")).json(serde_json::json!({}))),
            ("unknown members", 250, &|| json(format!("{{{unknown}}}"))),
            ("repeated members", 250, &|| json(format!("{{{}\"a\":0}}", many("\"a\":0,", 250_000)))),
            ("nested arrays", 250, &|| json(format!("{{\"a\":[{}0]}}", many("[[[[0]]]],", 250_000)))),
        ];
        for (what, kilobytes, request) in requests {
            request().await;
            let before = site.server().cpu_ticks();
            for _ in 0..TIMES {
                let status = request().await.status();
                assert!(matches!(status, 200 | 400 | 404 | 412), "{what}: {status}");
            }
            let milliseconds = 10 * (site.server().cpu_ticks() - before);
            println!("{what}: {milliseconds} ms for {TIMES} requests of {kilobytes} KB");
            assert!(milliseconds <= TIMES * kilobytes as u64, "{what}: {milliseconds} ms for {TIMES} requests");
        }
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn one_address_cannot_take_all_connections(builder: SiteBuilder) {
        let site = builder.set("TRUSTED_PROXIES", "none").open().await;
        let mut held = Vec::new();
        for _ in 0..256 {
            held.push(RawConnection::to(site.server()).await);
        }
        assert_eq!(RawConnection::to(site.server()).await.read_status().await, Some(503));
        held.clear();
        eventually_true("its connections are served again", async || {
            matches!(site.client().get("/health/live").attempt().await, Ok(response) if response.status() == 200)
        })
        .await;
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn a_client_that_never_finishes_a_request_is_disconnected(site: Site) {
        let unfinished = ["", "GET /v1/plans HTTP/1.1\r\nHost:", &format!("{LOGIN}Content-Length: 50\r\n\r\n{{\"email\"")];
        let read_status = |sent: String| {
            let server = site.server();
            async move {
                let mut wire = RawConnection::to(server).await;
                wire.send(sent.as_bytes()).await;
                let status = wire.read_status().await;
                assert!(matches!(status, None | Some(400 | 408)), "{sent:?}: {status:?}");
            }
        };
        futures_util::future::join_all(unfinished.map(|sent| read_status(sent.to_owned()))).await;
    }
}
