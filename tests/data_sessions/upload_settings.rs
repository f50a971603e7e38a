//! What is detected in a file can be stated instead.

use harness::Site;
use serde_json::json;

use super::DataSession;

both_pairs! {
    async fn settings_of_an_upload_override_what_is_detected(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        let table = "a note\n1,5;'x;y'\n2,5;z\n";
        let query = "?delimiter=semicolon&quote=single&header=false&decimal=comma&skip_rows=1&encoding=windows-1252";
        let info = session.try_upload(query, table).await.expect(200);
        assert_eq!((info.number("rows"), info["columns"].as_array().unwrap().len()), (2, 2));
        assert!(info["dialect"].as_array().unwrap().iter().all(|finding| finding["source"] == "given"), "{info:?}");
        let preview = session.get("/data/preview").await.expect(200);
        assert_eq!(preview["columns"], json!(["column_1", "column_2"]));
        assert_eq!(preview["rows"][0]["cells"], json!([1.5, "x;y"]));
        let shown = info["dialect"].as_array().unwrap().iter().map(|finding| {
            let [setting, value] = ["setting", "value"].map(|member| finding[member].as_str().unwrap());
            (setting, value.to_owned())
        });
        let mut url = reqwest::Url::parse("http://host/").unwrap();
        url.query_pairs_mut().extend_pairs(shown);
        let again = session.try_upload(&format!("?{}", url.query().unwrap()), table).await.expect(200);
        assert_eq!(again["columns"], info["columns"], "what is shown can be given");
        for (query, pointer) in [
            ("delimiter=xx", "/query/delimiter"),
            ("quote=yes", "/query/quote"),
            ("decimal=dot", "/query/decimal"),
            ("encoding=latin-99", "/query/encoding"),
            ("skip_rows=-1", "/query/skip_rows"),
            ("header=maybe", "/query/header"),
        ] {
            let refused = session.try_upload(&format!("?{query}"), table).await.expect(400);
            refused.problem("validation-failed").pointing_at(pointer);
        }
        assert_eq!(session.get("/data/info").await.expect(200)["columns"], info["columns"]);
    }
}
