//! What is shown of a job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Time;
use crate::ids::{JobId, UserId};

/// Where a job is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits for its time, for a retry, or for a job that must not run beside it.
    Scheduled,
    /// It waits for a worker.
    Queued,
    /// A worker runs it.
    Running,
    /// It has done its work.
    Succeeded,
    /// It has failed for good.
    Failed,
    /// It was canceled before it did its work.
    Canceled,
}

impl JobState {
    /// Whether it is an end.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }
}

/// A job, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// Identifier.
    pub id: JobId,
    /// What it does, such as `send_mail`.
    pub kind: String,
    /// Where it is on its way.
    pub state: JobState,
    /// Number of the present or last attempt, from 1; 0 before the first.
    pub attempt: i64,
    /// The part that is done, from 0 to 1; absent if unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<f64>,
    /// When it is due.
    pub run_at: Time,
    /// When it was enqueued.
    pub created_at: Time,
    /// When the present or last attempt began; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,
    /// When it ended; absent until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Time>,
    /// What it produced; absent if nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// Why its last attempt failed; absent if none has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Rises with each change. The id of its event in a stream.
    pub version: i64,
}

/// A job, as administrators see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AdministeredJob {
    /// What its owner sees.
    #[serde(flatten)]
    pub job: Job,
    /// The queue in which it waits.
    pub queue: String,
    /// The user that it belongs to; absent for work of the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// Its arguments.
    pub payload: Value,
    /// Attempts that failed.
    pub failures: i64,
    /// Attempts whose worker was lost.
    pub losses: i64,
    /// A running job was asked to stop.
    pub cancel_requested: bool,
}

/// Which jobs an administrator lists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct JobFilter {
    /// Only jobs in this state.
    pub state: Option<JobState>,
    /// Only jobs of this kind.
    pub kind: Option<String>,
    /// Only jobs of this queue.
    pub queue: Option<String>,
}
