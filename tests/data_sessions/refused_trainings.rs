//! Targets that cannot be predicted: the error names the column, the value and the row.

use harness::Site;
use serde_json::json;

use super::DataSession;

const ROWS: usize = 80;
/// Columns of 10 different texts each, which are 2,500 columns of 0 and 1.
const COLUMNS: usize = 250;

/// A column for each reason.
fn table() -> String {
    let row = |row: usize| {
        let class = if row == 7 { "odd" } else { ["x", "y"][row % 2] };
        let few = if row < 5 { "1" } else { "" };
        let blank = if row.is_multiple_of(2) { "NA" } else { ["yes", "no"][row / 2 % 2] };
        format!("{row},same,name-{row},{class},{few},,2026-01-{:02},{blank},5\n", row % 28 + 1)
    };
    format!("id,constant,unique,single,few,none,day,blanks,five\n{}", (0..ROWS).map(row).collect::<String>())
}

both_pairs! {
    async fn a_target_that_cannot_be_predicted_is_named_with_its_value(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        session.upload(table()).await;
        for (request, words) in [
            (json!({"target": "constant"}), &["`constant`", "`same`", "80 rows"][..]),
            (json!({"target": "five"}), &["`five`", "`5`"]),
            (json!({"target": "unique"}), &["`unique`", "80 different values", "`name-0`"]),
            (json!({"target": "single"}), &["`single`", "`odd`", "row 8"]),
            (json!({"target": "few"}), &["`few`"]),
            (json!({"target": "none"}), &["`none`", "no value"]),
            (json!({"target": "day"}), &["`day`", "dates"]),
            (json!({"target": "blanks", "task": "regression"}), &["`blanks`", "regression needs numbers"]),
        ] {
            let error = session.failed(request).await;
            assert!(words.iter().all(|word| error.contains(word)), "{words:?} in {error}");
        }
        let log = site.server().log();
        assert!(log.contains("train_model") && !log.contains("name-0"), "the log has the content of a table: {log}");
        let trained = session.trained(json!({"target": "blanks", "model": "linear"})).await;
        assert_eq!(trained["result"]["rows"]["dropped"], 40, "rows without the target are dropped and counted");
        let notes = trained["result"]["notes"].to_string();
        assert!(["constant", "unique", "none"].iter().all(|column| notes.contains(column)), "{notes}");
    }

    async fn texts_that_explode_into_columns_are_bounded(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        let row = |row: usize| {
            let texts: Vec<String> = (0..COLUMNS).map(|column| format!("t{column}-{}", (row + column) % 10)).collect();
            format!("{},{}\n", ["x", "y"][row % 3 / 2], texts.join(","))
        };
        let names: Vec<String> = (0..COLUMNS).map(|column| format!("t{column}")).collect();
        session.upload(format!("target,{}\n{}", names.join(","), (0..60).map(row).collect::<String>())).await;
        let refused = session.failed(json!({"target": "target", "model": "linear"})).await;
        assert!(refused.contains("2500 columns, and the limit is 2000"), "{refused}");
        let trained = session.trained(json!({"target": "target"})).await;
        assert_eq!(trained["result"]["model"], "forest");
        assert!(trained["result"]["candidates"][0]["detail"].as_str().unwrap().starts_with("Not trained"), "{trained:?}");
    }
}
