//! Predictions: of held-out rows as a file, and of rows that are sent.

use harness::Site;
use serde_json::json;

use super::DataSession;
use super::sample_tables::{flowers, kind_of_flower};

both_pairs! {
    async fn rows_that_cannot_be_predicted_are_named_with_their_column(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        session.upload(flowers()).await;
        session.trained(kind_of_flower()).await;
        let row = |length| json!({"petal length": length, "colour": "white", "found": "2026-03-04"});
        for (rows, pointer, words) in [
            (json!([row(json!(1.5)), row(json!("long"))]), "/rows/1/petal length", "`long`"),
            (json!([row(json!(true))]), "/rows/0/petal length", "`true`"),
            (json!([row(json!([1]))]), "/rows/0/petal length", "must be a number"),
            (json!([{"petal length": 1, "colour": "red"}]), "/rows/0/found", "`found`"),
            (json!([{"petal length": 1, "colour": "red", "found": "2026-03-04", "size": 3}]), "/rows/0/size", "`size`"),
            (json!([{"petal length": 1, "colour": "red", "found": "today"}]), "/rows/0/found", "`today`"),
            (json!([]), "/rows", ""),
            (json!(["a"]), "/rows/0", ""),
        ] {
            let refused = session.predict(rows).await.expect(400).problem("validation-failed").pointing_at(pointer);
            assert!(String::from_utf8_lossy(refused.body()).contains(words), "{refused:?}");
        }
        session.predict((0..1001).map(|_| row(json!(1))).collect()).await.expect(400).pointing_at("/rows");
        let odd = json!([row(json!(null)), {"petal length": "1.5", "colour": "green", "found": "2026-03-04"}]);
        let predicted = session.predict(odd).await.expect(200);
        let notes = |index: usize| predicted.items()[index]["notes"].to_string();
        assert!(notes(0).contains("petal length") && notes(1).contains("green"), "{predicted:?}");
        assert_eq!(predicted.items()[1]["prediction"], "aster");
    }

    async fn held_out_predictions_are_csv_that_runs_no_formula(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        let table = (0..40).map(|row| format!("{row},{}\n", ["=1+1", "@SUM(A1)", "-2+3", "+4"][row / 10]));
        let uploaded = session.upload(format!("a,class\n{}", table.collect::<String>())).await;
        assert_eq!(uploaded["columns"][1]["type"], "text");
        let raw = session.get("/data/preview?view=raw&limit=1").await.expect(200);
        assert_eq!(raw["rows"][0]["cells"], json!(["0", "=1+1"]));
        session.trained(json!({"target": "class", "model": "linear", "test_share": 0.5})).await;
        let file = session.get("/predictions").await.expect(200);
        assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
        let text = String::from_utf8(file.body().to_vec()).unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("row,actual,predicted,probability"));
        assert_eq!(lines.clone().count(), 20, "{text}");
        for cell in lines.flat_map(|line| line.split(',').skip(1).take(2)) {
            assert!(cell.starts_with('\'') || cell.parse::<f64>().is_ok(), "{text}");
        }
    }
}
