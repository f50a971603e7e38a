//! The result of a training, for people.

use super::super::dataset::Target;
use super::super::evaluation::{confusion, score};
use super::super::task::Task;
use super::super::views::{Candidate, ModelKind, RowCounts, TargetBalance, TrainingNote, TrainingResult, TrainingTask};
use super::candidates::Tried;

/// Notes that are shown.
const NOTES: usize = 100;

/// The result, without what is known elsewhere.
pub(super) fn result(task: &Task, tried: &Tried, test: &Target) -> TrainingResult {
    let best = &tried.best;
    TrainingResult {
        target: task.target.clone(),
        task: if matches!(test, Target::Numbers(_)) { TrainingTask::Regression } else { TrainingTask::Classification },
        task_evidence: String::new(),
        model: best.predictor.kind(),
        model_reason: reason(best.predictor.kind(), &tried.candidates),
        candidates: tried.candidates.clone(),
        rows: RowCounts { total: 0, dropped: 0, train: 0, test: 0 },
        columns: 0,
        metrics: best.metrics,
        baseline: tried.baseline,
        confusion: confusion(test, &best.outputs),
        error_by_step: tried.steps.clone(),
        importance: Vec::new(),
        balance: TargetBalance { classes: Vec::new(), classes_omitted: 0, histogram: None },
        notes: weak(tried),
        notes_omitted: 0,
        seed: task.seed,
        model_bytes: 0,
    }
}

/// Adds notes, as many as are shown.
pub(super) fn add_notes(result: &mut TrainingResult, notes: Vec<TrainingNote>) {
    result.notes.extend(notes);
    result.notes_omitted = result.notes.len().saturating_sub(NOTES) as u64;
    result.notes.truncate(NOTES);
}

const fn name(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Linear => "linear model",
        ModelKind::Forest => "forest",
    }
}

fn reason(kind: ModelKind, candidates: &[Candidate]) -> String {
    let (kept, other) = (name(kind), candidates.iter().find(|candidate| candidate.model != kind));
    let Some(other) = other else { return format!("The {kept} was asked for.") };
    let own = candidates.iter().find(|candidate| candidate.model == kind).and_then(|candidate| candidate.metrics);
    match own.zip(other.metrics) {
        Some((own, others)) => {
            let (a, b) = (score(&own), score(&others));
            format!("The {kept} is better on the held-out rows: {:.4} against {:.4} of the {}.", a.0, b.0, name(other.model))
        }
        None => format!("The {kept} is the only one that was trained."),
    }
}

/// A note if the model is no better than the baseline.
fn weak(tried: &Tried) -> Vec<TrainingNote> {
    let detail = "The model is no better than the baseline on the held-out rows: the columns say little about the target.";
    let is_weak = score(&tried.best.metrics).0 <= score(&tried.baseline).0;
    if is_weak { vec![TrainingNote { column: None, detail: detail.to_owned() }] } else { Vec::new() }
}
