//! The kinds of jobs, which features implement and `assemble` registers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::ServiceError;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::queue::Queue;
use super::run::Run;
use crate::db::{Keys, Tx};

/// What all jobs of a kind have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec {
    /// The name in the table, in the API and in metrics. It must not change.
    pub(crate) name: &'static str,
    /// The queue.
    pub(crate) queue: Queue,
    /// Its place in the queue: the lowest first.
    pub(crate) priority: i64,
    /// Attempts that may fail before the job fails for good. Lost workers are counted apart.
    pub(crate) max_attempts: i64,
    /// The time of an attempt after which it counts as failed.
    pub(crate) deadline: Duration,
}

/// A kind of job.
///
/// An attempt may be dropped at any await: when its deadline passes, its job is canceled, or its worker stops. What must happen
/// once belongs into the effect of [`Done`].
#[async_trait]
pub(crate) trait JobKind: Send + Sync + 'static {
    /// The arguments, stored as JSON: identifiers rather than secrets.
    type Payload: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What all jobs of this kind have in common.
    const SPEC: Spec;

    /// Makes one attempt.
    ///
    /// # Errors
    /// [`Failure`].
    async fn run(&self, payload: Self::Payload, run: &Run) -> Result<Done, Failure>;
}

/// A write in the transaction of a job's success. It may run more than once, but is committed at most once.
type Effect = Arc<dyn Fn(Tx) -> BoxFuture<'static, Result<Keys, ServiceError>> + Send + Sync>;

/// The outcome of an attempt that succeeded.
#[derive(Clone, Default)]
pub(crate) struct Done {
    pub(super) result: Option<Value>,
    pub(super) effect: Option<Effect>,
}

impl Done {
    /// A success that has nothing to show.
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// A success with a result that its owner sees.
    pub(crate) fn with(result: Value) -> Self {
        Self { result: Some(result), effect: None }
    }

    /// This success, and a write that is committed with it. The write returns the cached keys that it touches.
    #[must_use]
    pub(crate) fn and<F, L>(mut self, effect: F) -> Self
    where
        F: Fn(Tx) -> L + Send + Sync + 'static,
        L: Future<Output = Result<Keys, ServiceError>> + Send + 'static,
    {
        self.effect = Some(Arc::new(move |tx| Box::pin(effect(tx))));
        self
    }
}

/// The outcome of an attempt that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Another attempt may succeed.
    #[error(transparent)]
    Retry(#[from] ServiceError),
    /// No other attempt will succeed.
    #[error("{0}")]
    Permanent(String),
}

impl Failure {
    /// A failure for which another attempt may succeed, with its reason.
    pub(crate) fn retry(reason: impl Into<String>) -> Self {
        Self::Retry(ServiceError::unavailable(reason.into()))
    }
}

/// A kind whose payload has not been parsed.
#[async_trait]
pub(super) trait AnyKind: Send + Sync {
    fn spec(&self) -> Spec;
    async fn run(&self, payload: &str, run: &Run) -> Result<Done, Failure>;
}

#[async_trait]
impl<K: JobKind> AnyKind for K {
    fn spec(&self) -> Spec {
        K::SPEC
    }

    async fn run(&self, payload: &str, run: &Run) -> Result<Done, Failure> {
        // A worker of another release may understand it.
        let payload = serde_json::from_str(payload)
            .map_err(|error| Failure::retry(format!("the payload is of another release: {error}")))?;
        JobKind::run(self, payload, run).await
    }
}

/// The kinds that this worker knows. It claims no others.
#[derive(Clone, Default)]
pub(crate) struct Kinds(BTreeMap<&'static str, Arc<dyn AnyKind>>);

impl Kinds {
    /// These kinds and another one.
    #[must_use]
    pub(crate) fn with<K: JobKind>(mut self, kind: K) -> Self {
        self.0.insert(K::SPEC.name, Arc::new(kind));
        self
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<dyn AnyKind>> {
        self.0.get(name).map(Arc::clone)
    }

    /// The specification of a kind, if this release has it.
    pub(super) fn spec(&self, name: &str) -> Option<Spec> {
        self.0.get(name).map(|kind| kind.spec())
    }

    /// The names as a list of SQL literals. They are constants of the code.
    pub(super) fn literals(&self) -> String {
        self.0.keys().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
    }
}
