//! The report for people: one page that needs nothing else.

use harness::{Response, Site};
use serde_json::json;

use super::DataSession;
use super::sample_tables::flowers;

/// Texts with which a page would load something from another place, or run something.
const EXTERNAL: [&str; 8] = ["src=", "href=\"http", "@import", "url(", "<script", "<link", "<iframe", "onload"];

fn page(report: &Response) -> String {
    assert_eq!(report.header("content-type"), "text/html; charset=utf-8");
    let page = String::from_utf8(report.body().to_vec()).expect("UTF-8");
    let external = EXTERNAL.iter().find(|text| page.contains(**text));
    assert!(external.is_none(), "{external:?} in {page}");
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"), "{page}");
    for words in ["<meta name=\"viewport\"", "prefers-color-scheme: dark", "<svg", "<title>"] {
        assert!(page.contains(words), "no {words} in {page}");
    }
    page
}

both_pairs! {
    async fn a_report_is_one_page_with_plots_and_nothing_external(site: Site) {
        let anna = site.register("anna").await;
        let session = DataSession::create(&anna).await;
        let empty = session.get("/report").await.expect(200);
        assert!(String::from_utf8_lossy(empty.body()).contains("No table is uploaded yet."), "{empty:?}");
        session.upload(flowers()).await;
        let of_table = page(&session.get("/report").await.expect(200));
        assert!(["petal length", "colour", "kind", "90"].iter().all(|words| of_table.contains(words)), "{of_table}");
        session.trained(json!({"target": "kind", "seed": 7})).await;
        let report = session.get("/report").await.expect(200);
        let of_model = page(&report);
        assert!(of_model.matches("<svg").count() > of_table.matches("<svg").count(), "{of_model}");
        assert!(["rose", "aster", "ccuracy"].iter().all(|words| of_model.contains(words)), "{of_model}");
        assert!(report.header("content-security-policy").contains("default-src 'none'"), "{report:?}");
        let ticket = session.post("/ticket").await.expect(201).text("ticket").to_owned();
        let browser = anna.signed_out();
        let address = session.path(&format!("/report?ticket={ticket}"));
        page(&browser.get(&address).await.expect(200));
        browser.get(&address).await.expect(401);
        browser.get(session.path("/report")).await.expect(401);
    }

    async fn a_report_shows_markup_of_a_table_as_text(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        let rows = (0..40).map(|row| format!("{row},{}\n", ["<script>alert(1)</script>", "' onload=x"][row % 2]));
        session.upload(format!("a,<img src=x onload=alert(2)>\n{}", rows.collect::<String>())).await;
        session.trained(json!({"target": "<img src=x onload=alert(2)>", "model": "linear"})).await;
        let report = session.get("/report").await.expect(200);
        let text = String::from_utf8(report.body().to_vec()).unwrap();
        assert!(text.contains("&lt;script&gt;alert(1)") && text.contains("&lt;img src=x"), "{text}");
        assert!(!text.contains("<script") && !text.contains("<img"), "{text}");
    }

    async fn a_report_of_a_wide_table_is_small(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        let names: Vec<String> = (0..3000).map(|column| format!("c{column}")).collect();
        let row = vec!["1"; 3000].join(",");
        session.upload(format!("{}\n{row}\n{row}\n", names.join(","))).await;
        let report = session.get("/report").await.expect(200);
        assert!(report.body().len() < 4 << 20, "{} bytes", report.body().len());
    }
}
