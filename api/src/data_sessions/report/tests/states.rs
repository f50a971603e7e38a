use domain::data_sessions::Metrics;
use serde_json::json;

use super::samples::{classification, regression, session, table, training, used_session};
use super::{assert_shows, checked, text_of};

#[test]
fn a_session_without_a_table() {
    let page = checked(&session(), None, None);
    assert_shows(&page, &["created 31 January 2027, 10:00 UTC", "No table is uploaded yet.", "No model is trained yet."]);
    assert!(page.contains("<title>Report of data session 01JZ5Q6W8Y2N4R6T8V0X2Z4B6D</title>"));
}

#[test]
fn a_session_whose_description_is_not_available() {
    let page = checked(&used_session(), None, None);
    assert_shows(
        &page,
        &["344 rows, 2 columns, 14.9 KiB", "A model that predicts species was trained 31 January 2027, 10:05 UTC."],
    );
}

#[test]
fn a_table_without_a_training() {
    let page = checked(&used_session(), Some(&table()), None);
    let parts = [
        "Rows344",
        "Missing values0.3 %",
        "Delimiter comma detected: 345 of 345 rows have 8 cells",
        "Row 12, date: the row has 7 cells of 8",
        "3 more warnings are left out.",
        "2 columns: 1 with numbers, 1 with dates.",
        "number: row 4 holds 3750.5. In the file: body mass.",
        "Missing2 (0.6 %)",
        "Distinct valuesabout 94",
        "Infinite1",
        "Minimum2700",
        "Mean4202",
        "Maximum6300",
        "2700at most 141 values6300",
        "Most frequent values 3800",
        "(empty)",
        "Earliest2007-11-11",
        "No value was found twice. Example: 2007-11-11",
    ];
    assert_shows(&page, &parts);
    assert!(page.contains("aria-label=\"Histogram of body_mass from 2700 to 6300, at most 141 values in an interval\""));
}

#[test]
fn a_training_that_waits_or_runs() {
    assert_shows(&checked(&session(), None, Some(&training("scheduled", json!({})))), &["predicts species waits for its time."]);
    assert_shows(&checked(&session(), None, Some(&training("queued", json!({})))), &["predicts species waits for a worker."]);
    let forest = json!({"progress": 0.42, "phase": "forest", "trees": 37, "of": 100, "held_out_error": 0.0435});
    let page = checked(&used_session(), Some(&table()), Some(&training("running", forest)));
    assert_shows(&page, &["42 % is done. The training grows the trees of the forest: 37 of 100. The error", "is 0.0435 so far."]);
    for phase in ["waiting", "reading", "linear", "evaluating", "writing", "done"] {
        checked(&session(), None, Some(&training("running", json!({"phase": phase}))));
    }
}

#[test]
fn a_training_that_ended_without_a_model() {
    let failed = training("failed", json!({"error": "`age` has <no> values."}));
    assert_shows(&checked(&session(), None, Some(&failed)), &["predicts species failed: age has &lt;no&gt; values."]);
    assert_shows(&checked(&session(), None, Some(&training("failed", json!({})))), &["predicts species failed."]);
    let canceled = training("canceled", json!({"progress": 0.125, "phase": "linear"}));
    assert_shows(&checked(&session(), None, Some(&canceled)), &["was canceled after 12.5 % of its work."]);
    assert_shows(&checked(&session(), None, Some(&training("succeeded", json!({})))), &["Its result is not available."]);
}

#[test]
fn a_classification() {
    let page = checked(&used_session(), Some(&table()), Some(&classification()));
    let parts = [
        "The random forest predicts species right in 97.1 % of 68 held-out rows.",
        "The most frequent class alone is right in 44.1 %.",
        "Rows without target1",
        "The forest is better. The task is classification: species holds 3 different texts.",
        "Random forest kept",
        "Accuracyshare of right classes, higher is better0.9706—0.441",
        "Linear model: Not trained: it would have too many columns.",
        "Rows by class",
        "2 more classes are left out.",
        "0.3 at first, 0.05 at last",
        "noise −0.002",
        "Right Adelie301096.8 %",
        "none000—",
        "id: Not used.",
        "4 more notes are left out.",
        "Requested: model auto, task by the target, 20 % of the rows held out, seed 7.",
    ];
    assert_shows(&page, &parts);
    assert!(page.contains("aria-label=\"44.3 %\"") && page.contains("class=\"negative\""));
}

#[test]
fn a_regression() {
    let page = checked(&used_session(), Some(&table()), Some(&regression()));
    let parts = [
        "predicts body_mass with a mean absolute error of 221.3 on 68 held-out rows. The mean alone has an error of 675.9.",
        "R²1 is exact, 0 is no better than the mean0.88440.86−0.003",
        "0at most 9 values10",
    ];
    assert_shows(&page, &parts);
    assert!(!text_of(&page).contains("True and predicted classes") && !text_of(&page).contains("Importance of columns"));
}

#[test]
fn a_training_without_scores() {
    let mut training = regression();
    let result = training.report.result.as_mut().unwrap();
    (result.metrics, result.baseline) = (Metrics::default(), Metrics::default());
    result.candidates.clear();
    result.error_by_step.clear();
    assert_shows(&checked(&session(), None, Some(&training)), &["predicts body_mass from the other columns."]);
}

#[test]
fn the_same_views_give_the_same_bytes() {
    let page = || checked(&used_session(), Some(&table()), Some(&classification()));
    assert_eq!(page(), page());
}
