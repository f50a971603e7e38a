//! The beats of one worker, from a thread and a connection of their own: they go on while all other threads are busy.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use domain::ids::WorkerId;
use domain::{Clock, ServiceError};
use sea_orm::DatabaseConnection;
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::observation::{Observation, Round};
use super::table::{self, Description, Row};
use super::timing::{DELETION, INTERVAL, REGISTRATION, ROUND};
use super::{Kind, State};
use crate::db::Pools;

/// The thread of the beats. It ends, with the worker's row, when this value is dropped.
pub(super) struct Beats {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Beats {
    /// Starts the thread. The receiver gets a message when the worker's row is committed.
    pub(super) fn start(worker: Worker) -> Result<(Self, oneshot::Receiver<Result<(), ServiceError>>), ServiceError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(unstarted)?;
        let (registered, registration) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let run = move || runtime.block_on(worker.run(registered, stopped));
        let thread = thread::Builder::new().name("beats".to_owned()).spawn(run).map_err(unstarted)?;
        Ok((Self { stop: Some(stop), thread: Some(thread) }, registration))
    }
}

fn unstarted(error: io::Error) -> ServiceError {
    ServiceError::unavailable(error)
}

impl Drop for Beats {
    fn drop(&mut self) {
        drop(self.stop.take());
        // The thread ends within the time-outs of a round and of the deletion.
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of the beats panicked");
        }
    }
}

/// The worker that the thread registers and beats for.
pub(super) struct Worker {
    pub(super) url: String,
    pub(super) description: Description,
    pub(super) state: Arc<State>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Worker {
    async fn run(self, registered: oneshot::Sender<Result<(), ServiceError>>, mut stopped: oneshot::Receiver<()>) {
        let (db, mut observation) = (Pools::connect_beats(&self.url).await, Observation::default());
        let started = async {
            let db = db?;
            self.register_first(&db).await?;
            self.observe(&db, &mut observation).await?;
            Ok(db)
        };
        let db = match started.await {
            Ok(db) => db,
            Err(error) => return drop(registered.send(Err(error))),
        };
        let _ = registered.send(Ok(()));
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            tokio::select! {
                _ = &mut stopped => break,
                _ = ticks.tick() => self.round(&db, &mut observation).await,
            }
        }
        let deleted = timeout(DELETION, table::delete_own(&db, self.state.id())).await;
        if !deleted.is_ok_and(|deleted| deleted.is_ok()) {
            tracing::debug!("this worker's row was not deleted; others delete it when its beat has stood still");
        }
    }

    /// Inserts the first row. Others may hold the lock of the database meanwhile, for example while they migrate it.
    async fn register_first(&self, db: &DatabaseConnection) -> Result<(), ServiceError> {
        let (patience, pause) = REGISTRATION;
        let started = Instant::now();
        loop {
            match self.register(db, self.state.id()).await {
                Err(ServiceError::Unavailable(_)) if started.elapsed() < patience => sleep(pause).await,
                outcome => return outcome,
            }
        }
    }

    /// Inserts a row for this worker under a new identifier.
    async fn register(&self, db: &DatabaseConnection, id: WorkerId) -> Result<(), ServiceError> {
        let began = Instant::now();
        table::insert(db, id, &self.description, &self.state.condition(), self.clock.now()).await?;
        self.state.presence.registered(began, Instant::now());
        self.state.id.send_replace(id);
        Ok(())
    }

    /// Beats and observes the others. An outage interrupts the observation and is reported by those who need the database.
    async fn round(&self, db: &DatabaseConnection, observation: &mut Observation) {
        let round = async {
            let began = Instant::now();
            if table::beat(db, self.state.id(), &self.state.condition()).await? {
                self.state.presence.beaten(began);
            } else {
                tracing::warn!(worker = %self.state.id(), "other workers found this one gone; it goes on under a new identifier");
                self.register(db, WorkerId::generate(self.clock.now())).await?;
            }
            self.observe(db, observation).await
        };
        match timeout(ROUND, round).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a beat failed"),
            Err(late) => tracing::debug!(%late, "a beat failed"),
        }
    }

    /// Reads the other workers, and deletes the rows of those that are gone.
    async fn observe(&self, db: &DatabaseConnection, observation: &mut Observation) -> Result<(), ServiceError> {
        let began = Instant::now();
        let others = table::others(db, self.state.id()).await?;
        self.state.servers.store(self.servers(&others), Ordering::Relaxed);
        let beats: Vec<(WorkerId, i64)> = others.iter().map(|row| (row.id, row.beat)).collect();
        for (id, beat) in observation.record(&beats, Round { began, ended: Instant::now() }) {
            if table::delete_gone(db, id, beat).await? {
                tracing::info!(worker = %id, "a worker is gone: its beat stood still");
            }
        }
        Ok(())
    }

    /// The number of live servers.
    fn servers(&self, others: &[Row]) -> u32 {
        let others = others.iter().filter(|row| row.kind == Kind::Server).count();
        u32::try_from(others).unwrap_or(u32::MAX).saturating_add(u32::from(self.description.kind == Kind::Server))
    }
}
