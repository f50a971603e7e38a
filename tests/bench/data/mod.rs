//! Data sessions: how long an upload and a training take, how much memory they need, and how well the models predict.
//!
//! Each table is uploaded and trained over HTTP. Its scores are means over five trainings that hold out other rows, `i mod 5 = k`, as
//! scikit-learn's are. HTTP does not offer that, so these trainings run the server's child process directly. That it is given what the
//! server gives is asserted: with the default split it makes the same bytes as the server did.

mod memory;
mod process;
mod sessions;
mod tables;

use harness::{Site, User};
use memory::peak;
use serde_json::Value;
use sessions::{DataSession, Training};
use tables::Table;

use crate::{setup, show};

/// The largest table, 31 MB, and the first 100,000 rows of it, with fewer columns.
const WHOLE: &str = "flights_whole";
const PART: &str = "flights";
/// Seconds from an upload of 31 MB to its description, and of a training on 100,000 rows.
const UPLOAD_GOAL: f64 = 3.0;
const TRAINING_GOAL: f64 = 30.0;
/// The memory of a training over the size of the uploaded file.
const MEMORY_GOAL: f64 = 6.0;
/// How much worse than the better model of scikit-learn a score may be.
const SCORE_GOAL: f64 = 0.02;
const SHIFTS: u32 = 5;
const MIB: f64 = 1024.0 * 1024.0;

/// Measures everything and prints the results; with names, the scores of these tables only.
pub async fn run(names: &[&str]) {
    let (version, tables) = tables::all(names);
    let site = setup::open().await;
    let anna = site.register("anna").await;
    if names.is_empty() {
        upload_whole(&site, &anna).await;
        train_whole(&site, &anna).await;
    }
    score(&site, &anna, &tables, &version).await;
    show(format_args!("memory of the server at its peak, over all of this: {:.0} MiB", mebibytes(peak(site.server().process()))));
}

/// Uploads 31 MB, three times.
async fn upload_whole(site: &Site, anna: &User) {
    let (file, server) = (tables::file(WHOLE), site.server().process());
    let (length, before) = (file.len(), peak(server));
    let mut seconds = Vec::new();
    for _ in 0..3 {
        let session = DataSession::upload(anna, file.clone()).await;
        seconds.push(session.upload.as_secs_f64());
        session.delete().await;
    }
    seconds.sort_by(f64::total_cmp);
    show(format_args!(
        "upload of {length} bytes to its description: {:.2} s, {:.2} s, {:.2} s (goal: {UPLOAD_GOAL} s)",
        seconds[0], seconds[1], seconds[2]
    ));
    show(format_args!(
        "memory of the server: {:.0} MiB at its peak before the uploads, {:.0} MiB with them",
        mebibytes(before),
        mebibytes(peak(server))
    ));
}

/// Trains on 31 MB.
async fn train_whole(site: &Site, anna: &User) {
    let file = tables::file(WHOLE);
    let length = file.len();
    let session = DataSession::upload(anna, file).await;
    let Training { time, memory, result, model } = session.train("arr_delay", site.server().process()).await;
    show(format_args!(
        "training on all of it, {} rows and {} columns: {:.1} s, model of {:.1} MiB, {}",
        result["rows"]["total"],
        result["columns"],
        time.as_secs_f64(),
        mebibytes(model.len() as u64),
        memory_ratio(memory, length)
    ));
    session.delete().await;
}

/// The memory of a training beside the size of the file.
fn memory_ratio(memory: u64, file: usize) -> String {
    let (memory, file) = (mebibytes(memory), mebibytes(file as u64));
    format!("process at its peak {memory:.0} MiB, {:.1} × the file of {file:.1} MiB (goal: {MEMORY_GOAL})", memory / file)
}

/// Prints the scores of all tables.
async fn score(site: &Site, anna: &User, tables: &[Table], version: &str) {
    show(format_args!("scores: means over {SHIFTS} shifts; scikit-learn {version}, one thread, seed 0"));
    show(format_args!(
        "{:<14}{:>7}{:>9}{:>7}{:>8}{:>8}{:>11}{:>8}{:>8}{:>10}{:>9}{:>9}{:>6}{:>11}",
        "",
        "rows",
        "metric",
        "kept",
        "linear",
        "forest",
        "sk linear",
        "forest",
        "differ",
        "upload s",
        "train s",
        "shift s",
        "MiB",
        "silence s"
    ));
    let mut missed = Vec::new();
    for table in tables {
        // An access token lives for 15 minutes.
        let anna = anna.again().await;
        if score_table(site, &anna, table).await < -SCORE_GOAL {
            missed.push(table.name.as_str());
        }
    }
    show("kept: the better model of each shift by the rows that score it, which favours it; differ does not use that:");
    show("differ: the better mean of our linear model and forest less the better mean of scikit-learn's, sk");
    show("train s: over HTTP; shift s: the longest training of a shift; MiB: the greatest memory of a training");
    let missed = if missed.is_empty() { "none".to_owned() } else { missed.join(", ") };
    show(format_args!("more than {SCORE_GOAL} worse (goal: none): {missed}"));
}

/// Prints the scores of a table; returns the difference to the better one of scikit-learn.
async fn score_table(site: &Site, anna: &User, table: &Table) -> f64 {
    let file = table.file();
    let session = DataSession::upload(anna, file.clone()).await;
    let by_http = session.train(&table.target, site.server().process()).await;
    let task = |shift| process::task(&session.info, &table.target, shift);
    assert!(process::train(&task(None), &file).model == by_http.model, "{}: the process was given something else", table.name);
    let shifts: Vec<process::Trained> = (0..SHIFTS).map(|shift| process::train(&task(Some(shift)), &file)).collect();
    let mean = |of: &dyn Fn(&Value) -> f64| shifts.iter().map(|trained| of(&trained.result)).sum::<f64>() / f64::from(SHIFTS);
    let score = |result: &Value| result["metrics"][table.metric.name()].as_f64().unwrap_or(f64::NAN);
    let [linear, forest] = ["linear", "forest"].map(|kind| mean(&|result| score(candidate(result, kind))));
    let (kept, differ) = (mean(&score), linear.max(forest) - table.better());
    let longest = shifts.iter().map(|trained| trained.time.as_secs_f64()).fold(0.0, f64::max);
    let silence = shifts.iter().map(|trained| trained.silence.as_secs_f64()).fold(0.0, f64::max);
    let memory = shifts.iter().map(|trained| trained.memory).fold(by_http.memory, u64::max);
    show(format_args!(
        "{:<14}{:>7}{:>9}{kept:>7.3}{linear:>8.3}{forest:>8.3}{:>11.3}{:>8.3}{differ:>+8.3}{:>10.2}{:>9.1}{longest:>9.1}{:>6.0}{silence:>11.1}",
        table.name,
        by_http.result["rows"]["total"],
        table.metric.name(),
        table.linear,
        table.forest,
        session.upload.as_secs_f64(),
        by_http.time.as_secs_f64(),
        mebibytes(memory)
    ));
    if table.name == PART {
        let (seconds, memory) = (by_http.time.as_secs_f64(), memory_ratio(by_http.memory, file.len()));
        show(format_args!("    training on 100,000 rows: {seconds:.1} s (goal: {TRAINING_GOAL} s on one core); {memory}"));
    }
    session.delete().await;
    differ
}

/// What a result says of a model that was tried.
fn candidate<'a>(result: &'a Value, kind: &str) -> &'a Value {
    let tried = result["candidates"].as_array().expect("candidates").iter();
    tried.into_iter().find(|candidate| candidate["model"] == kind).unwrap_or(&Value::Null)
}

#[expect(clippy::cast_precision_loss, reason = "sizes far below 2⁵²")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / MIB
}
