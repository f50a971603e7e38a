//! Schedules: rows that say when jobs are enqueued by the calendar of a time zone.
//!
//! The time of a schedule is moved in the transaction that enqueues its job, so a time is neither missed nor run twice, whatever
//! process runs it.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{Area, Principal};
use domain::jobs::{CronText, Missed, Recurrence, Schedule, ScheduleChange, ScheduleError, ScheduleService, Zone};
use domain::page::{Page, PageRequest};
use domain::revision::Precondition;
use domain::{Clock, ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{OnConflict, Order};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::enqueue::Row;
use super::entities::schedule;
use super::kind::{JobKind, Kinds, Spec};
use super::scheduler::ScheduledTask;
use super::timing::BATCH;
use crate::db::{Database, Installer, Keys, Tx, of_word, page_of, service_error, word};

/// A schedule that every installation has. The payload of its jobs is null.
#[derive(Clone, Copy)]
pub(crate) struct Planned {
    name: &'static str,
    kind: &'static str,
    cron: &'static str,
    missed: Missed,
}

impl Planned {
    /// A schedule in UTC.
    pub(crate) const fn of<K: JobKind<Payload = ()>>(name: &'static str, cron: &'static str, missed: Missed) -> Self {
        Self { name, kind: K::SPEC.name, cron, missed }
    }
}

/// Inserts missing schedules. What an administrator changed stays.
pub(crate) struct InstallSchedules(pub(crate) &'static [Planned]);

#[async_trait]
impl Installer for InstallSchedules {
    async fn install(&self, tx: &DatabaseTransaction, _: bool) -> Result<(), ServiceError> {
        for planned in self.0 {
            let row = schedule::Model {
                name: planned.name.to_owned(),
                kind: planned.kind.to_owned(),
                cron: planned.cron.to_owned(),
                zone: "UTC".to_owned(),
                missed: word(&planned.missed)?,
                // The first run of the task sets it by the time of the product.
                next_at: Some(Time::UNIX_EPOCH),
                last_at: None,
                version: 1,
            };
            let insert = schedule::Entity::insert(row.into_active_model()).on_conflict(OnConflict::new().do_nothing().to_owned());
            insert.exec_without_returning(tx).await.map_err(service_error)?;
        }
        Ok(())
    }
}

fn recurrence(row: &schedule::Model) -> Result<Recurrence, ServiceError> {
    let (cron, zone) = (CronText::parse(&row.cron), Zone::parse(&row.zone));
    let missed = of_word(row.missed.as_str())?;
    Ok(Recurrence { cron: cron.map_err(ServiceError::bug)?, zone: zone.map_err(ServiceError::bug)?, missed })
}

fn view(row: schedule::Model) -> Result<Schedule, ServiceError> {
    let Recurrence { cron, zone, missed } = recurrence(&row)?;
    let schedule::Model { name, kind, next_at, last_at, version, .. } = row;
    let next_at_shown = next_at.filter(|next| *next > Time::UNIX_EPOCH);
    Ok(Schedule { name, kind, cron, zone, missed, enabled: next_at.is_some(), next_at: next_at_shown, last_at, version })
}

async fn locked(tx: &Tx, name: &str) -> Result<Option<schedule::Model>, ServiceError> {
    schedule::Entity::find_by_id(name.to_owned()).lock_exclusive().one(&**tx).await.map_err(service_error)
}

/// Enqueues the jobs of schedules that are due.
pub(crate) struct RunSchedules {
    pub(crate) db: Database,
    /// The kinds of this release. A schedule of another kind is left to a worker that knows it.
    pub(crate) kinds: Kinds,
}

#[async_trait]
impl ScheduledTask for RunSchedules {
    fn name(&self) -> &'static str {
        "run_schedules"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        let due = schedule::Entity::find()
            .filter(schedule::Column::NextAt.lte(now))
            .order_by_asc(schedule::Column::Name)
            .limit(BATCH)
            .all(self.db.reader());
        let (mut done, mut failed) = (0, None);
        for row in due.await.map_err(service_error)? {
            let Some(spec) = self.kinds.spec(&row.kind) else { continue };
            // One that another release wrote must not stop the others.
            match self.enqueue(row.name, spec, now).await {
                Ok(enqueued) => done += u64::from(enqueued),
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(done), Err)
    }
}

impl RunSchedules {
    /// Enqueues what is due of a schedule, and sets its next time. Returns whether it was still due.
    async fn enqueue(&self, name: String, spec: Spec, now: Time) -> Result<bool, ServiceError> {
        let work = move |tx: Tx| async move {
            let row = locked(&tx, &name).await?;
            let Some((row, first)) =
                row.and_then(|row| Some((row.next_at.filter(|next| *next <= now)?, row))).map(|(n, r)| (r, n))
            else {
                return Ok(false);
            };
            let recurrence = recurrence(&row)?;
            // A new schedule begins now.
            let first = if first == Time::UNIX_EPOCH { now } else { first };
            let due = recurrence.due(first, now).map_err(ServiceError::bug)?;
            for _ in &due.times {
                let key = format!("schedule:{name}");
                // While one waits for a worker, another would find the same work.
                let dedup_key = (recurrence.missed != Missed::All).then(|| key.clone());
                let job = Row {
                    spec,
                    payload: "null".to_owned(),
                    owner: None,
                    subject: None,
                    dedup_key,
                    serial_key: Some(key),
                    run_at: now,
                };
                job.insert(&tx, now).await?;
            }
            let mut row = row.into_active_model();
            row.next_at = Set(due.next);
            if let Some(last) = due.times.last() {
                row.last_at = Set(Some(*last));
            }
            row.update(&*tx).await.map_err(service_error)?;
            Ok::<_, ServiceError>(true)
        };
        self.db.write(Keys::none().enqueuing(), work).await
    }
}

/// [`ScheduleService`] on SQL.
pub(crate) struct SqlSchedules {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Schedule, ScheduleError> {
    let row = schedule::Entity::find_by_id(name.to_owned()).one(db).await.map_err(service_error)?;
    Ok(view(row.ok_or(ScheduleError::NotFound)?)?)
}

/// The row after a change. Its next time is the first after now.
fn changed(row: &schedule::Model, change: ScheduleChange, now: Time) -> Result<schedule::ActiveModel, ServiceError> {
    let present = recurrence(row)?;
    let ScheduleChange { cron, zone, missed, enabled } = change;
    let recurrence = Recurrence {
        cron: cron.unwrap_or(present.cron),
        zone: zone.unwrap_or(present.zone),
        missed: missed.unwrap_or(present.missed),
    };
    let next = recurrence.next_after(now).map_err(ServiceError::bug)?;
    let enabled = enabled.unwrap_or(row.next_at.is_some());
    Ok(schedule::ActiveModel {
        cron: Set(recurrence.cron.as_str().to_owned()),
        zone: Set(recurrence.zone.as_str().to_owned()),
        missed: Set(word(&recurrence.missed)?),
        next_at: Set(next.filter(|_| enabled)),
        version: Set(row.version + 1),
        ..row.clone().into_active_model()
    })
}

#[async_trait]
impl ScheduleService for SqlSchedules {
    async fn schedules(&self, actor: &Principal, page: &PageRequest) -> Result<Page<Schedule>, ScheduleError> {
        actor.require_admin(Area::Jobs)?;
        let by_name = (schedule::Column::Name, Order::Asc, |row: &schedule::Model| row.name.clone());
        page_of(self.db.reader(), schedule::Entity::find(), by_name, (page, &"schedules"), view).await
    }

    async fn schedule(&self, actor: &Principal, name: &str) -> Result<Schedule, ScheduleError> {
        actor.require_admin(Area::Jobs)?;
        find(self.db.reader(), name).await
    }

    async fn change(
        &self,
        actor: &Principal,
        name: &str,
        seen: &Precondition,
        change: ScheduleChange,
    ) -> Result<Schedule, ScheduleError> {
        actor.require_admin(Area::Jobs)?;
        let (name, seen, now) = (name.to_owned(), seen.clone(), self.clock.now());
        self.db
            .write(Keys::none(), move |tx| async move {
                let row = locked(&tx, &name).await?.ok_or(ScheduleError::NotFound)?;
                seen.check(&view(row.clone())?.etag())?;
                Ok(view(changed(&row, change, now)?.update(&*tx).await.map_err(service_error)?)?)
            })
            .await
    }
}
