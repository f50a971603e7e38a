//! Uploads that are too large, too slow, broken off, or no file: each is refused, and leaves nothing behind.

use std::fs;
use std::time::Duration;

use harness::{RawConnection, Server, Site, eventually_true, on_backends};
use tokio::time::{interval, timeout};

use super::DataSession;
use super::sample_tables::flowers;
use super::stored_content::frames;

const MEBIBYTE: usize = 1 << 20;
/// The time after which an upload that does not progress is refused, and some more.
const REFUSED: Duration = Duration::from_secs(20);

/// The head of an upload.
fn head(session: &DataSession, token: &str, length: &str) -> Vec<u8> {
    let (path, kind) = (session.path("/upload"), "Content-Type: text/csv\r\nConnection: close");
    format!("POST {path} HTTP/1.1\r\nHost: atelier\r\n{kind}\r\nAuthorization: Bearer {token}\r\n{length}\r\n\r\n").into()
}

/// The files without a name that a server has open.
fn unnamed_files(server: &Server) -> usize {
    let entries = fs::read_dir(format!("/proc/{}/fd", server.process())).expect("the server runs").flatten();
    let targets = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
    targets.filter(|target| target.display().to_string().ends_with(" (deleted)")).count()
}

/// Asserts that a session has its former table, and that nothing else is stored.
async fn check_unchanged(site: &Site, session: &DataSession, before: &[(String, Vec<u8>)]) {
    assert_eq!(session.get("").await.expect(200)["table"]["rows"], 90);
    assert_eq!(session.get("/data/preview").await.expect(200).number("total_rows"), 90);
    assert!(frames(site) == before, "something else is stored");
    eventually_true("all temporary files are deleted", async || unnamed_files(site.server()) == 0).await;
}

both_pairs! {
    async fn a_table_over_50_mib_is_refused_and_never_held_in_memory(site: Site) {
        let anna = site.register("anna").await;
        let session = DataSession::create(&anna).await;
        session.upload(flowers()).await;
        let (before, memory) = (frames(&site), site.server().peak_memory());
        let mut wire = RawConnection::to(site.server()).await;
        wire.send(&head(&session, anna.token(), &format!("Content-Length: {}", 50 * MEBIBYTE + 1))).await;
        assert_eq!(wire.read_status().await, Some(413), "before the body is sent");
        let mut wire = RawConnection::to(site.server()).await;
        wire.send(&head(&session, anna.token(), "Transfer-Encoding: chunked")).await;
        let chunk = format!("100000\r\n{}\r\n", "x".repeat(MEBIBYTE));
        let sent = wire.send_until_response(chunk.as_bytes(), 100).await;
        assert!((50..70).contains(&sent), "the server took {sent} MiB");
        assert!(matches!(wire.read_status().await, Some(413) | None));
        // An image of the greatest size.
        let image = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![7; 50 * MEBIBYTE - 8]].concat();
        session.try_upload("", image).await.expect(422).problem("invalid-table");
        let grown = site.server().peak_memory().saturating_sub(memory);
        assert!(grown < 24 * MEBIBYTE as u64, "memory grew by {grown} bytes");
        check_unchanged(&site, &session, &before).await;
    }

    async fn an_upload_that_breaks_off_leaves_nothing_behind(site: Site) {
        let anna = site.register("anna").await;
        let session = DataSession::create(&anna).await;
        session.upload(flowers()).await;
        let before = frames(&site);
        let mut broken = RawConnection::to(site.server()).await;
        broken.send(&head(&session, anna.token(), "Content-Length: 100000")).await;
        broken.send("a,b\n1,2\n".repeat(6000).as_bytes()).await;
        eventually_true("the server receives a file", async || unnamed_files(site.server()) > 0).await;
        drop(broken);
        check_unchanged(&site, &session, &before).await;
    }

    async fn a_body_that_is_no_file_of_text_is_refused(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        for kind in ["multipart/form-data; boundary=x", "application/json", "application/x-www-form-urlencoded", "image/png"] {
            session.post("/upload").raw(kind, "a,b\n1,2\n").await.expect(415).problem("unsupported-media-type");
        }
        let packed = session.try_upload("", "a,b\n1,2\n").header("Content-Encoding", "gzip").await;
        packed.expect(415).problem("unsupported-media-type");
        for kind in ["text/csv; charset=utf-8", "TEXT/CSV", "text/tab-separated-values", "text/plain"] {
            session.post("/upload").raw(kind, "a,b\n1,2\n").await.expect(200);
        }
        session.try_upload("", "a,b\n1,2\n").header("Content-Encoding", "identity").await.expect(200);
    }

    async fn a_table_is_stored_compressed(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        let table = format!("name,note\n{}", "canary-of-the-table,a note that repeats\n".repeat(5000));
        session.upload(table.clone()).await;
        let frames = frames(&site);
        let stored: usize = frames.iter().map(|(_, content)| content.len()).sum();
        assert!(stored * 10 < table.len(), "{stored} of {} bytes", table.len());
        let is_zstd = |content: &[u8]| content.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
        assert!(frames.iter().all(|(_, content)| is_zstd(content)) && !frames.is_empty());
    }
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn an_upload_of_a_byte_a_second_is_refused_and_leaves_nothing_behind(site: Site) {
        let anna = site.register("anna").await;
        let session = DataSession::create(&anna).await;
        session.upload(flowers()).await;
        let before = frames(&site);
        let mut slow = RawConnection::to(site.server()).await;
        slow.send(&head(&session, anna.token(), "Content-Length: 100000")).await;
        let trickle = async {
            let mut second = interval(Duration::from_secs(1));
            while slow.send_until_response(b"1", 1).await == 1 {
                second.tick().await;
            }
            slow.read_to_end().await
        };
        let response = timeout(REFUSED, trickle).await.expect("a slow upload is refused");
        assert!(response.starts_with("HTTP/1.1 408") && response.contains("16 KiB"), "{response}");
        check_unchanged(&site, &session, &before).await;
    }
}
