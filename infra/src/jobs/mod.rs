//! Work in the background: jobs, schedules and scheduled tasks.
//!
//! * A **job** is enqueued in the transaction of a write and run afterwards by any process that runs jobs. Its effect is committed with
//!   its success, guarded by the number of its claim, so it happens once although a job may run more than once. The beat of a worker
//!   keeps its claims; the jobs of one that is gone run again.
//! * A **schedule** enqueues jobs by the calendar.
//! * A **scheduled task** looks each second for what has become due. Claims under row locks process each item once.
//!
//! The rules of jobs were checked as an explicit-state model (`tests/jobs_model`). Features implement the kinds of jobs and the tasks.

mod administration;
mod attempt;
mod claims;
mod enqueue;
mod entities;
mod kind;
mod old_rows;
mod owner;
mod permit;
mod purge;
mod queue;
mod recovery;
mod rows;
mod run;
mod runner;
mod running;
mod scheduler;
mod schedules;
mod service;
mod settlement;
mod statistics;
#[cfg(test)]
mod tests;
mod timing;
mod worker;

pub(crate) use administration::SqlJobAdministration;
pub(crate) use enqueue::{NewJob, enqueue};
pub(crate) use kind::{Done, Failure, JobKind, Kinds, Spec};
pub(crate) use old_rows::{OldRows, PurgeOldRows, Since};
pub(crate) use owner::{cancel_all, cancel_waiting, erase_finished, has_open};
pub(crate) use permit::{JobLimit, permit_job};
pub(crate) use purge::{OLD_IDEMPOTENCY_KEYS, PurgeJobs};
pub(crate) use queue::Queue;
pub(crate) use recovery::{PromoteJobs, RecoverJobs};
pub(crate) use run::Run;
pub(crate) use scheduler::{ScheduledTask, Scheduler};
pub(crate) use schedules::{InstallSchedules, Planned, RunSchedules, SqlSchedules};
pub(crate) use service::{SqlJobs, cancel as cancel_job, find_any as find_job};
pub(crate) use worker::{JobWorker, Parts as WorkerParts};
