//! The jobs of all users and of the site, for administrators.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Clock;
use domain::identity::{Area, Principal};
use domain::ids::JobId;
use domain::jobs::{AdministeredJob, JobAdministration, JobError, JobFilter, JobState};
use domain::page::{Page, PageRequest};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

use super::enqueue::Row;
use super::entities::job;
use super::kind::{Kinds, Spec};
use super::rows::administered;
use super::service::cancel;
use crate::db::{Database, Keys, id, of_word, page_of, service_error, word};

/// [`JobAdministration`] on SQL.
pub(crate) struct SqlJobAdministration {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    /// The kinds of this release: only their jobs are run again.
    pub(crate) kinds: Kinds,
}

async fn find(db: &impl ConnectionTrait, job: JobId) -> Result<job::Model, JobError> {
    let row = job::Entity::find_by_id(job.to_string()).one(db).await.map_err(service_error)?;
    row.ok_or(JobError::NotFound)
}

/// A new job with the kind, the payload and the users of another one.
fn copy(row: job::Model, spec: Spec, now: domain::Time) -> Result<Row, JobError> {
    let (owner, subject) = (row.owner_id.as_deref().map(id).transpose()?, row.subject_id.as_deref().map(id).transpose()?);
    Ok(Row { spec, payload: row.payload, owner, subject, dedup_key: None, serial_key: row.serial_key, run_at: now })
}

#[async_trait]
impl JobAdministration for SqlJobAdministration {
    async fn all(&self, actor: &Principal, filter: &JobFilter, page: &PageRequest) -> Result<Page<AdministeredJob>, JobError> {
        actor.require_admin(Area::Jobs)?;
        let state = filter.state.as_ref().map(word).transpose()?;
        let matching = Condition::all()
            .add_option(state.map(|state| job::Column::State.eq(state)))
            .add_option(filter.kind.as_ref().map(|kind| job::Column::Kind.eq(kind)))
            .add_option(filter.queue.as_ref().map(|queue| job::Column::Queue.eq(queue)));
        let newest_first = (job::Column::Id, Order::Desc, |row: &job::Model| row.id.clone());
        let rows = job::Entity::find().filter(matching);
        page_of(self.db.reader(), rows, newest_first, (page, &("all_jobs", filter)), administered).await
    }

    async fn retry(&self, actor: &Principal, job: JobId) -> Result<AdministeredJob, JobError> {
        actor.require_admin(Area::Jobs)?;
        let row = find(self.db.reader(), job).await?;
        let state: JobState = of_word(row.state.clone())?;
        let spec = self.kinds.spec(&row.kind).filter(|_| state.is_final()).ok_or(JobError::Unfinished)?;
        let now = self.clock.now();
        self.db
            .write(Keys::none().enqueuing(), move |tx| async move {
                let new = copy(row, spec, now)?.insert(&tx, now).await?;
                Ok(administered(find(&*tx, new).await?)?)
            })
            .await
    }

    async fn stop(&self, actor: &Principal, job: JobId) -> Result<AdministeredJob, JobError> {
        actor.require_admin(Area::Jobs)?;
        let now = self.clock.now();
        self.db
            .write(Keys::none(), move |tx| async move {
                find(&*tx, job).await?;
                cancel(&tx, job, now).await?;
                Ok(administered(find(&*tx, job).await?)?)
            })
            .await
    }
}
