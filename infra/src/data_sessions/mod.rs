//! Data sessions: rows in SQL, tables and models in frames, trainings in child processes.
//!
//! SQL decides the holder of a session, when it expires and what its table and its model are. Frames are written before the row refers to
//! them, and are deleted after it no longer does; frames without a row are found and deleted. [`table`] reads files and [`training`]
//! trains; both know no session.

mod allowances;
mod cached;
mod child;
mod create;
mod erasure;
mod expiry;
mod frame_file;
mod frames;
mod holders;
mod policy;
mod predictions;
mod reads;
mod rows;
mod service;
mod sheet;
mod table;
mod training;
mod training_job;
mod trainings;
mod upload;

use std::path::Path;
use std::sync::Arc;

use domain::data_sessions::DataSessionReads;
use domain::{Clock, ServiceError};
use secrecy::SecretString;
use tokio::sync::Semaphore;

pub(crate) use erasure::EraseDataSessions;
pub use training::run_training;

use cached::CachedDataSessionReads;
use expiry::ExpireDataSessions;
use frames::FrameStore;
use policy::Policy;
use reads::SqlDataSessionReads;
use service::SqlDataSessions;
use training_job::{TrainModel, TrainingLimits};

use crate::cache::Cache;
use crate::config::DataSessionConfig;
use crate::db::Database;
use crate::jobs::JobLimit;
use crate::keyed_hash::DerivedKey;

/// The number of tables that are parsed and of models that are loaded at once.
const PARSERS: usize = 2;

/// What data sessions are built from.
pub(crate) struct Parts<'a> {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) config: DataSessionConfig,
    /// The folder of the frames, if they are files.
    pub(crate) folder: Option<&'a Path>,
    pub(crate) secret: &'a SecretString,
    pub(crate) job_limit: Arc<dyn JobLimit>,
}

/// The parts of the feature that share the store of the frames.
pub(crate) struct DataSessions {
    db: Database,
    clock: Arc<dyn Clock>,
    frames: Arc<dyn FrameStore>,
    config: DataSessionConfig,
    pub(crate) reads: Arc<dyn DataSessionReads>,
    pub(crate) service: Arc<SqlDataSessions>,
}

impl DataSessions {
    /// Builds the feature.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    pub(crate) fn new(parts: Parts<'_>) -> Result<Self, ServiceError> {
        let Parts { db, clock, cache, config, folder, secret, job_limit } = parts;
        let frames = frames::store(db.clone(), folder);
        let sql = SqlDataSessionReads { pools: db.pools().clone(), frames: Arc::clone(&frames), clock: Arc::clone(&clock) };
        let reads: Arc<dyn DataSessionReads> = Arc::new(CachedDataSessionReads::new(sql, cache));
        let service = Arc::new(SqlDataSessions {
            db: db.clone(),
            clock: Arc::clone(&clock),
            frames: Arc::clone(&frames),
            policy: Policy::of(&config),
            addresses: DerivedKey::of(secret, "data session addresses")?,
            job_limit,
            parsers: Semaphore::new(PARSERS),
            reads: Arc::clone(&reads),
        });
        Ok(Self { db, clock, frames, config, reads, service })
    }

    /// The kind of job that trains.
    pub(crate) fn training(&self) -> TrainModel {
        let limits = TrainingLimits { memory: self.config.training_memory, time: self.config.training_time };
        TrainModel { db: self.db.clone(), clock: Arc::clone(&self.clock), frames: Arc::clone(&self.frames), limits }
    }

    /// The task that deletes expired sessions.
    pub(crate) fn expiry(&self) -> ExpireDataSessions {
        ExpireDataSessions::new(self.db.clone(), Arc::clone(&self.frames))
    }
}
