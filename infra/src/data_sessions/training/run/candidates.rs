//! Trains the candidates, and measures them on the held-out rows.

use std::time::{Duration, Instant};

use smartcore::linalg::basic::arrays::Array;

use super::super::dataset::Target;
use super::super::encoding::{Encoder, Matrix, copy_row};
use super::super::error::TrainError;
use super::super::evaluation::{baseline, error, metrics, score};
use super::super::forest::{Grower, Plan};
use super::super::linear::Linear;
use super::super::model::Predictor;
use super::super::progress::Progress;
use super::super::task::Task;
use super::super::views::{Candidate, Metrics, ModelChoice, ModelKind, StepError, TrainingPhase};

/// What the candidates are trained and measured with.
pub(super) struct Data<'a> {
    pub(super) task: &'a Task,
    pub(super) encoder: &'a Encoder,
    pub(super) train_target: Target,
    pub(super) test: &'a Matrix,
    pub(super) test_target: &'a Target,
    pub(super) progress: &'a Progress,
    pub(super) start: Instant,
}

/// A trained candidate.
pub(super) struct Trained {
    pub(super) predictor: Predictor,
    /// Its outputs for the held-out rows.
    pub(super) outputs: Vec<f64>,
    pub(super) metrics: Metrics,
    detail: String,
}

/// The candidates.
pub(super) struct Tried {
    /// The better one.
    pub(super) best: Trained,
    /// All, in the order in which they were tried.
    pub(super) candidates: Vec<Candidate>,
    /// The errors of the forest while it grew.
    pub(super) steps: Vec<StepError>,
    /// Metrics of the mean, or of the most frequent class.
    pub(super) baseline: Metrics,
}

/// Trains what the task asks for. The training rows are consumed, since the forest copies what it needs.
pub(super) fn candidates(data: Data<'_>, train: Matrix) -> Result<Tried, TrainError> {
    let baseline = metrics(data.test_target, &baseline(&data.train_target, data.test_target.rows()));
    let mut tried: Vec<(Candidate, Option<Trained>)> = Vec::new();
    if data.task.model != ModelChoice::Forest {
        data.progress.begin(TrainingPhase::Linear, if data.task.model == ModelChoice::Linear { 0.9 } else { 0.2 });
        let linear = data.linear(&train);
        match linear {
            Ok(linear) => tried.push(candidate(ModelKind::Linear, linear)),
            Err(detail) if data.task.model == ModelChoice::Linear => return Err(TrainError::LinearSkipped(detail)),
            Err(detail) => tried
                .push((Candidate { model: ModelKind::Linear, metrics: None, detail: format!("Not trained: {detail}.") }, None)),
        }
    }
    let mut steps = Vec::new();
    if data.task.model != ModelChoice::Linear {
        data.progress.begin(TrainingPhase::Forest, 0.9);
        tried.push(candidate(ModelKind::Forest, data.forest(train, &mut steps)?));
    }
    let (candidates, trained): (Vec<Candidate>, Vec<Option<Trained>>) = tried.into_iter().unzip();
    let best =
        trained.into_iter().flatten().reduce(|best, next| if score(&next.metrics) > score(&best.metrics) { next } else { best });
    let best = best.ok_or_else(|| TrainError::Internal("no model was trained".to_owned()))?;
    Ok(Tried { best, candidates, steps, baseline })
}

fn candidate(model: ModelKind, trained: Trained) -> (Candidate, Option<Trained>) {
    (Candidate { model, metrics: Some(trained.metrics), detail: trained.detail.clone() }, Some(trained))
}

impl Data<'_> {
    /// Number of outputs.
    fn outputs(&self) -> u32 {
        match self.test_target {
            Target::Numbers(_) => 1,
            Target::Classes(names, _) => u32::try_from(names.len()).unwrap_or(u32::MAX),
        }
    }

    fn linear(&self, train: &Matrix) -> Result<Trained, String> {
        let linear = Linear::fit(self.encoder, train, &self.train_target, self.progress)?;
        let detail = format!("encoded columns: {}, with one for each frequent text", linear.columns());
        Ok(self.measure(Predictor::linear(linear, self.outputs()), detail))
    }

    fn measure(&self, predictor: Predictor, detail: String) -> Trained {
        let mut outputs = vec![0.0; self.test.shape().0 * predictor.outputs()];
        let mut features = Vec::new();
        for (row, output) in outputs.chunks_mut(predictor.outputs()).enumerate() {
            copy_row(self.test, row, &mut features);
            predictor.predict(&features, output);
        }
        let metrics = metrics(self.test_target, &outputs);
        Trained { predictor, outputs, metrics, detail }
    }

    /// Grows the forest, until it has all trees or its time is over.
    fn forest(self, train: Matrix, steps: &mut Vec<StepError>) -> Result<Trained, TrainError> {
        let (rows, features) = train.shape();
        let is_classes = matches!(self.train_target, Target::Classes(..));
        let plan = Plan::of(rows, features, is_classes);
        let deadline = Duration::from_secs(self.task.growing_seconds);
        let outputs = self.outputs();
        let mut sums = vec![0.0; self.test.shape().0 * outputs as usize];
        let mut found = vec![0.0; sums.len()];
        let mut grower = Grower::new(plan, self.task.seed, train, self.train_target)?;
        for trees in 1..=plan.trees {
            grower.step(self.test, &mut sums)?;
            #[expect(clippy::cast_precision_loss, reason = "a number of trees")]
            found.iter_mut().zip(&sums).for_each(|(mean, sum)| *mean = sum / trees as f64);
            let error = error(&metrics(self.test_target, &found));
            steps.push(StepError { trees, error });
            self.progress.tree(steps.len(), usize::try_from(plan.trees).unwrap_or(usize::MAX), error);
            if self.start.elapsed() > deadline {
                break;
            }
        }
        let forest = grower.finish();
        let detail = format!(
            "{} of {} trees, {} nodes, smallest leaf {}{}",
            forest.len(),
            plan.trees,
            forest.nodes(),
            plan.leaf,
            if plan.rows < rows { format!(", each tree on {} of {rows} rows", plan.rows) } else { String::new() }
        );
        let metrics = metrics(self.test_target, &found);
        Ok(Trained { predictor: Predictor::forest(forest, outputs), outputs: found, metrics, detail })
    }
}
