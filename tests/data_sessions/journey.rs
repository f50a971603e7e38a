//! From the upload to predictions.

use std::collections::BTreeMap;

use harness::{Response, Site};
use serde_json::{Value, json};

use super::DataSession;
use super::sample_tables::{FLOWERS, flowers, kind_of_flower};

fn column<'a>(info: &'a Response, name: &str) -> &'a Value {
    let columns = info["columns"].as_array().unwrap();
    columns.iter().find(|column| column["name"] == name).unwrap_or_else(|| panic!("no column {name}: {info:?}"))
}

fn rows(preview: &Response) -> Vec<Value> {
    preview["rows"].as_array().unwrap().iter().map(|row| row["cells"].clone()).collect()
}

both_pairs! {
    async fn info_shows_the_columns_with_their_types_and_missing_values(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        let uploaded = session.upload(flowers()).await;
        let info = session.get("/data/info").await.expect(200);
        assert_eq!((info.json(), info.etag()), (uploaded.json(), uploaded.etag()));
        session.get("/data/info").if_none_match(&info.etag()).await.expect(304);
        assert_eq!((info.number("rows"), info["bytes"].as_u64()), (90, Some(flowers().len() as u64)));
        let shown = ["petal length", "colour", "found", "kind"].map(|name| {
            let column = column(&info, name);
            (column["type"].as_str().unwrap(), column["missing"].as_u64().unwrap(), column["distinct"].as_u64().unwrap())
        });
        assert_eq!((shown[1], shown[2], shown[3]), (("text", 0, 2), ("date", 0, 28), ("text", 1, 2)));
        assert_eq!((shown[0].0, shown[0].1), ("number", 9));
        let (length, found) = (column(&info, "petal length"), column(&info, "found"));
        assert!(length["minimum"].as_f64() > Some(1.4) && length["maximum"].as_f64() < Some(6.1), "{length}");
        let counted: u64 = length["histogram"]["counts"].as_array().unwrap().iter().filter_map(Value::as_u64).sum();
        assert_eq!(counted, 81);
        assert_eq!((&found["earliest"], &found["latest"]), (&json!("2026-03-01"), &json!("2026-03-28")));
        assert_eq!(column(&info, "kind")["top"][0], json!({"value": "aster", "count": 59}));
        let settings: BTreeMap<_, _> =
            info["dialect"].as_array().unwrap().iter().map(|finding| (finding["setting"].as_str().unwrap(), finding)).collect();
        assert!(settings.values().all(|finding| !finding["evidence"].as_str().unwrap().is_empty()), "{settings:?}");
        assert_eq!((&settings["encoding"]["value"], &settings["header"]["value"]), (&json!("utf-8"), &json!("true")));
    }

    async fn a_preview_shows_rows_as_uploaded_or_in_their_types(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        session.upload("when;value;kept\n31.01.2026;1,50;ja\n01.02.2026;;nein\n").await;
        let raw = session.get("/data/preview?view=raw").await.expect(200);
        assert_eq!((&raw["view"], &raw["columns"]), (&json!("raw"), &json!(["when", "value", "kept"])));
        assert_eq!(rows(&raw), [json!(["31.01.2026", "1,50", "ja"]), json!(["01.02.2026", "", "nein"])]);
        let processed = session.get("/data/preview").await.expect(200);
        assert_eq!(rows(&processed), [json!(["2026-01-31", 1.5, true]), json!(["2026-02-01", null, false])]);
        let second = session.get("/data/preview?offset=1&limit=1").await.expect(200);
        assert_eq!((second["rows"][0]["row"].as_u64(), second.number("total_rows")), (Some(2), 2));
        assert_eq!(rows(&session.get("/data/preview?offset=2").await.expect(200)), [""; 0]);
        for query in ["limit=101", "limit=0", "offset=-1", "view=other"] {
            session.get(&format!("/data/preview?{query}")).await.expect(400);
        }
    }

    async fn a_model_is_trained_downloaded_and_used_until_another_table_replaces_it(site: Site) {
        let anna = site.register("anna").await;
        let session = DataSession::create(&anna).await;
        session.upload(flowers()).await;
        let trained = session.trained(kind_of_flower()).await;
        let result = &trained["result"];
        assert_eq!((&trained["progress"], &trained["phase"]), (&json!(1.0), &json!("done")));
        assert_eq!(result["task"], "classification");
        assert_eq!((&result["rows"]["total"], &result["rows"]["dropped"]), (&json!(FLOWERS), &json!(1)));
        assert!(result["metrics"]["accuracy"].as_f64() > result["baseline"]["accuracy"].as_f64(), "{result}");
        assert_eq!(result["importance"][0]["column"], "petal length");
        let (model, shown) = (session.get("/model").await.expect(200), session.get("").await.expect(200));
        assert_eq!(shown["model"]["bytes"].as_u64(), Some(model.body().len() as u64));
        assert!(model.body().starts_with(b"ATLM") && model.header("content-disposition").contains(".atlm"), "{shown:?}");
        let row = json!({"petal length": 5.8, "colour": "red", "found": "2026-03-04"});
        let predicted = session.predict(json!([row])).await.expect(200);
        assert_eq!(predicted.items()[0]["prediction"], "rose");
        assert!(predicted.items()[0]["probabilities"][0]["probability"].as_f64() > Some(0.5), "{predicted:?}");
        session.upload("a,b\n1,2\n").await;
        assert!(session.get("").await.expect(200)["model"].is_null());
        session.predict(json!([row])).await.expect(409).problem("model-missing");
        assert_eq!(session.get("/data/info").await.expect(200).number("rows"), 1);
        assert_eq!(rows(&session.get("/data/preview").await.expect(200)), [json!([1, 2])]);
    }
}
